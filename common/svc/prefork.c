/* The parent of a preforked service. */
#include "svc/prefork.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

#define PREFORK_MAGIC 0x94ef0471u

struct prefork {
    unsigned magic;
    struct loop *loop;
    struct prefork_opts opts;
    pid_t pids[PREFORK_CHILDREN];
    int64_t restarts_ms[PREFORK_RESTARTS]; /* a ring of the last ones */
    size_t restarts;
    bool lingering;
    bool stopping;
    int status;
    struct timer linger_timer;
    struct timer kill_timer;
};

static void close_all_but(int keep)
{
    if (keep > STDERR_FILENO) {
        if (keep > STDERR_FILENO + 1)
            close_range(STDERR_FILENO + 1, (unsigned)keep - 1, 0);
        close_range((unsigned)keep + 1, ~0u, 0);
    } else {
        close_range(STDERR_FILENO + 1, ~0u, 0);
    }
}

/* The child keeps no descriptor of the parent but the one it is told to, and dies with its parent.
 */
KITH_NORETURN static void run_child(struct prefork *prefork, size_t slot, pid_t parent,
                                    const sigset_t *signals)
{
    loop_forget_signals(prefork->loop);
    signal(SIGTERM, SIG_DFL);
    signal(SIGINT, SIG_IGN); /* a terminal's Ctrl-C comes to us all: the parent passes it on */
    sigprocmask(SIG_SETMASK, signals, NULL);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        exit(EXIT_STATUS_OK);
    close_all_but(prefork->opts.keep_fd);
    exit(prefork->opts.child(slot, prefork->opts.arg));
}

/* No signal comes between the fork and the child's own handling of it: the parent's handler would
 * swallow it there, and tell the parent. */
static void start_child(struct prefork *prefork, size_t slot)
{
    pid_t parent = getpid();
    sigset_t all;
    sigset_t before;
    pid_t pid;

    fflush(NULL); /* or each child would write it again */
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before);
    pid = fork();
    if (pid == 0)
        run_child(prefork, slot, parent, &before);
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (pid < 0)
        die("no child could be started: %s", strerror(errno));
    prefork->pids[slot] = pid;
}

static void signal_all(struct prefork *prefork, int signal_number)
{
    for (size_t slot = 0; slot < prefork->opts.children; slot++) {
        if (prefork->pids[slot])
            kill(prefork->pids[slot], signal_number);
    }
}

static void stop(struct prefork *prefork, int status)
{
    if (prefork->stopping)
        return;
    prefork->stopping = true;
    prefork->status = status;
    if (prefork->opts.on_stop)
        prefork->opts.on_stop(prefork->opts.arg);
    signal_all(prefork, SIGTERM);
    timer_arm(&prefork->kill_timer, prefork->opts.stop_ms);
}

static void on_stop_signal(void *arg)
{
    struct prefork *prefork = OBJ_CAST(prefork, PREFORK_MAGIC, arg);
    bool is_first = !prefork->lingering;

    prefork->lingering = true;
    if (is_first && prefork->opts.linger_ms)
        timer_arm(&prefork->linger_timer, prefork->opts.linger_ms);
    else
        stop(prefork, EXIT_STATUS_OK);
}

static void on_linger_timer(void *arg)
{
    stop(OBJ_CAST(prefork, PREFORK_MAGIC, arg), EXIT_STATUS_OK);
}

bool prefork_is_stopping(const struct prefork *prefork)
{
    return prefork->lingering || prefork->stopping;
}

static void on_kill_timer(void *arg)
{
    struct prefork *prefork = OBJ_CAST(prefork, PREFORK_MAGIC, arg);

    log_warn("children did not stop in time and are killed");
    signal_all(prefork, SIGKILL);
}

/* True when this restart is one too many. */
static bool restarts_too_often(struct prefork *prefork)
{
    int64_t *oldest = &prefork->restarts_ms[prefork->restarts++ % PREFORK_RESTARTS];
    int64_t now_ms = clock_mono_ms();
    bool too_often = *oldest && now_ms - *oldest < PREFORK_RESTARTS_MS;

    *oldest = now_ms;
    return too_often;
}

static void child_ended(struct prefork *prefork, size_t slot, int wait_status)
{
    int exit_status = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -1;

    prefork->pids[slot] = 0;
    if (prefork->opts.on_child_end)
        prefork->opts.on_child_end(slot, prefork->opts.arg);
    if (prefork->stopping)
        return;
    log_error("a child has ended", F_INT("slot", slot), F_INT("exit_status", exit_status),
              F_INT("signal", WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) : 0));
    if (exit_status == EXIT_STATUS_CONFIGURATION)
        stop(prefork, EXIT_STATUS_CONFIGURATION);
    else if (restarts_too_often(prefork))
        stop(prefork, EXIT_STATUS_CRASH);
    else
        start_child(prefork, slot);
}

static bool has_children(const struct prefork *prefork)
{
    for (size_t slot = 0; slot < prefork->opts.children; slot++) {
        if (prefork->pids[slot])
            return true;
    }
    return false;
}

static void on_child_signal(void *arg)
{
    struct prefork *prefork = OBJ_CAST(prefork, PREFORK_MAGIC, arg);
    int wait_status;
    pid_t pid;

    while ((pid = waitpid(-1, &wait_status, WNOHANG)) > 0) {
        for (size_t slot = 0; slot < prefork->opts.children; slot++) {
            if (prefork->pids[slot] == pid)
                child_ended(prefork, slot, wait_status);
        }
    }
    if (!has_children(prefork))
        loop_stop(prefork->loop);
}

struct prefork *prefork_start(struct loop *loop, const struct prefork_opts *opts)
{
    struct prefork *prefork = x_calloc(1, sizeof *prefork);

    ENSURE(opts->children >= 1 && opts->children <= PREFORK_CHILDREN);
    prefork->magic = PREFORK_MAGIC;
    prefork->loop = loop;
    prefork->opts = *opts;
    timer_init(&prefork->linger_timer, loop, on_linger_timer, prefork);
    timer_init(&prefork->kill_timer, loop, on_kill_timer, prefork);
    loop_on_signal(loop, SIGTERM, on_stop_signal, prefork);
    loop_on_signal(loop, SIGINT, on_stop_signal, prefork);
    loop_on_signal(loop, SIGCHLD, on_child_signal, prefork);
    for (size_t slot = 0; slot < opts->children; slot++)
        start_child(prefork, slot);
    return prefork;
}

int prefork_finish(struct prefork *prefork)
{
    int status = prefork->status;

    timer_fini(&prefork->linger_timer);
    timer_fini(&prefork->kill_timer);
    prefork->magic = 0;
    x_free(prefork);
    return status;
}
