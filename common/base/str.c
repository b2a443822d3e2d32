/* The string builder. */
#include "base/str.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define FIRST_CAPACITY_BYTES 64

void str_init(struct str *s, size_t limit_bytes)
{
    *s = (struct str){.limit = limit_bytes};
}

void str_init_in(struct str *s, char *buffer, size_t buffer_bytes)
{
    ENSURE(buffer_bytes > 0);
    buffer[0] = '\0';
    *s = (struct str){.p = buffer, .capacity = buffer_bytes, .limit = buffer_bytes - 1};
}

void str_fini(struct str *s)
{
    x_free(s->p);
    *s = (struct str){.limit = s->limit};
}

static void fini(void *arg)
{
    str_fini(arg);
}

struct str *str_new_in(struct arena *arena, size_t limit_bytes)
{
    struct str *s = ARENA_NEW(arena, str);

    str_init(s, limit_bytes);
    arena_defer(arena, fini, s);
    return s;
}

void str_clear(struct str *s)
{
    str_cut(s, 0);
}

void str_cut(struct str *s, size_t n)
{
    ENSURE(n <= s->n);
    s->n = n;
    s->failed = false;
    if (s->p)
        s->p[n] = '\0';
}

/* Where the text stands inside s, or SIZE_MAX: growing may move the bytes under such a view. */
static size_t place_inside(const struct str *s, struct sv text)
{
    uintptr_t from = (uintptr_t)s->p;
    uintptr_t at = (uintptr_t)text.p;

    return s->p && text.n && at >= from && at - from < s->n ? at - from : SIZE_MAX;
}

/* Room for n more bytes and the NUL, or false for ever. */
static bool has_room(struct str *s, size_t n)
{
    size_t needed;

    if (s->failed || n > s->limit - s->n) {
        s->failed = true;
        return false;
    }
    needed = s->n + n + 1;
    if (needed > s->capacity) {
        size_t doubled = size_max(s->capacity * 2, FIRST_CAPACITY_BYTES);

        s->capacity = size_max(needed, size_min(doubled, s->limit + 1));
        s->p = x_realloc(s->p, s->capacity);
    }
    return true;
}

void str_add(struct str *s, struct sv text)
{
    size_t inside = place_inside(s, text);

    if (!has_room(s, text.n))
        return;
    if (inside != SIZE_MAX)
        text.p = s->p + inside;
    if (text.n)
        memcpy(s->p + s->n, text.p, text.n);
    s->n += text.n;
    s->p[s->n] = '\0';
}

void str_add_char(struct str *s, char c)
{
    str_add(s, (struct sv){&c, 1});
}

void str_add_i64(struct str *s, int64_t value)
{
    char digits[24];
    int n = snprintf(digits, sizeof digits, "%" PRId64, value);

    str_add(s, (struct sv){digits, (size_t)n});
}

void str_addf(struct str *s, const char *fmt, ...)
{
    va_list args;
    va_list again;
    int n;

    va_start(args, fmt);
    va_copy(again, args);
    n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    ENSURE(n >= 0);
    if (has_room(s, (size_t)n)) {
        vsnprintf(s->p + s->n, (size_t)n + 1, fmt, again);
        s->n += (size_t)n;
    }
    va_end(again);
}

struct sv str_view(const struct str *s)
{
    return (struct sv){s->p, s->n};
}

const char *str_cstr(const struct str *s)
{
    return s->p ? s->p : "";
}

bool str_failed(const struct str *s)
{
    return s->failed;
}
