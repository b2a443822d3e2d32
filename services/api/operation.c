/* The kinds of endpoints. A handler without a row of its own is described in general terms: any
 * JSON, any error. */
#include "operation.h"

#include <string.h>

#include "account.h"
#include "action.h"
#include "dashboard.h"
#include "import.h"
#include "openapi.h"
#include "routes.h"
#include "session.h"
#include "survey_results.h"

#define SESSIONS  .tag = "sessions", .tag_doc = "Signing in and out, and who one is."
#define DOCUMENTS .tag = "documents", .tag_doc = "What the API is: for programs, and for people."

/* MALFORMED_REQUEST is row 0 of the table of errors, so that 0 ends a list; it is everybody's. */
static const enum error_code everywhere[] = {
    ERR_MALFORMED_REQUEST,  ERR_REQUEST_TIMEOUT,     ERR_BODY_TOO_LARGE, ERR_TARGET_TOO_LONG,
    ERR_EXPECTATION_FAILED, ERR_HEADERS_TOO_LARGE,   ERR_INTERNAL,       ERR_UNKNOWN_CODING,
    ERR_OVERLOADED,         ERR_VERSION_UNSUPPORTED, ERR_TOO_SLOW,       ERR_TOO_MANY_REQUESTS,
};

/* Of what a principal asks. */
static const enum error_code signed_in[] = {ERR_UNAUTHENTICATED, ERR_FORBIDDEN};

static const struct operation_kind kinds[] = {
    {.handle = resource_list,
     .id = "list_%s",
     .summary = "List %s",
     .is_plural = true,
     .reply = REPLY_PAGE,
     .status = 200,
     .fields = TAKES_QUERY | GIVES_LINK,
     .errors = {ERR_NOT_ACCEPTABLE}},
    {.handle = resource_get,
     .id = "get_%s",
     .summary = "Get one %s",
     .reply = REPLY_ONE,
     .status = 200,
     .fields = TAKES_VIEW | TAKES_IF_NONE_MATCH | GIVES_ETAG,
     .errors = {ERR_NOT_FOUND, ERR_NOT_ACCEPTABLE}},
    {.handle = resource_create,
     .id = "create_%s",
     .summary = "Create one %s",
     .body = BODY_CREATE,
     .reply = REPLY_ONE,
     .status = 201,
     .fields = TAKES_IDEMPOTENCY_KEY | GIVES_ETAG | GIVES_LOCATION,
     .errors = {ERR_CONFLICT, ERR_MEDIA_TYPE_UNSUPPORTED, ERR_INVALID_INPUT}},
    {.handle = resource_patch,
     .id = "update_%s",
     .summary = "Change one %s",
     .body = BODY_PATCH,
     .reply = REPLY_ONE,
     .status = 200,
     .fields = TAKES_IF_MATCH | GIVES_ETAG,
     .errors = {ERR_NOT_FOUND, ERR_CONFLICT, ERR_PRECONDITION_FAILED, ERR_MEDIA_TYPE_UNSUPPORTED,
                ERR_INVALID_INPUT, ERR_PRECONDITION_REQUIRED}},
    {.handle = resource_archive,
     .id = "archive_%s",
     .summary = "Archive one %s",
     .reply = REPLY_NOTHING,
     .status = 204,
     .fields = TAKES_IF_MATCH,
     .errors = {ERR_NOT_FOUND, ERR_CONFLICT, ERR_PRECONDITION_FAILED, ERR_PRECONDITION_REQUIRED}},
    {.handle = resource_restore,
     .id = "restore_%s",
     .summary = "Bring one archived %s back",
     .reply = REPLY_ONE,
     .status = 200,
     .fields = TAKES_IF_MATCH | TAKES_IDEMPOTENCY_KEY | GIVES_ETAG,
     .errors = {ERR_NOT_FOUND, ERR_CONFLICT, ERR_PRECONDITION_FAILED, ERR_KEY_REUSED,
                ERR_PRECONDITION_REQUIRED}},
    {.handle = action_post,
     .id = "%s",
     .summary = "%s",
     .body = BODY_TABLE,
     .reply = REPLY_ONE,
     .status = 200,
     .fields = TAKES_IF_MATCH | TAKES_IDEMPOTENCY_KEY | GIVES_ETAG,
     .errors = {ERR_NOT_FOUND, ERR_CONFLICT, ERR_PRECONDITION_FAILED, ERR_MEDIA_TYPE_UNSUPPORTED,
                ERR_INVALID_INPUT}},
    {.handle = action_transitions,
     .id = "get_%s_transitions",
     .summary = "Get what the status of one %s allows, and what is missing for it",
     .reply = REPLY_TABLE,
     .reply_table = &action_transitions_table,
     .status = 200,
     .fields = GIVES_CACHE_CONTROL,
     .errors = {ERR_NOT_FOUND}},
    {.handle = survey_results,
     .id = "get_survey_results",
     .summary = "Get what one survey found",
     .tag = "surveys",
     .reply = REPLY_TABLE,
     .reply_table = &survey_results_table,
     .status = 200,
     .fields = GIVES_CACHE_CONTROL,
     .errors = {ERR_NOT_FOUND, ERR_CONFLICT}},
    {.handle = import_post,
     .id = "create_import",
     .summary = "Import the rows of a file",
     .body = BODY_CSV,
     .reply = REPLY_ONE,
     .status = 202,
     .fields = TAKES_IMPORT | TAKES_IDEMPOTENCY_KEY | GIVES_ETAG | GIVES_LOCATION,
     .errors = {ERR_CONFLICT, ERR_MEDIA_TYPE_UNSUPPORTED, ERR_INVALID_INPUT}},
    {.handle = import_rows,
     .id = "list_import_rows",
     .summary = "List what became of the rows of one import",
     .reply = REPLY_TABLE,
     .reply_table = &import_rows_table,
     .status = 200,
     .fields = TAKES_ROWS | GIVES_LINK | GIVES_CACHE_CONTROL,
     .errors = {ERR_NOT_FOUND}},
    {.handle = dashboard_get,
     .id = "get_dashboard",
     .summary = "Get the figures of a scope in one document",
     .tag = "dashboard",
     .tag_doc = "The figures of a district, a network, a site, a partner or a partnership.",
     .reply = REPLY_TABLE,
     .reply_table = &dashboard_table,
     .query_table = &dashboard_query,
     .status = 200,
     .fields = TAKES_IF_NONE_MATCH | GIVES_ETAG,
     .errors = {ERR_NOT_FOUND}},
    {.handle = session_create,
     .id = "create_session",
     .summary = "Sign in by password",
     SESSIONS,
     .body = BODY_TABLE,
     .body_table = &session_sign_in_table,
     .reply = REPLY_TABLE,
     .reply_table = &session_made_table,
     .status = 201,
     .fields = GIVES_COOKIE | GIVES_CACHE_CONTROL | GIVES_LOCATION,
     .errors = {ERR_UNAUTHENTICATED, ERR_MEDIA_TYPE_UNSUPPORTED, ERR_INVALID_INPUT}},
    {.handle = session_end,
     .id = "end_session",
     .summary = "Sign out",
     SESSIONS,
     .reply = REPLY_NOTHING,
     .status = 204,
     .fields = GIVES_COOKIE},
    {.handle = session_me,
     .id = "get_me",
     .summary = "Get who asks: user, grants, district, session",
     SESSIONS,
     .reply = REPLY_TABLE,
     .reply_table = &session_me_table,
     .status = 200,
     .fields = GIVES_CACHE_CONTROL | GIVES_ETAG},
    {.handle = account_me_patch,
     .id = "update_me",
     .summary = "Change one's own name, phone, language or zone",
     .body = BODY_PATCH,
     .body_table = &account_me_table,
     .reply = REPLY_TABLE,
     .reply_table = &session_me_table,
     .status = 200,
     .fields = TAKES_IF_MATCH | GIVES_CACHE_CONTROL | GIVES_ETAG,
     .errors = {ERR_CONFLICT, ERR_PRECONDITION_FAILED, ERR_MEDIA_TYPE_UNSUPPORTED,
                ERR_INVALID_INPUT, ERR_PRECONDITION_REQUIRED}},
    {.handle = account_sessions,
     .id = "list_my_sessions",
     .summary = "List one's own sessions",
     SESSIONS,
     .reply = REPLY_TABLE,
     .reply_table = &account_sessions_table,
     .status = 200,
     .fields = GIVES_CACHE_CONTROL},
    {.handle = account_session_end,
     .id = "end_my_session",
     .summary = "End one of one's own sessions",
     SESSIONS,
     .reply = REPLY_NOTHING,
     .status = 204,
     .errors = {ERR_NOT_FOUND, ERR_CONFLICT}},
    {.handle = account_own_password_set,
     .id = "set_my_password",
     .summary = "Set one's own password, which ends one's other sessions",
     SESSIONS,
     .body = BODY_TABLE,
     .body_table = &account_own_password_table,
     .reply = REPLY_NOTHING,
     .status = 204,
     .errors = {ERR_CONFLICT, ERR_MEDIA_TYPE_UNSUPPORTED, ERR_INVALID_INPUT}},
    {.handle = account_link_password_set,
     .id = "set_password",
     .summary = "Set a password by a link, which is spent by it",
     SESSIONS,
     .body = BODY_TABLE,
     .body_table = &account_link_password_table,
     .reply = REPLY_NOTHING,
     .status = 204,
     .errors = {ERR_CONFLICT, ERR_MEDIA_TYPE_UNSUPPORTED, ERR_INVALID_INPUT}},
    {.handle = account_password_reset,
     .id = "reset_password",
     .summary = "Make a link with which one user sets a password within a day",
     .body = BODY_TABLE,
     .body_table = &account_reset_order_table,
     .reply = REPLY_TABLE,
     .reply_table = &account_reset_table,
     .status = 201,
     .fields = TAKES_IDEMPOTENCY_KEY | GIVES_CACHE_CONTROL,
     .errors = {ERR_NOT_FOUND, ERR_CONFLICT, ERR_MEDIA_TYPE_UNSUPPORTED, ERR_INVALID_INPUT}},
    {.handle = account_key_create,
     .id = "create_api_key",
     .summary = "Make an API key, whose token is shown once",
     .body = BODY_TABLE,
     .body_table = &account_key_table,
     .reply = REPLY_ONE,
     .status = 201,
     .fields = TAKES_IDEMPOTENCY_KEY | GIVES_CACHE_CONTROL | GIVES_ETAG | GIVES_LOCATION,
     .errors = {ERR_CONFLICT, ERR_MEDIA_TYPE_UNSUPPORTED, ERR_INVALID_INPUT}},
    {.handle = openapi_get,
     DOCUMENTS,
     .id = "get_openapi",
     .summary = "Get this document",
     .reply = REPLY_JSON,
     .status = 200,
     .fields = TAKES_IF_NONE_MATCH | GIVES_ETAG},
    {.handle = docs_get,
     DOCUMENTS,
     .id = "get_docs",
     .summary = "Get this document as a page to read",
     .reply = REPLY_HTML,
     .status = 200,
     .fields = TAKES_IF_NONE_MATCH | GIVES_ETAG},
};

#define ACTIONS .tag = "actions", .tag_doc = "What is not about one resource alone."
static const struct operation_kind any_read = {ACTIONS, .reply = REPLY_JSON, .status = 200,
                                               .fields = GIVES_ANY};
static const struct operation_kind any_write = {ACTIONS, .body = BODY_ANY, .reply = REPLY_JSON,
                                                .status = 200, .fields = GIVES_ANY};

struct operation operation_of(const struct route *route)
{
    struct operation operation = {.route = route,
                                  .kind = route->method == HTTP_GET ? &any_read : &any_write,
                                  .is_public = route->flags & ROUTE_PUBLIC};

    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (kinds[i].handle == route->handle) {
            operation.kind = &kinds[i];
            operation.resource = route->what;
            operation.body_table = kinds[i].body_table;
        }
    }
    if (route->handle == action_post) {
        operation.action = action_of(route);
        operation.body_table = &operation.action->table;
    }
    return operation;
}

static void add_named(struct str *out, const char *pattern, const char *name)
{
    const char *place = strstr(pattern, "%s");

    if (!place) {
        str_add(out, sv_of(pattern));
        return;
    }
    str_add(out, (struct sv){pattern, (size_t)(place - pattern)});
    str_add(out, sv_of(name));
    str_add(out, sv_of(place + 2));
}

bool operation_needs_body(const struct operation *operation)
{
    const struct json_table *table = operation->body_table;

    for (size_t i = 0; table && i < table->field_count; i++) {
        if (table->fields[i].flags & FIELD_REQUIRED)
            return true;
    }
    return !table && operation->kind->body != BODY_ANY;
}

static const char *name_of(const struct operation *operation)
{
    const struct resource *resource = operation->resource;

    if (!resource)
        return "";
    return operation->kind->is_plural ? resource->plural : resource->name;
}

/* Without a row: "post_v1_check_ins_id_complete". */
void operation_add_id(struct str *out, const struct operation *operation)
{
    const struct route *route = operation->route;

    if (operation->kind->id) {
        add_named(out, operation->kind->id,
                  operation->action ? operation->action->table.name : name_of(operation));
        return;
    }
    for (const char *c = http_method_name(route->method); *c; c++)
        str_add_char(out, char_lower(*c));
    for (const char *c = route->pattern; *c; c++) {
        if (*c == '/')
            str_add_char(out, '_');
        else if (char_is_alpha(*c) || char_is_digit(*c) || *c == '_')
            str_add_char(out, *c);
    }
}

static void add_words(struct str *out, struct sv text)
{
    for (size_t i = 0; i < text.n; i++)
        str_add_char(out, text.p[i] == '_' ? ' ' : text.p[i]);
}

void operation_add_summary(struct str *out, const struct operation *operation)
{
    char buffer[128];
    struct str words;

    if (!operation->kind->summary) {
        str_addf(out, "%s %s", http_method_name(operation->route->method),
                 operation->route->pattern);
        return;
    }
    str_init_in(&words, buffer, sizeof buffer);
    add_named(&words, operation->kind->summary,
              operation->action ? operation->action->action->summary : name_of(operation));
    add_words(out, str_view(&words));
}

const char *operation_tag(const struct operation *operation)
{
    return operation->resource ? operation->resource->plural : operation->kind->tag;
}

const char *operation_tag_doc(const struct operation *operation)
{
    return operation->resource ? operation->resource->doc : operation->kind->tag_doc;
}

static bool has_status(const enum error_code *codes, size_t count, int status)
{
    for (size_t i = 0; i < count; i++) {
        if (error_of(codes[i])->status == status)
            return true;
    }
    return false;
}

static size_t error_count(const struct operation_kind *kind)
{
    size_t count = 0;

    while (count < OPERATION_ERRORS && kind->errors[count])
        count++;
    return count;
}

bool operation_can_fail(const struct operation *operation, int status)
{
    const struct operation_kind *kind = operation->kind;

    return !kind->handle || has_status(everywhere, COUNT_OF(everywhere), status) ||
           (!operation->is_public && has_status(signed_in, COUNT_OF(signed_in), status)) ||
           has_status(kind->errors, error_count(kind), status);
}

const char *operation_media_type(const struct operation *operation)
{
    switch (operation->kind->body) {
    case BODY_NONE:
        return NULL;
    case BODY_PATCH:
        return "application/merge-patch+json";
    case BODY_CSV:
        return "text/csv";
    case BODY_CREATE:
    case BODY_TABLE:
    case BODY_ANY:
        break;
    }
    return "application/json";
}

void operation_each_error_status(void (*add)(int status, void *arg), void *arg)
{
    for (int status = 400; status < 600; status++) {
        int code = 0;

        while (code < ERROR_COUNT && error_of((enum error_code)code)->status != status)
            code++;
        if (code < ERROR_COUNT)
            add(status, arg);
    }
}

bool operation_is_first_of_tag(const struct route *routes, size_t at)
{
    struct operation operation = operation_of(&routes[at]);

    for (size_t i = 0; i < at; i++) {
        struct operation before = operation_of(&routes[i]);

        if (strcmp(operation_tag(&before), operation_tag(&operation)) == 0)
            return false;
    }
    return true;
}
