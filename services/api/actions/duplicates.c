/* GET /v1/partners/{id}/duplicates: which other partners may be the same one. */
#include "actions/duplicates.h"

#include "call.h"
#include "gen/stmt.h"
#include "http/router.h"
#include "reports/tables.h"
#include "resources.h"

static const struct json_field reason_item = JSON_FIELD(NULL, FIELD_TEXT);
static const struct json_field alike_fields[] = {
    JSON_FIELD("id", FIELD_UUID),
    JSON_FIELD("name", FIELD_TEXT),
    JSON_FIELD("score", FIELD_INT, .max = 100, .doc = "The more, the surer."),
    JSON_FIELD("reasons", FIELD_LIST, .item = &reason_item, .max = 4,
               .doc = "What is the same: ein, alias, website, name."),
};
static const struct json_table alike_table = JSON_TABLE("duplicate", alike_fields);
static const struct json_field alike_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &alike_table);
static const struct json_field fields[] = {
    JSON_FIELD("partner_id", FIELD_UUID),
    JSON_FIELD("duplicates", FIELD_LIST, .item = &alike_item, .max = 20),
};
const struct json_table partner_duplicates_table = JSON_TABLE("duplicates", fields);

static const struct json_field inquiry_fields[] = {
    JSON_FIELD("inquiry_id", FIELD_UUID),
    JSON_FIELD("duplicates", FIELD_LIST, .item = &alike_item, .max = 20),
};
const struct json_table inquiry_duplicates_table = JSON_TABLE("inquiry_duplicates", inquiry_fields);

STEP(partner_duplicates)
{
    const char *id = NULL;
    struct plan *refused = call_read_id(r, &id);

    if (refused)
        return refused;
    call_begin(r, CALL_READ, SV(ROLES_EVERYBODY));
    call_add(call_of(r), STMT(partner_duplicates), id);
    return call_run(r, call_body);
}
