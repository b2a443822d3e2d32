/* libpq and a server behind it. What a client sends is a row of operations; serving them makes a
 * row of results, which the client reads when they have arrived. */
#include "fake_pq.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/list.h"

#define NAME_BYTES 64

enum op_kind { OP_PREPARE, OP_EXECUTE, OP_QUERY, OP_SYNC };

struct op {
    struct list link;
    enum op_kind kind;
    char name[NAME_BYTES];
    char text[NAME_BYTES]; /* of PREPARE and QUERY */
    int id;                /* $1 */
};

struct pg_result {
    struct list link;
    ExecStatusType status;
    bool is_null; /* not a result but the NULL after one */
    char sqlstate[6];
    char severity[8];
    char constraint[NAME_BYTES];
    char value[16];
};

struct statement {
    struct list link;
    char name[NAME_BYTES];
    char text[NAME_BYTES];
    bool is_outdated;
};

struct pg_conn {
    size_t nth;
    int ours;   /* what the client polls */
    int theirs; /* a byte here makes it readable */
    ConnStatusType status;
    const char *step;
    struct list held;    /* operations that have not left */
    struct list sent;    /* operations that wait for the server */
    struct list answers; /* results that have not arrived */
    struct list arrived; /* results that can be read */
    struct list statements;
    int pending[NAME_BYTES]; /* effects of the segment at work */
    size_t pending_count;
    bool is_failed; /* the segment at work */
    char defer_state[6];
    bool is_blocked;
    bool flush_fails;
    bool read_fails;
    bool sends_fail;
    size_t sends_left;
    bool is_killed;
    bool told_dead;
};

static struct pg_conn *conns[FAKE_CONNECTIONS];
static size_t conn_count;
static const char *steps;
static char hosts[NAME_BYTES];
static char addresses[NAME_BYTES];
static size_t live_results;
static size_t prepares;
static int commits[FAKE_EFFECTS];
static size_t commit_count;
static int first_sends[FAKE_EFFECTS];
static size_t first_send_count;
static unsigned sent_times[FAKE_EFFECTS];

static struct pg_conn *at(size_t nth)
{
    ENSURE(nth < conn_count && conns[nth]);
    return conns[nth];
}

static void copy(char *out, size_t bytes, const char *text)
{
    snprintf(out, bytes, "%s", text);
}

static bool starts(const char *text, const char *word)
{
    return strncmp(text, word, strlen(word)) == 0;
}

/* ---- The server ------------------------------------------------------------------------------ */

static struct pg_result *answer(struct pg_conn *c, ExecStatusType status)
{
    struct pg_result *r = calloc(1, sizeof *r);

    live_results++;
    r->status = status;
    list_append(&c->answers, &r->link);
    return r;
}

static void answer_null(struct pg_conn *c)
{
    answer(c, PGRES_EMPTY_QUERY)->is_null = true;
}

static void answer_error(struct pg_conn *c, const char *severity, const char *state_and_name)
{
    struct pg_result *r = answer(c, PGRES_FATAL_ERROR);

    copy(r->severity, sizeof r->severity, severity);
    copy(r->sqlstate, sizeof r->sqlstate, state_and_name);
    if (strlen(state_and_name) > 6)
        copy(r->constraint, sizeof r->constraint, state_and_name + 6);
    c->is_failed = true;
}

static struct statement *find_statement(struct pg_conn *c, const char *name)
{
    LIST_FOREACH (link, &c->statements) {
        struct statement *s = CONTAINER_OF(link, struct statement, link);

        if (strcmp(s->name, name) == 0)
            return s;
    }
    return NULL;
}

static void drop_statements(struct pg_conn *c, const char *name)
{
    LIST_FOREACH_SAFE (link, after, &c->statements) {
        struct statement *s = CONTAINER_OF(link, struct statement, link);

        if (!name || strcmp(s->name, name) == 0) {
            list_remove(link);
            free(s);
        }
    }
}

static void prepare(struct pg_conn *c, const struct op *op)
{
    struct statement *s;

    if (find_statement(c, op->name)) {
        answer_error(c, "ERROR", "42P05");
        return;
    }
    if (starts(op->text, "wrong ")) {
        answer_error(c, "ERROR", op->text + 6);
        return;
    }
    s = calloc(1, sizeof *s);
    copy(s->name, sizeof s->name, op->name);
    copy(s->text, sizeof s->text, op->text);
    list_append(&c->statements, &s->link);
    prepares++;
    answer(c, PGRES_COMMAND_OK);
}

static void execute(struct pg_conn *c, const struct op *op)
{
    struct statement *s = find_statement(c, op->name);

    if (!s) {
        answer_error(c, "ERROR", "26000");
    } else if (s->is_outdated) {
        answer_error(c, "ERROR", "0A000");
    } else if (starts(s->text, "fail ")) {
        answer_error(c, "ERROR", s->text + 5);
    } else if (starts(s->text, "fatal ")) {
        answer_error(c, "FATAL", s->text + 6);
        c->is_killed = true;
    } else {
        struct pg_result *r =
            answer(c, starts(s->text, "row") ? PGRES_TUPLES_OK : PGRES_COMMAND_OK);

        if (starts(s->text, "defer "))
            copy(c->defer_state, sizeof c->defer_state, s->text + 6);
        snprintf(r->value, sizeof r->value, "%d", op->id);
        if (op->id > 0)
            c->pending[c->pending_count++] = op->id;
    }
}

static void deallocate(struct pg_conn *c, const char *sql)
{
    char name[NAME_BYTES];

    if (strcmp(sql, "DEALLOCATE ALL") == 0) {
        drop_statements(c, NULL);
    } else {
        ENSURE(sscanf(sql, "DEALLOCATE \"%63[^\"]\"", name) == 1);
        if (!find_statement(c, name)) {
            answer_error(c, "ERROR", "26000");
            return;
        }
        drop_statements(c, name);
    }
    answer(c, PGRES_COMMAND_OK);
}

static void commit(struct pg_conn *c)
{
    if (!c->is_failed && c->defer_state[0]) {
        answer_error(c, "ERROR", c->defer_state);
        answer_null(c);
    }
    for (size_t i = 0; i < c->pending_count && !c->is_failed; i++) {
        ENSURE(commit_count < FAKE_EFFECTS);
        commits[commit_count++] = c->pending[i];
    }
    c->pending_count = 0;
    c->defer_state[0] = '\0';
    c->is_failed = false;
    answer(c, PGRES_PIPELINE_SYNC);
}

static void serve_op(struct pg_conn *c, const struct op *op)
{
    if (op->kind == OP_SYNC) {
        commit(c);
        return;
    }
    if (c->is_failed) {
        answer(c, PGRES_PIPELINE_ABORTED);
    } else {
        switch (op->kind) {
        case OP_PREPARE:
            prepare(c, op);
            break;
        case OP_EXECUTE:
            execute(c, op);
            break;
        case OP_QUERY:
            deallocate(c, op->text);
            break;
        case OP_SYNC:
            break;
        }
    }
    answer_null(c);
}

/* Serves one segment; false when none is whole, or the session has ended. */
static bool serve_segment(struct pg_conn *c)
{
    bool is_whole = false;

    while (!is_whole && !c->is_killed && !list_is_empty(&c->sent)) {
        struct op *op = LIST_FIRST(&c->sent, op, link);

        list_remove(&op->link);
        serve_op(c, op);
        is_whole = op->kind == OP_SYNC;
        free(op);
    }
    return is_whole;
}

static void make_readable(struct pg_conn *c)
{
    ENSURE(write(c->theirs, "x", 1) == 1);
}

static void arrive(struct pg_conn *c, size_t most)
{
    for (size_t n = 0; n < most && !list_is_empty(&c->answers); n++) {
        list_move(&c->arrived, c->answers.next);
        while (!list_is_empty(&c->answers) && LIST_FIRST(&c->answers, pg_result, link)->is_null)
            list_move(&c->arrived, c->answers.next);
    }
    make_readable(c);
}

void fake_serve(size_t nth, size_t syncs)
{
    struct pg_conn *c = at(nth);

    for (size_t n = 0; n < syncs && serve_segment(c); n++) {
    }
    arrive(c, SIZE_MAX);
}

void fake_serve_all(void)
{
    for (size_t i = 0; i < conn_count; i++) {
        if (conns[i] && (!list_is_empty(&conns[i]->sent) || !list_is_empty(&conns[i]->answers)))
            fake_serve(i, SIZE_MAX);
    }
}

void fake_serve_partly(size_t nth, size_t results)
{
    struct pg_conn *c = at(nth);

    if (list_is_empty(&c->answers))
        serve_segment(c);
    arrive(c, results);
}

/* ---- What tests do to it --------------------------------------------------------------------- */

void fake_reset(void)
{
    steps = "wrso";
    hosts[0] = addresses[0] = '\0';
    conn_count = commit_count = first_send_count = prepares = live_results = 0;
    memset(sent_times, 0, sizeof sent_times);
    memset(conns, 0, sizeof conns);
}

void fake_free(void)
{
    for (size_t i = 0; i < conn_count; i++)
        ENSURE(!conns[i]);
    ENSURE(live_results == 0);
}

void fake_connecting(const char *next_steps)
{
    steps = next_steps;
}

size_t fake_connects(void)
{
    return conn_count;
}

void fake_hosts(const char *list)
{
    copy(hosts, sizeof hosts, list);
}

const char *fake_addresses(void)
{
    return addresses;
}

bool fake_is_open(size_t nth)
{
    return nth < conn_count && conns[nth] && conns[nth]->status == CONNECTION_OK;
}

size_t fake_syncs(size_t nth)
{
    size_t n = 0;

    LIST_FOREACH (link, &at(nth)->sent) {
        n += CONTAINER_OF(link, struct op, link)->kind == OP_SYNC;
    }
    return n;
}

size_t fake_prepared(size_t nth)
{
    size_t n = 0;

    LIST_FOREACH (link, &at(nth)->statements) {
        n++;
    }
    return n;
}

size_t fake_prepares(void)
{
    return prepares;
}

void fake_kill(size_t nth)
{
    at(nth)->is_killed = true;
    make_readable(at(nth));
}

void fake_fail_reading(size_t nth)
{
    at(nth)->read_fails = true;
    make_readable(at(nth));
}

static void release_held(struct pg_conn *c)
{
    while (!list_is_empty(&c->held))
        list_move(&c->sent, c->held.next);
}

void fake_block_writing(size_t nth, bool is_blocked)
{
    at(nth)->is_blocked = is_blocked;
}

void fake_fail_writing(size_t nth)
{
    at(nth)->flush_fails = true;
    make_readable(at(nth));
}

void fake_fail_sending(size_t nth, size_t after)
{
    at(nth)->sends_fail = true;
    at(nth)->sends_left = after;
}

void fake_extra_result(size_t nth)
{
    answer(at(nth), PGRES_COMMAND_OK);
    answer_null(at(nth));
}

void fake_forget_prepared(size_t nth)
{
    drop_statements(at(nth), NULL);
}

void fake_outdate_prepared(size_t nth)
{
    LIST_FOREACH (link, &at(nth)->statements) {
        CONTAINER_OF(link, struct statement, link)->is_outdated = true;
    }
}

size_t fake_commits(const int **out)
{
    *out = commits;
    return commit_count;
}

size_t fake_first_sends(const int **out)
{
    *out = first_sends;
    return first_send_count;
}

size_t fake_times_committed(int id)
{
    size_t n = 0;

    for (size_t i = 0; i < commit_count; i++)
        n += commits[i] == id;
    return n;
}

size_t fake_times_sent(int id)
{
    return sent_times[id];
}

/* ---- libpq: beginning and ending ------------------------------------------------------------- */

static void open_sockets(struct pg_conn *c)
{
    int pair[2];

    ENSURE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) == 0);
    c->ours = pair[0];
    c->theirs = pair[1];
}

PGconn *PQconnectStartParams(const char *const *keywords, const char *const *values, int expand)
{
    struct pg_conn *c = calloc(1, sizeof *c);

    (void)expand;
    for (size_t i = 0; keywords[i]; i++) {
        if (strcmp(keywords[i], "hostaddr") == 0)
            copy(addresses, sizeof addresses, values[i] ? values[i] : "");
    }
    ENSURE(conn_count < FAKE_CONNECTIONS);
    c->nth = conn_count;
    c->step = steps;
    c->status = *c->step == '.' ? CONNECTION_BAD : CONNECTION_STARTED;
    open_sockets(c);
    list_init(&c->held);
    list_init(&c->sent);
    list_init(&c->answers);
    list_init(&c->arrived);
    list_init(&c->statements);
    conns[conn_count++] = c;
    return c;
}

PostgresPollingStatusType PQconnectPoll(PGconn *c)
{
    char byte;

    while (read(c->ours, &byte, 1) == 1) {
    }
    switch (*c->step++) {
    case 'w':
        return PGRES_POLLING_WRITING;
    case 's': /* opened before the old one is closed, so that its number is another one */
    {
        int ours = c->ours;
        int theirs = c->theirs;

        open_sockets(c);
        close(ours);
        close(theirs);
        make_readable(c);
        return PGRES_POLLING_READING;
    }
    case 'r':
        make_readable(c);
        return PGRES_POLLING_READING;
    case 'o':
        c->status = CONNECTION_OK;
        return PGRES_POLLING_OK;
    case '-':
        c->step--;
        return PGRES_POLLING_READING;
    default:
        c->status = CONNECTION_BAD;
        return PGRES_POLLING_FAILED;
    }
}

static void free_results(struct list *results)
{
    while (!list_is_empty(results)) {
        struct pg_result *r = LIST_FIRST(results, pg_result, link);

        list_remove(&r->link);
        PQclear(r);
    }
}

static void free_ops(struct list *ops)
{
    while (!list_is_empty(ops)) {
        struct op *op = LIST_FIRST(ops, op, link);

        list_remove(&op->link);
        free(op);
    }
}

/* A server that has got the Sync works it off, whether or not somebody waits for the answer. */
void PQfinish(PGconn *c)
{
    if (!c)
        return;
    while (serve_segment(c)) {
    }
    free_results(&c->answers);
    free_results(&c->arrived);
    free_ops(&c->held);
    free_ops(&c->sent);
    drop_statements(c, NULL);
    close(c->ours);
    close(c->theirs);
    conns[c->nth] = NULL;
    free(c);
}

ConnStatusType PQstatus(const PGconn *c)
{
    return c->status;
}

int PQsocket(const PGconn *c)
{
    return c->ours;
}

int PQsetnonblocking(PGconn *c, int is_nonblocking)
{
    (void)c;
    (void)is_nonblocking;
    return 0;
}

int PQenterPipelineMode(PGconn *c)
{
    (void)c;
    return 1;
}

PQnoticeProcessor PQsetNoticeProcessor(PGconn *c, PQnoticeProcessor processor, void *arg)
{
    (void)c;
    (void)processor;
    (void)arg;
    return NULL;
}

char *PQerrorMessage(const PGconn *c)
{
    static char message[] = "the fake failed\nas it was told to\n";

    (void)c;
    return message;
}

PQconninfoOption *PQconninfoParse(const char *url, char **error)
{
    static char keyword[] = "host";
    static PQconninfoOption options[] = {{.keyword = keyword, .val = hosts}, {.keyword = NULL}};

    (void)url;
    (void)error;
    return options;
}

void PQconninfoFree(PQconninfoOption *options)
{
    (void)options;
}

/* ---- libpq: sending -------------------------------------------------------------------------- */

static bool may_send(struct pg_conn *c)
{
    if (!c->sends_fail)
        return true;
    if (c->sends_left > 0) {
        c->sends_left--;
        return true;
    }
    c->status = CONNECTION_BAD;
    return false;
}

static int add_op(struct pg_conn *c, enum op_kind kind, const char *name, const char *text, int id)
{
    struct op *op;

    if (!may_send(c))
        return 0;
    op = calloc(1, sizeof *op);
    op->kind = kind;
    op->id = id;
    copy(op->name, sizeof op->name, name);
    copy(op->text, sizeof op->text, text);
    list_append(&c->held, &op->link);
    return 1;
}

int PQsendPrepare(PGconn *c, const char *name, const char *text, int n, const Oid *types)
{
    (void)types;
    ENSURE(n == 0);
    return add_op(c, OP_PREPARE, name, text, 0);
}

int PQsendQueryPrepared(PGconn *c, const char *name, int n, const char *const *values,
                        const int *lengths, const int *formats, int result_format)
{
    int id = n > 0 ? (int)strtol(values[0], NULL, 10) : 0;

    (void)lengths;
    (void)formats;
    (void)result_format;
    if (!add_op(c, OP_EXECUTE, name, "", id))
        return 0;
    if (sent_times[id]++ == 0)
        first_sends[first_send_count++] = id;
    return 1;
}

int PQsendQueryParams(PGconn *c, const char *sql, int n, const Oid *types,
                      const char *const *values, const int *lengths, const int *formats,
                      int result_format)
{
    (void)types;
    (void)values;
    (void)lengths;
    (void)formats;
    (void)result_format;
    ENSURE(n == 0);
    return add_op(c, OP_QUERY, "", sql, 0);
}

int PQpipelineSync(PGconn *c)
{
    if (!add_op(c, OP_SYNC, "", "", 0))
        return 0;
    if (!c->is_blocked && !c->flush_fails)
        release_held(c);
    return 1;
}

int PQflush(PGconn *c)
{
    if (c->flush_fails)
        return -1;
    if (c->is_blocked)
        return list_is_empty(&c->held) ? 0 : 1;
    release_held(c);
    return 0;
}

/* ---- libpq: reading -------------------------------------------------------------------------- */

int PQconsumeInput(PGconn *c)
{
    char byte;

    while (read(c->ours, &byte, 1) == 1) {
    }
    if (c->read_fails || (c->is_killed && list_is_empty(&c->arrived)))
        c->status = CONNECTION_BAD;
    return c->status == CONNECTION_OK;
}

/* What is killed closes behind its last answer: that makes the socket readable once more. */
int PQisBusy(PGconn *c)
{
    if (list_is_empty(&c->arrived) && c->is_killed)
        make_readable(c);
    return list_is_empty(&c->arrived) && c->status == CONNECTION_OK;
}

PGresult *PQgetResult(PGconn *c)
{
    struct pg_result *r = LIST_FIRST(&c->arrived, pg_result, link);

    if (!r) {
        ENSURE(c->status != CONNECTION_OK); /* the real one would wait */
        if (c->told_dead)
            return NULL;
        c->told_dead = true;
        r = answer(c, PGRES_FATAL_ERROR);
        list_remove(&r->link);
        return r;
    }
    list_remove(&r->link);
    if (!r->is_null)
        return r;
    PQclear(r);
    return NULL;
}

/* ---- libpq: results -------------------------------------------------------------------------- */

void PQclear(PGresult *r)
{
    if (!r)
        return;
    live_results--;
    free(r);
}

ExecStatusType PQresultStatus(const PGresult *r)
{
    return r ? r->status : PGRES_FATAL_ERROR;
}

/* A place for each field, as the real ones live as long as their result. */
char *PQresultErrorField(const PGresult *r, int field)
{
    static char state[NAME_BYTES];
    static char severity[NAME_BYTES];
    static char constraint[NAME_BYTES];
    char *text = NULL;

    if (field == PG_DIAG_SQLSTATE)
        copy(text = state, sizeof state, r->sqlstate);
    else if (field == PG_DIAG_SEVERITY_NONLOCALIZED)
        copy(text = severity, sizeof severity, r->severity);
    else if (field == PG_DIAG_CONSTRAINT_NAME)
        copy(text = constraint, sizeof constraint, r->constraint);
    return text && text[0] ? text : NULL;
}

char *PQresultErrorMessage(const PGresult *r)
{
    static char text[] = "the fake refused\n";

    (void)r;
    return text;
}

int PQntuples(const PGresult *r)
{
    return r->status == PGRES_TUPLES_OK;
}

int PQfnumber(const PGresult *r, const char *column)
{
    (void)r;
    return strcmp(column, "n") == 0 ? 0 : -1;
}

char *PQgetvalue(const PGresult *r, int row, int column)
{
    static char text[16];

    (void)row;
    (void)column;
    copy(text, sizeof text, r->value);
    return text;
}

int PQgetlength(const PGresult *r, int row, int column)
{
    (void)row;
    (void)column;
    return (int)strlen(r->value);
}

int PQgetisnull(const PGresult *r, int row, int column)
{
    (void)r;
    (void)row;
    (void)column;
    return 0;
}
