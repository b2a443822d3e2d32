/* A growing string with a mandatory limit and a sticky failure.
 *
 * Past its limit a str stops growing, drops what was to be added, and str_failed() stays true until
 * str_clear(): a long chain of additions is checked once, at its end. The bytes always end in a NUL
 * that is not counted. */
#ifndef KITH_BASE_STR_H
#define KITH_BASE_STR_H

#include "base/arena.h"

struct str {
    char *p;
    size_t n;
    size_t capacity;
    size_t limit;
    bool failed;
};

void str_init(struct str *s, size_t limit_bytes);

/* In the caller's buffer, for what must not allocate: the limit is buffer_bytes - 1, and there is
 * no str_fini. */
void str_init_in(struct str *s, char *buffer, size_t buffer_bytes);
void str_fini(struct str *s);

/* One that dies with the arena. */
struct str *str_new_in(struct arena *arena, size_t limit_bytes);

void str_clear(struct str *s);

void str_add(struct str *s, struct sv text); /* the text may be a part of s itself */
void str_add_char(struct str *s, char c);
void str_add_i64(struct str *s, int64_t value);

/* No argument may point into s. */
KITH_PRINTF(2, 3) void str_addf(struct str *s, const char *fmt, ...);
#define STR_ADD(s, literal) str_add((s), SV(literal))

/* Takes back what was added after the first n bytes; a failure since then is forgotten. */
void str_cut(struct str *s, size_t n);

struct sv str_view(const struct str *s);
const char *str_cstr(const struct str *s);
KITH_MUST_CHECK bool str_failed(const struct str *s);

#endif
