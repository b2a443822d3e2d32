/* Dashboard: read the query → one statement, which writes the document. */
#include "base/uuid.h"
#include "call.h"
#include "dashboard.h"
#include "etag.h"
#include "gen/stmt.h"
#include "http/field.h"
#include "resources.h"
#include "json/walk.h"

#define NAME_SHOWN 64 /* of a parameter that is none */

struct asked {
    const char *scope_kind;
    struct uuid scope_id;
    bool has_id;
    const char *school_year;
    const char *period;
};

enum { QUERY_SCOPE, QUERY_SCHOOL_YEAR, QUERY_PERIOD };

/* "network:0197…": the kind and the id; the district's own is known. */
static bool read_scope(struct sv text, struct asked *out)
{
    static const char *const kinds[] = {"network", "site", "partner", "partnership"};
    struct sv kind = sv_head(text, sv_find(text, ':'));

    if (sv_eq(text, SV("district"))) {
        out->scope_kind = "district";
        return true;
    }
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (sv_eq(kind, sv_of(kinds[i])))
            out->scope_kind = kinds[i];
    }
    out->has_id = out->scope_kind && uuid_parse(sv_skip(text, kind.n + 1), &out->scope_id);
    return out->has_id;
}

static struct plan *refuse(struct req *r, struct sv name, enum json_fault_code code, struct sv why)
{
    struct json_fault fault = {.code = code};

    fault.pointer = path_pointer(r->arena, &(struct path){.key = name});
    fault.detail = arena_printf(r->arena, "\"%.*s\" %.*s.", SV_ARG(name), SV_ARG(why));
    return fail_fields(r, ERR_INVALID_QUERY, fault.detail, &fault, 1);
}

/* Each is known and stands once, or an answer. */
static struct plan *check_names(struct req *r)
{
    for (size_t i = 0; i < r->query_count; i++) {
        struct sv name = r->query[i].name;
        bool is_known = false;

        for (size_t k = 0; k < dashboard_query.field_count; k++)
            is_known |= sv_eq(name, sv_of(dashboard_query.fields[k].name));
        if (!is_known)
            return refuse(r, sv_head(name, NAME_SHOWN), JSON_FAULT_UNKNOWN_PARAMETER,
                          SV("is not a parameter of this document"));
        if (req_query(r, name) != &r->query[i].value)
            return refuse(r, name, JSON_FAULT_INVALID_PARAMETER, SV("stands twice"));
    }
    return NULL;
}

/* The value's canonical text, `out` as it was where there is none; or an answer. */
static struct plan *read_value(struct req *r, const struct json_field *field, const char **out)
{
    const struct sv *text = req_query(r, sv_of(field->name));
    struct json_value value;
    struct json_fault fault;

    if (!text)
        return field->flags & FIELD_REQUIRED
                   ? refuse(r, sv_of(field->name), JSON_FAULT_INVALID_PARAMETER,
                            SV("must be there"))
                   : NULL;
    if (!json_bind_text(r->arena, field, *text, &value, &fault))
        return refuse(r, sv_of(field->name), JSON_FAULT_INVALID_PARAMETER, fault.detail);
    *out = value.text.p;
    return NULL;
}

static struct plan *read_query(struct req *r, struct asked *out)
{
    const struct json_field *fields = dashboard_query.fields;
    const char *scope = NULL;
    struct plan *refused = check_names(r);

    out->period = period_kinds[0];
    if (!refused)
        refused = read_value(r, &fields[QUERY_SCOPE], &scope);
    if (!refused && !read_scope(sv_of(scope), out))
        refused = refuse(r, SV("scope"), JSON_FAULT_INVALID_PARAMETER,
                         SV("must be district, or network:, site:, partner: or partnership: and "
                            "an id"));
    if (!refused)
        refused = read_value(r, &fields[QUERY_SCHOOL_YEAR], &out->school_year);
    if (!refused)
        refused = read_value(r, &fields[QUERY_PERIOD], &out->period);
    return refused;
}

static STEP(found)
{
    struct call *call = call_of(r);
    struct sv known = req_field(r, SV("if-none-match"));
    struct sv tag;

    if (db_row_count(call->unit, 1) == 0)
        return fail(r, ERR_NOT_FOUND);
    tag = etag_of(r, db_text(call->unit, 1, 0, "version"));
    reply_field(r, "ETag", tag);
    reply_field(r, "Cache-Control", SV("private, no-cache"));
    if (known.n && http_etag_matches_weak(known, tag))
        return reply_empty(r, 304);
    return reply_json(r, 200, db_text(call->unit, 1, 0, "body"));
}

STEP(dashboard_get)
{
    struct asked *asked = ARENA_NEW(r->arena, asked);
    struct plan *refused = read_query(r, asked);
    struct call *call;

    if (refused)
        return refused;
    call = call_begin(r, CALL_LIST, SV(ROLES_EVERYBODY));
    call_add(call, STMT(dashboard), asked->scope_kind, asked->has_id ? asked->scope_id.text : NULL,
             asked->school_year, asked->period, call_now(r));
    return call_run(r, found);
}
