/* The API's small parts: tokens, remembered principals, cursors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../services/api/cursor.c"
#include "../../services/api/principal.c"
#include "base/token.h"

static struct arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = arena_new(MB(1));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static void a_token_carries_its_district_and_shows_its_hash_only(void **state)
{
    struct uuid district = uuid7_new();
    struct token made;
    struct token parsed;
    struct sv text = token_new(arena, &district, &made);

    (void)state;
    assert_int_equal(text.n, 5 + 64);
    assert_true(sv_starts_with(text, SV("kith_")));
    assert_true(token_parse(arena, text, &parsed));
    assert_string_equal(parsed.district.text, district.text);
    assert_true(sv_eq(parsed.hash, made.hash));
    assert_int_equal(made.hash.n, 64);
}

static void a_token_that_is_changed_anywhere_is_no_token_or_another(void **state)
{
    struct uuid district = uuid7_new();
    struct token made;
    struct token parsed;
    struct sv text = token_new(arena, &district, &made);

    (void)state;
    for (size_t i = 0; i < text.n; i++) {
        char *changed = arena_alloc(arena, text.n);

        memcpy(changed, text.p, text.n);
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        if (token_parse(arena, (struct sv){changed, text.n}, &parsed))
            assert_false(sv_eq(parsed.hash, made.hash) &&
                         strcmp(parsed.district.text, made.district.text) == 0);
    }
    assert_false(token_parse(arena, sv_head(text, text.n - 1), &parsed));
    assert_false(token_parse(arena, arena_printf(arena, "%.*sA", SV_ARG(text)), &parsed));
    assert_false(token_parse(arena, SV(""), &parsed));
    assert_false(token_parse(arena, SV("kith_"), &parsed));
}

static void hash_number(char out[65], unsigned n)
{
    snprintf(out, 65, "%064x", n);
    memmove(out, out + 56, 8); /* the bucket is chosen by the first digits */
}

static void add_principal(struct principals *all, unsigned n, int64_t verified_ms)
{
    struct principal one = {.verified_ms = verified_ms};

    hash_number(one.hash, n);
    principals_add(all, &one);
}

static const struct principal *find_principal(struct principals *all, unsigned n, int64_t now_ms)
{
    char hash[65];

    hash_number(hash, n);
    return principals_find(all, sv_of(hash), now_ms);
}

static void a_principal_is_fresh_for_five_seconds_and_not_one_more(void **state)
{
    struct principals *all = principals_new();

    (void)state;
    add_principal(all, 1, 1000);
    assert_non_null(find_principal(all, 1, 1000));
    assert_non_null(find_principal(all, 1, 1000 + PRINCIPAL_FRESH_MS));
    assert_null(find_principal(all, 1, 1001 + PRINCIPAL_FRESH_MS));
    assert_null(find_principal(all, 2, 1000));
    principals_free(all);
}

static void when_there_is_no_room_the_longest_unused_goes(void **state)
{
    struct principals *all = principals_new();

    (void)state;
    for (unsigned n = 0; n < PRINCIPALS; n++)
        add_principal(all, n, 0);
    assert_non_null(find_principal(all, 0, 0)); /* used: 1 is the oldest now */
    add_principal(all, PRINCIPALS, 0);
    assert_int_equal(all->count, PRINCIPALS);
    assert_non_null(find_principal(all, 0, 0));
    assert_null(find_principal(all, 1, 0));
    assert_non_null(find_principal(all, PRINCIPALS, 0));
    principals_free(all);
}

static void a_principal_added_again_is_one(void **state)
{
    struct principals *all = principals_new();

    (void)state;
    add_principal(all, 7, 0);
    add_principal(all, 7, 9000);
    assert_int_equal(all->count, 1);
    assert_non_null(find_principal(all, 7, 9000));
    principals_forget(all, sv_of(find_principal(all, 7, 9000)->hash));
    assert_int_equal(all->count, 0);
    assert_null(find_principal(all, 7, 9000));
    principals_free(all);
}

static void roles_meet_a_need(void **state)
{
    static const struct {
        const char *roles;
        const char *need;
        bool meets;
    } cases[] = {
        {"viewer", "", true},
        {"", "", true},
        {"", "viewer", false},
        {"viewer", "viewer", true},
        {"viewer", "coordinator,viewer", true},
        {"coordinator,viewer", "director,coordinator", true},
        {"view", "viewer", false},
        {"viewer", "view", false},
        {"admin", "reviewer", true},
        {"partner,admin", "reviewer", true},
        {"administrator", "reviewer", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(roles_meet(sv_of(cases[i].roles), sv_of(cases[i].need)), cases[i].meets);
}

static void a_cursor_comes_back_as_it_was(void **state)
{
    struct secret_key key = secret_derive(SV("0123456789abcdef0123456789abcdef"), "cursor");
    struct cursor cursor = {
        .query_hash = 0xdeadbeef, .keys = {SV("Bibliothèque"), SV(""), SV("id")}, .key_count = 3};
    struct cursor read;

    (void)state;
    assert_true(cursor_read(arena, &key, cursor_write(arena, &key, &cursor), &read));
    assert_int_equal(read.query_hash, cursor.query_hash);
    assert_int_equal(read.key_count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_true(sv_eq(read.keys[i], cursor.keys[i]));
}

static void a_cursor_that_anybody_touched_is_refused(void **state)
{
    struct secret_key key = secret_derive(SV("0123456789abcdef0123456789abcdef"), "cursor");
    struct secret_key other = secret_derive(SV("0123456789abcdef0123456789abcdef"), "link");
    struct cursor cursor = {.query_hash = 1, .keys = {SV("a"), SV("b")}, .key_count = 2};
    struct sv text = cursor_write(arena, &key, &cursor);
    struct cursor read;

    (void)state;
    assert_false(cursor_read(arena, &other, text, &read));
    assert_false(cursor_read(arena, &key, SV(""), &read));
    assert_false(cursor_read(arena, &key, sv_head(text, text.n - 1), &read));
    for (size_t i = 0; i < text.n; i++) {
        char *changed = arena_alloc(arena, text.n);

        memcpy(changed, text.p, text.n);
        changed[i] = changed[i] == 'x' ? 'y' : 'x';
        assert_false(cursor_read(arena, &key, (struct sv){changed, text.n}, &read));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_carries_its_district_and_shows_its_hash_only),
        cmocka_unit_test(a_token_that_is_changed_anywhere_is_no_token_or_another),
        cmocka_unit_test(a_principal_is_fresh_for_five_seconds_and_not_one_more),
        cmocka_unit_test(when_there_is_no_room_the_longest_unused_goes),
        cmocka_unit_test(a_principal_added_again_is_one),
        cmocka_unit_test(roles_meet_a_need),
        cmocka_unit_test(a_cursor_comes_back_as_it_was),
        cmocka_unit_test(a_cursor_that_anybody_touched_is_refused),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
