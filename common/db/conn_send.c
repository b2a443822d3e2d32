/* Units on their way out. */
#include "base/fail.h"
#include "base/str.h"
#include "db/pool.h"

struct segment *db_conn_segment(const struct db_conn *conn, size_t nth)
{
    return &conn->ring[(conn->first + nth) % (conn->pool->opts.in_flight * UNIT_SEGMENTS)];
}

/* While a unit's last bytes are held back there is no room for another: so it is always known that
 * only the last one may not have left. */
bool db_conn_has_room(const struct db_conn *conn)
{
    return conn->state == DB_CONN_READY && !conn->is_flushing &&
           conn->in_flight < conn->pool->opts.in_flight;
}

/* Ends the segment of what was sent since the last one, and counts on its answers. Syncs push out
 * what they can by themselves (libpq 15 has no other). */
static bool end_segment(struct db_conn *conn, const struct segment *segment)
{
    struct segment *place = db_conn_segment(conn, conn->segments);

    if (segment->kind == SEGMENT_UNIT)
        fail_point(FAIL_sync_before);
    if (!PQpipelineSync(conn->pg))
        return false;
    ENSURE(conn->segments < conn->pool->opts.in_flight * UNIT_SEGMENTS);
    *place = *segment;
    place->sequence = ++conn->sequence;
    conn->segments++;
    if (segment->kind == SEGMENT_UNIT)
        conn->in_flight++;
    return true;
}

static bool send_deallocate(struct db_conn *conn, const struct db_unit *unit, const char *name)
{
    const struct segment segment = {
        .kind = SEGMENT_DEALLOCATE, .expected = 1, .deadline_at_ms = unit->deadline_at_ms};
    char sql[PREPARED_NAME + 32];
    struct str text;

    str_init_in(&text, sql, sizeof sql);
    if (name)
        str_addf(&text, "DEALLOCATE \"%s\"", name);
    else
        STR_ADD(&text, "DEALLOCATE ALL");
    return PQsendQueryParams(conn->pg, sql, 0, NULL, NULL, NULL, NULL, 0) &&
           end_segment(conn, &segment);
}

static bool send_prepare(struct db_conn *conn, struct db_unit *unit, size_t nth)
{
    const struct db_statement *statement = unit->calls[nth].statement;
    const struct segment segment = {.kind = SEGMENT_PREPARE,
                                    .unit = unit,
                                    .statement = nth,
                                    .expected = 1,
                                    .deadline_at_ms = unit->deadline_at_ms};
    char evicted[PREPARED_NAME];

    if (statement->is_assembled && prepared_evict(&conn->prepared, evicted) &&
        !send_deallocate(conn, unit, evicted))
        return false;
    if (!PQsendPrepare(conn->pg, statement->name, statement->text, 0, NULL) ||
        !end_segment(conn, &segment))
        return false;
    prepared_add(&conn->prepared, statement, conn->sequence);
    return true;
}

/* What the unit needs is prepared before it, each statement in a segment of its own. */
static bool send_preparations(struct db_conn *conn, struct db_unit *unit)
{
    if (conn->prepared.is_stale) {
        prepared_clear(&conn->prepared);
        if (!send_deallocate(conn, unit, NULL))
            return false;
    }
    for (size_t i = 0; i < unit->count; i++) {
        if (!prepared_find(&conn->prepared, unit->calls[i].statement) &&
            !send_prepare(conn, unit, i))
            return false;
    }
    return true;
}

static bool send_unit(struct db_conn *conn, struct db_unit *unit)
{
    const struct segment segment = {.kind = SEGMENT_UNIT,
                                    .unit = unit,
                                    .expected = unit->count,
                                    .deadline_at_ms = unit->deadline_at_ms};

    for (size_t i = 0; i < unit->count; i++) {
        const struct call *call = &unit->calls[i];

        if (!PQsendQueryPrepared(conn->pg, call->statement->name, (int)call->statement->param_count,
                                 call->params, NULL, NULL, 0))
            return false;
    }
    return end_segment(conn, &segment);
}

bool db_conn_flush(struct db_conn *conn)
{
    bool was_flushing = conn->is_flushing;
    int left = PQflush(conn->pg);

    if (left < 0) {
        db_conn_break(conn, PQerrorMessage(conn->pg));
        return false;
    }
    conn->is_flushing = left > 0;
    db_conn_watch(conn, conn->is_flushing ? EV_READ | EV_WRITE : EV_READ);
    if (was_flushing && !conn->is_flushing)
        pool_wake(conn->pool);
    return true;
}

bool db_conn_send(struct db_conn *conn, struct db_unit *unit)
{
    unit_begin_again(unit);
    unit->attempts++;
    if (send_preparations(conn, unit) && send_unit(conn, unit))
        return db_conn_flush(conn);
    if (unit->attempts < UNIT_ATTEMPTS)
        pool_queue_first(conn->pool, unit);
    else
        pool_end(conn->pool, unit, DB_UNAVAILABLE);
    db_conn_break(conn, PQerrorMessage(conn->pg));
    return false;
}
