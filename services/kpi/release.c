/* Takes the one that has waited longest, proves it an indicator at a time, and lets all out at
 * once. */
#include "release.h"

#include "base/clock.h"
#include "base/fail.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/str.h"
#include "gen/stmt.h"
#include "repair.h"

#define NONE_WAITS (-1)
#define LOOK_MS    100 /* between two looks whether one waits */

static const struct metric_spec releases_spec = {
    .name = "kith_releases_total",
    .type = METRIC_COUNTER,
    .help = "Releases of students' figures, by what became of them.",
    .labels = {"outcome"},
};
static const char *const outcomes[] = {"published", "too_large", "failed"};

struct taken {
    const char *district, *release, *school_year;
    const char **indicators;
    size_t n;
    int64_t coarsened;
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

static bool begin(struct worker *worker, struct taken *taken)
{
    const struct db_result *rows =
        db_link_run(worker->db, STMT(release_begin),
                    (const char *const[]){taken->district, taken->school_year});

    if (!rows)
        return false;
    taken->n = db_result_rows(rows);
    taken->indicators = ARENA_ARRAY(worker->arena, const char *, taken->n + 1);
    for (size_t i = 0; i < taken->n; i++)
        taken->indicators[i] = arena_cstr(worker->arena, db_result_text(rows, i, "indicator_id"));
    return true;
}

enum proved { PROVED, PROVED_NOT, PROVED_TOO_LARGE };

static enum proved prove(struct worker *worker, struct taken *taken, const char *indicator)
{
    struct arena *arena = arena_new(RELEASE_BYTES_MOST);
    struct arena *scratch = arena_new(RELEASE_BYTES_MOST);
    struct cells cells;
    enum proved result = PROVED_NOT;

    if (cells_load(worker, arena, indicator, taken->school_year, &cells)) {
        const struct proof_found *found = arena_is_over(arena) ? NULL : repair(&cells, scratch);

        if (!found || arena_is_over(scratch))
            result = PROVED_TOO_LARGE;
        else if (cells_store(worker, &cells, found, indicator, taken->school_year))
            result = PROVED;
        taken->coarsened += cells.hidden;
    }
    arena_free(scratch);
    arena_free(arena);
    return result;
}

static enum proved prove_all(struct worker *worker, struct taken *taken)
{
    enum proved result = begin(worker, taken) ? PROVED : PROVED_NOT;

    for (size_t i = 0; i < taken->n && result == PROVED; i++)
        result = prove(worker, taken, taken->indicators[i]);
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

static int64_t publish(struct worker *worker, const struct taken *taken)
{
    struct str *coarsened = str_new_in(worker->arena, 32);

    str_add_i64(coarsened, taken->coarsened);
    if (!worker_exec(
            worker, STMT(release_publish),
            (const char *const[]){taken->release, str_cstr(coarsened), worker_now(worker)}))
        return failed(worker, taken);
    fail_point(FAIL_turn_before);
    if (!worker_commit(worker))
        return worker_failed(worker, "release");
    fail_point(FAIL_turn_after);
    metric_add(metric_register(&releases_spec, METRIC_LABELS("published")), 1);
    log_info("figures of students are released", F_STR("release", taken->release),
             F_INT("coarsened", taken->coarsened));
    return 0;
}

int64_t release_turn(struct worker *worker)
{
    static int64_t look_at_ms;
    struct taken taken = {0};

    if (!clock_is_due(&look_at_ms, LOOK_MS))
        return NONE_WAITS;
    if (!worker_begin(worker) || !take(worker, &taken))
        return worker_failed(worker, "release");
    if (!taken.release)
        return worker_commit(worker) ? NONE_WAITS : worker_failed(worker, "release");
    look_at_ms = 0; /* there may be another */
    switch (prove_all(worker, &taken)) {
    case PROVED:
        return publish(worker, &taken);
    case PROVED_TOO_LARGE:
        if (!db_link_script(worker->db, "ROLLBACK"))
            return worker_failed(worker, "release");
        return refuse(worker, &taken, "too_large");
    case PROVED_NOT:
    default:
        return failed(worker, &taken);
    }
}
