/* PostgreSQL for a process with an event loop: a small pool of connections in pipeline mode.
 *
 * Work is handed over in units. A unit is some statements and one Sync: one round trip, and one
 * implicit transaction in which all of them happen or none. Units of many requests share a
 * connection, one behind the other; there is never a BEGIN. What waits is bounded: past the limits
 * a unit is refused at once, and the caller says 503.
 *
 * A unit's end is told exactly once, on the loop, never within db_submit(). When a connection dies,
 * what had not been sent is queued again; what had been sent is DB_LOST, for it may have happened,
 * and only a unit that says may_repeat is sent again, once, on another connection. */
#ifndef KITH_DB_DB_H
#define KITH_DB_DB_H

#include "base/arena.h"
#include "db/statement.h"
#include "loop/loop.h"

#define DB_UNIT_STATEMENTS 12

enum db_outcome {
    DB_PENDING,
    DB_DONE,        /* committed; the results are there */
    DB_REFUSED,     /* the server said no and rolled back: see error */
    DB_OVERLOADED,  /* too much waits already */
    DB_TOO_LATE,    /* the deadline passed before it was sent, or while it ran: it may happen yet */
    DB_UNAVAILABLE, /* no connection; nothing was sent */
    DB_LOST,        /* sent, and then the connection died: it may have happened */
};

struct db_error {
    char sqlstate[6];
    const char *message;    /* for the log; may hold data: never for a client */
    const char *constraint; /* its name, or NULL */
    const char *detail;     /* of ours (KI…): for the client; NULL: none */
    const char *column;     /* likewise: the field that is at fault */
    size_t statement;       /* which of the unit's */
    size_t position;        /* in the statement's text, in characters from 1; 0: not known */
};

struct db_unit;

/* Everything of the unit is in the arena, which must live until done() returns. */
struct db_unit *db_unit_new(struct arena *arena);

/* Adds a statement with its text parameters (NULL is SQL's NULL), which must live as long as the
 * arena. Its index comes back. */
size_t db_unit_add(struct db_unit *unit, const struct db_statement *statement,
                   const char *const *params, size_t param_count);

/* Says that sending it twice does no harm: it only reads, or its idempotency key sees to it. */
void db_unit_may_repeat(struct db_unit *unit);

struct db_pool;

/* Hands the unit over; the deadline counts from now. done() is called once, from the loop, never
 * within db_submit(); it may submit again, but not free the pool. The arena may go from within
 * done() on, not before. */
void db_submit(struct db_pool *pool, struct db_unit *unit, int64_t deadline_ms,
               void (*done)(struct db_unit *unit, void *arg), void *arg);

enum db_outcome db_unit_outcome(const struct db_unit *unit);
const struct db_error *db_unit_error(const struct db_unit *unit); /* with DB_REFUSED */

/* Results of a DB_DONE unit. Texts point into the result and live as long as the arena. An unknown
 * column is a bug. A NULL value gives is_null and the empty view. */
size_t db_row_count(const struct db_unit *unit, size_t statement);
struct sv db_text(const struct db_unit *unit, size_t statement, size_t row, const char *column);
bool db_is_null(const struct db_unit *unit, size_t statement, size_t row, const char *column);
int64_t db_int(const struct db_unit *unit, size_t statement, size_t row, const char *column);
bool db_bool(const struct db_unit *unit, size_t statement, size_t row, const char *column);

struct db_opts {
    const char *url; /* libpq's URI; the user in it is the role */
    const char *application_name;
    size_t connections; /* default 4 */
    size_t in_flight;   /* units on one connection at once; default 8 */
    size_t waiting;     /* units in the queue; default 256 */
    int64_t connect_ms; /* default 5000; before it as long for the host's name */
    int64_t stuck_ms;   /* a unit this long past its deadline costs the connection; default 5000 */
    int64_t backoff_first_ms;     /* default 100, doubled with jitter up to … */
    int64_t backoff_most_ms;      /* default 5000 */
    int64_t lock_timeout_ms;      /* default 250 */
    int64_t statement_timeout_ms; /* default 30000; the unit's own deadline is usually nearer */
};

/* Zero members take their defaults. After a fork, in the child. Connecting begins at once, and goes
 * on for as long as the pool lives; nobody waits for the names of hosts but who connects. */
struct db_pool *db_pool_new(struct loop *loop, const struct db_opts *opts);

/* Fails what waits with DB_UNAVAILABLE, closes the connections; what was in flight is DB_LOST.
 * done() is called for each before this returns. */
void db_pool_free(struct db_pool *pool);

/* At least one connection can take units. */
bool db_pool_is_ready(const struct db_pool *pool);

struct db_stats {
    uint64_t ready;     /* connections */
    uint64_t in_flight; /* units */
    uint64_t waiting;   /* units */
    uint64_t units;     /* ended since the start, whatever the outcome */
    uint64_t refused;   /* DB_OVERLOADED */
    uint64_t lost;      /* DB_LOST */
    uint64_t connects;
};
struct db_stats db_pool_stats(const struct db_pool *pool);

#endif
