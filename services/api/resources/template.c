/* Texts to begin with: of agreements, visions, messages, thank-yous. */
#include "resources.h"

#define TEMPLATE_LONGEST 20000

static const char *const kinds[] = {"agreement", "vision", "message", "thank_you", "introduction",
                                    "story",     "report", "other",   NULL};

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("kind", FIELD_ENUM, FIELD_REQUIRED, .values = kinds), .use = FIELD_FILTERS},
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST),
     .use = FIELD_SORTS},
    {.json = JSON_FIELD("locale", FIELD_LOCALE, 0), .create_default = "'en'"},
    {.json = JSON_FIELD("subject", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST)},
    {.json = JSON_FIELD("text", FIELD_LONG_TEXT, FIELD_REQUIRED, .min = 1, .max = TEMPLATE_LONGEST,
                        .doc = "With words that are filled in, like {{partner.name}}: "
                               "district.name, district.phone, district.website, me.email, "
                               "me.name, partner.name, partner.website, partnership.ends_on, "
                               "partnership.name, partnership.purpose, partnership.starts_on, "
                               "partnership.vision, site.name, site.phone, today; of a thank-you "
                               "also about, contact.name, gift.title, milestone.name, need.title, "
                               "{{school_year}}. Any other is refused.")},
};

struct resource res_template = {
    .name = "template",
    .plural = "templates",
    .doc = "Texts to begin with: of agreements, visions, messages, thank-yous.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_PROGRAM,
    .scope = {.kind = SCOPE_DISTRICT},
    .default_sort = "name",
    RESOURCE_ROWS(fields),
};
