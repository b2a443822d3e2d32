/* What a story is about: partnerships, whose partners consent, and sites. */
#include "action.h"
#include "resources.h"

static const struct resource_field fields[] = {
    REFERENCE("story_id", story, FIELD_REQUIRED | FIELD_CREATE_ONLY),
    REFERENCE("partnership_id", partnership, FIELD_NULLABLE | FIELD_CREATE_ONLY,
              .doc = "A partnership, or site_id."),
    REFERENCE("site_id", site, FIELD_NULLABLE | FIELD_CREATE_ONLY),
    {.json = JSON_FIELD("consent_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "When the partner consented.")},
    {.json = JSON_FIELD("consent_contact_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Who did, for the partner."),
     .ref = &res_contact},
    {.json = JSON_FIELD("consent_recorded_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The user who was told so.")},
};

static const struct json_field consent_fields[] = {
    JSON_FIELD("contact_id", FIELD_UUID, FIELD_REQUIRED, .doc = "Who said so."),
    JSON_FIELD("on_date", FIELD_DATE, FIELD_NULLABLE, .doc = "null: today."),
};
static const struct resource_action actions[] = {
    {.verb = "consent",
     .summary = "Record that the partner of one story's subject consents",
     ACTION_FIELDS(consent_fields)},
    {.verb = "revoke",
     .summary = "Take back the consent of one story's subject, which withdraws the story"},
};

struct resource res_story_subject = {
    .name = "story_subject",
    .plural = "story_subjects",
    .doc = "The partnerships and sites that a story is about.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .operations = RESOURCE_READ | RESOURCE_CREATE | RESOURCE_ARCHIVE | RESOURCE_RESTORE,
    .scope = SCOPE_OF_PARENT("story_id", "story"),
    RESOURCE_ROWS(fields),
    RESOURCE_ACTIONS(actions),
};
