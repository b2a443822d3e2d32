/* Donees: whom gifts are made to in law. The district is one, its foundation and a school's PTA are
 * others. */
#include "action.h"
#include "resources.h"

static const char *const kinds[] = {"district", "foundation", "pta", "other", NULL};

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST,
                        .doc = "The legal name, as it stands in letters for taxes."),
     .use = FIELD_SORTS},
    {.json = JSON_FIELD("kind", FIELD_ENUM, FIELD_REQUIRED, .values = kinds), .use = FIELD_FILTERS},
    {.json = JSON_FIELD("ein", FIELD_TEXT, FIELD_NULLABLE, .min = 9, .max = 9,
                        .doc = "Employer Identification Number: nine digits."),
     .use = FIELD_FILTERS},
    REFERENCE("site_id", site, FIELD_NULLABLE, .doc = "Of a school's own: the school."),
    {.json = JSON_FIELD("signer", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST,
                        .doc = "Who signs its letters, with the title.")},
    ADDRESS_FIELDS,
};

static const struct json_field summarize_fields[] = {
    JSON_FIELD("year", FIELD_INT, FIELD_REQUIRED, .min = 2000, .max = 2100,
               .doc = "The calendar year, which must be over."),
};
static const struct resource_action actions[] = {
    {.verb = "summarize",
     .summary = "Draft the yearly summaries of all who gave to one donee in a calendar year",
     ACTION_FIELDS(summarize_fields)},
};

struct resource res_donee = {
    .name = "donee",
    .plural = "donees",
    .doc = "Whom gifts are made to in law: the district, a foundation, a PTA.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_PROGRAM,
    .scope = {.kind = SCOPE_DISTRICT},
    .default_sort = "name",
    .import_key = "ein|~name",
    RESOURCE_ROWS(fields),
    RESOURCE_ACTIONS(actions),
};
