/* Placements: who of a partner has a post at a site, and who pays for it. */
#include "action.h"
#include "resources.h"

#define COST_CENTS_MOST 1000000000

static const char *const funders[] = {"district", "partner", "other", NULL};

static const struct resource_field fields[] = {
    REFERENCE("partnership_id", partnership, FIELD_REQUIRED),
    REFERENCE("site_id", site, FIELD_REQUIRED),
    {.json = JSON_FIELD("title", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST,
                        .doc = "Of the post.")},
    REFERENCE("contact_id", contact, FIELD_NULLABLE, .doc = "Who has it; null: nobody yet."),
    {.json = JSON_FIELD("fte", FIELD_DECIMAL, FIELD_REQUIRED, .min = 0, .max = 1, .precision = 4,
                        .scale = 3, .doc = "How much of a full post it is.")},
    {.json = JSON_FIELD("funder", FIELD_ENUM, FIELD_REQUIRED, .values = funders),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("funder_name", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST,
                        .doc = "Of another funder.")},
    {.json = JSON_FIELD("annual_cost_cents", FIELD_INT, FIELD_NULLABLE, .min = 0,
                        .max = COST_CENTS_MOST, .doc = "Of a full post, in cents.")},
    SERVING("supervisor_id", FIELD_NULLABLE, .doc = "The user who supervises it at the site."),
    {.json = JSON_FIELD("from_date", FIELD_DATE, FIELD_REQUIRED)},
    {.json = JSON_FIELD("until_date", FIELD_DATE, FIELD_NULLABLE, .doc = "The last day of it.")},
    {.json = JSON_FIELD("feeds_from", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Investments come of it from this day on; null: from its first. "
                               "What somebody entered by hand stays.")},
    {.json = JSON_FIELD(
         "clearance_attested_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE,
         .doc = "When it was attested that the district's clearance was met; never what it found."),
     .use = FIELD_RANGES},
    {.json = JSON_FIELD("clearance_until", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The last day on which that holds; null: as long as the post."),
     .use = FIELD_RANGES},
    {.json =
         JSON_FIELD("is_cleared", FIELD_BOOL, FIELD_READ_ONLY, .doc = "Whether it holds today."),
     .sql = "(t.clearance_attested_on IS NOT NULL"
            " AND coalesce(t.clearance_until, 'infinity') >= district_today())"},
    {.json = JSON_FIELD("clearance_attested_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The user who did.")},
};

static const struct json_field attest_fields[] = {
    JSON_FIELD("until", FIELD_DATE, FIELD_NULLABLE, .doc = "The last day on which it holds."),
};

static const struct json_field invest_fields[] = {
    JSON_FIELD("from_date", FIELD_DATE, FIELD_REQUIRED),
    JSON_FIELD("until_date", FIELD_DATE, FIELD_REQUIRED, .doc = "The last day that it is for."),
};

static const struct resource_action actions[] = {
    {.verb = "attest",
     .summary = "Attest that the clearance for one placement was met",
     ACTION_FIELDS(attest_fields)},
    {.verb = "invest",
     .summary =
         "Enter what one placement is worth in a span of days as an investment; what neither "
         "side pays as a grant from outside",
     ACTION_FIELDS(invest_fields)},
};

struct resource res_placement = {
    .name = "placement",
    .plural = "placements",
    .doc = "Posts of a partnership at a site: whose, how much of them, and who pays.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PARENT("partnership_id", "partnership"),
    .whose = "supervisor_id names",
    .changes_by_day = true,
    .import_key = "partnership_id,site_id,~title,contact_id?",
    RESOURCE_ROWS(fields),
    RESOURCE_ACTIONS(actions),
};
