/* What a story is about: partnerships, people and gifts, who consent to be named, and sites. */
#include "action.h"
#include "resources.h"

static const struct resource_field fields[] = {
    REFERENCE("story_id", story, FIELD_REQUIRED | FIELD_CREATE_ONLY),
    REFERENCE("partnership_id", partnership, FIELD_NULLABLE | FIELD_CREATE_ONLY,
              .doc = "A partnership, or one of the three others."),
    REFERENCE("site_id", site, FIELD_NULLABLE | FIELD_CREATE_ONLY),
    REFERENCE("gift_id", gift, FIELD_NULLABLE | FIELD_CREATE_ONLY,
              .doc = "A gift: who gave it is named."),
    REFERENCE("contact_id", contact, FIELD_NULLABLE | FIELD_CREATE_ONLY, .doc = "A person."),
    {.json = JSON_FIELD("consent_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "When whom it names consented.")},
    {.json = JSON_FIELD("consent_contact_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Who did."),
     .ref = &res_contact},
    {.json = JSON_FIELD("consent_recorded_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The user who was told so; null: the contact's own act.")},
    {.json = JSON_FIELD("asked_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "When it was last asked by mail.")},
    {.json = JSON_FIELD("answer", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "consented or declined."),
     .sql = "CASE WHEN t.consent_on IS NOT NULL THEN 'consented' "
            "WHEN t.answered_at IS NOT NULL THEN 'declined' END"},
    {.json = JSON_FIELD("answered_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("answered_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The contact who answered by the mail's link, or signed in."),
     .ref = &res_contact},
    {.json = JSON_FIELD("answer_note", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Why it declines."),
     .readers = ROLES_STAFF},
};

static const struct json_field consent_fields[] = {
    JSON_FIELD("contact_id", FIELD_UUID, FIELD_REQUIRED, .doc = "Who said so."),
    JSON_FIELD("on_date", FIELD_DATE, FIELD_NULLABLE, .doc = "null: today."),
};
static const struct resource_action actions[] = {
    {.verb = "ask",
     .summary = "Ask whom one story's subject names by mail, with a link that takes the answer"},
    {.verb = "consent",
     .summary = "Record that whom one story's subject names consents",
     ACTION_FIELDS(consent_fields)},
    {.verb = "revoke",
     .summary = "Take back the consent of one story's subject, which withdraws the story"},
};

struct resource res_story_subject = {
    .name = "story_subject",
    .plural = "story_subjects",
    .doc = "The partnerships, people, gifts and sites that a story is about.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .operations = RESOURCE_READ | RESOURCE_CREATE | RESOURCE_ARCHIVE | RESOURCE_RESTORE,
    .scope = SCOPE_OF_PARENT("story_id", "story"),
    RESOURCE_ROWS(fields),
    RESOURCE_ACTIONS(actions),
};
