/* Any bytes as a report of another mail system: what is taken for one has a kind that its status
 * makes it, and the id of an attempt that stands in it; its address names that attempt again. */
#include <string.h>

#include "mail/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_address(const struct uuid *attempt)
{
    struct arena *arena = arena_new(KB(16));
    struct sv address = mail_report_address(arena, SV("bounce@mail.example.org"), attempt);

    ENSURE(address.n == strlen("bounce+@mail.example.org") + 32);
    ENSURE(sv_ends_with(address, SV("@mail.example.org")));
    arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct sv mail = {(const char *)bytes, size};
    struct mail_report report;
    enum mail_cause cause;

    if (!mail_report_parse(mail, SV_NONE, &report))
        return 0;
    ENSURE(strlen(report.status) < sizeof report.status);
    ENSURE(strlen(report.attempt.text) == UUID_TEXT_LENGTH);
    cause = mail_reply_cause(report.status);
    ENSURE(report.kind == MAIL_REPORT_COMPLAINT ||
           (report.kind == MAIL_REPORT_HARD) == (cause == MAIL_CAUSE_ADDRESS));
    check_address(&report.attempt);
    return 0;
}
