/* Bodies that are not JSON objects: refused as INVALID_JSON with their place, after the classes of
 * JSONTestSuite; and well-formed ones in odd dress, which are taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "in_arena.h"
#include "json/bind.h"

static const struct json_field fields[] = {
    JSON_FIELD("a", FIELD_ANY, FIELD_NULLABLE, .max = 400000),
    JSON_FIELD("b", FIELD_LIST, .max = 9, .item = &(const struct json_field){.type = FIELD_INT}),
};
static const struct json_table table = JSON_TABLE("syntax", fields);

static struct json_bound bound;

static bool bind(struct sv body)
{
    return json_bind(arena, &table, JSON_CREATE, body, &bound);
}

/* SV() is no constant for a static array. */
#define BODY(literal)                   \
    {                                   \
        "" literal, sizeof(literal) - 1 \
    }

static const struct sv malformed[] = {
    /* not an object, or nothing */
    BODY(""),
    BODY(" \t\r\n"),
    BODY("[]"),
    BODY("[{}]"),
    BODY("1"),
    BODY("\"a\""),
    BODY("null"),
    BODY("true"),
    BODY("x"),
    BODY("\xef\xbb\xbf{}"),
    BODY("\xff\xfe{\0}\0"),
    BODY("\x0c{}"),
    BODY("\xc2\xa0{}"),
    BODY("}"),
    BODY("/**/{}"),
    /* structure */
    BODY("{"),
    BODY("{\"a\""),
    BODY("{\"a\":"),
    BODY("{\"a\":1"),
    BODY("{\"a\":1,"),
    BODY("{\"a\":1,}"),
    BODY("{,\"a\":1}"),
    BODY("{\"a\":1,,}"),
    BODY("{\"a\" 1}"),
    BODY("{\"a\"::1}"),
    BODY("{\"a\":}"),
    BODY("{a:1}"),
    BODY("{'a':1}"),
    BODY("{1:1}"),
    BODY("{null:1}"),
    BODY("{\"a\":1 \"b\":[]}"),
    BODY("{\"a\":[}"),
    BODY("{\"a\":[1,]}"),
    BODY("{\"a\":[,1]}"),
    BODY("{\"a\":[1 2]}"),
    BODY("{\"a\":[1,,2]}"),
    BODY("{\"a\":[1}]"),
    BODY("{\"a\":{]}"),
    BODY("{\"a\":[\"x\":1]}"),
    BODY("{]"),
    BODY("{\"a\"}"),
    BODY("{\"a\":1;}"),
    /* after the end */
    BODY("{}x"),
    BODY("{}{}"),
    BODY("{}]"),
    BODY("{},"),
    BODY("{} //c"),
    BODY("{}#"),
    BODY("{}\0"),
    /* literals and numbers */
    BODY("{\"a\":tru}"),
    BODY("{\"a\":True}"),
    BODY("{\"a\":nul}"),
    BODY("{\"a\":undefined}"),
    BODY("{\"a\":NaN}"),
    BODY("{\"a\":Infinity}"),
    BODY("{\"a\":-Infinity}"),
    BODY("{\"a\":01}"),
    BODY("{\"a\":-01}"),
    BODY("{\"a\":+1}"),
    BODY("{\"a\":-}"),
    BODY("{\"a\":.5}"),
    BODY("{\"a\":1.}"),
    BODY("{\"a\":1.e2}"),
    BODY("{\"a\":1e}"),
    BODY("{\"a\":1e+}"),
    BODY("{\"a\":1eE2}"),
    BODY("{\"a\":0x1}"),
    BODY("{\"a\":1_000}"),
    BODY("{\"a\":1 000}"),
    BODY("{\"a\":--1}"),
    BODY("{\"a\":1-2}"),
    BODY("{\"a\":1a}"),
    BODY("{\"a\":\xef\xbc\x91}"),
    /* strings */
    BODY("{\"a\":\"x}"),
    BODY("{\"a\":\"x\\\"}"),
    BODY("{\"a\":\"\\x\"}"),
    BODY("{\"a\":\"\\'\"}"),
    BODY("{\"a\":\"\\u\"}"),
    BODY("{\"a\":\"\\u12\"}"),
    BODY("{\"a\":\"\\u12g4\"}"),
    BODY("{\"a\":\"\\U0041\"}"),
    BODY("{\"a\":\"\\ud800\"}"),
    BODY("{\"a\":\"\\udc00\"}"),
    BODY("{\"a\":\"\\ud800\\u0041\"}"),
    BODY("{\"a\":\"\\ud800\\ud800\"}"),
    BODY("{\"a\":\"\\u0000\"}"),
    BODY("{\"\\u0000\":1}"),
    BODY("{\"a\":\"\t\"}"),
    BODY("{\"a\":\"\n\"}"),
    BODY("{\"a\":\"\x1f\"}"),
    BODY("{\"a\":\"\0\"}"),
    BODY("{\"a\":\"\xff\"}"),
    BODY("{\"a\":\"\xc3\"}"),
    BODY("{\"a\":\"\xc0\xaf\"}"),
    BODY("{\"a\":\"\xe0\x80\xaf\"}"),
    BODY("{\"a\":\"\xed\xa0\x80\"}"),
    BODY("{\"a\":\"\xf4\x90\x80\x80\"}"),
    BODY("{\"a\":\"\x80\"}"),
    BODY("{\"\xff\":1}"),
    /* the same name twice, in any depth, in any spelling */
    BODY("{\"a\":1,\"a\":1}"),
    BODY("{\"a\":{\"x\":1,\"x\":2}}"),
    BODY("{\"a\":1,\"\\u0061\":2}"),
};

static void malformed_bodies_are_refused_with_their_place(void **state)
{
    (void)state;
    assert_true(COUNT_OF(malformed) >= 60);
    for (size_t i = 0; i < COUNT_OF(malformed); i++) {
        if (bind(malformed[i]) || bound.error != ERR_INVALID_JSON)
            fail_msg("case %zu: %.*s", i, SV_ARG(malformed[i]));
        assert_true(bound.detail.n && bound.byte <= malformed[i].n);
        assert_true(bound.line >= 1 && bound.column >= 1);
        assert_int_equal(bound.fault_count, 0);
        assert_int_equal(bound.present, 0);
    }
}

static void well_formed_bodies_are_taken(void **state)
{
    static const struct sv good[] = {BODY("{}"),
                                     BODY(" \t\r\n{ } \n"),
                                     BODY("{\"a\":[ ]}"),
                                     BODY("{\"\\u0061\":1}"),
                                     BODY("{\"a\":-0}"),
                                     BODY("{\"a\":1E-2}"),
                                     BODY("{\"a\":0.5e+1}"),
                                     BODY("{\"a\":\"\\/\\b\\f\\n\\r\\t\\\"\\\\\"}"),
                                     BODY("{\"a\":\"\\ud83d\\ude00\"}"),
                                     BODY("{\"a\":\"\xf0\x9f\x98\x80\xef\xbf\xbf\x7f\"}"),
                                     BODY("{\"a\":{\"\":{}}}"),
                                     BODY("{\"a\":\"[{[{\\\"[\"}"),
                                     BODY("{\"a\":1e-400}"),
                                     BODY("{\"a\":9223372036854775807}"),
                                     BODY("{\"a\":{\"a\":{\"a\":1}}}")};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        if (!bind(good[i]))
            fail_msg("case %zu: %.*s", i, SV_ARG(bound.detail));
    }
}

static void the_place_is_byte_line_and_column(void **state)
{
    (void)state;
    assert_false(bind(SV("{\n \"a\":\0}")));
    assert_int_equal(bound.byte, 7);
    assert_int_equal(bound.line, 2);
    assert_int_equal(bound.column, 6);
    assert_false(bind(SV("{\"a\":\"\xc3\xa9\xc3\xa9\"\n}\n x")));
    assert_int_equal(bound.line, 3);
    assert_int_equal(bound.byte, 16); /* just behind the x */
    assert_false(bind(SV("  [")));
    assert_int_equal(bound.byte, 2);
    assert_int_equal(bound.column, 3);
    assert_false(bind(SV("{\"a\":1,\n\"a\":2}")));
    assert_int_equal(bound.line, 2);
}

/* {"a":[[…]]} of so many levels, the object included. */
static struct sv nested(size_t depth, const char *open, const char *close)
{
    struct str s;
    struct sv body;

    str_init(&s, MB(1));
    STR_ADD(&s, "{\"a\":");
    for (size_t i = 1; i < depth; i++)
        str_add(&s, sv_of(open));
    STR_ADD(&s, "1");
    for (size_t i = 1; i < depth; i++)
        str_add(&s, sv_of(close));
    STR_ADD(&s, "}");
    body = arena_copy(arena, str_view(&s));
    str_fini(&s);
    return body;
}

static void depth_32_is_taken_and_33_is_not(void **state)
{
    (void)state;
    assert_int_equal(JSON_DEPTH, 32);
    assert_true(bind(nested(32, "[", "]")));
    assert_true(bind(nested(32, "{\"x\":", "}")));
    assert_false(bind(nested(33, "[", "]")));
    assert_int_equal(bound.error, ERR_INVALID_JSON);
    assert_int_equal(bound.byte, 5 + 31);
    assert_false(bind(nested(33, "{\"x\":", "}")));
    assert_false(bind(nested(30000, "[", "]")));
}

static struct sv ones(size_t count)
{
    struct str s;
    struct sv body;

    str_init(&s, MB(1));
    STR_ADD(&s, "{\"a\":[1");
    for (size_t i = 1; i < count; i++)
        STR_ADD(&s, ",1");
    STR_ADD(&s, "]}");
    body = arena_copy(arena, str_view(&s));
    str_fini(&s);
    return body;
}

static void values_are_counted_before_they_are_parsed(void **state)
{
    (void)state;
    /* object, array and the commas count */
    assert_true(bind(ones(JSON_VALUES - 1)));
    assert_false(bind(ones(JSON_VALUES)));
    assert_int_equal(bound.error, ERR_INVALID_JSON);
}

static void a_body_is_as_large_as_its_table_says(void **state)
{
    static const struct json_table small = {"small", fields, COUNT_OF(fields), 10};
    struct str s;

    (void)state;
    assert_true(json_bind(arena, &small, JSON_CREATE, SV("{\"a\":1   }"), &bound));
    assert_false(json_bind(arena, &small, JSON_CREATE, SV("{\"a\":1    }"), &bound));
    assert_int_equal(bound.error, ERR_BODY_TOO_LARGE);
    str_init(&s, MB(1));
    str_addf(&s, "{%*s}", (int)JSON_BODY_BYTES - 2, "");
    assert_true(bind(str_view(&s)));
    STR_ADD(&s, " ");
    assert_false(bind(str_view(&s)));
    assert_int_equal(bound.error, ERR_BODY_TOO_LARGE);
    str_fini(&s);
}

struct overflow_case {
    const char *body;
    const char *pointer;
    enum json_fault_code code;
};

static void a_number_past_int64_is_its_fields_fault(void **state)
{
    static const struct overflow_case cases[] = {
        {"{\"b\":[1,9223372036854775808]}", "/b/1", JSON_FAULT_TOO_LARGE},
        {"{\"b\":[1,-9223372036854775809],\"a\":2}", "/b/1", JSON_FAULT_TOO_SMALL},
        {"{\"a\":1e400}", "/a", JSON_FAULT_TOO_LARGE},
        {"{\"a\":-1e400 }", "/a", JSON_FAULT_TOO_SMALL},
        {"{\"a\":{\"x/y\":[{},[2],{\"q\":1,\"~\\u0041\\\"\":99999999999999999999}]}}",
         "/a/x~1y/2/~0A\"", JSON_FAULT_TOO_LARGE},
        {"{\"a\":{\"p\":{\"q\":1},\"r\":\"9e999\",\"s\":99999999999999999999}}", "/a/s",
         JSON_FAULT_TOO_LARGE},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_false(bind(sv_of(cases[i].body)));
        assert_int_equal(bound.error, ERR_INVALID_INPUT);
        assert_int_equal(bound.fault_count, 1);
        assert_string_equal(bound.faults[0].pointer.p, cases[i].pointer);
        assert_int_equal(bound.faults[0].code, cases[i].code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(malformed_bodies_are_refused_with_their_place),
        TEST(well_formed_bodies_are_taken),
        TEST(the_place_is_byte_line_and_column),
        TEST(depth_32_is_taken_and_33_is_not),
        TEST(values_are_counted_before_they_are_parsed),
        TEST(a_body_is_as_large_as_its_table_says),
        TEST(a_number_past_int64_is_its_fields_fault),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
