/* Grants: who may do what, where, and on which days. What is granted never changes; only when. */
#include "resources.h"

static const char *const roles[] = {
    "admin",         "director",     "executive", "coordinator", "reviewer",
    "school_leader", "data_steward", "viewer",    "partner",     NULL};
static const char *const scope_kinds[] = {"district", "network", "site", "partner", NULL};

static const struct resource_field fields[] = {
    REFERENCE("user_id", user, FIELD_REQUIRED | FIELD_CREATE_ONLY),
    {.json = JSON_FIELD("role", FIELD_ENUM, FIELD_REQUIRED | FIELD_CREATE_ONLY, .values = roles),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("scope_kind", FIELD_ENUM, FIELD_CREATE_ONLY, .values = scope_kinds,
                        .doc = "admin, executive and data_steward: the district alone; partner: of "
                               "the role partner alone."),
     .use = FIELD_FILTERS,
     .create_default = "'district'"},
    {.json = JSON_FIELD("scope_id", FIELD_UUID, FIELD_NULLABLE | FIELD_CREATE_ONLY,
                        .doc = "Of a network, site or partner, as scope_kind says."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("from_date", FIELD_DATE, .doc = "Its first day; usually today."),
     .use = FIELD_RANGES | FIELD_SORTS,
     .create_default =
         "(SELECT (current_setting('kith.now')::timestamptz AT TIME ZONE d.zone)::date "
         "FROM district d WHERE d.id = current_setting('kith.district')::uuid)"},
    {.json = JSON_FIELD("until_date", FIELD_DATE, FIELD_NULLABLE,
                        .doc = "The last day on which it holds.")},
};

struct resource res_grant = {
    .name = "grant",
    .table = "user_grant",
    .plural = "grants",
    .doc = "Who may do what, where, and on which days: for writes at once, for reads within five "
           "seconds.",
    .readers = ROLES_ADMIN,
    .writers = ROLES_ADMIN,
    .scope = {.kind = SCOPE_ADMIN},
    RESOURCE_ROWS(fields),
};
