/* The family of processes of a worker, and the loop of each child. */
#include "svc/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/fail.h"
#include "base/log.h"
#include "base/metrics.h"
#include "http/server.h"
#include "svc/admin.h"
#include "svc/prefork.h"

#define STOP_MS           60000 /* from SIGTERM to SIGKILL: longer than any piece of work */
#define TURN_ARENA_BYTES  MB(16)
#define CONNECT_MS        5000
#define BACKOFF_FIRST_MS  100
#define BACKOFF_MOST_MS   5000
#define CONFLICT_WAIT_MS  20
#define INJECTED_LOOKS_MS 50

const struct config_row worker_config_rows[1] = {
    CONFIG_INT("KITH_WORKERS", struct worker_config, workers, .fallback = "1", .min = 1,
               .max = PREFORK_CHILDREN, .unit = "processes",
               .doc = "Processes of this program that work at once."),
};

static const struct metric_spec ready_spec = {
    .name = "kith_worker_ready",
    .type = METRIC_GAUGE,
    .help = "Processes that are connected to the database.",
};
static const struct metric_spec turns_spec = {
    .name = "kith_worker_turns_total",
    .type = METRIC_COUNTER,
    .help = "Turns of the work loop.",
    .labels = {"result"},
};

static struct {
    struct metric ready;
    struct metric good;
    struct metric bad;
} metrics;

/* ---- Signals ----------------------------------------------------------------------------------
 */

static struct {
    volatile sig_atomic_t has_come;
    int pipe[2]; /* readable once it has, so that no wait misses it */
} stop = {.pipe = {-1, -1}};

static void on_stop_signal(int signal_number)
{
    int before = errno;

    (void)signal_number;
    stop.has_come = 1;
    if (write(stop.pipe[1], "", 1) < 0)
        stop.has_come = 1; /* the pipe is full: it is readable already */
    errno = before;
}

static void listen_to_signals(void)
{
    struct sigaction action = {.sa_handler = on_stop_signal};

    if (pipe2(stop.pipe, O_CLOEXEC | O_NONBLOCK) != 0)
        die("no pipe: %s", strerror(errno));
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

bool worker_is_stopping(void)
{
    return stop.has_come;
}

void worker_wait(int64_t delay_ms)
{
    struct pollfd fd = {.fd = stop.pipe[0], .events = POLLIN};

    if (delay_ms <= 0 || stop.has_come)
        return;
    if (clock_is_injected() && delay_ms > INJECTED_LOOKS_MS)
        delay_ms = INJECTED_LOOKS_MS;
    poll(&fd, 1, (int)(delay_ms < 60000 ? delay_ms : 60000));
}

/* ---- The database ------------------------------------------------------------------------------
 */

static void disconnect(struct worker *worker)
{
    if (worker->db)
        metric_set(metrics.ready, 0);
    db_link_close(worker->db);
    worker->db = NULL;
}

/* One line a change of state, whoever long it lasts. */
static bool connect_database(struct worker *worker, unsigned *failures)
{
    const char *why = NULL;

    worker->db = db_link_open(worker->arena, worker->config->service.database_url,
                              worker->opts->program->name, CONNECT_MS, &why);
    if (!worker->db) {
        if ((*failures)++ == 0)
            log_warn("the database cannot be reached", F_STR("why", why));
        return false;
    }
    if (*failures)
        log_info("the database can be reached again");
    *failures = 0;
    metric_set(metrics.ready, 1);
    return true;
}

const char *worker_now(struct worker *worker)
{
    char *text = arena_alloc(worker->arena, INSTANT_TEXT_BYTES);

    instant_format_ms(text, clock_now_ms());
    return text;
}

bool worker_exec(struct worker *worker, const struct db_statement *statement,
                 const char *const *params)
{
    return db_link_run(worker->db, statement, params) != NULL;
}

bool worker_begin(struct worker *worker)
{
    return db_link_script(worker->db, "BEGIN");
}

bool worker_commit(struct worker *worker)
{
    bool is_committed;

    fail_point(FAIL_commit_before);
    is_committed = db_link_script(worker->db, "COMMIT");
    fail_point(FAIL_commit_after);
    return is_committed;
}

/* Serialization, deadlock, a lock that is held: somebody else is at it. */
static bool is_conflict(const char *sqlstate)
{
    return strncmp(sqlstate, "40", 2) == 0 || strcmp(sqlstate, "55P03") == 0;
}

bool worker_failed_for_good(const struct worker *worker)
{
    static const char *const elsewhere[] = {"08", "40", "53", "55", "57", "58"};
    const char *sqlstate = db_link_error(worker->db)->sqlstate;

    for (size_t i = 0; i < COUNT_OF(elsewhere); i++) {
        if (sv_starts_with(sv_of(sqlstate), sv_of(elsewhere[i])))
            return false;
    }
    return sqlstate[0] != '\0' && !db_link_is_lost(worker->db);
}

int64_t worker_failed(struct worker *worker, const char *what)
{
    const struct db_error *error = db_link_error(worker->db);
    bool was_conflict = is_conflict(error->sqlstate);

    worker->failed_turns++;
    if (db_link_is_lost(worker->db)) /* the loop says so, once */
        return 0;
    if (!was_conflict)
        log_error("the database refused", F_STR("what", what), F_STR("sqlstate", error->sqlstate),
                  F_STR("constraint", error->constraint), F_STR("message", error->message));
    if (!db_link_script(worker->db, "ROLLBACK"))
        return 0;
    return was_conflict ? CONFLICT_WAIT_MS
                        : backoff_ms(worker->failed_turns, BACKOFF_FIRST_MS, BACKOFF_MOST_MS);
}

/* ---- The loop ----------------------------------------------------------------------------------
 */

static int64_t take_turn(struct worker *worker)
{
    unsigned before = worker->failed_turns;
    int64_t delay_ms = worker->opts->turn(worker);

    if (worker->failed_turns == before)
        worker->failed_turns = 0;
    metric_add(worker->failed_turns ? metrics.bad : metrics.good, 1);
    if (db_link_is_lost(worker->db))
        disconnect(worker);
    return delay_ms;
}

static void work(struct worker *worker)
{
    unsigned failures = 0; /* to connect */

    while (!stop.has_come) {
        arena_reset(worker->arena);
        if (worker->db || connect_database(worker, &failures))
            worker_wait(take_turn(worker));
        else
            worker_wait(backoff_ms(failures, BACKOFF_FIRST_MS, BACKOFF_MOST_MS));
    }
}

static int run_child(size_t slot, void *arg)
{
    const struct worker_opts *opts = arg;
    struct worker worker = {
        .opts = opts, .config = opts->config, .slot = slot, .arena = arena_new(TURN_ARENA_BYTES)};

    metrics_use_slot((unsigned)slot + 1);
    listen_to_signals();
    if (opts->begin)
        opts->begin(&worker);
    work(&worker);
    if (opts->end)
        opts->end(&worker);
    disconnect(&worker);
    arena_free(worker.arena);
    return EXIT_STATUS_OK;
}

/* ---- The parent --------------------------------------------------------------------------------
 */

static const char *not_ready(void *arg)
{
    (void)arg;
    return metric_value(metrics.ready) > 0 ? NULL : "No process has a connection to the database.";
}

static void on_child_end(size_t slot, void *arg)
{
    (void)arg;
    metrics_reset_gauges((unsigned)slot + 1);
}

static int listen_for_admin(const struct worker_opts *opts)
{
    const char *address = opts->config->service.admin_listen;
    const char *why = NULL;
    int fd = http_listen(address ? address : opts->admin_listen, &why);

    if (fd < 0) {
        log_error("cannot listen", F_STR("variable", "KITH_ADMIN_LISTEN"), F_STR("why", why));
        _exit(EXIT_STATUS_CONFIGURATION);
    }
    return fd;
}

static void start(const struct worker_opts *opts, int argc, char **argv)
{
    config_main(opts->program, argc, argv, opts->config);
    service_start(opts->program->name, &opts->config->service, (unsigned)opts->config->workers + 1);
    metrics.ready = metric_register(&ready_spec, METRIC_NO_LABELS);
    metrics.good = metric_register(&turns_spec, METRIC_LABELS("done"));
    metrics.bad = metric_register(&turns_spec, METRIC_LABELS("failed"));
    if (opts->register_metrics)
        opts->register_metrics();
}

int worker_main(const struct worker_opts *opts, int argc, char **argv)
{
    struct worker_opts kept = *opts;
    struct prefork *prefork;
    struct admin *admin;
    struct loop *loop;
    int admin_fd;
    int status;

    start(opts, argc, argv);
    admin_fd = listen_for_admin(opts);
    loop = loop_new();
    prefork = prefork_start(loop, &(struct prefork_opts){.children = (size_t)opts->config->workers,
                                                         .keep_fd = -1,
                                                         .stop_ms = STOP_MS,
                                                         .child = run_child,
                                                         .on_child_end = on_child_end,
                                                         .arg = &kept});
    admin = admin_start(loop, &(struct admin_opts){.listen_fd = admin_fd, .not_ready = not_ready});
    log_info("working", F_INT("processes", opts->config->workers));
    loop_run(loop);
    admin_free(admin);
    status = prefork_finish(prefork);
    loop_free(loop);
    close(admin_fd);
    return status;
}
