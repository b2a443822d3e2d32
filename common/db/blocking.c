/* PostgreSQL for programs that may wait: one connection, one statement after the other. */
#include "db/blocking.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "base/fail.h"
#include "base/str.h"
#include "db/prepare.h"
#include "db/result.h"
#include "db/start.h"

#define LINK_MAGIC       0xdb114b00u
#define LINK_ARENA_BYTES KB(64)

struct db_result {
    PGresult *rows;
};

struct db_link {
    unsigned magic;
    PGconn *pg;
    struct arena *arena; /* of the last call: its error */
    struct db_result result;
    struct db_error error;
    struct prepared_set prepared;
    uint64_t sequence;
};

/* ---- Opening --------------------------------------------------------------------------------- */

/* False when the time is over. */
static bool wait_for(PGconn *pg, short what, int64_t until_ms)
{
    struct pollfd fd = {.fd = PQsocket(pg), .events = what};
    int64_t left_ms;
    int n;

    do {
        left_ms = until_ms - clock_mono_ms();
        n = left_ms > 0 ? poll(&fd, 1, (int)(left_ms < 60000 ? left_ms : 60000)) : 0;
    } while (left_ms > 0 && (n == 0 || (n < 0 && errno == EINTR)));
    return n > 0;
}

/* NULL when it is connected, or why not. libpq wants to write first. */
static const char *connect_within(PGconn *pg, int64_t connect_ms)
{
    int64_t until_ms = clock_mono_ms() + connect_ms;
    PostgresPollingStatusType next = PGRES_POLLING_WRITING;

    if (PQstatus(pg) == CONNECTION_BAD)
        return PQerrorMessage(pg);
    while (next != PGRES_POLLING_OK) {
        if (next == PGRES_POLLING_FAILED)
            return PQerrorMessage(pg);
        if (!wait_for(pg, next == PGRES_POLLING_READING ? POLLIN : POLLOUT, until_ms))
            return "connecting took too long";
        next = PQconnectPoll(pg);
    }
    return PQsetnonblocking(pg, 0) == 0 ? NULL : PQerrorMessage(pg);
}

struct db_link *db_link_open(struct arena *arena, const char *url, const char *application_name,
                             int64_t connect_ms, const char **why)
{
    struct start_opts opts = {.url = url, .application_name = application_name};
    PGconn *pg = start_connection(&opts);
    const char *failure = connect_within(pg, connect_ms);
    struct db_link *link;

    if (failure) {
        *why = arena_cstr(arena, result_first_line(failure));
        PQfinish(pg);
        return NULL;
    }
    link = x_calloc(1, sizeof *link);
    link->magic = LINK_MAGIC;
    link->pg = pg;
    link->arena = arena_new(LINK_ARENA_BYTES);
    prepared_init(&link->prepared);
    return link;
}

void db_link_close(struct db_link *link)
{
    if (!link)
        return;
    OBJ_CAST(db_link, LINK_MAGIC, link);
    PQclear(link->result.rows);
    PQfinish(link->pg);
    prepared_clear(&link->prepared);
    arena_free(link->arena);
    link->magic = 0;
    x_free(link);
}

/* ---- Running --------------------------------------------------------------------------------- */

/* What the last call left is gone with the next. */
static void begin_call(struct db_link *link)
{
    PQclear(link->result.rows);
    link->result.rows = NULL;
    arena_reset(link->arena);
    memset(&link->error, 0, sizeof link->error);
}

/* Takes the result; without one libpq was out of memory or the connection is gone. */
static bool take(struct db_link *link, PGresult *rows)
{
    ExecStatusType status = PQresultStatus(rows);

    PQclear(link->result.rows);
    link->result.rows = rows;
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY)
        return true;
    result_error(link->arena, rows, &link->error);
    if (!link->error.message[0])
        link->error.message = arena_cstr(link->arena, result_first_line(PQerrorMessage(link->pg)));
    if (db_link_is_lost(link))
        link->error.sqlstate[0] = '\0';
    return false;
}

bool db_link_script(struct db_link *link, const char *sql)
{
    begin_call(link);
    return take(link, PQexec(link->pg, sql));
}

/* Within a transaction that has failed the server deallocates nothing: then the next time. */
static bool make_room(struct db_link *link, const struct db_statement *statement)
{
    char sql[PREPARED_NAME + 32];
    char evicted[PREPARED_NAME];
    struct str text;

    if (link->prepared.is_stale) {
        if (!take(link, PQexec(link->pg, "DEALLOCATE ALL")))
            return false;
        prepared_clear(&link->prepared);
    }
    if (!statement->is_assembled || !prepared_evict(&link->prepared, evicted))
        return true;
    str_init_in(&text, sql, sizeof sql);
    str_addf(&text, "DEALLOCATE \"%s\"", evicted);
    if (take(link, PQexec(link->pg, sql)))
        return true;
    link->prepared.is_stale = true;
    return false;
}

static bool prepare(struct db_link *link, const struct db_statement *statement)
{
    if (!link->prepared.is_stale && prepared_find(&link->prepared, statement))
        return true;
    if (!make_room(link, statement) ||
        !take(link, PQprepare(link->pg, statement->name, statement->text, 0, NULL)))
        return false;
    prepared_add(&link->prepared, statement, ++link->sequence);
    return true;
}

static bool run(struct db_link *link, const struct db_statement *statement,
                const char *const *params)
{
    return prepare(link, statement) &&
           take(link, PQexecPrepared(link->pg, statement->name, (int)statement->param_count, params,
                                     NULL, NULL, 0));
}

/* The server has lost the statement, or a migration has changed its columns. Outside of a
 * transaction that is mended here; within one it has failed, and the next one finds it mended. */
static bool is_mendable(struct db_link *link)
{
    const char *sqlstate = link->error.sqlstate;

    if (strcmp(sqlstate, "26000") != 0 && strcmp(sqlstate, "0A000") != 0)
        return false;
    link->prepared.is_stale = true;
    return PQtransactionStatus(link->pg) == PQTRANS_IDLE;
}

const struct db_result *db_link_run(struct db_link *link, const struct db_statement *statement,
                                    const char *const *params)
{
    bool is_transaction = PQtransactionStatus(link->pg) == PQTRANS_IDLE;
    bool is_done;

    begin_call(link);
    if (is_transaction)
        fail_point(FAIL_statement_before);
    is_done = run(link, statement, params);
    if (is_transaction)
        fail_point(FAIL_statement_after);
    if (is_done)
        return &link->result;
    if (!is_mendable(link))
        return NULL;
    begin_call(link);
    return run(link, statement, params) ? &link->result : NULL;
}

void db_link_forget(struct db_link *link)
{
    begin_call(link);
}

/* The parts are quoted by libpq, as ALTER ROLE takes no parameters. */
bool db_link_set_password(struct db_link *link, const char *role, const char *password)
{
    char *verifier = PQencryptPasswordConn(link->pg, password, role, "scram-sha-256");
    char *literal = verifier ? PQescapeLiteral(link->pg, verifier, strlen(verifier)) : NULL;
    char *name = PQescapeIdentifier(link->pg, role, strlen(role));
    struct str sql;
    bool good;

    if (!literal || !name)
        die("libpq makes no verifier of a password");
    str_init(&sql, KB(4));
    str_addf(&sql, "ALTER ROLE %s PASSWORD %s", name, literal);
    PQfreemem(verifier);
    PQfreemem(literal);
    PQfreemem(name);
    good = db_link_script(link, str_cstr(&sql));
    str_fini(&sql);
    return good;
}

const struct db_error *db_link_error(const struct db_link *link)
{
    return &link->error;
}

bool db_link_is_lost(const struct db_link *link)
{
    return PQstatus(link->pg) == CONNECTION_BAD;
}

/* ---- Reading --------------------------------------------------------------------------------- */

size_t db_result_rows(const struct db_result *result)
{
    return result_rows(result->rows);
}

struct sv db_result_text(const struct db_result *result, size_t row, const char *column)
{
    return result_text(result->rows, row, column);
}

bool db_result_is_null(const struct db_result *result, size_t row, const char *column)
{
    return result_is_null(result->rows, row, column);
}

int64_t db_result_int(const struct db_result *result, size_t row, const char *column)
{
    return result_int(result->rows, row, column);
}
