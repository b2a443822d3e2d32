/* Convenings: where the partners of a school, a network or the district come together. */
#include "action.h"
#include "resources.h"

#define CAPACITY_MOST 100000
#define DAYS_MOST     60
#define PEOPLE_MOST   1000

static const char *const kinds[] = {"start", "middle", "end", "other", NULL};
static const char *const statuses[] = {"planned", "invited", "held", "closed", "cancelled", NULL};

#define COUNT(name, sentence, condition)                                                          \
    {                                                                                             \
        .json = JSON_FIELD((name), FIELD_INT, FIELD_READ_ONLY, .doc = (sentence)),                \
        .sql = "SELECT count(*) FROM convening_invitee i WHERE i.district_id = "                  \
               "t.district_id AND i.convening_id = t.id AND i.archived_at IS NULL AND " condition \
    }

static const struct resource_field fields[] = {
    SCHOOL_YEAR_FIELD(FIELD_REQUIRED | FIELD_CREATE_ONLY, FIELD_FILTERS),
    REFERENCE("network_id", network, FIELD_NULLABLE | FIELD_CREATE_ONLY,
              .doc = "Whose it is: a network's,"),
    REFERENCE("site_id", site, FIELD_NULLABLE | FIELD_CREATE_ONLY,
              .doc = "or a site's; without both, the district's."),
    {.json = JSON_FIELD("kind", FIELD_ENUM, FIELD_REQUIRED | FIELD_CREATE_ONLY, .values = kinds,
                        .doc = "start: meet and greet with the principal; middle: all hands; end: "
                               "celebration. One of each a place and year; of others, any."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("title", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST)},
    {.json = JSON_FIELD("starts_at", FIELD_INSTANT, FIELD_REQUIRED,
                        .doc = "Moved while it is to come, it takes its end along, and who was "
                               "invited is told."),
     .use = FIELD_RANGES | FIELD_SORTS},
    {.json = JSON_FIELD("ends_at", FIELD_INSTANT, FIELD_REQUIRED)},
    {.json = JSON_FIELD("zone", FIELD_TEXT, FIELD_READ_ONLY, .doc = "Of the place's clocks."),
     .sql = "zone_of_site(t.site_id)"},
    {.json = JSON_FIELD("moved_from", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "When it was to start before it was moved last.")},
    {.json = JSON_FIELD("location", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST)},
    {.json = JSON_FIELD("online_url", FIELD_URL, FIELD_NULLABLE)},
    {.json = JSON_FIELD("capacity", FIELD_INT, FIELD_NULLABLE, .min = 1, .max = CAPACITY_MOST,
                        .doc = "Seats; null: as many as come. Who accepts when none is left "
                               "waits for one.")},
    {.json = JSON_FIELD("reminder_days", FIELD_INT, 0, .min = 0, .max = DAYS_MOST,
                        .doc = "How long before people are reminded; 0: they are not."),
     .create_default = "3"},
    SERVING("host_id", FIELD_NULLABLE,
            .doc = "Who sees to it; null: who answers for partnerships there."),
    REFERENCE("convening_template_id", convening_template, FIELD_READ_ONLY | FIELD_NULLABLE,
              .doc = "From which it was planned."),
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("status_reason", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Why it was cancelled.")},
    {.json = JSON_FIELD("notes", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("held_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("closed_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("sequence", FIELD_INT, FIELD_READ_ONLY, .doc = "Of the invitation.")},
    COUNT("invited", "How many people.", "NOT i.is_walk_in"),
    COUNT("accepted", "Of them.", "i.status = 'accepted'"),
    COUNT("waitlisted", "Who accepted when no seat was left.", "i.status = 'waitlisted'"),
    COUNT("attended", "Who came, walk-ins too.", "i.attended"),
    {.json = JSON_FIELD("seats_taken", FIELD_INT, FIELD_READ_ONLY, .doc = "With guests."),
     .sql =
         "(SELECT coalesce(sum(1 + i.guests), 0)::bigint FROM convening_invitee i"
         " WHERE i.district_id = t.district_id AND i.convening_id = t.id AND i.status = 'accepted'"
         " AND i.archived_at IS NULL)"},
};

static const struct resource_many many[] = {
    {"agenda_items", &res_agenda_item, "convening_id"},
    {"convening_invitees", &res_convening_invitee, "convening_id"},
    {"convening_decisions", &res_convening_decision, "convening_id"},
    {NULL},
};

static const struct json_field invitee_item = JSON_FIELD(NULL, FIELD_UUID);
static const struct json_field attend_fields[] = {
    JSON_FIELD("present", FIELD_LIST, FIELD_UNIQUE, .item = &invitee_item, .max = PEOPLE_MOST,
               .doc = "Invitees who came."),
    JSON_FIELD("absent", FIELD_LIST, FIELD_UNIQUE, .item = &invitee_item, .max = PEOPLE_MOST),
};
static const struct json_field reason_fields[] = {REASON_FIELD};
static const struct resource_action actions[] = {
    {.verb = "refresh", .summary = "Fill the agenda of one convening with what is so today"},
    {.verb = "invite", .summary = "Invite whom one convening is for, and who was added since"},
    {.verb = "attend",
     .summary = "Write down who came to one convening",
     ACTION_FIELDS(attend_fields)},
    {.verb = "hold", .summary = "Say that one convening was held, whose agenda is frozen by it"},
    {.verb = "apply", .summary = "Write back all that one convening decided"},
    {.verb = "introduce",
     .summary = "Keep first meetings of partners and sites at one convening as introductions"},
    {.verb = "close", .summary = "Close one convening, if nothing is missing"},
    {.verb = "reopen", .summary = "Open one closed convening again"},
    {.verb = "cancel", .summary = "Cancel one convening", ACTION_FIELDS(reason_fields)},
};

struct resource res_convening = {
    .name = "convening",
    .plural = "convenings",
    .doc = "Where the partners of a school, a network or the district come together.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PLACE("site_id"),
    .whose = "host_id names, or answers for partnerships there",
    .default_sort = "starts_at",
    RESOURCE_ROWS(fields),
    .many = many,
    RESOURCE_TRANSITIONS(actions),
    .missing = "convening_missing(t.id, v.action)",
    .changes_by_day = true,
};
