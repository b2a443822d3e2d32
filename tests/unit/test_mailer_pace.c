/* How fast the mailer sends: to one domain, and to a server that cannot be used. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../services/mailer/pace.c"
#include "in_arena.h"

static const struct mail_result down = {.outcome = MAIL_DEFERRED, .cause = MAIL_CAUSE_RELAY};
static const struct mail_result refused = {.outcome = MAIL_REFUSED, .cause = MAIL_CAUSE_ADDRESS};

static const struct mail_result slow_down = {.outcome = MAIL_DEFERRED, .cause = MAIL_CAUSE_POLICY};
static const struct mail_result accepted = {.outcome = MAIL_ACCEPTED};

static struct pace *new_pace(int64_t a_minute, int64_t rest_most_ms)
{
    return pace_new(&(struct pace_opts){.a_minute = a_minute,
                                        .rest_most_ms = rest_most_ms,
                                        .domain_first_ms = 60000,
                                        .domain_most_ms = 3600000});
}

static void test_a_domain_rests_after_a_minutes_mails_and_others_do_not(void **state)
{
    struct pace *pace = new_pace(2, 1000);
    int64_t wait_ms;

    (void)state;
    assert_string_equal(pace_left(pace, arena, 1, &wait_ms), "{}");
    assert_int_equal(wait_ms, 0);
    pace_take(pace, SV("a.example"));
    pace_take(pace, SV("b.example"));
    assert_string_equal(pace_left(pace, arena, 1, &wait_ms), "{}");
    pace_take(pace, SV("a.example"));
    assert_string_equal(pace_left(pace, arena, 1, &wait_ms), "{\"a.example\":0}");
    assert_int_equal(wait_ms, 30001);
    pace->buckets[0].at_ms -= 30000; /* half a minute later */
    assert_string_equal(pace_left(pace, arena, 1, &wait_ms), "{}");
    pace->buckets[0].at_ms -= 3600000; /* an hour later there is a minute's worth, not more */
    assert_string_equal(pace_left(pace, arena, 1, &wait_ms), "{}");
    assert_int_equal(pace->buckets[0].tokens_milli, 2 * MILLI);
    pace_free(pace);
}

static void test_of_too_many_domains_the_one_that_got_least_is_forgotten(void **state)
{
    struct pace *pace = new_pace(3, 1000);
    char name[32];
    int64_t wait_ms;

    (void)state;
    for (size_t i = 0; i < PACE_DOMAINS; i++) {
        snprintf(name, sizeof name, "d%zu.example", i);
        pace_take(pace, sv_of(name));
        if (i != 7)
            pace_take(pace, sv_of(name));
    }
    for (size_t i = 0; i < 3; i++)
        pace_take(pace, SV("one.more.example"));
    assert_int_equal(pace->bucket_count, PACE_DOMAINS);
    assert_string_equal(pace_left(pace, arena, 1, &wait_ms), "{\"one.more.example\":0}");
    assert_int_equal(pace->buckets[7].domain_length, strlen("one.more.example"));
    pace_free(pace);
}

static void test_all_domains_may_rest_at_once(void **state)
{
    struct pace *pace = new_pace(1, 1000);
    char name[DOMAIN_BYTES + 1];
    int64_t wait_ms;

    (void)state;
    memset(name, 'x', sizeof name);
    for (size_t i = 0; i < PACE_DOMAINS; i++) {
        memcpy(name, (char[]){(char)('a' + i % 26), (char)('a' + i / 26)}, 2);
        pace_take(pace, (struct sv){name, sizeof name});
    }
    assert_true(strlen(pace_left(pace, arena, 1, &wait_ms)) > PACE_DOMAINS * DOMAIN_BYTES);
    pace_free(pace);
}

static void test_a_server_rests_longer_each_time_up_to_the_most(void **state)
{
    static const int64_t most_ms[] = {1000, 2000, 4000, 5000, 5000};
    struct pace *pace = new_pace(1, 5000);

    (void)state;
    assert_int_equal(pace_rest_ms(pace), 0);
    for (size_t i = 0; i < COUNT_OF(most_ms); i++) {
        assert_int_equal(pace_note(pace, SV("a.example"), &down), i == 0);
        assert_in_range(pace_rest_ms(pace), most_ms[i] / 2 - 100, most_ms[i]);
    }
    assert_true(pace_note(pace, SV("a.example"), &refused)); /* it answers: it is there */
    assert_int_equal(pace_rest_ms(pace), 0);
    assert_false(pace_note(pace, SV("a.example"), &refused));
    pace_free(pace);
}

static void
test_a_domain_that_wants_none_for_now_rests_longer_each_time_and_others_do_not(void **state)
{
    static const int64_t most_ms[] = {60000, 120000, 240000};
    struct pace *pace = new_pace(100, 1000);
    int64_t wait_ms;

    (void)state;
    assert_false(pace_note(pace, SV("b.example"), &accepted));
    for (size_t i = 0; i < COUNT_OF(most_ms); i++) {
        assert_false(pace_note(pace, SV("a.example"), &slow_down)); /* the server can be used */
        assert_int_equal(pace_rest_ms(pace), 0);
        assert_string_equal(pace_left(pace, arena, 1, &wait_ms), "{\"a.example\":0}");
        assert_in_range(wait_ms, most_ms[i] / 2 - 100, most_ms[i]);
    }
    (void)pace_note(pace, SV("a.example"), &down); /* says nothing of the domain */
    assert_string_equal(pace_left(pace, arena, 1, &wait_ms), "{\"a.example\":0}");
    (void)pace_note(pace, SV("a.example"), &accepted); /* somebody waited for it to sign in */
    assert_string_equal(pace_left(pace, arena, 1, &wait_ms), "{}");
    pace_free(pace);
}

static void test_attempts_are_further_apart_each_time_up_to_the_most(void **state)
{
    (void)state;
    for (size_t i = 0; i < 100; i++) {
        assert_in_range(pace_retry_s(1, 60, 3600), 30, 60);
        assert_in_range(pace_retry_s(3, 60, 3600), 120, 240);
        assert_in_range(pace_retry_s(1000, 60, 3600), 1800, 3600);
        assert_in_range(pace_retry_s(1, 1, 1), 1, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_domain_rests_after_a_minutes_mails_and_others_do_not),
        cmocka_unit_test(test_of_too_many_domains_the_one_that_got_least_is_forgotten),
        cmocka_unit_test(test_all_domains_may_rest_at_once),
        cmocka_unit_test(test_a_server_rests_longer_each_time_up_to_the_most),
        cmocka_unit_test(
            test_a_domain_that_wants_none_for_now_rests_longer_each_time_and_others_do_not),
        cmocka_unit_test(test_attempts_are_further_apart_each_time_up_to_the_most),
    };

    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
