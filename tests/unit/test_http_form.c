/* Forms: what is taken, what is refused and with which status, at each limit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "http/form.h"
#include "in_arena.h"

static const struct http_param *fields;
static size_t count;
static struct http_fault fault;

static bool parse(const char *body)
{
    return http_form_parse(arena, sv_of(body), &fields, &count, &fault);
}

static const char *value_of(const char *name)
{
    const struct sv *value = http_param_find(fields, count, sv_of(name));

    return value ? arena_cstr(arena, *value) : NULL;
}

static void fields_are_decoded(void **state)
{
    (void)state;
    assert_true(parse("do=save&full%20name=Ann+Lee&sum=1%2B1%3D2&empty=&bare"));
    assert_int_equal(count, 5);
    assert_string_equal(value_of("do"), "save");
    assert_string_equal(value_of("full name"), "Ann Lee");
    assert_string_equal(value_of("sum"), "1+1=2");
    assert_string_equal(value_of("empty"), "");
    assert_string_equal(value_of("bare"), "");
    assert_null(value_of("Do"));
}

static void an_empty_body_has_no_fields(void **state)
{
    (void)state;
    assert_true(parse(""));
    assert_int_equal(count, 0);
}

static void lines_end_in_a_line_feed(void **state)
{
    (void)state;
    assert_true(parse("a=1%0D%0A%0D%0A2&b=%0D%0D%0A&c=%0D"));
    assert_string_equal(value_of("a"), "1\n\n2");
    assert_string_equal(value_of("b"), "\r\n");
    assert_string_equal(value_of("c"), "\r");
}

static void what_no_browser_sends_is_malformed(void **state)
{
    static const char *const bodies[] = {"a=b c", "a=\xc3\xa9", "a\n=b", "a=%C3", "a=%0",
                                         "a=%zz", "a=%00",      "=b",    "&",     "a=1&&b=2",
                                         "a=1&",  "a=1&a=2",    "a&%61="};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        assert_false(parse(bodies[i]));
        assert_int_equal(fault.code, ERR_MALFORMED_REQUEST);
        assert_int_equal(count, 0);
    }
}

static void there_are_at_most_so_many_fields(void **state)
{
    struct str body;

    (void)state;
    str_init(&body, KB(16));
    for (int i = 0; i < HTTP_FORM_FIELDS; i++)
        str_addf(&body, "%sf%d=", i ? "&" : "", i);
    assert_true(parse(str_cstr(&body)));
    assert_int_equal(count, HTTP_FORM_FIELDS);
    STR_ADD(&body, "&more=");
    assert_false(parse(str_cstr(&body)));
    assert_int_equal(fault.code, ERR_INVALID_INPUT);
    str_fini(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_decoded),
        cmocka_unit_test(an_empty_body_has_no_fields),
        cmocka_unit_test(lines_end_in_a_line_feed),
        cmocka_unit_test(what_no_browser_sends_is_malformed),
        cmocka_unit_test(there_are_at_most_so_many_fields),
    };

    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
