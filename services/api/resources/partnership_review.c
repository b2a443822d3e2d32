/* Reviews of partnerships and programs: what the system knows, and what is decided. */
#include "action.h"
#include "resources.h"

static const char *const statuses[] = {"due", "drafting", "decided", "approved", NULL};
static const char *const decisions[] = {"renew", "grow", "adjust", "exit", NULL};

static const struct resource_field fields[] = {
    REFERENCE("partnership_id", partnership, FIELD_NULLABLE,
              .doc = "What is reviewed; null: a program, wherever it runs."),
    REFERENCE("program_id", program, FIELD_NULLABLE,
              .doc = "The program; of a partnership, if that alone is reviewed."),
    SCHOOL_YEAR_FIELD(FIELD_REQUIRED, FIELD_FILTERS),
    {.json = JSON_FIELD("due_on", FIELD_DATE, FIELD_REQUIRED), .use = FIELD_RANGES | FIELD_SORTS},
    SERVING("user_id", FIELD_NULLABLE, .doc = "Who drafts it."),
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("quality", FIELD_INT, FIELD_NULLABLE, .min = 1, .max = 4)},
    {.json = JSON_FIELD("sustainability", FIELD_INT, FIELD_NULLABLE, .min = 1, .max = 4)},
    {.json = JSON_FIELD("findings", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
    {.json =
         JSON_FIELD("decision", FIELD_ENUM, FIELD_READ_ONLY | FIELD_NULLABLE, .values = decisions),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("next_step", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "What is to be done about it; null: what was found says it.")},
    {.json = JSON_FIELD("next_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Until when; where it is to be left, its last day.")},
    {.json = JSON_FIELD(
         "evidence", FIELD_ANY, FIELD_READ_ONLY | FIELD_NULLABLE,
         .doc =
             "What the system knows of it, gathered when it began, fell due or was drafted, and at "
             "last when it was decided: goals, milestones, check-ins, figures, surveys, "
             "credentials, investments."),
     .readers = ROLES_STAFF},
    {.json = JSON_FIELD("evidence_as_of", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The day on which that was so; of a decided review it stays.")},
    {.json = JSON_FIELD("decided_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The user who decided.")},
    {.json = JSON_FIELD("decided_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("approved_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The user who approved.")},
};

static const struct json_field decide_fields[] = {
    JSON_FIELD("decision", FIELD_ENUM, FIELD_REQUIRED, .values = decisions,
               .doc = "Once it is approved: exit gives the partnership its last day, and its leads "
                      "the task to end it; grow and adjust become an action of whoever leads it."),
    JSON_FIELD("next_step", FIELD_LONG_TEXT, FIELD_NULLABLE, .min = 1, .max = TEXT_LONGEST,
               .doc = "What is to be done; null: what was found says it."),
    JSON_FIELD("next_on", FIELD_DATE, FIELD_NULLABLE,
               .doc = "Until when; null: until the school year is over."),
};

static const struct resource_many many[] = {
    {"action_items", &res_action_item, "partnership_review_id"},
    {NULL},
};

static const struct resource_action actions[] = {
    {.verb = "draft", .summary = "Begin to draft one review, and gather its evidence"},
    {.verb = "gather", .summary = "Gather the evidence of one review anew"},
    {.verb = "decide",
     .summary = "Decide one review, which freezes its evidence",
     ACTION_FIELDS(decide_fields)},
    {.verb = "approve",
     .summary = "Approve what one review decided",
     .roles = "admin,director,executive"},
    {.verb = "return",
     .summary = "Return one review to whoever drafts it",
     .roles = "admin,director,executive"},
};

struct resource res_partnership_review = {
    .name = "partnership_review",
    .plural = "partnership_reviews",
    .doc = "Reviews of partnerships: evidence that the system gathers, a rating, a decision.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_SUBJECT("partnership,program"),
    .whose = "user_id names",
    .default_sort = "due_on",
    .missing = "partnership_review_missing(t.id, v.action)",
    .many = many,
    RESOURCE_ROWS(fields),
    RESOURCE_TRANSITIONS(actions),
};
