/* Programs: what a partner offers as a course of its own, wherever it runs. */
#include "resources/program.h"

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST),
     .use = FIELD_SORTS},
    REFERENCE("partner_id", partner, FIELD_REQUIRED),
    {.json = JSON_FIELD("description", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
    REFERENCE("focus_area_id", focus_area, FIELD_NULLABLE),
    PROGRAM_COURSE_FIELDS,
    PROGRAM_DOSAGE_FIELDS,
    {.json =
         JSON_FIELD("evidence_tier", FIELD_INT, FIELD_NULLABLE, .min = 1, .max = 4,
                    .doc = "As ESSA counts: 1 strong, 2 moderate, 3 promising, 4 has a rationale."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("evidence_citation", FIELD_TEXT, FIELD_NULLABLE, .min = 1,
                        .max = TEXT_LONGEST, .doc = "The study; needed with the tiers 1 to 3.")},
    PROGRAM_STATUS_FIELD,
};

static const struct resource_many many[] = {
    {"program_sites", &res_program_site, "program_id"},
    {NULL},
};

struct resource res_program = {
    .name = "program",
    .plural = "programs",
    .doc = "What a partner offers as a course of its own, wherever it runs.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PARENT("partner_id", "partner"),
    .searched = "'{program}'",
    .default_sort = "name",
    .import_key = "partner_id,~name",
    RESOURCE_ROWS(fields),
    .many = many,
};
