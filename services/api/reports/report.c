/* A report: read the query → one statement, which writes the document. */
#include "reports/report.h"

#include <string.h>

#include "base/uuid.h"
#include "call.h"
#include "etag.h"
#include "http/field.h"
#include "query.h"

STEP(report_found)
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

STEP(report_get)
{
    const struct report *report = r->route->what;
    const struct json_table *query = report->kind.query_table;
    const char **params = arena_zalloc(r->arena, REPORT_PARAMS * sizeof *params);
    struct uuid *id = ARENA_NEW(r->arena, uuid);
    struct plan *refused = query_check(r, query);
    size_t count = 0;

    if (!refused && strchr(report->pattern, '{')) {
        if (!uuid_parse(r->captures[0], id))
            return fail(r, ERR_NOT_FOUND);
        params[count++] = id->text;
    }
    ENSURE(count + query->field_count < REPORT_PARAMS);
    for (size_t i = 0; !refused && i < query->field_count; i++)
        refused = query_read(r, &query->fields[i], &params[count++]);
    if (refused)
        return refused;
    params[count++] = call_now(r);
    call_begin(r, CALL_LIST, sv_of(report->roles));
    call_add_array(call_of(r), report->statement, params, count);
    return call_run(r, report_found);
}
