/* The string builder at its limit and one past it; intrusive lists. */
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/list.h"

static void test_an_empty_str(void **state)
{
    struct str s;

    (void)state;
    str_init(&s, 0);
    assert_string_equal(str_cstr(&s), "");
    assert_int_equal(str_view(&s).n, 0);
    str_add(&s, SV_NONE);
    assert_false(str_failed(&s));
    str_add_char(&s, 'a');
    assert_true(str_failed(&s));
    assert_string_equal(str_cstr(&s), "");
    str_fini(&s);
}

static void test_growing_to_the_limit_and_one_past(void **state)
{
    (void)state;
    for (size_t limit = 1; limit < 300; limit += 7) {
        struct str s;

        str_init(&s, limit);
        for (size_t i = 0; i < limit; i++)
            str_add_char(&s, (char)('a' + i % 26));
        assert_false(str_failed(&s));
        assert_int_equal(strlen(str_cstr(&s)), limit);
        str_add_char(&s, '!');
        assert_true(str_failed(&s));
        assert_int_equal(s.n, limit);
        assert_true(s.capacity <= limit + 1 || s.capacity <= 64);
        str_fini(&s);
    }
}

static void test_failure_sticks_until_clear(void **state)
{
    struct str s;

    (void)state;
    str_init(&s, 5);
    STR_ADD(&s, "abc");
    str_addf(&s, "%d", 123);
    assert_true(str_failed(&s));
    STR_ADD(&s, "d"); /* would fit */
    str_add_i64(&s, 1);
    assert_string_equal(str_cstr(&s), "abc");
    str_clear(&s);
    assert_false(str_failed(&s));
    str_addf(&s, "%s", "fives");
    assert_false(str_failed(&s));
    assert_string_equal(str_cstr(&s), "fives");
    str_fini(&s);
    assert_string_equal(str_cstr(&s), "");
}

static void test_cut_takes_back(void **state)
{
    struct str s;

    (void)state;
    str_init(&s, 4);
    STR_ADD(&s, "ab");
    STR_ADD(&s, "cd");
    STR_ADD(&s, "e");
    str_cut(&s, 2);
    assert_false(str_failed(&s));
    assert_string_equal(str_cstr(&s), "ab");
    str_fini(&s);
}

static void test_numbers_and_bytes(void **state)
{
    struct str s;

    (void)state;
    str_init(&s, 100);
    str_add_i64(&s, INT64_MIN);
    str_add(&s, (struct sv){"\0|", 2});
    str_add_i64(&s, INT64_MAX);
    assert_int_equal(s.n, 20 + 2 + 19);
    assert_memory_equal(s.p, "-9223372036854775808\0|9223372036854775807", s.n + 1);
    str_fini(&s);
}

static void test_bug_a_text_added_to_itself(void **state)
{
    struct str s;

    (void)state;
    str_init(&s, KB(1));
    STR_ADD(&s, "0123456789");
    for (int i = 0; i < 6; i++) /* past several growths */
        str_add(&s, str_view(&s));
    str_add(&s, sv_head(sv_skip(str_view(&s), 8), 4));
    assert_int_equal(s.n, 644);
    for (size_t i = 0; i < 640; i++)
        assert_int_equal(s.p[i], '0' + (char)(i % 10));
    assert_string_equal(s.p + 640, "8901");
    str_fini(&s);
}

static void test_a_str_in_a_buffer(void **state)
{
    char buffer[4] = "xxx";
    struct str s;

    (void)state;
    str_init_in(&s, buffer, sizeof buffer);
    assert_string_equal(str_cstr(&s), "");
    STR_ADD(&s, "abc");
    assert_false(str_failed(&s));
    assert_ptr_equal(str_cstr(&s), buffer);
    STR_ADD(&s, "d");
    assert_true(str_failed(&s));
    assert_string_equal(buffer, "abc");
}

struct item {
    int value;
    struct list link;
};

static int sum_in_order(struct list *head)
{
    int sum = 0;

    LIST_FOREACH (link, head) {
        sum = sum * 10 + CONTAINER_OF(link, struct item, link)->value;
    }
    return sum;
}

static void test_lists(void **state)
{
    struct list a;
    struct list b;
    struct item items[] = {{.value = 1}, {.value = 2}, {.value = 3}};

    (void)state;
    list_init(&a);
    list_init(&b);
    assert_true(list_is_empty(&a));
    assert_null(LIST_FIRST(&a, item, link));
    assert_null(LIST_LAST(&a, item, link));
    list_append(&a, &items[1].link);
    list_append(&a, &items[2].link);
    list_prepend(&a, &items[0].link);
    assert_int_equal(sum_in_order(&a), 123);
    assert_ptr_equal(LIST_FIRST(&a, item, link), &items[0]);
    assert_ptr_equal(LIST_LAST(&a, item, link), &items[2]);
    list_move(&a, &items[0].link);
    assert_int_equal(sum_in_order(&a), 231);
    list_move(&b, &items[2].link);
    assert_int_equal(sum_in_order(&a) * 10 + sum_in_order(&b), 213);
    list_remove(&items[2].link);
    list_remove(&items[2].link);
    assert_true(list_is_empty(&b));
    list_add_before(&items[0].link, &items[2].link);
    assert_int_equal(sum_in_order(&a), 231);
    LIST_FOREACH_SAFE (link, after, &a) {
        list_remove(link);
    }
    assert_true(list_is_empty(&a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_empty_str),
        cmocka_unit_test(test_growing_to_the_limit_and_one_past),
        cmocka_unit_test(test_failure_sticks_until_clear),
        cmocka_unit_test(test_cut_takes_back),
        cmocka_unit_test(test_numbers_and_bytes),
        cmocka_unit_test(test_bug_a_text_added_to_itself),
        cmocka_unit_test(test_a_str_in_a_buffer),
        cmocka_unit_test(test_lists),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
