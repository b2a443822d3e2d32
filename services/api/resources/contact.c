/* Contacts: people outside the district's staff. They may stand alone; affiliations say where they
 * belong. */
#include "action.h"
#include "resources.h"

static const char *const channels[] = {"email", "phone", "text", "post", NULL};
static const char *const statuses[] = {"active", "inactive", "left", "deceased", NULL};

static const struct json_field channel_item = JSON_FIELD(NULL, FIELD_ENUM, .values = channels);
static const struct json_field alias_item =
    JSON_FIELD(NULL, FIELD_TEXT, 0, .min = 1, .max = NAME_LONGEST);
static const struct json_field email_item = JSON_FIELD(NULL, FIELD_EMAIL);

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST),
     .use = FIELD_SORTS},
    {.json = JSON_FIELD("aliases", FIELD_LIST, FIELD_UNIQUE, .item = &alias_item, .max = 100,
                        .doc = "Other names, by which they are found, too."),
     .create_default = "'{}'"},
    {.json = JSON_FIELD("email", FIELD_EMAIL, FIELD_NULLABLE),
     .use = FIELD_FILTERS,
     .readers = ROLES_STAFF},
    {.json = JSON_FIELD("other_emails", FIELD_LIST, FIELD_UNIQUE, .item = &email_item, .max = 100,
                        .doc = "Addresses that they are known by, too; no mail goes there."),
     .readers = ROLES_STAFF,
     .create_default = "'{}'"},
    {.json = JSON_FIELD("phone", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST),
     .readers = ROLES_STAFF},
    {.json = JSON_FIELD("locale", FIELD_LOCALE, FIELD_NULLABLE,
                        .doc = "Of mails to this person; null: the district's.")},
    {.json = JSON_FIELD("channels", FIELD_LIST, FIELD_UNIQUE, .item = &channel_item, .max = 4,
                        .doc = "The ways that are allowed; only mail is automatic."),
     .create_default = "'{email}'"},
    {.json = JSON_FIELD("status", FIELD_ENUM, 0, .values = statuses),
     .use = FIELD_FILTERS,
     .create_default = "'active'"},
    {.json = JSON_FIELD("notes", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST,
                        .doc = "Private: directors', and theirs who own a partner where the "
                               "contact has a place."),
     .readers = ROLES_PROGRAM,
     .is_private = true,
     .owned = "contact_is_read(t.id)"},
    REFERENCE("merged_into", contact, FIELD_READ_ONLY | FIELD_NULLABLE,
              .doc = "The contact that it turned out to be; the old id answers still, archived."),
};

static const struct resource_many many[] = {
    {"affiliations", &res_affiliation, "contact_id"},
    {"taggings", &res_tagging, "contact_id"},
    {"custom_values", &res_custom_value, "contact_id"},
    {NULL},
};

static const struct json_field merged_item = JSON_FIELD(NULL, FIELD_UUID);
static const struct json_field merge_fields[] = {
    JSON_FIELD("contact_ids", FIELD_LIST, FIELD_REQUIRED | FIELD_UNIQUE, .item = &merged_item,
               .min = 1, .max = 20, .doc = "The others, which become this one."),
    JSON_FIELD("reason", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST),
};
static const struct resource_action actions[] = {
    {.verb = "merge",
     .summary = "Make one contact of several records of one person",
     .roles = ROLES_PROGRAM,
     ACTION_FIELDS(merge_fields)},
};

struct resource res_contact = {
    .name = "contact",
    .plural = "contacts",
    .doc = "People outside the district's staff.",
    .records_reads = true,
    .changes_by_day = true,
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = {.kind = SCOPE_PLACED, .parent = "affiliation"},
    .searched = "'{contact}'",
    .default_sort = "name",
    .has_saved_filters = true,
    .import_key = "email|~name",
    RESOURCE_ROWS(fields),
    .many = many,
    RESOURCE_ACTIONS(actions),
};
