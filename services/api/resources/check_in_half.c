/* Halves of check-ins. What one says is hidden from the other side until both are in or the due day
 * is over; they are written by the check-in's actions. */
#include "resources.h"

static const char *const sides[] = {"district", "partner", NULL};
static const char *const statuses[] = {"draft", "submitted", NULL};
static const char *const verdicts[] = {"confirmed", "disputed", NULL};

#define SHOWN(column) "CASE WHEN check_in_shows(t.check_in_id, t.side) THEN t." column " END"
#define SECTION(name)                                                                   \
    {                                                                                   \
        .json = JSON_FIELD(name, FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,     \
                           .max = TEXT_LONGEST,                                         \
                           .doc = "Null to the other side until both halves are in or " \
                                  "the due day is over."),                              \
        .sql = SHOWN(name)                                                              \
    }

static const struct resource_field fields[] = {
    REFERENCE("check_in_id", check_in, FIELD_READ_ONLY),
    {.json = JSON_FIELD("side", FIELD_ENUM, FIELD_READ_ONLY, .values = sides)},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses)},
    SECTION("goals_set"),
    SECTION("progress_assessed"),
    SECTION("challenges"),
    SECTION("adjustments"),
    {.json = JSON_FIELD("shows", FIELD_BOOL, FIELD_READ_ONLY, .doc = "What it says is not hidden."),
     .sql = "check_in_shows(t.check_in_id, t.side)"},
    {.json = JSON_FIELD("recorded_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The user who wrote it."),
     .ref = &res_user},
    {.json = JSON_FIELD("on_behalf_of", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The contact whose words a user recorded."),
     .ref = &res_contact},
    {.json = JSON_FIELD("contact_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The contact who wrote it."),
     .ref = &res_contact},
    {.json = JSON_FIELD("submitted_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("behalf_confirmed_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "When the contact confirmed what was recorded.")},
    {.json = JSON_FIELD("verdict", FIELD_ENUM, FIELD_READ_ONLY | FIELD_NULLABLE, .values = verdicts,
                        .doc = "Of this side about the other half.")},
    {.json = JSON_FIELD("verdict_reason", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE),
     .sql = SHOWN("verdict_reason")},
    {.json = JSON_FIELD("verdict_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
};

struct resource res_check_in_half = {
    .name = "check_in_half",
    .plural = "check_in_halves",
    .doc = "What one side says in a check-in.",
    .readers = ROLES_EVERYBODY,
    .operations = RESOURCE_READ,
    RESOURCE_ROWS(fields),
};
