/* Users: the district's staff, and whoever else signs in. How one sets its password:
 * actions/password.c. */
#include "action.h"
#include "resources.h"

static const char *const statuses[] = {"active", "disabled", NULL};

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("email", FIELD_EMAIL, FIELD_REQUIRED,
                        .doc = "Of this user alone, of archived ones too."),
     .use = FIELD_FILTERS,
     .readers = ROLES_STAFF},
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST),
     .use = FIELD_SORTS},
    {.json = JSON_FIELD("phone", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST),
     .readers = ROLES_STAFF},
    {.json = JSON_FIELD("locale", FIELD_LOCALE, .doc = "Usually the district's."),
     .readers = ROLES_STAFF,
     .create_default = "(SELECT d.locale FROM district d "
                       "WHERE d.id = current_setting('kith.district')::uuid)"},
    {.json = JSON_FIELD("zone", FIELD_ZONE, FIELD_NULLABLE, .doc = "Null: the district's."),
     .readers = ROLES_STAFF},
    {.json = JSON_FIELD("status", FIELD_ENUM, 0, .values = statuses,
                        .doc = "Who is disabled or archived loses sessions and keys at once."),
     .use = FIELD_FILTERS,
     .readers = ROLES_STAFF,
     .create_default = "'active'"},
    {.json = JSON_FIELD("contact_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The partner's contact who signs in as this; null: one of the "
                               "district's own."),
     .use = FIELD_FILTERS,
     .ref = &res_contact},
    {.json = JSON_FIELD("has_password", FIELD_BOOL, FIELD_READ_ONLY),
     .readers = ROLES_ADMIN,
     .sql = "t.password_hash IS NOT NULL"},
};

static const struct resource_action actions[] = {
    {.verb = "end_sessions", .summary = "End all sessions of one user"},
    {.verb = "unlink",
     .summary = "Forget as whom identity providers know one user, and end its sessions"},
};

struct resource res_user = {
    .name = "user",
    .table = "app_user",
    .plural = "users",
    .doc = "Who may sign in.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_ADMIN,
    .scope = {.kind = SCOPE_PERSON, .field = "id"},
    .default_sort = "name",
    .searched = "'{app_user}'",
    .has_saved_filters = true,
    .import_key = "email",
    .importers = ROLES_ADMIN,
    RESOURCE_ROWS(fields),
    RESOURCE_ACTIONS(actions),
};
