/* Check-ins: each quarter both sides of a partnership say, each for itself, how it goes. They are
 * planned, not created; what is done to them are actions. */
#include "action.h"
#include "resources.h"

static const char *const statuses[] = {"scheduled", "open",    "complete",  "closed_partial",
                                       "missed",    "skipped", "cancelled", NULL};
static const char *const sides[] = {"district", "partner", NULL};
static const char *const progresses[] = {"not_started", "on_track", "at_risk", "behind", "met",
                                         "missed",      "no_data",  "dropped", NULL};

#define PROGRESS(name) JSON_FIELD(name, FIELD_ENUM, FIELD_NULLABLE, .values = progresses)
#define CURRENT(name)  JSON_FIELD(name, FIELD_DECIMAL, FIELD_NULLABLE, .precision = 18, .scale = 6)

/* Each goal of which a side that shows says something: side by side, never a mean. */
static const struct json_field compared_fields[] = {
    JSON_FIELD("goal_id", FIELD_UUID),
    PROGRESS("district_progress"),
    CURRENT("district_current"),
    PROGRESS("partner_progress"),
    CURRENT("partner_current"),
    JSON_FIELD("differs", FIELD_BOOL, FIELD_NULLABLE, .doc = "Null: not both sides show."),
};
static const struct json_table compared_table = JSON_TABLE("compared_goal", compared_fields);
static const struct json_field compared_item =
    JSON_FIELD(NULL, FIELD_OBJECT, .table = &compared_table);
#define COMPARED_SQL                                                                         \
    "SELECT coalesce(json_agg(json_build_object('goal_id', g.goal_id, 'district_progress', " \
    "g.ours, 'district_current', g.our_current::text, 'partner_progress', g.theirs, "        \
    "'partner_current', g.their_current::text, 'differs', g.ours <> g.theirs OR "            \
    "CASE WHEN g.ours = g.theirs THEN g.our_current IS DISTINCT FROM g.their_current END) "  \
    "ORDER BY g.goal_id), '[]') FROM (SELECT s.goal_id, "                                    \
    "min(s.progress) FILTER (WHERE s.side = 'district') AS ours, "                           \
    "min(s.current) FILTER (WHERE s.side = 'district') AS our_current, "                     \
    "min(s.progress) FILTER (WHERE s.side = 'partner') AS theirs, "                          \
    "min(s.current) FILTER (WHERE s.side = 'partner') AS their_current "                     \
    "FROM check_in_goal s WHERE s.district_id = t.district_id AND s.check_in_id = t.id "     \
    "AND check_in_shows(t.id, s.side) GROUP BY s.goal_id) g"

static const struct resource_field fields[] = {
    REFERENCE("partnership_id", partnership, FIELD_READ_ONLY),
    {.json =
         JSON_FIELD("school_year", FIELD_INT, FIELD_READ_ONLY, .doc = "The year in which it ends."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("number", FIELD_INT, FIELD_READ_ONLY, .doc = "Of the reporting quarter.")},
    {.json = JSON_FIELD("due_on", FIELD_DATE, FIELD_REQUIRED,
                        .doc = "May be moved; the reminders and the invitation follow."),
     .use = FIELD_RANGES | FIELD_SORTS},
    {.json = JSON_FIELD("opens_on", FIELD_DATE, FIELD_READ_ONLY), .use = FIELD_RANGES},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("reason", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Why it was skipped, cancelled or reopened.")},
    {.json = JSON_FIELD("opened_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("answered_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Since when both halves are in. A week later it completes itself, "
                               "but not before it was due.")},
    {.json = JSON_FIELD("completed_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("closed_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("uid", FIELD_TEXT, FIELD_READ_ONLY, .doc = "Of the invitation.")},
    {.json = JSON_FIELD("sequence", FIELD_INT, FIELD_READ_ONLY, .doc = "Of the invitation.")},
    {.json = JSON_FIELD("missing", FIELD_LIST, FIELD_READ_ONLY,
                        .item = &(const struct json_field)JSON_FIELD(NULL, FIELD_TEXT),
                        .doc = "The halves that are not in: district_half, partner_half."),
     .sql = "to_json(check_in_missing(t.id))"},
    {.json = JSON_FIELD("overdue", FIELD_BOOL, FIELD_READ_ONLY,
                        .doc = "Open, a half is missing, and the due day is over."),
     .sql = "t.status = 'open' AND t.answered_at IS NULL AND t.due_on < "
            "partnership_today(t.partnership_id)"},
    {.json = JSON_FIELD("goals_open", FIELD_INT, FIELD_READ_ONLY,
                        .doc = "Goals of which both sides say different things, and have not "
                               "agreed since."),
     .sql = "(SELECT count(*) FROM check_in_goals_open(t.id))"},
    {.json = JSON_FIELD("disputed", FIELD_BOOL, FIELD_READ_ONLY,
                        .doc = "A side disputes the other's half."),
     .sql = "EXISTS (SELECT FROM check_in_half h WHERE h.district_id = t.district_id AND "
            "h.check_in_id = t.id AND h.verdict = 'disputed')"},
    {.json = JSON_FIELD("goals", FIELD_LIST, FIELD_READ_ONLY, .item = &compared_item,
                        .doc = "Each side's progress, as far as its half shows."),
     .sql = COMPARED_SQL},
};

static const struct resource_many many[] = {
    {"check_in_halves", &res_check_in_half, "check_in_id"},
    {"check_in_goals", &res_check_in_goal, "check_in_id"},
    {"goal_settlements", &res_goal_settlement, "check_in_id"},
    {"check_in_delegates", &res_check_in_delegate, "check_in_id"},
    {"action_items", &res_action_item, "check_in_id"},
    {"reminders", &res_reminder, "check_in_id"},
    {NULL},
};

#define SIDE JSON_FIELD("side", FIELD_ENUM, FIELD_REQUIRED, .values = sides)
#define ON_BEHALF_OF                                       \
    JSON_FIELD("on_behalf_of", FIELD_UUID, FIELD_NULLABLE, \
               .doc = "For the partner's side: the contact whose words these are.")
#define SECTION(name) JSON_FIELD(name, FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)
#define REASON        JSON_FIELD("reason", FIELD_LONG_TEXT, FIELD_REQUIRED, .min = 1, .max = TEXT_LONGEST)

static const struct json_field goal_fields[] = {
    JSON_FIELD("goal_id", FIELD_UUID, FIELD_REQUIRED),
    JSON_FIELD("progress", FIELD_ENUM, FIELD_REQUIRED, .values = progresses),
    CURRENT("current"),
    SECTION("note"),
};
static const struct json_table goal_table = JSON_TABLE("check_in_goal_said", goal_fields);
static const struct json_field goal_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &goal_table);
static const struct json_field save_fields[] = {
    SIDE,
    ON_BEHALF_OF,
    SECTION("goals_set"),
    SECTION("progress_assessed"),
    SECTION("challenges"),
    SECTION("adjustments"),
    JSON_FIELD("goals", FIELD_LIST, .item = &goal_item, .max = 50),
};
static const struct json_field settle_fields[] = {
    JSON_FIELD("goal_id", FIELD_UUID, FIELD_REQUIRED),
    JSON_FIELD("progress", FIELD_ENUM, FIELD_REQUIRED, .values = progresses),
    CURRENT("current"),
    JSON_FIELD("note", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST,
               .doc = "How it was agreed; needed where neither side had said so."),
};
static const struct json_field submit_fields[] = {SIDE};
static const struct json_field confirm_fields[] = {SIDE, ON_BEHALF_OF};
static const struct json_field dispute_fields[] = {SIDE, ON_BEHALF_OF, REASON};
static const struct json_field reason_fields[] = {REASON};
static const struct json_field snooze_fields[] = {
    JSON_FIELD("contact_id", FIELD_UUID, FIELD_NULLABLE,
               .doc = "Who is reminded, of the partner's side;"),
    JSON_FIELD("user_id", FIELD_UUID, FIELD_NULLABLE, .doc = "or of the district's."),
    JSON_FIELD(
        "until_on", FIELD_DATE, FIELD_REQUIRED,
        .doc = "Of the days of mail from then on, the first. What the rules say goes on after it."),
};
static const struct json_field cancel_fields[] = {SECTION("reason")};

static const struct resource_action actions[] = {
    {.verb = "open", .summary = "Open one check-in before its day"},
    {.verb = "save_half",
     .summary = "Write one side's half, as a draft",
     ACTION_FIELDS(save_fields)},
    {.verb = "submit_half", .summary = "Hand in one side's half", ACTION_FIELDS(submit_fields)},
    {.verb = "confirm", .summary = "Confirm the other side's half", ACTION_FIELDS(confirm_fields)},
    {.verb = "dispute", .summary = "Dispute the other side's half", ACTION_FIELDS(dispute_fields)},
    {.verb = "complete", .summary = "Complete one check-in, when both halves are in"},
    {.verb = "close", .summary = "Close one check-in of which a half is missing"},
    {.verb = "settle_goal",
     .summary = "Say what both sides agree on of a goal that they had seen differently",
     ACTION_FIELDS(settle_fields)},
    {.verb = "snooze",
     .summary = "Put off what reminds one person of a check-in",
     ACTION_FIELDS(snooze_fields)},
    {.verb = "skip", .summary = "Skip one check-in", ACTION_FIELDS(reason_fields)},
    {.verb = "cancel", .summary = "Cancel one check-in", ACTION_FIELDS(cancel_fields)},
    {.verb = "reopen", .summary = "Reopen one check-in", ACTION_FIELDS(reason_fields)},
};

struct resource res_check_in = {
    .name = "check_in",
    .plural = "check_ins",
    .doc = "What both sides of a partnership say of it each quarter.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .operations = RESOURCE_READ | RESOURCE_PATCH,
    .scope = SCOPE_OF_PARENT("partnership_id", "partnership"),
    .default_sort = "due_on",
    RESOURCE_ROWS(fields),
    .many = many,
    RESOURCE_TRANSITIONS(actions),
    .missing = "CASE v.action WHEN 'complete' THEN check_in_missing(t.id) END",
};
