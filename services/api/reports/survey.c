/* What a survey found. Where a survey is not attributed the database tells sums over enough answers
 * alone: sql/functions/86_survey_fold.sql says why no others follow from them. */
#include "reports/tables.h"
#include "survey_results.h"

/* As in the statements of sql/queries/survey.sql and in survey_results(). */
#define GROUPS_MOST    200
#define ANDS_MOST      10 /* groups of a key, by side or audience */
#define FACTORS_MOST   20
#define COMMENTS_MOST  500
#define QUESTIONS_MOST 200
#define VALUES_MOST    200
#define WAVES_MOST     50

static const char *const groupings[] = {"all",     "side",        "audience",
                                        "partner", "partnership", "partnership_kind",
                                        "site",    "network",     NULL};
static const char *const seconds[] = {"side", "audience", NULL};

static const struct json_field score_item =
    JSON_FIELD(NULL, FIELD_DECIMAL, .precision = 5, .scale = 2);

static const struct json_field views_fields[] = {
    JSON_FIELD("district", FIELD_MAP, FIELD_NULLABLE, .item = &score_item, .max = FACTORS_MOST,
               .doc = "The means of the district's side; null where nothing may be told of it."),
    JSON_FIELD("partner", FIELD_MAP, FIELD_NULLABLE, .item = &score_item, .max = FACTORS_MOST),
    JSON_FIELD("difference", FIELD_MAP, FIELD_NULLABLE, .item = &score_item, .max = FACTORS_MOST,
               .doc = "The district's less the partner's, where both are told."),
};
static const struct json_table views_table = JSON_TABLE("survey_views", views_fields);

static const struct json_field group_fields[] = {
    JSON_FIELD("key", FIELD_TEXT, .doc = "all, an id, or the value by which it is grouped."),
    JSON_FIELD("name", FIELD_TEXT),
    JSON_FIELD("and", FIELD_TEXT, FIELD_NULLABLE, .doc = "The side or audience, where asked for."),
    JSON_FIELD("is_suppressed", FIELD_BOOL, .doc = "Too few answers, or one could subtract."),
    JSON_FIELD("answers", FIELD_INT, FIELD_NULLABLE,
               .doc = "How many it tells of. The few that cannot be told of here count in larger "
                      "groups."),
    JSON_FIELD("scores", FIELD_MAP, .item = &score_item, .max = FACTORS_MOST,
               .doc = "The mean of each factor, from 1 to 5: an answer's is the mean of its "
                      "ratings."),
    JSON_FIELD("deviations", FIELD_MAP, .item = &score_item, .max = FACTORS_MOST,
               .doc = "The standard deviation of each factor, of a sample."),
    JSON_FIELD("views", FIELD_OBJECT, .table = &views_table, .doc = "What both sides find."),
};
static const struct json_table group_table = JSON_TABLE("survey_group", group_fields);
static const struct json_field group_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &group_table);
static const struct json_field comment_item = JSON_FIELD(NULL, FIELD_LONG_TEXT);

static const struct json_field rate_fields[] = {
    JSON_FIELD("asked", FIELD_TEXT, .doc = "Who: district, partner or an audience."),
    JSON_FIELD("invited", FIELD_INT),
    JSON_FIELD("answered", FIELD_INT),
    JSON_FIELD("rate", FIELD_DECIMAL, .precision = 5, .scale = 4, .doc = "From 0 to 1."),
};
static const struct json_table rate_table = JSON_TABLE("survey_rate", rate_fields);
static const struct json_field rate_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &rate_table);

static const struct json_field results_fields[] = {
    JSON_FIELD("survey_id", FIELD_UUID),
    JSON_FIELD("by", FIELD_ENUM, .values = groupings),
    JSON_FIELD("and", FIELD_ENUM, FIELD_NULLABLE, .values = seconds),
    JSON_FIELD("status", FIELD_TEXT),
    JSON_FIELD("threshold", FIELD_INT, .doc = "Fewer answers than this are not told of."),
    JSON_FIELD("invited", FIELD_INT),
    JSON_FIELD("rates", FIELD_LIST, .item = &rate_item, .max = ANDS_MOST),
    JSON_FIELD("answers", FIELD_INT, FIELD_NULLABLE,
               .doc = "How many are told of. While a confidential survey is open, answers are told "
                      "in steps: when as many as the threshold have come or changed that have all "
                      "in common by which results are grouped; the others at its close."),
    JSON_FIELD("groups", FIELD_LIST, .item = &group_item, .max = (int64_t)GROUPS_MOST * ANDS_MOST,
               .doc = "By their keys."),
    JSON_FIELD("has_more", FIELD_BOOL, .doc = "There are groups behind the last one."),
    JSON_FIELD("next_after", FIELD_TEXT, FIELD_NULLABLE, .doc = "For \"after\", to read on."),
    JSON_FIELD("comments", FIELD_LIST, .item = &comment_item, .max = COMMENTS_MOST,
               .doc = "With by=all alone, and as many together as the district's threshold for "
                      "texts; the first 500."),
};
const struct json_table survey_results_table = JSON_TABLE("survey_results", results_fields);

static const struct json_field query_fields[] = {
    JSON_FIELD("by", FIELD_ENUM, .values = groupings, .doc = "all, if left out."),
    JSON_FIELD("and", FIELD_ENUM, .values = seconds, .doc = "Each group by this, too."),
    JSON_FIELD("after", FIELD_TEXT, .min = 1, .max = 64, .doc = "Groups behind this key."),
    JSON_FIELD("limit", FIELD_INT, .min = 1, .max = GROUPS_MOST, .doc = "200, if left out."),
    JSON_FIELD("key", FIELD_TEXT, .min = 1, .max = 64, .doc = "The group of this key alone."),
};
const struct json_table survey_results_query = JSON_TABLE("survey_results_query", query_fields);

static const struct json_field file_query_fields[] = {
    JSON_FIELD("by", FIELD_ENUM, .values = groupings, .doc = "all, if left out."),
    JSON_FIELD("and", FIELD_ENUM, .values = seconds, .doc = "Each group by this, too."),
    JSON_FIELD("after", FIELD_TEXT, .min = 1, .max = 64,
               .doc = "Groups behind this key, as the reply's Link has it."),
    JSON_FIELD("limit", FIELD_INT, .min = 1, .max = GROUPS_MOST,
               .doc = "How many groups; 200, if left out, and fewer where these would make more "
                      "than 100,000 rows."),
};
const struct json_table survey_file_query = JSON_TABLE("survey_file_query", file_query_fields);

/* ---- Question by question ------------------------------------------------------------------- */

#define FIGURE(field_name, sentence)                                                   \
    JSON_FIELD(field_name, FIELD_DECIMAL, FIELD_NULLABLE, .precision = 20, .scale = 2, \
               .doc = (sentence))

static const char *const halves[] = {"importance", "occurrence", NULL};

static const struct json_field value_fields[] = {
    JSON_FIELD("of", FIELD_ENUM, FIELD_NULLABLE, .values = halves,
               .doc = "Of a question about importance and occurrence, which of them."),
    JSON_FIELD("value", FIELD_TEXT,
               .doc = "As it is answered, as a text. Of numbers a bin, but empty ones: \"2..5\" is "
                      "from 2 on and below 5, and up to the greatest that may be answered."),
    JSON_FIELD("count", FIELD_INT),
    JSON_FIELD("share", FIELD_DECIMAL, FIELD_NULLABLE, .precision = 5, .scale = 4,
               .doc = "Of the answers to the question, from 0 to 1."),
};
static const struct json_table value_table = JSON_TABLE("survey_value", value_fields);
static const struct json_field value_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &value_table);

static const struct json_field scale_fields[] = {
    FIGURE("mean", NULL),
    FIGURE("median", NULL),
    FIGURE("deviation", "The standard deviation of a sample."),
};
static const struct json_table scale_table = JSON_TABLE("survey_scale", scale_fields);

static const struct json_field bin_item = JSON_FIELD(NULL, FIELD_TEXT);

static const struct json_field question_fields[] = {
    JSON_FIELD("code", FIELD_TEXT),
    JSON_FIELD("kind", FIELD_TEXT),
    JSON_FIELD("section", FIELD_TEXT, FIELD_NULLABLE),
    JSON_FIELD("factor", FIELD_TEXT, FIELD_NULLABLE),
    JSON_FIELD("text", FIELD_ANY, .doc = "By locale, as of the instrument."),
    JSON_FIELD("answers", FIELD_INT, .doc = "To this question."),
    FIGURE("mean", "Of ratings as they were given, also where they count the other way round; of "
                   "numbers."),
    FIGURE("median", "Of ratings."),
    JSON_FIELD("quartiles", FIELD_LIST, .item = &bin_item, .max = 3,
               .doc = "Of numbers: the bins in which the quartiles are; the second has the "
                      "median. Exact numbers would tell what single ones have answered."),
    FIGURE("deviation", "The standard deviation of a sample."),
    JSON_FIELD("importance", FIELD_OBJECT, FIELD_NULLABLE, .table = &scale_table),
    JSON_FIELD("occurrence", FIELD_OBJECT, FIELD_NULLABLE, .table = &scale_table),
    FIGURE("gap", "The mean importance less the mean occurrence."),
    JSON_FIELD("gap_rank", FIELD_INT, FIELD_NULLABLE, .doc = "1 is the widest gap."),
    JSON_FIELD("values", FIELD_LIST, .item = &value_item, .max = VALUES_MOST,
               .doc = "How often each was given. Where a threshold holds, it is about how many "
                      "answered, not about what they said: all may have said the same."),
};
static const struct json_table question_table = JSON_TABLE("survey_question_told", question_fields);
static const struct json_field question_item =
    JSON_FIELD(NULL, FIELD_OBJECT, .table = &question_table);

static const struct json_field factor_fields[] = {
    JSON_FIELD("code", FIELD_TEXT),
    JSON_FIELD("name", FIELD_ANY, .doc = "By locale, as of the instrument."),
    JSON_FIELD("answers", FIELD_INT),
    FIGURE("mean", "From 1 to 5."),
    FIGURE("deviation", "The standard deviation of a sample."),
};
static const struct json_table factor_table = JSON_TABLE("survey_factor_told", factor_fields);
static const struct json_field factor_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &factor_table);

static const struct json_field questions_fields[] = {
    JSON_FIELD("survey_id", FIELD_UUID),
    JSON_FIELD("instrument", FIELD_TEXT, .doc = "Its code."),
    JSON_FIELD("edition", FIELD_INT),
    JSON_FIELD("status", FIELD_TEXT),
    JSON_FIELD("threshold", FIELD_INT, .doc = "Fewer answers than this are not told of."),
    JSON_FIELD("by", FIELD_ENUM, .values = groupings),
    JSON_FIELD("key", FIELD_TEXT),
    JSON_FIELD("name", FIELD_TEXT),
    JSON_FIELD("and", FIELD_ENUM, FIELD_NULLABLE, .values = seconds),
    JSON_FIELD("and_key", FIELD_TEXT, FIELD_NULLABLE),
    JSON_FIELD("is_suppressed", FIELD_BOOL),
    JSON_FIELD("answers", FIELD_INT, FIELD_NULLABLE),
    JSON_FIELD("factors", FIELD_LIST, .item = &factor_item, .max = FACTORS_MOST),
    JSON_FIELD("questions", FIELD_LIST, .item = &question_item, .max = QUESTIONS_MOST,
               .doc = "In the instrument's order; none where nothing is told."),
};
const struct json_table survey_questions_table = JSON_TABLE("survey_questions", questions_fields);

static const struct json_field questions_query_fields[] = {
    JSON_FIELD("by", FIELD_ENUM, .values = groupings, .doc = "all, if left out."),
    JSON_FIELD("key", FIELD_TEXT, .min = 1, .max = 64, .doc = "Of which group; of by=all, all."),
    JSON_FIELD("and", FIELD_ENUM, .values = seconds),
    JSON_FIELD("and_key", FIELD_TEXT, .min = 1, .max = 64, .doc = "The side or audience."),
};
const struct json_table survey_questions_query =
    JSON_TABLE("survey_questions_query", questions_query_fields);

/* ---- Day by day ----------------------------------------------------------------------------- */

static const struct json_field day_fields[] = {
    JSON_FIELD("day", FIELD_DATE, .doc = "In the district's zone."),
    JSON_FIELD("sent", FIELD_INT, .doc = "Invitations whose mail was sent."),
    JSON_FIELD("answered", FIELD_INT, FIELD_NULLABLE,
               .doc = "People who had then answered all that they are asked about; of an "
                      "anonymous survey nobody knows."),
};
static const struct json_table day_table = JSON_TABLE("survey_day", day_fields);
static const struct json_field day_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &day_table);

static const struct json_field progress_fields[] = {
    JSON_FIELD("survey_id", FIELD_UUID),
    JSON_FIELD("days", FIELD_LIST, .item = &day_item, .max = INT64_MAX,
               .doc = "On which something happened, the first of them first."),
};
const struct json_table survey_progress_table = JSON_TABLE("survey_progress", progress_fields);

/* ---- Wave by wave --------------------------------------------------------------------------- */

static const struct json_field wave_fields[] = {
    JSON_FIELD("survey_id", FIELD_UUID),
    JSON_FIELD("name", FIELD_TEXT),
    JSON_FIELD("school_year", FIELD_INT),
    JSON_FIELD("opens_on", FIELD_DATE),
    JSON_FIELD("closes_on", FIELD_DATE),
    JSON_FIELD("status", FIELD_TEXT),
    JSON_FIELD("edition", FIELD_INT, .doc = "Of the instrument."),
    JSON_FIELD("is_suppressed", FIELD_BOOL),
    JSON_FIELD("answers", FIELD_INT, FIELD_NULLABLE),
    JSON_FIELD("scores", FIELD_MAP, .item = &score_item, .max = FACTORS_MOST,
               .doc = "The mean of each factor."),
    JSON_FIELD("questions", FIELD_MAP, .item = &score_item, .max = QUESTIONS_MOST,
               .doc = "The mean of each rating, of occurrence and of numbers, by code."),
};
static const struct json_table wave_table = JSON_TABLE("survey_wave_told", wave_fields);
static const struct json_field wave_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &wave_table);

static const struct json_field trends_fields[] = {
    JSON_FIELD("instrument", FIELD_TEXT, .doc = "The code: waves of all its editions stand here."),
    JSON_FIELD("by", FIELD_ENUM, .values = groupings),
    JSON_FIELD("key", FIELD_TEXT),
    JSON_FIELD("name", FIELD_TEXT),
    JSON_FIELD("waves", FIELD_LIST, .item = &wave_item, .max = WAVES_MOST,
               .doc = "The latest, the oldest of them first."),
};
const struct json_table instrument_trends_table = JSON_TABLE("instrument_trends", trends_fields);

static const struct json_field trends_query_fields[] = {
    JSON_FIELD("by", FIELD_ENUM, .values = groupings, .doc = "all, if left out."),
    JSON_FIELD("key", FIELD_TEXT, .min = 1, .max = 64, .doc = "Of which group; of by=all, all."),
    JSON_FIELD("limit", FIELD_INT, .min = 1, .max = WAVES_MOST, .doc = "20, if left out."),
};
const struct json_table instrument_trends_query =
    JSON_TABLE("instrument_trends_query", trends_query_fields);
