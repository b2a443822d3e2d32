/* Posts at sites, networks and the district, whoever holds them. */
#include "resources.h"

#define TODAY "district_today()"

static const char *const kinds[] = {
    "superintendent", "network_lead", "principal", "partnership_lead",
    "family_liaison", "other",        NULL};
static const char *const statuses[] = {"held", "acting", "vacant", NULL};

static const struct resource_field fields[] = {
    REFERENCE("site_id", site, FIELD_NULLABLE,
              .doc = "Where it is: this, network_id, or else the district."),
    REFERENCE("network_id", network, FIELD_NULLABLE),
    {.json = JSON_FIELD("kind", FIELD_ENUM, FIELD_REQUIRED, .values = kinds), .use = FIELD_FILTERS},
    {.json = JSON_FIELD("title", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST),
     .use = FIELD_SORTS},
    REFERENCE("reports_to_id", post, FIELD_NULLABLE,
              .doc = "The post above it, to which goes what it has not done."),
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses, .doc = "Today."),
     .sql = "coalesce((SELECT CASE WHEN h.is_acting THEN 'acting' ELSE 'held' END "
            "FROM post_holding(t.id, " TODAY ") h), "
            "(SELECT CASE WHEN g.is_acting THEN 'acting' ELSE 'held' END "
            "FROM post_guest(t.id, " TODAY ") g), 'vacant')"},
    {.json = JSON_FIELD("holder_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The user who holds it today, or acts for the one who does."),
     .sql = "(SELECT h.user_id FROM post_holding(t.id, " TODAY ") h)"},
    {.json = JSON_FIELD("holder_name", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "What that is called, or who holds it today and is no user."),
     .sql = "coalesce((SELECT u.name FROM post_holding(t.id, " TODAY ") h JOIN app_user u "
            "ON u.district_id = t.district_id AND u.id = h.user_id), "
            "(SELECT g.name FROM post_guest(t.id, " TODAY ") g))"},
    {.json = JSON_FIELD("answers_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Who does its work today: while it is vacant the lead of the "
                               "network, or else its supervisor."),
     .sql = "post_answers(t.id, " TODAY ")"},
};

static const struct resource_many many[] = {
    {"post_holders", &res_post_holder, "post_id"},
    {NULL},
};

struct resource res_post = {
    .name = "post",
    .plural = "posts",
    .doc =
        "Posts at sites, networks and the district: principal, partnership lead, family liaison.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PLACE("site_id"),
    .default_sort = "title",
    RESOURCE_ROWS(fields),
    .many = many,
    .changes_by_day = true,
};
