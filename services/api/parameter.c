/* Parameters of queries. */
#include "parameter.h"

#include "query.h"
#include "resources.h"

struct plan *parameters_read(struct req *r, const struct json_table *table, const char **values)
{
    struct plan *refused = query_check(r, table);

    for (size_t i = 0; i < table->field_count && !refused; i++)
        refused = query_read(r, &table->fields[i], &values[i]);
    return refused;
}

static bool read_scope(struct sv text, struct figure_scope *out)
{
    static const char *const kinds[] = {"network",     "site",    "partner",
                                        "partnership", "program", "focus_area"};
    struct sv kind = sv_head(text, sv_find(text, ':'));
    struct sv of = sv_skip(text, kind.n + 1);

    if (sv_eq(text, SV("district"))) {
        out->kind = "district";
        return true;
    }
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (sv_eq(kind, sv_of(kinds[i])) && uuid_parse(of, &out->id)) {
            out->kind = kinds[i];
            out->which = out->id.text;
        }
    }
    for (size_t i = 0; partner_kinds[i] && sv_eq(kind, SV("kind")); i++) {
        if (sv_eq(of, sv_of(partner_kinds[i]))) {
            out->kind = "kind";
            out->which = partner_kinds[i];
        }
    }
    return out->which;
}

struct plan *parameter_scope(struct req *r, const char *text, struct figure_scope *out)
{
    if (read_scope(sv_of(text), out))
        return NULL;
    return query_refuse(
        r, SV("scope"), JSON_FAULT_INVALID_PARAMETER,
        SV("must be district, or network:, site:, partner:, partnership:, program: or focus_area: "
           "and an id, or kind: and a kind of partner"));
}
