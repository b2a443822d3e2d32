/* Whom a request is counted for, and what becomes of a token that was let in on trust. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

/* Before cmocka, which has a fail() of its own. */
#include "../../services/api/limits.c"
#include "../../services/api/rate.c"

#include <cmocka.h>

#define NOW_US    INT64_C(7000000000)
#define ANONYMOUS 3

static const struct api_config config = {.rate_window_s = 3600,
                                         .rate_reads = 6,
                                         .rate_writes = 4,
                                         .rate_sign_ins = 2,
                                         .rate_anonymous = ANONYMOUS};
static const struct route sign_in = {.flags = ROUTE_PUBLIC | ROUTE_SIGNS_IN};

static struct limits limits;
static struct arena *arena;

static int set_up(void **state)
{
    (void)state;
    limits_start(&limits, &config);
    arena = arena_new(MB(1));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(arena);
    limits_stop(&limits);
    return 0;
}

/* Of a client that has left: the answer is made and dropped. */
static struct req *request(enum http_method method)
{
    struct req *r = ARENA_NEW(arena, req);

    r->arena = arena;
    r->head.method = method;
    r->address = SV("203.0.113.9");
    r->started_us = NOW_US;
    return r;
}

static bool is_admitted(struct req *r, struct sv token_hash, struct admission *out)
{
    *out = (struct admission){0};
    return limits_admit(r, &limits, token_hash, out) == NULL;
}

static int64_t left_of_address(void)
{
    struct admission any;

    any.network = network_of_client(request(HTTP_GET));
    return rates_look(limits.rates, &limits.rows[LIMIT_ANONYMOUS].policy,
                      network_view(&any.network), NOW_US)
        .remaining;
}

static int64_t left_of_token(struct sv token_hash)
{
    return rates_look(limits.rates, &limits.rows[LIMIT_READS].policy, token_hash, NOW_US).remaining;
}

static void the_method_the_token_and_the_route_choose_the_policy(void **state)
{
    const struct {
        enum http_method method;
        const struct route *route;
        struct sv token_hash;
        const char *policy;
    } cases[] = {
        {HTTP_GET, NULL, SV("t"), "reads"},         {HTTP_HEAD, NULL, SV("t"), "reads"},
        {HTTP_OPTIONS, NULL, SV("t"), "reads"},     {HTTP_POST, NULL, SV("t"), "writes"},
        {HTTP_PATCH, NULL, SV("t"), "writes"},      {HTTP_DELETE, NULL, SV("t"), "writes"},
        {HTTP_GET, NULL, SV_NONE, "anonymous"},     {HTTP_POST, NULL, SV_NONE, "anonymous"},
        {HTTP_POST, &sign_in, SV_NONE, "sign_ins"}, {HTTP_POST, &sign_in, SV("t"), "sign_ins"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct req *r = request(cases[i].method);
        struct admission admission;

        r->route = cases[i].route;
        assert_true(is_admitted(r, cases[i].token_hash, &admission));
        assert_string_equal(admission.policy->name, cases[i].policy);
    }
}

static void a_verified_token_is_kept_and_its_address_not_charged(void **state)
{
    struct admission admission;

    (void)state;
    assert_true(is_admitted(request(HTTP_GET), SV("t"), &admission));
    assert_true(admission.is_on_trust);
    limits_verified(&limits, &admission);
    limits_ended(&limits, &admission, 200, NOW_US);
    assert_int_equal(left_of_token(SV("t")), 5);
    assert_int_equal(left_of_address(), ANONYMOUS);
    assert_true(is_admitted(request(HTTP_GET), SV("t"), &admission));
    assert_false(admission.is_on_trust);
}

static void a_token_that_is_not_verified_is_forgotten_and_its_address_charged(void **state)
{
    const int statuses[] = {401, 404, 499};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(statuses); i++) {
        struct admission admission;

        assert_true(is_admitted(request(HTTP_GET), SV("t"), &admission));
        limits_ended(&limits, &admission, statuses[i], NOW_US);
        assert_int_equal(left_of_token(SV("t")), 6);
        assert_int_equal(left_of_address(), ANONYMOUS - 1 - (int64_t)i);
    }
}

static void what_failed_on_our_side_is_charged_to_nobody(void **state)
{
    const int statuses[] = {500, 503, 504};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(statuses); i++) {
        struct admission admission;

        assert_true(is_admitted(request(HTTP_GET), SV("t"), &admission));
        limits_ended(&limits, &admission, statuses[i], NOW_US);
        assert_int_equal(left_of_token(SV("t")), 6);
        assert_int_equal(left_of_address(), ANONYMOUS);
    }
}

static void an_address_without_quota_stops_new_tokens_and_no_verified_ones(void **state)
{
    struct admission admission;

    (void)state;
    assert_true(is_admitted(request(HTTP_GET), SV("verified"), &admission));
    limits_verified(&limits, &admission);
    for (int i = 0; i < ANONYMOUS; i++)
        assert_true(is_admitted(request(HTTP_GET), SV_NONE, &admission));
    assert_false(is_admitted(request(HTTP_GET), SV("new"), &admission));
    assert_string_equal(admission.policy->name, "anonymous");
    assert_int_equal(left_of_token(SV("new")), 6);
    assert_true(is_admitted(request(HTTP_GET), SV("verified"), &admission));
}

/* Two requests of a new token at once: the one that is verified saves the count from the other. */
static void an_unverified_end_does_not_wipe_what_a_verified_request_counted(void **state)
{
    struct admission slow;
    struct admission verified;

    (void)state;
    assert_true(is_admitted(request(HTTP_GET), SV("t"), &slow));
    assert_true(is_admitted(request(HTTP_GET), SV("t"), &verified));
    limits_verified(&limits, &verified);
    limits_ended(&limits, &slow, 404, NOW_US);
    assert_int_equal(left_of_token(SV("t")), 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_method_the_token_and_the_route_choose_the_policy),
        TEST(a_verified_token_is_kept_and_its_address_not_charged),
        TEST(a_token_that_is_not_verified_is_forgotten_and_its_address_charged),
        TEST(what_failed_on_our_side_is_charged_to_nobody),
        TEST(an_address_without_quota_stops_new_tokens_and_no_verified_ones),
        TEST(an_unverified_end_does_not_wipe_what_a_verified_request_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
