/* Addresses: what is one, which networks they lie in, who the client is, and how they are counted.
 */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "http/peer.h"
#include "in_arena.h"

static struct peer_address address(const char *text)
{
    struct peer_address out;

    if (!peer_parse(sv_of(text), &out))
        fail_msg("%s", text);
    return out;
}

static struct peer_list networks(const char *text)
{
    struct peer_list out;

    if (!peer_list_parse(sv_of(text), &out))
        fail_msg("%s", text);
    return out;
}

static const char *written(const struct peer_address *a)
{
    return arena_cstr(arena, peer_format(arena, a));
}

static void test_addresses_are_read_and_written(void **state)
{
    static const struct {
        const char *text;
        const char *written;
    } rows[] = {
        {"127.0.0.1", "127.0.0.1"},
        {"0.0.0.0", "0.0.0.0"},
        {"255.255.255.255", "255.255.255.255"},
        {"::ffff:10.1.2.3", "10.1.2.3"},
        {"::FFFF:0a01:0203", "10.1.2.3"},
        {"::1", "::1"},
        {"::", "::"},
        {"2001:DB8:0:0:0:0:0:7", "2001:db8::7"},
        {"ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255",
         "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct peer_address a = address(rows[i].text);

        assert_string_equal(written(&a), rows[i].written);
    }
}

static void test_what_is_no_address_is_refused(void **state)
{
    static const char *const texts[] = {
        "",           "1.2.3",    "1.2.3.4.5", "256.1.1.1",   "1.2.3.4 ",  " 1.2.3.4",
        "1.2.3.4:80", "[::1]",    "::1%lo",    "::g",         "unknown",   "_hidden",
        "1::2::3",    "01.2.3.4", "0x7f.1.1",  "1.2.3.4\t\n", "fe80::1/10"};
    struct peer_address out;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        if (peer_parse(sv_of(texts[i]), &out))
            fail_msg("%s", texts[i]);
    }
    assert_false(peer_parse(SV("1.2.3.4\0"), &out));
    assert_false(peer_parse(SV("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.2555"), &out));
}

static void test_addresses_of_sockets(void **state)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr = {htonl(0x0a010203)}};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    struct sockaddr local = {.sa_family = AF_UNIX};
    struct peer_address out;

    (void)state;
    assert_true(peer_of_sockaddr((struct sockaddr *)&in, &out));
    assert_string_equal(written(&out), "10.1.2.3");
    assert_true(peer_of_sockaddr((struct sockaddr *)&in6, &out));
    assert_string_equal(written(&out), "::1");
    assert_false(peer_of_sockaddr(&local, &out));
}

static void test_networks_hold_what_begins_like_them(void **state)
{
    static const struct {
        const char *networks;
        const char *inside;
        const char *outside;
    } rows[] = {
        {"10.1.2.3", "10.1.2.3", "10.1.2.2"},
        {"10.1.2.3/32", "10.1.2.3", "10.1.2.2"},
        {"10.1.2.3/31", "10.1.2.2", "10.1.2.1"},
        {"127.0.0.0/8", "127.255.255.255", "126.255.255.255"},
        {"127.0.0.0/7", "126.0.0.0", "125.255.255.255"},
        {"128.0.0.0/1", "255.0.0.1", "127.255.255.255"},
        {"0.0.0.0/0", "255.255.255.255", "::1"},
        {"::ffff:10.0.0.0/8", "10.255.0.1", "11.0.0.0"},
        {"8000::/1", "ffff::", "7fff:ffff::"},
        {"fe00::/7", "ff00::1", "fd00::1"},
        {"fd00::/8", "fdff::1", "fc00::1"},
        {"2001:db8::/31", "2001:db9::1", "2001:dba::1"},
        {"2001:db8::/32", "2001:db8:ffff::", "2001:db9::"},
        {"2001:db8::6/127", "2001:db8::7", "2001:db8::5"},
        {"2001:db8::7/128", "2001:db8::7", "2001:db8::6"},
        {"2001:db8::7", "2001:db8::7", "2001:db8::6"},
        {" 10.0.0.1 , ,\tfd00::/8,", "fd00::1", "10.0.0.2"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct peer_list list = networks(rows[i].networks);
        struct peer_address inside = address(rows[i].inside);
        struct peer_address outside = address(rows[i].outside);

        if (!peer_list_has(&list, &inside) || peer_list_has(&list, &outside))
            fail_msg("%s", rows[i].networks);
    }
}

static void test_all_of_ipv6_is_every_address(void **state)
{
    struct peer_list list = networks("::/0");
    struct peer_address v4 = address("10.1.2.3");
    struct peer_address v6 = address("ffff::");

    (void)state;
    assert_true(peer_list_has(&list, &v4));
    assert_true(peer_list_has(&list, &v6));
}

static void test_no_list_and_an_empty_one_hold_nobody(void **state)
{
    struct peer_list none = networks("");
    struct peer_address a = address("::");

    (void)state;
    assert_int_equal(none.count, 0);
    assert_false(peer_list_has(&none, &a));
    assert_false(peer_list_has(NULL, &a));
}

static void test_malformed_networks_are_refused(void **state)
{
    static const char *const texts[] = {
        "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/",     "::/129",
        "/8",          "localhost",   "10.0.0.0/8/8",  "10.0.0.0/ 8",
        "10.0.0.1;::", "10.0.0.1 ::", "::ffff:0:0/96", "10.0.0.0/+8"};
    struct peer_list list;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        if (peer_list_parse(sv_of(texts[i]), &list))
            fail_msg("%s", texts[i]);
    }
}

static void test_a_list_is_full_at_its_limit(void **state)
{
    struct sv text = SV("10.0.0.0");
    struct peer_list list;

    (void)state;
    for (int i = 1; i < PEER_LIST_NETWORKS; i++)
        text = arena_printf(arena, "%.*s,10.0.0.%d", SV_ARG(text), i);
    assert_true(peer_list_parse(text, &list));
    assert_int_equal(list.count, PEER_LIST_NETWORKS);
    assert_false(peer_list_parse(arena_printf(arena, "%.*s,::1", SV_ARG(text)), &list));
}

static void test_the_client_is_the_last_who_is_no_proxy(void **state)
{
    static const struct {
        const char *peer;
        const char *fields[3];
        const char *client;
    } rows[] = {
        {"10.0.0.1", {NULL}, "10.0.0.1"},
        {"10.0.0.1", {"1.1.1.1"}, "1.1.1.1"},
        {"10.0.0.1", {"9.9.9.9, 1.1.1.1"}, "1.1.1.1"},
        {"10.0.0.1", {"9.9.9.9, 1.1.1.1,10.0.0.2 ,\t10.0.0.3"}, "1.1.1.1"},
        {"10.0.0.1", {"2001:db8::1, fd00::2"}, "2001:db8::1"},
        {"10.0.0.1", {"::ffff:10.0.0.2"}, "10.0.0.2"},
        /* Several fields are one list (RFC 9110 §5.3). */
        {"10.0.0.1", {"9.9.9.9", "1.1.1.1, 10.0.0.2", "10.0.0.3"}, "1.1.1.1"},
        {"10.0.0.1", {"1.1.1.1", "", "10.0.0.3"}, "1.1.1.1"},
        /* Who is no proxy is not believed. */
        {"8.8.8.8", {"1.1.1.1"}, "8.8.8.8"},
        /* All of them are proxies: the farthest. */
        {"10.0.0.1", {"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
        /* What is no address ends the walk at the last one known. */
        {"10.0.0.1", {"unknown"}, "10.0.0.1"},
        {"10.0.0.1", {"1.1.1.1, unknown"}, "10.0.0.1"},
        {"10.0.0.1", {"1.1.1.1, , 10.0.0.2"}, "10.0.0.2"},
        {"10.0.0.1", {"1.1.1.1:443"}, "10.0.0.1"},
        {"10.0.0.1", {"[2001:db8::1]:443"}, "10.0.0.1"},
        {"10.0.0.1", {"1.1.1.1", "garbage, 10.0.0.2"}, "10.0.0.2"},
        {"10.0.0.1", {"garbage, 1.1.1.1"}, "1.1.1.1"},
    };
    struct peer_list trusted = networks("10.0.0.0/8,fd00::/8");

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct http_field fields[5] = {{SV("Host"), SV("1.2.3.4")}};
        struct http_head head = {.fields = fields, .field_count = 1};
        struct peer_address peer = address(rows[i].peer);
        struct peer_address client;

        for (size_t f = 0; f < COUNT_OF(rows[i].fields) && rows[i].fields[f]; f++)
            fields[head.field_count++] =
                (struct http_field){SV("x-Forwarded-FOR"), sv_of(rows[i].fields[f])};
        fields[head.field_count++] = (struct http_field){SV("X-Forwarded-Host"), SV("7.7.7.7")};
        client = peer_client(&trusted, &peer, &head);
        assert_string_equal(written(&client), rows[i].client);
        client = peer_client(NULL, &peer, &head);
        assert_string_equal(written(&client), rows[i].peer);
    }
}

static void test_counts_are_by_address_or_by_network_of_64_bits(void **state)
{
    static const struct {
        const char *address;
        size_t count;
    } rows[] = {
        {"10.0.0.1", 1},       {"10.0.0.2", 1},         {"10.0.0.1", 2},
        {"2001:db8::1", 1},    {"2001:db8::ffff:1", 2}, {"2001:db8::ffff:ffff:ffff:ffff", 3},
        {"2001:db8:0:1::", 1}, {"::ffff:10.0.0.1", 3},  {"::1", 1},
    };
    struct peer_counts *counts = peer_counts_new();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct peer_address a = address(rows[i].address);

        assert_int_equal(peer_counts_add(counts, &a), rows[i].count);
    }
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct peer_address a = address(rows[i].address);

        peer_counts_remove(counts, &a);
    }
    for (size_t i = 0; i < 2; i++) {
        struct peer_address a = address(rows[i].address);

        assert_int_equal(peer_counts_add(counts, &a), 1);
    }
    peer_counts_free(counts);
}

/* More networks than there are chains, so that chains are walked and cut in their middle. */
static void test_many_networks_are_told_apart(void **state)
{
    struct peer_counts *counts = peer_counts_new();
    struct peer_address a = address("10.0.0.0");

    (void)state;
    for (int round = 1; round <= 2; round++) {
        for (unsigned i = 0; i < 5000; i++) {
            a.b[14] = (unsigned char)(i >> 8);
            a.b[15] = (unsigned char)i;
            assert_int_equal(peer_counts_add(counts, &a), round);
        }
    }
    for (unsigned i = 0; i < 10000; i++) {
        a.b[14] = (unsigned char)(i / 2 >> 8);
        a.b[15] = (unsigned char)(i / 2);
        peer_counts_remove(counts, &a);
    }
    assert_int_equal(peer_counts_add(counts, &a), 1);
    peer_counts_free(counts);
    peer_counts_free(NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(test_addresses_are_read_and_written),
        TEST(test_what_is_no_address_is_refused),
        TEST(test_addresses_of_sockets),
        TEST(test_networks_hold_what_begins_like_them),
        TEST(test_all_of_ipv6_is_every_address),
        TEST(test_no_list_and_an_empty_one_hold_nobody),
        TEST(test_malformed_networks_are_refused),
        TEST(test_a_list_is_full_at_its_limit),
        TEST(test_the_client_is_the_last_who_is_no_proxy),
        TEST(test_counts_are_by_address_or_by_network_of_64_bits),
        TEST(test_many_networks_are_told_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
