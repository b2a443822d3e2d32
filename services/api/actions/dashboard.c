/* Dashboard: read the query → one statement, which writes the document. */
#include "dashboard.h"
#include "call.h"
#include "gen/stmt.h"
#include "parameter.h"
#include "reports/report.h"
#include "resources.h"

struct asked {
    struct figure_scope scope;
    const char *school_year;
    const char *period;
};

enum { QUERY_SCOPE, QUERY_SCHOOL_YEAR, QUERY_PERIOD, QUERY_COUNT };

static struct plan *read_query(struct req *r, struct asked *out)
{
    const char *values[QUERY_COUNT] = {[QUERY_PERIOD] = period_kinds[0]};
    struct plan *refused = parameters_read(r, &dashboard_query, values);

    out->school_year = values[QUERY_SCHOOL_YEAR];
    out->period = values[QUERY_PERIOD];
    return refused ? refused : parameter_scope(r, values[QUERY_SCOPE], &out->scope);
}

STEP(dashboard_get)
{
    struct asked *asked = ARENA_NEW(r->arena, asked);
    struct plan *refused = read_query(r, asked);
    struct call *call;

    if (refused)
        return refused;
    call = call_begin(r, CALL_READ, SV(ROLES_EVERYBODY));
    call_add(call, STMT(dashboard), asked->scope.kind, asked->scope.which, asked->school_year,
             asked->period);
    return call_run(r, report_found);
}
