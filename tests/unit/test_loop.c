/* The loop: the order of timers, deferred work and turns, signals, freeing with work pending. */
#include "loop/loop.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct loop *loop;
static char order[128];

static void note(void *arg)
{
    snprintf(order + strlen(order), sizeof order - strlen(order), "%s", (const char *)arg);
}

static void stop(void *arg)
{
    if (arg)
        note(arg);
    loop_stop(loop);
}

static int setup(void **state)
{
    (void)state;
    order[0] = '\0';
    loop = loop_new();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    loop_free(loop);
    return 0;
}

static char a[] = "a";
static char b[] = "b";
static char c[] = "c";

static void test_timers_fire_in_the_order_of_their_times(void **state)
{
    struct timer timers[3];

    (void)state;
    timer_init(&timers[0], loop, stop, c);
    timer_init(&timers[1], loop, note, b);
    timer_init(&timers[2], loop, note, a);
    timer_arm(&timers[0], 30);
    timer_arm(&timers[1], 15);
    timer_arm(&timers[2], 0);
    assert_true(timer_is_armed(&timers[1]));
    loop_run(loop);
    assert_string_equal(order, "abc");
    for (size_t i = 0; i < COUNT_OF(timers); i++) {
        assert_false(timer_is_armed(&timers[i]));
        timer_fini(&timers[i]);
    }
}

static void test_arming_moves_and_cancelling_stops(void **state)
{
    struct timer moved;
    struct timer cancelled;
    struct timer end;

    (void)state;
    timer_init(&moved, loop, note, a);
    timer_init(&cancelled, loop, note, b);
    timer_init(&end, loop, stop, c);
    timer_arm(&moved, 0);
    timer_arm(&moved, 60000);
    timer_arm(&cancelled, 0);
    timer_cancel(&cancelled);
    timer_arm(&end, 5);
    loop_run(loop);
    assert_string_equal(order, "c");
    assert_true(timer_is_armed(&moved));
    timer_fini(&moved);
    timer_fini(&cancelled);
    timer_fini(&end);
}

static void test_a_negative_delay_is_at_once(void **state)
{
    struct timer timer;

    (void)state;
    timer_init(&timer, loop, stop, a);
    timer_arm(&timer, -1);
    loop_run(loop);
    timer_arm(&timer, INT64_MIN);
    loop_run(loop);
    assert_string_equal(order, "aa");
    timer_fini(&timer);
}

struct repeating {
    struct timer timer;
    int count;
};

static void again(void *arg)
{
    struct repeating *r = arg;

    assert_false(timer_is_armed(&r->timer));
    if (++r->count == 3)
        loop_stop(loop);
    else
        timer_arm(&r->timer, 1);
}

static void test_a_timer_may_be_armed_in_its_callback(void **state)
{
    struct repeating r = {.count = 0};

    (void)state;
    timer_init(&r.timer, loop, again, &r);
    timer_arm(&r.timer, 0);
    loop_run(loop);
    assert_int_equal(r.count, 3);
    timer_fini(&r.timer);
}

static void free_owner(void *arg)
{
    struct repeating *r = arg;

    timer_fini(&r->timer);
    x_free(r);
    loop_stop(loop);
}

static void test_a_timer_may_die_in_its_callback(void **state)
{
    struct repeating *r = x_calloc(1, sizeof *r);

    (void)state;
    timer_init(&r->timer, loop, free_owner, r);
    timer_arm(&r->timer, 0);
    loop_run(loop);
}

static void test_a_timer_that_is_over_can_be_asked(void **state)
{
    struct timer timer = {.event = NULL};

    (void)state;
    timer_cancel(&timer);
    assert_false(timer_is_armed(&timer));
    timer_fini(&timer);
    timer_init(&timer, loop, note, a);
    timer_arm(&timer, 0);
    timer_fini(&timer);
    timer_cancel(&timer);
    assert_false(timer_is_armed(&timer));
    timer_fini(&timer);
}

/* --- Deferred work. ----------------------------------------------------------------------------
 */

static struct event *active[2];

static void on_first(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    (void)arg;
    note(a);
    loop_defer(loop, note, c);
}

static void on_second(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    (void)arg;
    note(b);
}

static void test_deferred_work_comes_after_what_was_active(void **state)
{
    (void)state;
    active[0] = event_new(loop_base(loop), -1, 0, on_first, NULL);
    active[1] = event_new(loop_base(loop), -1, 0, on_second, NULL);
    event_active(active[0], 0, 0);
    event_active(active[1], 0, 0);
    loop_run(loop); /* ends when nothing is left */
    assert_string_equal(order, "abc");
    event_free(active[0]);
    event_free(active[1]);
}

static void test_deferred_work_runs_once_in_order(void **state)
{
    (void)state;
    loop_defer(loop, note, a);
    loop_defer(loop, note, b);
    loop_defer(loop, note, a);
    loop_run(loop);
    loop_run(loop);
    assert_string_equal(order, "aba");
}

static int pipe_fds[2];

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    (void)arg;
    note(b);
    loop_stop(loop);
}

static void defer_for_ever(void *arg)
{
    static int rounds;

    assert_true(++rounds < 1000);
    if (order[0] == '\0')
        loop_defer(loop, defer_for_ever, arg);
}

/* Work that defers itself again and again must let sockets have their turns. */
static void test_bug_deferred_work_in_deferred_work_starves_nobody(void **state)
{
    struct event *readable;

    (void)state;
    assert_int_equal(pipe(pipe_fds), 0);
    assert_int_equal(write(pipe_fds[1], "x", 1), 1);
    readable = event_new(loop_base(loop), pipe_fds[0], EV_READ, on_readable, NULL);
    event_add(readable, NULL);
    loop_defer(loop, defer_for_ever, NULL);
    loop_run(loop);
    assert_string_equal(order, "b");
    event_free(readable);
    close(pipe_fds[0]);
    close(pipe_fds[1]);
}

static void defer_c(void *arg)
{
    note(arg);
    loop_defer(loop, note, c);
}

static void test_stopping_runs_what_is_deferred(void **state)
{
    struct timer timer;

    (void)state;
    timer_init(&timer, loop, stop, NULL);
    timer_arm(&timer, 0);
    loop_defer(loop, defer_c, a);
    loop_run(loop);
    assert_string_equal(order, "ac");
    timer_fini(&timer);
}

static void test_freeing_runs_what_is_deferred(void **state)
{
    (void)state;
    loop_defer(loop, defer_c, a);
    loop_on_signal(loop, SIGUSR1, note, b);
    loop_free(loop);
    assert_string_equal(order, "ac");
    loop = NULL;
    loop_free(NULL);
}

/* --- Signals and forks. ----------------------------------------------------------------------- */

static void test_signals_come_on_the_loop(void **state)
{
    (void)state;
    loop_on_signal(loop, SIGUSR1, stop, a);
    loop_on_signal(loop, SIGUSR2, note, b);
    assert_int_equal(raise(SIGUSR1), 0);
    assert_string_equal(order, ""); /* not in the handler */
    loop_run(loop);
    assert_string_equal(order, "a");
    assert_int_equal(raise(SIGUSR1), 0);
    loop_run(loop);
    assert_string_equal(order, "aa");
}

static void test_a_broken_pipe_is_an_error_not_an_end(void **state)
{
    (void)state;
    assert_int_equal(pipe(pipe_fds), 0);
    close(pipe_fds[0]);
    assert_int_equal(write(pipe_fds[1], "x", 1), -1);
    close(pipe_fds[1]);
}

static void test_a_forked_child_has_a_loop_of_its_own(void **state)
{
    struct timer timer;
    int status;
    pid_t child;

    (void)state;
    timer_init(&timer, loop, stop, a);
    loop_on_signal(loop, SIGUSR1, note, b);
    child = fork();
    if (child == 0) {
        loop_reinit(loop);
        timer_arm(&timer, 1);
        loop_run(loop);
        _exit(strcmp(order, "a") == 0 ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    timer_arm(&timer, 1);
    loop_run(loop);
    assert_string_equal(order, "a");
    timer_fini(&timer);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_timers_fire_in_the_order_of_their_times),
        TEST(test_arming_moves_and_cancelling_stops),
        TEST(test_a_negative_delay_is_at_once),
        TEST(test_a_timer_may_be_armed_in_its_callback),
        TEST(test_a_timer_may_die_in_its_callback),
        TEST(test_a_timer_that_is_over_can_be_asked),
        TEST(test_deferred_work_comes_after_what_was_active),
        TEST(test_deferred_work_runs_once_in_order),
        TEST(test_bug_deferred_work_in_deferred_work_starves_nobody),
        TEST(test_stopping_runs_what_is_deferred),
        TEST(test_freeing_runs_what_is_deferred),
        TEST(test_signals_come_on_the_loop),
        TEST(test_a_broken_pipe_is_an_error_not_an_end),
        TEST(test_a_forked_child_has_a_loop_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
