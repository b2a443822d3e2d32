/* Departures: somebody leaves, and hands over what he carries. */
#include "action.h"
#include "resources.h"

static const char *const statuses[] = {"planned", "handed_over", "cancelled", NULL};

static const struct resource_field fields[] = {
    REFERENCE("user_id", user, FIELD_NULLABLE,
              .doc = "Who leaves: a user of the district, or a contact."),
    REFERENCE("contact_id", contact, FIELD_NULLABLE),
    {.json = JSON_FIELD("partner_id", FIELD_UUID, FIELD_NULLABLE,
                        .doc = "The one partner that a contact leaves; null: all work with us."),
     .ref = &res_partner},
    {.json = JSON_FIELD("on_date", FIELD_DATE, FIELD_REQUIRED,
                        .doc = "The first day on which the person is not there any more."),
     .use = FIELD_RANGES | FIELD_SORTS},
    {.json = JSON_FIELD("reason", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("receiver_user_id", FIELD_UUID, FIELD_NULLABLE,
                        .doc = "Who takes over whatever no departure_receiver is named for."),
     .ref = &res_user},
    {.json = JSON_FIELD("receiver_contact_id", FIELD_UUID, FIELD_NULLABLE,
                        .doc = "The same, where a contact leaves."),
     .ref = &res_contact},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("status_reason", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Why it was cancelled.")},
    {.json = JSON_FIELD("problem", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Why its day has come and nothing was handed over.")},
    {.json = JSON_FIELD("handed_over_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
};

static const struct resource_many many[] = {
    {"departure_receivers", &res_departure_receiver, "departure_id"},
    {"introduction_letters", &res_introduction_letter, "departure_id"},
    {NULL},
};

static const struct json_field reason_fields[] = {REASON_FIELD};
static const struct resource_action actions[] = {
    {.verb = "hand_over",
     .summary = "Hand over all that one departure is about: at once, or on its day to come"},
    {.verb = "introduce", .summary = "Send the letters of one departure that are still drafts"},
    {.verb = "cancel", .summary = "Cancel one departure", ACTION_FIELDS(reason_fields)},
};

struct resource res_departure = {
    .name = "departure",
    .plural = "departures",
    .doc = "Somebody leaves, today or on a day to come, and hands over all that he carries.",
    .readers = ROLES_PROGRAM,
    .watchers = ROLES_PROGRAM,
    .writers = ROLES_PROGRAM,
    .scope = {.kind = SCOPE_DISTRICT},
    .default_sort = "on_date",
    RESOURCE_ROWS(fields),
    .many = many,
    RESOURCE_TRANSITIONS(actions),
    .missing = "departure_missing(t.id, v.action)",
};
