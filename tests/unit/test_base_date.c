/* Dates and instants: every day of 800 years, leap years, RFC 3339's corners. */
#include "base/date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_every_day_of_800_years(void **state)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t days = days_from_date(1600, 1, 1);
    int64_t counted = 0;

    (void)state;
    for (int year = 1600; year < 2400; year++) {
        bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

        for (int month = 1; month <= 12; month++) {
            int length = lengths[month - 1] + (leap && month == 2);

            assert_false(date_is_valid(year, month, length + 1));
            for (int day = 1; day <= length; day++) {
                int y;
                int m;
                int d;

                assert_true(date_is_valid(year, month, day));
                assert_int_equal(days_from_date(year, month, day), days + counted);
                date_from_days(days + counted, &y, &m, &d);
                assert_true(y == year && m == month && d == day);
                counted++;
            }
        }
    }
    assert_int_equal(counted, 2 * 146097);
    assert_int_equal(days_from_date(1970, 1, 1), 0);
}

static void test_which_dates_there_are(void **state)
{
    static const struct {
        int y, m, d;
        bool good;
    } cases[] = {
        {2000, 2, 29, true},  {1900, 2, 29, false},  {2024, 2, 29, true},  {2023, 2, 29, false},
        {2024, 2, 30, false}, {1, 1, 1, true},       {0, 12, 31, false},   {9999, 12, 31, true},
        {10000, 1, 1, false}, {2026, 0, 1, false},   {2026, 13, 1, false}, {2026, 1, 0, false},
        {2026, 4, 31, false}, {2026, 12, 32, false}, {2026, -1, 1, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(date_is_valid(cases[i].y, cases[i].m, cases[i].d), cases[i].good);
}

static void test_dates_as_text(void **state)
{
    static const char *const bad[] = {"",           "2026-1-01",   "2026-01-1",  "20260101",
                                      "2026-02-29", "0000-01-01",  "-026-01-01", "2026-01-01 ",
                                      "2026/01/01", "2026-01-01T", "2026--1-01", "+2026-01-01"};
    int64_t days = 77;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(date_parse(sv_of(bad[i]), &days));
    assert_true(date_parse(SV("2026-11-21"), &days));
    assert_int_equal(days, days_from_date(2026, 11, 21));
    assert_true(date_parse(SV("0001-01-01"), &days));
    assert_int_equal(days, -719162);
    assert_true(date_parse(SV("9999-12-31"), &days));
    assert_int_equal(days, 2932896);
}

static void test_instants_as_text(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } good[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01t00:00:00z", 0},
        {"1969-12-31T23:59:59.999Z", -1},
        {"1969-12-31T23:59:59.9999999999999999999999999Z", -1},
        {"1994-11-06T08:49:37Z", 784111777000},
        {"2026-09-01T09:00:00.5-04:00", 1788267600500},
        {"2026-09-01T13:00:00.500Z", 1788267600500},
        {"1970-01-01T00:00:00-00:00", 0},
        {"1970-01-01T23:59:00+23:59", 0},
        {"1970-01-01T05:45:00.01+05:45", 10},
        {"2000-02-29T23:59:59Z", 951868799000},
        {"0001-01-01T00:00:00Z", -62135596800000},
        {"9999-12-31T23:59:59.999Z", 253402300799999},
        {"0001-01-01T23:59:00+23:59", -62135596800000},
        {"9999-12-31T00:00:59.999-23:59", 253402300799999},
    };
    static const char *const bad[] = {
        "",
        "1970-01-01",
        "1970-01-01T00:00:00",
        "1970-01-01 00:00:00Z",
        "1970-01-01T00:00Z",
        "1970-01-01T24:00:00Z",
        "1970-01-01T00:60:00Z",
        "1970-01-01T00:00:60Z",
        "1970-01-01T00:00:00.Z",
        "1970-01-01T00:00:00,5Z",
        "1970-01-01T00:00:00+24:00",
        "1970-01-01T00:00:00+00:60",
        "1970-01-01T00:00:00+0000",
        "1970-01-01T00:00:00+00",
        "1970-01-01T00:00:00ZZ",
        "1970-01-01T00:00:00Z ",
        "1970-01-01T-1:00:00Z",
        "1970-02-29T00:00:00Z",
        "1970-01-01T00:00:00+-1:00",
        "0000-12-31T23:59:59Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "10000-01-01T00:00:00Z",
    };
    int64_t ms = 77;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        if (instant_parse(sv_of(bad[i]), &ms))
            fail_msg("%s was taken", bad[i]);
        assert_int_equal(ms, 77);
    }
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        assert_true(instant_parse(sv_of(good[i].text), &ms));
        assert_int_equal(ms, good[i].ms);
    }
}

static void test_instants_are_written(void **state)
{
    static const struct {
        int64_t ms;
        const char *with_ms, *to_seconds, *http;
    } cases[] = {
        {784111777123, "1994-11-06T08:49:37.123Z", "1994-11-06T08:49:37Z",
         "Sun, 06 Nov 1994 08:49:37 GMT"},
        {0, "1970-01-01T00:00:00.000Z", "1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT"},
        {-1, "1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59Z", "Wed, 31 Dec 1969 23:59:59 GMT"},
        {-62135596800000, "0001-01-01T00:00:00.000Z", "0001-01-01T00:00:00Z",
         "Mon, 01 Jan 0001 00:00:00 GMT"},
        {253402300799999, "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59Z",
         "Fri, 31 Dec 9999 23:59:59 GMT"},
    };
    char text[INSTANT_TEXT_BYTES];
    int64_t ms;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        instant_format_http(text, cases[i].ms);
        assert_string_equal(text, cases[i].http);
        instant_format_seconds(text, cases[i].ms);
        assert_string_equal(text, cases[i].to_seconds);
        instant_format_ms(text, cases[i].ms);
        assert_string_equal(text, cases[i].with_ms);
        assert_true(instant_parse(sv_of(text), &ms));
        assert_int_equal(ms, cases[i].ms);
    }
    instant_format_ms(text, INT64_MAX); /* stays within its bytes */
    instant_format_http(text, INT64_MIN);
    assert_true(strlen(text) < INSTANT_TEXT_BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_day_of_800_years), cmocka_unit_test(test_which_dates_there_are),
        cmocka_unit_test(test_dates_as_text),          cmocka_unit_test(test_instants_as_text),
        cmocka_unit_test(test_instants_are_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
