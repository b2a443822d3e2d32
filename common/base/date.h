/* Instants and calendar dates as text. An instant is milliseconds since 1970 in UTC; a date is days
 * since 1970-01-01. Nothing here knows a zone: that is the calendar's work. */
#ifndef KITH_BASE_DATE_H
#define KITH_BASE_DATE_H

#include "base/sv.h"

#define INSTANT_TEXT_BYTES 32 /* "2026-11-21T21:05:56.123Z" and room */

/* RFC 3339 in UTC with "Z": with milliseconds, or to the second. */
void instant_format_ms(char out[INSTANT_TEXT_BYTES], int64_t ms);
void instant_format_seconds(char out[INSTANT_TEXT_BYTES], int64_t ms);

/* IMF-fixdate of RFC 9110 §5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT". */
void instant_format_http(char out[INSTANT_TEXT_BYTES], int64_t ms);

/* RFC 3339 date-time with any offset, years 0001 to 9999 as written and in UTC, fractions to the
 * millisecond (further digits are dropped), no leap second. */
KITH_MUST_CHECK bool instant_parse(struct sv text, int64_t *out_ms);

/* Days since 1970-01-01 of a calendar date, and back (proleptic Gregorian). */
int64_t days_from_date(int year, int month, int day);
void date_from_days(int64_t days, int *year, int *month, int *day);
bool date_is_valid(int year, int month, int day);
KITH_MUST_CHECK bool date_parse(struct sv text, int64_t *out_days); /* "YYYY-MM-DD" */

#endif
