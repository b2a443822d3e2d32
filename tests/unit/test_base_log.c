/* Log lines: their shape in text and JSON, always one line, always valid JSON, never too long. */
#include "base/log.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static int pipes[2];
static int real_stderr;
static char said[KB(64)];

/* Standard error goes into a pipe between capture() and captured(). */
static void capture(void)
{
    assert_int_equal(pipe(pipes), 0);
    real_stderr = dup(STDERR_FILENO);
    dup2(pipes[1], STDERR_FILENO);
    close(pipes[1]);
}

static const char *captured(void)
{
    size_t n = 0;
    ssize_t got;

    dup2(real_stderr, STDERR_FILENO);
    close(real_stderr);
    while ((got = read(pipes[0], said + n, sizeof said - 1 - n)) > 0)
        n += (size_t)got;
    close(pipes[0]);
    said[n] = '\0';
    return said;
}

/* The line behind the time, the level, the service and the pid. */
static const char *after_start(const char *line, const char *level)
{
    char start[64];
    const char *found;

    snprintf(start, sizeof start, "Z %-5s try[%d] ", level, (int)getpid());
    found = strstr(line, start);
    assert_non_null(found);
    assert_ptr_equal(found, line + 23); /* 2026-11-21T21:05:56.123 */
    return found + strlen(start);
}

static void assert_one_line(const char *text)
{
    const char *end = strchr(text, '\n');

    assert_non_null(end);
    assert_int_equal(end[1], '\0');
    assert_true(strlen(text) <= PIPE_BUF);
}

/* Reads a JSON string of RFC 8259; returns what follows. */
static const char *json_string(const char *at)
{
    assert_int_equal(*at++, '"');
    while (*at != '"') {
        assert_true((unsigned char)*at >= 0x20);
        if (*at++ != '\\')
            continue;
        if (*at == 'u') {
            for (int i = 1; i <= 4; i++)
                assert_true(char_hex_value(at[i]) >= 0);
            at += 5;
        } else {
            assert_non_null(strchr("\"\\/bfnrt", *at));
            at++;
        }
    }
    return at + 1;
}

/* Reads a flat JSON object on one line; fails on anything else. */
static void assert_json_line(const char *text)
{
    const char *at = text;

    assert_one_line(text);
    assert_true(sv_is_utf8(sv_of(text)));
    assert_int_equal(*at, '{');
    do {
        char *end;

        at = json_string(at + 1);
        assert_int_equal(*at++, ':');
        if (*at == '"') {
            at = json_string(at);
        } else if (*at == '-' || char_is_digit(*at)) {
            (void)strtod(at, &end);
            at = end;
        } else {
            size_t n = strcspn(at, ",}");

            assert_true(sv_eq(sv_head(sv_of(at), n), SV("true")) ||
                        sv_eq(sv_head(sv_of(at), n), SV("false")) ||
                        sv_eq(sv_head(sv_of(at), n), SV("null")));
            at += n;
        }
    } while (*at == ',');
    assert_string_equal(at, "}\n");
}

static void test_a_line_of_text(void **state)
{
    (void)state;
    log_start("try", LOG_TEXT, LOG_DEBUG);
    capture();
    log_warn("database is slow", F_STR("statement", "partner_get"), F_INT("ms", -5),
             F_REAL("ratio", 0.25), F_BOOL("again", true), F_STR("empty", ""),
             F_STR("spaced", "a b"), F_STR("quoted", "say \"x\"\\\n\x01\x7f"), F_STR("none", NULL),
             F_STR("sum", "a=b"), F_STR("word", "é"), F_SV("bytes", ((struct sv){"\xff\0", 2})));
    captured();
    assert_one_line(said);
    assert_string_equal(after_start(said, "warn"),
                        "database is slow statement=partner_get ms=-5 ratio=0.25 again=true "
                        "empty=\"\" spaced=\"a b\" quoted=\"say \\\"x\\\"\\\\\\n\\u0001\\u007f\" "
                        "none=\"\" sum=\"a=b\" word=\"é\" bytes=\"\\u00ff\\u0000\"\n");
}

static void test_a_line_of_json(void **state)
{
    const char *event;

    (void)state;
    log_start("try", LOG_JSON, LOG_INFO);
    capture();
    log_error("died", F_STR("why", "a\"b\\c\nd\te"), F_INT("big", INT64_MIN),
              F_REAL("ratio", 1e300), F_REAL("nan", (double)NAN),
              F_REAL("infinite", -(double)INFINITY), F_BOOL("again", false), F_STR("word", "é"),
              F_STR("bytes", "\xc3(\x80"));
    captured();
    assert_json_line(said);
    assert_memory_equal(said, "{\"time\":\"2", 10);
    event = strstr(said, ",\"event\":");
    assert_non_null(event);
    assert_string_equal(event, ",\"event\":\"died\",\"why\":\"a\\\"b\\\\c\\nd\\u0009e\","
                               "\"big\":-9223372036854775808,\"ratio\":1e+300,\"nan\":null,"
                               "\"infinite\":null,\"again\":false,\"word\":\"é\","
                               "\"bytes\":\"\\u00c3(\\u0080\"}\n");
}

static void test_levels(void **state)
{
    (void)state;
    log_start("try", LOG_TEXT, LOG_WARN);
    assert_false(log_wants(LOG_INFO));
    assert_true(log_wants(LOG_WARN));
    capture();
    log_debug("no");
    log_info("no");
    log_error("yes");
    captured();
    assert_string_equal(after_start(said, "error"), "yes\n");
}

static void test_the_request_is_added(void **state)
{
    (void)state;
    log_start("try", LOG_JSON, LOG_INFO);
    capture();
    log_set_request(SV("r-1"), SV("t-1"));
    log_info("in");
    log_set_request(SV_NONE, SV_NONE);
    log_info("out");
    captured();
    assert_non_null(
        strstr(said, "\"event\":\"in\",\"request_id\":\"r-1\",\"trace_id\":\"t-1\"}\n"));
    assert_non_null(strstr(said, "\"event\":\"out\"}\n"));
}

static void fill(char *text, size_t n, char with)
{
    memset(text, with, n);
    text[n] = '\0';
}

static void test_a_value_at_its_limit(void **state)
{
    char value[KB(1) + 2];

    (void)state;
    log_start("try", LOG_TEXT, LOG_INFO);
    fill(value, KB(1), 'x');
    capture();
    log_info("long", F_STR("value", value));
    captured();
    assert_non_null(strstr(said, value));
    assert_null(strstr(said, "cut=true"));
    fill(value, KB(1) + 1, 'x');
    capture();
    log_info("longer", F_STR("value", value), F_INT("after", 1));
    captured();
    assert_one_line(said);
    assert_null(strstr(said, value));
    value[KB(1)] = '\0';
    assert_non_null(strstr(said, value));
    assert_non_null(strstr(said, " after=1 cut=true\n"));
}

static void test_a_value_is_not_cut_within_a_character(void **state)
{
    char value[KB(1) + 8];

    (void)state;
    log_start("try", LOG_JSON, LOG_INFO);
    for (size_t before = KB(1) - 4; before <= KB(1); before++) {
        fill(value, before, 'x');
        snprintf(value + before, sizeof value - before, "\xf0\x9f\x98\x80zzz");
        capture();
        log_info("long", F_STR("value", value));
        captured();
        assert_json_line(said);
        assert_null(strstr(said, "\\u00")); /* what is left is well-formed */
        assert_non_null(strstr(said, "\"cut\":true}\n"));
    }
}

static void test_a_line_never_passes_its_limit(void **state)
{
    static const enum log_format formats[] = {LOG_TEXT, LOG_JSON};
    char value[KB(1) + 1];

    (void)state;
    for (size_t f = 0; f < COUNT_OF(formats); f++) {
        log_start("try", formats[f], LOG_INFO);
        for (size_t n = 900; n <= KB(1); n++) { /* some of them end right at the limit */
            fill(value, n, 'x');
            capture();
            log_info("many", F_STR("a", value), F_STR("b", value), F_STR("c", value),
                     F_STR("d", value), F_INT("last", 7));
            captured();
            assert_one_line(said);
            if (formats[f] == LOG_JSON)
                assert_json_line(said);
            assert_true(strstr(said, "cut") || strstr(said, "last"));
        }
        assert_non_null(strstr(said, "cut"));
    }
}

static void test_the_longest_event_and_value_still_make_a_line(void **state)
{
    char value[KB(8)];

    (void)state;
    fill(value, sizeof value - 1, '\x01'); /* six bytes each when escaped */
    log_start("try", LOG_JSON, LOG_INFO);
    log_set_request(sv_of(value), sv_of(value));
    capture();
    log_info(value, F_STR("value", value), F_INT("last", 7));
    captured();
    log_set_request(SV_NONE, SV_NONE);
    assert_json_line(said);
    assert_non_null(strstr(said, ",\"last\":7,\"cut\":true}\n"));
    log_start("try", LOG_TEXT, LOG_INFO);
    capture();
    log_info("two\nlines");
    captured();
    assert_one_line(said);
}

static void test_errno_is_left_alone(void **state)
{
    (void)state;
    log_start("try", LOG_TEXT, LOG_INFO);
    real_stderr = dup(STDERR_FILENO);
    close(STDERR_FILENO);
    errno = ENOENT;
    log_error("nobody hears this");
    assert_int_equal(errno, ENOENT);
    dup2(real_stderr, STDERR_FILENO);
    close(real_stderr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_line_of_text),
        cmocka_unit_test(test_a_line_of_json),
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_the_request_is_added),
        cmocka_unit_test(test_a_value_at_its_limit),
        cmocka_unit_test(test_a_value_is_not_cut_within_a_character),
        cmocka_unit_test(test_a_line_never_passes_its_limit),
        cmocka_unit_test(test_the_longest_event_and_value_still_make_a_line),
        cmocka_unit_test(test_errno_is_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
