/* One statement each, which writes the document: what a saved filter finds, and a template filled
 * in. */
#include "own.h"
#include "base/uuid.h"
#include "call.h"
#include "gen/stmt.h"
#include "http/router.h"
#include "parameter.h"
#include "resources.h"

#define MATCHES_SHOWN "500"

static const struct json_field match_fields[] = {
    JSON_FIELD("id", FIELD_UUID),
    JSON_FIELD("name", FIELD_TEXT),
};
static const struct json_table match_table = JSON_TABLE("match", match_fields);
static const struct json_field match_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &match_table);
static const struct json_field matches_fields[] = {
    JSON_FIELD("resource", FIELD_TEXT),
    JSON_FIELD("total", FIELD_INT),
    JSON_FIELD("data", FIELD_LIST, .item = &match_item, .max = 500, .doc = "The first by name."),
};
const struct json_table saved_filter_matches_table = JSON_TABLE("matches", matches_fields);

static const struct json_field word_item = JSON_FIELD(NULL, FIELD_TEXT);
static const struct json_field filled_fields[] = {
    JSON_FIELD("subject", FIELD_LONG_TEXT, FIELD_NULLABLE),
    JSON_FIELD("text", FIELD_LONG_TEXT),
    JSON_FIELD("missing", FIELD_LIST, .item = &word_item, .max = INT64_MAX,
               .doc = "Words that it asks for and that have no value; they stand there still."),
};
const struct json_table template_filled_table = JSON_TABLE("filled_template", filled_fields);

static const struct json_field query_fields[] = {
    JSON_FIELD("partnership_id", FIELD_UUID, 0, .doc = "Of which the words are."),
};
const struct json_table template_filled_query = JSON_TABLE("filled_template_query", query_fields);

STEP(saved_filter_matches)
{
    const char *id = NULL;
    struct plan *refused = call_read_id(r, &id);

    if (refused)
        return refused;
    call_begin(r, CALL_LIST, SV(ROLES_EVERYBODY));
    call_add(call_of(r), STMT(saved_filter_matches), id, MATCHES_SHOWN);
    return call_run(r, call_body);
}

STEP(template_filled)
{
    struct uuid *id = ARENA_NEW(r->arena, uuid);
    const char *partnership = NULL;
    struct plan *refused = parameters_read(r, &template_filled_query, &partnership);

    if (refused)
        return refused;
    if (!uuid_parse(r->captures[0], id))
        return fail(r, ERR_NOT_FOUND);
    call_begin(r, CALL_READ, SV(ROLES_EVERYBODY));
    call_add(call_of(r), STMT(template_filled), id->text, partnership);
    return call_run(r, call_body);
}
