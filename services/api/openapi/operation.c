/* What follows from an operation's kind. */
#include "openapi/operation.h"

#include <string.h>

#include "action.h"
#include "reports/report.h"
#include "routes.h"

/* MALFORMED_REQUEST is row 0 of the table of errors, so that 0 ends a list; it is everybody's. */
static const enum error_code everywhere[] = {
    ERR_MALFORMED_REQUEST,  ERR_REQUEST_TIMEOUT,     ERR_BODY_TOO_LARGE, ERR_TARGET_TOO_LONG,
    ERR_EXPECTATION_FAILED, ERR_HEADERS_TOO_LARGE,   ERR_INTERNAL,       ERR_UNKNOWN_CODING,
    ERR_OVERLOADED,         ERR_VERSION_UNSUPPORTED, ERR_TOO_SLOW,       ERR_TOO_MANY_REQUESTS,
};

/* Of what a principal asks. */
static const enum error_code signed_in[] = {ERR_UNAUTHENTICATED, ERR_FORBIDDEN};

/* Of a list that takes a saved filter: it is not there, or is one of something else. */
static const enum error_code filtered[] = {ERR_NOT_FOUND, ERR_INVALID_INPUT};

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

static bool takes_saved_filter(const struct operation *operation)
{
    return operation->kind->reply == REPLY_PAGE && operation->resource &&
           operation->resource->has_saved_filters;
}

bool operation_can_fail(const struct operation *operation, int status)
{
    const struct operation_kind *kind = operation->kind;

    return !kind->handle || has_status(everywhere, COUNT_OF(everywhere), status) ||
           (!operation->is_public && has_status(signed_in, COUNT_OF(signed_in), status)) ||
           (takes_saved_filter(operation) && has_status(filtered, COUNT_OF(filtered), status)) ||
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
    case BODY_FILE:
        return "application/octet-stream";
    case BODY_CREATE:
    case BODY_TABLE:
    case BODY_ANY:
        break;
    }
    return "application/json";
}

/* The smallest status of an error above this one; 0: none. */
static int next_status(int above)
{
    int next = 0;

    for (int code = 0; code < ERROR_COUNT; code++) {
        int status = error_of((enum error_code)code)->status;

        if (status > above && (next == 0 || status < next))
            next = status;
    }
    return next;
}

void operation_each_error_status(void (*add)(int status, void *arg), void *arg)
{
    for (int status = next_status(399); status > 0; status = next_status(status))
        add(status, arg);
}

/* Those of a tag stand together, but for a few: backwards is the short way. */
static bool is_first_of_tag(const struct operation *rows, size_t at)
{
    const char *tag = operation_tag(&rows[at]);

    for (size_t i = at; i-- > 0;) {
        if (strcmp(operation_tag(&rows[i]), tag) == 0)
            return false;
    }
    return true;
}

struct operations operations_of(struct arena *arena, const struct route *routes, size_t count)
{
    struct operation *rows = ARENA_ARRAY(arena, struct operation, count);
    size_t n = 0;

    for (size_t i = 0; i < count; i++) {
        if (routes[i].flags & ROUTE_PAGE)
            continue;
        rows[n] = operation_of(&routes[i]);
        rows[n].is_first_of_tag = is_first_of_tag(rows, n);
        n++;
    }
    return (struct operations){rows, n};
}

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

    for (size_t i = 0; i < operation_kind_count; i++) {
        if (operation_kinds[i].handle == route->handle) {
            operation.kind = &operation_kinds[i];
            operation.resource = route->what;
            operation.body_table = operation_kinds[i].body_table;
        }
    }
    if (route->handle == report_get)
        operation.kind = &((const struct report *)route->what)->kind;
    if (route->handle == action_post) {
        operation.action = action_of(route);
        operation.body_table = &operation.action->table;
    }
    ENSURE(operation.kind);
    return operation;
}
