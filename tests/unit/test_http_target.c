/* Targets and queries: what is understood, what is refused and why, and the limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/encode.h"
#include "http/target.h"

static struct http_head head_with(struct sv target)
{
    return (struct http_head){.method = HTTP_GET, .target = target, .host = SV("Example.org:80")};
}

/* The segments, each with a "|" behind it. */
static struct sv joined(struct arena *arena, const struct http_target *target)
{
    struct sv all = SV("");

    for (size_t i = 0; i < target->segment_count; i++)
        all = arena_printf(arena, "%.*s%.*s|", SV_ARG(all), SV_ARG(target->segments[i]));
    return all;
}

static void test_paths_are_split_and_then_decoded(void **state)
{
    static const struct {
        const char *target;
        const char *path;
        const char *segments;
        const char *query;
    } rows[] = {
        {"/", "/", "", ""},
        {"/?", "/", "", ""},
        {"/?a", "/", "", "a"},
        {"/a", "/a", "a|", ""},
        {"/a/", "/a/", "a||", ""},
        {"/v1/partners/42?fields=id&x=/?y", "/v1/partners/42", "v1|partners|42|",
         "fields=id&x=/?y"},
        {"//", "//", "||", ""},
        {"//evil/x", "//evil/x", "|evil|x|", ""}, /* not an authority */
        {"///", "///", "|||", ""},
        {"/a%2Fb/c", "/a%2Fb/c", "a/b|c|", ""},
        {"/%61%20%c3%a9+", "/%61%20%c3%a9+", "a \xc3\xa9+|", ""},
        {"/%2561", "/%2561", "%61|", ""}, /* once */
        {"/path-%09-%0D-%0A", "/path-%09-%0D-%0A", "path-\t-\r-\n|", ""},
        {"/.../.a/a./..a", "/.../.a/a./..a", "...|.a|a.|..a|", ""},
        {"/-._~!$&'()*+,;=:@", "/-._~!$&'()*+,;=:@", "-._~!$&'()*+,;=:@|", ""},
        {"/http://other/x", "/http://other/x", "http:||other|x|", ""},
        {"/?created_at[gte]=1&a=%zz", "/", "", "created_at[gte]=1&a=%zz"},
        {"http://example.org:80/a?b", "/a", "a|", "b"},
        {"HTTPS://EXAMPLE.ORG:80/", "/", "", ""},
        {"http://Example.org:80", "/", "", ""},
        {"http://example.org:80?a", "/", "", "a"},
        {"http://example.org:80//x", "//x", "|x|", ""},
    };
    struct arena *arena = arena_new(MB(1));

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct http_head head = head_with(sv_of(rows[i].target));
        struct http_target target;
        struct http_fault fault;

        if (!http_target_parse(arena, &head, &target, &fault))
            fail_msg("%s: %s", rows[i].target, fault.why);
        assert_false(target.is_asterisk);
        assert_string_equal(arena_cstr(arena, target.path), rows[i].path);
        assert_string_equal(arena_cstr(arena, joined(arena, &target)), rows[i].segments);
        assert_string_equal(arena_cstr(arena, target.query), rows[i].query);
    }
    arena_free(arena);
}

#define ROW(text, why)                \
    {                                 \
        {text, sizeof(text) - 1}, why \
    }
#define CHARACTER "The path has a character that has to be"
#define PERCENT   "The path has a percent sign"
#define UTF8      "The path is not well-formed UTF-8"
#define DOTS      "The path has a segment"
#define FORM      "The request target is neither"
#define AUTHORITY "The request target's authority"
#define QUERY     "The request target has a character"

static const struct {
    struct sv target;
    const char *why; /* begins so */
} faults[] = {
    ROW("/a b", QUERY),
    ROW("/a\t", QUERY),
    ROW("/\0", QUERY),
    ROW("/\x7f", QUERY),
    ROW("/a#b", QUERY),
    ROW("/a\"b", QUERY),
    ROW("/<b>", QUERY),
    ROW("/a\\b", QUERY),
    ROW("/a^b", QUERY),
    ROW("/a`b", QUERY),
    ROW("/{id}", QUERY),
    ROW("/a|b", QUERY),
    ROW("/caf\xc3\xa9", QUERY),
    ROW("/?a b", QUERY),
    ROW("/?a#b", QUERY),
    ROW("/?\xc3\xa9", QUERY),
    ROW("/?{a}", QUERY),
    ROW("/a[b]", CHARACTER),
    ROW("/%", PERCENT),
    ROW("/%4", PERCENT),
    ROW("/%zz", PERCENT),
    ROW("/%4g/a", PERCENT),
    ROW("/%/41", PERCENT),
    ROW("/a%4?1", PERCENT),
    ROW("/%+1", PERCENT),
    ROW("/%00", UTF8),
    ROW("/a/b%00c", UTF8),
    ROW("/%ff", UTF8),
    ROW("/%c3", UTF8),
    ROW("/%c0%af", UTF8),    /* overlong "/" */
    ROW("/%ed%a0%80", UTF8), /* a surrogate */
    ROW("/%c3/%a9", UTF8),   /* two halves do not make one */
    ROW("/.", DOTS),
    ROW("/..", DOTS),
    ROW("/a/../b", DOTS),
    ROW("/a/./b", DOTS),
    ROW("/%2e%2E", DOTS),
    ROW("/.%2e/a", DOTS),
    ROW("/a/..", DOTS),
    ROW("", FORM),
    ROW("a", FORM),
    ROW("*a", FORM),
    ROW("?a", FORM),
    ROW("example.org:80", FORM), /* authority form */
    ROW("ftp://example.org:80/", FORM),
    ROW("http:/example.org:80/", FORM),
    ROW("http:///a", FORM),
    ROW("http://", FORM),
    ROW("http", FORM),
    ROW("http://other/x", AUTHORITY),
    ROW("http://example.org/x", AUTHORITY),
    ROW("http://example.org:8080/x", AUTHORITY),
    ROW("http://user@example.org:80/x", AUTHORITY),
    ROW("http://example.org:80.evil/", AUTHORITY),
    ROW("http://example.org:80/../a", DOTS),
};

static void test_each_deviation_has_its_fault(void **state)
{
    struct arena *arena = arena_new(MB(1));

    (void)state;
    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        struct http_head head = head_with(faults[i].target);
        struct http_target target;
        struct http_fault fault = {ERROR_COUNT, "accepted"};

        (void)!http_target_parse(arena, &head, &target, &fault);
        if (fault.code != ERR_MALFORMED_REQUEST ||
            strncmp(fault.why, faults[i].why, strlen(faults[i].why)) != 0)
            fail_msg("%.*s: %s", SV_ARG(faults[i].target), fault.why);
    }
    arena_free(arena);
}

static void test_the_asterisk_is_for_options(void **state)
{
    struct http_head head = head_with(SV("*"));
    struct http_target target;
    struct http_fault fault;

    (void)state;
    assert_false(http_target_parse(NULL, &head, &target, &fault));
    assert_string_equal(fault.why, "The request target \"*\" is only for OPTIONS.");
    head.method = HTTP_OPTIONS;
    assert_true(http_target_parse(NULL, &head, &target, &fault));
    assert_true(target.is_asterisk);
    assert_int_equal(target.segment_count, 0);
}

/* HTTP/1.0 may come without Host; then nothing equals its authority. */
static void test_the_absolute_form_needs_a_host(void **state)
{
    struct http_head head = {.method = HTTP_GET, .target = SV("http://a/"), .host = SV_NONE};
    struct http_target target;
    struct http_fault fault;

    (void)state;
    assert_false(http_target_parse(NULL, &head, &target, &fault));
    head.host = SV("a");
    assert_true(http_target_parse(NULL, &head, &target, &fault));
}

static void test_the_limit_of_segments(void **state)
{
    struct http_head head = head_with(SV("/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16"));
    struct http_target target;
    struct http_fault fault;

    (void)state;
    assert_int_equal(HTTP_PATH_SEGMENTS, 16);
    assert_true(http_target_parse(NULL, &head, &target, &fault));
    assert_int_equal(target.segment_count, 16);
    assert_true(sv_eq(target.segments[15], SV("16")));
    head.target = SV("/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/");
    assert_false(http_target_parse(NULL, &head, &target, &fault));
    assert_int_equal(fault.code, ERR_TARGET_TOO_LONG);
}

static void test_queries(void **state)
{
    static const struct {
        const char *query;
        const char *params; /* name, "=", value, "|" */
    } rows[] = {
        {"", ""},
        {"&", ""},
        {"&&a=1&&b&", "a=1|b=|"},
        {"a", "a=|"},
        {"=1", "=1|"},
        {"=", "=|"},
        {"a=b=c", "a=b=c|"},
        {"a=1&a=2&A=3", "a=1|a=2|A=3|"},
        {"a+b=c+d%20e%2B", "a b=c d e+|"},
        {"%61%3d=%26", "a==&|"},
        {"created_at[gte]=1", "created_at[gte]=1|"},
        {"a;b=1", "a;b=1|"},
        {"q=%C3%A9", "q=\xc3\xa9|"},
        {"q=\xc3\xa9", "q=\xc3\xa9|"}, /* a form body may have it raw */
        {"q=%0d%0a", "q=\r\n|"},
    };
    struct arena *arena = arena_new(MB(1));

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct http_param *params;
        size_t count;
        struct http_fault fault;
        struct sv all = SV("");

        if (!http_query_parse(arena, sv_of(rows[i].query), &params, &count, &fault))
            fail_msg("%s: %s", rows[i].query, fault.why);
        for (size_t p = 0; p < count; p++)
            all = arena_printf(arena, "%.*s%.*s=%.*s|", SV_ARG(all), SV_ARG(params[p].name),
                               SV_ARG(params[p].value));
        assert_string_equal(arena_cstr(arena, all), rows[i].params);
    }
    arena_free(arena);
}

static void test_query_faults_leave_the_connection(void **state)
{
    static const struct {
        struct sv query;
        const char *why;
    } rows[] = {
        ROW("a=%", "A percent sign"),           ROW("a=%4", "A percent sign"),
        ROW("a=%zz", "A percent sign"),         ROW("%g1=a", "A percent sign"),
        ROW("a=%4&1", "A percent sign"),        ROW("a=+%", "A percent sign"),
        ROW("a=%00", "A parameter is not"),     ROW("a%00=1", "A parameter is not"),
        ROW("a=\0", "A parameter is not"),      ROW("a=%ff", "A parameter is not"),
        ROW("a=%c0%80", "A parameter is not"),  ROW("a=\xff", "A parameter is not"),
        ROW("a=%c3&%a9", "A parameter is not"),
    };
    struct arena *arena = arena_new(MB(1));

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct http_param *params;
        size_t count;
        struct http_fault fault = {ERROR_COUNT, "accepted"};

        (void)!http_query_parse(arena, rows[i].query, &params, &count, &fault);
        if (fault.code != ERR_INVALID_QUERY ||
            strncmp(fault.why, rows[i].why, strlen(rows[i].why)) != 0)
            fail_msg("%.*s: %s", SV_ARG(rows[i].query), fault.why);
        assert_null(params);
        assert_int_equal(count, 0);
    }
    arena_free(arena);
}

static void test_the_limit_of_params(void **state)
{
    struct arena *arena = arena_new(MB(1));
    char text[2 * (HTTP_QUERY_PARAMS + 1)];
    const struct http_param *params;
    size_t count;
    struct http_fault fault;

    (void)state;
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = i % 2 ? '&' : 'a';
    assert_true(
        http_query_parse(arena, (struct sv){text, 2 * HTTP_QUERY_PARAMS}, &params, &count, &fault));
    assert_int_equal(count, HTTP_QUERY_PARAMS);
    assert_false(http_query_parse(arena, (struct sv){text, 2 * HTTP_QUERY_PARAMS + 1}, &params,
                                  &count, &fault));
    assert_string_equal(fault.why, "There are too many parameters.");
    assert_int_equal(fault.code, ERR_INVALID_QUERY);
    arena_free(arena);
}

/* Whatever text is encoded into a segment or a parameter comes out of it again. */
static void test_what_is_encoded_is_decoded(void **state)
{
    static const char *const texts[] = {"a/b?c#d", "%41",   "a+b c", "\xc3\xa9\xf0\x9f\x8f\xab",
                                        "=&",      "\r\n\t"};
    struct arena *arena = arena_new(MB(1));

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct sv encoded = percent_encode(arena, sv_of(texts[i]));
        struct http_head head = head_with(arena_printf(arena, "/%.*s?%.*s=%.*s", SV_ARG(encoded),
                                                       SV_ARG(encoded), SV_ARG(encoded)));
        const struct http_param *params;
        size_t count;
        struct http_target target;
        struct http_fault fault;

        assert_true(http_target_parse(arena, &head, &target, &fault));
        assert_int_equal(target.segment_count, 1);
        assert_true(sv_eq(target.segments[0], sv_of(texts[i])));
        assert_true(http_query_parse(arena, target.query, &params, &count, &fault));
        assert_int_equal(count, 1);
        assert_true(sv_eq(params[0].name, sv_of(texts[i])));
        assert_true(sv_eq(params[0].value, sv_of(texts[i])));
    }
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths_are_split_and_then_decoded),
        cmocka_unit_test(test_each_deviation_has_its_fault),
        cmocka_unit_test(test_the_asterisk_is_for_options),
        cmocka_unit_test(test_the_absolute_form_needs_a_host),
        cmocka_unit_test(test_the_limit_of_segments),
        cmocka_unit_test(test_queries),
        cmocka_unit_test(test_query_faults_leave_the_connection),
        cmocka_unit_test(test_the_limit_of_params),
        cmocka_unit_test(test_what_is_encoded_is_decoded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
