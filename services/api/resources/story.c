/* Stories: what came of working together, told to everybody once that is right for all whom it
 * shows. */
#include "action.h"
#include "resources.h"

#define SUMMARY_LONGEST 500
#define STORY_LONGEST   20000

static const char *const statuses[] = {"draft",     "review",    "approved",
                                       "published", "withdrawn", NULL};

static const struct json_field warning_item = JSON_FIELD(NULL, FIELD_TEXT);

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("title", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST)},
    {.json = JSON_FIELD("summary", FIELD_TEXT, FIELD_NULLABLE, .max = SUMMARY_LONGEST)},
    {.json = JSON_FIELD("text", FIELD_LONG_TEXT, FIELD_REQUIRED, .min = 1, .max = STORY_LONGEST,
                        .doc = "Plain text, with an empty line between paragraphs. A student's "
                               "full name never stands in it.")},
    {.json = JSON_FIELD("locale", FIELD_LOCALE, 0,
                        .doc = "The language that it is in; left out: the district's."),
     .use = FIELD_FILTERS},
    REFERENCE("site_id", site, FIELD_NULLABLE,
              .doc = "The site whose it is; null: the district's."),
    SERVING("owner_id", FIELD_NULLABLE, .doc = "The user who cares for it; left out: you."),
    {.json = JSON_FIELD("shows_people", FIELD_BOOL, 0,
                        .doc = "Its pictures or its text show people: each is one of "
                               "story_people, with a release on file."),
     .create_default = "true"},
    {.json = JSON_FIELD("warnings", FIELD_LIST, FIELD_READ_ONLY, .item = &warning_item,
                        .max = INT64_MAX, .doc = "What looks like the full name of a student."),
     .sql = "to_json(story_warnings(t))"},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("status_reason", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Why it was returned or withdrawn.")},
    {.json = JSON_FIELD("names_attested_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "When it was last said that it has no student's full name.")},
    {.json = JSON_FIELD("names_attested_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE),
     .ref = &res_user},
    {.json = JSON_FIELD("submitted_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("approved_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("approved_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE),
     .ref = &res_user},
    {.json = JSON_FIELD("published_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE),
     .use = FIELD_RANGES},
    {.json = JSON_FIELD("withdrawn_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
};

static const struct resource_many many[] = {
    {"story_subjects", &res_story_subject, "story_id"},
    {"story_people", &res_story_person, "story_id"},
    {NULL},
};

static const struct json_field attest_fields[] = {
    JSON_FIELD("no_student_name", FIELD_BOOL, FIELD_REQUIRED,
               .doc = "true: you have looked, and no student's full name stands in it."),
};
static const struct json_field reason_fields[] = {REASON_FIELD};

static const struct resource_action actions[] = {
    {.verb = "submit", .summary = "Submit one story to be looked at", ACTION_FIELDS(attest_fields)},
    {.verb = "return",
     .summary = "Return one story to who wrote it",
     .roles = ROLES_COORDINATION,
     ACTION_FIELDS(reason_fields)},
    {.verb = "approve",
     .summary = "Approve one story, if nothing is missing",
     .roles = ROLES_CALLS,
     ACTION_FIELDS(attest_fields)},
    {.verb = "publish",
     .summary = "Publish one story on the district's public page and in its feed",
     .roles = ROLES_COORDINATION},
    {.verb = "withdraw",
     .summary = "Withdraw one story, which nobody outside can read from then on",
     ACTION_FIELDS(reason_fields)},
    {.verb = "revise", .summary = "Draft one story again that was withdrawn"},
};

struct resource res_story = {
    .name = "story",
    .plural = "stories",
    .doc = "What came of working together, told to everybody.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_SITE("site_id"),
    .whose = "owner_id names",
    RESOURCE_ROWS(fields),
    .many = many,
    RESOURCE_TRANSITIONS(actions),
    .missing = "story_missing(t.id, v.action)",
    .changes_by_day = true, /* its pictures' descriptions are no version of it */
};
