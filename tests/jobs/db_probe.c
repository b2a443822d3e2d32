/* The pool, driven by lines: db_probe URI CONNECTIONS IN_FLIGHT
 *
 * A line on standard input is a unit: "ID DEADLINE_MS REPEAT STATEMENT PARAMETER …", REPEAT 0 or 1,
 * the statements by their names below. Each end is a line on standard output: "ID OUTCOME VALUE",
 * and for a refused one "ID refused SQLSTATE CONSTRAINT STATEMENT". It ends when its input has and
 * no unit is left. "blocking" in the place of the numbers: the same through a db_link. */
#include <event2/buffer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "db/blocking.h"
#include "db/db.h"

#define LINE_BYTES 1024

static const struct db_statement statements[] = {
    {"insert", "INSERT INTO effect (id) VALUES ($1::int)", 1, DB_EXEC, false},
    {"child", "INSERT INTO child (parent) VALUES ($1::int)", 1, DB_EXEC, false},
    {"echo", "SELECT $1::text AS value", 1, DB_ONE, false},
    {"all", "SELECT * FROM wide WHERE value = $1", 1, DB_MANY, false},
    {"sleep", "SELECT pg_sleep($1::float8)::text AS value", 1, DB_ONE, false},
    {"divide", "SELECT (1 / $1::int)::text AS value", 1, DB_ONE, false},
    {"broken", "SELECT nothing FROM nowhere WHERE id = $1", 1, DB_ONE, false},
};

static const char *const outcome_names[] = {
    [DB_PENDING] = "pending",   [DB_DONE] = "done",
    [DB_REFUSED] = "refused",   [DB_OVERLOADED] = "overloaded",
    [DB_TOO_LATE] = "too_late", [DB_UNAVAILABLE] = "unavailable",
    [DB_LOST] = "lost",
};

struct job {
    struct arena *arena;
    const char *id;
    int64_t deadline_ms;
    struct db_unit *unit;
    size_t count;
    const struct db_statement *statements[DB_UNIT_STATEMENTS];
    const char *params[DB_UNIT_STATEMENTS];
};

static struct loop *loop;
static struct db_pool *pool;
static struct evbuffer *input;
static size_t unit_count;
static bool is_over;

static const struct db_statement *statement_named(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(statements); i++) {
        if (strcmp(statements[i].name, name) == 0)
            return &statements[i];
    }
    die("no statement %s", name);
}

static const char *word(struct arena *arena, struct sv *rest)
{
    struct sv one = SV_NONE;

    if (!sv_split(rest, ' ', &one))
        die("a line is too short");
    return arena_cstr(arena, one);
}

static struct job *job_new(const char *line)
{
    struct arena *arena = arena_new(KB(64));
    struct job *job = ARENA_NEW(arena, job);
    struct sv rest = sv_of(line);

    job->arena = arena;
    job->id = word(arena, &rest);
    job->deadline_ms = strtoll(word(arena, &rest), NULL, 10);
    job->unit = db_unit_new(arena);
    if (strcmp(word(arena, &rest), "1") == 0)
        db_unit_may_repeat(job->unit);
    while (rest.p) {
        ENSURE(job->count < DB_UNIT_STATEMENTS);
        job->statements[job->count] = statement_named(word(arena, &rest));
        job->params[job->count] = word(arena, &rest);
        job->count++;
    }
    return job;
}

static void print_error(const struct job *job, const struct db_error *error)
{
    printf("%s refused %s %s %zu\n", job->id, error->sqlstate[0] ? error->sqlstate : "-",
           error->constraint ? error->constraint : "-", error->statement);
}

static void done(struct db_unit *unit, void *arg)
{
    struct job *job = arg;
    enum db_outcome outcome = db_unit_outcome(unit);
    size_t last = job->count - 1;

    if (outcome == DB_REFUSED)
        print_error(job, db_unit_error(unit));
    else if (outcome == DB_DONE && db_row_count(unit, last) > 0)
        printf("%s done %.*s\n", job->id, SV_ARG(db_text(unit, last, 0, "value")));
    else
        printf("%s %s\n", job->id, outcome_names[outcome]);
    arena_free(job->arena);
    if (--unit_count == 0 && is_over)
        loop_stop(loop);
}

static void submit(struct job *job)
{
    for (size_t i = 0; i < job->count; i++)
        db_unit_add(job->unit, job->statements[i], &job->params[i], 1);
    unit_count++;
    db_submit(pool, job->unit, job->deadline_ms, done, job);
}

static void on_input(evutil_socket_t fd, short what, void *arg)
{
    struct event *event = arg;
    int n = evbuffer_read(input, fd, -1);
    char *line;

    (void)what;
    while ((line = evbuffer_readln(input, NULL, EVBUFFER_EOL_LF)) != NULL) {
        submit(job_new(line));
        free(line);
    }
    if (n > 0)
        return;
    event_del(event);
    is_over = true;
    if (unit_count == 0)
        loop_stop(loop);
}

static void run_pool(const char *uri, size_t connections, size_t in_flight)
{
    struct db_stats stats;
    struct event *event;

    loop = loop_new();
    input = evbuffer_new();
    pool = db_pool_new(loop, &(struct db_opts){.url = uri,
                                               .application_name = "db_probe",
                                               .connections = connections,
                                               .in_flight = in_flight,
                                               .waiting = 100000,
                                               .backoff_most_ms = 200});
    event = event_new(loop_base(loop), STDIN_FILENO, EV_READ | EV_PERSIST, on_input,
                      event_self_cbarg());
    event_add(event, NULL);
    loop_run(loop);
    stats = db_pool_stats(pool);
    printf("end units=%zu connects=%zu\n", (size_t)stats.units, (size_t)stats.connects);
    event_free(event);
    evbuffer_free(input);
    db_pool_free(pool);
    loop_free(loop);
}

/* Each line is a transaction. */
static void run_blocking(const char *uri)
{
    struct arena *arena = arena_new(KB(64));
    const char *why = NULL;
    struct db_link *link = db_link_open(arena, uri, "db_probe", 2000, &why);
    char line[LINE_BYTES];

    if (!link)
        printf("no connection: %s\n", why);
    while (link && fgets(line, sizeof line, stdin)) {
        struct job *job;
        const struct db_result *result = NULL;
        bool is_good;

        line[strcspn(line, "\n")] = '\0';
        job = job_new(line);
        is_good = db_link_script(link, "BEGIN");
        for (size_t i = 0; i < job->count && is_good; i++) {
            result = db_link_run(link, job->statements[i], &job->params[i]);
            is_good = result != NULL;
        }
        if (result && db_result_rows(result) > 0)
            printf("%s done %.*s\n", job->id, SV_ARG(db_result_text(result, 0, "value")));
        else if (result && db_link_script(link, "COMMIT"))
            printf("%s done\n", job->id);
        else if (db_link_is_lost(link))
            printf("%s lost\n", job->id);
        else
            print_error(job, db_link_error(link));
        if (!db_link_is_lost(link) && !db_link_script(link, "ROLLBACK"))
            printf("%s lost at its end\n", job->id);
        arena_free(job->arena);
    }
    db_link_close(link);
    arena_free(arena);
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    log_start("db_probe", LOG_TEXT, LOG_INFO);
    if (argc == 3 && strcmp(argv[2], "blocking") == 0)
        run_blocking(argv[1]);
    else if (argc == 4)
        run_pool(argv[1], strtoul(argv[2], NULL, 10), strtoul(argv[3], NULL, 10));
    else
        die("db_probe URI CONNECTIONS IN_FLIGHT | db_probe URI blocking");
    return 0;
}
