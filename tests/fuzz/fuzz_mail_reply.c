/* Any bytes as a line of a mail server: what is taken for an answer has a code, a status of its
 * class, and a text within the line; what is made of it again is the same. */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "mail/header.h"
#include "mail/relay_parts.h"
#include "mail/reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_again(const struct mail_reply *reply)
{
    struct mail_reply again;
    struct str line;

    str_init(&line, MB(1));
    str_addf(&line, "%d%c%s%s%.*s", reply->code, reply->is_last ? ' ' : '-', reply->status,
             reply->status[0] ? " " : "", SV_ARG(reply->text));
    ENSURE(mail_reply_parse(str_view(&line), &again));
    ENSURE(again.code == reply->code && again.is_last == reply->is_last);
    ENSURE(strcmp(again.status, reply->status) == 0);
    str_fini(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct sv line = {(const char *)bytes, size};
    struct mail_result result;
    struct mail_reply reply;

    relay_detail(&result, line);
    ENSURE(strlen(result.detail) < sizeof result.detail && header_is_clean(sv_of(result.detail)));
    if (!mail_reply_parse(line, &reply))
        return 0;
    ENSURE(reply.code >= 200 && reply.code <= 599);
    ENSURE(!reply.status[0] || reply.status[0] == '0' + reply.code / 100);
    ENSURE(strlen(reply.status) < sizeof reply.status);
    ENSURE(reply.text.n <= size);
    ENSURE(!reply.text.n ||
           (reply.text.p > line.p && reply.text.p + reply.text.n <= line.p + size));
    if (!memchr(bytes, '\0', size))
        check_again(&reply);
    return 0;
}
