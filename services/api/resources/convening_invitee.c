/* Who is invited to a convening, what they answer, and whether they came. */
#include "action.h"
#include "resources.h"

#define GUESTS_MOST  20
#define NOTE_LONGEST 2000

static const char *const statuses[] = {"invited",    "accepted",  "declined", "tentative",
                                       "waitlisted", "no_answer", NULL};
static const char *const answers[] = {"accepted", "declined", "tentative", NULL};

static const struct resource_field fields[] = {
    REFERENCE("convening_id", convening, FIELD_REQUIRED | FIELD_CREATE_ONLY),
    REFERENCE("contact_id", contact, FIELD_NULLABLE | FIELD_CREATE_ONLY,
              .doc = "Of a partner, or …"),
    REFERENCE("user_id", user, FIELD_NULLABLE | FIELD_CREATE_ONLY, .doc = "… of the district."),
    REFERENCE("partnership_id", partnership, FIELD_NULLABLE | FIELD_CREATE_ONLY,
              .doc = "For which it comes."),
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses,
                        .doc = "waitlisted: accepted, and there was no seat left; no_answer: it "
                               "was held, and nothing was said."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("guests", FIELD_INT, FIELD_CREATE_ONLY, .min = 0, .max = GUESTS_MOST,
                        .doc = "Whom it brings along."),
     .create_default = "0"},
    {.json = JSON_FIELD("note", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = NOTE_LONGEST,
                        .doc = "What it needs, an interpreter for example. For staff."),
     .readers = ROLES_STAFF},
    {.json = JSON_FIELD("answered_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("recorded_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The user who was told the answer; null: its own act."),
     .ref = &res_user},
    {.json = JSON_FIELD("attended", FIELD_BOOL, FIELD_NULLABLE, .doc = "null: nobody has said.")},
    {.json = JSON_FIELD("is_walk_in", FIELD_BOOL, FIELD_CREATE_ONLY, .doc = "It came unasked."),
     .create_default = "false"},
};

static const struct json_field answer_fields[] = {
    JSON_FIELD("answer", FIELD_ENUM, FIELD_REQUIRED, .values = answers),
    JSON_FIELD("guests", FIELD_INT, FIELD_NULLABLE, .min = 0, .max = GUESTS_MOST),
    JSON_FIELD("note", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = NOTE_LONGEST),
};
static const struct resource_action actions[] = {
    {.verb = "answer",
     .summary = "Write down the answer of one invitee, who told it",
     ACTION_FIELDS(answer_fields)},
};

struct resource res_convening_invitee = {
    .name = "convening_invitee",
    .plural = "convening_invitees",
    .doc = "Who is invited to a convening, what they answer, and whether they came.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PARENT("convening_id", "convening"),
    RESOURCE_ROWS(fields),
    RESOURCE_ACTIONS(actions),
};
