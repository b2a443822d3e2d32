/* Seats of those who listen to events: at the limit and one past it, of one person and of all, in
 * two processes, and after one that ended without leaving. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../services/api/seats.c"

#define MOST    5
#define OF_USER 3

static struct seats *seats;
static struct uuid ann;
static struct uuid bob;

static int set_up(void **state)
{
    (void)state;
    seats = seats_new(MOST, OF_USER);
    ann = uuid7_new();
    bob = uuid7_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    seats_free(seats);
    return 0;
}

static enum seats_answer take(size_t slot, const struct uuid *user, size_t *out)
{
    return seats_take(seats, slot, user, out);
}

static void test_a_person_has_so_many_and_all_together_too(void **state)
{
    size_t seat[MOST + 1];

    (void)state;
    for (size_t i = 0; i < OF_USER; i++)
        assert_int_equal(take(i % 2, &ann, &seat[i]), SEATS_TAKEN);
    assert_int_equal(take(1, &ann, &seat[3]), SEATS_OF_USER);
    assert_int_equal(take(0, &bob, &seat[3]), SEATS_TAKEN);
    assert_int_equal(take(1, &bob, &seat[4]), SEATS_TAKEN);
    assert_int_equal(take(0, &bob, &seat[5]), SEATS_FULL);
    seats_leave(seats, seat[0]);
    assert_int_equal(take(1, &ann, &seat[0]), SEATS_TAKEN);
}

/* Another process sees what this one took, and when it dies its slot's next one frees its own. */
static void test_processes_count_together(void **state)
{
    size_t seat;
    int status;
    pid_t pid;

    (void)state;
    assert_int_equal(take(0, &ann, &seat), SEATS_TAKEN);
    pid = fork();
    if (pid == 0) {
        size_t other;
        bool is_good = take(1, &ann, &other) == SEATS_TAKEN &&
                       take(1, &ann, &other) == SEATS_TAKEN &&
                       take(1, &ann, &other) == SEATS_OF_USER;

        _exit(is_good ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_int_equal(take(0, &ann, &seat), SEATS_OF_USER);
    seats_begin(seats, 1);
    assert_int_equal(take(0, &ann, &seat), SEATS_TAKEN);
    assert_int_equal(take(1, &ann, &seat), SEATS_TAKEN);
    assert_int_equal(take(1, &ann, &seat), SEATS_OF_USER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_person_has_so_many_and_all_together_too, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_processes_count_together, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
