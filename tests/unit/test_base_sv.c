/* String views: empty ones, splitting, every number limit, UTF-8 by the Unicode table. */
#include "base/sv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void assert_sv(struct sv found, struct sv expected)
{
    assert_int_equal(found.n, expected.n);
    assert_true(sv_eq(found, expected));
}

static void test_comparison(void **state)
{
    (void)state;
    assert_true(sv_eq(SV_NONE, SV("")));
    assert_true(sv_eq(sv_of(NULL), sv_of("")));
    assert_false(sv_eq(SV("a"), SV("A")));
    assert_true(sv_eq_nocase(SV("aZ[\xc3"), SV("Az[\xc3")));
    assert_false(sv_eq_nocase(SV("@["), SV("`{"))); /* around the letters */
    assert_false(sv_eq_nocase(SV("a"), SV("ab")));
    assert_int_equal(sv_compare(SV("a"), SV("a")), 0);
    assert_true(sv_compare(SV("a"), SV("ab")) < 0);
    assert_true(sv_compare(SV("\xff"), SV("a")) > 0);
    assert_int_equal(sv_compare(SV_NONE, SV("")), 0);
    assert_true(sv_compare(SV("b"), SV_NONE) > 0);
}

static void test_ends(void **state)
{
    (void)state;
    assert_true(sv_starts_with(SV("abc"), SV("abc")));
    assert_false(sv_starts_with(SV("ab"), SV("abc")));
    assert_true(sv_starts_with(SV_NONE, SV_NONE));
    assert_true(sv_ends_with(SV("abc"), SV("bc")));
    assert_true(sv_ends_with(SV("abc"), SV("")));
    assert_false(sv_ends_with(SV("c"), SV("bc")));
    assert_sv(sv_head(SV("abc"), 2), SV("ab"));
    assert_sv(sv_head(SV("abc"), 3), SV("abc"));
    assert_sv(sv_head(SV("abc"), SIZE_MAX), SV("abc"));
    assert_sv(sv_skip(SV("abc"), 3), SV(""));
    assert_sv(sv_skip(SV("abc"), SIZE_MAX), SV(""));
    assert_sv(sv_skip(SV_NONE, 5), SV_NONE);
    assert_sv(sv_trim(SV(" \t a b\t ")), SV("a b"));
    assert_sv(sv_trim(SV(" \t ")), SV(""));
    assert_sv(sv_trim(SV("\na\r")), SV("\na\r"));
    assert_int_equal(sv_find(SV("abca"), 'a'), 0);
    assert_int_equal(sv_find(SV("abca"), 'x'), 4);
    assert_int_equal(sv_find(SV_NONE, 'x'), 0);
}

static void test_split(void **state)
{
    static const struct {
        struct sv text;
        size_t count;
        const char *pieces[4];
    } cases[] = {
        {{"a,,b", 4}, 3, {"a", "", "b"}}, {{"a", 1}, 1, {"a"}},
        {{"a,", 2}, 2, {"a", ""}},        {{",", 1}, 2, {"", ""}},
        {{",a", 2}, 2, {"", "a"}},        {{"", 0}, 1, {""}},
        {{NULL, 0}, 0, {NULL}},           {{",,,", 3}, 4, {"", "", "", ""}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct sv rest = cases[i].text;
        struct sv piece;
        size_t n = 0;

        for (; sv_split(&rest, ',', &piece); n++) {
            assert_true(n < cases[i].count);
            assert_sv(piece, sv_of(cases[i].pieces[n]));
        }
        assert_int_equal(n, cases[i].count);
        assert_null(rest.p);
    }
}

static void test_numbers_at_their_limits(void **state)
{
    static const struct {
        const char *text;
        int64_t min, max;
        bool good;
        int64_t value;
    } cases[] = {
        {"0", 0, 0, true, 0},
        {"-0", 0, 0, true, 0},
        {"007", 0, 10, true, 7},
        {"9223372036854775807", INT64_MIN, INT64_MAX, true, INT64_MAX},
        {"9223372036854775808", INT64_MIN, INT64_MAX, false, 0},
        {"-9223372036854775808", INT64_MIN, INT64_MAX, true, INT64_MIN},
        {"-9223372036854775809", INT64_MIN, INT64_MAX, false, 0},
        {"18446744073709551616", INT64_MIN, INT64_MAX, false, 0},
        {"10", -10, 10, true, 10},
        {"11", -10, 10, false, 0},
        {"-10", -10, 10, true, -10},
        {"-11", -10, 10, false, 0},
        {"", -10, 10, false, 0},
        {"-", -10, 10, false, 0},
        {"--1", -10, 10, false, 0},
        {"+1", -10, 10, false, 0},
        {" 1", -10, 10, false, 0},
        {"1 ", -10, 10, false, 0},
        {"1.0", -10, 10, false, 0},
        {"1e1", -10, 10, false, 0},
        {"0x1", -10, 10, false, 0},
        {"1\xb2", -10, 20, false, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t value = 77;

        assert_int_equal(sv_to_i64(sv_of(cases[i].text), cases[i].min, cases[i].max, &value),
                         cases[i].good);
        assert_int_equal(value, cases[i].good ? cases[i].value : 77);
    }
}

static void test_unsigned_numbers_at_their_limits(void **state)
{
    uint64_t value = 77;

    (void)state;
    assert_true(sv_to_u64(SV("18446744073709551615"), UINT64_MAX, &value));
    assert_true(value == UINT64_MAX);
    assert_false(sv_to_u64(SV("18446744073709551616"), UINT64_MAX, &value));
    assert_false(sv_to_u64(SV("99999999999999999999"), UINT64_MAX, &value));
    assert_true(sv_to_u64(SV("5"), 5, &value));
    assert_false(sv_to_u64(SV("6"), 5, &value));
    assert_int_equal(value, 5);
    assert_false(sv_to_u64(SV("-0"), 5, &value));
    assert_false(sv_to_u64(SV_NONE, 5, &value));
    assert_false(sv_to_u64((struct sv){"1\0", 2}, 5, &value));
}

/* Table 3-7 of the Unicode standard: each row's first and last, and one past each. */
static void test_utf8(void **state)
{
    static const char *const good[] = {
        "",
        "\x01",
        "\x7f",
        "\xc2\x80",
        "\xdf\xbf",
        "\xe0\xa0\x80",
        "\xe0\xbf\xbf",
        "\xe1\x80\x80",
        "\xec\xbf\xbf",
        "\xed\x80\x80",
        "\xed\x9f\xbf",
        "\xee\x80\x80",
        "\xef\xbf\xbf",
        "\xf0\x90\x80\x80",
        "\xf0\xbf\xbf\xbf",
        "\xf1\x80\x80\x80",
        "\xf3\xbf\xbf\xbf",
        "\xf4\x80\x80\x80",
        "\xf4\x8f\xbf\xbf",
        "a\xc3\xa9z",
    };
    static const char *const bad[] = {
        "\x80",
        "\xbf",
        "\xc0\x80",
        "\xc1\xbf",
        "\xc2",
        "\xc2\x7f",
        "\xc2\xc0",
        "\xdf\xc0",
        "\xe0\x9f\xbf",
        "\xe0\xa0",
        "\xe0\xa0\x7f",
        "\xe0\xa0\xc0",
        "\xe1\x7f\x80",
        "\xe1\xc0\x80",
        "\xed\xa0\x80",
        "\xed\xbf\xbf",
        "\xef\xbf",
        "\xf0\x8f\xbf\xbf",
        "\xf0\x90\x80",
        "\xf0\x90\x80\x7f",
        "\xf0\x90\xc0\x80",
        "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80",
        "\xff",
        "a\xe2\x82",
        "\xf8\x88\x80\x80\x80",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++)
        assert_true(sv_is_utf8(sv_of(good[i])));
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(sv_is_utf8(sv_of(bad[i])));
    assert_false(sv_is_utf8((struct sv){"a\0b", 3}));
    assert_true(sv_is_utf8(SV_NONE));
    assert_int_equal(sv_utf8_length(SV("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")), 4);
    assert_int_equal(sv_utf8_length(SV_NONE), 0);
}

/* Encodes every code point by the definition; surrogates and 0 are refused. */
static void test_every_code_point(void **state)
{
    (void)state;
    for (uint32_t c = 0; c < 0x110000; c++) {
        char b[4];
        size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
        static const unsigned char marks[] = {0, 0, 0xc0, 0xe0, 0xf0};

        for (size_t i = n; i-- > 1;)
            b[i] = (char)(0x80 | (c >> (6 * (n - 1 - i)) & 0x3f));
        b[0] = (char)(marks[n] | c >> (6 * (n - 1)));
        if (sv_is_utf8((struct sv){b, n}) != (c != 0 && (c < 0xd800 || c > 0xdfff)))
            fail_msg("U+%04X", c);
    }
}

static void test_characters(void **state)
{
    (void)state;
    for (int i = 0; i < 256; i++) {
        char c = (char)i;

        assert_int_equal(char_is_digit(c), i >= '0' && i <= '9');
        assert_int_equal(char_is_alpha(c), (i >= 'a' && i <= 'z') || (i >= 'A' && i <= 'Z'));
        assert_int_equal(char_lower(c), i >= 'A' && i <= 'Z' ? (char)(i + 32) : c);
        assert_int_equal(char_hex_value(c), i >= '0' && i <= '9'   ? i - '0'
                                            : i >= 'a' && i <= 'f' ? i - 'a' + 10
                                            : i >= 'A' && i <= 'F' ? i - 'A' + 10
                                                                   : -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_comparison),
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_split),
        cmocka_unit_test(test_numbers_at_their_limits),
        cmocka_unit_test(test_unsigned_numbers_at_their_limits),
        cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_every_code_point),
        cmocka_unit_test(test_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
