/* Investments: what each side puts into a partnership, in money and in time. */
#include "action.h"
#include "resources.h"

#define AMOUNT_CENTS_MOST 1000000000000
#define RATE_CENTS_MOST   10000000
#define HOURS_MOST        10000000

static const char *const sides[] = {"district", "partner", NULL};
static const char *const kinds[] = {"cash",  "grant",    "in_kind",  "staff_fte", "hours",
                                    "space", "software", "training", NULL};
static const char *const statuses[] = {"pledged", "delivered", "cancelled", NULL};
static const char *const answers[] = {"confirmed", "disputed", NULL};

static const struct resource_field fields[] = {
    REFERENCE("partnership_id", partnership, FIELD_REQUIRED),
    REFERENCE("partner_id", partner, FIELD_NULLABLE,
              .doc = "The co-partner whose it is, or for whom the district puts it in; "
                     "null: the partnership's own partner."),
    {.json = JSON_FIELD("site_id", FIELD_UUID, FIELD_NULLABLE), .ref = &res_site},
    {.json =
         JSON_FIELD("side", FIELD_ENUM, FIELD_REQUIRED, .values = sides, .doc = "Who puts it in."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("kind", FIELD_ENUM, FIELD_REQUIRED, .values = kinds), .use = FIELD_FILTERS},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses,
                        .doc = "Changed by actions alone; a file may say it of what it makes."),
     .use = FIELD_FILTERS | FIELD_IMPORTS,
     .create_default = "'pledged'"},
    {.json =
         JSON_FIELD("amount_cents", FIELD_INT, FIELD_NULLABLE, .min = 0, .max = AMOUNT_CENTS_MOST,
                    .doc = "Of cash and grants, and what in-kind is worth, in cents.")},
    {.json = JSON_FIELD("hours", FIELD_DECIMAL, FIELD_NULLABLE, .min = 0, .max = HOURS_MOST,
                        .precision = 12, .scale = 2)},
    {.json = JSON_FIELD("rate_cents", FIELD_INT, FIELD_NULLABLE, .min = 0, .max = RATE_CENTS_MOST,
                        .doc = "Of an hour, as it was when this was entered, in cents.")},
    {.json = JSON_FIELD("from_date", FIELD_DATE, FIELD_REQUIRED),
     .use = FIELD_RANGES | FIELD_SORTS},
    {.json = JSON_FIELD("until_date", FIELD_DATE, FIELD_REQUIRED,
                        .doc = "The last day; it is pro-rated by the days from one to the other.")},
    REFERENCE("placement_id", placement, FIELD_READ_ONLY | FIELD_NULLABLE,
              .doc = "The placement whose worth it is; null: none."),
    {.json = JSON_FIELD("is_fed", FIELD_BOOL, FIELD_READ_ONLY,
                        .doc = "Made by its placement, and kept as that is; until somebody changes "
                               "or cancels it.")},
    {.json = JSON_FIELD("purpose", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("is_assigned", FIELD_BOOL, 0,
                        .doc = "Of a grant from outside: it counts for its side."),
     .create_default = "false"},
    {.json = JSON_FIELD("grant_name", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST,
                        .doc = "The federal grant that it matches.")},
    {.json =
         JSON_FIELD("match_cents", FIELD_INT, FIELD_NULLABLE, .min = 0, .max = AMOUNT_CENTS_MOST,
                    .doc = "What it is worth as a match of that grant, in cents.")},
    {.json = JSON_FIELD("value_cents", FIELD_INT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "What it is recognized as, in cents: the amount, or the hours by "
                               "their rate."),
     .sql = "investment_cents(t)"},
    {.json = JSON_FIELD("dispute_reason", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("confirmed_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("confirmed_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The user who confirmed or disputed it, or was told so.")},
    {.json = JSON_FIELD("confirmed_contact_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The contact who told the user, or answered by a link itself."),
     .ref = &res_contact},
    {.json =
         JSON_FIELD("confirmed", FIELD_ENUM, FIELD_READ_ONLY | FIELD_NULLABLE, .values = answers,
                    .doc = "What the other side says of it; the partner, by "
                           "its link, also of what was written down as its own.")},
};

static const struct json_field confirm_fields[] = {ON_BEHALF_OF_FIELD};
static const struct json_field dispute_fields[] = {REASON_FIELD, ON_BEHALF_OF_FIELD};

static const struct resource_action actions[] = {
    {.verb = "confirm",
     .summary = "Confirm one investment, for the side that did not enter it",
     ACTION_FIELDS(confirm_fields)},
    {.verb = "dispute",
     .summary = "Dispute one investment, for the side that did not enter it",
     ACTION_FIELDS(dispute_fields)},
    {.verb = "deliver", .summary = "Say that one investment was delivered"},
    {.verb = "cancel", .summary = "Cancel one investment that was pledged"},
};

struct resource res_investment = {
    .name = "investment",
    .plural = "investments",
    .doc = "What each side puts into a partnership.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PARENT("partnership_id", "partnership"),
    .default_sort = "from_date",
    .import_key = "partnership_id,side,kind,from_date,until_date,partner_id?,site_id?,~purpose?",
    RESOURCE_ROWS(fields),
    RESOURCE_TRANSITIONS(actions),
};
