/* Whether mails leave, and whether those who get them can believe who sent them. */
#include "doctor.h"
#include "mail/relay.h"

/* ---- The relay ------------------------------------------------------------------------------- */

static void check_relay(struct doctor *doctor, struct mail_relay *relay)
{
    struct mail_result result;

    mail_relay_check(relay, &result);
    if (result.outcome != MAIL_ACCEPTED)
        doctor_say(doctor, VERDICT_BAD, "relay", "it takes no mail from us: %s", result.detail);
    else if (mail_relay_is_folder(relay))
        doctor_say(doctor, VERDICT_WARNING, "relay", "mails go into a folder, and to nobody");
    else
        doctor_say(doctor, VERDICT_OK, "relay", "it greets us and lets us in");
}

void doctor_relay(struct doctor *doctor)
{
    const struct doctor_config *config = &doctor->config;
    struct mail_relay_opts opts = {.url = config->mail_url,
                                   .from = config->mail_from,
                                   .ca_file = config->mail_ca_file,
                                   .connect_ms = config->within_ms,
                                   .total_ms = config->within_ms};
    struct mail_relay *relay;

    if (!config->mail_url || !config->mail_from) {
        doctor_say(doctor, VERDICT_SKIPPED, "relay", "%s is not set",
                   config->mail_url ? "KITH_MAIL_FROM" : "KITH_MAIL_URL");
        return;
    }
    relay = mail_relay_new(&opts);
    check_relay(doctor, relay);
    mail_relay_free(relay);
}

/* ---- The sender's domain --------------------------------------------------------------------- */

/* False, which was said, when nobody knows. */
static bool ask(struct doctor *doctor, struct dns *dns, const char *check, const char *name,
                enum dns_kind kind, struct dns_answer *out)
{
    dns_ask(dns, name, kind, out);
    if (!out->is_answered)
        doctor_say(doctor, VERDICT_BAD, check, "%s: no name server answers", name);
    return out->is_answered;
}

static void say_finding(struct doctor *doctor, const char *check, const char *name,
                        struct finding finding)
{
    doctor_say(doctor, finding.verdict, check, "%s: %s", name, finding.says);
}

static void check_spf(struct doctor *doctor, struct dns *dns, const char *domain)
{
    struct dns_answer txt;

    if (ask(doctor, dns, "spf", domain, DNS_TXT, &txt))
        say_finding(doctor, "spf", domain, judge_spf(doctor->arena, &txt));
}

static void check_dkim(struct doctor *doctor, struct dns *dns, const char *domain)
{
    struct sv rest = sv_of(doctor->config.dkim_selectors);
    struct dns_answer txt;
    struct sv one;

    if (!rest.n)
        doctor_say(doctor, VERDICT_SKIPPED, "dkim",
                   "KITH_MAIL_DKIM_SELECTORS does not say by which names the relay signs");
    while (sv_split(&rest, ',', &one)) {
        const char *name =
            arena_printf(doctor->arena, "%.*s._domainkey.%s", SV_ARG(sv_trim(one)), domain).p;

        if (ask(doctor, dns, "dkim", name, DNS_TXT, &txt))
            say_finding(doctor, "dkim", name, judge_dkim(doctor->arena, &txt));
    }
}

/* Where a domain says nothing, what the one above it says counts, up to one that was registered. */
static void check_dmarc(struct doctor *doctor, struct dns *dns, const char *domain)
{
    struct sv above = sv_of(domain);
    struct dns_answer txt;
    const char *name;

    do {
        name = arena_printf(doctor->arena, "_dmarc.%.*s", SV_ARG(above)).p;
        if (!ask(doctor, dns, "dmarc", name, DNS_TXT, &txt))
            return;
        above = sv_skip(above, sv_find(above, '.') + 1);
    } while (txt.count == 0 && sv_find(above, '.') < above.n);
    say_finding(doctor, "dmarc", name, judge_dmarc(doctor->arena, &txt));
}

static void check_address(struct doctor *doctor, struct dns *dns, const char *domain)
{
    struct dns_answer address;

    if (!ask(doctor, dns, "mx", domain, DNS_A, &address))
        return;
    if (!address.count)
        dns_ask(dns, domain, DNS_AAAA, &address);
    doctor_say(doctor, address.count ? VERDICT_WARNING : VERDICT_BAD, "mx", "%s: %s", domain,
               address.count ? "it names no mail server (MX): replies go to its own address"
                             : "nothing takes mail for it: replies are lost");
}

/* Replies and what is returned come back to it. */
static void check_mx(struct doctor *doctor, struct dns *dns, const char *domain)
{
    struct dns_answer mx;

    if (!ask(doctor, dns, "mx", domain, DNS_MX, &mx))
        return;
    if (!mx.count)
        check_address(doctor, dns, domain);
    else if (sv_eq(mx.records[0], SV(".")))
        doctor_say(doctor, VERDICT_BAD, "mx", "%s: it takes no mail: replies are lost", domain);
    else
        doctor_say(doctor, VERDICT_OK, "mx", "%s: %.*s", domain, SV_ARG(mx.records[0]));
}

void doctor_sender(struct doctor *doctor)
{
    static void (*const checks[])(struct doctor *, struct dns *,
                                  const char *) = {check_spf, check_dkim, check_dmarc, check_mx};
    const char *domain;
    struct dns *dns;

    if (!doctor->config.mail_from) {
        doctor_say(doctor, VERDICT_SKIPPED, "sender", "KITH_MAIL_FROM is not set");
        return;
    }
    domain = arena_cstr(doctor->arena, mail_sender_domain(doctor->config.mail_from));
    dns = dns_open(doctor->arena, doctor->config.resolver);
    if (!dns) {
        doctor_say(doctor, VERDICT_BAD, "sender", "there is no resolver to ask about %s", domain);
        return;
    }
    for (size_t i = 0; i < COUNT_OF(checks); i++)
        checks[i](doctor, dns, domain);
    dns_close(dns);
}
