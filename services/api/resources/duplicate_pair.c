/* Pairs of records that may be of one partner, or of one person, and by what. */
#include "resources.h"

static const char *const kinds[] = {"partner", "contact", NULL};
static const char *const reasons[] = {"ein", "email", "name", "website", "address", "phone", NULL};
static const struct json_field reason_item = JSON_FIELD(NULL, FIELD_ENUM, .values = reasons);

#define NAME_OF(id) "(SELECT n.name FROM search_text n WHERE n.id = t." id ")"

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("kind", FIELD_ENUM, FIELD_READ_ONLY, .values = kinds),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("first_id", FIELD_UUID, FIELD_READ_ONLY, .doc = "The older record."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("first_name", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE),
     .sql = NAME_OF("first_id")},
    {.json = JSON_FIELD("second_id", FIELD_UUID, FIELD_READ_ONLY), .use = FIELD_FILTERS},
    {.json = JSON_FIELD("second_name", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE),
     .sql = NAME_OF("second_id")},
    {.json = JSON_FIELD("reasons", FIELD_LIST, FIELD_READ_ONLY, .item = &reason_item, .max = 6,
                        .doc = "What is the same. What more than ten have tells nothing."),
     .sql = "to_json(t.reasons)"},
    {.json =
         JSON_FIELD("score", FIELD_INT, FIELD_READ_ONLY, .max = 100, .doc = "The more, the surer."),
     .use = FIELD_SORTS | FIELD_RANGES},
    {.json = JSON_FIELD("is_dismissed", FIELD_BOOL, FIELD_READ_ONLY,
                        .doc = "Somebody knows that they are two."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("dismissal_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE),
     .ref = &res_duplicate_dismissal},
};

struct resource res_duplicate_pair = {
    .name = "duplicate_pair",
    .plural = "duplicate_pairs",
    .doc = "Records that may be of one partner, or of one person. Partners are made one by a "
           "merge; a dismissal says that they are two.",
    .readers = ROLES_STAFF,
    .operations = RESOURCE_READ,
    .default_sort = "-score",
    RESOURCE_ROWS(fields),
    .is_record = true,
};
