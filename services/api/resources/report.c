/* Reports that people keep: what of a dashboard, of when, and to whom it goes by itself. */
#include "resources.h"

static const char *const parts[] = {"summary", "indicators", "trends", "goals",
                                    "equity",  "portfolio",  NULL};
static const char *const rhythms[] = {"week", "month", "quarter", "school_year", NULL};
static const char *const roles[] = {"admin",        "director",      "executive",
                                    "coordinator",  "school_leader", "reviewer",
                                    "data_steward", "viewer",        NULL};

static const struct json_field part_item = JSON_FIELD(NULL, FIELD_ENUM, .values = parts);
static const struct json_field role_item = JSON_FIELD(NULL, FIELD_ENUM, .values = roles);

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST),
     .use = FIELD_SORTS},
    REFERENCE("network_id", network, FIELD_NULLABLE,
              .doc = "What it is of: a network, a site, a partner or a partnership; without any of "
                     "them, the district."),
    REFERENCE("site_id", site, FIELD_NULLABLE),
    REFERENCE("partner_id", partner, FIELD_NULLABLE),
    REFERENCE("partnership_id", partnership, FIELD_NULLABLE),
    {.json = JSON_FIELD("school_year", FIELD_INT, FIELD_NULLABLE, .min = 2000, .max = 2100,
                        .doc = "The year in which it ends; null: that of the day.")},
    {.json = JSON_FIELD("period", FIELD_ENUM, 0, .values = period_kinds,
                        .doc = "Of its figures; month, if left out."),
     .create_default = "'month'"},
    {.json = JSON_FIELD("parts", FIELD_LIST, FIELD_UNIQUE, .item = &part_item, .min = 1, .max = 6,
                        .doc = "Of the dashboard; all, if left out."),
     .create_default = "'{summary,indicators,trends,goals,equity,portfolio}'"},
    REFERENCE("owner_id", user, FIELD_READ_ONLY, .doc = "Who made it."),
    {.json = JSON_FIELD("every", FIELD_ENUM, FIELD_NULLABLE, .values = rhythms,
                        .doc = "How often it goes by itself: on Mondays, on the first of a month, "
                               "on the day after a reporting quarter or a school year, or on the "
                               "next school day. Null: never."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("recipient_roles", FIELD_LIST, FIELD_UNIQUE, .item = &role_item, .min = 1,
                        .max = 8,
                        .doc = "To whom: whoever holds one of these then, over the district or "
                               "over the place that it is of; executives, if left out."),
     .create_default = "'{executive}'"},
    {.json = JSON_FIELD("next_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE),
     .use = FIELD_RANGES},
    {.json = JSON_FIELD("last_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE)},
};

struct resource res_report = {
    .name = "report",
    .plural = "reports",
    .doc = "What of a dashboard people keep, print, and have sent by itself.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_STAFF,
    .scope = {.kind = SCOPE_PERSON, .field = "owner_id"},
    .default_sort = "name",
    RESOURCE_ROWS(fields),
};
