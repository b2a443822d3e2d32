/* String views: comparison, splitting, numbers, UTF-8. */
#include "base/sv.h"

#include <string.h>

struct sv sv_of(const char *cstr)
{
    return cstr ? (struct sv){cstr, strlen(cstr)} : SV_NONE;
}

bool sv_eq(struct sv a, struct sv b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool char_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool char_is_alpha(char c)
{
    char lower = char_lower(c);

    return lower >= 'a' && lower <= 'z';
}

char char_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

int char_hex_value(char c)
{
    char lower = char_lower(c);

    if (char_is_digit(c))
        return c - '0';
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool sv_eq_nocase(struct sv a, struct sv b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++) {
        if (char_lower(a.p[i]) != char_lower(b.p[i]))
            return false;
    }
    return true;
}

bool sv_starts_with(struct sv text, struct sv prefix)
{
    return sv_eq(sv_head(text, prefix.n), prefix);
}

bool sv_ends_with(struct sv text, struct sv suffix)
{
    return text.n >= suffix.n && sv_eq(sv_skip(text, text.n - suffix.n), suffix);
}

int sv_compare(struct sv a, struct sv b)
{
    size_t common = size_min(a.n, b.n);
    int order = common ? memcmp(a.p, b.p, common) : 0;

    if (order != 0)
        return order;
    return a.n == b.n ? 0 : a.n < b.n ? -1 : 1;
}

struct sv sv_head(struct sv text, size_t n)
{
    return (struct sv){text.p, size_min(n, text.n)};
}

struct sv sv_head_utf8(struct sv text, size_t n)
{
    n = size_min(n, text.n);
    while (n && n < text.n && ((unsigned char)text.p[n] & 0xc0) == 0x80)
        n--;
    return sv_head(text, n);
}

struct sv sv_skip(struct sv text, size_t n)
{
    size_t skip = size_min(n, text.n);

    return skip ? (struct sv){text.p + skip, text.n - skip} : text;
}

size_t sv_find(struct sv text, char c)
{
    const char *at = text.n ? memchr(text.p, c, text.n) : NULL;

    return at ? (size_t)(at - text.p) : text.n;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

struct sv sv_trim(struct sv text)
{
    while (text.n && is_blank(text.p[0]))
        text = sv_skip(text, 1);
    while (text.n && is_blank(text.p[text.n - 1]))
        text.n--;
    return text;
}

bool sv_split(struct sv *rest, char separator, struct sv *out)
{
    size_t at;

    if (!rest->p)
        return false;
    at = sv_find(*rest, separator);
    *out = sv_head(*rest, at);
    *rest = at < rest->n ? sv_skip(*rest, at + 1) : SV_NONE;
    return true;
}

bool sv_to_u64(struct sv text, uint64_t max, uint64_t *out)
{
    uint64_t value = 0;

    if (text.n == 0)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        if (!char_is_digit(text.p[i]) || __builtin_mul_overflow(value, 10u, &value) ||
            __builtin_add_overflow(value, (uint64_t)(text.p[i] - '0'), &value))
            return false;
    }
    if (value > max)
        return false;
    *out = value;
    return true;
}

bool sv_to_i64(struct sv text, int64_t min, int64_t max, int64_t *out)
{
    bool negative = text.n && text.p[0] == '-';
    uint64_t magnitude;
    int64_t value;

    if (!sv_to_u64(sv_skip(text, negative ? 1 : 0), (uint64_t)INT64_MAX + (negative ? 1 : 0),
                   &magnitude))
        return false;
    value = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    if (value < min || value > max)
        return false;
    *out = value;
    return true;
}

/* Length of the well-formed sequence at the front of the text, or 0 (Unicode table 3-7). */
static size_t utf8_sequence(struct sv text)
{
    const unsigned char *b = (const unsigned char *)text.p;
    unsigned char low = 0x80;
    unsigned char high = 0xbf;
    size_t length;

    if (b[0] == 0)
        return 0;
    if (b[0] < 0x80)
        return 1;
    if (b[0] < 0xc2 || b[0] > 0xf4)
        return 0;
    length = b[0] < 0xe0 ? 2 : b[0] < 0xf0 ? 3 : 4;
    if (text.n < length)
        return 0;
    if (b[0] == 0xe0)
        low = 0xa0;
    else if (b[0] == 0xed)
        high = 0x9f;
    else if (b[0] == 0xf0)
        low = 0x90;
    else if (b[0] == 0xf4)
        high = 0x8f;
    if (b[1] < low || b[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++) {
        if ((b[i] & 0xc0) != 0x80)
            return 0;
    }
    return length;
}

bool sv_is_utf8(struct sv text)
{
    while (text.n) {
        size_t length = utf8_sequence(text);

        if (length == 0)
            return false;
        text = sv_skip(text, length);
    }
    return true;
}

size_t sv_utf8_length(struct sv text)
{
    size_t length = 0;

    for (size_t i = 0; i < text.n; i++)
        length += ((unsigned char)text.p[i] & 0xc0) != 0x80;
    return length;
}
