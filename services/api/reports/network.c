/* The network map: partners, sites, and what joins them. */
#include "reports/tables.h"

/* As in the statement network_map. */
#define NODES_MOST 10000
#define EDGES_MOST 20000

static const char *const sorts[] = {"partner", "site", NULL};

#define MEAN(field_name)                                                              \
    JSON_FIELD(field_name, FIELD_DECIMAL, FIELD_NULLABLE, .precision = 3, .scale = 2, \
               .doc = "From 1 to 5.")

static const struct json_field view_fields[] = {MEAN("trust"), MEAN("value")};
static const struct json_table view_table = JSON_TABLE("network_relationship_view", view_fields);

static const struct json_field relationship_fields[] = {
    JSON_FIELD("survey_id", FIELD_UUID),
    JSON_FIELD("name", FIELD_TEXT),
    JSON_FIELD("closes_on", FIELD_DATE),
    JSON_FIELD("answers", FIELD_INT, .doc = "Five at least, whatever the survey's mode."),
    MEAN("trust"),
    MEAN("value"),
    JSON_FIELD("of_district", FIELD_OBJECT, FIELD_NULLABLE, .table = &view_table,
               .doc = "What the partner's side says, if five or more of it have answered."),
    JSON_FIELD("of_partner", FIELD_OBJECT, FIELD_NULLABLE, .table = &view_table,
               .doc = "What the district's side says, likewise."),
};
static const struct json_table relationship_table =
    JSON_TABLE("network_relationship", relationship_fields);

static const struct json_field node_fields[] = {
    JSON_FIELD("node", FIELD_ENUM, .values = sorts),
    JSON_FIELD("id", FIELD_UUID, .doc = "The partner's or the site's."),
    JSON_FIELD("name", FIELD_TEXT),
    JSON_FIELD("kind", FIELD_TEXT, .doc = "The kind of partner or site."),
    JSON_FIELD("degree", FIELD_INT, .doc = "With how many others it is joined; 0: it is isolated."),
    JSON_FIELD("component", FIELD_INT, FIELD_NULLABLE,
               .doc = "All that is joined with one another has one number, 1 that of the largest."),
    JSON_FIELD("relationship", FIELD_OBJECT, FIELD_NULLABLE, .table = &relationship_table,
               .doc = "Of a partner, for staff: trust and value as the last closed survey found "
                      "them that asks for both and had enough answers."),
};
static const struct json_table node_table = JSON_TABLE("network_node", node_fields);
static const struct json_field node_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &node_table);

static const struct json_field edge_fields[] = {
    JSON_FIELD("partner_id", FIELD_UUID),
    JSON_FIELD("site_id", FIELD_UUID),
    JSON_FIELD("partnerships", FIELD_INT, .doc = "That run there today, also as a co-partner."),
    JSON_FIELD("programs", FIELD_INT, .doc = "That run there today."),
};
static const struct json_table edge_table = JSON_TABLE("network_edge", edge_fields);
static const struct json_field edge_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &edge_table);

static const struct json_field fields[] = {
    JSON_FIELD("as_of", FIELD_DATE),
    JSON_FIELD("partners", FIELD_INT),
    JSON_FIELD("sites", FIELD_INT),
    JSON_FIELD("ties", FIELD_INT, .doc = "Pairs of a partner and a site where it works."),
    JSON_FIELD("components", FIELD_INT, .doc = "Of two or more."),
    JSON_FIELD("largest_component", FIELD_INT, .doc = "Partners and sites in it."),
    JSON_FIELD("isolated_partners", FIELD_INT, .doc = "Approved, and at work nowhere."),
    JSON_FIELD("isolated_sites", FIELD_INT, .doc = "Where no partner works."),
    JSON_FIELD("has_more", FIELD_BOOL, .doc = "There are more nodes or edges than are shown."),
    JSON_FIELD("nodes", FIELD_LIST, .item = &node_item, .max = NODES_MOST,
               .doc = "Those of the highest degree first."),
    JSON_FIELD("edges", FIELD_LIST, .item = &edge_item, .max = EDGES_MOST,
               .doc = "Between nodes that are shown."),
};
const struct json_table network_map_table = JSON_TABLE("network_map", fields);

static const struct json_field query_fields[] = {
    JSON_FIELD("network_id", FIELD_UUID, .doc = "The sites of this network, and their partners."),
    JSON_FIELD("site_id", FIELD_UUID, .doc = "This site, its partners, and where else these work."),
    JSON_FIELD("partner_id", FIELD_UUID,
               .doc = "This partner, its sites, and who else works there."),
    JSON_FIELD("focus_area_id", FIELD_UUID, .doc = "Only what is done for this focus area."),
};
const struct json_table network_map_query = JSON_TABLE("network_map_query", query_fields);
