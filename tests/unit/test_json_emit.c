/* The JSON writer: commas, escapes, nesting, limits; and that jansson reads back what went in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "json/emit.h"

static struct str out;
static struct emit e;

static void fresh(size_t limit_bytes)
{
    str_fini(&out);
    str_init(&out, limit_bytes);
    emit_init(&e, &out);
}

static const char *text_of(struct sv text)
{
    fresh(KB(4));
    emit_text(&e, text);
    assert_true(emit_finish(&e));
    return str_cstr(&out);
}

static void commas_stand_between_members_and_items_only(void **state)
{
    (void)state;
    fresh(KB(1));
    emit_object_begin(&e);
    emit_key(&e, SV("a"));
    emit_i64(&e, INT64_MIN);
    emit_key(&e, SV("b"));
    emit_array_begin(&e);
    emit_array_begin(&e);
    emit_array_end(&e);
    emit_object_begin(&e);
    emit_object_end(&e);
    emit_bool(&e, true);
    emit_bool(&e, false);
    emit_null(&e);
    emit_raw(&e, SV("{\"r\":1}"));
    emit_array_end(&e);
    emit_key(&e, SV("\"k\""));
    emit_text(&e, SV("v"));
    emit_object_end(&e);
    assert_true(emit_finish(&e));
    assert_string_equal(str_cstr(&out), "{\"a\":-9223372036854775808,\"b\":[[],{},true,false,null,"
                                        "{\"r\":1}],\"\\\"k\\\"\":\"v\"}");
}

static void text_is_escaped(void **state)
{
    (void)state;
    assert_string_equal(text_of(SV_NONE), "\"\"");
    assert_string_equal(text_of(SV("a\"b\\c/d")), "\"a\\\"b\\\\c/d\"");
    assert_string_equal(text_of(SV("\b\f\n\r\t")), "\"\\b\\f\\n\\r\\t\"");
    assert_string_equal(text_of(SV("\x01\x1f\x20\x7f")), "\"\\u0001\\u001f \x7f\"");
    assert_string_equal(text_of(SV("a\0b")), "\"a\\u0000b\"");
    assert_string_equal(text_of(SV("\xe2\x80\xa7|\xe2\x80\xa8|\xe2\x80\xa9|\xe2\x80\xaa")),
                        "\"\xe2\x80\xa7|\\u2028|\\u2029|\xe2\x80\xaa\"");
    assert_string_equal(text_of(SV("\xc3\xa9\xf0\x9f\x98\x80")), "\"\xc3\xa9\xf0\x9f\x98\x80\"");
}

static void ill_formed_utf8_becomes_the_replacement_character(void **state)
{
    (void)state;
    assert_string_equal(text_of(SV("a\xff"
                                   "b")),
                        "\"a\xef\xbf\xbd"
                        "b\"");
    assert_string_equal(text_of(SV("\xc3")), "\"\xef\xbf\xbd\"");
    assert_string_equal(text_of(SV("\xed\xa0\x80")), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

static void decimals_are_explicit(void **state)
{
    (void)state;
    fresh(KB(1));
    emit_array_begin(&e);
    emit_decimal(&e, 0.125, 2);
    emit_decimal(&e, -3.0, 0);
    emit_decimal(&e, 1.0, 9);
    emit_decimal(&e, 0.0 / (double)(out.n == 0), 2);
    emit_array_end(&e);
    assert_true(emit_finish(&e));
    assert_string_equal(str_cstr(&out), "[0.12,-3,1.000000000,null]");
}

static void a_full_str_fails_once_and_for_all(void **state)
{
    (void)state;
    fresh(4);
    emit_text(&e, SV("ab"));
    assert_true(emit_finish(&e));
    fresh(3);
    emit_text(&e, SV("ab"));
    assert_false(emit_finish(&e));
}

/* Runs `misuse` in a child; true when it died by die(). */
static bool dies(void (*misuse)(void))
{
    pid_t child = fork();
    int status;

    if (child == 0) {
        fclose(stderr);
        close(2);
        fresh(KB(4));
        misuse();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_STATUS_CRASH;
}

static void open_levels(unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        emit_array_begin(&e);
}

static void nest_to_the_limit(void)
{
    open_levels(EMIT_DEPTH);
    for (unsigned i = 0; i < EMIT_DEPTH; i++)
        emit_array_end(&e);
    ENSURE(emit_finish(&e));
}

static void nest_past_the_limit(void)
{
    open_levels(EMIT_DEPTH + 1);
}

static void end_an_array_as_an_object(void)
{
    emit_array_begin(&e);
    emit_object_end(&e);
}

static void end_without_begin(void)
{
    emit_array_end(&e);
}

static void value_without_key(void)
{
    emit_object_begin(&e);
    emit_null(&e);
}

static void key_without_value(void)
{
    emit_object_begin(&e);
    emit_key(&e, SV("a"));
    emit_object_end(&e);
}

static void key_in_an_array(void)
{
    emit_array_begin(&e);
    emit_key(&e, SV("a"));
}

static void two_values(void)
{
    emit_null(&e);
    emit_null(&e);
}

static void finish_too_early(void)
{
    emit_array_begin(&e);
    ENSURE(emit_finish(&e));
}

static void misuse_dies(void **state)
{
    (void)state;
    assert_false(dies(nest_to_the_limit));
    assert_true(dies(nest_past_the_limit));
    assert_true(dies(end_an_array_as_an_object));
    assert_true(dies(end_without_begin));
    assert_true(dies(value_without_key));
    assert_true(dies(key_without_value));
    assert_true(dies(key_in_an_array));
    assert_true(dies(two_values));
    assert_true(dies(finish_too_early));
}

/* A small generator of our own: the same values on every machine. */
static uint32_t seed;

static uint32_t next_random(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

static json_t *random_text(void)
{
    static const char *const pieces[] = {
        "a", "\"", "\\", "\n", "\x01", "\xc3\xa9", "\xe2\x80\xa8", "\xf0\x9f\x98\x80", "/", "\x7f"};
    char text[64] = "";
    size_t n = 0;

    for (uint32_t left = next_random(8); left; left--) {
        const char *piece = pieces[next_random(COUNT_OF(pieces))];

        memcpy(text + n, piece, strlen(piece));
        n += strlen(piece);
    }
    return json_stringn(text, n);
}

/* Builds a random tree and writes the same one. */
static json_t *random_value(unsigned depth)
{
    json_t *value;

    switch (next_random(depth ? 7 : 5)) {
    case 0:
        emit_null(&e);
        return json_null();
    case 1:
        value = json_boolean(next_random(2));
        emit_bool(&e, json_is_true(value));
        return value;
    case 2:
        value = json_integer((json_int_t)next_random(1000) - 500);
        emit_i64(&e, json_integer_value(value));
        return value;
    case 3:
    case 4:
        value = random_text();
        emit_text(&e, (struct sv){json_string_value(value), json_string_length(value)});
        return value;
    case 5:
        value = json_array();
        emit_array_begin(&e);
        for (uint32_t left = next_random(5); left; left--)
            json_array_append_new(value, random_value(depth - 1));
        emit_array_end(&e);
        return value;
    default:
        value = json_object();
        emit_object_begin(&e);
        for (uint32_t left = next_random(5); left; left--) {
            char key[3] = {(char)('a' + left), '"', '\0'};

            emit_key(&e, sv_of(key));
            json_object_set_new(value, key, random_value(depth - 1));
        }
        emit_object_end(&e);
        return value;
    }
}

static void what_is_written_is_read_back(void **state)
{
    (void)state;
    for (seed = 1; seed < 400; seed++) {
        uint32_t start = seed;
        json_t *want;
        json_t *got;

        fresh(MB(1));
        want = random_value(5);
        assert_true(emit_finish(&e));
        got = json_loadb(out.p, out.n, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
        if (!json_equal(want, got))
            fail_msg("seed %u: %s", start, str_cstr(&out));
        json_decref(want);
        json_decref(got);
        seed = start;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commas_stand_between_members_and_items_only),
        cmocka_unit_test(text_is_escaped),
        cmocka_unit_test(ill_formed_utf8_becomes_the_replacement_character),
        cmocka_unit_test(decimals_are_explicit),
        cmocka_unit_test(a_full_str_fails_once_and_for_all),
        cmocka_unit_test(misuse_dies),
        cmocka_unit_test(what_is_written_is_read_back),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    str_fini(&out);
    return failed;
}
