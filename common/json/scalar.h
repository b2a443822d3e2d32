/* Scalars from text: what FIELD_TEXT to FIELD_ZONE accept and what their canonical text is. A JSON
 * string, number or truth value comes here as its text, so that a query, a CSV cell and a body are
 * judged alike. Private to common/json. */
#ifndef KITH_JSON_SCALAR_H
#define KITH_JSON_SCALAR_H

#include "json/bind.h"

struct scalar {
    struct arena *arena;
    const struct json_field *field;
    struct sv text; /* well-formed UTF-8 */
    enum json_fault_code code;
    struct sv why; /* "must be …", without subject and full stop */
};

enum { SCALAR_FROM_STRING = 1, SCALAR_FROM_INTEGER = 2, SCALAR_FROM_BOOL = 4 };

struct scalar_type {
    bool (*parse)(struct scalar *s, struct json_value *out);
    unsigned accepts;
    const char *wanted; /* what JSON must bring: "must be …" */
};

/* NULL for what is not a scalar. */
const struct scalar_type *scalar_type_of(enum json_field_type type);

/* False always, for `return`. */
KITH_PRINTF(3, 4)
bool scalar_refuse(struct scalar *s, enum json_fault_code code, const char *fmt, ...);

/* text.c */
bool scalar_parse_text(struct scalar *s, struct json_value *out);
bool scalar_parse_long_text(struct scalar *s, struct json_value *out);
bool scalar_parse_email(struct scalar *s, struct json_value *out);
bool scalar_parse_locale(struct scalar *s, struct json_value *out);
bool scalar_parse_zone(struct scalar *s, struct json_value *out);

/* url.c */
bool scalar_parse_url(struct scalar *s, struct json_value *out);
bool scalar_is_host(struct sv text); /* of labels, by its name */

/* number.c */
bool scalar_parse_int(struct scalar *s, struct json_value *out);
bool scalar_parse_decimal(struct scalar *s, struct json_value *out);

/* text.c, for url.c too */
struct sv scalar_trim(struct sv text);     /* ASCII white space at both ends */
bool scalar_fits_length(struct scalar *s); /* in characters, by the field's limits */

#endif
