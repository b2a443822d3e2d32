/* Parameters of a query, one by one. */
#include "query.h"

#include "http/reply.h"
#include "json/walk.h"

#define NAME_SHOWN 64 /* of a parameter that is none */

struct plan *query_refuse(struct req *r, struct sv name, enum json_fault_code code, struct sv why)
{
    struct json_fault fault = {.code = code};

    fault.pointer = path_pointer(r->arena, &(struct path){.key = name});
    fault.detail = arena_printf(r->arena, "\"%.*s\" %.*s.", SV_ARG(name), SV_ARG(why));
    return fail_fields(r, ERR_INVALID_QUERY, fault.detail, &fault, 1);
}

struct plan *query_check(struct req *r, const struct json_table *table)
{
    for (size_t i = 0; i < r->query_count; i++) {
        struct sv name = r->query[i].name;
        bool is_known = false;

        for (size_t k = 0; k < table->field_count; k++)
            is_known |= sv_eq(name, sv_of(table->fields[k].name));
        if (!is_known)
            return query_refuse(r, sv_head(name, NAME_SHOWN), JSON_FAULT_UNKNOWN_PARAMETER,
                                SV("is not a parameter of this document"));
        if (req_query(r, name) != &r->query[i].value)
            return query_refuse(r, name, JSON_FAULT_INVALID_PARAMETER, SV("stands twice"));
    }
    return NULL;
}

struct plan *query_read(struct req *r, const struct json_field *field, const char **out)
{
    const struct sv *text = req_query(r, sv_of(field->name));
    struct json_value value;
    struct json_fault fault;

    if (!text)
        return field->flags & FIELD_REQUIRED
                   ? query_refuse(r, sv_of(field->name), JSON_FAULT_INVALID_PARAMETER,
                                  SV("must be there"))
                   : NULL;
    if (!json_bind_text(r->arena, field, *text, &value, &fault))
        return query_refuse(r, sv_of(field->name), JSON_FAULT_INVALID_PARAMETER, fault.detail);
    *out = value.text.p;
    return NULL;
}
