/* kith bounce: takes a report of another mail system from standard input, as a mail server pipes
 * it.
 *
 *     kith bounce [RECIPIENT] < MAIL
 *
 * What is no report, and what reports of no mail of ours, is dropped: an answer to it would begin a
 * loop. When the database cannot be used, the mail server is asked to try again. */
#include <stdio.h>

#include "base/clock.h"
#include "base/date.h"
#include "gen/stmt.h"
#include "mail/report.h"
#include "operator.h"

#define EXIT_STATUS_TRY_AGAIN 75 /* EX_TEMPFAIL of sysexits.h, which mail servers know */

static const char *const kinds[] = {[MAIL_REPORT_HARD] = "hard",
                                    [MAIL_REPORT_SOFT] = "soft",
                                    [MAIL_REPORT_POLICY] = "policy",
                                    [MAIL_REPORT_COMPLAINT] = "complaint"};

static int take(struct operator* operator, void * arg)
{
    const struct mail_report *report = arg;
    char now[INSTANT_TEXT_BYTES];
    const struct db_result *row;

    instant_format_ms(now, clock_now_ms());
    row = db_link_run(operator->link, STMT(mail_report_take),
                      (const char *const[]){report->attempt.text, kinds[report->kind],
                                            report->status[0] ? report->status : NULL, now});
    if (!row)
        return operator_failed(operator);
    printf("a report is %.*s: %s %s\n", SV_ARG(db_result_text(row, 0, "verdict")),
           kinds[report->kind], report->status);
    return EXIT_STATUS_OK;
}

int command_bounce(int argc, char **argv)
{
    char *bytes = x_calloc(1, MAIL_REPORT_BYTES);
    size_t n = fread(bytes, 1, MAIL_REPORT_BYTES, stdin);
    struct mail_report report;
    bool is_report =
        mail_report_parse((struct sv){bytes, n}, sv_of(argc > 1 ? argv[1] : NULL), &report);

    x_free(bytes);
    while (fgetc(stdin) != EOF) /* or the mail server would see a broken pipe */
        ;
    if (!is_report) {
        printf("it is no report\n");
        return EXIT_STATUS_OK;
    }
    return operator_run("kith bounce", argv, take, &report) == EXIT_STATUS_OK
               ? EXIT_STATUS_OK
               : EXIT_STATUS_TRY_AGAIN;
}
