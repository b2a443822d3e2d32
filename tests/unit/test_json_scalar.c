/* Every scalar type at its limits and one past, from text and from JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "in_arena.h"
#include "json/bind.h"

static struct json_value value;

static const char *const kinds[] = {"school", "non_profit", NULL};

#define OK NULL

/* Input and what it becomes, or the code it is refused with. */
struct scalar_case {
    const char *input;
    const char *canonical;
    const char *code;
};

static const char *judge(const struct json_field *field, struct sv text)
{
    struct json_fault fault;

    if (json_bind_text(arena, field, text, &value, &fault))
        return OK;
    assert_true(fault.detail.n > 0);
    return json_fault_name(fault.code);
}

static void check(const struct json_field *field, const struct scalar_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct scalar_case *c = &cases[i];
        const char *code = judge(field, sv_of(c->input));

        if (c->code ? !code || strcmp(code, c->code) != 0 : code != OK)
            fail_msg("\"%s\": %s", c->input, code ? code : "was taken");
        if (!c->code)
            assert_string_equal(value.text.p, c->canonical);
    }
}

#define CHECK(field, ...)                                        \
    do {                                                         \
        static const struct scalar_case cases[] = {__VA_ARGS__}; \
        check(&(field), cases, COUNT_OF(cases));                 \
    } while (0)

static char *repeat(char c, size_t n)
{
    static char text[20000];

    assert_true(n < sizeof text);
    memset(text, c, n);
    text[n] = '\0';
    return text;
}

static void text_is_one_trimmed_line_counted_in_characters(void **state)
{
    static const struct json_field f = {.type = FIELD_TEXT, .min = 2, .max = 4};
    static const struct json_field optional = {.type = FIELD_TEXT};

    (void)state;
    CHECK(f, {"ab", "ab", OK}, {"abcd", "abcd", OK}, {"a", "", "too_short"},
          {"abcde", "", "too_long"}, {"  ab\t\r\n", "ab", OK}, {" a ", "", "too_short"},
          {"   ", "", "too_short"},
          {"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", OK},
          {"\xf0\x9f\x98\x80", "", "too_short"}, {"a\tb", "", "control_character"},
          {"a\nb", "", "control_character"}, {"a\x7f", "", "control_character"},
          {"a\x1f", "", "control_character"}, {"a\xc2\x80", "", "control_character"},
          {"a\xef\xbf\xbe", "", "control_character"}, {"\xef\xbf\xbf", "", "control_character"},
          {"a\xef\xbf\xbd", "a\xef\xbf\xbd", OK}, {"a\xc2\x9f", "", "control_character"},
          {"a\xc2\xa0", "a\xc2\xa0", OK}, {"a\xff", "", "invalid_utf8"});
    CHECK(optional, {"", "", OK}, {"  ", "", OK});
    assert_null(judge(&optional, sv_of(repeat('x', 255))));
    assert_string_equal(judge(&optional, sv_of(repeat('x', 256))), "too_long");
    assert_string_equal(judge(&optional, SV("a\0b")), "invalid_utf8");
}

static void long_text_has_lines_and_keeps_its_space(void **state)
{
    static const struct json_field f = {.type = FIELD_LONG_TEXT, .min = 1, .max = 5};
    static const struct json_field usual = {.type = FIELD_LONG_TEXT};

    (void)state;
    CHECK(f, {" a\n\tb", " a\n\tb", OK}, {"123456", "", "too_long"}, {" \n ", "", "too_short"},
          {"a\rb", "", "control_character"}, {"a\x0b", "", "control_character"});
    assert_null(judge(&usual, sv_of(repeat('x', 10000))));
    assert_string_equal(judge(&usual, sv_of(repeat('x', 10001))), "too_long");
}

static void email_is_a_small_part_of_rfc_5321(void **state)
{
    static const struct json_field f = {.type = FIELD_EMAIL};

    (void)state;
    CHECK(f, {" Ann.B+x@Mail.Example.ORG ", "ann.b+x@mail.example.org", OK},
          {"a@b.co", "a@b.co", OK}, {"o'neil@x-y.org", "o'neil@x-y.org", OK},
          {"", "", "invalid_email"}, {"a", "", "invalid_email"}, {"@b.co", "", "invalid_email"},
          {"a@", "", "invalid_email"}, {"a@b", "", "invalid_email"},
          {"a@b@c.co", "", "invalid_email"}, {".a@b.co", "", "invalid_email"},
          {"a.@b.co", "", "invalid_email"}, {"a..b@c.co", "", "invalid_email"},
          {"\"a b\"@c.co", "", "invalid_email"}, {"a(x)@c.co", "", "invalid_email"},
          {"a b@c.co", "", "invalid_email"}, {"a@-b.co", "", "invalid_email"},
          {"a@b-.co", "", "invalid_email"}, {"a@b..co", "", "invalid_email"},
          {"a@b.co.", "", "invalid_email"}, {"a@.b.co", "", "invalid_email"},
          {"a@[127.0.0.1]", "", "invalid_email"}, {"a@127.0.0.1", "", "invalid_email"},
          {"a@b_c.co", "", "invalid_email"}, {"a\nb@c.co", "", "invalid_email"},
          {"a@c.co,b@c.co", "", "invalid_email"}, {"ann\xc3\xa9@b.co", "", "email_not_ascii"});
}

static void email_lengths(void **state)
{
    static const struct json_field f = {.type = FIELD_EMAIL};
    struct sv local64 = arena_copy(arena, sv_of(repeat('l', 64)));
    struct sv label63 = arena_copy(arena, sv_of(repeat('d', 63)));
    struct sv rest =
        arena_printf(arena, "%.*s.%.*s.%s", SV_ARG(label63), SV_ARG(label63), repeat('e', 57));

    (void)state;
    assert_null(judge(&f, arena_printf(arena, "%.*s@b.co", SV_ARG(local64))));
    assert_string_equal(judge(&f, arena_printf(arena, "l%.*s@b.co", SV_ARG(local64))),
                        "invalid_email");
    assert_null(judge(&f, arena_printf(arena, "a@%.*s.co", SV_ARG(label63))));
    assert_string_equal(judge(&f, arena_printf(arena, "a@d%.*s.co", SV_ARG(label63))),
                        "invalid_email");
    assert_int_equal(64 + 1 + rest.n + 4, 254);
    assert_null(judge(&f, arena_printf(arena, "%.*s@%.*s.org", SV_ARG(local64), SV_ARG(rest))));
    assert_string_equal(
        judge(&f, arena_printf(arena, "%.*s@%.*se.org", SV_ARG(local64), SV_ARG(rest))),
        "too_long");
}

static void url_is_http_and_names_a_host(void **state)
{
    static const struct json_field f = {.type = FIELD_URL, .max = 60};

    (void)state;
    CHECK(f, {" HTTPS://Example.ORG/A?b=c#D ", "https://example.org/A?b=c#D", OK},
          {"http://localhost:1", "http://localhost:1", OK},
          {"http://a.co:65535/", "http://a.co:65535/", OK},
          {"http://a.co?q=%41", "http://a.co?q=%41", OK}, {"http://a.co:65536/", "", "invalid_url"},
          {"http://a.co:0/", "", "invalid_url"}, {"http://a.co:/", "", "invalid_url"},
          {"http://", "", "invalid_url"}, {"http:///x", "", "invalid_url"},
          {"ftp://a.co", "", "invalid_url"}, {"javascript:alert(1)", "", "invalid_url"},
          {"//a.co", "", "invalid_url"}, {"a.co", "", "invalid_url"}, {"", "", "invalid_url"},
          {"http://u:p@a.co/", "", "invalid_url"}, {"http://a..co", "", "invalid_url"},
          {"http://2130706433/", "", "invalid_url"}, {"http://a.co/ b", "", "invalid_url"},
          {"http://a.co/\xc3\xa9", "", "invalid_url"}, {"http://a.co/<b>", "", "invalid_url"},
          {"http://a.co/\"", "", "invalid_url"}, {"http://a.co/\\", "", "invalid_url"},
          {"http://a.co/%4", "", "invalid_url"}, {"http://a.co/%zz", "", "invalid_url"},
          {"http://a.co/#a#b", "", "invalid_url"});
    assert_null(judge(&f, arena_printf(arena, "http://a.co/%s", repeat('x', 48))));
    assert_string_equal(judge(&f, arena_printf(arena, "http://a.co/%s", repeat('x', 49))),
                        "too_long");
}

static void uuid_enum_and_bool(void **state)
{
    static const struct json_field uuid = {.type = FIELD_UUID};
    static const struct json_field kind = {.type = FIELD_ENUM, .values = kinds};
    static const struct json_field truth = {.type = FIELD_BOOL};

    (void)state;
    CHECK(uuid,
          {"01890A5D-AC96-774B-BCCE-B302099A8057", "01890a5d-ac96-774b-bcce-b302099a8057", OK},
          {"01890a5d-ac96-774b-bcce-b302099a805", "", "invalid_uuid"},
          {"01890a5d-ac96-774b-bcce-b302099a80577", "", "invalid_uuid"},
          {"01890a5dac96774bbcceb302099a8057", "", "invalid_uuid"},
          {"g1890a5d-ac96-774b-bcce-b302099a8057", "", "invalid_uuid"}, {"", "", "invalid_uuid"});
    CHECK(kind, {"school", "school", OK}, {"School", "", "not_in_enum"}, {"", "", "not_in_enum"},
          {"schoo", "", "not_in_enum"}, {"non_profit", "non_profit", OK});
    assert_int_equal(value.number, 1);
    CHECK(truth, {"false", "false", OK}, {"1", "", "invalid_bool"}, {"TRUE", "", "invalid_bool"},
          {"", "", "invalid_bool"}, {"true", "true", OK});
    assert_true(value.truth);
}

static void int_is_exact_to_the_ends_of_its_range(void **state)
{
    static const struct json_field f = {.type = FIELD_INT, .min = -5, .max = 120};
    static const struct json_field whole = {.type = FIELD_INT};

    (void)state;
    CHECK(f, {"-5", "-5", OK}, {"120", "120", OK}, {"-6", "", "too_small"},
          {"121", "", "too_large"}, {"0", "0", OK}, {"-0", "0", OK}, {"", "", "invalid_number"},
          {"-", "", "invalid_number"}, {"+1", "", "invalid_number"}, {"01", "", "invalid_number"},
          {"1.0", "", "invalid_number"}, {"1e2", "", "invalid_number"},
          {" 1", "", "invalid_number"}, {"x", "", "invalid_number"});
    CHECK(whole, {"9223372036854775807", "9223372036854775807", OK},
          {"-9223372036854775808", "-9223372036854775808", OK},
          {"9223372036854775808", "", "too_large"}, {"-9223372036854775809", "", "too_small"});
}

static void decimal_never_meets_a_double(void **state)
{
    static const struct json_field rate = {
        .type = FIELD_DECIMAL, .precision = 5, .scale = 2, .min = 0, .max = 100};
    static const struct json_field wide = {.type = FIELD_DECIMAL, .precision = 18, .scale = 17};
    static const struct json_field whole = {.type = FIELD_DECIMAL, .precision = 18, .scale = 0};

    (void)state;
    CHECK(rate, {"0", "0.00", OK}, {"100", "100.00", OK}, {"100.01", "", "too_large"},
          {"-0.01", "", "too_small"}, {"-0.00", "0.00", OK}, {"0.125", "", "too_precise"},
          {"1000", "", "too_large"}, {"-1000", "", "too_small"}, {"1.", "", "invalid_number"},
          {".5", "", "invalid_number"}, {"01", "", "invalid_number"}, {"1e1", "", "invalid_number"},
          {"1.2.3", "", "invalid_number"}, {"", "", "invalid_number"}, {"-", "", "invalid_number"},
          {"NaN", "", "invalid_number"}, {"1,5", "", "invalid_number"}, {"12.5", "12.50", OK});
    assert_int_equal(value.number, 1250);
    CHECK(wide, {"9.99999999999999999", "9.99999999999999999", OK},
          {"-9.99999999999999999", "-9.99999999999999999", OK}, {"10", "", "too_large"},
          {"0.1", "0.10000000000000000", OK});
    CHECK(whole, {"999999999999999999", "999999999999999999", OK},
          {"1000000000000000000", "", "too_large"}, {"1.0", "", "too_precise"});
}

static void dates_and_instants(void **state)
{
    static const struct json_field date = {.type = FIELD_DATE};
    static const struct json_field instant = {.type = FIELD_INSTANT};

    (void)state;
    CHECK(date, {"2024-02-29", "2024-02-29", OK}, {"2023-02-29", "", "invalid_date"},
          {"0001-01-01", "0001-01-01", OK}, {"0000-12-31", "", "invalid_date"},
          {"9999-12-31", "9999-12-31", OK}, {"10000-01-01", "", "invalid_date"},
          {"2024-2-9", "", "invalid_date"}, {"2024-01-32", "", "invalid_date"},
          {"2024-01-01T00:00:00Z", "", "invalid_date"}, {"", "", "invalid_date"},
          {"1970-01-02", "1970-01-02", OK});
    assert_int_equal(value.number, 1);
    CHECK(instant, {"2026-09-01T08:00:00-05:00", "2026-09-01T13:00:00.000Z", OK},
          {"2026-09-01T13:00:00.1239Z", "2026-09-01T13:00:00.123Z", OK},
          {"0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z", OK},
          {"0001-01-01T00:00:00+00:01", "", "invalid_instant"},
          {"9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z", OK},
          {"9999-12-31T23:59:59.999-00:01", "", "invalid_instant"},
          {"2026-09-01T13:00:00", "", "invalid_instant"}, {"2026-09-01", "", "invalid_instant"},
          {"2026-09-01T24:00:00Z", "", "invalid_instant"},
          {"2026-09-01T23:59:60Z", "", "invalid_instant"}, {"", "", "invalid_instant"},
          {"1970-01-01T00:00:01Z", "1970-01-01T00:00:01.000Z", OK});
    assert_int_equal(value.number, 1000);
}

static void locales_and_zones(void **state)
{
    static const struct json_field locale = {.type = FIELD_LOCALE};
    static const struct json_field zone = {.type = FIELD_ZONE};

    (void)state;
    CHECK(locale, {"en", "en", OK}, {"ES-mx", "es-MX", OK}, {"ZH-hANS", "zh-Hans", OK},
          {"zh-hant-tw", "zh-Hant-TW", OK}, {"hmn", "hmn", OK}, {"es-419", "es-419", OK},
          {"", "", "invalid_locale"}, {"e", "", "invalid_locale"}, {"engl", "", "invalid_locale"},
          {"en-", "", "invalid_locale"}, {"-en", "", "invalid_locale"},
          {"en_US", "", "invalid_locale"}, {"en-USA", "", "invalid_locale"},
          {"en-US-x", "", "invalid_locale"}, {"en-US-Latn", "", "invalid_locale"},
          {"12", "", "invalid_locale"}, {"en--US", "", "invalid_locale"},
          {"lng-Scrp-1234", "", "invalid_locale"});
    CHECK(zone, {"America/Chicago", "America/Chicago", OK}, {"UTC", "UTC", OK},
          {"America/Indiana/Tell_City", "America/Indiana/Tell_City", OK},
          {"Etc/GMT+5", "Etc/GMT+5", OK}, {"", "", "invalid_zone"}, {"/UTC", "", "invalid_zone"},
          {"UTC/", "", "invalid_zone"}, {"a/b/c/d", "", "invalid_zone"},
          {"../etc/passwd", "", "invalid_zone"}, {"America//X", "", "invalid_zone"},
          {"America/New York", "", "invalid_zone"}, {"5", "", "invalid_zone"});
    assert_null(judge(&zone, sv_of(repeat('Z', 32))));
    assert_string_equal(judge(&zone, sv_of(repeat('Z', 33))), "invalid_zone");
}

static void each_type_takes_its_own_kind_of_json_only(void **state)
{
    static const struct json_field fields[] = {
        JSON_FIELD("t", FIELD_TEXT), JSON_FIELD("i", FIELD_INT), JSON_FIELD("b", FIELD_BOOL),
        JSON_FIELD("d", FIELD_DECIMAL, .precision = 4, .scale = 1), JSON_FIELD("u", FIELD_UUID)};
    static const struct json_table table = JSON_TABLE("kinds", fields);
    static const char *const wrong[] = {
        "{\"t\":1}",    "{\"t\":true}", "{\"t\":[]}",   "{\"t\":{}}",       "{\"i\":\"1\"}",
        "{\"i\":1.0}",  "{\"i\":1e2}",  "{\"i\":true}", "{\"b\":\"true\"}", "{\"b\":1}",
        "{\"d\":12.5}", "{\"d\":true}", "{\"u\":1}",    "{\"u\":[]}"};
    struct json_bound bound;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        assert_false(json_bind(arena, &table, JSON_CREATE, sv_of(wrong[i]), &bound));
        assert_int_equal(bound.error, ERR_INVALID_INPUT);
        assert_int_equal(bound.fault_count, 1);
        assert_int_equal(bound.faults[0].code, JSON_FAULT_WRONG_TYPE);
    }
    assert_true(json_bind(arena, &table, JSON_CREATE,
                          SV("{\"t\":\"x\",\"i\":-7,\"b\":false,\"d\":12}"), &bound));
    assert_int_equal(bound.values[1].number, -7);
    assert_string_equal(bound.values[1].text.p, "-7");
    assert_string_equal(bound.values[2].text.p, "false");
    assert_string_equal(bound.values[3].text.p, "12.0");
    assert_int_equal(bound.values[3].number, 120);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(text_is_one_trimmed_line_counted_in_characters),
        TEST(long_text_has_lines_and_keeps_its_space),
        TEST(email_is_a_small_part_of_rfc_5321),
        TEST(email_lengths),
        TEST(url_is_http_and_names_a_host),
        TEST(uuid_enum_and_bool),
        TEST(int_is_exact_to_the_ends_of_its_range),
        TEST(decimal_never_meets_a_double),
        TEST(dates_and_instants),
        TEST(locales_and_zones),
        TEST(each_type_takes_its_own_kind_of_json_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
