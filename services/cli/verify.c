/* kith verify: whether the figures are what a computation from the observations gives. Read only,
 * in one snapshot; figures that wait to be computed differ, and it is said how many there are. */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/date.h"
#include "gen/stmt.h"
#include "operator.h"

static void print_row(const struct db_result *rows, size_t i)
{
    static const char *const columns[] = {"slug",        "what",        "indicator",
                                          "school_year", "scope_kind",  "scope_id",
                                          "cohort",      "period_kind", "period_start"};

    for (size_t c = 0; c < COUNT_OF(columns); c++)
        printf("%s%.*s", c ? " " : "", SV_ARG(db_result_text(rows, i, columns[c])));
    printf("\n");
}

/* How many rows differ; -1: the database refused. */
static int64_t compare(struct operator* operator)
{
    const struct db_result *rows;
    char now[INSTANT_TEXT_BYTES];

    instant_format_ms(now, clock_now_ms());
    rows = db_link_run(operator->link, STMT(verify_rollups), (const char *const[]){now});
    if (!rows)
        return -1;
    for (size_t i = 0; i < db_result_rows(rows); i++)
        print_row(rows, i);
    return (int64_t)db_result_rows(rows);
}

static int verify(struct operator* operator, void * arg)
{
    const struct db_result *waiting;
    int64_t districts;
    int64_t marks;
    int64_t differing;

    (void)arg;
    if (!db_link_script(operator->link, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY") ||
        !(waiting = db_link_run(operator->link, STMT(verify_waiting), NULL)))
        return operator_failed(operator);
    districts = db_result_int(waiting, 0, "districts");
    marks = db_result_int(waiting, 0, "waiting");
    differing = compare(operator);
    if (differing < 0)
        return operator_failed(operator);
    if (marks)
        fprintf(stderr, "kith verify: %" PRId64 " changes wait for kith-kpi to compute them\n",
                marks);
    fprintf(stderr, "kith verify: %" PRId64 " districts, %" PRId64 " differences\n", districts,
            differing);
    return differing ? EXIT_STATUS_FAILED : EXIT_STATUS_OK;
}

int command_verify(int argc, char **argv)
{
    if (argc == 1)
        return operator_run("kith verify", argv, verify, NULL);
    fprintf(stderr, "usage: kith verify\n");
    return EXIT_STATUS_CONFIGURATION;
}
