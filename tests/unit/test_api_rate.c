/* Rate limits: buckets at their quota and one past it, time that passes, the table at RATE_KEYS and
 * one past it, several processes. Every instant is given, so that no test waits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../services/api/rate.h"

/* A machine that tests something else at once may stop a holder of the lock for longer. */
#undef RATE_LOCK_MS
#define RATE_LOCK_MS 500

#include "../../services/api/rate.c"

#define NOW_US INT64_C(7000000000)
#define S      INT64_C(1000000) /* in us */

static const struct rate_policy reads = {.name = "reads", .number = 0, .quota = 6, .window_s = 60};
static const struct rate_policy writes = {
    .name = "writes", .number = 1, .quota = 2, .window_s = 60};

static struct rates *rates;

static int set_up(void **state)
{
    (void)state;
    rates = rates_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rates_free(rates);
    return 0;
}

static struct rate_answer take(const char *who, int64_t now_us)
{
    return rates_take(rates, &reads, sv_of(who), now_us);
}

static struct rate_answer look(const char *who, int64_t now_us)
{
    return rates_look(rates, &reads, sv_of(who), now_us);
}

static void use_up(const char *who, int64_t now_us)
{
    for (int i = 0; i < reads.quota; i++)
        assert_true(take(who, now_us).is_allowed);
    assert_false(take(who, now_us).is_allowed);
}

static struct sv name_of(char out[16], int number)
{
    snprintf(out, 16, "key-%d", number);
    return sv_of(out);
}

static void the_quota_passes_and_one_more_does_not(void **state)
{
    (void)state;
    for (int i = 1; i <= reads.quota; i++) {
        struct rate_answer answer = take("a", NOW_US);

        assert_true(answer.is_allowed);
        assert_int_equal(answer.remaining, reads.quota - i);
        assert_int_equal(answer.reset_s, 10 * i); /* 6 in 60 s: one comes back each 10 s */
    }
    for (int i = 0; i < 3; i++) {
        struct rate_answer answer = take("a", NOW_US);

        assert_false(answer.is_allowed);
        assert_int_equal(answer.remaining, 0);
        assert_int_equal(answer.reset_s, 60); /* being refused costs nothing */
    }
}

static void a_request_comes_back_at_its_instant_and_not_before(void **state)
{
    (void)state;
    use_up("a", NOW_US);
    assert_false(take("a", NOW_US + 10 * S - 1).is_allowed);
    assert_true(take("a", NOW_US + 10 * S).is_allowed);
    assert_false(take("a", NOW_US + 10 * S).is_allowed);
}

static void after_the_window_the_whole_quota_is_back_and_no_more(void **state)
{
    (void)state;
    use_up("a", NOW_US);
    assert_int_equal(look("a", NOW_US + 60 * S - 1).remaining, 5);
    assert_int_equal(look("a", NOW_US + 60 * S - 1).reset_s, 1);
    assert_int_equal(look("a", NOW_US + 60 * S).remaining, 6);
    assert_int_equal(look("a", NOW_US + 60 * S).reset_s, 0);
    use_up("a", NOW_US + 6000 * S);
}

static void waiting_as_long_as_reset_says_is_enough(void **state)
{
    struct rate_answer refused;

    (void)state;
    use_up("a", NOW_US);
    refused = take("a", NOW_US + 5 * S);
    assert_false(refused.is_allowed);
    use_up("a", NOW_US + 5 * S + refused.reset_s * S);
}

static void a_process_whose_now_is_a_little_older_gives_nothing_away(void **state)
{
    (void)state;
    use_up("a", NOW_US);
    assert_false(take("a", NOW_US - 1).is_allowed);
    assert_int_equal(look("a", NOW_US - 1).remaining, 0);
}

static void quotas_from_one_to_the_largest_are_exact(void **state)
{
    const struct rate_policy one = {.name = "one", .number = 2, .quota = 1, .window_s = 1};
    const struct rate_policy odd = {.name = "odd", .number = 3, .quota = 7, .window_s = 3600};
    const struct rate_policy most = {
        .name = "most", .number = 4, .quota = RATE_QUOTA_MOST, .window_s = 1};

    (void)state;
    assert_true(rates_take(rates, &one, SV("a"), NOW_US).is_allowed);
    assert_false(rates_take(rates, &one, SV("a"), NOW_US + S - 1).is_allowed);
    assert_true(rates_take(rates, &one, SV("a"), NOW_US + S).is_allowed);
    for (int i = 0; i < odd.quota; i++)
        assert_true(rates_take(rates, &odd, SV("a"), NOW_US).is_allowed);
    assert_false(rates_take(rates, &odd, SV("a"), NOW_US).is_allowed);
    for (int i = 0; i < RATE_QUOTA_MOST; i++)
        assert_true(rates_take(rates, &most, SV("a"), NOW_US).is_allowed);
    assert_false(rates_take(rates, &most, SV("a"), NOW_US).is_allowed);
}

static void keys_and_policies_do_not_share(void **state)
{
    (void)state;
    use_up("a", NOW_US);
    assert_int_equal(take("b", NOW_US).remaining, 5);
    assert_int_equal(rates_take(rates, &writes, SV("a"), NOW_US).remaining, 1);
}

static void looking_takes_nothing_and_adds_no_key(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++)
        assert_int_equal(look("a", NOW_US).remaining, 6);
    assert_int_equal(take("a", NOW_US).remaining, 5);
    assert_int_equal(rates->slots[NOBODY].newer, rates->slots[NOBODY].older);
    assert_int_equal(look("b", NOW_US).remaining, 6);
    assert_int_equal(rates->slots[NOBODY].newer, rates->slots[NOBODY].older);
}

static void a_foreign_sum_counts_like_requests_here(void **state)
{
    (void)state;
    rates_add(rates, &reads, SV("a"), 0, NOW_US);
    assert_int_equal(look("a", NOW_US).remaining, 6);
    rates_add(rates, &reads, SV("a"), 4, NOW_US);
    assert_int_equal(look("a", NOW_US).remaining, 2);
    assert_true(take("a", NOW_US).is_allowed);
    assert_true(take("a", NOW_US).is_allowed);
    assert_false(take("a", NOW_US).is_allowed);
}

static void a_foreign_sum_past_the_quota_leaves_an_empty_bucket_and_no_debt(void **state)
{
    const int64_t sums[] = {6, 7, INT64_MAX};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(sums); i++) {
        char name[16];
        struct sv who = name_of(name, (int)i);

        rates_add(rates, &reads, who, sums[i], NOW_US);
        rates_add(rates, &reads, who, sums[i], NOW_US);
        assert_int_equal(look(name, NOW_US).remaining, 0);
        assert_int_equal(look(name, NOW_US).reset_s, 60);
        assert_true(take(name, NOW_US + 10 * S).is_allowed);
    }
}

static void only_a_kept_key_survives_a_drop(void **state)
{
    (void)state;
    use_up("kept", NOW_US);
    assert_false(take("kept", NOW_US).is_kept);
    rates_keep(rates, &reads, SV("kept"));
    assert_true(take("kept", NOW_US).is_kept);
    rates_drop(rates, &reads, SV("kept"));
    assert_int_equal(look("kept", NOW_US).remaining, 0);

    use_up("dropped", NOW_US);
    rates_drop(rates, &reads, SV("dropped"));
    assert_int_equal(look("dropped", NOW_US).remaining, 6);
    rates_drop(rates, &reads, SV("nobody"));
    rates_keep(rates, &reads, SV("nobody"));
    assert_false(look("nobody", NOW_US).is_kept);
}

static void fill(int first, int count)
{
    char name[16];

    for (int i = first; i < first + count; i++)
        assert_int_equal(rates_take(rates, &reads, name_of(name, i), NOW_US).remaining, 5);
}

static int64_t remaining_of(int number)
{
    char name[16];

    return rates_look(rates, &reads, name_of(name, number), NOW_US).remaining;
}

static void all_of_the_most_keys_are_remembered(void **state)
{
    (void)state;
    fill(0, RATE_KEYS);
    for (int i = 0; i < RATE_KEYS; i++)
        assert_int_equal(remaining_of(i), 5);
}

static void one_past_the_most_forgets_the_one_used_longest_ago(void **state)
{
    (void)state;
    fill(0, RATE_KEYS);
    assert_int_equal(take("key-0", NOW_US).remaining, 4); /* used: now key-1 is the oldest */
    fill(RATE_KEYS, 1);
    assert_int_equal(remaining_of(0), 4);
    assert_int_equal(remaining_of(1), 6);
    for (int i = 2; i <= RATE_KEYS; i++)
        assert_int_equal(remaining_of(i), 5);
}

static void a_dropped_key_makes_room_for_another(void **state)
{
    (void)state;
    fill(0, RATE_KEYS);
    rates_drop(rates, &reads, SV("key-5000"));
    fill(RATE_KEYS, 1);
    assert_int_equal(remaining_of(5000), 6);
    assert_int_equal(remaining_of(0), 5);
    fill(2 * RATE_KEYS, 3 * RATE_KEYS);
    assert_int_equal(remaining_of(RATE_KEYS), 6);
    assert_int_equal(remaining_of(5 * RATE_KEYS - 1), 5);
    assert_int_equal(remaining_of(4 * RATE_KEYS), 5);
    assert_int_equal(remaining_of(4 * RATE_KEYS - 1), 6);
}

/* --- Processes ------------------------------------------------------------------------------- */

static int status_of(pid_t child)
{
    int status;

    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

/* Takes `tries` times; exits with how many were allowed. */
static pid_t start_taker(const struct rate_policy *policy, int tries)
{
    pid_t child = fork();
    int allowed = 0;

    if (child)
        return child;
    for (int i = 0; i < tries; i++)
        allowed += rates_take(rates, policy, SV("shared"), NOW_US).is_allowed;
    _exit(allowed);
}

static void processes_at_once_share_one_quota_exactly(void **state)
{
    const struct rate_policy shared = {.name = "s", .number = 2, .quota = 200, .window_s = 60};
    pid_t children[4];
    int allowed = 0;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(children); i++)
        children[i] = start_taker(&shared, 20000);
    for (size_t i = 0; i < COUNT_OF(children); i++) {
        int status = status_of(children[i]);

        assert_true(WIFEXITED(status));
        allowed += WEXITSTATUS(status);
    }
    assert_int_equal(allowed, shared.quota);
    assert_false(rates_take(rates, &shared, SV("shared"), NOW_US).is_allowed);
}

static void a_process_that_is_gone_leaves_its_counts(void **state)
{
    (void)state;
    assert_int_equal(WEXITSTATUS(status_of(start_taker(&reads, 4))), 4);
    assert_int_equal(look("shared", NOW_US).remaining, 2);
}

static void a_process_that_dies_with_the_lock_leaves_an_empty_table(void **state)
{
    pid_t child;

    (void)state;
    use_up("a", NOW_US);
    child = fork();
    if (child == 0) {
        bool is_locked = lock(rates);

        rates->slots[NOBODY].newer = RATE_KEYS; /* half done */
        _exit(is_locked ? 0 : 1);
    }
    assert_int_equal(status_of(child), 0);
    assert_int_equal(take("a", NOW_US).remaining, 5);
    fill(0, RATE_KEYS);
    assert_int_equal(remaining_of(0), 5);
}

/* The holder waits for us to close the pipe, and so it holds the lock for as long as we ask. */
static void a_process_that_stands_still_with_the_lock_holds_nobody_up(void **state)
{
    int locked[2];
    int let_go[2];
    struct rate_answer answer;
    pid_t child;
    char byte;

    (void)state;
    assert_int_equal(pipe(locked), 0);
    assert_int_equal(pipe(let_go), 0);
    use_up("a", NOW_US);
    child = fork();
    if (child == 0) {
        close(let_go[1]);
        if (!lock(rates) || write(locked[1], "l", 1) != 1)
            _exit(1);
        _exit(read(let_go[0], &byte, 1) == 0 ? 0 : 1);
    }
    assert_int_equal(read(locked[0], &byte, 1), 1);
    answer = take("a", NOW_US);
    assert_true(answer.is_allowed && answer.is_kept);
    assert_int_equal(answer.remaining, reads.quota);
    for (int i = 0; i < 2; i++) {
        close(locked[i]);
        close(let_go[i]);
    }
    assert_int_equal(status_of(child), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_quota_passes_and_one_more_does_not),
        TEST(a_request_comes_back_at_its_instant_and_not_before),
        TEST(after_the_window_the_whole_quota_is_back_and_no_more),
        TEST(waiting_as_long_as_reset_says_is_enough),
        TEST(a_process_whose_now_is_a_little_older_gives_nothing_away),
        TEST(quotas_from_one_to_the_largest_are_exact),
        TEST(keys_and_policies_do_not_share),
        TEST(looking_takes_nothing_and_adds_no_key),
        TEST(a_foreign_sum_counts_like_requests_here),
        TEST(a_foreign_sum_past_the_quota_leaves_an_empty_bucket_and_no_debt),
        TEST(only_a_kept_key_survives_a_drop),
        TEST(all_of_the_most_keys_are_remembered),
        TEST(one_past_the_most_forgets_the_one_used_longest_ago),
        TEST(a_dropped_key_makes_room_for_another),
        TEST(processes_at_once_share_one_quota_exactly),
        TEST(a_process_that_is_gone_leaves_its_counts),
        TEST(a_process_that_dies_with_the_lock_leaves_an_empty_table),
        TEST(a_process_that_stands_still_with_the_lock_holds_nobody_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
