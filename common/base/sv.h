/* String views: bytes that somebody else owns, with their length. Data from the network is never
 * assumed to end in NUL. An empty view may have a NULL pointer. */
#ifndef KITH_BASE_SV_H
#define KITH_BASE_SV_H

#include "base/base.h"

struct sv {
    const char *p;
    size_t n;
};

#define SV(literal)  ((struct sv){"" literal, sizeof(literal) - 1})
#define SV_NONE      ((struct sv){NULL, 0})
#define SV_ARG(text) (int)(text).n, (text).p ? (text).p : "" /* for "%.*s" */

struct sv sv_of(const char *cstr); /* NULL gives the empty view */
bool sv_eq(struct sv a, struct sv b);
bool sv_eq_nocase(struct sv a, struct sv b); /* ASCII letters only */
bool sv_starts_with(struct sv text, struct sv prefix);
bool sv_ends_with(struct sv text, struct sv suffix);
int sv_compare(struct sv a, struct sv b); /* bytewise, like memcmp */

/* The first n bytes; what follows the first n bytes. Past the end they stop there. */
struct sv sv_head(struct sv text, size_t n);
struct sv sv_skip(struct sv text, size_t n);
struct sv sv_head_utf8(struct sv text, size_t n); /* at most n bytes, cut between characters */

/* Position of the first byte `c`, or text.n. */
size_t sv_find(struct sv text, char c);

/* Removes spaces and tabs at both ends. */
struct sv sv_trim(struct sv text);

/* Takes what stands before the next `separator` off the front of *rest; false at the end.
 * k separators make k + 1 pieces: "a,,b" gives "a", "", "b"; "a," gives "a", ""; an empty text
 * gives one empty piece; only SV_NONE gives nothing. The end leaves SV_NONE in *rest. */
bool sv_split(struct sv *rest, char separator, struct sv *out);

/* Whole decimal numbers: digits with an optional '-', nothing else, within [min, max]. */
KITH_MUST_CHECK bool sv_to_i64(struct sv text, int64_t min, int64_t max, int64_t *out);
KITH_MUST_CHECK bool sv_to_u64(struct sv text, uint64_t max, uint64_t *out); /* digits only */

bool sv_is_utf8(struct sv text);       /* well-formed by RFC 3629; U+0000 is refused */
size_t sv_utf8_length(struct sv text); /* code points of well-formed text */

bool char_is_digit(char c);
bool char_is_alpha(char c); /* ASCII */
char char_lower(char c);    /* ASCII */
int char_hex_value(char c); /* 0 to 15, or -1 */

#endif
