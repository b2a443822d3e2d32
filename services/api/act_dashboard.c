/* Dashboard: read the query → one statement, which writes the document. */
#include "base/uuid.h"
#include "call.h"
#include "dashboard.h"
#include "gen/stmt.h"
#include "query.h"
#include "report.h"
#include "resources.h"

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

static struct plan *read_query(struct req *r, struct asked *out)
{
    const struct json_field *fields = dashboard_query.fields;
    const char *scope = NULL;
    struct plan *refused = query_check(r, &dashboard_query);

    out->period = period_kinds[0];
    if (!refused)
        refused = query_read(r, &fields[QUERY_SCOPE], &scope);
    if (!refused && !read_scope(sv_of(scope), out))
        refused =
            query_refuse(r, SV("scope"), JSON_FAULT_INVALID_PARAMETER,
                         SV("must be district, or network:, site:, partner: or partnership: and "
                            "an id"));
    if (!refused)
        refused = query_read(r, &fields[QUERY_SCHOOL_YEAR], &out->school_year);
    if (!refused)
        refused = query_read(r, &fields[QUERY_PERIOD], &out->period);
    return refused;
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
    return call_run(r, report_found);
}
