/* Whom a survey asks: what it would be now, or, once it has opened, what was decided. */
#include "call.h"
#include "gen/stmt.h"
#include "http/router.h"
#include "parameter.h"
#include "resources.h"
#include "survey_results.h"

#define PEOPLE_MOST 200
#define PEOPLE      "50"

static const struct json_field relationship_fields[] = {
    JSON_FIELD("partnership_id", FIELD_UUID),
    JSON_FIELD("name", FIELD_TEXT),
    JSON_FIELD("reason", FIELD_TEXT, FIELD_NULLABLE, .doc = "over_five: it is not asked about."),
};
static const struct json_table relationship_table =
    JSON_TABLE("survey_relationship", relationship_fields);
static const struct json_field relationship_item =
    JSON_FIELD(NULL, FIELD_OBJECT, .table = &relationship_table);

static const struct json_field person_fields[] = {
    JSON_FIELD("user_id", FIELD_UUID, FIELD_NULLABLE),
    JSON_FIELD("contact_id", FIELD_UUID, FIELD_NULLABLE),
    JSON_FIELD("name", FIELD_TEXT),
    JSON_FIELD("address", FIELD_TEXT, FIELD_NULLABLE),
    JSON_FIELD("audience", FIELD_TEXT, FIELD_NULLABLE),
    JSON_FIELD("reason", FIELD_TEXT, FIELD_NULLABLE,
               .doc =
                   "Why no mail goes: no_email, opted_out, left_org, bounced, duplicate_address; "
                   "and, once it is decided, all that a message may say. None: it goes."),
    JSON_FIELD("relationships", FIELD_LIST, .item = &relationship_item, .max = INT64_MAX),
};
static const struct json_table person_table = JSON_TABLE("survey_person", person_fields);
static const struct json_field person_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &person_table);
static const struct json_field count_item = JSON_FIELD(NULL, FIELD_INT);

static const struct json_field audience_fields[] = {
    JSON_FIELD("survey_id", FIELD_UUID),
    JSON_FIELD("asked", FIELD_INT, .doc = "How many people are asked."),
    JSON_FIELD("relationships", FIELD_INT, .doc = "How many each of them is asked about, in all."),
    JSON_FIELD("over_five", FIELD_INT,
               .doc = "How many are not asked about, as nobody is asked about more than five."),
    JSON_FIELD("left_out", FIELD_MAP, .item = &count_item,
               .doc = "How many people are not asked, by the reason."),
    JSON_FIELD("people", FIELD_LIST, .item = &person_item, .max = INT64_MAX),
    JSON_FIELD("next", FIELD_UUID, FIELD_NULLABLE,
               .doc = "The next page's after; none: it is the last."),
};
const struct json_table survey_audience_table = JSON_TABLE("survey_audience", audience_fields);

static const struct json_field query_fields[] = {
    JSON_FIELD("after", FIELD_UUID, .doc = "The last page's next."),
    JSON_FIELD("limit", FIELD_INT, .min = 1, .max = PEOPLE_MOST, .doc = "50 people, if not said."),
};
const struct json_table survey_audience_query = JSON_TABLE("survey_audience_query", query_fields);

STEP(survey_audience)
{
    const char *asked[COUNT_OF(query_fields)] = {NULL, PEOPLE};
    struct uuid *id = ARENA_NEW(r->arena, uuid);
    struct plan *refused = parameters_read(r, &survey_audience_query, asked);

    if (refused)
        return refused;
    if (!uuid_parse(r->captures[0], id))
        return fail(r, ERR_NOT_FOUND);
    call_begin(r, CALL_LIST, SV(ROLES_PROGRAM));
    call_add(call_of(r), STMT(survey_audience), id->text, asked[0], asked[1]);
    return call_run(r, call_body);
}
