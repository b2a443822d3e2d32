/* The district itself: one for each tenant, made by the operator. */
#include "resources.h"

static const struct json_field locale_item = JSON_FIELD(NULL, FIELD_LOCALE);

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
    {.json = JSON_FIELD("mail_from_name", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST)},
    {.json = JSON_FIELD("reply_to", FIELD_EMAIL, FIELD_NULLABLE,
                        .doc = "A person of the district who reads replies.")},
    {.json = JSON_FIELD("website", FIELD_URL, FIELD_NULLABLE)},
    {.json = JSON_FIELD("phone", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST)},
    ADDRESS_FIELDS,
};

struct resource res_district = {
    .name = "district",
    .plural = "districts",
    .doc = "The district itself, made by the operator: each principal sees its own.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_ADMIN,
    .scope = {.kind = SCOPE_DISTRICT},
    .default_sort = "created_at",
    .fields = fields,
    .field_count = COUNT_OF(fields),
};
