/* Balance: read the query → one statement, which writes the document. */
#include "balance.h"

#include "call.h"
#include "gen/stmt.h"
#include "parameter.h"
#include "query.h"
#include "resources.h"

static const struct json_field fields[] = {
    JSON_FIELD("scope_kind", FIELD_TEXT),
    JSON_FIELD("scope_id", FIELD_UUID),
    JSON_FIELD("school_year", FIELD_INT, FIELD_NULLABLE, .doc = "Null: of a fiscal year."),
    JSON_FIELD("fiscal_year", FIELD_INT, FIELD_NULLABLE, .doc = "Null: of a school year."),
    JSON_FIELD("starts_on", FIELD_DATE),
    JSON_FIELD("ends_on", FIELD_DATE),
    JSON_FIELD("partner_cents", FIELD_INT, .doc = "What the partners' side delivered."),
    JSON_FIELD("district_cents", FIELD_INT, .doc = "What the district's side delivered."),
    JSON_FIELD("partner_pledged_cents", FIELD_INT, .doc = "And has only pledged."),
    JSON_FIELD("district_pledged_cents", FIELD_INT),
    JSON_FIELD("outside_cents", FIELD_INT,
               .doc = "Grants from outside, which count for neither side."),
    JSON_FIELD("disputed_cents", FIELD_INT,
               .doc = "What the other side says is not so, which counts for neither."),
    JSON_FIELD("entries", FIELD_INT, .doc = "How many investments these are."),
    JSON_FIELD("balance", FIELD_DECIMAL, FIELD_NULLABLE, .precision = 5, .scale = 4,
               .doc = "The partners' share of what was delivered; null until both sides have "
                      "entries."),
};
const struct json_table balance_table = JSON_TABLE("balance", fields);

enum { QUERY_SCOPE, QUERY_SCHOOL_YEAR, QUERY_FISCAL_YEAR, QUERY_COUNT };

static const struct json_field query_fields[] = {
    [QUERY_SCOPE] = JSON_FIELD("scope", FIELD_TEXT, FIELD_REQUIRED, .max = CODE_LONGEST,
                               .doc = FIGURE_SCOPE_DOC),
    [QUERY_SCHOOL_YEAR] =
        JSON_FIELD("school_year", FIELD_INT, .min = 2000, .max = 2100,
                   .doc = "With the dates that the district gave it, or else July to June."),
    [QUERY_FISCAL_YEAR] =
        JSON_FIELD("fiscal_year", FIELD_INT, .min = 2000, .max = 2100,
                   .doc = "Instead of a school year: the district's, named by the year "
                          "in which it ends; this one's, if both are left out."),
};
const struct json_table balance_query = JSON_TABLE("balance_query", query_fields);

STEP(balance_get)
{
    const char *values[QUERY_COUNT] = {NULL};
    struct figure_scope *scope = ARENA_NEW(r->arena, figure_scope);
    struct plan *refused = parameters_read(r, &balance_query, values);

    if (!refused)
        refused = parameter_scope(r, values[QUERY_SCOPE], scope);
    if (!refused && values[QUERY_SCHOOL_YEAR] && values[QUERY_FISCAL_YEAR])
        refused = query_refuse(r, SV("fiscal_year"), JSON_FAULT_INVALID_PARAMETER,
                               SV("must not stand beside school_year"));
    if (refused)
        return refused;
    call_begin(r, CALL_LIST, SV(ROLES_EVERYBODY));
    call_add(call_of(r), STMT(balance), scope->kind, scope->which, values[QUERY_SCHOOL_YEAR],
             values[QUERY_FISCAL_YEAR]);
    return call_run(r, call_body);
}
