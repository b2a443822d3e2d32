/* Delays between attempts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/backoff.h"

#define TRIES 200

static void assert_between(unsigned failures, int64_t least_ms, int64_t most_ms)
{
    int64_t lowest = INT64_MAX;
    int64_t highest = 0;

    for (int i = 0; i < TRIES; i++) {
        int64_t delay_ms = backoff_ms(failures, 100, 5000);

        assert_in_range(delay_ms, least_ms, most_ms);
        lowest = delay_ms < lowest ? delay_ms : lowest;
        highest = delay_ms > highest ? delay_ms : highest;
    }
    assert_true(highest - lowest > (most_ms - least_ms) / 2);
}

static void test_a_delay_doubles_with_each_failure_and_is_spread(void **state)
{
    (void)state;
    assert_between(1, 50, 100);
    assert_between(2, 100, 200);
    assert_between(4, 400, 800);
}

static void test_a_delay_never_passes_the_most(void **state)
{
    (void)state;
    assert_between(7, 2500, 5000);
    assert_between(4000000000u, 2500, 5000);
}

static void test_no_delay_stays_none(void **state)
{
    (void)state;
    assert_int_equal(backoff_ms(9, 0, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_delay_doubles_with_each_failure_and_is_spread),
        cmocka_unit_test(test_a_delay_never_passes_the_most),
        cmocka_unit_test(test_no_delay_stays_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
