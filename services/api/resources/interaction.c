/* Interactions: what people of the district and of a partner had to do with each other. */
#include "action.h"
#include "resources.h"

static const char *const kinds[] = {"one_to_one",
                                    "community_meeting",
                                    "special_project",
                                    "funding_opportunity",
                                    "call",
                                    "mail",
                                    "visit",
                                    NULL};

static const struct resource_field fields[] = {
    REFERENCE("partner_id", partner, FIELD_REQUIRED),
    REFERENCE("partnership_id", partnership, FIELD_NULLABLE,
              .doc = "Which it was about; of that partner."),
    REFERENCE("site_id", site, FIELD_NULLABLE,
              .doc = "For which site it was; null: the whole district."),
    {.json = JSON_FIELD("kind", FIELD_ENUM, FIELD_REQUIRED, .values = kinds), .use = FIELD_FILTERS},
    {.json = JSON_FIELD(
         "on_date", FIELD_DATE, FIELD_REQUIRED,
         .doc = "Not in the future: it is the partner's last contact, if none is later."),
     .use = FIELD_RANGES | FIELD_SORTS},
    {.json = JSON_FIELD("subject", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST)},
    {.json = JSON_FIELD("notes", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
    REFERENCE("user_id", user, FIELD_NULLABLE, .doc = "Who it was at the district."),
    REFERENCE("contact_id", contact, FIELD_NULLABLE, .doc = "Who it was at the partner."),
    {.json =
         JSON_FIELD("follow_up_on", FIELD_DATE, FIELD_NULLABLE, .doc = "When to come back to it."),
     .use = FIELD_RANGES},
    {.json = JSON_FIELD("followed_up_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "When somebody came back to it; another day for it clears this.")},
    {.json = JSON_FIELD("follow_up_outcome", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
};

static const struct json_field follow_up_fields[] = {
    JSON_FIELD("outcome", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST,
               .doc = "What came of it."),
};
static const struct resource_action actions[] = {
    {.verb = "follow_up",
     .summary = "Say that somebody came back to one interaction",
     ACTION_FIELDS(follow_up_fields)},
};

struct resource res_interaction = {
    .name = "interaction",
    .plural = "interactions",
    .doc = "Meetings, calls, mails and visits between people of the district and of a partner.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_SITE("site_id"),
    .whose = "user_id names, cares for the partner or leads the partnership",
    .default_sort = "on_date",
    .import_key = "partner_id,on_date,kind,~subject",
    RESOURCE_ROWS(fields),
    RESOURCE_ACTIONS(actions),
};
