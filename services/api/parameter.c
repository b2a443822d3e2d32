/* Parameters of queries. */
#include "parameter.h"

#include "query.h"

struct plan *parameters_read(struct req *r, const struct json_table *table, const char **values)
{
    struct plan *refused = query_check(r, table);

    for (size_t i = 0; i < table->field_count && !refused; i++)
        refused = query_read(r, &table->fields[i], &values[i]);
    return refused;
}

static bool read_scope(struct sv text, struct figure_scope *out)
{
    static const char *const kinds[] = {"network", "site", "partner", "partnership"};
    struct sv kind = sv_head(text, sv_find(text, ':'));

    if (sv_eq(text, SV("district"))) {
        out->kind = "district";
        return true;
    }
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (sv_eq(kind, sv_of(kinds[i])))
            out->kind = kinds[i];
    }
    out->has_id = out->kind && uuid_parse(sv_skip(text, kind.n + 1), &out->id);
    return out->has_id;
}

struct plan *parameter_scope(struct req *r, const char *text, struct figure_scope *out)
{
    if (read_scope(sv_of(text), out))
        return NULL;
    return query_refuse(
        r, SV("scope"), JSON_FAULT_INVALID_PARAMETER,
        SV("must be district, or network:, site:, partner: or partnership: and an id"));
}
