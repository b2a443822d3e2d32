/* A transaction for all, or one for each. */
#include "svc/batch.h"

#include <string.h>

#include "base/log.h"
#include "base/metrics.h"
#include "base/str.h"
#include "gen/stmt.h"
#include "json/emit.h"

#define CONFLICTS_MOST   5 /* with other workers, before it is left for another turn */
#define CONFLICT_WAIT_MS 20
#define IDS_BYTES        KB(16)

static const struct metric_spec handled_spec = {
    .name = "kith_events_handled_total",
    .type = METRIC_COUNTER,
    .help = "Events that had their effect, once each.",
    .labels = {"consumer"},
};
static const struct metric_spec failures_spec = {
    .name = "kith_event_failures_total",
    .type = METRIC_COUNTER,
    .help = "Attempts to handle an event that failed.",
    .labels = {"consumer"},
};

static struct metric metric_of(const struct metric_spec *spec, const struct consumer_opts *opts)
{
    return metric_register(spec, METRIC_LABELS(opts->name));
}

void batch_register(const struct consumer_opts *opts)
{
    metric_of(&handled_spec, opts);
    metric_of(&failures_spec, opts);
}

static const char *ids_text(struct arena *arena, const struct batch *batch)
{
    struct str *text = str_new_in(arena, IDS_BYTES);
    struct emit e;

    emit_init(&e, text);
    emit_array_begin(&e);
    for (size_t i = 0; i < batch->n; i++)
        emit_text(&e, sv_of(batch->ids[i]));
    emit_array_end(&e);
    ENSURE(emit_finish(&e));
    return str_cstr(text);
}

/* ---- One transaction ------------------------------------------------------------------------- */

/* "org.kith.partnership.activated.v1": what stands behind the aggregate's name. */
static struct sv action_of(struct sv type, struct sv aggregate)
{
    struct sv rest = sv_skip(type, SV("org.kith.").n + aggregate.n + 1);

    return sv_head(rest, sv_find(rest, '.'));
}

static struct event event_of(struct arena *arena, const struct db_result *rows, size_t i)
{
    struct sv aggregate = arena_copy(arena, db_result_text(rows, i, "aggregatetype"));
    struct sv type = arena_copy(arena, db_result_text(rows, i, "type"));
    bool has_subject = !db_result_is_null(rows, i, "aggregateid");

    return (struct event){
        .id = arena_cstr(arena, db_result_text(rows, i, "id")),
        .district = arena_cstr(arena, db_result_text(rows, i, "district_id")),
        .aggregate = aggregate,
        .action = action_of(type, aggregate),
        .subject = has_subject ? arena_cstr(arena, db_result_text(rows, i, "aggregateid")) : NULL,
        .sequence = has_subject ? db_result_int(rows, i, "sequence") : 0,
        .data = arena_copy(arena, db_result_text(rows, i, "data")),
    };
}

/* Takes those that are still to be handled, and handles them. */
static bool run(struct worker *worker, const struct consumer_opts *opts, const char *ids,
                size_t *out_count)
{
    const struct db_result *rows;
    struct event *events;
    size_t count;

    if (!worker_begin(worker) ||
        !(rows = db_link_run(worker->db, STMT(event_take), (const char *const[]){opts->name, ids})))
        return false;
    *out_count = count = db_result_rows(rows);
    events = ARENA_ARRAY(worker->arena, struct event, count);
    for (size_t i = 0; i < count; i++)
        events[i] = event_of(worker->arena, rows, i);
    return (count == 0 || opts->handle(worker, events, count)) && worker_commit(worker);
}

static bool is_conflict(const struct db_error *error)
{
    return strncmp(error->sqlstate, "40", 2) == 0 || strcmp(error->sqlstate, "55P03") == 0;
}

/* The server's trouble, and not the event's: no memory or disk, a shutdown, a standby. */
static bool is_servers(const struct db_error *error)
{
    static const char *const states[] = {"08", "25006", "53", "57P", "58"};

    for (size_t i = 0; i < COUNT_OF(states); i++) {
        if (sv_starts_with(sv_of(error->sqlstate), sv_of(states[i])))
            return true;
    }
    return false;
}

enum outcome {
    OUTCOME_DONE,
    OUTCOME_FAILED, /* rolled back; *out_why says why */
    OUTCOME_LATER,  /* nothing is the events' fault; the link's error stands */
};

static enum outcome try_once(struct worker *worker, const struct consumer_opts *opts,
                             const char *ids, const char **out_why)
{
    const struct db_error *error = db_link_error(worker->db);
    size_t count = 0;

    if (run(worker, opts, ids, &count)) {
        metric_add(metric_of(&handled_spec, opts), (int64_t)count);
        return OUTCOME_DONE;
    }
    if (db_link_is_lost(worker->db) || is_conflict(error) || is_servers(error))
        return OUTCOME_LATER;
    *out_why = error->message && error->message[0]
                   ? arena_printf(worker->arena, "%s: %s", error->sqlstate, error->message).p
                   : "it could not be handled";
    return db_link_script(worker->db, "ROLLBACK") ? OUTCOME_FAILED : OUTCOME_LATER;
}

static enum outcome try_all(struct worker *worker, const struct consumer_opts *opts,
                            const struct batch *batch, const char **out_why)
{
    const char *ids = ids_text(worker->arena, batch);
    enum outcome outcome = try_once(worker, opts, ids, out_why);

    for (int i = 0; i < CONFLICTS_MOST && outcome == OUTCOME_LATER; i++) {
        if (db_link_is_lost(worker->db) || !is_conflict(db_link_error(worker->db)) ||
            !db_link_script(worker->db, "ROLLBACK"))
            break;
        worker_wait(CONFLICT_WAIT_MS);
        outcome = try_once(worker, opts, ids, out_why);
    }
    return outcome;
}

/* ---- One by one ------------------------------------------------------------------------------ */

/* Notes an attempt of all. Those that are left in `batch` are to be tried: the others are handled,
 * not there, or dead. */
static bool note(struct worker *worker, const struct consumer_opts *opts, struct batch *batch)
{
    const char *params[] = {opts->name, ids_text(worker->arena, batch), BATCH_ATTEMPTS};
    const struct db_result *rows = db_link_run(worker->db, STMT(event_try), params);

    if (!rows)
        return false;
    batch->n = db_result_rows(rows);
    for (size_t i = 0; i < batch->n; i++)
        batch->ids[i] = arena_cstr(worker->arena, db_result_text(rows, i, "id"));
    return true;
}

static bool note_failure(struct worker *worker, const struct consumer_opts *opts, const char *id,
                         const char *why)
{
    const char *params[] = {opts->name, id, why, BATCH_ATTEMPTS};
    const struct db_result *rows = db_link_run(worker->db, STMT(event_fail), params);

    if (!rows)
        return false;
    metric_add(metric_of(&failures_spec, opts), 1);
    if (sv_eq(db_result_text(rows, 0, "is_dead"), SV("t")))
        log_error("an event is a dead letter", F_STR("event", id), F_STR("why", why));
    else
        log_warn("an event could not be handled", F_STR("event", id), F_STR("why", why));
    return true;
}

/* Of which an attempt is noted already. */
static bool handle_noted(struct worker *worker, const struct consumer_opts *opts, const char *id)
{
    struct batch one = {.ids = {id}, .n = 1};
    const char *why = NULL;

    switch (try_all(worker, opts, &one, &why)) {
    case OUTCOME_DONE:
        return true;
    case OUTCOME_FAILED:
        return note_failure(worker, opts, id, why);
    case OUTCOME_LATER:
        return false;
    }
    return false;
}

bool batch_handle_each(struct worker *worker, const struct consumer_opts *opts,
                       const struct batch *batch)
{
    for (size_t i = 0; i < batch->n; i++) {
        struct batch one = {.ids = {batch->ids[i]}, .n = 1};

        if (!note(worker, opts, &one) || (one.n && !handle_noted(worker, opts, batch->ids[i])))
            return false;
    }
    return true;
}

bool batch_handle(struct worker *worker, const struct consumer_opts *opts,
                  const struct batch *batch)
{
    const char *why = NULL;

    if (batch->n == 0)
        return true;
    switch (try_all(worker, opts, batch, &why)) {
    case OUTCOME_DONE:
        return true;
    case OUTCOME_FAILED:
        return batch_handle_each(worker, opts, batch);
    case OUTCOME_LATER:
        return false;
    }
    return false;
}

bool batch_handle_noted(struct worker *worker, const struct consumer_opts *opts,
                        const struct batch *batch)
{
    struct batch noted = *batch;
    const char *why = NULL;

    if (batch->n == 0)
        return true;
    if (!note(worker, opts, &noted))
        return false;
    switch (noted.n ? try_all(worker, opts, &noted, &why) : OUTCOME_DONE) {
    case OUTCOME_DONE:
        return true;
    case OUTCOME_LATER:
        return false;
    case OUTCOME_FAILED:
        break;
    }
    for (size_t i = 0; i < noted.n; i++) {
        if (!handle_noted(worker, opts, noted.ids[i]))
            return false;
    }
    return true;
}
