/* Inside of the pool: connections, segments and prepared statements, for the files of this folder
 * only.
 *
 * What goes out on a connection is a row of segments, each ended by a Sync of its own: units, and
 * the housekeeping before them (PREPARE, DEALLOCATE), one statement a segment, so that no error of
 * a unit can leave a preparation in doubt. The server answers segments in order: each statement's
 * result and then NULL, and at last PIPELINE_SYNC without NULL. A ring of segments counts along;
 * anything else than what it expects costs the connection.
 *
 * A segment does not own its unit: when the unit's end was told before its answer (DB_TOO_LATE),
 * the segment forgets the unit and drops what comes. */
#ifndef KITH_DB_POOL_H
#define KITH_DB_POOL_H

#include <libpq-fe.h>

#include "base/list.h"
#include "db/db.h"
#include "db/places.h"
#include "db/prepare.h"

#define POOL_MAGIC    0xdb900100u
#define DB_CONN_MAGIC 0xdbc04400u
#define UNIT_MAGIC    0xdb041700u

/* A unit that could not be sent whole this often is given up: the fault may be its own. */
#define UNIT_ATTEMPTS 3

/* For each unit, for each of its statements: DEALLOCATE another, PREPARE it; the unit itself; and
 * once DEALLOCATE ALL. */
#define UNIT_SEGMENTS (2 * DB_UNIT_STATEMENTS + 2)

struct call {
    const struct db_statement *statement;
    const char *const *params;
};

struct db_unit {
    unsigned magic;
    struct list link; /* in pool->waiting or pool->ended */
    struct arena *arena;
    enum db_outcome outcome;
    struct db_error error;
    bool has_error; /* in this sending; the first one counts */
    bool may_repeat;
    bool was_lost;    /* sent a second time because the first one's fate is unknown */
    bool was_renewed; /* sent a second time because its statements had to be prepared again */
    unsigned attempts;
    int64_t deadline_at_ms;
    void (*done)(struct db_unit *unit, void *arg);
    void *arg;
    size_t count;
    struct call calls[DB_UNIT_STATEMENTS];
    PGresult *results[DB_UNIT_STATEMENTS]; /* those with rows; cleared with the arena */
};

enum segment_kind { SEGMENT_UNIT, SEGMENT_PREPARE, SEGMENT_DEALLOCATE };

struct segment {
    enum segment_kind kind;
    struct db_unit *unit; /* NULL: nobody waits for it any more */
    size_t statement;     /* of a PREPARE: which of the unit's */
    size_t expected;      /* results before the Sync */
    size_t answered;
    bool awaits_null; /* the NULL after the last result has not come */
    uint64_t sequence;
    int64_t deadline_at_ms;
};

enum db_conn_state {
    DB_CONN_DOWN,       /* no connection; the timer begins the next attempt */
    DB_CONN_RESOLVING,  /* the hosts' names */
    DB_CONN_CONNECTING, /* the timer gives it up */
    DB_CONN_READY,      /* in pipeline mode */
};

struct db_conn {
    unsigned magic;
    struct db_pool *pool;
    size_t number; /* from 1, for the log */
    enum db_conn_state state;
    PGconn *pg; /* NULL when DOWN or RESOLVING */
    struct event *event;
    short watched;
    struct timer timer;
    unsigned failures; /* attempts since it was last READY */
    struct names_asker asker;
    size_t first_place; /* to be tried; those before it let us wait too long */

    struct segment *ring;
    size_t first;
    size_t segments;
    size_t in_flight; /* segments that are units */
    uint64_t sequence;
    bool is_flushing; /* the last bytes of the last segment have not left */
    struct prepared_set prepared;
};

struct db_pool {
    unsigned magic;
    struct loop *loop;
    struct db_opts opts;
    char *url;
    char *application_name;
    struct arena *arena; /* of the places' texts */
    struct places places;
    struct names *names;
    struct db_conn *conns;
    struct list waiting; /* units, in the order of their submission */
    size_t waiting_count;
    struct list ended; /* units whose done() is to be called */
    struct timer deadline;
    int64_t timer_at_ms; /* what the timer is armed for, 0: nothing */
    bool is_woken;       /* on_turn_end will come */
    bool is_telling;     /* done() is on the stack */
    bool is_closing;
    struct db_stats stats; /* the counters; the gauges are made when asked for */
};

/* pool.c */
void pool_wake(struct db_pool *pool);
void pool_tell(struct db_pool *pool);
void pool_queue_first(struct db_pool *pool, struct db_unit *unit);
void pool_end(struct db_pool *pool, struct db_unit *unit, enum db_outcome outcome);

/* conn.c: life */
void db_conn_init(struct db_conn *conn, struct db_pool *pool, size_t number);
void db_conn_fini(struct db_conn *conn);
void db_conn_break(struct db_conn *conn, const char *why);

/* db_conn_send.c: out. False: the connection is broken. A unit that was not sent whole is back in
 * the queue, unless it was given up. */
bool db_conn_has_room(const struct db_conn *conn);
bool db_conn_send(struct db_conn *conn, struct db_unit *unit);
bool db_conn_flush(struct db_conn *conn);
struct segment *db_conn_segment(const struct db_conn *conn, size_t nth);

/* db_conn_read.c: in. False: the connection is broken, or must be. */
bool db_conn_read(struct db_conn *conn);

/* db_conn_watch: which of EV_READ and EV_WRITE on_socket is called for; 0: none. */
void db_conn_watch(struct db_conn *conn, short what);

/* unit.c */
void unit_begin_again(struct db_unit *unit);
void unit_set_error(struct db_unit *unit, size_t statement, const PGresult *result);

#endif
