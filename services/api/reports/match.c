/* Matches: what could meet a need, and which needs a partner could meet, factor by factor. */
#include "reports/tables.h"
#include "resources.h"

#define SHOWN_MOST 100
#define SHARE(field_name, sentence) \
    JSON_FIELD(field_name, FIELD_DECIMAL, .precision = 9, .scale = 4, .doc = (sentence))

const char *const match_factors[] = {"focus", "resources", "reach", "capacity", "evidence",
                                     "ties",  "load",      "stage", NULL};
static const char *const kinds[] = {"program", "offer", "partner", NULL};

static const struct json_field told_item = JSON_FIELD(NULL, FIELD_TEXT);
static const struct json_field factor_fields[] = {
    JSON_FIELD("factor", FIELD_ENUM, .values = match_factors),
    SHARE("value", "From 0 to 1."),
    JSON_FIELD("weight", FIELD_INT, .doc = "As the district has set it."),
    SHARE("contribution", "To the score: all factors' make it."),
    JSON_FIELD("code", FIELD_TEXT, .doc = "Names the reason in every language; stable."),
    JSON_FIELD("told", FIELD_LIST, .item = &told_item, .max = 2,
               .doc = "What the reason tells: numbers, a tier, a stage."),
    JSON_FIELD("reason", FIELD_TEXT, .doc = "Why the value is what it is."),
};
static const struct json_table factor_table = JSON_TABLE("match_factor", factor_fields);
static const struct json_field factor_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &factor_table);

#define SCORE                         \
    SHARE("score", "From 0 to 100."), \
        JSON_FIELD("factors", FIELD_LIST, .item = &factor_item, .max = 20)

static const struct json_field match_fields[] = {
    JSON_FIELD("kind", FIELD_ENUM, .values = kinds),
    JSON_FIELD("id", FIELD_UUID, .doc = "Of what its kind says."),
    JSON_FIELD("name", FIELD_TEXT),
    JSON_FIELD("partner_id", FIELD_UUID),
    JSON_FIELD("partner_name", FIELD_TEXT),
    SCORE,
};
static const struct json_table match_table = JSON_TABLE("match", match_fields);
static const struct json_field match_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &match_table);

static const struct json_field need_fields[] = {
    JSON_FIELD("need_id", FIELD_UUID),
    JSON_FIELD("title", FIELD_TEXT),
    JSON_FIELD("lacking", FIELD_INT, .doc = "What is not filled."),
    JSON_FIELD("matches", FIELD_LIST, .item = &match_item, .max = SHOWN_MOST,
               .doc = "The best first."),
};
const struct json_table need_matches_table = JSON_TABLE("need_matches", need_fields);

static const struct json_field match_need_fields[] = {
    JSON_FIELD("need_id", FIELD_UUID),
    JSON_FIELD("title", FIELD_TEXT),
    JSON_FIELD("site_id", FIELD_UUID, FIELD_NULLABLE),
    JSON_FIELD("network_id", FIELD_UUID, FIELD_NULLABLE),
    JSON_FIELD("needed_by", FIELD_DATE),
    JSON_FIELD("urgency", FIELD_TEXT),
    JSON_FIELD("lacking", FIELD_INT, .doc = "What is not filled."),
    JSON_FIELD("kind", FIELD_ENUM, .values = kinds, .doc = "What of the partner serves it best."),
    JSON_FIELD("id", FIELD_UUID, .doc = "Of what its kind says."),
    JSON_FIELD("name", FIELD_TEXT),
    SCORE,
};
static const struct json_table match_need_table = JSON_TABLE("match_need", match_need_fields);
static const struct json_field match_need_item =
    JSON_FIELD(NULL, FIELD_OBJECT, .table = &match_need_table);

static const struct json_field partner_fields[] = {
    JSON_FIELD("partner_id", FIELD_UUID),
    JSON_FIELD("name", FIELD_TEXT),
    JSON_FIELD("needs", FIELD_LIST, .item = &match_need_item, .max = SHOWN_MOST,
               .doc = "Open needs where it does not work yet; the best first."),
};
const struct json_table partner_matches_table = JSON_TABLE("partner_matches", partner_fields);

#define LIMIT JSON_FIELD("limit", FIELD_INT, .min = 1, .max = SHOWN_MOST, .doc = "25, if left out.")

static const struct json_field need_query[] = {
    JSON_FIELD("kind", FIELD_ENUM, .values = kinds, .doc = "All kinds, if left out."),
    LIMIT,
    JSON_FIELD("partner_id", FIELD_UUID, .doc = "This partner alone, and what it has."),
};
const struct json_table need_matches_query = JSON_TABLE("need_matches_query", need_query);
static const struct json_field partner_query[] = {LIMIT};
const struct json_table partner_matches_query = JSON_TABLE("partner_matches_query", partner_query);
