/* What was agreed to do, by whom and until when. */
#include "action.h"
#include "resources.h"

static const char *const statuses[] = {"open", "done", NULL};

static const struct resource_field fields[] = {
    REFERENCE("partnership_id", partnership, FIELD_NULLABLE,
              .doc = "What it is about: a partnership,"),
    REFERENCE("site_id", site, FIELD_NULLABLE, .doc = "a site,"),
    REFERENCE("need_id", need, FIELD_NULLABLE, .doc = "a need,"),
    REFERENCE("partner_id", partner, FIELD_NULLABLE,
              .doc = "or a partner; one of them, or none: it stands alone."),
    REFERENCE("convening_id", convening, FIELD_NULLABLE,
              .doc = "Where it was agreed, of what is about no partnership."),
    REFERENCE("check_in_id", check_in, FIELD_NULLABLE, .doc = "Where it was agreed."),
    REFERENCE("partnership_review_id", partnership_review, FIELD_READ_ONLY | FIELD_NULLABLE,
              .doc = "The review that decided it."),
    {.json =
         JSON_FIELD("description", FIELD_LONG_TEXT, FIELD_REQUIRED, .min = 1, .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses),
     .use = FIELD_FILTERS},
    SERVING("owner_user_id", FIELD_NULLABLE, .doc = "Who does it, at the district."),
    REFERENCE("owner_contact_id", contact, FIELD_NULLABLE, .doc = "Who does it, at the partner."),
    {.json = JSON_FIELD("due_on", FIELD_DATE, FIELD_NULLABLE), .use = FIELD_RANGES},
    {.json = JSON_FIELD("done_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
};

static const struct resource_action actions[] = {
    {.verb = "complete", .summary = "Say that one action item is done"},
    {.verb = "reopen", .summary = "Say that one action item is not done"},
};

struct resource res_action_item = {
    .name = "action_item",
    .plural = "action_items",
    .whose = "owner_user_id names",
    .doc = "What was agreed to do, by whom and until when.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_SUBJECT("partnership,site,need,convening,partner"),
    RESOURCE_ROWS(fields),
    RESOURCE_TRANSITIONS(actions),
};
