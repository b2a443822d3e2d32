/* Instruments: what surveys ask, as documents. The limits of their lists and words are said here
 * and in sql/functions/85_instrument.sql, which judges what stands in one place by another. */
#include "action.h"
#include "resources.h"

#define QUESTIONS_MOST 200
#define SECTIONS_MOST  50
#define FACTORS_MOST   20
#define OPTIONS_MOST   30
#define LOCALES_MOST   100
#define POINTS_MOST    10
#define ABOUT_LONGEST  10000
#define INTRO_LONGEST  5000
#define ASKED_LONGEST  1000
#define OPTION_LONGEST 300
#define TITLE_LONGEST  200
#define END_LONGEST    100

#define WORDS(name, item_row, flag, sentence)                                   \
    JSON_FIELD(name, FIELD_MAP, flag, .item = &(item_row), .max = LOCALES_MOST, \
               .doc = sentence " By language, in each of the locales.")
#define WORDS_ITEM(longest) JSON_FIELD(NULL, FIELD_LONG_TEXT, .min = 1, .max = (longest))
#define FIELD_MAYBE         (FIELD_NULLABLE | FIELD_OPTIONAL)
#define CODE_FIELD                                                                \
    JSON_FIELD("code", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = CODE_LONGEST, \
               .doc = "Small letters, digits and \"_\".")

static const char *const kinds[] = {
    "rating", "importance_occurrence", "yes_no", "choice", "multi", "number", "text", NULL};
static const char *const subjects[] = {"relationship", "none", NULL};
static const char *const statuses[] = {"draft", "published", NULL};

static const struct json_field locale_item = JSON_FIELD(NULL, FIELD_LOCALE);
static const struct json_field about_item = WORDS_ITEM(ABOUT_LONGEST);
static const struct json_field intro_item = WORDS_ITEM(INTRO_LONGEST);
static const struct json_field asked_item = WORDS_ITEM(ASKED_LONGEST);
static const struct json_field option_item = WORDS_ITEM(OPTION_LONGEST);
static const struct json_field title_item = WORDS_ITEM(TITLE_LONGEST);
static const struct json_field end_item = WORDS_ITEM(END_LONGEST);

static const struct json_field value_item = JSON_FIELD(NULL, FIELD_ANY);
static const struct json_field condition_fields[] = {
    JSON_FIELD("question", FIELD_TEXT, FIELD_REQUIRED, .max = CODE_LONGEST,
               .doc = "The code of a question that comes before."),
    JSON_FIELD("is", FIELD_ANY, FIELD_OPTIONAL,
               .doc = "This answer; of a multi: this option among them."),
    JSON_FIELD("is_not", FIELD_ANY, FIELD_OPTIONAL,
               .doc = "The opposite of is: it holds where nothing is answered."),
    JSON_FIELD("in", FIELD_LIST, FIELD_OPTIONAL, .item = &value_item, .max = OPTIONS_MOST,
               .doc = "One of these."),
    JSON_FIELD("is_answered", FIELD_BOOL, FIELD_OPTIONAL,
               .doc = "The only one for texts and for importance and occurrence."),
};
static const struct json_table condition_table =
    JSON_TABLE("instrument_condition", condition_fields);
#define SHOW_IF                                                                           \
    JSON_FIELD("show_if", FIELD_OBJECT, FIELD_MAYBE, .table = &condition_table,           \
               .doc = "When it is asked; null: always. It has one of is, is_not, in and " \
                      "is_answered.")

static const struct json_field section_fields[] = {
    CODE_FIELD,
    WORDS("title", title_item, FIELD_REQUIRED, "What stands above."),
    WORDS("text", intro_item, FIELD_MAYBE, "What is said before its questions."),
    SHOW_IF,
};
static const struct json_table section_table = JSON_TABLE("instrument_section", section_fields);
static const struct json_field section_item =
    JSON_FIELD(NULL, FIELD_OBJECT, .table = &section_table);

static const struct json_field factor_fields[] = {
    CODE_FIELD,
    WORDS("name", title_item, FIELD_REQUIRED, "What it measures."),
};
static const struct json_table factor_table = JSON_TABLE("instrument_factor", factor_fields);
static const struct json_field factor_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &factor_table);

static const struct json_field choice_fields[] = {
    CODE_FIELD,
    WORDS("text", option_item, FIELD_REQUIRED, "What can be chosen."),
};
static const struct json_table choice_table = JSON_TABLE("instrument_option", choice_fields);
static const struct json_field choice_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &choice_table);

static const struct json_field question_fields[] = {
    CODE_FIELD,
    JSON_FIELD("kind", FIELD_ENUM, FIELD_REQUIRED, .values = kinds),
    JSON_FIELD("section", FIELD_TEXT, FIELD_REQUIRED, .max = CODE_LONGEST,
               .doc = "Of a section; its questions stand together."),
    JSON_FIELD("factor", FIELD_TEXT, FIELD_MAYBE, .max = CODE_LONGEST,
               .doc = "Of a factor, for which a rating, or an occurrence, counts."),
    JSON_FIELD("is_reversed", FIELD_BOOL, FIELD_MAYBE,
               .doc = "Of a rating: the lowest counts most."),
    JSON_FIELD("required", FIELD_BOOL, FIELD_MAYBE,
               .doc = "It needs an answer, where it is asked."),
    WORDS("text", asked_item, FIELD_REQUIRED, "What is asked."),
    WORDS("hint", asked_item, FIELD_MAYBE, "What helps to answer."),
    JSON_FIELD("options", FIELD_LIST, FIELD_MAYBE, .item = &choice_item, .max = OPTIONS_MOST,
               .doc = "Of a choice or multi, two or more."),
    JSON_FIELD("points", FIELD_INT, FIELD_MAYBE, .min = 2, .max = POINTS_MOST,
               .doc = "How many a scale has; left out, five."),
    WORDS("low", end_item, FIELD_MAYBE, "What the scale's 1 means."),
    WORDS("high", end_item, FIELD_MAYBE, "What its highest point means."),
    JSON_FIELD("min", FIELD_ANY, FIELD_MAYBE, .doc = "Of a number."),
    JSON_FIELD("max", FIELD_ANY, FIELD_MAYBE, .doc = "Of a number."),
    JSON_FIELD("most", FIELD_INT, FIELD_MAYBE, .min = 1, .max = OPTIONS_MOST,
               .doc = "Of a multi: how many may be chosen; left out, all."),
    SHOW_IF,
};
static const struct json_table question_table = JSON_TABLE("instrument_question", question_fields);
static const struct json_field question_item =
    JSON_FIELD(NULL, FIELD_OBJECT, .table = &question_table);

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST),
     .use = FIELD_SORTS},
    {.json = JSON_FIELD("code", FIELD_TEXT, FIELD_REQUIRED | FIELD_CREATE_ONLY, .min = 1,
                        .max = CODE_LONGEST, .doc = "Small letters, digits and \"_\"."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("edition", FIELD_INT, FIELD_READ_ONLY,
                        .doc = "Counts those of a code. What is to be asked, or was, is never "
                               "changed: copy it, and change the copy.")},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses,
                        .doc = "A draft can be asked by no survey before it is published."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("subject", FIELD_ENUM, 0, .values = subjects,
                        .doc = "Whether it asks about each relationship, or about nothing in "
                               "particular."),
     .use = FIELD_FILTERS,
     .create_default = "'relationship'"},
    {.json = JSON_FIELD("locales", FIELD_LIST, FIELD_REQUIRED | FIELD_UNIQUE, .item = &locale_item,
                        .min = 1, .max = LOCALES_MOST,
                        .doc = "Its languages: all that it says is said in each.")},
    {.json = WORDS("about", about_item, 0, "Its purpose, source and scoring, explained."),
     .create_default = "'{}'"},
    {.json = JSON_FIELD("sections", FIELD_LIST, FIELD_REQUIRED, .item = &section_item, .min = 1,
                        .max = SECTIONS_MOST)},
    {.json = JSON_FIELD("factors", FIELD_LIST, 0, .item = &factor_item, .max = FACTORS_MOST,
                        .doc = "What several questions measure together: the mean of their "
                               "ratings, scaled to 1 to 5."),
     .create_default = "'[]'"},
    {.json = JSON_FIELD("questions", FIELD_LIST, FIELD_REQUIRED, .item = &question_item, .min = 1,
                        .max = QUESTIONS_MOST, .doc = "In the order in which they are asked.")},
    {.json = JSON_FIELD("frozen_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "When a survey was first to ask it; from then on it stays as it "
                               "is.")},
    {.json = JSON_FIELD("survey_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The first survey that was to ask it."),
     .sql = "CASE WHEN t.frozen_at IS NOT NULL THEN instrument_survey(t.id) END"},
    REFERENCE("copied_from_id", instrument, FIELD_READ_ONLY | FIELD_NULLABLE,
              .doc = "What it was copied from."),
};

static const struct json_field copy_fields[] = {
    JSON_FIELD("code", FIELD_TEXT, FIELD_NULLABLE, .min = 1, .max = CODE_LONGEST,
               .doc = "Left out: the next edition of the same code."),
    JSON_FIELD("name", FIELD_TEXT, FIELD_NULLABLE, .min = 1, .max = NAME_LONGEST,
               .doc = "Left out: the same."),
};

static const struct resource_action actions[] = {
    {.verb = "publish", .summary = "Publish one instrument, so that surveys can ask it"},
    {.verb = "copy",
     .summary = "Draft the same as one instrument, found by copied_from_id",
     ACTION_FIELDS(copy_fields)},
};

struct resource res_instrument = {
    .name = "instrument",
    .plural = "instruments",
    .doc = "What surveys ask, in several languages.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_PROGRAM,
    .scope = {.kind = SCOPE_DISTRICT},
    .default_sort = "name",
    RESOURCE_ROWS(fields),
    RESOURCE_TRANSITIONS(actions),
};
