/* Whole numbers and decimals, exact: no double on the way. */
#include "json/scalar.h"

#include <inttypes.h>
#include <stdio.h>

/* Digits in front of the text. */
static size_t digits_of(struct sv text)
{
    size_t n = 0;

    while (n < text.n && char_is_digit(text.p[n]))
        n++;
    return n;
}

static bool refuse_range(struct scalar *s, struct json_limits limits, bool is_small)
{
    if (is_small)
        return scalar_refuse(s, JSON_FAULT_TOO_SMALL, "must be at least %" PRId64, limits.min);
    return scalar_refuse(s, JSON_FAULT_TOO_LARGE, "must be at most %" PRId64, limits.max);
}

/* JSON's grammar for the integer part: no "+", no leading zeros (RFC 8259 §6). */
static bool is_integer_part(struct sv digits)
{
    return digits.n && (digits.n == 1 || digits.p[0] != '0');
}

bool scalar_parse_int(struct scalar *s, struct json_value *out)
{
    struct json_limits limits = json_field_limits(s->field);
    bool is_negative = sv_starts_with(s->text, SV("-"));
    struct sv digits = sv_skip(s->text, is_negative ? 1 : 0);
    char text[24];
    int n;

    if (digits_of(digits) != digits.n || !is_integer_part(digits))
        return scalar_refuse(s, JSON_FAULT_INVALID_NUMBER, "must be a whole number");
    if (!sv_to_i64(s->text, INT64_MIN, INT64_MAX, &out->number))
        return refuse_range(s, limits, is_negative);
    if (out->number < limits.min || out->number > limits.max)
        return refuse_range(s, limits, out->number < limits.min);
    n = snprintf(text, sizeof text, "%" PRId64, out->number);
    out->text = arena_copy(s->arena, (struct sv){text, (size_t)n});
    return true;
}

/* A decimal as written: [-]whole[.fraction]. */
struct decimal {
    bool is_negative;
    struct sv whole;
    struct sv fraction;
};

static bool decimal_split(struct sv text, struct decimal *out)
{
    *out = (struct decimal){.is_negative = sv_starts_with(text, SV("-"))};
    text = sv_skip(text, out->is_negative ? 1 : 0);
    out->whole = sv_head(text, digits_of(text));
    text = sv_skip(text, out->whole.n);
    if (!is_integer_part(out->whole))
        return false;
    if (text.n == 0)
        return true;
    out->fraction = sv_head(sv_skip(text, 1), digits_of(sv_skip(text, 1)));
    return text.p[0] == '.' && out->fraction.n && out->fraction.n + 1 == text.n;
}

static int64_t power_of_ten(int exponent)
{
    int64_t power = 1;

    while (exponent-- > 0)
        power *= 10;
    return power;
}

/* The number times 10^scale; the digits are known to fit. */
static int64_t decimal_scaled(const struct decimal *d, int scale)
{
    int64_t value = 0;

    for (size_t i = 0; i < d->whole.n; i++)
        value = value * 10 + (d->whole.p[i] - '0');
    for (size_t i = 0; i < (size_t)scale; i++)
        value = value * 10 + (i < d->fraction.n ? d->fraction.p[i] - '0' : 0);
    return d->is_negative ? -value : value;
}

/* A bound in whole units, scaled; one that no decimal of 18 digits reaches bounds nothing. */
static int64_t bound_scaled(int64_t bound, int scale)
{
    int64_t scaled;

    if (__builtin_mul_overflow(bound, power_of_ten(scale), &scaled))
        return bound < 0 ? INT64_MIN : INT64_MAX;
    return scaled;
}

static struct sv decimal_text(struct arena *arena, int64_t number, int scale)
{
    uint64_t magnitude = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    uint64_t unit = (uint64_t)power_of_ten(scale);
    const char *sign = number < 0 ? "-" : "";

    if (scale == 0)
        return arena_printf(arena, "%s%" PRIu64, sign, magnitude);
    return arena_printf(arena, "%s%" PRIu64 ".%0*" PRIu64, sign, magnitude / unit, scale,
                        magnitude % unit);
}

bool scalar_parse_decimal(struct scalar *s, struct json_value *out)
{
    struct json_limits limits = json_field_limits(s->field);
    int scale = s->field->scale;
    int whole_digits = s->field->precision - scale;
    struct decimal d;

    ENSURE(scale >= 0 && whole_digits >= 1 && s->field->precision <= JSON_DECIMAL_DIGITS);
    if (!decimal_split(s->text, &d))
        return scalar_refuse(s, JSON_FAULT_INVALID_NUMBER,
                             "must be a decimal of digits and at most one point, as in 12.50");
    if (d.fraction.n > (size_t)scale)
        return scalar_refuse(s, JSON_FAULT_TOO_PRECISE,
                             "must have at most %d digits after the point", scale);
    if (d.whole.n > (size_t)whole_digits)
        return scalar_refuse(s, d.is_negative ? JSON_FAULT_TOO_SMALL : JSON_FAULT_TOO_LARGE,
                             "must have at most %d digits before the point", whole_digits);
    out->number = decimal_scaled(&d, scale);
    if (out->number < bound_scaled(limits.min, scale))
        return refuse_range(s, limits, true);
    if (out->number > bound_scaled(limits.max, scale))
        return refuse_range(s, limits, false);
    out->text = decimal_text(s->arena, out->number, scale);
    return true;
}
