/* The table of scalar types, and those that fit in a few lines. */
#include "json/scalar.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/date.h"
#include "base/uuid.h"

#define WHY_BYTES 256

bool scalar_refuse(struct scalar *s, enum json_fault_code code, const char *fmt, ...)
{
    char why[WHY_BYTES];
    va_list args;

    va_start(args, fmt);
    vsnprintf(why, sizeof why, fmt, args);
    va_end(args);
    s->code = code;
    s->why = arena_copy(s->arena, sv_of(why));
    return false;
}

static bool parse_uuid(struct scalar *s, struct json_value *out)
{
    struct uuid id;

    if (!uuid_parse(s->text, &id))
        return scalar_refuse(s, JSON_FAULT_INVALID_UUID,
                             "must be a UUID of 8-4-4-4-12 hexadecimal digits");
    out->text = arena_copy(s->arena, uuid_view(&id));
    return true;
}

/* "must be one of a, b, c", with as many as there is room for. */
static bool refuse_enum(struct scalar *s, const char *const *values)
{
    struct str list;

    str_init(&list, WHY_BYTES / 2);
    for (size_t i = 0; values[i]; i++)
        str_addf(&list, "%s%s", i ? ", " : "", values[i]);
    scalar_refuse(s, JSON_FAULT_NOT_IN_ENUM, "must be one of %s%s", str_cstr(&list),
                  str_failed(&list) ? " and others" : "");
    str_fini(&list);
    return false;
}

static bool parse_enum(struct scalar *s, struct json_value *out)
{
    const char *const *values = s->field->values;

    ENSURE(values && values[0]);
    for (int64_t i = 0; values[i]; i++) {
        if (sv_eq(s->text, sv_of(values[i]))) {
            out->number = i;
            out->text = arena_copy(s->arena, s->text);
            return true;
        }
    }
    return refuse_enum(s, values);
}

static bool parse_bool(struct scalar *s, struct json_value *out)
{
    out->truth = sv_eq(s->text, SV("true"));
    if (!out->truth && !sv_eq(s->text, SV("false")))
        return scalar_refuse(s, JSON_FAULT_INVALID_BOOL, "must be true or false");
    out->text = out->truth ? SV("true") : SV("false");
    return true;
}

static bool parse_date(struct scalar *s, struct json_value *out)
{
    if (!date_parse(s->text, &out->number))
        return scalar_refuse(s, JSON_FAULT_INVALID_DATE,
                             "must be a date of the calendar as YYYY-MM-DD");
    out->text = arena_copy(s->arena, s->text);
    return true;
}

/* An offset can carry an instant out of the years that have four digits and that PostgreSQL knows.
 */
static bool is_in_era(int64_t ms)
{
    int64_t first = days_from_date(1, 1, 1) * INT64_C(86400000);
    int64_t end = days_from_date(10000, 1, 1) * INT64_C(86400000);

    return ms >= first && ms < end;
}

static bool parse_instant(struct scalar *s, struct json_value *out)
{
    char text[INSTANT_TEXT_BYTES];

    if (!instant_parse(s->text, &out->number) || !is_in_era(out->number))
        return scalar_refuse(s, JSON_FAULT_INVALID_INSTANT,
                             "must be an RFC 3339 date and time with an offset, as in "
                             "2026-09-01T13:00:00Z");
    instant_format_ms(text, out->number);
    out->text = arena_copy(s->arena, sv_of(text));
    return true;
}

#define STRING_ONLY SCALAR_FROM_STRING, "must be a string"

static const struct scalar_type types[FIELD_TYPE_COUNT] = {
    [FIELD_TEXT] = {scalar_parse_text, STRING_ONLY},
    [FIELD_LONG_TEXT] = {scalar_parse_long_text, STRING_ONLY},
    [FIELD_EMAIL] = {scalar_parse_email, STRING_ONLY},
    [FIELD_URL] = {scalar_parse_url, STRING_ONLY},
    [FIELD_UUID] = {parse_uuid, STRING_ONLY},
    [FIELD_ENUM] = {parse_enum, STRING_ONLY},
    [FIELD_INT] = {scalar_parse_int, SCALAR_FROM_INTEGER,
                   "must be a whole number, without a fraction or an exponent"},
    [FIELD_DECIMAL] = {scalar_parse_decimal, SCALAR_FROM_STRING | SCALAR_FROM_INTEGER,
                       "must be a decimal in a string, as in \"12.50\", or a whole number"},
    [FIELD_BOOL] = {parse_bool, SCALAR_FROM_BOOL, "must be true or false"},
    [FIELD_DATE] = {parse_date, STRING_ONLY},
    [FIELD_INSTANT] = {parse_instant, STRING_ONLY},
    [FIELD_LOCALE] = {scalar_parse_locale, STRING_ONLY},
    [FIELD_ZONE] = {scalar_parse_zone, STRING_ONLY},
};

const struct scalar_type *scalar_type_of(enum json_field_type type)
{
    ENSURE(type < FIELD_TYPE_COUNT);
    return types[type].parse ? &types[type] : NULL;
}

bool json_field_is_scalar(const struct json_field *field)
{
    return scalar_type_of(field->type) != NULL;
}

static const struct json_limits default_limits[FIELD_TYPE_COUNT] = {
    [FIELD_TEXT] = {0, 255},
    [FIELD_LONG_TEXT] = {0, 10000},
    [FIELD_EMAIL] = {0, 254},
    [FIELD_URL] = {0, 2000},
    [FIELD_ANY] = {0, 16384},
    [FIELD_LIST] = {0, 100},
    [FIELD_MAP] = {0, 100},
    [FIELD_INT] = {INT64_MIN, INT64_MAX},
    [FIELD_DECIMAL] = {INT64_MIN, INT64_MAX},
};

struct json_limits json_field_limits(const struct json_field *field)
{
    struct json_limits usual = default_limits[field->type];

    if (field->min == 0 && field->max == 0)
        return usual;
    if (field->max == 0 && field->min > 0)
        return (struct json_limits){field->min, usual.max};
    ENSURE(field->min <= field->max);
    return (struct json_limits){field->min, field->max};
}

bool json_bind_text(struct arena *arena, const struct json_field *field, struct sv text,
                    struct json_value *out, struct json_fault *fault)
{
    struct scalar s = {.arena = arena, .field = field, .text = text};
    const struct scalar_type *type = scalar_type_of(field->type);

    ENSURE(type);
    *out = (struct json_value){.is_present = true};
    if (!sv_is_utf8(text))
        scalar_refuse(&s, JSON_FAULT_INVALID_UTF8, "must be well-formed UTF-8 without U+0000");
    else if (type->parse(&s, out))
        return true;
    *fault = (struct json_fault){.code = s.code, .detail = s.why};
    return false;
}
