/* Listening addresses: what is one, and who reaches it. */
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "http/server.h"

static int listen_on(const char *address)
{
    const char *why = NULL;
    int fd = http_listen(address, &why);

    if (fd < 0)
        fail_msg("%s: %s", address, why);
    return fd;
}

static bool has_ipv6(void)
{
    struct sockaddr_in6 loopback = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(AF_INET6, SOCK_STREAM, 0);
    bool has = fd >= 0 && bind(fd, (struct sockaddr *)&loopback, sizeof loopback) == 0;

    if (fd >= 0)
        close(fd);
    return has;
}

static in_port_t port_of(int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
    } address;
    socklen_t length = sizeof address;

    assert_int_equal(getsockname(fd, &address.any, &length), 0);
    return address.any.sa_family == AF_INET ? address.in.sin_port : address.in6.sin6_port;
}

static bool can_connect(int family, in_port_t port)
{
    struct sockaddr_in in = {
        .sin_family = AF_INET, .sin_port = port, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct sockaddr_in6 in6 = {
        .sin6_family = AF_INET6, .sin6_port = port, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(family, SOCK_STREAM, 0);
    bool connected = family == AF_INET ? connect(fd, (struct sockaddr *)&in, sizeof in) == 0
                                       : connect(fd, (struct sockaddr *)&in6, sizeof in6) == 0;

    assert_true(fd >= 0);
    close(fd);
    return connected;
}

static void test_no_host_is_all_addresses_of_both_kinds(void **state)
{
    int fd = listen_on(":0");

    (void)state;
    assert_true(can_connect(AF_INET, port_of(fd)));
    assert_int_equal(can_connect(AF_INET6, port_of(fd)), has_ipv6());
    close(fd);
}

static void test_a_host_is_that_address_alone(void **state)
{
    int fd = listen_on("127.0.0.1:0");

    (void)state;
    assert_true(can_connect(AF_INET, port_of(fd)));
    assert_true(!has_ipv6() || !can_connect(AF_INET6, port_of(fd)));
    close(fd);
}

static void test_the_address_is_told_with_its_port(void **state)
{
    struct arena *arena = arena_new(KB(4));
    int fd = listen_on("127.0.0.1:0");
    struct sv told = http_listen_address(arena, fd);
    struct sv expected = arena_printf(arena, "127.0.0.1:%d", ntohs(port_of(fd)));

    (void)state;
    assert_string_equal(told.p, expected.p);
    arena_free(arena);
    close(fd);
}

static void test_a_taken_port_says_so(void **state)
{
    struct arena *arena = arena_new(KB(4));
    int fd = listen_on("127.0.0.1:0");
    const char *why = NULL;

    (void)state;
    assert_int_equal(http_listen(http_listen_address(arena, fd).p, &why), -1);
    assert_string_equal(why, strerror(EADDRINUSE));
    arena_free(arena);
    close(fd);
}

static void test_what_is_no_address_says_so(void **state)
{
    static const char *const addresses[] = {
        "",        "8080",       "127.0.0.1", "127.0.0.1:", "localhost:0",    "127.0.0.1:http",
        "[::1:80", "[::1]80:80", "[::1]x:80", "1.2.3:4:5",  "127.0.0.1:0x50",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(addresses); i++) {
        const char *why = NULL;

        if (http_listen(addresses[i], &why) != -1)
            fail_msg("%s", addresses[i]);
        assert_string_equal(why, "it is not HOST:PORT with a numeric host");
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_host_is_all_addresses_of_both_kinds),
        cmocka_unit_test(test_a_host_is_that_address_alone),
        cmocka_unit_test(test_the_address_is_told_with_its_port),
        cmocka_unit_test(test_a_taken_port_says_so),
        cmocka_unit_test(test_what_is_no_address_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
