/* Hashes and keys, against their definitions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/secret.h"

/* SipHash: a fast short-input PRF (Aumasson, Bernstein), appendix A. */
static void test_a_keyed_hash_is_siphash_2_4(void **state)
{
    struct secret_key key;
    char bytes[15];

    (void)state;
    for (size_t i = 0; i < sizeof key.b; i++)
        key.b[i] = (unsigned char)i;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)i;
    assert_true(secret_hash64(&key, (struct sv){bytes, sizeof bytes}) ==
                UINT64_C(0xa129ca6149be45e5));
}

static void test_a_keyed_hash_is_another_under_another_key_and_of_other_bytes(void **state)
{
    struct secret_key one = secret_derive(SV("a secret of the configuration"), "one");
    struct secret_key other = secret_derive(SV("a secret of the configuration"), "other");

    (void)state;
    assert_true(secret_hash64(&one, SV("a")) == secret_hash64(&one, SV("a")));
    assert_true(secret_hash64(&one, SV("a")) != secret_hash64(&other, SV("a")));
    assert_true(secret_hash64(&one, SV("a")) != secret_hash64(&one, SV("b")));
    assert_true(secret_hash64(&one, SV("a")) != secret_hash64(&one, SV_NONE));
}

static void test_a_hash_of_pieces_is_that_of_the_whole(void **state)
{
    struct arena *arena = arena_new(KB(4));
    struct secret_sha256 hash;
    struct sv whole = secret_sha256_hex(arena, SV("abc"));

    (void)state;
    secret_sha256_begin(&hash);
    secret_sha256_add(&hash, SV("a"));
    secret_sha256_add(&hash, SV_NONE);
    secret_sha256_add(&hash, SV("bc"));
    assert_true(sv_eq(secret_sha256_end(arena, &hash), whole));
    assert_true(sv_starts_with(whole, SV("ba7816bf8f01cfea"))); /* FIPS 180-2, B.1 */
    arena_free(arena);
}

static void test_what_is_sealed_opens_under_its_key_for_its_row_alone(void **state)
{
    struct secret_key key = secret_derive(SV("a secret of the configuration"), "seal");
    struct secret_key other = secret_derive(SV("another secret"), "seal");
    struct arena *arena = arena_new(KB(16));
    struct sv sealed = secret_seal(arena, &key, SV("one"), SV("the secret"));
    struct sv again = secret_seal(arena, &key, SV("one"), SV("the secret"));
    struct sv opened;
    struct sv changed = arena_copy(arena, sealed);

    (void)state;
    assert_false(sv_eq(sealed, again));
    assert_true(secret_open(arena, &key, SV("one"), sealed, &opened));
    assert_true(sv_eq(opened, SV("the secret")));
    assert_false(secret_open(arena, &key, SV("another"), sealed, &opened));
    assert_false(secret_open(arena, &other, SV("one"), sealed, &opened));
    assert_false(secret_open(arena, &key, SV("one"), sv_head(sealed, 20), &opened));
    assert_false(secret_open(arena, &key, SV("one"), SV_NONE, &opened));
    memcpy((char *)(uintptr_t)changed.p + 50, changed.p[50] == 'A' ? "B" : "A", 1);
    assert_false(secret_open(arena, &key, SV("one"), changed, &opened));
    arena_free(arena);
}

static void test_a_box_is_opened_by_its_seed_alone_and_closes_otherwise_each_time(void **state)
{
    struct secret_key seed = secret_derive(SV("a secret of the configuration"), "survey");
    struct secret_key other = secret_derive(SV("a secret of the configuration"), "another");
    struct arena *arena = arena_new(KB(16));
    struct sv closed = secret_box_close(arena, &seed, SV("the answer"));
    struct sv opened;
    struct sv changed = arena_copy(arena, closed);

    (void)state;
    assert_false(sv_eq(closed, secret_box_close(arena, &seed, SV("the answer"))));
    assert_true(secret_box_open(arena, &seed, closed, &opened));
    assert_true(sv_eq(opened, SV("the answer")));
    assert_false(secret_box_open(arena, &other, closed, &opened));
    assert_false(secret_box_open(arena, &seed, sv_head(closed, 40), &opened));
    assert_false(secret_box_open(arena, &seed, SV_NONE, &opened));
    memcpy((char *)(uintptr_t)changed.p + 50, changed.p[50] == 'A' ? "B" : "A", 1);
    assert_false(secret_box_open(arena, &seed, changed, &opened));
    assert_true(secret_box_open(arena, &seed, secret_box_close(arena, &seed, SV_NONE), &opened));
    assert_true(opened.n == 0);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_keyed_hash_is_siphash_2_4),
        cmocka_unit_test(test_a_keyed_hash_is_another_under_another_key_and_of_other_bytes),
        cmocka_unit_test(test_a_hash_of_pieces_is_that_of_the_whole),
        cmocka_unit_test(test_what_is_sealed_opens_under_its_key_for_its_row_alone),
        cmocka_unit_test(test_a_box_is_opened_by_its_seed_alone_and_closes_otherwise_each_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
