/* Who holds a post, from when to when. */
#include "resources.h"

static const struct resource_field fields[] = {
    REFERENCE("post_id", post, FIELD_REQUIRED),
    SERVING("user_id", FIELD_NULLABLE, .doc = "This, or the name."),
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_NULLABLE, .min = 1, .max = NAME_LONGEST,
                        .doc = "Of who is no user; nothing waits for somebody who is not.")},
    {.json = JSON_FIELD("email", FIELD_EMAIL, FIELD_NULLABLE, .doc = "Of who is no user."),
     .readers = ROLES_STAFF},
    {.json = JSON_FIELD("is_acting", FIELD_BOOL, 0,
                        .doc = "In the place of the one who holds it, or of nobody."),
     .create_default = "false"},
    {.json = JSON_FIELD("from_date", FIELD_DATE, FIELD_REQUIRED),
     .use = FIELD_RANGES | FIELD_SORTS},
    {.json = JSON_FIELD("until_date", FIELD_DATE, FIELD_NULLABLE,
                        .doc = "The last day; null: without an end.")},
};

struct resource res_post_holder = {
    .name = "post_holder",
    .plural = "post_holders",
    .doc = "Who holds a post, from when to when.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PARENT("post_id", "post"),
    .default_sort = "from_date",
    RESOURCE_ROWS(fields),
};
