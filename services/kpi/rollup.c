/* Marks first, crossings in between. */
#include "rollup.h"

#include "base/metrics.h"
#include "gen/stmt.h"

#define MARKS_MOST        "1000" /* of one indicator's year at once */
#define ANSWERS_MOST      "500"  /* of one survey at once */
#define CROSSINGS_MOST    "15"   /* a short piece of work: a mark may come */
#define CROSSINGS_BESIDE  "5"    /* a shorter one, as marks wait */
#define MARKS_TO_CROSSING 4      /* pieces of marks for each of crossings, while both wait */

/* As the triggers of sql/functions/90_observation.sql. */
const char *const rollup_aggregates[] = {
    "observation", "investment", "reporting_quarter", "partnership_site", "partnership", "site",
    "district",    "gift",       "roll_call",         "survey_answer",    "survey",      NULL};

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
}

static bool run(struct worker *worker, const struct db_statement *statement, const char *limit,
                struct metric total, bool *out_is_busy)
{
    const char *params[] = {limit, worker_now(worker)};
    const struct db_result *result = db_link_run(worker->db, statement, params);
    int64_t done;

    if (!result)
        return false;
    done = db_result_int(result, 0, "done");
    metric_add(total, done);
    *out_is_busy = done > 0;
    return true;
}

bool rollup_piece(struct worker *worker, bool *out_is_busy)
{
    static unsigned marks_in_a_row;
    bool has_answers;
    bool has_marks;
    bool has_crossings;

    if (!run(worker, STMT(survey_work), ANSWERS_MOST, metrics.answers, &has_answers) ||
        !run(worker, STMT(rollup_work), MARKS_MOST, metrics.marks, &has_marks))
        return false;
    *out_is_busy = has_marks || has_answers;
    if (has_marks && ++marks_in_a_row < MARKS_TO_CROSSING)
        return true;
    marks_in_a_row = 0;
    if (!run(worker, STMT(rollup_cross), has_marks ? CROSSINGS_BESIDE : CROSSINGS_MOST,
             metrics.crossings, &has_crossings))
        return false;
    *out_is_busy |= has_crossings;
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
