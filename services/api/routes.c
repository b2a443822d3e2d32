/* The route table. */
#include "routes.h"

#include "account.h"
#include "action.h"
#include "dashboard.h"
#include "import.h"
#include "openapi.h"
#include "page.h"
#include "resources.h"
#include "session.h"
#include "survey_results.h"

#define READ(plural, resource)                                             \
    {HTTP_GET, "/v1/" plural, resource_list, .what = &(resource)},         \
    {                                                                      \
        HTTP_GET, "/v1/" plural "/{id}", resource_get, .what = &(resource) \
    }
#define PATCH(plural, resource)                                                \
    {                                                                          \
        HTTP_PATCH, "/v1/" plural "/{id}", resource_patch, .what = &(resource) \
    }
#define CRUD(plural, resource)                                                          \
    READ(plural, resource), PATCH(plural, resource),                                    \
        {HTTP_POST, "/v1/" plural, resource_create, .what = &(resource)},               \
        {HTTP_DELETE, "/v1/" plural "/{id}", resource_archive, .what = &(resource)},    \
    {                                                                                   \
        HTTP_POST, "/v1/" plural "/{id}/restore", resource_restore, .what = &(resource) \
    }

#define ACTION(plural, verb, resource)                                           \
    {                                                                            \
        HTTP_POST, "/v1/" plural "/{id}/" verb, action_post, .what = &(resource) \
    }
#define TRANSITIONS(plural, resource)                                                        \
    {                                                                                        \
        HTTP_GET, "/v1/" plural "/{id}/transitions", action_transitions, .what = &(resource) \
    }

/* Pages find out themselves who asks, and send the others to sign in. */
#define PAGE(pattern, handler)                                         \
    {                                                                  \
        HTTP_GET, pattern, handler, .flags = ROUTE_PAGE | ROUTE_PUBLIC \
    }
#define LINK_PAGE(pattern, handler)                                                    \
    {                                                                                  \
        HTTP_GET, pattern, handler, .flags = ROUTE_PAGE | ROUTE_PUBLIC | ROUTE_BY_LINK \
    }
#define FORM(pattern, handler, bytes, more)                                      \
    {                                                                            \
        HTTP_POST, pattern, handler, .body_max_bytes = bytes,                    \
                                     .flags = ROUTE_PAGE | ROUTE_PUBLIC | (more) \
    }

const struct route api_routes[] = {
    {HTTP_POST, "/v1/sessions", session_create, .body_max_bytes = KB(4),
     .flags = ROUTE_PUBLIC | ROUTE_SIGNS_IN},
    {HTTP_DELETE, "/v1/sessions/current", session_end},
    {HTTP_GET, "/v1/me", session_me},
    {HTTP_PATCH, "/v1/me", account_me_patch, .what = &res_user},
    {HTTP_GET, "/v1/me/sessions", account_sessions},
    {HTTP_DELETE, "/v1/me/sessions/{id}", account_session_end},
    {HTTP_POST, "/v1/me/password", account_own_password_set, .body_max_bytes = KB(4),
     .flags = ROUTE_SIGNS_IN},
    {HTTP_POST, "/v1/passwords", account_link_password_set, .body_max_bytes = KB(4),
     .flags = ROUTE_PUBLIC | ROUTE_SIGNS_IN},
    READ("districts", res_district),
    PATCH("districts", res_district),
    ACTION("districts", "go_live", res_district),
    CRUD("users", res_user),
    {HTTP_POST, "/v1/users/{id}/password_reset", account_password_reset, .what = &res_user},
    CRUD("grants", res_grant),
    READ("api_keys", res_api_key),
    {HTTP_POST, "/v1/api_keys", account_key_create, .what = &res_api_key},
    ACTION("api_keys", "revoke", res_api_key),
    READ("audit", res_audit),
    CRUD("sites", res_site),
    CRUD("partners", res_partner),
    CRUD("networks", res_network),
    CRUD("focus_areas", res_focus_area),
    CRUD("contacts", res_contact),
    CRUD("affiliations", res_affiliation),
    CRUD("programs", res_program),
    CRUD("program_sites", res_program_site),
    CRUD("reporting_quarters", res_reporting_quarter),
    CRUD("closed_days", res_closed_day),
    CRUD("blackouts", res_blackout),
    CRUD("partnerships", res_partnership),
    TRANSITIONS("partnerships", res_partnership),
    ACTION("partnerships", "explore", res_partnership),
    ACTION("partnerships", "align", res_partnership),
    ACTION("partnerships", "agree", res_partnership),
    ACTION("partnerships", "activate", res_partnership),
    ACTION("partnerships", "pause", res_partnership),
    ACTION("partnerships", "resume", res_partnership),
    ACTION("partnerships", "renew", res_partnership),
    ACTION("partnerships", "end", res_partnership),
    ACTION("partnerships", "decline", res_partnership),
    ACTION("partnerships", "reopen", res_partnership),
    ACTION("partnerships", "acknowledge", res_partnership),
    CRUD("partnership_sites", res_partnership_site),
    CRUD("partnership_roles", res_partnership_role),
    CRUD("goals", res_goal),
    ACTION("goals", "acknowledge", res_goal),
    CRUD("agreements", res_agreement),
    TRANSITIONS("agreements", res_agreement),
    ACTION("agreements", "submit", res_agreement),
    ACTION("agreements", "refer", res_agreement),
    ACTION("agreements", "approve", res_agreement),
    ACTION("agreements", "return", res_agreement),
    ACTION("agreements", "revise", res_agreement),
    ACTION("agreements", "reject", res_agreement),
    ACTION("agreements", "withdraw", res_agreement),
    ACTION("agreements", "sign", res_agreement),
    ACTION("agreements", "acknowledge", res_agreement),
    ACTION("agreements", "expire", res_agreement),
    ACTION("agreements", "supersede", res_agreement),
    ACTION("agreements", "terminate", res_agreement),
    CRUD("agreement_partnerships", res_agreement_partnership),
    CRUD("investments", res_investment),
    TRANSITIONS("investments", res_investment),
    ACTION("investments", "deliver", res_investment),
    ACTION("investments", "cancel", res_investment),
    READ("instruments", res_instrument),
    CRUD("surveys", res_survey),
    ACTION("surveys", "schedule", res_survey),
    ACTION("surveys", "open", res_survey),
    ACTION("surveys", "pause", res_survey),
    ACTION("surveys", "resume", res_survey),
    ACTION("surveys", "close", res_survey),
    ACTION("surveys", "reopen", res_survey),
    ACTION("surveys", "cancel", res_survey),
    TRANSITIONS("surveys", res_survey),
    {HTTP_GET, "/v1/surveys/{id}/results", survey_results},
    READ("survey_invitations", res_survey_invitation),
    ACTION("survey_invitations", "answer", res_survey_invitation),
    CRUD("indicators", res_indicator),
    READ("observations", res_observation),
    {HTTP_POST, "/v1/observations", resource_create, .what = &res_observation},
    {HTTP_DELETE, "/v1/observations/{id}", resource_archive, .what = &res_observation},
    READ("rollups", res_rollup),
    READ("releases", res_release),
    {HTTP_POST, "/v1/releases", resource_create, .what = &res_release},
    READ("check_ins", res_check_in),
    PATCH("check_ins", res_check_in),
    TRANSITIONS("check_ins", res_check_in),
    ACTION("check_ins", "open", res_check_in),
    ACTION("check_ins", "save_half", res_check_in),
    ACTION("check_ins", "submit_half", res_check_in),
    ACTION("check_ins", "confirm", res_check_in),
    ACTION("check_ins", "dispute", res_check_in),
    ACTION("check_ins", "complete", res_check_in),
    ACTION("check_ins", "close", res_check_in),
    ACTION("check_ins", "skip", res_check_in),
    ACTION("check_ins", "cancel", res_check_in),
    ACTION("check_ins", "reopen", res_check_in),
    READ("check_in_halves", res_check_in_half),
    READ("check_in_goals", res_check_in_goal),
    CRUD("action_items", res_action_item),
    TRANSITIONS("action_items", res_action_item),
    ACTION("action_items", "complete", res_action_item),
    ACTION("action_items", "reopen", res_action_item),
    READ("reminders", res_reminder),
    READ("messages", res_message),
    CRUD("preferences", res_preference),
    CRUD("address_suppressions", res_address_suppression),
    READ("call_tasks", res_call_task),
    PATCH("call_tasks", res_call_task),
    TRANSITIONS("call_tasks", res_call_task),
    ACTION("call_tasks", "complete", res_call_task),
    ACTION("call_tasks", "reopen", res_call_task),
    READ("imports", res_import),
    {HTTP_POST, "/v1/imports", import_post, .what = &res_import,
     .body_max_bytes = IMPORT_BYTES_MOST, .flags = ROUTE_STREAMS_BODY},
    {HTTP_GET, "/v1/imports/{id}/rows", import_rows, .what = &res_import},
    ACTION("imports", "revert", res_import),
    {HTTP_GET, "/v1/dashboard", dashboard_get},
    {HTTP_GET, "/openapi.json", openapi_get, .flags = ROUTE_PUBLIC},
    {HTTP_GET, "/docs", docs_get, .flags = ROUTE_PUBLIC},
    PAGE("/", page_home),
    PAGE("/style.css", page_style),
    PAGE("/login", page_login),
    FORM("/login", page_sign_in, PAGE_SIGN_IN, ROUTE_SIGNS_IN),
    PAGE("/forgot", page_forgot),
    FORM("/forgot", page_forgot_post, PAGE_SIGN_IN, ROUTE_SIGNS_IN),
    FORM("/logout", page_sign_out, PAGE_SIGN_IN, 0),
    FORM("/done", page_done, PAGE_SIGN_IN, 0),
    PAGE("/check_ins/{id}", page_task),
    PAGE("/check_ins/{id}/{view}", page_task),
    FORM("/check_ins/{id}", page_task_post, PAGE_FORM_BYTES, 0),
    LINK_PAGE("/r/{token}", page_open),
    LINK_PAGE("/u/{token}", page_open),
    FORM("/u/{token}", page_one_click, PAGE_SIGN_IN, ROUTE_BY_LINK),
    LINK_PAGE("/l/{id}", page_task),
    LINK_PAGE("/l/{id}/{view}", page_task),
    LINK_PAGE("/l/{id}/{view}/{page}", page_task),
    FORM("/l/{id}", page_task_post, PAGE_FORM_BYTES, ROUTE_BY_LINK),
    FORM("/l/{id}/password", page_password_post, PAGE_SIGN_IN, ROUTE_BY_LINK | ROUTE_SIGNS_IN),
};
const size_t api_route_count = COUNT_OF(api_routes);

void api_routes_prepare(void)
{
    resource_prepare(&res_district);
    resource_prepare(&res_site);
    resource_prepare(&res_partner);
    resource_prepare(&res_network);
    resource_prepare(&res_focus_area);
    resource_prepare(&res_contact);
    resource_prepare(&res_affiliation);
    resource_prepare(&res_program);
    resource_prepare(&res_program_site);
    resource_prepare(&res_reporting_quarter);
    resource_prepare(&res_closed_day);
    resource_prepare(&res_blackout);
    resource_prepare(&res_partnership);
    resource_prepare(&res_partnership_site);
    resource_prepare(&res_partnership_role);
    resource_prepare(&res_goal);
    resource_prepare(&res_agreement);
    resource_prepare(&res_agreement_partnership);
    resource_prepare(&res_investment);
    resource_prepare(&res_instrument);
    resource_prepare(&res_survey);
    resource_prepare(&res_survey_invitation);
    resource_prepare(&res_indicator);
    resource_prepare(&res_observation);
    resource_prepare(&res_rollup);
    resource_prepare(&res_release);
    resource_prepare(&res_check_in);
    resource_prepare(&res_check_in_half);
    resource_prepare(&res_check_in_goal);
    resource_prepare(&res_action_item);
    resource_prepare(&res_reminder);
    resource_prepare(&res_message);
    resource_prepare(&res_preference);
    resource_prepare(&res_address_suppression);
    resource_prepare(&res_call_task);
    resource_prepare(&res_user);
    resource_prepare(&res_grant);
    resource_prepare(&res_api_key);
    resource_prepare(&res_audit);
    resource_prepare(&res_import);
    openapi_prepare(api_routes, api_route_count);
    page_prepare();
}
