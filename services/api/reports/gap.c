/* Gaps: by place and focus area what is needed, what there is, and what is not covered. */
#include "reports/tables.h"
#include "resources.h"

#define FIGURE(field_name, sentence)                                                   \
    JSON_FIELD(field_name, FIELD_DECIMAL, FIELD_NULLABLE, .precision = 18, .scale = 2, \
               .doc = (sentence))
#define CELLS_MOST 2000

static const char *const levels[] = {"site", "network", "district", NULL};

static const struct json_field cell_fields[] = {
    JSON_FIELD("place_id", FIELD_UUID, .doc = "The site's, the network's or the district's."),
    JSON_FIELD("place_name", FIELD_TEXT),
    JSON_FIELD("focus_area_id", FIELD_UUID),
    JSON_FIELD("focus_area_name", FIELD_TEXT),
    JSON_FIELD("needs", FIELD_INT, .doc = "Those that are open, matched or not."),
    JSON_FIELD("uncovered", FIELD_INT, .doc = "Those of them that are not filled."),
    JSON_FIELD("people_affected", FIELD_INT, .doc = "By what is not filled."),
    JSON_FIELD("priorities", FIELD_INT,
               .doc = "Adopted for the school year, there or above; of a year to come also drafts, "
                      "of a year that is over also closed ones."),
    JSON_FIELD("next_priorities", FIELD_INT,
               .doc = "Of the school year after it, drafts among them."),
    JSON_FIELD("partnerships", FIELD_INT, .doc = "That work there today."),
    JSON_FIELD("programs", FIELD_INT, .doc = "That run there today."),
    JSON_FIELD("partners", FIELD_INT, .doc = "Whose they are, and who works in them beside those."),
    JSON_FIELD("offers", FIELD_INT,
               .doc = "Open, with something left, that reach the place: its own, its network's or "
                      "the district's."),
    JSON_FIELD("value_cents", FIELD_INT, .doc = "What partners gave in the school year."),
    JSON_FIELD("students", FIELD_INT, FIELD_NULLABLE, .doc = "Enrolled, as last known."),
    FIGURE("partners_per_100_students", NULL),
    FIGURE("value_cents_per_100_students", NULL),
    JSON_FIELD("is_gap", FIELD_BOOL,
               .doc = "A need is not covered, or nobody works on what is a priority."),
    JSON_FIELD("called_on", FIELD_DATE, FIELD_NULLABLE,
               .doc = "When the site last signed a roll call; of several, the one longest ago, "
                      "null where one never has."),
};
static const struct json_table cell_table = JSON_TABLE("gap", cell_fields);
static const struct json_field cell_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &cell_table);

static const struct json_field roll_call_fields[] = {
    JSON_FIELD("school_year", FIELD_INT, .doc = "This one."),
    JSON_FIELD("sites", FIELD_INT, .doc = "Those that are open."),
    JSON_FIELD("called", FIELD_INT, .doc = "Those that have signed their roll call of the year."),
    JSON_FIELD("oldest_on", FIELD_DATE, FIELD_NULLABLE,
               .doc = "Of each site's last roll call, the one longest ago."),
    JSON_FIELD("latest_on", FIELD_DATE, FIELD_NULLABLE),
};
static const struct json_table roll_call_table = JSON_TABLE("gap_roll_call", roll_call_fields);

static const struct json_field fields[] = {
    JSON_FIELD("level", FIELD_ENUM, .values = levels),
    JSON_FIELD("school_year", FIELD_INT, .doc = "Whose priorities are looked at."),
    JSON_FIELD("as_of", FIELD_DATE),
    JSON_FIELD("roll_call", FIELD_OBJECT, .table = &roll_call_table,
               .doc = "How old what is known of partners is."),
    JSON_FIELD("gaps", FIELD_INT, .doc = "How many cells are gaps."),
    JSON_FIELD("has_more", FIELD_BOOL, .doc = "There are more cells than are shown."),
    JSON_FIELD("cells", FIELD_LIST, .item = &cell_item, .max = CELLS_MOST,
               .doc = "Those with anything in them; gaps first, the most uncovered before."),
};
const struct json_table gaps_table = JSON_TABLE("gaps", fields);

static const struct json_field query_fields[] = {
    JSON_FIELD("level", FIELD_ENUM, .values = levels, .doc = "site, if left out."),
    JSON_FIELD("site_id", FIELD_UUID, .doc = "This site alone."),
    JSON_FIELD("network_id", FIELD_UUID, .doc = "This network and its sites."),
    JSON_FIELD("school_year", FIELD_INT, .min = 2000, .max = 2100,
               .doc = "This year's, if left out; the next one's shows what is coming."),
};
const struct json_table gaps_query = JSON_TABLE("gaps_query", query_fields);
