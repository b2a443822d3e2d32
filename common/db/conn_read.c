/* Answers on their way in. */
#include <string.h>

#include "base/fail.h"
#include "base/log.h"
#include "db/pool.h"
#include "db/result.h"

/* 26000: the server does not know the statement; 0A000: its result would have other columns than
 * when it was prepared, after a migration. */
static bool is_stale_error(const char *sqlstate)
{
    return strcmp(sqlstate, "26000") == 0 || strcmp(sqlstate, "0A000") == 0;
}

/* Only when it was prepared before the unit that met it: what was prepared again since is fresh. */
static void note_stale(struct db_conn *conn, const struct segment *segment)
{
    const struct db_unit *unit = segment->unit;
    uint64_t prepared_at =
        prepared_find(&conn->prepared, unit->calls[unit->error.statement].statement);

    if (!prepared_at || prepared_at > segment->sequence || conn->prepared.is_stale)
        return;
    conn->prepared.is_stale = true;
    log_warn("prepared statements are made anew", F_INT("number", conn->number),
             F_STR("sqlstate", unit->error.sqlstate));
}

static void unit_answered(struct db_conn *conn, const struct segment *segment)
{
    struct db_unit *unit = segment->unit;
    struct db_pool *pool = conn->pool;

    if (!unit)
        return;
    if (!unit->has_error) {
        pool_end(pool, unit, DB_DONE);
        return;
    }
    if (!unit->was_renewed && is_stale_error(unit->error.sqlstate)) {
        note_stale(conn, segment);
        unit->was_renewed = true;
        pool_queue_first(pool, unit);
        return;
    }
    pool_end(pool, unit, DB_REFUSED);
}

/* The Sync is answered: what it ended has happened, all of it or nothing. */
static void end_segment(struct db_conn *conn)
{
    struct segment *segment = db_conn_segment(conn, 0);

    conn->first = (conn->first + 1) % (conn->pool->opts.in_flight * UNIT_SEGMENTS);
    conn->segments--;
    if (segment->kind == SEGMENT_UNIT) {
        fail_point(FAIL_sync_after);
        conn->in_flight--;
        unit_answered(conn, segment);
    }
}

/* A preparation's error is its unit's. 42P05: there is one of that name, and nobody knows which. */
static void housekeeping_failed(struct db_conn *conn, const struct segment *segment,
                                const PGresult *result)
{
    const char *sqlstate = result_sqlstate(result);

    log_debug("housekeeping failed", F_INT("number", conn->number), F_STR("sqlstate", sqlstate));
    if (segment->kind == SEGMENT_PREPARE)
        prepared_remove(&conn->prepared, segment->sequence);
    if (segment->kind == SEGMENT_DEALLOCATE || strcmp(sqlstate, "42P05") == 0)
        conn->prepared.is_stale = true;
    if (segment->unit)
        unit_set_error(segment->unit, segment->statement, result);
}

/* An error after the last statement's result is of the commit: a deferred constraint. */
static void take_error(struct db_conn *conn, struct segment *segment, const PGresult *result)
{
    if (segment->kind != SEGMENT_UNIT)
        housekeeping_failed(conn, segment, result);
    else if (segment->unit)
        unit_set_error(segment->unit,
                       segment->answered < segment->expected ? segment->answered
                                                             : segment->expected - 1,
                       result);
}

/* Takes what has rows; the rest is cleared by the caller. */
static bool keep_rows(struct segment *segment, PGresult *result)
{
    if (segment->kind != SEGMENT_UNIT || !segment->unit)
        return false;
    segment->unit->results[segment->answered] = result;
    return true;
}

/* One result for each statement, its NULL, and then the Sync; or an error instead of the Sync. */
static bool is_in_step(const struct segment *segment, ExecStatusType status)
{
    if (segment->awaits_null)
        return false;
    if (status == PGRES_PIPELINE_SYNC)
        return segment->answered == segment->expected;
    return segment->answered < segment->expected || status == PGRES_FATAL_ERROR;
}

enum taken { TAKEN_KEPT, TAKEN_DONE, TAKEN_LAST };

/* TAKEN_LAST: the server has ended the session with this, or the answers are out of step. */
static enum taken take_result(struct db_conn *conn, struct segment *segment, PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    const char *severity;

    if (!is_in_step(segment, status))
        return TAKEN_LAST;
    segment->awaits_null = status != PGRES_PIPELINE_SYNC;
    switch (status) {
    case PGRES_TUPLES_OK:
        return keep_rows(segment, result) ? TAKEN_KEPT : TAKEN_DONE;
    case PGRES_COMMAND_OK:
    case PGRES_EMPTY_QUERY:
    case PGRES_PIPELINE_ABORTED:
        return TAKEN_DONE;
    case PGRES_FATAL_ERROR:
        severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
        if (!severity || strcmp(severity, "ERROR") != 0)
            return TAKEN_LAST;
        take_error(conn, segment, result);
        return TAKEN_DONE;
    case PGRES_PIPELINE_SYNC:
        end_segment(conn);
        return TAKEN_DONE;
    case PGRES_COPY_OUT:
    case PGRES_COPY_IN:
    case PGRES_COPY_BOTH:
    case PGRES_BAD_RESPONSE:
    case PGRES_NONFATAL_ERROR:
    case PGRES_SINGLE_TUPLE:
        break;
    }
    return TAKEN_LAST;
}

/* NULL ends a statement's results. Where none is expected libpq has nothing more to give. */
static bool take_null(struct segment *segment)
{
    if (!segment->awaits_null)
        return false;
    segment->awaits_null = false;
    if (segment->answered < segment->expected)
        segment->answered++;
    return true;
}

static const char *why_last(const PGresult *result)
{
    const char *message = PQresultErrorMessage(result);

    return message && message[0] ? message : "the server's answers are out of step";
}

static bool take_results(struct db_conn *conn)
{
    while (!PQisBusy(conn->pg) && conn->segments > 0) {
        PGresult *result = PQgetResult(conn->pg);
        enum taken taken;

        if (!result) {
            if (!take_null(db_conn_segment(conn, 0)))
                return false;
            continue;
        }
        taken = take_result(conn, db_conn_segment(conn, 0), result);
        if (taken == TAKEN_LAST)
            db_conn_break(conn, why_last(result));
        if (taken != TAKEN_KEPT)
            PQclear(result);
        if (taken == TAKEN_LAST)
            return false;
    }
    return true;
}

/* When reading fails, what was read before is still taken: units whose Sync is among it are done,
 * not lost. */
bool db_conn_read(struct db_conn *conn)
{
    bool is_alive = PQconsumeInput(conn->pg) != 0;
    bool is_whole = take_results(conn);

    pool_wake(conn->pool);
    if (conn->state != DB_CONN_READY)
        return false;
    if (is_alive && is_whole)
        return true;
    db_conn_break(conn,
                  is_alive ? "the server's answers are out of step" : PQerrorMessage(conn->pg));
    return false;
}
