/* Invitations to a survey: one for each address. What was answered stands in no resource. */
#include "action.h"
#include "resources.h"
#include "survey_results.h"

#define ANSWERS_MOST 200

static const char *const statuses[] = {"invited",   "partial",  "answered", "bounced", "declined",
                                       "delegated", "left_org", "excluded", NULL};

static const struct resource_field fields[] = {
    REFERENCE("survey_id", survey, FIELD_READ_ONLY),
    {.json = JSON_FIELD("address", FIELD_EMAIL, FIELD_READ_ONLY), .readers = ROLES_STAFF},
    {.json = JSON_FIELD("user_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE),
     .use = FIELD_FILTERS},
    REFERENCE("contact_id", contact, FIELD_READ_ONLY | FIELD_NULLABLE),
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("reason", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Of one that is excluded: no_email, opted_out or left_org.")},
    {.json = JSON_FIELD("reminders", FIELD_INT, FIELD_READ_ONLY, .doc = "How many were sent.")},
};

static const struct json_field answer_item = JSON_FIELD(NULL, FIELD_ANY, FIELD_NULLABLE);
const struct json_field survey_answer_fields[] = {
    JSON_FIELD("partnership_id", FIELD_UUID, FIELD_NULLABLE,
               .doc = "The relationship that the answers are about; of a survey about nothing in "
                      "particular, null."),
    JSON_FIELD("answers", FIELD_MAP, FIELD_REQUIRED, .item = &answer_item, .max = ANSWERS_MOST,
               .doc = "By the questions' codes; null takes one back."),
    JSON_FIELD("submit", FIELD_BOOL, 0, .doc = "False keeps a draft; left out, it is true."),
};

static const struct resource_action actions[] = {
    {.verb = "answer",
     .summary = "Answer one's own invitation about one relationship",
     .roles = ROLES_EVERYBODY,
     ACTION_FIELDS(survey_answer_fields)},
};

struct resource res_survey_invitation = {
    .name = "survey_invitation",
    .plural = "survey_invitations",
    .doc = "Who is asked by a survey, and whether an answer came.",
    .readers = ROLES_PROGRAM ",coordinator,school_leader",
    .writers = ROLES_PROGRAM,
    .operations = RESOURCE_READ,
    .scope = {.kind = SCOPE_ADDRESSEE, .field = "user_id", .parent = "survey"},
    RESOURCE_ROWS(fields),
    RESOURCE_ACTIONS(actions),
};
