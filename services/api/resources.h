/* The resources, one declaration each, in a file of its own. */
#ifndef KITH_API_RESOURCES_H
#define KITH_API_RESOURCES_H

#include "resource.h"

extern struct resource res_district;
extern struct resource res_site;
extern struct resource res_partner;
extern struct resource res_network;
extern struct resource res_focus_area;
extern struct resource res_contact;
extern struct resource res_affiliation;
extern struct resource res_program;
extern struct resource res_program_site;
extern struct resource res_reporting_quarter;
extern struct resource res_closed_day;
extern struct resource res_blackout;
extern struct resource res_partnership;
extern struct resource res_partnership_site;
extern struct resource res_partnership_role;
extern struct resource res_goal;
extern struct resource res_agreement;
extern struct resource res_agreement_partnership;
extern struct resource res_investment;
extern struct resource res_instrument;
extern struct resource res_survey;
extern struct resource res_survey_invitation;
extern struct resource res_indicator;
extern struct resource res_observation;
extern struct resource res_rollup;
extern struct resource res_release;
extern struct resource res_check_in;
extern struct resource res_check_in_half;
extern struct resource res_check_in_goal;
extern struct resource res_action_item;
extern struct resource res_reminder;
extern struct resource res_message;
extern struct resource res_preference;
extern struct resource res_address_suppression;
extern struct resource res_call_task;
extern struct resource res_user;
extern struct resource res_grant;
extern struct resource res_api_key;
extern struct resource res_audit;
extern struct resource res_import;

/* Roles by what they may do, as domain.md's table says. Scope is the database's to check. */
#define ROLES_EVERYBODY \
    "admin,director,executive,coordinator,school_leader,reviewer,data_steward,viewer"
#define ROLES_STAFF    "admin,director,executive,coordinator,school_leader,reviewer,data_steward"
#define ROLES_PROGRAM  "admin,director"
#define ROLES_REGISTRY "admin,director,coordinator,school_leader"
#define ROLES_MAIL     "admin,director,coordinator"
#define ROLES_ADMIN    "admin"
#define ROLES_RAW      "admin,data_steward" /* figures as they were loaded */

/* Lengths that many fields share; the tables' checks say the same. */
#define NAME_LONGEST 200
#define LINE_LONGEST 255
#define TEXT_LONGEST 10000
#define CODE_LONGEST 64

/* What figures are of: ends in NULL. */
extern const char *const period_kinds[];

/* What actions share. */
#define REASON_FIELD \
    JSON_FIELD("reason", FIELD_LONG_TEXT, FIELD_REQUIRED, .min = 1, .max = TEXT_LONGEST)
#define ON_BEHALF_OF_FIELD                                                                \
    JSON_FIELD("on_behalf_of", FIELD_UUID, FIELD_NULLABLE,                                \
               .doc = "The contact who leads it on the partner's side, and told you so; " \
                      "null: you acknowledge it for the district.")

/* A postal address, for those who have one. */
#define ADDRESS_FIELDS                                                                     \
    {.json = JSON_FIELD("street", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST)},       \
        {.json = JSON_FIELD("city", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST),      \
         .use = FIELD_FILTERS},                                                            \
        {.json = JSON_FIELD("state", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST)},    \
    {                                                                                      \
        .json = JSON_FIELD("postal_code", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST) \
    }

#endif
