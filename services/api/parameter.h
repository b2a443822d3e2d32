/* The parameters of a query, by a table of fields: for what is no list. */
#ifndef KITH_API_PARAMETER_H
#define KITH_API_PARAMETER_H

#include "base/uuid.h"
#include "http/req.h"
#include "json/bind.h"

/* Reads each field's canonical text to its place in `values`, which stays as it was where the
 * parameter is not there. NULL, or 400. */
KITH_MUST_CHECK struct plan *parameters_read(struct req *r, const struct json_table *table,
                                             const char **values);

/* What figures are of: "district", or "network:0197…" with one of the kinds and an id. */
struct figure_scope {
    const char *kind;
    struct uuid id;
    bool has_id;
};
KITH_MUST_CHECK struct plan *parameter_scope(struct req *r, const char *text,
                                             struct figure_scope *out);

#endif
