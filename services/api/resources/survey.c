/* Surveys: waves of an instrument. Whom they ask follows from the active partnerships. */
#include "action.h"
#include "resources.h"

#define YEAR_FIRST         2000
#define YEAR_LAST          2100
#define HOUR_LAST          23
#define PUBLIC_HOURLY_MOST 100000
#define PUBLIC_TOTAL_MOST  1000000
#define REMINDERS_MOST     5
#define REMINDER_DAY_MOST  60

static const char *const modes[] = {"attributed", "confidential", "anonymous", NULL};
static const char *const audiences[] = {"district", "partner", "family", "student", "staff", NULL};
static const char *const late_joiners[] = {"invite", "leave_out", NULL};
static const struct json_field reminder_day =
    JSON_FIELD(NULL, FIELD_INT, 0, .min = 0, .max = REMINDER_DAY_MOST);
static const char *const statuses[] = {"draft",  "scheduled", "open", "paused",
                                       "closed", "cancelled", NULL};

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST)},
    REFERENCE("instrument_id", instrument, FIELD_REQUIRED),
    {.json = JSON_FIELD(
         "mode", FIELD_ENUM, 0, .values = modes,
         .doc = "attributed: answers stand with their names, and are shown to both "
                "sides; confidential: only figures above the threshold are; anonymous: nobody "
                "can tell whose they are, and they are told at the close."),
     .create_default = "'confidential'"},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("status_reason", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("school_year", FIELD_INT, FIELD_REQUIRED, .min = YEAR_FIRST,
                        .max = YEAR_LAST, .doc = "The year in which it ends."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("opens_on", FIELD_DATE, FIELD_REQUIRED), .use = FIELD_SORTS | FIELD_RANGES},
    {.json = JSON_FIELD("closes_on", FIELD_DATE, FIELD_REQUIRED,
                        .doc = "It closes at 23:59:59 of this day, local time."),
     .use = FIELD_SORTS | FIELD_RANGES},
    {.json = JSON_FIELD("opened_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("closed_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("asks_district", FIELD_BOOL, 0, .doc = "The leads of the district's side."),
     .create_default = "true"},
    {.json = JSON_FIELD("asks_partner", FIELD_BOOL, 0, .doc = "The leads of the partners' side."),
     .create_default = "true"},
    {.json = JSON_FIELD("partner_id", FIELD_UUID, FIELD_NULLABLE,
                        .doc = "Asks about this partner's relationships alone."),
     .ref = &res_partner},
    {.json = JSON_FIELD("site_id", FIELD_UUID, FIELD_NULLABLE,
                        .doc = "Asks about this site's relationships alone."),
     .ref = &res_site},
    {.json = JSON_FIELD("audience", FIELD_ENUM, FIELD_NULLABLE, .values = audiences,
                        .doc = "As whom they answer who are not asked as a side of a "
                               "relationship.")},
    {.json = JSON_FIELD("contact_filter_id", FIELD_UUID, FIELD_NULLABLE,
                        .doc = "A saved filter of contacts: asks these, or of a survey about "
                               "relationships these leads alone."),
     .ref = &res_saved_filter},
    {.json = JSON_FIELD("user_filter_id", FIELD_UUID, FIELD_NULLABLE, .doc = "The same of users."),
     .ref = &res_saved_filter},
    {.json = JSON_FIELD("late_joiners", FIELD_ENUM, 0, .values = late_joiners,
                        .doc = "Who comes to belong to them while it is open."),
     .create_default = "'invite'"},
    {.json = JSON_FIELD("opening_hour", FIELD_INT, FIELD_NULLABLE, .min = 0, .max = HOUR_LAST,
                        .doc = "Of its first day, local; none: the district's hour for mails.")},
    {.json = JSON_FIELD("reminder_days", FIELD_LIST, FIELD_UNIQUE, .item = &reminder_day,
                        .max = REMINDERS_MOST,
                        .doc = "Whoever has not answered is reminded so many days before the last "
                               "one; none: nobody is."),
     .create_default = "'{3,0}'"},
    {.json = JSON_FIELD("is_sensitive", FIELD_BOOL, 0,
                        .doc = "Its questions touch what 20 U.S.C. 1232h protects: mental health, "
                               "income, religion and the like."),
     .create_default = "false"},
    {.json =
         JSON_FIELD("consent_note", FIELD_LONG_TEXT, FIELD_NULLABLE, .min = 1, .max = TEXT_LONGEST,
                    .doc = "How parents were told, or consented: such a survey of students "
                           "does not open without.")},
    {.json = JSON_FIELD("has_public_link", FIELD_BOOL, 0,
                        .doc = "Of an anonymous one about no relationship. Taken away and given "
                               "again, it is another."),
     .create_default = "false"},
    {.json = JSON_FIELD("public_code", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Of its address, /d/{the district's slug}/survey/{public_code}.")},
    {.json = JSON_FIELD("public_hourly", FIELD_INT, 0, .min = 1, .max = PUBLIC_HOURLY_MOST,
                        .doc = "Answers by it in an hour, at most."),
     .create_default = "500"},
    {.json = JSON_FIELD("public_total", FIELD_INT, 0, .min = 1, .max = PUBLIC_TOTAL_MOST,
                        .doc = "And in all."),
     .create_default = "20000"},
    {.json = JSON_FIELD("counted_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "When the answers of an anonymous one were told.")},
    {.json = JSON_FIELD("introduction", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
};

static const struct json_field reason_fields[] = {
    JSON_FIELD("reason", FIELD_LONG_TEXT, FIELD_REQUIRED, .min = 1, .max = TEXT_LONGEST),
};
static const struct json_field reopen_fields[] = {
    JSON_FIELD("reason", FIELD_LONG_TEXT, FIELD_REQUIRED, .min = 1, .max = TEXT_LONGEST),
    JSON_FIELD("closes_on", FIELD_DATE, FIELD_REQUIRED),
};

static const struct resource_action actions[] = {
    {.verb = "schedule", .summary = "Let one survey open on its day"},
    {.verb = "open", .summary = "Open one survey, and invite whom it asks"},
    {.verb = "pause", .summary = "Pause one survey", ACTION_FIELDS(reason_fields)},
    {.verb = "resume", .summary = "Go on with one paused survey"},
    {.verb = "close", .summary = "Close one survey before its day"},
    {.verb = "reopen", .summary = "Open one closed survey again", ACTION_FIELDS(reopen_fields)},
    {.verb = "cancel", .summary = "Cancel one survey", ACTION_FIELDS(reason_fields)},
};

struct resource res_survey = {
    .name = "survey",
    .plural = "surveys",
    .doc = "Waves of an instrument: both sides of each relationship are asked how it is.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_PROGRAM,
    .scope = SCOPE_OF_SITE("site_id"),
    .default_sort = "opens_on",
    RESOURCE_ROWS(fields),
    RESOURCE_TRANSITIONS(actions),
};
