/* The clocks: injected by a value and by a file, and the real ones beside them. */
#include "base/clock.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define SEPTEMBER_MS 1788267600000 /* 2026-09-01T13:00:00Z */

static char path[] = "/tmp/test_base_clock.XXXXXX";
static char spec[sizeof path + 1];

static void write_clock(const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static void test_without_injection_now_is_real(void **state)
{
    int64_t before_ms = clock_real_ms();
    int64_t now_ms = clock_now_ms();

    (void)state;
    assert_false(clock_is_injected());
    assert_true(before_ms <= now_ms && now_ms <= clock_real_ms());
    assert_true(before_ms > 1700000000000);
}

static void test_the_monotonic_clock_does_not_go_back(void **state)
{
    int64_t last_us = clock_mono_us();

    (void)state;
    for (int i = 0; i < 1000; i++) {
        int64_t now_us = clock_mono_us();

        assert_true(now_us >= last_us);
        last_us = now_us;
    }
    assert_true(clock_mono_ms() >= last_us / 1000);
}

static void test_a_value_stands_still(void **state)
{
    (void)state;
    assert_true(clock_inject("2026-09-01T09:00:00-04:00"));
    assert_true(clock_is_injected());
    assert_int_equal(clock_now_ms(), SEPTEMBER_MS);
    assert_int_equal(clock_now_ms(), SEPTEMBER_MS);
    assert_true(clock_real_ms() != SEPTEMBER_MS);
}

static void test_a_file_moves_the_clock(void **state)
{
    (void)state;
    write_clock("2026-09-01T13:00:00Z\n");
    assert_true(clock_inject(spec));
    assert_int_equal(clock_now_ms(), SEPTEMBER_MS);
    write_clock("2026-09-01T13:00:01.5Z");
    assert_int_equal(clock_now_ms(), SEPTEMBER_MS + 1500);
    write_clock("2026-09-01T13:0"); /* half written: the clock stays */
    assert_int_equal(clock_now_ms(), SEPTEMBER_MS + 1500);
    write_clock("");
    assert_int_equal(clock_now_ms(), SEPTEMBER_MS + 1500);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(clock_now_ms(), SEPTEMBER_MS + 1500);
    write_clock("2026-09-02T13:00:00Z");
    assert_int_equal(clock_now_ms(), SEPTEMBER_MS + 86400000);
}

static void test_bug_a_value_after_a_file(void **state)
{
    (void)state;
    write_clock("2030-01-01T00:00:00Z");
    assert_true(clock_inject(spec));
    assert_true(clock_inject("2026-09-01T13:00:00Z"));
    assert_int_equal(clock_now_ms(), SEPTEMBER_MS);
}

static void test_what_is_no_clock_is_refused(void **state)
{
    static const char *const bad[] = {"", "now", "2026-09-01", "@", "@/nowhere/at/all", "@/tmp"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_false(clock_inject(bad[i]));
        assert_false(clock_is_injected());
    }
    write_clock("tomorrow");
    assert_false(clock_inject(spec));
    assert_true(clock_now_ms() > 1700000000000 && clock_now_ms() != SEPTEMBER_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_injection_now_is_real),
        cmocka_unit_test(test_the_monotonic_clock_does_not_go_back),
        cmocka_unit_test(test_a_value_stands_still),
        cmocka_unit_test(test_a_file_moves_the_clock),
        cmocka_unit_test(test_bug_a_value_after_a_file),
        cmocka_unit_test(test_what_is_no_clock_is_refused),
    };
    int failed;
    int fd = mkstemp(path);

    if (fd < 0)
        return 1;
    close(fd);
    snprintf(spec, sizeof spec, "@%s", path);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(path);
    return failed;
}
