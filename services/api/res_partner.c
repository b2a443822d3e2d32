/* Partners: the organizations that work with the district. */
#include "resources.h"

static const char *const kinds[] = {"business",    "nonprofit",  "higher_ed",
                                    "faith_based", "government", "service_center",
                                    "civic",       "other",      NULL};
static const char *const reaches[] = {"one_school", "nearby", "district", NULL};
static const char *const tiers[] = {"supporter", "partner", "anchor", NULL};
static const char *const stages[] = {"prospect", "contacted", "vetting", "approved",
                                     "declined", "barred",    NULL};

static const struct json_field alias_item =
    JSON_FIELD(NULL, FIELD_TEXT, 0, .min = 1, .max = NAME_LONGEST);

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST),
     .use = FIELD_SORTS},
    {.json = JSON_FIELD("aliases", FIELD_LIST, FIELD_UNIQUE, .item = &alias_item, .max = 100),
     .create_default = "'{}'"},
    {.json = JSON_FIELD("parent_id", FIELD_UUID, FIELD_NULLABLE,
                        .doc = "The organization of which this is a branch."),
     .use = FIELD_FILTERS,
     .ref = &res_partner},
    {.json = JSON_FIELD("kind", FIELD_ENUM, FIELD_REQUIRED, .values = kinds), .use = FIELD_FILTERS},
    {.json = JSON_FIELD("tier", FIELD_ENUM, FIELD_NULLABLE, .values = tiers), .use = FIELD_FILTERS},
    {.json = JSON_FIELD("stage", FIELD_ENUM, 0, .values = stages),
     .use = FIELD_FILTERS,
     .create_default = "'prospect'"},
    {.json = JSON_FIELD("barred_reason", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST,
                        .doc = "Needed with stage barred."),
     .readers = ROLES_PROGRAM,
     .is_private = true},
    {.json = JSON_FIELD("ein", FIELD_TEXT, FIELD_NULLABLE, .min = 9, .max = 9,
                        .doc = "Employer Identification Number: nine digits."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("website", FIELD_URL, FIELD_NULLABLE)},
    {.json = JSON_FIELD("email", FIELD_EMAIL, FIELD_NULLABLE), .readers = ROLES_STAFF},
    {.json = JSON_FIELD("phone", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST),
     .readers = ROLES_STAFF},
    ADDRESS_FIELDS,
    {.json = JSON_FIELD("description", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("strengths", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("innovation", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST,
                        .doc = "What it brings that does not exist inside the district.")},
    {.json = JSON_FIELD("reach", FIELD_ENUM, FIELD_NULLABLE, .values = reaches,
                        .doc = "Where it would like to work.")},
    {.json = JSON_FIELD("culture_notes", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST,
                        .doc = "Culture and language; private."),
     .readers = ROLES_PROGRAM,
     .is_private = true},
    {.json = JSON_FIELD("owner_id", FIELD_UUID, FIELD_NULLABLE,
                        .doc = "The user who cares for it at the district."),
     .use = FIELD_FILTERS,
     .ref = &res_user},
    {.json = JSON_FIELD("lead_site_id", FIELD_UUID, FIELD_NULLABLE),
     .use = FIELD_FILTERS,
     .ref = &res_site},
    {.json = JSON_FIELD("last_contact_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "A person's last contact, never automatic mail.")},
};

static const struct resource_many many[] = {
    {"affiliations", &res_affiliation, "partner_id"},
    {"partnerships", &res_partnership, "partner_id"},
    {"programs", &res_program, "partner_id"},
    {"taggings", &res_tagging, "partner_id"},
    {"custom_values", &res_custom_value, "partner_id"},
    {NULL},
};

struct resource res_partner = {
    .name = "partner",
    .plural = "partners",
    .doc = "The organizations that work with the district.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_SITE("lead_site_id"),
    .default_sort = "name",
    .import_key = "ein|~name",
    .fields = fields,
    .field_count = COUNT_OF(fields),
    .many = many,
};
