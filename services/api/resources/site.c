/* Sites: schools, and departments that partners work with. */
#include "action.h"
#include "resources.h"

static const char *const kinds[] = {"school", "department", NULL};
static const char *const statuses[] = {"planned", "open", "closed", "merged", NULL};
static const char *const levels[] = {"elementary", "middle", "high", "k8", "k12", "other", NULL};

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST),
     .use = FIELD_SORTS},
    {.json = JSON_FIELD("kind", FIELD_ENUM, FIELD_REQUIRED, .values = kinds), .use = FIELD_FILTERS},
    {.json = JSON_FIELD("status", FIELD_ENUM, 0, .values = statuses),
     .use = FIELD_FILTERS,
     .create_default = "'open'"},
    {.json = JSON_FIELD("closes_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The first day on which it is closed, or will be."),
     .sql = "SELECT c.on_date FROM site_closing c WHERE c.district_id = t.district_id "
            "AND c.site_id = t.id AND c.status IN ('planned', 'done')"},
    {.json =
         JSON_FIELD("merged_into", FIELD_UUID, FIELD_NULLABLE,
                    .doc = "The site that went on, with status merged; the old id answers still."),
     .ref = &res_site},
    REFERENCE("network_id", network, FIELD_NULLABLE),
    {.json = JSON_FIELD("local_id", FIELD_TEXT, FIELD_NULLABLE, .min = 1, .max = LINE_LONGEST,
                        .doc = "The district's own number of it, as text."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("state_id", FIELD_TEXT, FIELD_NULLABLE, .min = 1, .max = LINE_LONGEST),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("nces_id", FIELD_TEXT, FIELD_NULLABLE, .min = 12, .max = 12,
                        .doc = "NCES school id: 12 digits, leading zeros kept."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("level", FIELD_ENUM, FIELD_NULLABLE, .values = levels),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("grade_low", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST)},
    {.json = JSON_FIELD("grade_high", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST)},
    ADDRESS_FIELDS,
    {.json = JSON_FIELD("zone", FIELD_ZONE, FIELD_NULLABLE,
                        .doc = "IANA time zone where it is not the district's.")},
    {.json = JSON_FIELD("website", FIELD_URL, FIELD_NULLABLE)},
    {.json = JSON_FIELD("phone", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST)},
    {.json = JSON_FIELD("email", FIELD_EMAIL, FIELD_NULLABLE)},
    {.json = JSON_FIELD("title_i", FIELD_BOOL, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Has Title I funding: as the last of its school years says.")},
};

static const struct resource_many many[] = {
    {"program_sites", &res_program_site, "site_id"},
    {"posts", &res_post, "site_id"},
    {"site_visions", &res_site_vision, "site_id"},
    {"site_years", &res_site_year, "site_id"},
    {"taggings", &res_tagging, "site_id"},
    {"custom_values", &res_custom_value, "site_id"},
    {NULL},
};

#define INTO(flags, sentence) JSON_FIELD("into_site_id", FIELD_UUID, flags, .doc = (sentence))
#define ON_DATE                                       \
    JSON_FIELD("on_date", FIELD_DATE, FIELD_NULLABLE, \
               .doc = "The first day on which it is closed; null: today.")
#define WHY JSON_FIELD("reason", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)
static const struct json_field close_fields[] = {
    ON_DATE, INTO(FIELD_NULLABLE, "The site that takes over what goes on there; null: it ends."),
    WHY};
static const struct json_field merge_fields[] = {
    INTO(FIELD_REQUIRED, "The site that goes on as both."), ON_DATE, WHY};
static const struct resource_action actions[] = {
    {.verb = "close",
     .summary = "Close one site, from a day on",
     .roles = ROLES_PROGRAM,
     ACTION_FIELDS(close_fields)},
    {.verb = "merge",
     .summary = "Let one site go on in another",
     .roles = ROLES_PROGRAM,
     ACTION_FIELDS(merge_fields)},
};

struct resource res_site = {
    .name = "site",
    .plural = "sites",
    .doc = "Schools, and departments that partners work with. kind, status, network_id and the ids "
           "change by a grant over the whole district or the site's network.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_SITE("id"),
    .searched = "'{site}'",
    .default_sort = "name",
    .has_saved_filters = true,
    .import_key = "local_id|state_id|nces_id|~name",
    RESOURCE_ROWS(fields),
    .many = many,
    RESOURCE_ACTIONS(actions),
    .changes_by_day = true,
};
