/* The mailer's metrics. */
#include "counts.h"

#include "base/clock.h"
#include "base/metrics.h"
#include "gen/stmt.h"

#define WATCH_EVERY_MS 5000

static const struct metric_spec sent_spec = {
    .name = "kith_mail_sent_total",
    .type = METRIC_COUNTER,
    .help = "Messages by what became of them: attempts, and what was not attempted.",
    .labels = {"result"},
};
static const struct metric_spec duration_spec = {
    .name = "kith_mail_duration_seconds",
    .type = METRIC_HISTOGRAM,
    .help = "How long the mail server took for one mail.",
};
static const struct metric_spec oldest_spec = {
    .name = "kith_mail_oldest_due_age_seconds",
    .type = METRIC_GAUGE,
    .help = "How long the oldest message has been due that may go.",
};
static const struct metric_spec flight_spec = {
    .name = "kith_mail_attempts_in_flight",
    .type = METRIC_GAUGE,
    .help = "Messages that are claimed.",
};
static const struct metric_spec held_spec = {
    .name = "kith_mail_held",
    .type = METRIC_GAUGE,
    .help = "Messages that are due and wait for their district to go live.",
};

enum result {
    SENT,
    DEFERRED,
    REFUSED,
    REFUSED_BY_POLICY,
    UNKNOWN,
    GIVEN_UP,
    SUPPRESSED,
    WAITS,
    RESULT_COUNT,
};
static const char *const result_names[RESULT_COUNT] = {
    [SENT] = "sent",
    [DEFERRED] = "deferred",
    [REFUSED] = "refused",
    [UNKNOWN] = "unknown",
    [REFUSED_BY_POLICY] = "policy",
    [GIVEN_UP] = "given_up",
    [SUPPRESSED] = "suppressed",
    [WAITS] = "waits",
};

static struct {
    struct metric results[RESULT_COUNT];
    struct metric duration;
    struct metric oldest;
    struct metric flight;
    struct metric held;
} metrics;

void counts_register(void)
{
    for (size_t i = 0; i < RESULT_COUNT; i++)
        metrics.results[i] = metric_register(&sent_spec, METRIC_LABELS(result_names[i]));
    metrics.duration = metric_register(&duration_spec, METRIC_NO_LABELS);
    metrics.oldest = metric_register(&oldest_spec, METRIC_NO_LABELS);
    metrics.flight = metric_register(&flight_spec, METRIC_NO_LABELS);
    metrics.held = metric_register(&held_spec, METRIC_NO_LABELS);
}

void counts_attempt(const struct mail_result *result, int64_t duration_us)
{
    static const enum result results[] = {[MAIL_ACCEPTED] = SENT,
                                          [MAIL_DEFERRED] = DEFERRED,
                                          [MAIL_REFUSED] = REFUSED,
                                          [MAIL_UNKNOWN] = UNKNOWN};
    bool is_policy = result->outcome == MAIL_REFUSED && result->cause == MAIL_CAUSE_POLICY;

    metric_add(metrics.results[is_policy ? REFUSED_BY_POLICY : results[result->outcome]], 1);
    metric_observe_us(metrics.duration, duration_us);
}

void counts_verdict(struct sv verdict)
{
    static const struct {
        const char *verdict;
        enum result result;
    } verdicts[] = {{"suppressed", SUPPRESSED}, {"waits", WAITS}, {"unknown", GIVEN_UP}};

    for (size_t i = 0; i < COUNT_OF(verdicts); i++) {
        if (sv_eq(verdict, sv_of(verdicts[i].verdict)))
            metric_add(metrics.results[verdicts[i].result], 1);
    }
}

bool counts_watch(struct worker *worker)
{
    static int64_t next_ms;
    const struct db_result *row;

    if (worker->slot != 0 || clock_mono_ms() < next_ms)
        return true;
    next_ms = clock_mono_ms() + WATCH_EVERY_MS;
    row = db_link_run(worker->db, STMT(mail_watch), (const char *const[]){worker_now(worker)});
    if (!row)
        return false;
    metric_set(metrics.oldest, db_result_int(row, 0, "oldest_due_s"));
    metric_set(metrics.flight, db_result_int(row, 0, "in_flight"));
    metric_set(metrics.held, db_result_int(row, 0, "held"));
    return true;
}
