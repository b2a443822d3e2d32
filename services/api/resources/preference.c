/* Preferences: what somebody does not want to get. */
#include "resources.h"

static const char *const topics[] = {
    "all",        "check_ins",  "agreements", "confirmations", "introductions", "surveys", "asks",
    "convenings", "thank_yous", "needs",      "stories",       "trainings",     "digest",  NULL};
static const char *const channels[] = {"email", NULL};
static const char *const sources[] = {"staff", "link", "one_click", "complaint", "import", NULL};

static const struct resource_field fields[] = {
    REFERENCE("contact_id", contact, FIELD_NULLABLE, .doc = "Whose it is: this, or user_id."),
    REFERENCE("user_id", user, FIELD_NULLABLE),
    {.json = JSON_FIELD("topic", FIELD_ENUM, FIELD_REQUIRED, .values = topics),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("channel", FIELD_ENUM, 0, .values = channels), .create_default = "'email'"},
    {.json = JSON_FIELD("opted_out", FIELD_BOOL, 0), .create_default = "true"},
    {.json = JSON_FIELD("source", FIELD_ENUM, FIELD_READ_ONLY, .values = sources,
                        .doc = "By which way it was said.")},
};

struct resource res_preference = {
    .name = "preference",
    .plural = "preferences",
    .doc = "What somebody does not want to get.",
    .readers = ROLES_STAFF,
    .writers = ROLES_REGISTRY,
    .scope = {.kind = SCOPE_ANY},
    RESOURCE_ROWS(fields),
};
