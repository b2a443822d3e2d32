/* The programs of a partner's contact's own organization: it says what has changed of them. */
#include "resources/program.h"

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("partner_id", FIELD_UUID, FIELD_READ_ONLY), .use = FIELD_FILTERS},
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_READ_ONLY,
                        .doc = "The district's to say, as its evidence is."),
     .use = FIELD_SORTS},
    {.json = JSON_FIELD("description", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
    PROGRAM_COURSE_FIELDS,
    PROGRAM_STATUS_FIELD,
};

struct resource res_own_program = {
    .name = "own_program",
    .plural = "own_programs",
    .doc = "The programs of the organizations of whoever asks: it says what has changed of them.",
    .readers = ROLES_PARTNER,
    .writers = ROLES_PARTNER,
    .operations = RESOURCE_READ | RESOURCE_PATCH,
    .scope = {.kind = SCOPE_OWN},
    .default_sort = "name",
    RESOURCE_ROWS(fields),
};
