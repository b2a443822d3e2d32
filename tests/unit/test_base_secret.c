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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_keyed_hash_is_siphash_2_4),
        cmocka_unit_test(test_a_keyed_hash_is_another_under_another_key_and_of_other_bytes),
        cmocka_unit_test(test_a_hash_of_pieces_is_that_of_the_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
