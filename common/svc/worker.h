/* A worker: a program that does its work in a plain loop and may wait, for PostgreSQL, for Redis,
 * for a mail server. The parent holds the admin port and the metrics; each of its children runs
 *
 *     while (!stopping) { connect, if need be; delay = turn(); wait(delay); }
 *
 * A turn does a bounded piece of work and says after how many milliseconds there may be more, 0
 * when there is more now. What it had not committed when its process dies, another turn does again.
 */
#ifndef KITH_SVC_WORKER_H
#define KITH_SVC_WORKER_H

#include "base/arena.h"
#include "db/blocking.h"
#include "svc/service.h"

/* First member of a worker's configuration, which WORKER_CONFIG_TABLES fill. */
struct worker_config {
    struct service_config service;
    int64_t workers;
};

extern const struct config_row worker_config_rows[1];
#define WORKER_CONFIG_TABLES                       \
    SERVICE_CONFIG_TABLE,                          \
    {                                              \
        .rows = worker_config_rows, .row_count = 1 \
    }

struct worker {
    const struct worker_opts *opts;
    const struct worker_config *config;
    size_t slot;           /* of the child: 0 … */
    struct arena *arena;   /* of the turn; reset before the next one */
    struct db_link *db;    /* connected, when a turn begins */
    unsigned failed_turns; /* in a row */
    void *state;           /* the program's own */
};

struct worker_opts {
    const struct config_program *program;
    const char *admin_listen;     /* where KITH_ADMIN_LISTEN says nothing */
    struct worker_config *config; /* zeroed; of the program's own type */

    void (*register_metrics)(void);       /* before the fork; may be NULL */
    void (*begin)(struct worker *worker); /* in the child, before its first turn; may be NULL */
    int64_t (*turn)(struct worker *worker);
    void (*end)(struct worker *worker); /* after the last one; may be NULL */
};

/* Runs the program; its value is the exit status. */
int worker_main(const struct worker_opts *opts, int argc, char **argv);

/* SIGTERM has come: a long turn should come to its end. */
bool worker_is_stopping(void);

/* Waits so long, or until worker_is_stopping(). With an injected clock at most 50 ms at a time, as
 * that clock may jump. */
void worker_wait(int64_t delay_ms);

/* The injected clock's time, as a statement's parameter, in the turn's arena. */
const char *worker_now(struct worker *worker);

/* True when the statement went well; its result is db_link_run's. */
KITH_MUST_CHECK bool worker_exec(struct worker *worker, const struct db_statement *statement,
                                 const char *const *params);

KITH_MUST_CHECK bool worker_begin(struct worker *worker);  /* BEGIN */
KITH_MUST_CHECK bool worker_commit(struct worker *worker); /* COMMIT */

/* What a turn returns when the database refused: logs why, rolls back, and gives a delay that grows
 * with the failures in a row. Conflicts with other workers are no errors, and are tried again soon.
 */
int64_t worker_failed(struct worker *worker, const char *what);

/* Of what the database has just refused: it is the fault of what was asked, and comes back when
 * that is asked again. What would fail anywhere, now, or because somebody else is at it, says
 * nothing of it. Asked before worker_failed(). */
bool worker_failed_for_good(const struct worker *worker);

#endif
