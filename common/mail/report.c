/* Reports of other mail systems. Only the parts that programs write are read: whatever people or
 * the mail that came back say is no report. */
#include "mail/report.h"

#include <string.h>

#include "base/str.h"

#define FIELD_BYTES 1000
#define ID_DIGITS   32

/* ---- Lines, blocks and fields -----------------------------------------------------------------
 */

static bool take_line(struct sv *rest, struct sv *line)
{
    if (!sv_split(rest, '\n', line))
        return false;
    if (line->n && line->p[line->n - 1] == '\r')
        line->n--;
    return true;
}

/* The lines up to an empty one, off the front of *rest. */
static struct sv take_block(struct sv *rest)
{
    struct sv all = *rest;
    struct sv line;

    while (take_line(rest, &line) && line.n)
        ;
    return sv_head(all, all.n - rest->n);
}

static void add_cut(struct str *text, struct sv more)
{
    str_add(text, sv_head(more, text->limit - text->n));
}

/* The value of the first field of that name, unfolded, in the buffer; empty: there is none. */
static struct sv find_field(struct sv block, const char *name, char *buffer)
{
    struct str value;
    struct sv line;
    bool is_in = false;
    size_t at;

    str_init_in(&value, buffer, FIELD_BYTES);
    while (take_line(&block, &line)) {
        bool is_more = line.n && (line.p[0] == ' ' || line.p[0] == '\t');

        if (is_in && !is_more)
            break;
        if (is_in) {
            add_cut(&value, SV(" "));
            add_cut(&value, sv_trim(line));
            continue;
        }
        at = sv_find(line, ':');
        is_in = !is_more && at < line.n && sv_eq_nocase(sv_trim(sv_head(line, at)), sv_of(name));
        if (is_in)
            add_cut(&value, sv_trim(sv_skip(line, at + 1)));
    }
    return sv_trim(str_view(&value));
}

static bool starts_with_nocase(struct sv text, struct sv prefix)
{
    return text.n >= prefix.n && sv_eq_nocase(sv_head(text, prefix.n), prefix);
}

/* The value of "; boundary=" of a Content-Type. */
static struct sv find_boundary(struct sv type)
{
    struct sv one;

    while (sv_split(&type, ';', &one)) {
        one = sv_trim(one);
        if (!starts_with_nocase(one, SV("boundary=")))
            continue;
        one = sv_skip(one, strlen("boundary="));
        if (one.n && one.p[0] == '"') {
            one = sv_skip(one, 1);
            one = sv_head(one, sv_find(one, '"'));
        }
        return one;
    }
    return SV_NONE;
}

static bool is_boundary(struct sv line, struct sv boundary)
{
    return starts_with_nocase(line, SV("--")) && sv_starts_with(sv_skip(line, 2), boundary);
}

/* The next part off the front of *rest, without its boundaries. */
static bool take_part(struct sv *rest, struct sv boundary, struct sv *part)
{
    struct sv line;
    struct sv here;

    do {
        if (!take_line(rest, &line))
            return false;
    } while (!is_boundary(line, boundary));
    for (*part = here = *rest; take_line(&here, &line); *rest = here) {
        if (is_boundary(line, boundary))
            break;
    }
    *part = sv_head(*part, part->n - rest->n);
    return part->n > 0;
}

/* ---- What they say ----------------------------------------------------------------------------
 */

static void take_status(struct sv text, char *out)
{
    struct mail_reply reply;
    char line[FIELD_BYTES];
    struct str answer;

    /* As an answer says it, so that the same digits are a status. */
    str_init_in(&answer, line, sizeof line);
    add_cut(&answer, text.n && text.p[0] == '4' ? SV("450 ") : SV("550 "));
    add_cut(&answer, sv_head(text, sv_find(text, ' ')));
    if (mail_reply_parse(str_view(&answer), &reply))
        memcpy(out, reply.status, sizeof reply.status);
}

/* Of "smtp; 550 5.1.1 no such user", where the status itself is none that says something. */
static void take_diagnostic(struct sv text, char *out)
{
    struct mail_reply reply;
    size_t at = sv_find(text, ';');

    if (sv_eq_nocase(sv_head(text, at), SV("smtp")) &&
        mail_reply_parse(sv_trim(sv_skip(text, at + 1)), &reply) && reply.status[0])
        memcpy(out, reply.status, sizeof reply.status);
}

static bool says_nothing(const char *status)
{
    size_t n = strlen(status);

    return n < 4 || strcmp(status + n - 4, ".0.0") == 0;
}

static enum mail_report_kind kind_of(enum mail_cause cause)
{
    if (cause == MAIL_CAUSE_ADDRESS)
        return MAIL_REPORT_HARD;
    return cause == MAIL_CAUSE_POLICY ? MAIL_REPORT_POLICY : MAIL_REPORT_SOFT;
}

/* One group of fields a recipient, after one of the mail's. */
static bool read_delivery(struct sv body, struct mail_report *out)
{
    char buffer[FIELD_BYTES];

    while (body.n) {
        struct sv group = take_block(&body);

        if (!sv_eq_nocase(find_field(group, "Action", buffer), SV("failed")))
            continue;
        take_status(find_field(group, "Status", buffer), out->status);
        if (says_nothing(out->status))
            take_diagnostic(find_field(group, "Diagnostic-Code", buffer), out->status);
        out->kind = kind_of(mail_reply_cause(out->status));
        return true;
    }
    return false;
}

static bool read_feedback(struct sv body, struct mail_report *out)
{
    char buffer[FIELD_BYTES];
    struct sv type = find_field(take_block(&body), "Feedback-Type", buffer);

    out->kind = MAIL_REPORT_COMPLAINT;
    return type.n && !sv_eq_nocase(type, SV("not-spam"));
}

static bool read_part(struct sv part, struct mail_report *out)
{
    char buffer[FIELD_BYTES];
    struct sv type = find_field(take_block(&part), "Content-Type", buffer);

    type = sv_trim(sv_head(type, sv_find(type, ';')));
    if (sv_eq_nocase(type, SV("message/delivery-status")) ||
        sv_eq_nocase(type, SV("message/global-delivery-status")))
        return read_delivery(part, out);
    return sv_eq_nocase(type, SV("message/feedback-report")) && read_feedback(part, out);
}

/* ---- Which mail it was ------------------------------------------------------------------------
 */

/* The first "+", 32 digits and "@" of the text that are an id. */
static bool find_attempt(struct sv text, struct uuid *out)
{
    static const size_t groups[] = {8, 4, 4, 4, 12};
    char id[UUID_TEXT_LENGTH + 1];

    for (text = sv_skip(text, sv_find(text, '+')); text.n;
         text = sv_skip(text, sv_find(text, '+'))) {
        struct sv digits = text = sv_skip(text, 1);
        struct str dashed;

        if (digits.n <= ID_DIGITS || digits.p[ID_DIGITS] != '@')
            continue;
        str_init_in(&dashed, id, sizeof id);
        for (size_t i = 0; i < COUNT_OF(groups); i++) {
            str_add(&dashed, i ? SV("-") : SV_NONE);
            str_add(&dashed, sv_head(digits, groups[i]));
            digits = sv_skip(digits, groups[i]);
        }
        if (uuid_parse(str_view(&dashed), out))
            return true;
    }
    return false;
}

struct sv mail_report_address(struct arena *arena, struct sv bounce, const struct uuid *attempt)
{
    struct str *address = str_new_in(arena, FIELD_BYTES);
    struct sv rest = uuid_view(attempt);
    size_t at = sv_find(bounce, '@');
    struct sv group;

    str_add(address, sv_head(bounce, at));
    str_add(address, SV("+"));
    while (sv_split(&rest, '-', &group))
        str_add(address, group);
    str_add(address, sv_skip(bounce, at));
    return sv_of(str_cstr(address));
}

bool mail_report_parse(struct sv mail, struct sv recipient, struct mail_report *out)
{
    struct sv rest = mail = sv_head(mail, MAIL_REPORT_BYTES);
    char buffer[FIELD_BYTES];
    struct sv type = find_field(take_block(&rest), "Content-Type", buffer);
    struct sv boundary = find_boundary(type);
    struct sv part;

    memset(out, 0, sizeof *out);
    if (!starts_with_nocase(type, SV("multipart/report")) || !boundary.n ||
        (!find_attempt(recipient, &out->attempt) && !find_attempt(mail, &out->attempt)))
        return false;
    while (take_part(&rest, boundary, &part)) {
        if (read_part(part, out))
            return true;
    }
    return false;
}
