/* Where a process is told to die: there, as the one that passes for the Nth time, and once. */
#include "base/fail.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char path[] = "/tmp/test_base_fail.XXXXXX";

static void say(const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    fail_watch(path);
}

static void assert_says(const char *expected)
{
    char text[80] = "";
    int fd = open(path, O_RDONLY);

    assert_true(fd >= 0);
    assert_true(read(fd, text, sizeof text - 1) >= 0);
    close(fd);
    assert_string_equal(text, expected);
}

static pid_t begin_passing(enum fail_at at, int times)
{
    pid_t pid = fork();

    if (pid == 0) {
        while (times-- > 0)
            fail_point(at);
        _exit(0);
    }
    assert_true(pid > 0);
    return pid;
}

/* The signal that ended it; 0: it passed. */
static int end_of(pid_t pid)
{
    int status;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static int signal_of_passing(enum fail_at at, int times)
{
    return end_of(begin_passing(at, times));
}

static void test_nobody_dies_where_no_file_is_named(void **state)
{
    (void)state;
    fail_watch(NULL);
    assert_int_equal(signal_of_passing(FAIL_commit_before, 3), 0);
}

static void test_the_nth_dies_and_none_after_it(void **state)
{
    (void)state;
    say("xack_before:2");
    fail_point(FAIL_xack_before);
    assert_says("xack_before:1\n");
    assert_int_equal(signal_of_passing(FAIL_xack_before, 1), SIGKILL);
    assert_says("xack_before:0\n");
    assert_int_equal(signal_of_passing(FAIL_xack_before, 3), 0);
}

static void test_other_points_are_not_counted(void **state)
{
    (void)state;
    say("xack_before:1");
    assert_int_equal(signal_of_passing(FAIL_xack_after, 3), 0);
    assert_int_equal(signal_of_passing(FAIL_commit_before, 3), 0);
    assert_says("xack_before:1");
}

static void test_processes_count_together(void **state)
{
    pid_t pids[4];
    int died = 0;

    (void)state;
    say("commit_after:5\n");
    for (size_t i = 0; i < COUNT_OF(pids); i++)
        pids[i] = begin_passing(FAIL_commit_after, 3);
    for (size_t i = 0; i < COUNT_OF(pids); i++)
        died += end_of(pids[i]) == SIGKILL;
    assert_int_equal(died, 1);
    assert_says("commit_after:0\n");
}

static void test_what_says_no_point_does_nothing(void **state)
{
    static const char *const texts[] = {"",
                                        "commit_after",
                                        "commit_after:",
                                        "commit_after:x",
                                        "commit_after:-1",
                                        "commit_after:0",
                                        ":1",
                                        "commit:1"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        say(texts[i]);
        assert_int_equal(signal_of_passing(FAIL_commit_after, 2), 0);
        assert_says(texts[i]);
    }
    unlink(path);
    assert_int_equal(signal_of_passing(FAIL_commit_after, 2), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nobody_dies_where_no_file_is_named),
        cmocka_unit_test(test_the_nth_dies_and_none_after_it),
        cmocka_unit_test(test_other_points_are_not_counted),
        cmocka_unit_test(test_processes_count_together),
        cmocka_unit_test(test_what_says_no_point_does_nothing),
    };
    int fd = mkstemp(path);
    int status;

    if (fd < 0)
        return 1;
    close(fd);
    status = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(path);
    return status;
}
