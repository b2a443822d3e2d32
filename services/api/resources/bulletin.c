/* Bulletins: open needs, told to a segment of contacts who asked for them. */
#include "action.h"
#include "resources.h"

#define STALE_DAYS_MOST 30
#define TEXTS_MOST      20

static const char *const statuses[] = {"draft", "scheduled", "sent", "cancelled", NULL};

static const struct json_field text_fields[] = {
    JSON_FIELD("locale", FIELD_LOCALE, FIELD_REQUIRED),
    JSON_FIELD("subject", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = LINE_LONGEST),
    JSON_FIELD("introduction", FIELD_LONG_TEXT, FIELD_REQUIRED, .min = 1, .max = 4000),
};
static const struct json_table text_table = JSON_TABLE("bulletin_text", text_fields);
static const struct json_field text_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &text_table);

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST,
                        .doc = "For the office.")},
    REFERENCE("saved_filter_id", saved_filter, FIELD_REQUIRED, .doc = "Of contacts: the segment."),
    {.json =
         JSON_FIELD("focus_area_id", FIELD_UUID, FIELD_NULLABLE, .doc = "Needs of this one alone."),
     .ref = &res_focus_area},
    {.json = JSON_FIELD("site_id", FIELD_UUID, FIELD_NULLABLE, .doc = "Needs of this one alone."),
     .ref = &res_site},
    {.json = JSON_FIELD("texts", FIELD_LIST, FIELD_REQUIRED, .item = &text_item, .min = 1,
                        .max = TEXTS_MOST,
                        .doc = "Subject and introduction by language; whose language is not among "
                               "them gets the first.")},
    {.json = JSON_FIELD("stale_days", FIELD_INT, 0, .min = 1, .max = STALE_DAYS_MOST,
                        .doc = "So many days after its day it does not go any more."),
     .create_default = "7"},
    {.json = JSON_FIELD("send_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE),
     .use = FIELD_RANGES},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("status_reason", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("sent_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("queued", FIELD_INT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "To how many it goes.")},
    {.json = JSON_FIELD("suppressed", FIELD_INT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "To how many not; the messages say why.")},
    {.json = JSON_FIELD("scheduled_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE),
     .ref = &res_user},
};

static const struct json_field schedule_fields[] = {
    JSON_FIELD("send_on", FIELD_DATE, FIELD_REQUIRED,
               .doc = "The day; it goes at the district's mail hour."),
};
static const struct json_field reason_fields[] = {REASON_FIELD};

static const struct resource_action actions[] = {
    {.verb = "schedule",
     .summary = "Schedule one bulletin for a day",
     ACTION_FIELDS(schedule_fields)},
    {.verb = "send", .summary = "Send one bulletin now"},
    {.verb = "revise", .summary = "Draft one bulletin again that was scheduled"},
    {.verb = "cancel", .summary = "Cancel one bulletin", ACTION_FIELDS(reason_fields)},
};

struct resource res_bulletin = {
    .name = "bulletin",
    .plural = "bulletins",
    .doc = "Open needs, told to a segment of contacts who asked for them.",
    .readers = ROLES_STAFF,
    .writers = ROLES_MAIL,
    .scope = {.kind = SCOPE_DISTRICT},
    RESOURCE_ROWS(fields),
    RESOURCE_TRANSITIONS(actions),
    .missing = "bulletin_missing(t.id, v.action)",
};
