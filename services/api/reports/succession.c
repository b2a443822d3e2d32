/* What somebody who leaves carries; what hangs on few people; which partners are stuck. */
#include "reports/tables.h"
#include "resources.h"

#define SHOWN_MOST                  2000
#define COUNT(field_name, sentence) JSON_FIELD(field_name, FIELD_INT, .doc = (sentence))

/* ---- The inventory of a departure ----------------------------------------------------------- */

static const char *const statuses[] = {"planned", "handed_over", "cancelled", NULL};
static const char *const ways[] = {"moves", "dated", "ends", NULL};
static const char *const givers[] = {"departure", "resource", "item", "nobody", NULL};

static const struct json_field item_fields[] = {
    JSON_FIELD("resource", FIELD_TEXT),
    JSON_FIELD("subject_id", FIELD_UUID, .doc = "Which one of the resource."),
    JSON_FIELD("title", FIELD_TEXT, FIELD_NULLABLE),
    JSON_FIELD("way", FIELD_ENUM, .values = ways,
               .doc = "It moves to its receiver; or ends, and one of the receiver's own begins; or "
                      "ends."),
    JSON_FIELD("receiver_id", FIELD_UUID, FIELD_NULLABLE, .doc = "A user, or a contact."),
    JSON_FIELD("receiver_name", FIELD_TEXT, FIELD_NULLABLE),
    JSON_FIELD("given_by", FIELD_ENUM, .values = givers, .doc = "By what that is the receiver."),
    JSON_FIELD("is_lacking", FIELD_BOOL, .doc = "Nobody takes it over yet, and somebody must."),
};
static const struct json_table item_table = JSON_TABLE("departure_item", item_fields);
static const struct json_field item_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &item_table);

static const struct json_field count_fields[] = {
    JSON_FIELD("resource", FIELD_TEXT),
    JSON_FIELD("count", FIELD_INT),
};
static const struct json_table count_table = JSON_TABLE("departure_count", count_fields);
static const struct json_field count_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &count_table);

static const struct json_field waiting_fields[] = {
    JSON_FIELD("kind", FIELD_TEXT),
    JSON_FIELD("resource", FIELD_TEXT),
    JSON_FIELD("subject_id", FIELD_UUID),
    JSON_FIELD("title", FIELD_TEXT, FIELD_NULLABLE),
    JSON_FIELD("due_on", FIELD_DATE, FIELD_NULLABLE),
};
static const struct json_table waiting_table = JSON_TABLE("departure_waiting", waiting_fields);
static const struct json_field waiting_item =
    JSON_FIELD(NULL, FIELD_OBJECT, .table = &waiting_table);

static const struct json_field inventory_fields[] = {
    JSON_FIELD("departure_id", FIELD_UUID),
    JSON_FIELD("status", FIELD_ENUM, .values = statuses),
    JSON_FIELD("on_date", FIELD_DATE),
    JSON_FIELD("person", FIELD_TEXT, .doc = "Who leaves."),
    COUNT("total", "Items in all."),
    COUNT("lacking", "Of them, those that nobody takes over yet."),
    JSON_FIELD("counts", FIELD_LIST, .item = &count_item, .max = 100),
    JSON_FIELD("items", FIELD_LIST, .item = &item_item, .max = SHOWN_MOST,
               .doc = "What is carried now; of one that is handed over, what was."),
    JSON_FIELD("waiting", FIELD_LIST, .item = &waiting_item, .max = SHOWN_MOST,
               .doc = "What waits for the person; what follows from these goes over with them."),
};
const struct json_table inventory_table = JSON_TABLE("departure_inventory", inventory_fields);

/* ---- What hangs on few people --------------------------------------------------------------- */

static const char *const kinds[] = {"partnership", "partner", "site", NULL};
static const char *const sides[] = {"district", "partner", NULL};

static const struct json_field factor_fields[] = {
    JSON_FIELD("id", FIELD_UUID),
    JSON_FIELD("name", FIELD_TEXT),
    COUNT("district", "People of the district who have a role."),
    COUNT("partner", "People of the partner who have one."),
    COUNT("people", "Of the side that was asked for, or that has fewer: when as many leave, nobody "
                    "is left."),
};
static const struct json_table factor_table = JSON_TABLE("bus_factor", factor_fields);
static const struct json_field factor_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &factor_table);

static const struct json_field factors_fields[] = {
    JSON_FIELD("kind", FIELD_ENUM, .values = kinds),
    JSON_FIELD("at_most", FIELD_INT),
    COUNT("total", "How many hang on so few."),
    JSON_FIELD("items", FIELD_LIST, .item = &factor_item, .max = SHOWN_MOST,
               .doc = "The fewest people first."),
};
const struct json_table bus_factor_table = JSON_TABLE("bus_factors", factors_fields);

static const struct json_field factors_query[] = {
    JSON_FIELD("kind", FIELD_ENUM, .values = kinds, .doc = "Partnerships, if left out."),
    JSON_FIELD("id", FIELD_UUID, .doc = "Of this one, however many it has."),
    JSON_FIELD("side", FIELD_ENUM, .values = sides, .doc = "Either, if left out."),
    JSON_FIELD("at_most", FIELD_INT, .min = 0, .max = 100, .doc = "1, if left out."),
    JSON_FIELD("limit", FIELD_INT, .min = 1, .max = SHOWN_MOST, .doc = "200, if left out."),
};
const struct json_table bus_factor_query = JSON_TABLE("bus_factors_query", factors_query);

/* ---- Which partners are stuck --------------------------------------------------------------- */

static const char *const need_kinds[] = {"program", "offer", "partner", NULL};
static const char *const reaches[] = {"nearby", "district", NULL};

static const struct json_field need_fields[] = {
    JSON_FIELD("need_id", FIELD_UUID),
    JSON_FIELD("title", FIELD_TEXT),
    JSON_FIELD("site_id", FIELD_UUID, FIELD_NULLABLE),
    JSON_FIELD("network_id", FIELD_UUID, FIELD_NULLABLE),
    JSON_FIELD("needed_by", FIELD_DATE),
    COUNT("lacking", "What is not filled."),
    JSON_FIELD("kind", FIELD_ENUM, .values = need_kinds,
               .doc = "What of the partner serves it best."),
    JSON_FIELD("id", FIELD_UUID, .doc = "Of what its kind says."),
    JSON_FIELD("name", FIELD_TEXT),
    JSON_FIELD("score", FIELD_DECIMAL, .precision = 9, .scale = 4, .doc = "From 0 to 100."),
};
static const struct json_table need_table = JSON_TABLE("stuck_need", need_fields);
static const struct json_field need_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &need_table);

static const struct json_field partner_fields[] = {
    JSON_FIELD("partner_id", FIELD_UUID),
    JSON_FIELD("name", FIELD_TEXT),
    JSON_FIELD("reach", FIELD_ENUM, FIELD_NULLABLE, .values = reaches),
    JSON_FIELD("site_id", FIELD_UUID, .doc = "Its one site."),
    JSON_FIELD("lead_id", FIELD_UUID, FIELD_NULLABLE, .doc = "The user who leads its work."),
    JSON_FIELD("news_on", FIELD_DATE, FIELD_NULLABLE, .doc = "When something was new last."),
    JSON_FIELD("needs", FIELD_LIST, .item = &need_item, .max = 10, .doc = "The best first."),
};
static const struct json_table partner_table = JSON_TABLE("stuck_partner", partner_fields);
static const struct json_field partner_item =
    JSON_FIELD(NULL, FIELD_OBJECT, .table = &partner_table);

static const struct json_field stuck_fields[] = {
    JSON_FIELD("since", FIELD_DATE, .doc = "Nothing was new from this day on."),
    JSON_FIELD("partners", FIELD_LIST, .item = &partner_item, .max = 100,
               .doc = "Those that have been quiet longest first."),
};
const struct json_table stuck_partners_table = JSON_TABLE("stuck_partners", stuck_fields);

static const struct json_field stuck_query[] = {
    JSON_FIELD("limit", FIELD_INT, .min = 1, .max = 100, .doc = "25, if left out."),
};
const struct json_table stuck_partners_query = JSON_TABLE("stuck_partners_query", stuck_query);
