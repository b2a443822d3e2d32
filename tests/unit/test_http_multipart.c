/* Forms with a file: what browsers send, what is refused and with which status, at each limit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "http/multipart.h"
#include "in_arena.h"

#define TYPE       "multipart/form-data; boundary=--x"
#define PART(name) "----x\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n"
#define FILE_PART(name)                                                                 \
    "----x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" name "\"\r\n" \
    "Content-Type: application/pdf\r\n\r\n"
#define END "----x--\r\n"

static const struct http_param *fields;
static size_t count;
static struct http_file file;
static struct http_fault fault;

static bool parse_as(const char *type, const char *body)
{
    return http_multipart_parse(arena, sv_of(type), sv_of(body), &fields, &count, &file, &fault);
}

static bool parse(const char *body)
{
    return parse_as(TYPE, body);
}

static const char *value_of(const char *name)
{
    const struct sv *value = http_param_find(fields, count, sv_of(name));

    return value ? arena_cstr(arena, *value) : NULL;
}

static void fields_and_a_file_are_read(void **state)
{
    (void)state;
    assert_true(parse(PART("kind") "w9\r\n" PART("note") "a\r\nb\xc3\xa9;&=%41\r\n" PART(
        "empty") "\r\n" FILE_PART("a;b%22 c.pdf") "%PDF\r\n----y\r\n\r\n" END));
    assert_int_equal(count, 3);
    assert_string_equal(value_of("kind"), "w9");
    assert_string_equal(value_of("note"), "a\nb\xc3\xa9;&=%41");
    assert_string_equal(value_of("empty"), "");
    assert_string_equal(arena_cstr(arena, file.name), "a;b\" c.pdf");
    assert_string_equal(arena_cstr(arena, file.bytes), "%PDF\r\n----y\r\n");
}

static void a_file_has_no_folders(void **state)
{
    (void)state;
    assert_true(parse(FILE_PART("C:\\papers\\..\\w9.pdf") "x\r\n" END));
    assert_string_equal(arena_cstr(arena, file.name), "w9.pdf");
    assert_true(parse(FILE_PART("../../etc/passwd") "x\r\n" END));
    assert_string_equal(arena_cstr(arena, file.name), "passwd");
}

static void no_file_may_be_chosen(void **state)
{
    (void)state;
    assert_true(parse(FILE_PART("") "\r\n" END));
    assert_int_equal(file.name.n + file.bytes.n + count, 0);
    assert_true(parse(PART("a") "1\r\n----x--"));
    assert_int_equal(file.name.n + file.bytes.n, 0);
}

static void another_type_is_none(void **state)
{
    static const char *const types[] = {"", "application/x-www-form-urlencoded",
                                        "multipart/form-data", "multipart/form-data; charset=utf-8",
                                        "multipart/mixed; boundary=--x"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        assert_false(parse_as(types[i], END));
        assert_int_equal(fault.code, ERR_MEDIA_TYPE_UNSUPPORTED);
    }
}

static void what_no_browser_sends_is_malformed(void **state)
{
    static const char *const bodies[] = {
        "",
        "----x",
        "\r\n" END,
        PART("a") "1",
        PART("a") "1\r\n",
        PART("a") "1\r\n----x",
        PART("a") "1\r\n----x-",
        PART("a") "1\r\n" END "more",
        PART("") "1\r\n" END,
        PART("a") "\xc3\r\n" END,
        PART("a") "1\r\n" PART("a") "2\r\n" END,
        FILE_PART("a") "1\r\n" FILE_PART("b") "2\r\n" END,
        "----x\r\nContent-Type: text/plain\r\n\r\n1\r\n" END,
        "----x\r\nContent-Disposition: form-data\r\n\r\n1\r\n" END,
        "----x\r\nContent-Disposition: inline; name=\"a\"\r\n\r\n1\r\n" END,
        "----x\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Disposition: form-data; "
        "name=\"b\"\r\n\r\n1\r\n" END,
    };

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
    str_init(&body, KB(64));
    for (int i = 0; i < HTTP_FORM_FIELDS; i++)
        str_addf(&body, "----x\r\nContent-Disposition: form-data; name=\"f%d\"\r\n\r\n1\r\n", i);
    STR_ADD(&body, END);
    assert_true(parse(str_cstr(&body)));
    assert_int_equal(count, HTTP_FORM_FIELDS);
    str_cut(&body, body.n - strlen(END));
    STR_ADD(&body, PART("more") "1\r\n" END);
    assert_false(parse(str_cstr(&body)));
    assert_int_equal(fault.code, ERR_INVALID_INPUT);
    str_fini(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_and_a_file_are_read),
        cmocka_unit_test(a_file_has_no_folders),
        cmocka_unit_test(no_file_may_be_chosen),
        cmocka_unit_test(another_type_is_none),
        cmocka_unit_test(what_no_browser_sends_is_malformed),
        cmocka_unit_test(there_are_at_most_so_many_fields),
    };

    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
