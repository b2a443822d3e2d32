/* Partnerships: what a partner and sites do together, from exploring to its end. */
#include "action.h"
#include "resources.h"

static const char *const arrangements[] = {"program",  "sponsorship", "service", "public_private",
                                           "research", "gift",        "other",   NULL};
static const char *const tiers[] = {"supporter", "partner", "anchor", NULL};
static const char *const cadences[] = {"quarterly", "twice_a_year", "none", NULL};
static const char *const statuses[] = {"exploring", "aligning", "agreement", "active", "paused",
                                       "renewing",  "ended",    "declined",  NULL};

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST),
     .use = FIELD_SORTS},
    REFERENCE("partner_id", partner, FIELD_REQUIRED),
    {.json = JSON_FIELD("arrangement", FIELD_ENUM, FIELD_REQUIRED, .values = arrangements),
     .use = FIELD_FILTERS},
    REFERENCE("program_id", program, FIELD_NULLABLE),
    REFERENCE("focus_area_id", focus_area, FIELD_NULLABLE),
    REFERENCE("lead_site_id", site, FIELD_NULLABLE,
              .doc = "Who leads it locally; null: the district itself."),
    {.json = JSON_FIELD("tier", FIELD_ENUM, FIELD_NULLABLE, .values = tiers,
                        .doc = "null: the partner's.")},
    {.json = JSON_FIELD("cadence", FIELD_ENUM, FIELD_NULLABLE, .values = cadences,
                        .doc = "Of its check-ins; null: as its tier has them.")},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses,
                        .doc = "Changed by actions alone; a file may say exploring, active or "
                               "ended of what it makes."),
     .use = FIELD_FILTERS | FIELD_IMPORTS,
     .create_default = "'exploring'"},
    {.json = JSON_FIELD("status_reason", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Why it is paused, ended or declined.")},
    {.json = JSON_FIELD("paused_until", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("starts_on", FIELD_DATE, FIELD_NULLABLE)},
    {.json = JSON_FIELD("ends_on", FIELD_DATE, FIELD_NULLABLE,
                        .doc = "The last day that was agreed on.")},
    {.json = JSON_FIELD("ended_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The day on which it really ended."),
     .use = FIELD_IMPORTS},
    {.json = JSON_FIELD("activated_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "When it became active for the first time.")},
    {.json = JSON_FIELD("gate_due", FIELD_DATE, FIELD_NULLABLE,
                        .doc = "By when one that was active before has to have what activating "
                               "asks for."),
     .use = FIELD_RANGES},
    {.json =
         JSON_FIELD("gate_missing", FIELD_LIST, FIELD_READ_ONLY | FIELD_NULLABLE,
                    .item = &(const struct json_field)JSON_FIELD(NULL, FIELD_TEXT),
                    .doc = "What it has not yet of that; null: no day is set, or it does not run."),
     .sql = "CASE WHEN t.gate_due IS NOT NULL AND t.status IN ('active', 'paused', 'renewing') "
            "THEN to_json(partnership_missing(t.id, 'activate')) END"},
    {.json = JSON_FIELD("agreement_lapsed_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Since when none of its agreements is valid any more; of a "
                               "supporter's or a gift, since when its lead, its purpose or a "
                               "credential is missing; of one whose gate_due is over, since "
                               "when it lacks what activating asks for.")},
    {.json = JSON_FIELD("purpose", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("vision", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST,
                        .doc = "What both sides share.")},
    {.json = JSON_FIELD("vision_district_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "When the district acknowledged it as it stands.")},
    {.json = JSON_FIELD("vision_district_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The user who did.")},
    {.json = JSON_FIELD("vision_partner_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "When the partner acknowledged it as it stands.")},
    {.json = JSON_FIELD("vision_partner_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The contact who did."),
     .ref = &res_contact},
    {.json = JSON_FIELD("vision_partner_recorded_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The user who was told so; null: the contact's own act.")},
    {.json = JSON_FIELD("vision_partner_version", FIELD_INT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The version of this that the partner had read.")},
    {.json = JSON_FIELD("expectations", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("processes", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("desired_outcomes", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
};

static const struct resource_many many[] = {
    {"activities", &res_activity, "partnership_id"},
    {"agreement_partnerships", &res_agreement_partnership, "partnership_id"},
    {"goal_partnerships", &res_goal_partnership, "partnership_id"},
    {"goals", &res_goal, "partnership_id"},
    {"investments", &res_investment, "partnership_id"},
    {"milestones", &res_milestone, "partnership_id"},
    {"partnership_partners", &res_partnership_partner, "partnership_id"},
    {"partnership_roles", &res_partnership_role, "partnership_id"},
    {"partnership_sites", &res_partnership_site, "partnership_id"},
    {"taggings", &res_tagging, "partnership_id"},
    {"custom_values", &res_custom_value, "partnership_id"},
    {NULL},
};

static const struct json_field acknowledge_fields[] = {ON_BEHALF_OF_FIELD};
static const struct json_field reason_fields[] = {REASON_FIELD};
static const struct json_field end_fields[] = {
    REASON_FIELD,
    JSON_FIELD("ended_on", FIELD_DATE, FIELD_NULLABLE,
               .doc =
                   "The day on which it ended; null: today. Not in the future, and not before it "
                   "began."),
};
static const struct json_field pause_fields[] = {
    REASON_FIELD,
    JSON_FIELD("until", FIELD_DATE, FIELD_NULLABLE, .doc = "The last day of it, if that is known."),
};

static const struct resource_action actions[] = {
    {.verb = "explore", .summary = "Go back to exploring one partnership"},
    {.verb = "align", .summary = "Go on to aligning one partnership, or back to it"},
    {.verb = "agree", .summary = "Go on to the agreement of one partnership"},
    {.verb = "activate", .summary = "Activate one partnership, if nothing is missing"},
    {.verb = "pause", .summary = "Pause one partnership", ACTION_FIELDS(pause_fields)},
    {.verb = "resume", .summary = "Resume one partnership that is paused"},
    {.verb = "renew", .summary = "Begin to renew one partnership"},
    {.verb = "end", .summary = "End one partnership", ACTION_FIELDS(end_fields)},
    {.verb = "decline", .summary = "Decline one partnership", ACTION_FIELDS(reason_fields)},
    {.verb = "reopen", .summary = "Reopen one partnership that ended or was declined"},
    {.verb = "acknowledge",
     .summary = "Acknowledge the vision of one partnership, for a side of it",
     ACTION_FIELDS(acknowledge_fields)},
    {.verb = "ask_acknowledgment",
     .summary = "Ask the partner of one partnership by mail to acknowledge its vision and goals"},
    {.verb = "pass_gate",
     .summary = "Say that one partnership that runs has all that activating asks for"},
    {.verb = "ask_investments",
     .summary = "Ask the partner of one partnership by mail whether what both sides put in is so"},
};

struct resource res_partnership = {
    .name = "partnership",
    .plural = "partnerships",
    .doc = "What a partner and sites do together.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_MEMBERS("lead_site_id", "partnership_site"),
    .whose = "leads it, answers for partnerships at its lead site, or cares for the partner of one "
             "that is to be left and that nobody leads",
    .searched = "'{partnership}'",
    .default_sort = "name",
    .has_saved_filters = true,
    .import_key = "partner_id,~name",
    RESOURCE_ROWS(fields),
    .many = many,
    RESOURCE_TRANSITIONS(actions),
    .missing = "partnership_missing(t.id, v.action)",
};
