/* Gifts: offered, accepted by whom the district's limits say, received, thanked for. */
#include "action.h"
#include "resources.h"

#define CENTS_MOST 1000000000000

static const char *const kinds[] = {"cash", "goods", "services", "staff_time", "space", NULL};
static const char *const statuses[] = {"offered", "accepted",  "received",
                                       "refused", "withdrawn", NULL};
static const char *const signers[] = {"principal",      "department_head", "director",
                                      "superintendent", "board",           NULL};
static const char *const letters[] = {"none", "due", "issued", NULL};

static const struct resource_field fields[] = {
    REFERENCE("donee_id", donee, FIELD_REQUIRED),
    REFERENCE("partner_id", partner, FIELD_NULLABLE,
              .doc = "Who gives it: a partner, or contact_id alone."),
    REFERENCE("contact_id", contact, FIELD_NULLABLE,
              .doc = "The person who gives it, for the partner if there is one."),
    REFERENCE("partnership_id", partnership, FIELD_NULLABLE),
    {.json = JSON_FIELD("title", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST,
                        .doc = "What it is, in a few words.")},
    {.json = JSON_FIELD("kind", FIELD_ENUM, FIELD_REQUIRED, .values = kinds), .use = FIELD_FILTERS},
    {.json = JSON_FIELD("amount_cents", FIELD_INT, FIELD_NULLABLE, .min = 1, .max = CENTS_MOST,
                        .doc = "Of cash, and of nothing else."),
     .readers = ROLES_STAFF},
    {.json =
         JSON_FIELD("value_cents", FIELD_INT, FIELD_NULLABLE, .min = 0, .max = CENTS_MOST,
                    .doc = "What anything but cash may be worth: for who accepts it, and for the "
                           "balance. It never stands in a letter for taxes."),
     .readers = ROLES_STAFF},
    {.json =
         JSON_FIELD("description", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST,
                    .doc = "Of what was given, without its value: letters for taxes repeat it.")},
    {.json = JSON_FIELD("offered_on", FIELD_DATE, 0),
     .use = FIELD_RANGES | FIELD_SORTS,
     .create_default = "district_today()"},
    {.json = JSON_FIELD("purpose", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST,
                        .doc = "What it may be used for, if the donor says so.")},
    REFERENCE("site_id", site, FIELD_NULLABLE,
              .doc = "The site that it is for; null: the district."),
    {.json = JSON_FIELD("restricted_until", FIELD_DATE, FIELD_NULLABLE,
                        .doc = "The last day on which the donor's restriction holds.")},
    {.json = JSON_FIELD("return_description", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST,
                        .doc = "Goods or services that the donor got for it; null: none.")},
    {.json = JSON_FIELD("return_cents", FIELD_INT, FIELD_NULLABLE, .min = 0, .max = CENTS_MOST,
                        .doc = "What those are worth, in good faith."),
     .readers = ROLES_STAFF},
    {.json = JSON_FIELD("return_is_religious", FIELD_BOOL, 0,
                        .doc = "The donor got nothing but intangible religious benefits."),
     .create_default = "false"},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses,
                        .doc = "Changed by actions alone; a file may say it of what it makes."),
     .use = FIELD_FILTERS | FIELD_IMPORTS,
     .create_default = "'offered'"},
    {.json = JSON_FIELD("status_reason", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("accepted_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("accepted_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The user who accepted it, or entered what the board decided.")},
    {.json = JSON_FIELD("accepted_as", FIELD_ENUM, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .values = signers, .doc = "Whose acceptance it was, by the limits.")},
    {.json = JSON_FIELD("board_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The meeting in which the board accepted it.")},
    {.json = JSON_FIELD("board_item", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The item of its agenda.")},
    {.json = JSON_FIELD("received_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The date of the contribution."),
     .use = FIELD_RANGES | FIELD_IMPORTS},
    {.json = JSON_FIELD("investment_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The partnership's investment that it became."),
     .ref = &res_investment},
    {.json = JSON_FIELD("thanked", FIELD_BOOL, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "false: it was received, and nobody has said thanks; null: thanks "
                               "are not due."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("unthanked_days", FIELD_INT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "For how long it has waited for thanks."),
     .sql = "gift_waits(t)"},
    {.json = JSON_FIELD("tax_letter", FIELD_ENUM, FIELD_READ_ONLY, .values = letters,
                        .doc = "due: this single contribution needs an acknowledgment for taxes."),
     .sql = "(SELECT l.letter FROM gift_letters(t) AS l)"},
    {.json = JSON_FIELD("tax_document_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The acknowledgment in force."),
     .sql = "(SELECT l.document_id FROM gift_letters(t) AS l)"},
};

static const struct resource_many many[] = {
    {"gift_steps", &res_gift_step, "gift_id"},
    {"thank_yous", &res_thank_you, "gift_id"},
    {NULL},
};

static const struct json_field accept_fields[] = {
    JSON_FIELD("board_on", FIELD_DATE, FIELD_NULLABLE,
               .doc = "The meeting in which the board accepted it, with board_item."),
    JSON_FIELD("board_item", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST),
};
static const struct json_field receive_fields[] = {
    JSON_FIELD("on_date", FIELD_DATE, FIELD_NULLABLE, .doc = "null: today."),
    JSON_FIELD("invest", FIELD_BOOL, FIELD_NULLABLE,
               .doc = "true: enter it as an investment of its partnership, too."),
};
static const struct json_field reason_fields[] = {REASON_FIELD};

static const struct resource_action actions[] = {
    {.verb = "accept",
     .summary = "Accept one gift, as the limits of the signing authority say",
     .roles = ROLES_ACCEPTANCE,
     ACTION_FIELDS(accept_fields)},
    {.verb = "refuse", .summary = "Refuse one gift", ACTION_FIELDS(reason_fields)},
    {.verb = "withdraw",
     .summary = "Say that the donor withdraws one gift",
     ACTION_FIELDS(reason_fields)},
    {.verb = "reopen", .summary = "Say that one gift is offered again"},
    {.verb = "receive",
     .summary = "Say that one gift was received, which drafts the thanks for it",
     ACTION_FIELDS(receive_fields)},
    {.verb = "invest", .summary = "Enter one gift as an investment of its partnership"},
    {.verb = "acknowledge",
     .summary = "Issue the acknowledgment for taxes of one gift",
     .roles = ROLES_REVIEW},
};

struct resource res_gift = {
    .name = "gift",
    .plural = "gifts",
    .doc = "What partners and single people give.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_SITE("site_id"),
    .whose = "is principal where it goes",
    .import_key = "donee_id,~title,offered_on,partner_id?,contact_id?",
    RESOURCE_ROWS(fields),
    .many = many,
    RESOURCE_TRANSITIONS(actions),
    .missing = "gift_missing(t.id, v.action)",
    .changes_by_day = true,
};
