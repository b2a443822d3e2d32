/* Bytes as text. */
#include "base/encode.h"

#include <string.h>

static const char hex_digits[] = "0123456789abcdef";
static const char base64url_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

struct sv hex_encode(struct arena *arena, struct sv bytes)
{
    char *out = arena_alloc(arena, bytes.n * 2 + 1);

    for (size_t i = 0; i < bytes.n; i++) {
        unsigned char b = (unsigned char)bytes.p[i];

        out[2 * i] = hex_digits[b >> 4];
        out[2 * i + 1] = hex_digits[b & 15];
    }
    out[bytes.n * 2] = '\0';
    return (struct sv){out, bytes.n * 2};
}

struct sv hex_decode(struct arena *arena, struct sv text)
{
    char *bytes = arena_alloc(arena, text.n / 2 + 1);

    for (size_t i = 0; i + 1 < text.n; i += 2)
        bytes[i / 2] = (char)(char_hex_value(text.p[i]) << 4 | char_hex_value(text.p[i + 1]));
    return (struct sv){bytes, text.n / 2};
}

struct sv base64url_encode(struct arena *arena, struct sv bytes)
{
    char *out = arena_alloc(arena, bytes.n / 3 * 4 + 5);
    size_t n = 0;
    uint32_t bits = 0;
    unsigned held = 0;

    for (size_t i = 0; i < bytes.n; i++) {
        bits = (bits << 8 | (unsigned char)bytes.p[i]) & 0xffffff;
        for (held += 8; held >= 6; held -= 6)
            out[n++] = base64url_digits[bits >> (held - 6) & 63];
    }
    if (held)
        out[n++] = base64url_digits[bits << (6 - held) & 63];
    out[n] = '\0';
    return (struct sv){out, n};
}

bool base64url_decode(struct arena *arena, struct sv text, struct sv *out)
{
    char *bytes = arena_alloc(arena, text.n / 4 * 3 + 4);
    size_t n = 0;
    uint32_t bits = 0;
    unsigned held = 0;

    if (text.n % 4 == 1)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        const char *digit = text.p[i] ? strchr(base64url_digits, text.p[i]) : NULL;

        if (!digit)
            return false;
        bits = (bits << 6 | (uint32_t)(digit - base64url_digits)) & 0xffffff;
        held += 6;
        if (held >= 8) {
            held -= 8;
            bytes[n++] = (char)(bits >> held & 255);
        }
    }
    bytes[n] = '\0';
    *out = (struct sv){bytes, n};
    return (bits & ((1u << held) - 1)) == 0;
}

static bool is_unreserved(char c)
{
    return char_is_alpha(c) || char_is_digit(c) || (c && strchr("-._~", c));
}

struct sv percent_encode(struct arena *arena, struct sv text)
{
    char *out = arena_alloc(arena, text.n * 3 + 1);
    size_t n = 0;

    for (size_t i = 0; i < text.n; i++) {
        unsigned char b = (unsigned char)text.p[i];

        if (is_unreserved(text.p[i])) {
            out[n++] = text.p[i];
            continue;
        }
        out[n++] = '%';
        out[n++] = "0123456789ABCDEF"[b >> 4];
        out[n++] = "0123456789ABCDEF"[b & 15];
    }
    out[n] = '\0';
    return (struct sv){out, n};
}

bool percent_decode(struct arena *arena, struct sv text, struct sv *out)
{
    char *bytes = arena_alloc(arena, text.n + 1);
    size_t n = 0;

    for (size_t i = 0; i < text.n; i++) {
        int high;
        int low;

        if (text.p[i] != '%') {
            bytes[n++] = text.p[i];
            continue;
        }
        high = text.n - i > 2 ? char_hex_value(text.p[i + 1]) : -1;
        low = text.n - i > 2 ? char_hex_value(text.p[i + 2]) : -1;
        if (high < 0 || low < 0)
            return false;
        bytes[n++] = (char)(high << 4 | low);
        i += 2;
    }
    bytes[n] = '\0';
    *out = (struct sv){bytes, n};
    return true;
}
