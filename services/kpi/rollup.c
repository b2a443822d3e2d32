/* Marks and crossings in turn, in short pieces; of both the oldest and the newest, so that nothing
 * waits for ever and what has just come not for all before it. */
#include "rollup.h"

#include "base/clock.h"
#include "base/metrics.h"
#include "base/str.h"
#include "gen/stmt.h"
#include "svc/stream.h"

#include <stdlib.h>

#define PIECE_MS         40    /* who has just written waits for what is being made of the rest */
#define MARKS_LEAST      32    /* of one indicator's year at once; */
#define MARKS_MOST       1000  /* twice as many each time while there are more, and it is quick */
#define ANSWERS_MOST     "500" /* to surveys at once */
#define ANSWERS_REST_MS  100   /* then what comes is left to come together */
#define CROSSINGS_MOST   10    /* a short piece of work: a mark may come */
#define CROSSINGS_BESIDE 5     /* a shorter one, as marks wait */
#define NEWEST_TO_OLDEST 3     /* pieces of crossings, as marks wait */

/* What leaves marks when it changes, as the triggers of sql/functions/90_observation.sql. */
static const char *const rollup_aggregates[] = {
    "observation", "investment", "reporting_quarter", "partnership_site", "partnership", "site",
    "district",    "gift",       "roll_call",         "survey_answer",    "survey",      "release",
    NULL};
static const char *const answer_aggregates[] = {"survey_answer", NULL};

static const struct metric_spec marks_spec = {
    .name = "kith_rollup_marks_total",
    .type = METRIC_COUNTER,
    .help = "Marks whose rollups were computed.",
};
static const struct metric_spec crossings_spec = {
    .name = "kith_rollup_crossings_total",
    .type = METRIC_COUNTER,
    .help = "Sites and periods whose whole schools were summed for the partners that work there.",
};
static const struct metric_spec answers_spec = {
    .name = "kith_survey_answers_counted_total",
    .type = METRIC_COUNTER,
    .help = "Answers to surveys that were counted, each as often as it changed.",
};
static const struct metric_spec waiting_spec = {
    .name = "kith_rollup_marks_waiting",
    .type = METRIC_GAUGE,
    .help = "Marks of what is to be computed again; of more than 100,000 so many are counted.",
};
static const struct metric_spec oldest_spec = {
    .name = "kith_rollup_oldest_mark_seconds",
    .type = METRIC_GAUGE,
    .help = "How long the oldest mark has waited.",
};

static const struct metric_spec rings_spec = {
    .name = "kith_kpi_events_total",
    .type = METRIC_COUNTER,
    .help = "Events heard of what figures are made of: they ring for a look.",
    .labels = {"aggregate"},
};

static struct {
    struct metric marks;
    struct metric crossings;
    struct metric answers;
    struct metric waiting;
    struct metric oldest;
} metrics;

void rollup_register(void)
{
    metrics.marks = metric_register(&marks_spec, METRIC_NO_LABELS);
    metrics.crossings = metric_register(&crossings_spec, METRIC_NO_LABELS);
    metrics.answers = metric_register(&answers_spec, METRIC_NO_LABELS);
    metrics.waiting = metric_register(&waiting_spec, METRIC_NO_LABELS);
    metrics.oldest = metric_register(&oldest_spec, METRIC_NO_LABELS);
    for (const char *const *one = rollup_aggregates; *one; one++)
        (void)metric_register(&rings_spec, METRIC_LABELS(*one));
}

static int64_t answers_at_ms; /* of the monotonic clock: until then answers rest */

static bool run(struct worker *worker, const struct db_statement *statement,
                const char *const *params, struct metric total, int64_t *out_done)
{
    const struct db_result *result = db_link_run(worker->db, statement, params);

    if (!result)
        return false;
    *out_done = db_result_int(result, 0, "done");
    metric_add(total, *out_done);
    return true;
}

/* The newest or the oldest of them. */
static bool run_some(struct worker *worker, const struct db_statement *statement, int64_t limit,
                     bool is_newest, struct metric total, int64_t *out_done)
{
    struct str *text = str_new_in(worker->arena, 32);

    str_add_i64(text, limit);
    return run(worker, statement,
               (const char *const[]){str_cstr(text), worker_now(worker), is_newest ? "t" : "f"},
               total, out_done);
}

int64_t rollup_rest_ms(void)
{
    int64_t rest_ms = answers_at_ms - clock_mono_ms();

    return rest_ms > 0 ? rest_ms : 0;
}

static void count_ring(struct sv aggregate)
{
    for (const char *const *one = rollup_aggregates; *one; one++) {
        if (sv_eq(aggregate, sv_of(*one)))
            metric_add(metric_register(&rings_spec, METRIC_LABELS(*one)), 1);
    }
}

bool rollup_is_asked(struct sv type)
{
    if (!stream_asks_for(rollup_aggregates, type))
        return false;
    count_ring(stream_aggregate(type));
    return rollup_rest_ms() == 0 || !stream_asks_for(answer_aggregates, type);
}

/* Of an answer that is counted alone most of the work is the survey's: many are to come together.
 */
static bool count_answers(struct worker *worker, bool *out_is_busy)
{
    int64_t done = 0;

    *out_is_busy = false;
    if (rollup_rest_ms() > 0)
        return true;
    if (!run(worker, STMT(survey_work), (const char *const[]){ANSWERS_MOST, worker_now(worker)},
             metrics.answers, &done))
        return false;
    *out_is_busy = done >= strtol(ANSWERS_MOST, NULL, 10);
    answers_at_ms = done > 0 && !*out_is_busy ? clock_mono_ms() + ANSWERS_REST_MS : 0;
    return true;
}

static bool work_off_marks(struct worker *worker, int64_t *out_done)
{
    static int64_t limit = MARKS_LEAST;
    static bool is_newest;
    int64_t began_ms = clock_mono_ms();

    is_newest = !is_newest;
    if (!run_some(worker, STMT(rollup_work), is_newest ? MARKS_LEAST : limit, is_newest,
                  metrics.marks, out_done))
        return false;
    if (is_newest)
        return true;
    if (*out_done < limit || clock_mono_ms() - began_ms > PIECE_MS)
        limit = limit / 2 > MARKS_LEAST ? limit / 2 : MARKS_LEAST;
    else
        limit = limit * 2 < MARKS_MOST ? limit * 2 : MARKS_MOST;
    return true;
}

static bool work_off_crossings(struct worker *worker, bool is_beside_marks, int64_t *out_done)
{
    static unsigned pieces;
    unsigned of = is_beside_marks ? NEWEST_TO_OLDEST + 1 : 2;

    return run_some(worker, STMT(rollup_cross), is_beside_marks ? CROSSINGS_BESIDE : CROSSINGS_MOST,
                    ++pieces % of != 0, metrics.crossings, out_done);
}

bool rollup_piece(struct worker *worker, bool *out_is_busy)
{
    bool has_answers;
    int64_t marks;
    int64_t crossings;

    if (!count_answers(worker, &has_answers) || !work_off_marks(worker, &marks) ||
        !work_off_crossings(worker, marks > 0, &crossings))
        return false;
    *out_is_busy = has_answers || marks > 0 || crossings > 0;
    return true;
}

bool rollup_measure(struct worker *worker)
{
    const struct db_result *state;

    if (worker->slot != 0)
        return true;
    state = db_link_run(worker->db, STMT(rollup_state), NULL);
    if (!state)
        return false;
    metric_set(metrics.waiting, db_result_int(state, 0, "waiting"));
    metric_set(metrics.oldest, db_result_int(state, 0, "oldest_s"));
    return true;
}
