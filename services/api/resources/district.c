/* The district itself: one for each tenant, made by the operator. */
#include "action.h"
#include "resources.h"

static const struct json_field locale_item = JSON_FIELD(NULL, FIELD_LOCALE);
static const struct json_field lead_item = JSON_FIELD(NULL, FIELD_INT, .min = 1, .max = 365);

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("slug", FIELD_TEXT, FIELD_READ_ONLY,
                        .doc = "Its part of the host's name, before any sign-in.")},
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST)},
    {.json = JSON_FIELD("zone", FIELD_ZONE, FIELD_REQUIRED, .doc = "IANA time zone.")},
    {.json =
         JSON_FIELD("locale", FIELD_LOCALE, FIELD_REQUIRED,
                    .doc = "Of mails and pages where a person has not chosen; one of locales.")},
    {.json = JSON_FIELD("locales", FIELD_LIST, FIELD_REQUIRED | FIELD_UNIQUE, .item = &locale_item,
                        .min = 1, .max = 100)},
    {.json = JSON_FIELD("small_cell", FIELD_INT, FIELD_REQUIRED, .min = 10, .max = 1000,
                        .doc = "Counts of students below this are suppressed.")},
    {.json = JSON_FIELD("survey_cell", FIELD_INT, FIELD_REQUIRED, .min = 5, .max = 1000,
                        .doc = "Survey results need as many answers.")},
    {.json = JSON_FIELD("text_cell", FIELD_INT, FIELD_REQUIRED, .min = 10, .max = 1000,
                        .doc = "Free text of surveys needs as many answers.")},
    {.json = JSON_FIELD("mail_hour", FIELD_INT, FIELD_REQUIRED, .min = 0, .max = 23,
                        .doc = "The local hour at which mails go.")},
    {.json = JSON_FIELD("mail_until_hour", FIELD_INT, FIELD_REQUIRED, .min = 1, .max = 24,
                        .doc = "The local hour after which what goes by the clock waits for the "
                               "next day of mail; at least an hour after mail_hour.")},
    {.json = JSON_FIELD("mail_weekly_cap", FIELD_INT, FIELD_REQUIRED, .min = 1, .max = 14,
                        .doc = "How many mails of programs and bulletins somebody gets in seven "
                               "days; duties are not counted.")},
    {.json = JSON_FIELD("partner_year_days", FIELD_INT, FIELD_NULLABLE, .min = 0, .max = 180,
                        .doc = "So many days after a school year's end each partner is sent what "
                               "the year came to; null: it is not.")},
    {.json = JSON_FIELD("mail_from_name", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST)},
    {.json = JSON_FIELD("mail_from", FIELD_EMAIL, FIELD_NULLABLE,
                        .doc = "The address that mails are from, where the operator allows its "
                               "domain; else the answers go there that reply_to does not get.")},
    {.json = JSON_FIELD("reply_to", FIELD_EMAIL, FIELD_NULLABLE,
                        .doc = "A person of the district who reads replies.")},
    {.json = JSON_FIELD("website", FIELD_URL, FIELD_NULLABLE)},
    {.json = JSON_FIELD("phone", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST)},
    {.json = JSON_FIELD("accent_color", FIELD_TEXT, FIELD_NULLABLE, .min = 7, .max = 7,
                        .doc = "Of its mails and pages, as in \"#0b5d4e\"; its contrast to white "
                               "and light gray is 4.5:1 at least.")},
    {.json = JSON_FIELD("logo_id", FIELD_UUID, FIELD_NULLABLE,
                        .doc = "On its mails and pages: an attachment of the district itself, a "
                               "PNG or JPEG of 200 KB at most, which everybody may see."),
     .ref = &res_attachment},
    {.json = JSON_FIELD("logo_alt", FIELD_TEXT, FIELD_NULLABLE, .min = 1, .max = LINE_LONGEST,
                        .doc = "What stands where the logo is not shown; its name, if null.")},
    ADDRESS_FIELDS,
    {.json = JSON_FIELD("check_in_opening_days", FIELD_INT, FIELD_REQUIRED, .min = 1, .max = 90,
                        .doc = "Days before its due date at which a check-in opens.")},
    {.json = JSON_FIELD("ask_limit", FIELD_INT, FIELD_REQUIRED, .min = 1, .max = 100,
                        .doc = "Asks of one partner that may wait for an answer at a time.")},
    {.json = JSON_FIELD("ask_owner_days", FIELD_INT, FIELD_REQUIRED, .min = 0, .max = 60,
                        .doc = "Days after which an ask goes that the partner's owner has not "
                               "looked at.")},
    {.json = JSON_FIELD("agreement_grace_days", FIELD_INT, FIELD_REQUIRED, .min = 0, .max = 365,
                        .doc = "Days after which what an agreement lacks pauses its partnership.")},
    {.json = JSON_FIELD("agreement_lead_days", FIELD_LIST, FIELD_REQUIRED | FIELD_UNIQUE,
                        .item = &lead_item, .max = 10,
                        .doc = "Days before an agreement ends at which its leads are told.")},
    {.json = JSON_FIELD("credential_lead_days", FIELD_LIST, FIELD_REQUIRED | FIELD_UNIQUE,
                        .item = &lead_item, .max = 10,
                        .doc = "Days before a credential ends at which its partner is told.")},
    {.json = JSON_FIELD("minimum_enrolled_days", FIELD_INT, FIELD_REQUIRED, .min = 1, .max = 366,
                        .doc = "A student enrolled for less does not count in rates.")},
    {.json = JSON_FIELD("remedy_wait_days", FIELD_INT, FIELD_REQUIRED, .min = 0, .max = 60,
                        .doc = "Days that the present lead of a partner has before needs "
                               "elsewhere are laid before it.")},
    {.json = JSON_FIELD("review_lead_days", FIELD_INT, FIELD_REQUIRED, .min = 0, .max = 365,
                        .doc = "Days before the end of a school year at which the reviews of its "
                               "partnerships fall due; 0: by hand.")},
    {.json = JSON_FIELD("fiscal_month", FIELD_INT, FIELD_REQUIRED, .min = 1, .max = 12,
                        .doc = "The month with which its fiscal year begins, which is named by the "
                               "year in which it ends.")},
    {.json = JSON_FIELD("health_late_minutes", FIELD_INT, FIELD_REQUIRED, .min = 5, .max = 10080,
                        .doc = "Minutes after which a round, an event or a mail is late.")},
    {.json = JSON_FIELD("health_failed_mails", FIELD_INT, FIELD_REQUIRED, .min = 0, .max = 100000,
                        .doc = "Mails of a week that may fail before that is a problem.")},
    {.json = JSON_FIELD("health_data_days", FIELD_INT, FIELD_NULLABLE, .min = 1, .max = 1000,
                        .doc = "Days after which the newest figures are too old; null: never.")},
    {.json = JSON_FIELD("opens_on_holidays", FIELD_BOOL, FIELD_REQUIRED,
                        .doc = "Its schools are open on federal holidays, but for closed days. "
                               "Otherwise these are no school days without being entered.")},
    {.json =
         JSON_FIELD("vets_partners", FIELD_BOOL, FIELD_REQUIRED,
                    .doc = "A partnership is activated when its partners are approved. Otherwise "
                           "one with a partner that nobody has vetted is, too.")},
    {.json =
         JSON_FIELD("sso_only", FIELD_BOOL, FIELD_REQUIRED,
                    .doc = "Whoever has signed in at an active identity provider signs in "
                           "there, and neither by password nor by a mail's link. Administrators "
                           "still do where none of them could otherwise.")},
    {.json = JSON_FIELD("go_live_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Since when mail goes out; null: it is on hold.")},
    {.json = JSON_FIELD("mail_held_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Since when somebody holds the mail; see mail_hold.")},
    {.json = JSON_FIELD("is_synthetic", FIELD_BOOL, FIELD_READ_ONLY,
                        .doc = "Its people and amounts are invented, and pages say so.")},
};

static const struct json_field live_fields[] = {
    JSON_FIELD("preview", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = CODE_LONGEST,
               .doc =
                   "mails.preview of GET /v1/setup: what would go, as it was shown. When that has "
                   "changed meanwhile: 409, with what it is now."),
};
static const struct json_field hold_fields[] = {REASON_FIELD};
static const struct resource_action actions[] = {
    {.verb = "go_live",
     .summary = "Let the mail of one district go out",
     ACTION_FIELDS(live_fields)},
    {.verb = "hold_mail",
     .summary = "Hold the mail of one district, but for that of accounts",
     ACTION_FIELDS(hold_fields)},
    {.verb = "release_mail",
     .summary = "Let the mail of one district go that was on hold; what is stale stays"},
};

struct resource res_district = {
    .name = "district",
    .plural = "districts",
    .doc = "The district itself, made by the operator: each principal sees its own.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_ADMIN,
    .operations = RESOURCE_READ | RESOURCE_PATCH,
    .scope = {.kind = SCOPE_DISTRICT},
    RESOURCE_ROWS(fields),
    RESOURCE_ACTIONS(actions),
};
