/* One statement after the other, counted. */
#include "svc/round.h"

#include "base/metrics.h"
#include "base/str.h"
#include "base/uuid.h"

static const struct metric_spec decisions_spec = {
    .name = "kith_decisions_total",
    .type = METRIC_COUNTER,
    .help = "What the clock has decided, by what it was; a round that failed may count twice.",
    .labels = {"decision"},
};

static struct metric metric_of(const struct round_step *step)
{
    return metric_register(&decisions_spec, METRIC_LABELS(step->decision));
}

void round_register(const struct round_step *steps, size_t count)
{
    ENSURE(count <= ROUND_STEPS);
    for (size_t i = 0; i < count; i++)
        (void)metric_of(&steps[i]);
}

bool round_run(struct worker *worker, const struct round_step *steps, size_t count,
               const char *district, const char *now)
{
    int64_t done[ROUND_STEPS];

    for (size_t i = 0; i < count; i++) {
        const struct db_result *result =
            db_link_run(worker->db, steps[i].statement, (const char *const[]){district, now});

        if (!result)
            return false;
        done[i] = db_result_int(result, 0, "done");
    }
    for (size_t i = 0; i < count; i++)
        metric_add(metric_of(&steps[i]), done[i]);
    return true;
}

bool round_ring(struct worker *worker, const struct schedule_task *task, const struct event *events,
                size_t count)
{
    struct str *districts = str_new_in(worker->arena, count * (UUID_TEXT_LENGTH + 4) + 4);

    str_add_char(districts, '[');
    for (size_t i = 0; i < count; i++)
        str_addf(districts, "%s\"%s\"", i ? "," : "", events[i].district);
    str_add_char(districts, ']');
    ENSURE(!str_failed(districts));
    return schedule_ring(worker, task, str_cstr(districts));
}
