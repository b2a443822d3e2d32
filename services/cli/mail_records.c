/* What a sender's domain says of who may send in its name. */
#include "doctor.h"

#define SPF_LOOKUPS_MOST 10 /* RFC 7208 §4.6.4: past it receivers give up */

static struct finding found(enum verdict verdict, const char *says)
{
    return (struct finding){verdict, says};
}

static bool is_version(struct sv record, struct sv version)
{
    return sv_eq_nocase(sv_head(record, version.n), version) &&
           (record.n == version.n || record.p[version.n] == ' ' || record.p[version.n] == ';');
}

/* The one record of that version; NULL: there are *count of them. */
static const struct sv *only_record(const struct dns_answer *txt, struct sv version, size_t *count)
{
    const struct sv *only = NULL;

    *count = 0;
    for (size_t i = 0; i < txt->count; i++) {
        if (!is_version(txt->records[i], version))
            continue;
        only = &txt->records[i];
        *count += 1;
    }
    return *count == 1 ? only : NULL;
}

/* ---- SPF ------------------------------------------------------------------------------------- */

struct spf {
    unsigned lookups; /* of this record; those of what it includes are not seen */
    char all;         /* the sign before "all"; '\0': there is none */
    bool is_redirect; /* what another domain says counts */
};

static bool is_term(struct sv term, struct sv name)
{
    return sv_eq_nocase(sv_head(term, name.n), name) &&
           (term.n == name.n || term.p[name.n] == ':' || term.p[name.n] == '/' ||
            term.p[name.n] == '=');
}

static void read_term(struct sv term, struct spf *spf)
{
    static const char *const looked_up[] = {"include", "a", "mx", "ptr", "exists", "redirect"};
    bool is_signed = term.n && sv_find(SV("+-~?"), term.p[0]) < 4;
    struct sv name = sv_skip(term, is_signed);

    if (sv_eq_nocase(name, SV("all")))
        spf->all = is_signed ? term.p[0] : '+';
    for (size_t i = 0; i < COUNT_OF(looked_up); i++)
        spf->lookups += is_term(name, sv_of(looked_up[i]));
    spf->is_redirect = spf->is_redirect || is_term(name, SV("redirect"));
}

struct finding judge_spf(struct arena *arena, const struct dns_answer *txt)
{
    struct spf spf = {0};
    size_t count;
    const struct sv *record = only_record(txt, SV("v=spf1"), &count);
    struct sv rest;
    struct sv term;

    if (!record)
        return found(VERDICT_BAD, count ? "it has several SPF records, which count as none"
                                        : "it has no SPF record: name the relay in one");
    rest = *record;
    while (sv_split(&rest, ' ', &term))
        read_term(term, &spf);
    if (spf.lookups > SPF_LOOKUPS_MOST)
        return found(VERDICT_BAD, "its SPF record needs more than 10 lookups: receivers give up");
    if (spf.all == '+')
        return found(VERDICT_BAD, "its SPF record lets everybody send in its name (+all)");
    if (spf.all == '?' || (!spf.all && !spf.is_redirect))
        return found(VERDICT_WARNING,
                     "its SPF record does not say who may not send: end it in ~all");
    return found(VERDICT_OK, arena_cstr(arena, *record));
}

/* ---- DKIM and DMARC -------------------------------------------------------------------------- */

/* Of a tag in "name=value; name=value"; .p is NULL when there is none. */
static struct sv tag_of(struct sv record, struct sv name)
{
    struct sv one;

    while (sv_split(&record, ';', &one)) {
        size_t equals = sv_find(one, '=');

        if (equals < one.n && sv_eq_nocase(sv_trim(sv_head(one, equals)), name))
            return sv_trim(sv_skip(one, equals + 1));
    }
    return SV_NONE;
}

struct finding judge_dkim(struct arena *arena, const struct dns_answer *txt)
{
    struct sv key = txt->count == 1 ? tag_of(txt->records[0], SV("p")) : SV_NONE;
    struct sv kind;

    if (txt->count > 1)
        return found(VERDICT_BAD, "it has several records, of which receivers take any");
    if (!key.p)
        return found(VERDICT_BAD, "there is no DKIM key: nobody can check what the relay signs");
    if (!key.n)
        return found(VERDICT_BAD, "the DKIM key is revoked");
    kind = tag_of(txt->records[0], SV("k"));
    return found(VERDICT_OK,
                 arena_printf(arena, "a key of %.*s", SV_ARG(kind.n ? kind : SV("rsa"))).p);
}

struct finding judge_dmarc(struct arena *arena, const struct dns_answer *txt)
{
    size_t count;
    const struct sv *record = only_record(txt, SV("v=DMARC1"), &count);
    struct sv policy;

    if (!record && count)
        return found(VERDICT_BAD, "it has several DMARC records, which count as none");
    if (!record)
        return found(VERDICT_WARNING, "it has no DMARC record: large receivers want one");
    policy = tag_of(*record, SV("p"));
    if (sv_eq_nocase(policy, SV("none")))
        return found(VERDICT_WARNING,
                     "its DMARC policy is none: what is forged in its name passes");
    if (!sv_eq_nocase(policy, SV("quarantine")) && !sv_eq_nocase(policy, SV("reject")))
        return found(VERDICT_BAD,
                     "its DMARC record has no policy (p=none, p=quarantine or p=reject)");
    return found(VERDICT_OK, arena_cstr(arena, *record));
}
