/* Answers of mail servers. */
#include "mail/reply.h"

#include <stdio.h>
#include <string.h>

static struct sv without_line_end(struct sv line)
{
    while (line.n && (line.p[line.n - 1] == '\n' || line.p[line.n - 1] == '\r'))
        line.n--;
    return line;
}

/* One to three digits off the front of *rest. */
static bool take_number(struct sv *rest, int64_t *out)
{
    size_t n = 0;

    while (n < rest->n && n < 3 && char_is_digit(rest->p[n]))
        n++;
    if (!sv_to_i64(sv_head(*rest, n), 0, 999, out))
        return false;
    *rest = sv_skip(*rest, n);
    return true;
}

static bool take_char(struct sv *rest, char c)
{
    if (rest->n == 0 || rest->p[0] != c)
        return false;
    *rest = sv_skip(*rest, 1);
    return true;
}

/* "5.1.1 " off the front of the text, when its class is that of the code (RFC 2034 §4). */
static void take_status(struct mail_reply *reply)
{
    struct sv rest = reply->text;
    int64_t class;
    int64_t subject;
    int64_t detail;

    if (!take_number(&rest, &class) || class != reply->code / 100 || class == 3 ||
        !take_char(&rest, '.') || !take_number(&rest, &subject) || !take_char(&rest, '.') ||
        !take_number(&rest, &detail) || (rest.n && !take_char(&rest, ' ')))
        return;
    snprintf(reply->status, sizeof reply->status, "%d.%d.%d", (int)class, (int)subject,
             (int)detail);
    reply->text = rest;
}

bool mail_reply_parse(struct sv line, struct mail_reply *out)
{
    int64_t code;

    memset(out, 0, sizeof *out);
    line = without_line_end(line);
    if (line.n < 3 || !char_is_digit(line.p[1]) || !sv_to_i64(sv_head(line, 3), 200, 599, &code))
        return false;
    out->code = (int)code;
    out->text = sv_skip(line, 3);
    if (out->text.n && out->text.p[0] != ' ' && out->text.p[0] != '-')
        return false;
    out->is_last = out->text.n == 0 || out->text.p[0] == ' ';
    out->text = sv_skip(out->text, 1);
    take_status(out);
    return true;
}

enum mail_cause mail_reply_cause(const char *status)
{
    /* Bad destination: mailbox, system, syntax; moved away; a domain that takes no mail (RFC 7505).
     */
    static const char *const address[] = {"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"};

    for (size_t i = 0; i < COUNT_OF(address); i++) {
        if (strcmp(status, address[i]) == 0)
            return MAIL_CAUSE_ADDRESS;
    }
    return strncmp(status, "5.7.", 4) == 0 ? MAIL_CAUSE_POLICY : MAIL_CAUSE_OTHER;
}

bool mail_reply_is_policy_for_now(const char *status)
{
    return strncmp(status, "4.7.", 4) == 0;
}
