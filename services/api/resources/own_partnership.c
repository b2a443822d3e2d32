/* What a partner's contact reads of its organization's partnerships, and acknowledges. */
#include "action.h"
#include "resources.h"

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("partner_id", FIELD_UUID, FIELD_READ_ONLY), .use = FIELD_FILTERS},
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_READ_ONLY), .use = FIELD_SORTS},
    {.json = JSON_FIELD("arrangement", FIELD_TEXT, FIELD_READ_ONLY)},
    {.json = JSON_FIELD("status", FIELD_TEXT, FIELD_READ_ONLY), .use = FIELD_FILTERS},
    {.json =
         JSON_FIELD("lead_site", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE, .doc = "Its name.")},
    {.json = JSON_FIELD("starts_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("ends_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("purpose", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("vision", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("expectations", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("processes", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("desired_outcomes", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD(
         "goals", FIELD_ANY, FIELD_READ_ONLY,
         .doc = "Its own and those that it shares: each goal_id, statement, target, unit, due_on, "
                "progress and partner_at, when this side acknowledged it.")},
    {.json = JSON_FIELD("vision_district_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("vision_partner_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json =
         JSON_FIELD("seal", FIELD_TEXT, FIELD_READ_ONLY,
                    .doc = "Names vision and goals as they stand: who acknowledges them says it.")},
};

static const struct json_field acknowledge_fields[] = {
    JSON_FIELD("seal", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = 64,
               .doc = "Of the representation that was read; of another text it is refused."),
};
static const struct resource_action actions[] = {
    {.verb = "acknowledge",
     .summary =
         "Acknowledge vision and goals of one partnership, as who leads it on the partner's side",
     ACTION_FIELDS(acknowledge_fields)},
};

struct resource res_own_partnership = {
    .name = "own_partnership",
    .plural = "own_partnerships",
    .doc = "The partnerships of whoever asks: those of its own organization.",
    RESOURCE_OWN,
    .default_sort = "name",
    RESOURCE_ROWS(fields),
    RESOURCE_ACTIONS(actions),
    .changes_by_day = true, /* its goals have versions of their own */
};
