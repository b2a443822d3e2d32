/* A look over a body's bytes before jansson has them, for what jansson allows or does too late: NUL
 * bytes, depth (its limit is 2,048, and it frees a tree by recursion), the number of values, and
 * another thing than an object. The grammar is jansson's work. Private to common/json. */
#ifndef KITH_JSON_SCAN_H
#define KITH_JSON_SCAN_H

#include "json/bind.h"

/* False with *out_why, a sentence, and *out_byte when the body is not worth parsing. */
KITH_MUST_CHECK bool scan_body(struct sv body, const char **out_why, size_t *out_byte);

/* Line and column, both from 1, of a byte. */
void scan_position(struct sv body, size_t byte, size_t *out_line, size_t *out_column);

/* The pointer of the first number that ends at `byte` or after, in a body that is well-formed up to
 * there; *out_is_negative tells its sign. */
struct sv scan_number_pointer(struct arena *arena, struct sv body, size_t byte,
                              bool *out_is_negative);

#endif
