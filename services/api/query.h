/* A query that is none of a list: its parameters by a table of fields, each once. */
#ifndef KITH_API_QUERY_H
#define KITH_API_QUERY_H

#include "http/req.h"
#include "json/bind.h"

/* Refuses the parameter; `why` goes on after its name: "must be there". */
struct plan *query_refuse(struct req *r, struct sv name, enum json_fault_code code, struct sv why);

/* NULL, or the answer to a parameter that is not in the table or stands twice. */
KITH_MUST_CHECK struct plan *query_check(struct req *r, const struct json_table *table);

/* NULL and the value's canonical text, `out` as it was where there is none; or an answer. */
KITH_MUST_CHECK struct plan *query_read(struct req *r, const struct json_field *field,
                                        const char **out);

#endif
