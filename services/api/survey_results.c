/* The results of a survey, as the database may tell them: it hides what is too small. */
#include "survey_results.h"

#include "base/uuid.h"
#include "call.h"
#include "gen/stmt.h"
#include "http/router.h"
#include "resources.h"

static const char *const groupings[] = {"all", "partner", "side", NULL};

static const struct json_field score_item =
    JSON_FIELD(NULL, FIELD_DECIMAL, .precision = 4, .scale = 2);
static const struct json_field group_fields[] = {
    JSON_FIELD("key", FIELD_TEXT, .doc = "all, the partner's id, or the side."),
    JSON_FIELD("name", FIELD_TEXT),
    JSON_FIELD("is_suppressed", FIELD_BOOL, .doc = "Too few answers, or one could subtract."),
    JSON_FIELD("answers", FIELD_INT, FIELD_NULLABLE),
    JSON_FIELD("scores", FIELD_MAP, .item = &score_item,
               .doc = "The mean of each factor's ratings, from 1 to 5."),
};
static const struct json_table group_table = JSON_TABLE("survey_group", group_fields);
static const struct json_field group_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &group_table);
static const struct json_field comment_item = JSON_FIELD(NULL, FIELD_LONG_TEXT);

static const struct json_field results_fields[] = {
    JSON_FIELD("survey_id", FIELD_UUID),
    JSON_FIELD("by", FIELD_ENUM, .values = groupings),
    JSON_FIELD("status", FIELD_TEXT),
    JSON_FIELD("threshold", FIELD_INT, .doc = "Fewer answers than this are not told of."),
    JSON_FIELD("invited", FIELD_INT),
    JSON_FIELD("answers", FIELD_INT, FIELD_NULLABLE),
    JSON_FIELD("groups", FIELD_LIST, .item = &group_item, .max = INT64_MAX),
    JSON_FIELD("comments", FIELD_LIST, .item = &comment_item, .max = INT64_MAX,
               .doc = "With by=all, when there are as many as the district's threshold for texts."),
};
const struct json_table survey_results_table = JSON_TABLE("survey_results", results_fields);

static const char *grouping_of(struct sv text)
{
    for (size_t i = 0; groupings[i]; i++) {
        if (sv_eq(sv_of(groupings[i]), text))
            return groupings[i];
    }
    return NULL;
}

STEP(survey_results)
{
    struct uuid *id = ARENA_NEW(r->arena, uuid);
    const char *by = groupings[0];

    for (size_t i = 0; i < r->query_count; i++) {
        if (!sv_eq(r->query[i].name, SV("by")))
            return fail_why(r, ERR_INVALID_QUERY, "\"%.*s\" is not a parameter of this resource.",
                            SV_ARG(r->query[i].name));
        by = grouping_of(r->query[i].value);
        if (!by || i > 0)
            return fail_why(r, ERR_INVALID_QUERY, "\"by\" stands once: all, partner or side.");
    }
    if (!uuid_parse(r->captures[0], id))
        return fail(r, ERR_NOT_FOUND);
    call_begin(r, CALL_READ, SV(ROLES_STAFF));
    call_add(call_of(r), STMT(survey_results), id->text, by);
    return call_run(r, call_body);
}
