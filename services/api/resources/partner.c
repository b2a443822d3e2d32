/* Partners: the organizations that work with the district. */
#include "action.h"
#include "resources.h"

const char *const partner_kinds[] = {"business",    "nonprofit",  "higher_ed",
                                     "faith_based", "government", "service_center",
                                     "civic",       "other",      NULL};
const char *const partner_reaches[] = {"one_school", "nearby", "district", NULL};
static const char *const tiers[] = {"supporter", "partner", "anchor", NULL};
static const char *const stages[] = {"prospect", "contacted", "vetting", "approved", "active",
                                     "dormant",  "declined",  "barred",  NULL};
static const char *const fundings[] = {"federal",    "state",    "local", "foundation", "corporate",
                                       "individual", "medicaid", "other", NULL};

#define OWN    "partner_is_read(t.id, t.owner_id, t.lead_site_id)"
#define BLANKS "partner_blanks(t) AS m"

static const struct json_field alias_item =
    JSON_FIELD(NULL, FIELD_TEXT, 0, .min = 1, .max = NAME_LONGEST);
const struct json_field partner_funding_item = JSON_FIELD(NULL, FIELD_ENUM, .values = fundings);
static const struct json_field code_item = JSON_FIELD(NULL, FIELD_TEXT);
static const struct json_field site_item = JSON_FIELD(NULL, FIELD_UUID);

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST),
     .use = FIELD_SORTS},
    {.json = JSON_FIELD("aliases", FIELD_LIST, FIELD_UNIQUE, .item = &alias_item, .max = 100),
     .create_default = "'{}'"},
    REFERENCE("parent_id", partner, FIELD_NULLABLE,
              .doc = "The organization of which this is a branch."),
    {.json = JSON_FIELD("kind", FIELD_ENUM, FIELD_REQUIRED, .values = partner_kinds),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("tier", FIELD_ENUM, FIELD_NULLABLE, .values = tiers), .use = FIELD_FILTERS},
    {.json = JSON_FIELD("stage", FIELD_ENUM, FIELD_READ_ONLY, .values = stages,
                        .doc = "Changed by actions alone; a file may say it of what it makes. "
                               "active: it has a partnership that is active, paused or renewing; "
                               "dormant: it had one."),
     .use = FIELD_FILTERS | FIELD_IMPORTS,
     .create_default = "'prospect'"},
    {.json = JSON_FIELD("stage_reason", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Why it was declined, or looked at again.")},
    {.json = JSON_FIELD("barred_reason", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .max = TEXT_LONGEST, .doc = "Why it is barred."),
     .use = FIELD_IMPORTS,
     .readers = ROLES_PROGRAM,
     .is_private = true,
     .owned = OWN},
    {.json = JSON_FIELD("ein", FIELD_TEXT, FIELD_NULLABLE, .min = 9, .max = 9,
                        .doc = "Employer Identification Number: nine digits."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("website", FIELD_URL, FIELD_NULLABLE)},
    {.json = JSON_FIELD("email", FIELD_EMAIL, FIELD_NULLABLE), .readers = ROLES_STAFF},
    {.json = JSON_FIELD("phone", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST),
     .readers = ROLES_STAFF},
    ADDRESS_FIELDS,
    {.json = JSON_FIELD("description", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("strengths", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("innovation", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST,
                        .doc = "What it brings that does not exist inside the district.")},
    {.json = JSON_FIELD("reach", FIELD_ENUM, FIELD_NULLABLE, .values = partner_reaches,
                        .doc = "Where it would like to work.")},
    {.json = JSON_FIELD("funding_types", FIELD_LIST, FIELD_UNIQUE, .item = &partner_funding_item,
                        .max = 8, .doc = "The kinds of funds that it can reach."),
     .create_default = "'{}'"},
    {.json = JSON_FIELD("in_directory", FIELD_BOOL, 0,
                        .doc = "It wants to be in the directory that partners see."),
     .use = FIELD_FILTERS,
     .create_default = "false"},
    {.json = JSON_FIELD("culture_notes", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST,
                        .doc = "How it works and decides; private: its owners' and directors'."),
     .readers = ROLES_PROGRAM,
     .is_private = true,
     .owned = OWN},
    {.json = JSON_FIELD("language_notes", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST,
                        .doc = "Which languages its people speak and write; private."),
     .readers = ROLES_PROGRAM,
     .is_private = true,
     .owned = OWN},
    SERVING("owner_id", FIELD_NULLABLE, .doc = "The user who cares for it at the district."),
    REFERENCE("lead_site_id", site, FIELD_NULLABLE),
    {.json = JSON_FIELD("last_contact_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "A person's last contact, never automatic mail.")},
    {.json = JSON_FIELD("completeness", FIELD_INT, FIELD_READ_ONLY, .max = 100,
                        .doc = "Of the central fields, in percent. Where the district requires "
                               "another field, that of a thousand partners follows at once, and "
                               "of the others in the minutes after."),
     .use = FIELD_RANGES | FIELD_SORTS},
    {.json = JSON_FIELD("incomplete", FIELD_LIST, FIELD_READ_ONLY, .item = &code_item,
                        .doc = "The central fields that are not there: owner, tier, ein, website, "
                               "address, description, strengths, reach, focus_area, contact; "
                               "and the district's own that are required, as custom.<code>."),
     .sql = "to_json(m.fields)",
     .row = BLANKS},
    {.json =
         JSON_FIELD("footprint", FIELD_LIST, FIELD_READ_ONLY, .item = &site_item, .max = INT64_MAX,
                    .doc = "The sites where it works today, by partnerships and programs."),
     .sql = "(SELECT to_json(r.site_ids) FROM partner_reach(t.district_id, t.id) AS r)"},
    REFERENCE("merged_into", partner, FIELD_READ_ONLY | FIELD_NULLABLE,
              .doc = "The partner that it turned out to be; the old id answers still, archived."),
};

/* Where it works, as its footprint tells, or leads. */
static const struct resource_field links[] = {
    {.json = JSON_FIELD("focus_area_id", FIELD_UUID, 0),
     .use = FIELD_FILTERS,
     .sql = "SELECT f.partner_id FROM partner_focus_area f "
            "WHERE f.archived_at IS NULL AND f.focus_area_id"},
    {.json = JSON_FIELD("site_id", FIELD_UUID, 0),
     .use = FIELD_FILTERS,
     .sql = "SELECT w.partner_id FROM partner_site w WHERE w.site_id"},
};

static const struct resource_many many[] = {
    {"affiliations", &res_affiliation, "partner_id"},
    {"partner_owners", &res_partner_owner, "partner_id"},
    {"partner_focus_areas", &res_partner_focus_area, "partner_id"},
    {"credentials", &res_credential, "partner_id"},
    {"offers", &res_offer, "partner_id"},
    {"partnerships", &res_partnership, "partner_id"},
    {"programs", &res_program, "partner_id"},
    {"taggings", &res_tagging, "partner_id"},
    {"custom_values", &res_custom_value, "partner_id"},
    {NULL},
};

static const char *const interactions[] = {
    "one_to_one", "community_meeting", "call", "mail", "visit", NULL};
static const struct json_field contact_fields[] = {
    JSON_FIELD("on_date", FIELD_DATE, FIELD_NULLABLE, .doc = "Null: today."),
    JSON_FIELD("kind", FIELD_ENUM, FIELD_NULLABLE, .values = interactions,
               .doc = "Of the interaction that tells of it; null: a call."),
    JSON_FIELD("subject", FIELD_TEXT, FIELD_NULLABLE, .min = 1, .max = NAME_LONGEST),
};
static const struct json_field reason_fields[] = {REASON_FIELD};
static const struct json_field transfer_fields[] = {
    JSON_FIELD("owner_id", FIELD_UUID, FIELD_NULLABLE, .doc = "Null: whoever cares for it now."),
    JSON_FIELD("lead_site_id", FIELD_UUID, FIELD_NULLABLE, .doc = "Null: as it is."),
    JSON_FIELD("partnerships", FIELD_BOOL, FIELD_NULLABLE,
               .doc = "Its partnerships that the old lead site leads follow."),
};
static const struct json_field merged_item = JSON_FIELD(NULL, FIELD_UUID);
static const struct json_field merge_fields[] = {
    JSON_FIELD("partner_ids", FIELD_LIST, FIELD_REQUIRED | FIELD_UNIQUE, .item = &merged_item,
               .min = 1, .max = 20, .doc = "The others, which become this one."),
    JSON_FIELD("reason", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST),
};
static const struct json_field credential_item =
    JSON_FIELD(NULL, FIELD_ENUM, .values = credential_kinds);
static const struct json_field ask_credentials_fields[] = {
    JSON_FIELD("kinds", FIELD_LIST, FIELD_UNIQUE | FIELD_NULLABLE, .item = &credential_item,
               .max = 7, .doc = "Null: what its partnerships lack."),
};
static const struct resource_action actions[] = {
    {.verb = "ask_record",
     .summary =
         "Ask one partner by mail whether its record is right, which it changes by the mail's link"},
    {.verb = "ask_credentials",
     .summary = "Ask one partner by mail for papers, which it sends by the mail's link",
     ACTION_FIELDS(ask_credentials_fields)},
    {.verb = "merge",
     .summary = "Make one partner of several records of it",
     .roles = ROLES_PROGRAM,
     ACTION_FIELDS(merge_fields)},
    {.verb = "contact",
     .summary = "Say that somebody was in touch with one prospect",
     ACTION_FIELDS(contact_fields)},
    {.verb = "vet", .summary = "Begin to vet one partner"},
    {.verb = "approve", .summary = "Approve one partner", .roles = ROLES_PROGRAM},
    {.verb = "decline", .summary = "Decline one partner", ACTION_FIELDS(reason_fields)},
    {.verb = "bar",
     .summary = "Bar one partner from the district's schools",
     .roles = ROLES_PROGRAM,
     ACTION_FIELDS(reason_fields)},
    {.verb = "reopen",
     .summary = "Look again at one partner that was declined or barred",
     .roles = ROLES_PROGRAM,
     ACTION_FIELDS(reason_fields)},
    {.verb = "transfer",
     .summary = "Hand one partner over to another owner or lead site",
     ACTION_FIELDS(transfer_fields)},
};

struct resource res_partner = {
    .name = "partner",
    .plural = "partners",
    .doc = "The organizations that work with the district.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_SITE("lead_site_id"),
    .whose = "cares for it",
    .searched = "'{partner}'",
    .default_sort = "name",
    .has_saved_filters = true,
    .import_key = "ein|~name",
    RESOURCE_ROWS(fields),
    RESOURCE_LINKS(links),
    .many = many,
    RESOURCE_TRANSITIONS(actions),
    .status = "stage",
    .missing = "partner_missing(t.id, v.action)",
    .changes_by_day = true,
    .records_reads = true,
};
