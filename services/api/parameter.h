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

/* What figures are of: "district", or "network:0197…" with one of the kinds and an id;
 * "kind:nonprofit" is of partners. scope_id() of the database knows it by kind and `which`, which
 * is NULL for the district. */
struct figure_scope {
    const char *kind;
    const char *which; /* id.text, or the kind of partner */
    struct uuid id;
};
#define FIGURE_SCOPE_DOC                                                                     \
    "district, or network:, site:, partner:, partnership:, program: or focus_area: and its " \
    "id, or kind: and a kind of partner."
KITH_MUST_CHECK struct plan *parameter_scope(struct req *r, const char *text,
                                             struct figure_scope *out);

#endif
