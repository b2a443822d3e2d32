/* What a site adds to a check-in of a partnership with many: one rating, one note. */
#include "resources.h"

static const struct resource_field fields[] = {
    REFERENCE("check_in_id", check_in, FIELD_REQUIRED | FIELD_CREATE_ONLY,
              .doc = "Of a partnership at the site; while it is open."),
    REFERENCE("site_id", site, FIELD_REQUIRED | FIELD_CREATE_ONLY),
    {.json = JSON_FIELD("rating", FIELD_INT, FIELD_NULLABLE, .min = 1, .max = 4,
                        .doc = "How it goes at the site: 4 is best.")},
    {.json = JSON_FIELD("note", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
};

struct resource res_check_in_site = {
    .name = "check_in_site",
    .plural = "check_in_sites",
    .doc = "What each site of a partnership adds to a check-in, beside the half that its lead "
           "fills in.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_SITE("site_id"),
    RESOURCE_ROWS(fields),
};
