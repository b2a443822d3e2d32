/* kith rebuild: figures made anew from what they are made of, an indicator's year after the other,
 * each in a transaction of its own: whatever stops it, it may be run again, while kith-kpi works,
 * too. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/date.h"
#include "gen/stmt.h"
#include "operator.h"

struct key {
    const char *district;
    const char *slug;
    const char *indicator;
    const char *code;
    const char *year;
};

static const char *keep(struct arena *arena, const struct db_result *rows, size_t i,
                        const char *column)
{
    return arena_cstr(arena, db_result_text(rows, i, column));
}

/* A result holds until the next statement only. */
static struct key *keep_keys(struct arena *arena, const struct db_result *rows, size_t *count)
{
    struct key *keys;

    *count = db_result_rows(rows);
    keys = ARENA_ARRAY(arena, struct key, *count + 1);
    for (size_t i = 0; i < *count; i++)
        keys[i] = (struct key){keep(arena, rows, i, "district_id"), keep(arena, rows, i, "slug"),
                               keep(arena, rows, i, "indicator_id"), keep(arena, rows, i, "code"),
                               keep(arena, rows, i, "school_year")};
    return keys;
}

static int rebuild(struct operator* operator, void * arg)
{
    const struct db_result *rows = db_link_run(operator->link, STMT(rebuild_keys), NULL);
    char now[INSTANT_TEXT_BYTES];
    struct key *keys;
    size_t count;
    size_t differing = 0;

    (void)arg;
    if (!rows)
        return operator_failed(operator);
    keys = keep_keys(operator->arena, rows, &count);
    for (size_t i = 0; i < count; i++) {
        const struct key *key = &keys[i];

        instant_format_ms(now, clock_now_ms());
        rows = db_link_run(operator->link, STMT(rebuild_key),
                           (const char *const[]){key->district, key->indicator, key->year, now});
        if (!rows)
            return operator_failed(operator);
        if (!sv_eq(db_result_text(rows, 0, "differed"), SV("t")))
            continue;
        differing++;
        printf("%s %s %s\n", key->slug, key->code, key->year);
    }
    fprintf(stderr, "kith rebuild: %zu years of indicators, %zu were not as they are now\n", count,
            differing);
    return EXIT_STATUS_OK;
}

int command_rebuild(int argc, char **argv)
{
    if (argc == 1)
        return operator_run("kith rebuild", argv, rebuild, NULL);
    fprintf(stderr, "usage: kith rebuild\n");
    return EXIT_STATUS_CONFIGURATION;
}
