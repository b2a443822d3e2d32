/* Whom a story shows. Each has a release on file, which somebody attests. */
#include "action.h"
#include "resources.h"

static const struct resource_field fields[] = {
    REFERENCE("story_id", story, FIELD_REQUIRED | FIELD_CREATE_ONLY),
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST,
                        .doc = "As the release is filed; of a student no full name, but as in "
                               "\"girl with the red book\". Never public."),
     .readers = ROLES_STAFF},
    {.json = JSON_FIELD("is_student", FIELD_BOOL, 0), .create_default = "false"},
    {.json = JSON_FIELD("release_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Of the release that is on file.")},
    {.json = JSON_FIELD("release_attested_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The user who has seen it.")},
    {.json = JSON_FIELD("note", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST,
                        .doc = "Where it is filed.")},
};

static const struct json_field attest_fields[] = {
    JSON_FIELD("release_on", FIELD_DATE, FIELD_REQUIRED, .doc = "The day on which it was signed."),
};
static const struct resource_action actions[] = {
    {.verb = "attest",
     .summary = "Attest that the release of one person in a story is on file",
     ACTION_FIELDS(attest_fields)},
    {.verb = "revoke",
     .summary = "Take back the release of one person in a story, which withdraws the story"},
};

struct resource res_story_person = {
    .name = "story_person",
    .plural = "story_people",
    .doc = "Whom a story shows, and that a release is on file.",
    .readers = ROLES_STAFF,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PARENT("story_id", "story"),
    RESOURCE_ROWS(fields),
    RESOURCE_ACTIONS(actions),
};
