/* Instants and dates as text. Ours because gmtime and timegm lean on the process's locale and zone;
 * the day formulas are Howard Hinnant's (chrono-compatible low-level date algorithms, public
 * domain). */
#include "base/date.h"

#include <stdio.h>

#define MS_A_DAY 86400000

/* 0001-01-01T00:00:00.000Z and 9999-12-31T23:59:59.999Z: what four digits of a year can say. */
#define FIRST_INSTANT_MS (-62135596800000)
#define LAST_INSTANT_MS  253402300799999

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

int64_t days_from_date(int year, int month, int day)
{
    int64_t y = (int64_t)year - (month <= 2);
    int64_t era = floor_div(y, 400);
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * 146097 + day_of_era - 719468;
}

void date_from_days(int64_t days, int *year, int *month, int *day)
{
    int64_t z = days + 719468;
    int64_t era = floor_div(z, 146097);
    int64_t day_of_era = z - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted_month = (5 * day_of_year + 2) / 153;

    *day = (int)(day_of_year - (153 * shifted_month + 2) / 5 + 1);
    *month = (int)(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
    *year = (int)(year_of_era + era * 400 + (*month <= 2));
}

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

bool date_is_valid(int year, int month, int day)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1)
        return false;
    return day <= lengths[month - 1] + (month == 2 && is_leap(year));
}

/* The instant in parts, in UTC. */
struct parts {
    int year, month, day, hour, minute, second, ms;
};

static struct parts split(int64_t ms)
{
    struct parts p;
    int64_t days = floor_div(ms, MS_A_DAY);
    int64_t of_day = ms % MS_A_DAY + (ms % MS_A_DAY < 0 ? MS_A_DAY : 0);

    date_from_days(days, &p.year, &p.month, &p.day);
    p.hour = (int)(of_day / 3600000);
    p.minute = (int)(of_day / 60000 % 60);
    p.second = (int)(of_day / 1000 % 60);
    p.ms = (int)(of_day % 1000);
    return p;
}

void instant_format_ms(char out[INSTANT_TEXT_BYTES], int64_t ms)
{
    struct parts p = split(ms);

    snprintf(out, INSTANT_TEXT_BYTES, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", p.year, p.month, p.day,
             p.hour, p.minute, p.second, p.ms);
}

void instant_format_seconds(char out[INSTANT_TEXT_BYTES], int64_t ms)
{
    struct parts p = split(ms);

    snprintf(out, INSTANT_TEXT_BYTES, "%04d-%02d-%02dT%02d:%02d:%02dZ", p.year, p.month, p.day,
             p.hour, p.minute, p.second);
}

void instant_format_http(char out[INSTANT_TEXT_BYTES], int64_t ms)
{
    static const char week[][4] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct parts p = split(ms);
    int64_t days = floor_div(ms, MS_A_DAY);

    snprintf(out, INSTANT_TEXT_BYTES, "%s, %02d %s %04d %02d:%02d:%02d GMT",
             week[days - floor_div(days, 7) * 7], p.day, months[p.month - 1], p.year, p.hour,
             p.minute, p.second);
}

/* Takes exactly n digits off the front. */
static bool take_digits(struct sv *text, size_t n, int *out)
{
    int64_t value;

    if (text->n < n || !sv_to_i64(sv_head(*text, n), 0, 9999, &value) || text->p[0] == '-')
        return false;
    *out = (int)value;
    *text = sv_skip(*text, n);
    return true;
}

static bool take_char(struct sv *text, char c)
{
    if (text->n == 0 || text->p[0] != c)
        return false;
    *text = sv_skip(*text, 1);
    return true;
}

static bool take_date(struct sv *text, int64_t *out_days)
{
    int year;
    int month;
    int day;

    if (!take_digits(text, 4, &year) || !take_char(text, '-') || !take_digits(text, 2, &month) ||
        !take_char(text, '-') || !take_digits(text, 2, &day) || !date_is_valid(year, month, day))
        return false;
    *out_days = days_from_date(year, month, day);
    return true;
}

bool date_parse(struct sv text, int64_t *out_days)
{
    return take_date(&text, out_days) && text.n == 0;
}

/* An optional fraction of a second: at least one digit, the first three count. */
static bool take_fraction(struct sv *text, int64_t *out_ms)
{
    int64_t scale = 100;

    *out_ms = 0;
    if (!take_char(text, '.'))
        return true;
    if (text->n == 0 || !char_is_digit(text->p[0]))
        return false;
    for (; text->n && char_is_digit(text->p[0]); *text = sv_skip(*text, 1)) {
        *out_ms += (text->p[0] - '0') * scale;
        scale /= 10;
    }
    return true;
}

static bool take_offset(struct sv *text, int64_t *out_minutes)
{
    int64_t sign;
    int hours;
    int minutes;

    *out_minutes = 0;
    if (take_char(text, 'Z') || take_char(text, 'z'))
        return true;
    sign = take_char(text, '+') ? 1 : take_char(text, '-') ? -1 : 0;
    if (sign == 0 || !take_digits(text, 2, &hours) || !take_char(text, ':') ||
        !take_digits(text, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    *out_minutes = sign * (hours * 60 + minutes);
    return true;
}

bool instant_parse(struct sv text, int64_t *out_ms)
{
    int64_t days;
    int64_t fraction_ms;
    int64_t offset_minutes;
    int64_t ms;
    int hour;
    int minute;
    int second;

    if (!take_date(&text, &days) || !(take_char(&text, 'T') || take_char(&text, 't')) ||
        !take_digits(&text, 2, &hour) || !take_char(&text, ':') ||
        !take_digits(&text, 2, &minute) || !take_char(&text, ':') ||
        !take_digits(&text, 2, &second) || hour > 23 || minute > 59 || second > 59 ||
        !take_fraction(&text, &fraction_ms) || !take_offset(&text, &offset_minutes) || text.n != 0)
        return false;
    ms = days * MS_A_DAY + ((hour * 60 + minute - offset_minutes) * 60 + second) * 1000 +
         fraction_ms;
    if (ms < FIRST_INSTANT_MS || ms > LAST_INSTANT_MS)
        return false;
    *out_ms = ms;
    return true;
}
