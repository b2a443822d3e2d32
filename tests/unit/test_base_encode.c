/* Encodings: RFC 4648's vectors, one text for one value, decoding at the ends of the text. */
#include "base/encode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static int setup(void **state)
{
    *state = arena_new(MB(1));
    return 0;
}

static int teardown(void **state)
{
    arena_free(*state);
    return 0;
}

static void assert_sv(struct sv found, struct sv expected)
{
    assert_int_equal(found.n, expected.n);
    assert_memory_equal(found.p, expected.n ? expected.p : "", expected.n);
    assert_int_equal(found.p[found.n], '\0');
}

/* A copy that ends where its memory ends, so that a sanitizer sees one byte too many. */
static struct sv exact(const char *text)
{
    size_t n = strlen(text);
    char *copy = x_malloc(n);

    memcpy(copy, text, n);
    return (struct sv){copy, n};
}

static void test_hex(void **state)
{
    assert_sv(hex_encode(*state, (struct sv){"\x00\x0f\xf0\xff", 4}), SV("000ff0ff"));
    assert_sv(hex_encode(*state, SV_NONE), SV(""));
}

static void test_base64url(void **state)
{
    static const struct {
        const char *bytes, *text;
    } cases[] = {
        {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
        {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff\xfe", "-__-"},
    };
    static const char *const bad[] = {"Z",   "Zm9vY", "Zg==", "Zm8=", "Zh",    "Zn8_x",
                                      "Zm9", "Z+9v",  "Zm/v", "Zm9 ", "Zm\n8", "Zm\x80v"};
    struct sv out;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_sv(base64url_encode(*state, sv_of(cases[i].bytes)), sv_of(cases[i].text));
        assert_true(base64url_decode(*state, sv_of(cases[i].text), &out));
        assert_sv(out, sv_of(cases[i].bytes));
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(base64url_decode(*state, sv_of(bad[i]), &out));
    assert_false(base64url_decode(*state, (struct sv){"Zm\0v", 4}, &out));
}

static void test_base64url_of_every_byte_and_length(void **state)
{
    char bytes[256];
    struct sv out;

    for (int i = 0; i < 256; i++)
        bytes[i] = (char)i;
    for (size_t n = 0; n <= sizeof bytes; n++) {
        struct sv text = base64url_encode(*state, (struct sv){bytes, n});

        assert_int_equal(text.n, (n * 8 + 5) / 6);
        assert_true(base64url_decode(*state, text, &out));
        assert_sv(out, (struct sv){bytes, n});
    }
}

static void test_percent(void **state)
{
    static const struct {
        const char *text, *bytes;
    } good[] = {{"", ""},          {"%41", "A"},     {"a%2Fb", "a/b"}, {"%e9%E9", "\xe9\xe9"},
                {"+", "+"},        {"%2541", "%41"}, {"%25", "%"},     {"a b", "a b"},
                {"x%41%42", "xAB"}};
    static const char *const bad[] = {"%", "%4", "a%", "a%4", "%g1", "%1g", "%%41", "%+1", "% 41"};
    struct sv out;

    for (size_t i = 0; i < COUNT_OF(good); i++) {
        struct sv text = exact(good[i].text);

        assert_true(percent_decode(*state, text, &out));
        assert_sv(out, sv_of(good[i].bytes));
        x_free((void *)(uintptr_t)text.p);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct sv text = exact(bad[i]);

        assert_false(percent_decode(*state, text, &out));
        x_free((void *)(uintptr_t)text.p);
    }
    assert_true(percent_decode(*state, SV("%00"), &out));
    assert_int_equal(out.n, 1);
    assert_int_equal(out.p[0], 0);
}

static void test_percent_of_every_byte(void **state)
{
    static const char unreserved[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    struct sv out;

    for (int i = 0; i < 256; i++) {
        char c = (char)i;
        struct sv text = percent_encode(*state, (struct sv){&c, 1});

        assert_int_equal(text.n, c && strchr(unreserved, c) ? 1 : 3);
        assert_true(percent_decode(*state, text, &out));
        assert_sv(out, (struct sv){&c, 1});
    }
    assert_sv(percent_encode(*state, SV("a/\xe9")), SV("a%2F%E9"));
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_hex),
        TEST(test_base64url),
        TEST(test_base64url_of_every_byte_and_length),
        TEST(test_percent),
        TEST(test_percent_of_every_byte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
