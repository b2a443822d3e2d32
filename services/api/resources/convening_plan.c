/* Plans of convenings: of one template for many places at once, looked at before they are made. */
#include "action.h"
#include "resources.h"

#define SITES_MOST 1000

static const char *const statuses[] = {"draft", "committed", NULL};
static const struct json_field site_item = JSON_FIELD(NULL, FIELD_TEXT, .max = 36);

static const struct resource_field fields[] = {
    REFERENCE("convening_template_id", convening_template, FIELD_REQUIRED | FIELD_CREATE_ONLY),
    SCHOOL_YEAR_FIELD(FIELD_REQUIRED | FIELD_CREATE_ONLY, FIELD_FILTERS),
    REFERENCE("network_id", network, FIELD_NULLABLE | FIELD_CREATE_ONLY,
              .doc = "This network or its sites alone."),
    {.json =
         JSON_FIELD("site_ids", FIELD_LIST, FIELD_UNIQUE | FIELD_CREATE_ONLY, .item = &site_item,
                    .max = SITES_MOST, .doc = "These sites alone; none: all that are open."),
     .create_default = "'{}'"},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("made", FIELD_INT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "How many convenings it made; what was there it left alone.")},
    {.json = JSON_FIELD("committed_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("committed_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE),
     .ref = &res_user},
};

static const struct resource_action actions[] = {
    {.verb = "commit", .summary = "Make the convenings of one plan that are not there"},
};

struct resource res_convening_plan = {
    .name = "convening_plan",
    .plural = "convening_plans",
    .doc = "Convenings planned for many places at once.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = {.kind = SCOPE_ANY},
    RESOURCE_ROWS(fields),
    RESOURCE_TRANSITIONS(actions),
};
