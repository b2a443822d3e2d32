/* Takes the one that has waited longest, and proves an indicator of it, in a transaction of its
 * own; when none is left, lets all out at once. What was proved stays so: no change is computed of
 * it until then. Whoever dies, another goes on. */
#include "release.h"

#include "base/clock.h"
#include "base/fail.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/str.h"
#include "cells_told.h"
#include "gen/stmt.h"
#include "repair.h"

#define NONE_WAITS (-1)
#define LOOK_MS    100 /* between two looks whether one waits */

#define RELEASE_BLOCK_TEXT "10000" /* counts, unless a partner has more */

static const struct metric_spec releases_spec = {
    .name = "kith_releases_total",
    .type = METRIC_COUNTER,
    .help = "Releases of students' figures, by what became of them.",
    .labels = {"outcome"},
};
static const char *const outcomes[] = {"published", "too_large", "failed"};

struct taken {
    const char *district, *release, *school_year;
};

void release_register(void)
{
    for (size_t i = 0; i < COUNT_OF(outcomes); i++)
        (void)metric_register(&releases_spec, METRIC_LABELS(outcomes[i]));
}

/* False: the database refused. Without a release none waits. */
static bool take(struct worker *worker, struct taken *out)
{
    const struct db_result *rows =
        db_link_run(worker->db, STMT(release_take), (const char *const[]){worker_now(worker)});

    *out = (struct taken){0};
    if (!rows || !db_result_rows(rows))
        return rows != NULL;
    out->district = arena_cstr(worker->arena, db_result_text(rows, 0, "district_id"));
    out->release = arena_cstr(worker->arena, db_result_text(rows, 0, "release_id"));
    out->school_year = arena_cstr(worker->arena, db_result_text(rows, 0, "school_year"));
    return true;
}

/* False: the database refused. Without an indicator all are proved. */
static bool next(struct worker *worker, const struct taken *taken, const char **out_indicator)
{
    const struct db_result *rows = db_link_run(
        worker->db, STMT(release_next), (const char *const[]){taken->district, taken->school_year});

    *out_indicator = NULL;
    if (!rows)
        return false;
    if (!db_result_is_null(rows, 0, "indicator_id"))
        *out_indicator = arena_cstr(worker->arena, db_result_text(rows, 0, "indicator_id"));
    return true;
}

enum proved { PROVED, PROVED_NOT, PROVED_TOO_LARGE };

struct blocks {
    struct cells_block *p;
    size_t n;
};

/* False: the database refused. */
static bool load_blocks(struct worker *worker, struct arena *arena, const char *indicator,
                        const char *school_year, struct blocks *out)
{
    const struct db_result *rows =
        db_link_run(worker->db, STMT(release_blocks),
                    (const char *const[]){indicator, school_year, RELEASE_BLOCK_TEXT});

    if (!rows)
        return false;
    out->n = db_result_rows(rows);
    out->p = ARENA_ARRAY(arena, struct cells_block, out->n);
    for (size_t i = 0; i < out->n; i++) {
        out->p[i].is_split = arena_cstr(arena, db_result_text(rows, i, "is_split"));
        if (!db_result_is_null(rows, i, "partnerships"))
            out->p[i].partnerships = arena_cstr(arena, db_result_text(rows, i, "partnerships"));
    }
    return true;
}

static enum proved prove_block(struct worker *worker, const char *indicator,
                               const char *school_year, const struct cells_block *block,
                               struct cells_told *told)
{
    struct arena *arena = arena_new(RELEASE_BYTES_MOST);
    struct arena *scratch = arena_new(RELEASE_BYTES_MOST);
    struct cells cells;
    enum proved result = PROVED_NOT;

    if (cells_load(worker, arena, indicator, school_year, block, &cells)) {
        const struct proof_found *found = arena_is_over(arena) ? NULL : repair(&cells, scratch);

        result = found && !arena_is_over(scratch) ? PROVED : PROVED_TOO_LARGE;
        if (result == PROVED)
            cells_told_add(told, &cells, found);
    }
    arena_free(scratch);
    arena_free(arena);
    return result;
}

static enum proved prove(struct worker *worker, const struct taken *taken, const char *indicator)
{
    struct arena *arena = arena_new(RELEASE_BYTES_MOST);
    struct blocks blocks;
    struct cells_told told;
    enum proved result = PROVED_NOT;

    cells_told_init(&told, arena);
    if (load_blocks(worker, arena, indicator, taken->school_year, &blocks)) {
        result = PROVED;
        for (size_t i = 0; i < blocks.n && result == PROVED; i++)
            result = prove_block(worker, indicator, taken->school_year, &blocks.p[i], &told);
    }
    if (result == PROVED &&
        !cells_told_store(worker, &told, taken->release, indicator, taken->school_year))
        result = PROVED_NOT;
    arena_free(arena);
    return result;
}

/* After a rollback; its district sees what it saw. */
static int64_t refuse(struct worker *worker, const struct taken *taken, const char *reason)
{
    log_error("a release is refused", F_STR("release", taken->release), F_STR("reason", reason));
    if (!worker_exec(
            worker, STMT(release_refuse),
            (const char *const[]){taken->district, taken->release, reason, worker_now(worker)}))
        return worker_failed(worker, "release");
    metric_add(metric_register(&releases_spec, METRIC_LABELS(reason)), 1);
    return 0;
}

static int64_t failed(struct worker *worker, const struct taken *taken)
{
    bool is_its_own = worker_failed_for_good(worker);
    int64_t delay_ms = worker_failed(worker, "release");

    if (!is_its_own || db_link_is_lost(worker->db))
        return delay_ms;
    return refuse(worker, taken, "failed");
}

/* Without a delay: there is more to do. */
static int64_t commit(struct worker *worker)
{
    fail_point(FAIL_turn_before);
    if (!worker_commit(worker))
        return worker_failed(worker, "release");
    fail_point(FAIL_turn_after);
    return 0;
}

/* Not when of an indicator the proof does not hold any more: then it is the next one. */
static int64_t publish(struct worker *worker, const struct taken *taken)
{
    const struct db_result *rows =
        db_link_run(worker->db, STMT(release_publish),
                    (const char *const[]){taken->district, taken->release, taken->school_year,
                                          worker_now(worker)});
    bool is_published = rows && !db_result_is_null(rows, 0, "hidden");
    int64_t hidden = is_published ? db_result_int(rows, 0, "hidden") : 0;
    int64_t delay_ms;

    if (!rows)
        return failed(worker, taken);
    delay_ms = commit(worker);
    if (delay_ms == 0 && is_published) {
        metric_add(metric_register(&releases_spec, METRIC_LABELS("published")), 1);
        log_info("figures of students are released", F_STR("release", taken->release),
                 F_INT("coarsened", hidden));
    }
    return delay_ms;
}

static int64_t step(struct worker *worker, const struct taken *taken, const char *indicator)
{
    switch (prove(worker, taken, indicator)) {
    case PROVED:
        return commit(worker);
    case PROVED_TOO_LARGE:
        if (!db_link_script(worker->db, "ROLLBACK"))
            return worker_failed(worker, "release");
        return refuse(worker, taken, "too_large");
    case PROVED_NOT:
    default:
        return failed(worker, taken);
    }
}

int64_t release_turn(struct worker *worker)
{
    static int64_t look_at_ms;
    struct taken taken = {0};
    const char *indicator;

    if (!clock_is_due(&look_at_ms, LOOK_MS))
        return NONE_WAITS;
    if (!worker_begin(worker) || !take(worker, &taken))
        return worker_failed(worker, "release");
    if (!taken.release)
        return worker_commit(worker) ? NONE_WAITS : worker_failed(worker, "release");
    look_at_ms = 0; /* there is more of it, or another */
    if (!next(worker, &taken, &indicator))
        return failed(worker, &taken);
    return indicator ? step(worker, &taken, indicator) : publish(worker, &taken);
}
