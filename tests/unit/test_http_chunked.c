/* The chunked coding: what it decodes, what it refuses and why, its limits, and that slicing does
 * not matter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "http/chunked.h"

#define BODY_LIMIT MB(1)

struct outcome {
    enum http_chunked_result result;
    struct http_fault fault;
    size_t rest;     /* bytes not taken */
    struct str body; /* what was decoded */
};

/* Decodes in slices of `slice` bytes, or of random length below 8 with a seed. */
static void decode(struct outcome *out, struct sv bytes, size_t slice, uint32_t *seed)
{
    struct http_chunked chunked = {0};
    size_t given = 0;

    str_init(&out->body, BODY_LIMIT);
    out->result = HTTP_CHUNKED_MORE;
    out->fault = (struct http_fault){ERROR_COUNT, ""};
    out->rest = 0;
    while (out->result == HTTP_CHUNKED_MORE && given < bytes.n) {
        size_t n = seed ? (*seed = *seed * 1664525u + 1013904223u) >> 8 & 7 : slice;
        struct sv input = sv_head(sv_skip(bytes, given), n);
        struct sv data;

        given += input.n;
        while ((out->result = http_chunked_next(&chunked, &input, &data, &out->fault)) ==
               HTTP_CHUNKED_DATA) {
            assert_true(data.n > 0);
            str_add(&out->body, data);
        }
        out->rest = bytes.n - given + input.n;
        assert_true(out->result != HTTP_CHUNKED_MORE || input.n == 0);
    }
}

static void assert_decodes(struct sv bytes, struct sv body, size_t rest)
{
    for (size_t slice = 1; slice <= 8; slice++) {
        struct outcome out;

        decode(&out, bytes, slice < 8 ? slice : bytes.n, NULL);
        if (out.result != HTTP_CHUNKED_DONE)
            fail_msg("%.*s: %s", SV_ARG(bytes), out.fault.why);
        assert_true(sv_eq(str_view(&out.body), body));
        assert_int_equal(out.rest, rest);
        str_fini(&out.body);
    }
}

static void test_bodies(void **state)
{
    (void)state;
    assert_decodes(SV("0\r\n\r\n"), SV(""), 0);
    assert_decodes(SV("0\r\n\r\nGET /"), SV(""), 5);
    assert_decodes(SV("5\r\nhello\r\n0\r\n\r\n"), SV("hello"), 0);
    assert_decodes(SV("a\r\n0123456789\r\nA\r\nabcdefghij\r\n0\r\n\r\n\r\n"),
                   SV("0123456789abcdefghij"), 2);
    assert_decodes(SV("2\r\n\r\n\r\n000\r\n\r\n"), SV("\r\n"), 0);
    assert_decodes(SV("000000000000001\r\nx\r\n000000000000000\r\n\r\n"), SV("x"), 0);
    assert_decodes(SV("1\r\n\0\r\n0\r\n\r\n"), SV("\0"), 0);
}

static void test_extensions_and_trailers_are_dropped(void **state)
{
    (void)state;
    assert_decodes(SV("1;a\r\nx\r\n0;b=c\r\n\r\n"), SV("x"), 0);
    assert_decodes(SV("1;a=b;c;d=\"\"\r\nx\r\n0\r\n\r\n"), SV("x"), 0);
    assert_decodes(SV("1;a=\"b;\\\"\\\\\t \xff\";c\r\nx\r\n0;e=\"0\"\r\n\r\n"), SV("x"), 0);
    assert_decodes(SV("0\r\nX: y\r\n\r\nGET"), SV(""), 3);
    assert_decodes(SV("0\r\nX:\r\nDigest: \tz \xff\r\n\r\n"), SV(""), 0);
    assert_decodes(SV("0\r\nContent-Lengthy: 1\r\nTransfer-Encodings: x\r\nHos: t\r\n\r\n"), SV(""),
                   0);
}

struct row {
    struct sv bytes;
    enum error_code code;
    const char *why; /* begins so */
};

/* clang-format off */
#define BAD(bytes, why) {{bytes, sizeof(bytes) - 1}, ERR_MALFORMED_REQUEST, why}
#define NO_DIGIT        "A chunk size does not begin"
#define NO_END          "A chunk size is followed by"
#define FORBIDDEN       "A trailer has a field that belongs"

static const struct row faults[] = {
    BAD("\r\n", NO_DIGIT), BAD("\n", NO_DIGIT), BAD(" 5\r\n", NO_DIGIT), BAD("+5\r\n", NO_DIGIT),
    BAD("-5\r\n", NO_DIGIT), BAD(";a\r\n", NO_DIGIT), BAD("g\r\n", NO_DIGIT), BAD("\0", NO_DIGIT),
    BAD("0x5\r\n", NO_END), BAD("5 \r\n", NO_END), BAD("5\t;a\r\n", NO_END), BAD("5 ;a\r\n", NO_END),
    BAD("5_0\r\n", NO_END), BAD("5.\r\n", NO_END), BAD("5\n", NO_END), BAD("5\0\r\n", NO_END),
    BAD("5h\r\n", NO_END),
    BAD("5\rx", "A chunk size line does not end"),
    BAD("5\r\r\n", "A chunk size line does not end"),
    BAD("0000000000000001", "A chunk size has more than 15"),
    BAD("ffffffffffffffff", "A chunk size has more than 15"),

    BAD("5;\r\n", "A chunk extension has no name"),
    BAD("5;;a\r\n", "A chunk extension has no name"),
    BAD("5; a\r\n", "A chunk extension has no name"),
    BAD("5;=b\r\n", "A chunk extension has no name"),
    BAD("5;a \r\n", "A chunk extension is malformed"),
    BAD("5;a =b\r\n", "A chunk extension is malformed"),
    BAD("5;a\n", "A chunk extension is malformed"),
    BAD("5;a=b c\r\n", "A chunk extension is malformed"),
    BAD("5;a=b\"c\"\r\n", "A chunk extension is malformed"),
    BAD("5;a=\"b\"c\r\n", "A chunk extension is malformed"),
    BAD("5;a=\r\n", "A chunk extension has no value"),
    BAD("5;a= b\r\n", "A chunk extension has no value"),
    BAD("5;a==\r\n", "A chunk extension has no value"),
    BAD("5;a=\"b\r\n", "A chunk extension has a control"),
    BAD("5;a=\"b\n", "A chunk extension has a control"),
    BAD("5;a=\"\\\r\n", "A chunk extension has a control"),
    BAD("5;a=\"\0\"\r\n", "A chunk extension has a control"),

    BAD("1\r\nxy", "A chunk's data is longer"),
    BAD("1\r\nx\n", "A chunk's data is longer"),
    BAD("1\r\nx0\r\n", "A chunk's data is longer"),
    BAD("1\r\nx\rx", "A chunk's data does not end"),
    BAD("1\r\nx\r\n\r\n", NO_DIGIT),

    BAD("0\r\n\rx", "The chunked body does not end"),
    BAD("0\r\n\n", "A trailer does not begin"),
    BAD("0\r\n X: y\r\n", "A trailer does not begin"),
    BAD("0\r\n: y\r\n", "A trailer does not begin"),
    BAD("0\r\nX: y\r\n z\r\n", "A trailer does not begin"),
    BAD("0\r\n\x80: y\r\n", "A trailer does not begin"),
    BAD("0\r\nX : y\r\n", "A trailer's field name is not"),
    BAD("0\r\nX\r\n", "A trailer's field name is not"),
    BAD("0\r\nGET / HTTP/1.1\r\n", "A trailer's field name is not"),
    BAD("0\r\nX\0: y\r\n", "A trailer's field name is not"),
    BAD("0\r\nX: y\n", "A trailer has a control"),
    BAD("0\r\nX: \0\r\n", "A trailer has a control"),
    BAD("0\r\nX: y\rz", "A trailer does not end"),
    BAD("0\r\nContent-Length: 0\r\n\r\n", FORBIDDEN), BAD("0\r\nhost: a\r\n\r\n", FORBIDDEN),
    BAD("0\r\nTRANSFER-ENCODING: chunked\r\n\r\n", FORBIDDEN),
    BAD("0\r\nA: b\r\nAuthorization: Bearer x\r\n\r\n", FORBIDDEN),
    BAD("0\r\nCookie: a=b\r\n\r\n", FORBIDDEN),
};
/* clang-format on */

static void test_each_deviation_has_its_fault(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        struct outcome out;

        decode(&out, faults[i].bytes, SIZE_MAX, NULL);
        if (out.result != HTTP_CHUNKED_BAD || out.fault.code != faults[i].code ||
            strncmp(out.fault.why, faults[i].why, strlen(faults[i].why)) != 0)
            fail_msg("row %zu: %d %s", i, (int)out.result, out.fault.why);
        str_fini(&out.body);
    }
}

/* The greatest chunk is taken piece by piece, and its size is not believed in advance. */
static void test_a_size_of_15_digits_is_a_promise_only(void **state)
{
    struct http_chunked chunked = {0};
    struct http_fault fault;
    struct sv input = SV("fffffffffffffff\r\nabc");
    struct sv data;

    (void)state;
    assert_int_equal(http_chunked_next(&chunked, &input, &data, &fault), HTTP_CHUNKED_DATA);
    assert_true(sv_eq(data, SV("abc")));
    assert_int_equal(chunked.left, ((uint64_t)1 << 60) - 4);
    assert_int_equal(http_chunked_next(&chunked, &input, &data, &fault), HTTP_CHUNKED_MORE);
}

/* Decodes before + n times "x" + after. */
static struct http_fault decode_padded(const char *before, size_t n, const char *after,
                                       enum http_chunked_result *result)
{
    struct str text;
    struct outcome out;

    str_init(&text, BODY_LIMIT);
    str_add(&text, sv_of(before));
    for (size_t i = 0; i < n; i++)
        str_add_char(&text, 'x');
    str_add(&text, sv_of(after));
    assert_false(str_failed(&text));
    decode(&out, str_view(&text), SIZE_MAX, NULL);
    *result = out.result;
    str_fini(&text);
    str_fini(&out.body);
    return out.fault;
}

static void test_the_limits_of_a_line_and_of_trailers(void **state)
{
    enum http_chunked_result result;
    struct http_fault fault;

    (void)state;
    (void)decode_padded("0;", HTTP_CHUNK_LINE_BYTES - 2, "\r\n\r\n", &result);
    assert_int_equal(result, HTTP_CHUNKED_DONE);
    fault = decode_padded("0;", HTTP_CHUNK_LINE_BYTES - 1, "", &result);
    assert_int_equal(result, HTTP_CHUNKED_BAD);
    assert_int_equal(fault.code, ERR_MALFORMED_REQUEST);
    assert_string_equal(fault.why, "A chunk size line is too long.");

    (void)decode_padded("0\r\nX:", HTTP_CHUNK_TRAILERS_BYTES - 4, "\r\n\r\n", &result);
    assert_int_equal(result, HTTP_CHUNKED_DONE);
    fault = decode_padded("0\r\nX:", HTTP_CHUNK_TRAILERS_BYTES - 3, "\r\n\r\n", &result);
    assert_int_equal(result, HTTP_CHUNKED_BAD);
    assert_int_equal(fault.code, ERR_HEADERS_TOO_LARGE);
    fault = decode_padded("0\r\nX:\r\nY:", HTTP_CHUNK_TRAILERS_BYTES - 5, "", &result);
    assert_int_equal(result, HTTP_CHUNKED_BAD);
    assert_int_equal(fault.code, ERR_HEADERS_TOO_LARGE);
}

/* Many small chunks with long extensions would be much reading for little body. */
static void test_the_limit_of_all_extensions(void **state)
{
    struct str text;

    (void)state;
    str_init(&text, BODY_LIMIT);
    for (size_t i = 0; i < HTTP_CHUNK_EXTENSIONS_BYTES / 128; i++) {
        STR_ADD(&text, "1;");
        for (size_t n = 0; n < 128; n++) /* the ";" is of the size's state */
            str_add_char(&text, 'x');
        STR_ADD(&text, "\r\n.\r\n");
    }
    for (int past = 0; past <= 1; past++) {
        struct outcome out;

        if (past)
            STR_ADD(&text, "1;x");
        decode(&out, str_view(&text), SIZE_MAX, NULL);
        assert_int_equal(out.result, past ? HTTP_CHUNKED_BAD : HTTP_CHUNKED_MORE);
        if (past)
            assert_string_equal(out.fault.why, "The chunk extensions are too long together.");
        str_fini(&out.body);
    }
    str_fini(&text);
}

static void check_random_slices(struct sv bytes, uint32_t *seed)
{
    struct outcome whole;
    struct outcome sliced;

    decode(&whole, bytes, SIZE_MAX, NULL);
    decode(&sliced, bytes, 0, seed);
    assert_int_equal(sliced.result, whole.result);
    assert_int_equal(sliced.fault.code, whole.fault.code);
    assert_string_equal(sliced.fault.why, whole.fault.why);
    assert_int_equal(sliced.rest, whole.rest);
    assert_true(sv_eq(str_view(&sliced.body), str_view(&whole.body)));
    str_fini(&whole.body);
    str_fini(&sliced.body);
}

static void test_slicing_does_not_matter(void **state)
{
    static const char good[] =
        "5;a=\"b\\\"\";c=d\r\nhello\r\n13\r\n0123456789\r\n3456789\r\n0\r\nX: y\r\n"
        "Digest: z\r\n\r\nGET / HTTP/1.1\r\n";
    uint32_t seed = 20261121;

    (void)state;
    for (int round = 0; round < 50; round++) {
        check_random_slices(sv_of(good), &seed);
        for (size_t i = 0; i < COUNT_OF(faults); i++)
            check_random_slices(faults[i].bytes, &seed);
    }
    for (int round = 0; round < 5000; round++) {
        char broken[sizeof good];

        memcpy(broken, good, sizeof good);
        seed = seed * 1664525u + 1013904223u;
        broken[(seed >> 16) % (sizeof good - 1)] = (char)(seed >> 8);
        check_random_slices((struct sv){broken, sizeof good - 1}, &seed);
    }
}

static void test_after_its_end_a_body_takes_nothing(void **state)
{
    struct http_chunked chunked = {0};
    struct http_fault fault;
    struct sv input = SV("0\r\n\r\n0\r\n\r\n");
    struct sv data;

    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(http_chunked_next(&chunked, &input, &data, &fault), HTTP_CHUNKED_DONE);
        assert_int_equal(input.n, 5);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bodies),
        cmocka_unit_test(test_extensions_and_trailers_are_dropped),
        cmocka_unit_test(test_each_deviation_has_its_fault),
        cmocka_unit_test(test_a_size_of_15_digits_is_a_promise_only),
        cmocka_unit_test(test_the_limits_of_a_line_and_of_trailers),
        cmocka_unit_test(test_the_limit_of_all_extensions),
        cmocka_unit_test(test_slicing_does_not_matter),
        cmocka_unit_test(test_after_its_end_a_body_takes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
