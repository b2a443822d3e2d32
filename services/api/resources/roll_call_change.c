/* What follows of a confirmed roll call: of partners that have ended, or were never there. */
#include "action.h"
#include "resources.h"

static const char *const kinds[] = {"lead_site",  "program_site", "partnership_site",
                                    "co_partner", "partnership",  "affiliation",
                                    NULL};
static const char *const statuses[] = {"proposed", "applied", "dismissed", NULL};

static const struct resource_field fields[] = {
    REFERENCE("roll_call_id", roll_call, FIELD_READ_ONLY),
    REFERENCE("partner_id", partner, FIELD_READ_ONLY),
    {.json = JSON_FIELD("kind", FIELD_ENUM, FIELD_READ_ONLY, .values = kinds,
                        .doc = "lead_site: the site leads the partner no more; program_site, "
                               "partnership_site: it leaves the program, the partnership, which "
                               "goes on elsewhere; co_partner: the partner leaves the "
                               "partnership; partnership: it ends; affiliation: a person whom the "
                               "school works with is the partner's."),
     .use = FIELD_FILTERS},
    REFERENCE("partnership_id", partnership, FIELD_READ_ONLY | FIELD_NULLABLE),
    {.json = JSON_FIELD("program_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE),
     .ref = &res_program},
    {.json = JSON_FIELD("person_name", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE),
     .sql = "t.person ->> 'name'"},
    {.json = JSON_FIELD("person_email", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE),
     .readers = ROLES_STAFF,
     .sql = "t.person ->> 'email'"},
    {.json = JSON_FIELD("person_phone", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE),
     .readers = ROLES_STAFF,
     .sql = "t.person ->> 'phone'"},
    {.json = JSON_FIELD("person_role", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE),
     .sql = "t.person ->> 'role'"},
    {.json = JSON_FIELD("contact_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Who that is; null: nobody is known by that address or name."),
     .ref = &res_contact},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses,
                        .doc = "proposed: whoever leads the partnership decides, of a person "
                               "whoever cares for the partner."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("decided_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE),
     .ref = &res_user},
    {.json = JSON_FIELD("decided_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("note", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .max = TEXT_LONGEST)},
};

static const struct json_field note_fields[] = {
    JSON_FIELD("note", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST),
};
static const struct json_field apply_fields[] = {
    JSON_FIELD("note", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST),
    JSON_FIELD("contact_id", FIELD_UUID, FIELD_NULLABLE,
               .doc = "Of a person: who it is; null: as proposed, or somebody new."),
    JSON_FIELD("is_new", FIELD_BOOL, FIELD_NULLABLE,
               .doc = "Of a person: none of those who are called so."),
};
static const struct resource_action actions[] = {
    {.verb = "apply",
     .summary = "Do what a roll call proposes of one partnership or person",
     .roles = "admin,director,coordinator",
     ACTION_FIELDS(apply_fields)},
    {.verb = "dismiss",
     .summary = "Leave one partnership as it is, whatever a roll call says",
     .roles = "admin,director,coordinator",
     ACTION_FIELDS(note_fields)},
};

struct resource res_roll_call_change = {
    .name = "roll_call_change",
    .plural = "roll_call_changes",
    .doc = "What follows of confirmed roll calls.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .operations = RESOURCE_READ,
    .scope = SCOPE_OF_PARENT("roll_call_id", "roll_call"),
    .whose = "leads the partnership or, of a person, cares for the partner",
    RESOURCE_ROWS(fields),
    RESOURCE_TRANSITIONS(actions),
};
