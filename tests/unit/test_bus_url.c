/* What KITH_REDIS_URL may say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "bus/url.h"

static struct arena *arena;

static int make_arena(void **state)
{
    (void)state;
    arena = arena_new(KB(64));
    return 0;
}

static int free_arena(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static struct bus_url parsed(const char *text)
{
    struct bus_url url;

    assert_true(bus_url_parse(arena, sv_of(text), &url));
    return url;
}

static void test_a_server_is_a_host_and_perhaps_a_port(void **state)
{
    (void)state;
    assert_string_equal(parsed("redis://127.0.0.1:7000").host, "127.0.0.1");
    assert_int_equal(parsed("redis://127.0.0.1:7000").port, 7000);
    assert_int_equal(parsed("redis://redis").port, 6379);
    assert_string_equal(parsed("redis://[::1]:7000").host, "::1");
    assert_int_equal(parsed("redis://[::1]").port, 6379);
    assert_int_equal(parsed("redis://redis:7000/0").port, 7000);
    assert_string_equal(parsed("redis://redis/").host, "redis");
    assert_null(parsed("redis://redis").path);
    assert_null(parsed("redis://redis").user);
    assert_null(parsed("redis://redis").password);
}

static void test_a_password_stands_behind_a_colon_and_is_decoded(void **state)
{
    (void)state;
    assert_string_equal(parsed("redis://:secret@redis").password, "secret");
    assert_null(parsed("redis://:secret@redis").user);
    assert_string_equal(parsed("redis://kith:s%40%2Ft@redis:7000").password, "s@/t");
    assert_string_equal(parsed("redis://kith:s%40%2Ft@redis:7000").user, "kith");
    assert_string_equal(parsed("redis://kith:s@redis:7000").host, "redis");
}

static void test_a_socket_is_an_absolute_path(void **state)
{
    (void)state;
    assert_string_equal(parsed("unix:/run/redis.sock").path, "/run/redis.sock");
    assert_string_equal(parsed("unix:///run/redis.sock").path, "/run/redis.sock");
    assert_null(parsed("unix:/run/redis.sock").host);
}

static void test_what_is_none_is_refused(void **state)
{
    static const char *const wrong[] = {
        "",
        "redis",
        "redis://",
        "redis:///0",
        "redis://:7000",
        "redis://redis:",
        "redis://redis:0",
        "redis://redis:65536",
        "redis://redis:7000/1",
        "redis://redis:7000x",
        "redis://[::1",
        "redis://[]",
        "redis://[::1]7000",
        "redis://secret@redis",
        "redis://:@redis",
        "redis://:%zz@redis",
        "redis://:a%00b@redis",
        "http://redis",
        "rediss://redis",
        "unix:",
        "unix://run/redis.sock",
        "unix:redis.sock",
    };
    struct bus_url url;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        if (bus_url_parse(arena, sv_of(wrong[i]), &url))
            fail_msg("taken: %s", wrong[i]);
    }
}

static void test_a_path_is_as_long_as_a_socket_address_at_most(void **state)
{
    char text[128] = "unix:/";
    struct bus_url url;

    (void)state;
    memset(text + 6, 'x', 106);
    assert_true(bus_url_parse(arena, sv_of(text), &url));
    text[6 + 106] = 'x';
    assert_false(bus_url_parse(arena, sv_of(text), &url));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_server_is_a_host_and_perhaps_a_port),
        cmocka_unit_test(test_a_password_stands_behind_a_colon_and_is_decoded),
        cmocka_unit_test(test_a_socket_is_an_absolute_path),
        cmocka_unit_test(test_what_is_none_is_refused),
        cmocka_unit_test(test_a_path_is_as_long_as_a_socket_address_at_most),
    };

    return cmocka_run_group_tests(tests, make_arena, free_arena);
}
