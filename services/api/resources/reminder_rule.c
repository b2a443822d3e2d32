/* Reminder rules: when, whom and how reminders of check-ins go, from a day on. */
#include "resources.h"

#define REMINDERS_MOST 10
#define DAYS_MOST      90

static const char *const recipients[] = {"leads", "co_leads", "coordinators", NULL};
static const char *const languages[] = {"person", "district", "fixed", NULL};
static const struct json_field day_item =
    JSON_FIELD(NULL, FIELD_INT, .min = -DAYS_MOST, .max = DAYS_MOST);

#define AS_BEFORE " Left out: as in the rule whose place it takes."

static const struct resource_field fields[] = {
    REFERENCE("partnership_id", partnership, FIELD_NULLABLE,
              .doc = "Whose rule it is, in the place of its district's; null: the district's."),
    {.json = JSON_FIELD("effective_from", FIELD_DATE, FIELD_REQUIRED,
                        .doc = "The first day that it decides, one to come. What is to be reminded "
                               "of on a day before it, another rule decides."),
     .use = FIELD_RANGES | FIELD_SORTS},
    {.json = JSON_FIELD("follows_district", FIELD_BOOL,
                        .doc = "From then on the partnership has the district's rule again."),
     .create_default = "false"},
    {.json = JSON_FIELD("reminder_days", FIELD_LIST, FIELD_UNIQUE, .item = &day_item,
                        .max = REMINDERS_MOST,
                        .doc = "When it reminds: days after a check-in is due, before it where "
                               "negative; none: never." AS_BEFORE)},
    {.json = JSON_FIELD("recipients", FIELD_ENUM, .values = recipients,
                        .doc = "Whom of a side, by their role in the partnership: leads; co_leads, "
                               "the same and co-leads; coordinators, and coordinators too. All of "
                               "them stop when their side has answered." AS_BEFORE)},
    {.json = JSON_FIELD("language", FIELD_ENUM, .values = languages,
                        .doc = "Of its mails: each person's own, the district's, or the one that "
                               "locale names. A mail that tells of several things is in another "
                               "than its person's only where all of them are." AS_BEFORE)},
    {.json = JSON_FIELD("locale", FIELD_LOCALE, FIELD_NULLABLE,
                        .doc = "Where language is fixed: one of the district's locales.")},
    {.json = JSON_FIELD("escalates", FIELD_BOOL,
                        .doc = "Whether what the district's side has not done goes on to the "
                               "supervisor of its lead's post, and then to the network's lead; "
                               "never to anybody of the partner." AS_BEFORE)},
    {.json = JSON_FIELD("escalation_days", FIELD_INT, .min = 1, .max = DAYS_MOST,
                        .doc = "Days after the due date before which nothing goes on: with the "
                               "first of reminder_days from then on to the one, with the next to "
                               "the other." AS_BEFORE)},
};

struct resource res_reminder_rule = {
    .name = "reminder_rule",
    .plural = "reminder_rules",
    .doc = "When, whom and how reminders of check-ins go, from a day on, for the district or one "
           "partnership. What is in force stays as it is: another one takes its place; one of days "
           "to come may be taken back.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .operations = RESOURCE_READ | RESOURCE_CREATE | RESOURCE_ARCHIVE,
    .scope = SCOPE_OF_PARENT("partnership_id", "partnership"),
    .default_sort = "effective_from",
    RESOURCE_ROWS(fields),
};
