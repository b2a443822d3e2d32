/* kith replay and kith dead-letters: events that are to be published, or handled, once more.
 *
 *     kith replay --since INSTANT [--again CONSUMER]
 *     kith dead-letters [redrive EVENT | redrive --all]
 *
 * A replay publishes again what is still in the outbox, which is 30 days; nobody handles an event a
 * second time unless --again has it forgotten that this consumer did. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/uuid.h"
#include "gen/stmt.h"
#include "operator.h"

#define BATCH "5000"

struct replay {
    char since[INSTANT_TEXT_BYTES];
    const char *consumer; /* NULL: nobody handles it again */
};

/* Batches, so that no transaction is long: whatever stops it, it may be run again. */
static int replay(struct operator* operator, void * arg)
{
    const struct replay *wanted = arg;
    const char *last = NULL;
    int64_t events = 0;

    do {
        const char *params[] = {wanted->since, wanted->consumer, last, BATCH};
        const struct db_result *rows = db_link_run(operator->link, STMT(replay_events), params);

        if (!rows)
            return operator_failed(operator);
        last = db_result_is_null(rows, 0, "last")
                   ? NULL
                   : arena_cstr(operator->arena, db_result_text(rows, 0, "last"));
        events += db_result_int(rows, 0, "events");
    } while (last);
    printf("events to be published again: %" PRId64 "\n", events);
    return EXIT_STATUS_OK;
}

int command_replay(int argc, char **argv)
{
    bool has_again = argc == 5 && strcmp(argv[3], "--again") == 0;
    bool has_since = (argc == 3 || has_again) && strcmp(argv[1], "--since") == 0;
    struct replay wanted = {.consumer = has_again ? argv[4] : NULL};
    int64_t since_ms;

    if (has_since && instant_parse(sv_of(argv[2]), &since_ms)) {
        instant_format_ms(wanted.since, since_ms);
        return operator_run("kith replay", argv, replay, &wanted);
    }
    fprintf(stderr, "usage: kith replay --since INSTANT [--again CONSUMER]\n"
                    "       INSTANT as 2026-11-28T15:00:00Z, CONSUMER as kith-checkin\n");
    return EXIT_STATUS_CONFIGURATION;
}

static int list(struct operator* operator, void * arg)
{
    static const char *const columns[] = {"slug", "consumer", "event_id",
                                          "type", "dead_at",  "error"};
    const struct db_result *rows = db_link_run(operator->link, STMT(dead_letters_list), NULL);

    (void)arg;
    if (!rows)
        return operator_failed(operator);
    for (size_t i = 0; i < db_result_rows(rows); i++) {
        for (size_t c = 0; c < COUNT_OF(columns); c++)
            printf("%s%.*s", c ? " " : "", SV_ARG(db_result_text(rows, i, columns[c])));
        printf("\n");
    }
    return EXIT_STATUS_OK;
}

static int redrive(struct operator* operator, void * arg)
{
    const char *event = arg;
    const struct db_result *rows =
        db_link_run(operator->link, STMT(dead_letters_redrive), (const char *const[]){event});
    int64_t letters;

    if (!rows)
        return operator_failed(operator);
    letters = db_result_int(rows, 0, "letters");
    printf("dead letters to be tried again: %" PRId64 "\n", letters);
    return letters || !event ? EXIT_STATUS_OK : EXIT_STATUS_FAILED;
}

int command_dead_letters(int argc, char **argv)
{
    bool is_all = argc == 3 && strcmp(argv[2], "--all") == 0;
    struct uuid event;

    if (argc == 1)
        return operator_run("kith dead-letters", argv, list, NULL);
    if (argc == 3 && strcmp(argv[1], "redrive") == 0 &&
        (is_all || uuid_parse(sv_of(argv[2]), &event)))
        return operator_run("kith dead-letters", argv, redrive, is_all ? NULL : event.text);
    fprintf(stderr, "usage: kith dead-letters\n"
                    "       kith dead-letters redrive EVENT\n"
                    "       kith dead-letters redrive --all\n");
    return EXIT_STATUS_CONFIGURATION;
}
