/* A URL's hosts, as lists for libpq. Here every host has numeric addresses: /etc/hosts and the
 * resolver have no say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "db/places.h"

static struct loop *loop;
static struct arena *arena;
static struct names *names;
static struct places places;
static bool is_told;

static void done(void *arg)
{
    (void)arg;
    is_told = true;
}

static int setup(void **state)
{
    (void)state;
    unsetenv("PGHOST");
    unsetenv("PGHOSTADDR");
    unsetenv("PGPORT");
    loop = loop_new();
    arena = arena_new(MB(4));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    names_free(names);
    names = NULL;
    arena_free(arena);
    loop_free(loop);
    return 0;
}

static void parse(const char *url)
{
    struct names_asker asker;
    int64_t until_ms = clock_mono_ms() + 10000;

    places_parse(arena, url, &places);
    names_free(names);
    names = names_new(loop, places.names, places.name_count, 10000);
    is_told = false;
    names_asker_init(&asker, done, NULL);
    names_ask(names, &asker);
    while (!is_told && clock_mono_ms() < until_ms)
        event_base_loop(loop_base(loop), EVLOOP_ONCE);
    assert_true(is_told);
}

static struct place_lists lists_from(size_t first)
{
    struct place_lists lists;
    const char *why = NULL;

    assert_true(places_list(arena, &places, names, first, &lists, &why));
    return lists;
}

static void gives(const char *url, const char *host, const char *address, const char *port)
{
    struct place_lists lists;

    parse(url);
    lists = lists_from(0);
    assert_string_equal(lists.host, host);
    assert_string_equal(lists.address, address);
    assert_string_equal(lists.port, port);
}

static void test_a_name_has_its_addresses_beside_it(void **state)
{
    (void)state;
    gives("postgresql://kith@10.0.0.1/kith", "10.0.0.1", "10.0.0.1", "");
    gives("postgresql://kith@10.0.0.1:6000/kith", "10.0.0.1", "10.0.0.1", "6000");
    gives("postgresql://[::1]/kith", "::1", "::1", "");
    gives("host=10.0.0.1 port=6000", "10.0.0.1", "10.0.0.1", "6000");
}

static void test_each_host_has_its_port_or_all_have_one(void **state)
{
    (void)state;
    gives("postgresql://10.0.0.1:1,10.0.0.2:2/", "10.0.0.1,10.0.0.2", "10.0.0.1,10.0.0.2", "1,2");
    gives("postgresql://10.0.0.1,10.0.0.2:2/", "10.0.0.1,10.0.0.2", "10.0.0.1,10.0.0.2", ",2");
    gives("host=10.0.0.1,10.0.0.2 port=7", "10.0.0.1,10.0.0.2", "10.0.0.1,10.0.0.2", "7,7");
}

static void test_what_needs_no_resolver_is_passed_on(void **state)
{
    (void)state;
    gives("postgresql:///kith?host=/run/pg", "/run/pg", "", "");
    gives("host=@abstract,/run/pg", "@abstract,/run/pg", ",", ",");
    gives("host=db.invalid hostaddr=10.0.0.9", "db.invalid", "10.0.0.9", "");
    gives("hostaddr=10.0.0.8,10.0.0.9", ",", "10.0.0.8,10.0.0.9", ",");
    gives("postgresql:///kith", "", "", "");
    assert_int_equal(places.name_count, 0);
}

static void test_the_environment_says_what_the_url_does_not(void **state)
{
    (void)state;
    setenv("PGHOST", "10.0.0.1,10.0.0.2", 1);
    setenv("PGPORT", "6000", 1);
    gives("postgresql:///kith", "10.0.0.1,10.0.0.2", "10.0.0.1,10.0.0.2", "6000,6000");
    gives("postgresql://10.0.0.3:5/kith", "10.0.0.3", "10.0.0.3", "5");
}

static void test_it_begins_where_it_is_told_and_comes_around(void **state)
{
    struct place_lists lists;

    (void)state;
    parse("postgresql://10.0.0.1:1,10.0.0.2:2,10.0.0.3:3/");
    lists = lists_from(1);
    assert_string_equal(lists.address, "10.0.0.2,10.0.0.3,10.0.0.1");
    assert_string_equal(lists.host, "10.0.0.2,10.0.0.3,10.0.0.1");
    assert_string_equal(lists.port, "2,3,1");
    assert_string_equal(lists_from(3000001).port, "2,3,1");
}

static void test_a_name_without_an_address_is_left_out(void **state)
{
    struct place_lists lists;
    const char *why = NULL;

    (void)state;
    gives("host=no..name,10.0.0.2 port=1,2", "10.0.0.2", "10.0.0.2", "2");
    parse("host=no..name port=1");
    assert_false(places_list(arena, &places, names, 0, &lists, &why));
    assert_memory_equal(why, "no..name: ", 10);
}

/* libpq says what is wrong. */
static void test_a_wrong_url_is_passed_on(void **state)
{
    static const char *const wrong[] = {
        "host=10.0.0.1 port=1,2",
        "host=10.0.0.1,10.0.0.2 port=1,2,3",
        "host=a,b hostaddr=10.0.0.1",
        "no=such",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        parse(wrong[i]);
        assert_int_equal(places.name_count, 0);
        assert_null(lists_from(0).host);
    }
}

static void test_of_too_many_hosts_some_are_left_out(void **state)
{
    (void)state;
    parse("host=1.1.1.1,1.1.1.2,3,4,5,6,7,8,9,10,11,12,13,14,15,1.1.1.16");
    assert_int_equal(places.n, NAMES_MOST);
    assert_string_equal(places.names[NAMES_MOST - 1], "1.1.1.16");
    parse("host=1.1.1.1,1.1.1.2,3,4,5,6,7,8,9,10,11,12,13,14,15,1.1.1.16,1.1.1.17");
    assert_int_equal(places.n, NAMES_MOST);
    assert_string_equal(places.names[NAMES_MOST - 1], "1.1.1.16");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_a_name_has_its_addresses_beside_it),
        TEST(test_each_host_has_its_port_or_all_have_one),
        TEST(test_what_needs_no_resolver_is_passed_on),
        TEST(test_the_environment_says_what_the_url_does_not),
        TEST(test_it_begins_where_it_is_told_and_comes_around),
        TEST(test_a_name_without_an_address_is_left_out),
        TEST(test_a_wrong_url_is_passed_on),
        TEST(test_of_too_many_hosts_some_are_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
