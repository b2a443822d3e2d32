/* What a convening decides, until it is written back to what it is about. */
#include "action.h"
#include "resources.h"

static const char *const kinds[] = {"action", "site_plan", "goal", "partnership_change",
                                    "other",  NULL};
static const char *const sections[] = {"objectives", "activities", "logistics", NULL};
static const char *const changes[] = {"leadership", "process",    "community_need",
                                      "lesson",     "adjustment", NULL};
static const char *const statuses[] = {"open", "applied", "dropped", NULL};

static const struct resource_field fields[] = {
    REFERENCE("convening_id", convening, FIELD_REQUIRED | FIELD_CREATE_ONLY),
    {.json = JSON_FIELD("agenda_item_id", FIELD_UUID, FIELD_NULLABLE,
                        .doc = "At which item it was decided."),
     .ref = &res_agenda_item},
    {.json = JSON_FIELD("kind", FIELD_ENUM, FIELD_REQUIRED, .values = kinds,
                        .doc = "What it becomes when it is applied; other: an action item if "
                               "somebody owns it or it has a day, else nothing."),
     .use = FIELD_FILTERS},
    {.json =
         JSON_FIELD("decision", FIELD_LONG_TEXT, FIELD_REQUIRED, .min = 1, .max = TEXT_LONGEST)},
    REFERENCE("partnership_id", partnership, FIELD_NULLABLE,
              .doc = "What it is about; of a goal, a site plan and a change always. It may also "
                     "be about a need, a partner or a site, or stand alone."),
    {.json = JSON_FIELD("goal_id", FIELD_UUID, FIELD_NULLABLE,
                        .doc = "The goal that it is about. Of kind goal: what gets another due_on "
                               "or target; null: a new one."),
     .ref = &res_goal},
    REFERENCE("need_id", need, FIELD_NULLABLE, .doc = "In place of a partnership."),
    REFERENCE("partner_id", partner, FIELD_NULLABLE, .doc = "In place of a partnership."),
    {.json = JSON_FIELD("site_id", FIELD_UUID, FIELD_NULLABLE,
                        .doc = "Of which site; null: the convening's."),
     .ref = &res_site},
    {.json = JSON_FIELD("section", FIELD_ENUM, FIELD_NULLABLE, .values = sections,
                        .doc = "Of the site plan.")},
    {.json = JSON_FIELD("target", FIELD_DECIMAL, FIELD_NULLABLE, .precision = 18, .scale = 6,
                        .doc = "Of the goal.")},
    {.json = JSON_FIELD("change_kind", FIELD_ENUM, FIELD_NULLABLE, .values = changes,
                        .doc = "Of the partnership change.")},
    SERVING("owner_user_id", FIELD_NULLABLE, .doc = "Who sees to it, at the district."),
    {.json = JSON_FIELD("owner_contact_id", FIELD_UUID, FIELD_NULLABLE,
                        .doc = "Who sees to it, at the partner."),
     .ref = &res_contact},
    {.json = JSON_FIELD("due_on", FIELD_DATE, FIELD_NULLABLE), .use = FIELD_RANGES},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("result_kind", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "What it became: action_items, goals …")},
    {.json = JSON_FIELD("result_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("applied_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("applied_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE),
     .ref = &res_user},
};

static const struct resource_action actions[] = {
    {.verb = "apply", .summary = "Write one decision back to what it is about"},
    {.verb = "drop", .summary = "Drop one decision"},
};

struct resource res_convening_decision = {
    .name = "convening_decision",
    .plural = "convening_decisions",
    .doc = "What a convening decides, and what it becomes.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PARENT("convening_id", "convening"),
    .whose = "owner_user_id names",
    RESOURCE_ROWS(fields),
    RESOURCE_TRANSITIONS(actions),
};
