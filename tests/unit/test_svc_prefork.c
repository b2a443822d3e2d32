/* The parent of preforked children: slots, replacements, giving up, stopping. The parent under test
 * is a child of the test, so that its loop, its signals and its exit status are its own; what its
 * children do they tell through a pipe. */
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "svc/prefork.h"

#define PATIENCE_MS 10000

struct told {
    char what; /* 's': started, 'e': ended as seen by the parent, 'f': an open descriptor */
    int value;
    size_t slot;
    pid_t pid;
};

static struct {
    int from_children;
    int to_test;
    pid_t parent;
    struct told last;
} w;

static void tell(char what, size_t slot, int value)
{
    struct told told = {.what = what, .value = value, .slot = slot, .pid = getpid()};

    if (write(w.to_test, &told, sizeof told) != sizeof told)
        _exit(1);
}

/* Waits for the next thing told; false at the end, when nobody is left who could tell. */
static bool hear(void)
{
    struct pollfd fd = {.fd = w.from_children, .events = POLLIN};
    ssize_t n;

    assert_int_equal(poll(&fd, 1, PATIENCE_MS), 1);
    n = read(w.from_children, &w.last, sizeof w.last);
    assert_true(n == 0 || n == sizeof w.last);
    return n > 0;
}

static void hear_start_of(size_t slot)
{
    assert_true(hear());
    assert_int_equal(w.last.what, 's');
    assert_int_equal(w.last.slot, slot);
}

static void on_child_end(size_t slot, void *arg)
{
    (void)arg;
    tell('e', slot, 0);
}

static void run_parent(struct prefork_opts opts)
{
    struct loop *loop = loop_new();
    struct prefork *prefork;
    int status;

    opts.on_child_end = on_child_end;
    prefork = prefork_start(loop, &opts);
    loop_run(loop);
    status = prefork_finish(prefork);
    loop_free(loop);
    exit(status);
}

static void start(struct prefork_opts opts)
{
    int fds[2];

    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    w.from_children = fds[0];
    w.to_test = fds[1];
    if (opts.keep_fd != -1)
        opts.keep_fd = w.to_test;
    w.parent = fork();
    assert_true(w.parent >= 0);
    if (w.parent == 0) {
        alarm(PATIENCE_MS / 1000);
        close(w.from_children);
        run_parent(opts);
    }
    close(w.to_test);
}

/* The parent's exit status, when it and all its children are gone. */
static int finish(void)
{
    int status;

    while (hear())
        ;
    close(w.from_children);
    assert_int_equal(waitpid(w.parent, &status, 0), w.parent);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* ---- Children -------------------------------------------------------------------------------- */

static void stop_loop(void *arg)
{
    loop_stop(arg);
}

/* As a service does: a loop of its own, and SIGTERM ends it. */
static int serve(size_t slot, void *arg)
{
    struct loop *loop = loop_new();
    struct timer never;

    (void)arg;
    loop_on_signal(loop, SIGTERM, stop_loop, loop);
    timer_init(&never, loop, stop_loop, loop);
    timer_arm(&never, PATIENCE_MS);
    tell('s', slot, 0);
    loop_run(loop);
    timer_fini(&never);
    loop_free(loop);
    return EXIT_STATUS_OK;
}

static int end_at_once(size_t slot, void *arg)
{
    tell('s', slot, 0);
    return *(const int *)arg;
}

static int wrong_configuration_in_slot_1(size_t slot, void *arg)
{
    return slot == 1 ? EXIT_STATUS_CONFIGURATION : serve(slot, arg);
}

static int ignore_stop(size_t slot, void *arg)
{
    (void)arg;
    signal(SIGTERM, SIG_IGN);
    tell('s', slot, 0);
    while (pause() < 0)
        ;
    return EXIT_STATUS_OK;
}

static int tell_signals(size_t slot, void *arg)
{
    sigset_t blocked;
    struct sigaction term;

    (void)arg;
    sigprocmask(SIG_SETMASK, NULL, &blocked);
    sigaction(SIGTERM, NULL, &term);
    tell('s', slot, term.sa_handler == SIG_DFL && !sigismember(&blocked, SIGTERM));
    return EXIT_STATUS_CONFIGURATION;
}

static int tell_descriptors(size_t slot, void *arg)
{
    (void)arg;
    for (int fd = 0; fd < 1024; fd++) {
        if (fcntl(fd, F_GETFD) >= 0)
            tell('f', slot, fd);
    }
    return EXIT_STATUS_CONFIGURATION;
}

/* A second loop with signals of its own is nothing to warn about. */
static int tell_of_warnings(size_t slot, void *arg)
{
    char text[512];
    int fds[2];
    struct loop *loop;

    (void)arg;
    if (pipe2(fds, O_NONBLOCK) != 0 || dup2(fds[1], STDERR_FILENO) < 0)
        return EXIT_STATUS_CRASH;
    loop = loop_new();
    loop_on_signal(loop, SIGTERM, stop_loop, loop);
    loop_free(loop);
    tell('s', slot, (int)read(fds[0], text, sizeof text));
    return EXIT_STATUS_CONFIGURATION;
}

/* ---- Tests ----------------------------------------------------------------------------------- */

static void test_children_are_started_in_slots_and_stopped(void **state)
{
    static const int signals[] = {SIGTERM, SIGINT};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(signals); i++) {
        unsigned seen = 0;

        start((struct prefork_opts){.children = 3, .stop_ms = PATIENCE_MS, .child = serve});
        for (int child = 0; child < 3; child++) {
            assert_true(hear());
            assert_int_equal(w.last.what, 's');
            seen |= 1u << w.last.slot;
        }
        assert_int_equal(seen, 7);
        kill(w.parent, signals[i]);
        assert_int_equal(finish(), EXIT_STATUS_OK);
    }
}

static void test_as_many_children_as_there_may_be(void **state)
{
    (void)state;
    start((struct prefork_opts){
        .children = PREFORK_CHILDREN, .stop_ms = PATIENCE_MS, .child = serve});
    for (int child = 0; child < PREFORK_CHILDREN; child++)
        assert_true(hear());
    kill(w.parent, SIGTERM);
    assert_int_equal(finish(), EXIT_STATUS_OK);
}

static void test_a_child_that_dies_is_replaced_in_its_slot(void **state)
{
    pid_t first;

    (void)state;
    start((struct prefork_opts){.children = 1, .stop_ms = PATIENCE_MS, .child = serve});
    hear_start_of(0);
    first = w.last.pid;
    kill(first, SIGKILL);
    assert_true(hear());
    assert_int_equal(w.last.what, 'e');
    assert_int_equal(w.last.slot, 0);
    hear_start_of(0);
    assert_int_not_equal(w.last.pid, first);
    kill(w.parent, SIGTERM);
    assert_int_equal(finish(), EXIT_STATUS_OK);
}

static void test_a_wrong_configuration_stops_all(void **state)
{
    (void)state;
    start((struct prefork_opts){
        .children = 3, .stop_ms = PATIENCE_MS, .child = wrong_configuration_in_slot_1});
    assert_int_equal(finish(), EXIT_STATUS_CONFIGURATION);
}

static void test_too_many_restarts_end_the_parent(void **state)
{
    static const int statuses[] = {EXIT_STATUS_CRASH, EXIT_STATUS_OK};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(statuses); i++) {
        int status = statuses[i];

        start((struct prefork_opts){
            .children = 1, .stop_ms = PATIENCE_MS, .child = end_at_once, .arg = &status});
        for (int run = 0; run <= PREFORK_RESTARTS; run++) {
            hear_start_of(0);
            assert_true(hear());
            assert_int_equal(w.last.what, 'e');
        }
        assert_false(hear());
        assert_int_equal(finish(), EXIT_STATUS_CRASH);
    }
}

static void test_a_child_that_does_not_stop_is_killed(void **state)
{
    (void)state;
    start((struct prefork_opts){.children = 2, .stop_ms = 20, .child = ignore_stop});
    assert_true(hear());
    assert_true(hear());
    kill(w.parent, SIGTERM);
    assert_int_equal(finish(), EXIT_STATUS_OK);
}

static void on_stop(void *arg)
{
    (void)arg;
    tell('p', 0, 0);
}

static void test_the_parent_knows_of_the_stop_before_its_children(void **state)
{
    (void)state;
    start((struct prefork_opts){
        .children = 1, .stop_ms = PATIENCE_MS, .child = serve, .on_stop = on_stop});
    hear_start_of(0);
    kill(w.parent, SIGTERM);
    assert_true(hear());
    assert_int_equal(w.last.what, 'p');
    assert_true(hear());
    assert_int_equal(w.last.what, 'e');
    assert_int_equal(finish(), EXIT_STATUS_OK);
}

static void test_a_parent_that_lingers_replaces_children_until_a_second_signal(void **state)
{
    (void)state;
    start((struct prefork_opts){
        .children = 1, .linger_ms = PATIENCE_MS, .stop_ms = PATIENCE_MS, .child = serve});
    hear_start_of(0);
    kill(w.parent, SIGTERM);
    kill(w.last.pid, SIGKILL);
    assert_true(hear());
    assert_int_equal(w.last.what, 'e');
    hear_start_of(0);
    kill(w.parent, SIGTERM);
    assert_int_equal(finish(), EXIT_STATUS_OK);
}

static void test_a_parent_lingers_for_its_time(void **state)
{
    (void)state;
    start((struct prefork_opts){
        .children = 1, .linger_ms = 50, .stop_ms = PATIENCE_MS, .child = serve});
    hear_start_of(0);
    kill(w.parent, SIGTERM);
    assert_int_equal(finish(), EXIT_STATUS_OK);
}

static void test_a_child_has_the_signals_of_a_new_process(void **state)
{
    (void)state;
    start((struct prefork_opts){.children = 1, .stop_ms = PATIENCE_MS, .child = tell_signals});
    hear_start_of(0);
    assert_true(w.last.value);
    assert_int_equal(finish(), EXIT_STATUS_CONFIGURATION);
}

static void test_a_childs_loop_has_its_signals_without_a_warning(void **state)
{
    (void)state;
    start((struct prefork_opts){.children = 1, .stop_ms = PATIENCE_MS, .child = tell_of_warnings});
    hear_start_of(0);
    assert_int_equal(w.last.value, -1);
    assert_int_equal(finish(), EXIT_STATUS_CONFIGURATION);
}

static void test_a_child_has_the_standard_descriptors_and_the_kept_one(void **state)
{
    int fd = -1;

    (void)state;
    start((struct prefork_opts){.children = 1, .stop_ms = PATIENCE_MS, .child = tell_descriptors});
    for (int expected = 0; expected <= STDERR_FILENO; expected++) {
        assert_true(hear());
        assert_int_equal(w.last.what, 'f');
        assert_int_equal(w.last.value, expected);
    }
    assert_true(hear());
    assert_int_equal(w.last.what, 'f');
    fd = w.last.value;
    assert_true(fd > STDERR_FILENO);
    assert_true(hear());
    assert_int_equal(w.last.what, 'e');
    assert_int_equal(finish(), EXIT_STATUS_CONFIGURATION);
}

static int exit_by_its_descriptors(size_t slot, void *arg)
{
    (void)slot;
    (void)arg;
    for (int fd = STDERR_FILENO + 1; fd < 1024; fd++) {
        if (fcntl(fd, F_GETFD) >= 0)
            return EXIT_STATUS_OK;
    }
    return EXIT_STATUS_CONFIGURATION;
}

static void test_a_child_may_keep_none(void **state)
{
    (void)state;
    start((struct prefork_opts){
        .children = 1, .keep_fd = -1, .stop_ms = PATIENCE_MS, .child = exit_by_its_descriptors});
    assert_int_equal(finish(), EXIT_STATUS_CONFIGURATION);
}

/* Children of a parent that is killed are asked to stop: the pipe ends with the last of them. */
static void test_children_stop_with_their_parent(void **state)
{
    int status;

    (void)state;
    start((struct prefork_opts){.children = 2, .stop_ms = PATIENCE_MS, .child = serve});
    assert_true(hear());
    assert_true(hear());
    kill(w.parent, SIGKILL);
    assert_false(hear());
    close(w.from_children);
    assert_int_equal(waitpid(w.parent, &status, 0), w.parent);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_children_are_started_in_slots_and_stopped),
        cmocka_unit_test(test_as_many_children_as_there_may_be),
        cmocka_unit_test(test_a_child_that_dies_is_replaced_in_its_slot),
        cmocka_unit_test(test_a_wrong_configuration_stops_all),
        cmocka_unit_test(test_too_many_restarts_end_the_parent),
        cmocka_unit_test(test_a_child_that_does_not_stop_is_killed),
        cmocka_unit_test(test_the_parent_knows_of_the_stop_before_its_children),
        cmocka_unit_test(test_a_parent_that_lingers_replaces_children_until_a_second_signal),
        cmocka_unit_test(test_a_parent_lingers_for_its_time),
        cmocka_unit_test(test_a_child_has_the_signals_of_a_new_process),
        cmocka_unit_test(test_a_childs_loop_has_its_signals_without_a_warning),
        cmocka_unit_test(test_a_child_has_the_standard_descriptors_and_the_kept_one),
        cmocka_unit_test(test_a_child_may_keep_none),
        cmocka_unit_test(test_children_stop_with_their_parent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
