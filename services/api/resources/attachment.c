/* Attachments: files that are kept with whatever they belong to. */
#include "resources.h"

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST,
                        .doc = "Of the file.")},
    {.json =
         JSON_FIELD("media_type", FIELD_TEXT, FIELD_READ_ONLY, .max = 100, .doc = "By its bytes.")},
    {.json = JSON_FIELD("bytes", FIELD_INT, FIELD_READ_ONLY, .min = 0, .doc = "How many it has.")},
    {.json = JSON_FIELD("sha256", FIELD_TEXT, FIELD_READ_ONLY, .max = CODE_LONGEST,
                        .doc = "Of its bytes, hexadecimal.")},
    {.json = JSON_FIELD("subject_kind", FIELD_TEXT, FIELD_NULLABLE, .min = 1, .max = CODE_LONGEST,
                        .doc = "What it belongs to: the resource's name, as in \"agreement\"."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("subject_id", FIELD_UUID, FIELD_NULLABLE, .doc = "Which of those."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("description", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("uploaded_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The user.")},
    {.json = JSON_FIELD("uploaded_contact_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Or the contact, by a mail's link."),
     .ref = &res_contact},
};

struct resource res_attachment = {
    .name = "attachment",
    .plural = "attachments",
    .doc = "Files that are kept with whatever they belong to.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_ATTACHMENTS,
    .watchers = ROLES_PROGRAM,
    .operations = RESOURCE_READ | RESOURCE_PATCH | RESOURCE_ARCHIVE | RESOURCE_RESTORE,
    .scope = {.kind = SCOPE_ANY},
    .import_ref = "~name",
    RESOURCE_ROWS(fields),
};
