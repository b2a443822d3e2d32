/* What HTML forms send: application/x-www-form-urlencoded, as a body and as a query (WHATWG URL
 * §5.1). */
#ifndef KITH_HTTP_FORM_H
#define KITH_HTTP_FORM_H

#include "http/target.h"

#define HTTP_FORM_FIELDS 400 /* more: 422 */

/* A form's body, strictly: printable ASCII without spaces, as every browser encodes it; no name
 * twice and none that is empty. A line's end in a value, which browsers send as CR LF, becomes LF;
 * other control characters are the reader's to judge. False with 400 for what is malformed, 422 for
 * too many fields. */
KITH_MUST_CHECK bool http_form_parse(struct arena *arena, struct sv body,
                                     const struct http_param **out, size_t *out_count,
                                     struct http_fault *fault);

/* CR LF becomes LF; the text itself where there is none. */
struct sv http_form_join_lines(struct arena *arena, struct sv text);

/* The value of that name, or NULL. */
const struct sv *http_param_find(const struct http_param *params, size_t count, struct sv name);

/* Undoes the encoding of one piece: "+" is a space, then percent-decoding. NULL, or why not. */
const char *http_form_decode(struct arena *arena, struct sv raw, struct sv *out);

#endif
