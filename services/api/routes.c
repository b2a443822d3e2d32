/* The route table. */
#include "routes.h"

#include "account.h"
#include "action.h"
#include "actions/duplicates.h"
#include "actions/inquiry.h"
#include "administration.h"
#include "attachment.h"
#include "balance.h"
#include "base/str.h"
#include "bulk.h"
#include "dashboard.h"
#include "events.h"
#include "imports/import.h"
#include "mail_preview.h"
#include "openapi/openapi.h"
#include "own.h"
#include "pages/page.h"
#include "recognition.h"
#include "report_file.h"
#include "reports/report.h"
#include "resources.h"
#include "right.h"
#include "session.h"
#include "setup.h"
#include "survey_results.h"
#include "web.h"

#define PATTERN_BYTES 256

/* Pages find out themselves who asks, and send the others to sign in. */
#define PAGE(pattern, handler)                                         \
    {                                                                  \
        HTTP_GET, pattern, handler, .flags = ROUTE_PAGE | ROUTE_PUBLIC \
    }
#define APP_FILE(pattern, handler)                                                       \
    {                                                                                    \
        HTTP_GET, pattern, handler, .flags = ROUTE_PAGE | ROUTE_PUBLIC | ROUTE_UNCOUNTED \
    }
/* A page that shows a task, and takes its form. */
#define TASK_PAGE(path) PAGE(path, page_task), FORM(path, page_task_post, PAGE_FORM_BYTES, 0)
#define LINK_PAGE(pattern, handler)                                                    \
    {                                                                                  \
        HTTP_GET, pattern, handler, .flags = ROUTE_PAGE | ROUTE_PUBLIC | ROUTE_BY_LINK \
    }
#define FORM(pattern, handler, bytes, more)                                      \
    {                                                                            \
        HTTP_POST, pattern, handler, .body_max_bytes = bytes,                    \
                                     .flags = ROUTE_PAGE | ROUTE_PUBLIC | (more) \
    }

/* Those that no declaration tells. */
static const struct route others[] = {
    {HTTP_POST, "/v1/sessions", session_create, .body_max_bytes = KB(4),
     .flags = ROUTE_PUBLIC | ROUTE_SIGNS_IN},
    {HTTP_DELETE, "/v1/sessions/current", session_end},
    {HTTP_GET, "/v1/me", session_me},
    {HTTP_PATCH, "/v1/me", account_me_patch, .what = &res_user},
    {HTTP_GET, "/v1/me/sessions", account_sessions},
    {HTTP_GET, "/v1/me/tasks", my_tasks},
    {HTTP_GET, "/v1/me/rights", rights_get},
    {HTTP_POST, "/v1/bulk", bulk_post, .body_max_bytes = BULK_BYTES},
    {HTTP_GET, "/v1/events", events_get},
    {HTTP_GET, "/v1/setup", setup_get},
    {HTTP_GET, "/v1/mail_previews", mail_preview_get},
    {HTTP_GET, "/v1/bulletins/{id}/mail", bulletin_mail_get, .what = &res_bulletin},
    {HTTP_GET, "/v1/saved_filters/{id}/matches", saved_filter_matches, .what = &res_saved_filter},
    {HTTP_GET, "/v1/templates/{id}/filled", template_filled, .what = &res_template},
    {HTTP_DELETE, "/v1/me/sessions/{id}", account_session_end},
    {HTTP_DELETE, "/v1/me/sessions", account_sessions_end},
    {HTTP_POST, "/v1/sign_in_links", session_link_ask, .body_max_bytes = KB(4),
     .flags = ROUTE_PUBLIC | ROUTE_SIGNS_IN},
    {HTTP_POST, "/v1/sign_ins", session_link_spend, .body_max_bytes = KB(4),
     .flags = ROUTE_PUBLIC | ROUTE_SIGNS_IN},
    {HTTP_GET, "/v1/records_requests/{id}/file", records_request_file,
     .what = &res_records_request},
    {HTTP_POST, "/v1/dead_letter_redrives", dead_letters_redrive, .what = &res_dead_letter},
    {HTTP_POST, "/v1/me/password", account_own_password_set, .body_max_bytes = KB(4),
     .flags = ROUTE_SIGNS_IN},
    {HTTP_POST, "/v1/passwords", account_link_password_set, .body_max_bytes = KB(4),
     .flags = ROUTE_PUBLIC | ROUTE_SIGNS_IN},
    {HTTP_POST, "/v1/users/{id}/password_reset", account_password_reset, .what = &res_user},
    {HTTP_POST, "/v1/api_keys", account_key_create, .what = &res_api_key},
    {HTTP_GET, "/v1/surveys/{id}/audience", survey_audience, .what = &res_survey},
    {HTTP_GET, "/v1/partners/{id}/duplicates", partner_duplicates},
    {HTTP_POST, "/v1/public_inquiries", inquiry_receive, .body_max_bytes = KB(64),
     .flags = ROUTE_PUBLIC | ROUTE_SIGNS_IN},
    {HTTP_POST, "/v1/imports", import_post, .what = &res_import,
     .body_max_bytes = IMPORT_BYTES_MOST, .flags = ROUTE_STREAMS_BODY},
    {HTTP_GET, "/v1/imports/{id}/rows", import_rows, .what = &res_import},
    {HTTP_POST, "/v1/attachments", attachment_post, .what = &res_attachment,
     .body_max_bytes = ATTACHMENT_BYTES_MOST, .flags = ROUTE_STREAMS_BODY},
    {HTTP_GET, "/v1/attachments/{id}/content", attachment_content, .what = &res_attachment},
    {HTTP_GET, "/v1/tax_documents/{id}/content", tax_document_content, .what = &res_tax_document},
    {HTTP_GET, "/v1/awards/{id}/certificate", award_certificate, .what = &res_award},
    {HTTP_GET, "/v1/school_years/{id}/report_page", school_year_page, .what = &res_school_year},
    {HTTP_GET, "/v1/surveys/{id}/results_csv", survey_csv, .what = &res_survey},
    {HTTP_GET, "/v1/surveys/{id}/results_sheet", survey_sheet, .what = &res_survey},
    {HTTP_GET, "/v1/school_years/{id}/report_sheet", school_year_sheet, .what = &res_school_year},
    {HTTP_GET, "/v1/reports/{id}/page", report_file_page, .what = &res_report},
    {HTTP_GET, "/v1/reports/{id}/csv", report_csv, .what = &res_report},
    {HTTP_GET, "/v1/reports/{id}/sheet", report_sheet, .what = &res_report},
    {HTTP_GET, "/v1/balance", balance_get},
    {HTTP_GET, "/v1/dashboard", dashboard_get},
    {HTTP_GET, "/openapi.json", openapi_get, .flags = ROUTE_PUBLIC},
    {HTTP_GET, "/docs", docs_get, .flags = ROUTE_PUBLIC},
    APP_FILE("/app", web_page),
    APP_FILE("/app/assets/{name}", web_asset),
    APP_FILE("/app/{name}", web_file),
    APP_FILE("/app/{name}/{id}", web_page),
    APP_FILE("/app/{name}/{id}/{part}", web_page),
    APP_FILE("/app/{name}/{id}/{part}/{of}", web_page),
    PAGE("/", page_home),
    PAGE("/today", page_today),
    PAGE("/organization", page_organization),
    PAGE("/reports/{id}", page_report),
    PAGE("/style.css", page_style),
    PAGE("/icon.svg", page_icon),
    PAGE("/d/{slug}/partner", page_inquiry),
    FORM("/d/{slug}/partner", page_inquiry_post, KB(64), ROUTE_SIGNS_IN),
    PAGE("/d/{slug}/survey/{code}", page_public_survey),
    FORM("/d/{slug}/survey/{code}", page_public_survey_post, KB(512), 0),
    PAGE("/accent/{color}", page_accent),
    PAGE("/d/{slug}/logo/{id}", page_logo),
    PAGE("/d/{slug}/stories", page_stories),
    PAGE("/d/{slug}/stories.atom", page_stories_feed),
    PAGE("/d/{slug}/needs", page_needs),
    PAGE("/d/{slug}/needs.atom", page_needs_feed),
    PAGE("/d/{slug}/stories/{id}", page_story),
    PAGE("/d/{slug}/stories/{id}/{picture}", page_story_picture),
    PAGE("/login", page_login),
    FORM("/login", page_sign_in, PAGE_SIGN_IN, ROUTE_SIGNS_IN),
    {HTTP_GET, "/login/oidc/callback", page_sso_end,
     .flags = ROUTE_PAGE | ROUTE_PUBLIC | ROUTE_SIGNS_IN},
    PAGE("/login/oidc/{id}", page_sso_begin),
    PAGE("/forgot", page_forgot),
    FORM("/forgot", page_forgot_post, PAGE_SIGN_IN, ROUTE_SIGNS_IN),
    PAGE("/sign_in_link", page_ask_link),
    FORM("/sign_in_link", page_ask_link_post, PAGE_SIGN_IN, ROUTE_SIGNS_IN),
    FORM("/logout", page_sign_out, PAGE_SIGN_IN, 0),
    FORM("/done", page_done, PAGE_SIGN_IN, 0),
    TASK_PAGE("/check_ins/{id}"),
    PAGE("/check_ins/{id}/{view}", page_task),
    TASK_PAGE("/asks/{id}"),
    TASK_PAGE("/partnerships/{id}"),
    TASK_PAGE("/partners/{id}"),
    TASK_PAGE("/agreements/{id}"),
    PAGE("/agreements/{id}/document", page_document),
    TASK_PAGE("/investments/{id}"),
    TASK_PAGE("/convenings/{id}"),
    TASK_PAGE("/consents/{id}"),
    TASK_PAGE("/trainings/{id}"),
    TASK_PAGE("/surveys/{id}"),
    PAGE("/surveys/{id}/{view}", page_task),
    PAGE("/surveys/{id}/{view}/{page}", page_task),
    PAGE("/papers/{id}", page_task),
    PAGE("/years/{id}", page_task),
    PAGE("/years/{id}/{view}", page_task),
    FORM("/papers/{id}/file", page_file_post, PAGE_FILE_FORM_BYTES, ROUTE_STREAMS_BODY),
    LINK_PAGE("/r/{token}", page_open),
    LINK_PAGE("/u/{token}", page_open),
    FORM("/u/{token}", page_one_click, PAGE_SIGN_IN, ROUTE_BY_LINK),
    LINK_PAGE("/l/{id}", page_task),
    LINK_PAGE("/l/{id}/document", page_document),
    LINK_PAGE("/l/{id}/{view}", page_task),
    LINK_PAGE("/l/{id}/{view}/{page}", page_task),
    FORM("/l/{id}", page_task_post, PAGE_FORM_BYTES, ROUTE_BY_LINK),
    FORM("/l/{id}/file", page_file_post, PAGE_FILE_FORM_BYTES, ROUTE_BY_LINK | ROUTE_STREAMS_BODY),
    FORM("/l/{id}/password", page_password_post, PAGE_SIGN_IN, ROUTE_BY_LINK | ROUTE_SIGNS_IN),
    FORM("/l/{id}/sign_in", page_link_sign_in, PAGE_SIGN_IN, ROUTE_BY_LINK | ROUTE_SIGNS_IN),
};

#define RESOURCE_ADDRESS(name) &res_##name,
static struct resource *const resources[] = {RESOURCES(RESOURCE_ADDRESS)};

struct route *api_routes;
size_t api_route_count;

static void add(struct route route)
{
    api_routes = x_realloc(api_routes, (api_route_count + 1) * sizeof *api_routes);
    api_routes[api_route_count++] = route;
}

/* The resource's own path, and below it. */
static void add_of(const struct resource *resource, enum http_method method, const char *below,
                   const char *verb, struct plan *(*handle)(struct req *))
{
    struct str pattern;

    str_init(&pattern, PATTERN_BYTES);
    str_addf(&pattern, "/v1/%s%s%s", resource->plural, below, verb);
    add((struct route){method, x_strdup(str_cstr(&pattern)), handle, .what = resource});
    str_fini(&pattern);
}

static void add_resource(const struct resource *resource)
{
    static const struct {
        enum resource_operation operation;
        enum http_method method;
        const char *below;
        struct plan *(*handle)(struct req *);
    } usual[] = {
        {RESOURCE_READ, HTTP_GET, "", resource_list},
        {RESOURCE_READ, HTTP_GET, "/{id}", resource_get},
        {RESOURCE_PATCH, HTTP_PATCH, "/{id}", resource_patch},
        {RESOURCE_CREATE, HTTP_POST, "", resource_create},
        {RESOURCE_ARCHIVE, HTTP_DELETE, "/{id}", resource_archive},
        {RESOURCE_RESTORE, HTTP_POST, "/{id}/restore", resource_restore},
    };

    for (size_t i = 0; i < COUNT_OF(usual); i++) {
        if (!resource->operations || resource->operations & usual[i].operation)
            add_of(resource, usual[i].method, usual[i].below, "", usual[i].handle);
    }
    if (resource->has_transitions)
        add_of(resource, HTTP_GET, "/{id}/", "transitions", action_transitions);
    for (size_t i = 0; i < resource->action_count; i++)
        add_of(resource, HTTP_POST, "/{id}/", resource->actions[i].verb, action_post);
}

void api_routes_prepare(void)
{
    for (size_t i = 0; i < COUNT_OF(resources); i++) {
        resource_prepare(resources[i]);
        add_resource(resources[i]);
    }
    for (size_t i = 0; i < report_count; i++)
        add((struct route){HTTP_GET, reports[i].pattern, report_get, .what = &reports[i]});
    for (size_t i = 0; i < COUNT_OF(others); i++)
        add(others[i]);
    openapi_prepare(api_routes, api_route_count);
    page_prepare();
    mail_preview_prepare();
}
