/* Who wrote a school's vision. */
#include "resources.h"

#define PEOPLE_MOST 10000

static const char *const roles[] = {"principal", "staff",     "family", "student",
                                    "partner",   "community", NULL};

static const struct resource_field fields[] = {
    REFERENCE("site_vision_id", site_vision, FIELD_REQUIRED),
    {.json = JSON_FIELD("role", FIELD_ENUM, FIELD_REQUIRED, .values = roles,
                        .doc = "A vision needs families among its authors."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_NULLABLE, .max = NAME_LONGEST,
                        .doc = "Never a student's: students are counted.")},
    {.json = JSON_FIELD("people", FIELD_INT, 0, .min = 1, .max = PEOPLE_MOST,
                        .doc = "How many of them there are."),
     .create_default = "1"},
};

struct resource res_site_vision_author = {
    .name = "site_vision_author",
    .plural = "site_vision_authors",
    .doc = "Who wrote a school's vision.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PARENT("site_vision_id", "site_vision"),
    RESOURCE_ROWS(fields),
};
