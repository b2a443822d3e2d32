/* The OpenAPI document: info, tags, paths, components. */
#include "openapi/openapi.h"

#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "export.h"
#include "http/field.h"
#include "http/reply.h"
#include "openapi/access.h"
#include "openapi/operation.h"
#include "openapi/parts.h"
#include "openapi/query.h"
#include "openapi/schema.h"
#include "routes.h"
#include "svc/service.h"

#define NAME_BYTES SCHEMA_NAME_BYTES

static struct document openapi = {.media_type = "application/json"};
static struct document docs = {.media_type = "text/html; charset=utf-8"};

static void add_info(struct emit *e)
{
    emit_key(e, SV("info"));
    emit_object_begin(e);
    schema_text(e, "title", "Kith");
    schema_text(e, "version", KITH_VERSION);
    schema_text(e, "summary", "The community-partnership office of a school district.");
    emit_key(e, SV("license"));
    schema_literal(e, "{'name':'Apache 2.0','identifier':'Apache-2.0'}");
    emit_object_end(e);
    emit_key(e, SV("servers"));
    schema_literal(e, "[{'url':'/'}]");
    emit_key(e, SV("security"));
    schema_literal(e, "[{'bearer':[]},{'cookie':[]}]");
}

static void add_tags(struct emit *e, const struct operations *all)
{
    emit_key(e, SV("tags"));
    emit_array_begin(e);
    for (size_t i = 0; i < all->count; i++) {
        const struct operation *operation = &all->rows[i];

        if (!operation->is_first_of_tag)
            continue;
        emit_object_begin(e);
        schema_text(e, "name", operation_tag(operation));
        if (operation_tag_doc(operation))
            schema_text(e, "description", operation_tag_doc(operation));
        emit_object_end(e);
    }
    emit_array_end(e);
}

static void add_body(struct emit *e, const struct operation *operation)
{
    bool is_patch = operation->kind->body == BODY_PATCH;
    char name[NAME_BYTES];

    if (operation->kind->body == BODY_NONE)
        return;
    emit_key(e, SV("requestBody"));
    emit_object_begin(e);
    emit_key(e, SV("required"));
    emit_bool(e, operation_needs_body(operation));
    emit_key(e, SV("content"));
    emit_object_begin(e);
    emit_key(e, sv_of(operation_media_type(operation)));
    emit_object_begin(e);
    emit_key(e, SV("schema"));
    if (operation->body_table) {
        schema_table(e, operation->body_table, is_patch ? SCHEMA_PATCH : SCHEMA_CREATE);
    } else if (!parts_add_body_schema(e, operation->kind->body)) {
        parts_add_ref(
            e, "schemas",
            openapi_schema_name(name, operation->resource->name, is_patch ? "Patch" : "Create"));
        emit_key(e, SV("example"));
        schema_example(e, operation->resource, is_patch ? SCHEMA_PATCH : SCHEMA_CREATE);
    }
    emit_object_end(e);
    if (operation->kind->body == BODY_CSV)
        parts_add_object_bodies(e);
    emit_object_end(e);
    emit_object_end(e);
}

static void add_page_example(struct emit *e, const struct resource *resource)
{
    emit_object_begin(e);
    emit_key(e, SV("data"));
    emit_array_begin(e);
    schema_example(e, resource, SCHEMA_REPLY);
    emit_array_end(e);
    emit_key(e, SV("page"));
    schema_literal(e, "{'next_cursor':null,'has_more':false}");
    emit_object_end(e);
}

/* What a success brings, by its media type. */
static void add_content(struct emit *e, const struct operation *operation)
{
    enum operation_reply reply = operation->kind->reply;
    char name[NAME_BYTES];

    if (reply == REPLY_FILE) {
        parts_add_file_content(e);
        return;
    }
    if (reply == REPLY_EVENTS) {
        parts_add_events_content(e);
        return;
    }
    emit_key(e, SV("content"));
    emit_object_begin(e);
    emit_key(e, reply == REPLY_HTML ? SV("text/html") : SV("application/json"));
    emit_object_begin(e);
    emit_key(e, SV("schema"));
    if (reply == REPLY_PAGE || reply == REPLY_ONE) {
        if (operation->kind->fields & TAKES_VIEW)
            openapi_add_either(e, operation->resource);
        else
            parts_add_ref(e, "schemas",
                          openapi_schema_name(name, operation->resource->name,
                                              reply == REPLY_PAGE ? "Page" : ""));
        emit_key(e, SV("example"));
        if (reply == REPLY_PAGE)
            add_page_example(e, operation->resource);
        else
            schema_example(e, operation->resource, SCHEMA_REPLY);
    } else if (reply == REPLY_TABLE) {
        schema_table(e, operation->kind->reply_table, SCHEMA_REPLY);
    } else {
        schema_literal(e, reply == REPLY_HTML ? "{'type':'string'}" : "{'type':'object'}");
    }
    emit_object_end(e);
    if (reply == REPLY_PAGE) {
        emit_key(e, SV(EXPORT_MEDIA_TYPE));
        schema_literal(e, "{'schema':{'type':'string','description':'All rows, a line of names "
                          "first (RFC 4180). Null is an empty cell, the empty text has quotation "
                          "marks. A text that begins with one of = + - @ tab CR LF or an "
                          "apostrophe has an apostrophe in front: take one off.'}}");
        emit_key(e, SV(EXPORT_SHEET_TYPE));
        schema_literal(e,
                       "{'schema':{'type':'string','description':'The same as a spreadsheet, up "
                       "to the number of rows that the server is told, usually 100,000; past it: "
                       "406. A text is never a formula; one of more than 32,767 bytes is cut.'}}");
    }
    emit_object_end(e);
}

static void add_success(struct emit *e, const struct operation *operation, int status)
{
    char text[16];
    struct str key;

    str_init_in(&key, text, sizeof text);
    str_add_i64(&key, status);
    emit_key(e, str_view(&key));
    emit_object_begin(e);
    schema_text(e, "description", http_reason(status));
    parts_add_success_headers(e, operation);
    if (status != 204 && status != 304 && operation->kind->reply != REPLY_NOTHING)
        add_content(e, operation);
    emit_object_end(e);
}

struct failures {
    struct emit *e;
    const struct operation *operation;
};

static void add_failure(int status, void *arg)
{
    const struct failures *failures = arg;
    char name[PROBLEM_NAME_BYTES];

    if (!operation_can_fail(failures->operation, status))
        return;
    parts_problem_name(name, status);
    emit_key(failures->e, sv_skip(sv_of(name), sizeof "Problem" - 1));
    parts_add_ref(failures->e, "responses", name);
}

/* A handler that no row tells more of may succeed in any of these ways. */
static void add_responses(struct emit *e, const struct operation *operation)
{
    static const int any_success[] = {200, 201, 202, 204, 303};
    struct failures failures = {e, operation};

    emit_key(e, SV("responses"));
    emit_object_begin(e);
    if (operation->kind->handle)
        add_success(e, operation, operation->kind->status);
    for (size_t i = 0; i < COUNT_OF(any_success) && !operation->kind->handle; i++)
        add_success(e, operation, any_success[i]);
    if (operation->kind->fields & TAKES_IF_NONE_MATCH)
        add_success(e, operation, 304);
    if (operation->kind->handle == resource_create && operation->resource->is_superseded)
        add_success(e, operation, 200); /* it is there already */
    operation_each_error_status(add_failure, &failures);
    emit_object_end(e);
}

static void add_operation(struct emit *e, const struct operation *operation)
{
    char text[NAME_BYTES];
    struct str name;

    str_init_in(&name, text, sizeof text);
    operation_add_id(&name, operation);
    emit_object_begin(e);
    schema_text(e, "operationId", str_cstr(&name));
    str_clear(&name);
    operation_add_summary(&name, operation);
    ENSURE(!str_failed(&name));
    schema_text(e, "summary", str_cstr(&name));
    access_add_roles(e, operation);
    parts_add_scope(e, operation);
    parts_add_life_cycle(e, operation);
    emit_key(e, SV("tags"));
    emit_array_begin(e);
    emit_text(e, sv_of(operation_tag(operation)));
    emit_array_end(e);
    if (operation->is_public) {
        emit_key(e, SV("security"));
        schema_literal(e, "[]");
    }
    parts_add_operation_parameters(e, operation);
    add_body(e, operation);
    add_responses(e, operation);
    emit_object_end(e);
}

static void add_method(struct emit *e, const struct operation *operation)
{
    char text[16];
    struct str method;

    str_init_in(&method, text, sizeof text);
    for (const char *c = http_method_name(operation->route->method); *c; c++)
        str_add_char(&method, char_lower(*c));
    emit_key(e, str_view(&method));
    add_operation(e, operation);
}

/* The rows of one pattern stand together, at the place of the first. */
static void add_paths(struct emit *e, const struct operations *all)
{
    const struct operation *rows = all->rows;

    emit_key(e, SV("paths"));
    emit_object_begin(e);
    for (size_t i = 0; i < all->count; i++) {
        const char *pattern = rows[i].route->pattern;
        size_t first = 0;

        while (strcmp(rows[first].route->pattern, pattern) != 0)
            first++;
        if (first < i)
            continue;
        emit_key(e, sv_of(pattern));
        emit_object_begin(e);
        for (size_t k = i; k < all->count; k++) {
            if (strcmp(rows[k].route->pattern, pattern) == 0)
                add_method(e, &rows[k]);
        }
        emit_object_end(e);
    }
    emit_object_end(e);
}

static void add_page_schema(struct emit *e, const struct resource *resource)
{
    emit_object_begin(e);
    schema_text(e, "type", "object");
    schema_begin_rows(e, "['data','page']");
    openapi_add_either(e, resource);
    emit_object_end(e);
    emit_key(e, SV("page"));
    parts_add_ref(e, "schemas", "Page");
    emit_object_end(e);
    emit_object_end(e);
}

/* Only what some operation refers to. */
static void add_schema_of(struct emit *e, const struct operation *operation)
{
    const struct resource *resource = operation->resource;
    char name[NAME_BYTES];

    if (operation->kind->reply == REPLY_PAGE) {
        emit_key(e, sv_of(openapi_schema_name(name, resource->name, "")));
        schema_resource(e, resource, SCHEMA_REPLY);
        emit_key(e, sv_of(openapi_schema_name(name, resource->name, "View")));
        openapi_add_view(e, resource);
        emit_key(e, sv_of(openapi_schema_name(name, resource->name, "Page")));
        add_page_schema(e, resource);
    } else if (operation->kind->body == BODY_CREATE) {
        emit_key(e, sv_of(openapi_schema_name(name, resource->name, "Create")));
        schema_resource(e, resource, SCHEMA_CREATE);
    } else if (operation->kind->body == BODY_PATCH && !operation->body_table) {
        emit_key(e, sv_of(openapi_schema_name(name, resource->name, "Patch")));
        schema_resource(e, resource, SCHEMA_PATCH);
    }
}

static void add_schemas(struct emit *e, const struct operations *all)
{
    emit_key(e, SV("schemas"));
    emit_object_begin(e);
    for (size_t i = 0; i < all->count; i++)
        add_schema_of(e, &all->rows[i]);
    emit_key(e, SV("Page"));
    schema_literal(e,
                   "{'type':'object','required':['next_cursor','has_more'],'properties':{"
                   "'next_cursor':{'type':['string','null'],'description':'For the parameter "
                   "cursor; null on the last page.'},'has_more':{'type':'boolean'},'total':{'type':"
                   "'integer','minimum':0,'description':'With count=exact.'},"
                   "'total_is_capped':{'type':'boolean','description':'There are more; "
                   "they were not counted to the end.'}}}");
    emit_key(e, SV("Problem"));
    parts_add_problem_schema(e);
    emit_object_end(e);
}

static void add_components(struct emit *e, const struct operations *all)
{
    emit_key(e, SV("components"));
    emit_object_begin(e);
    emit_key(e, SV("securitySchemes"));
    schema_literal(
        e,
        "{'bearer':{'type':'http','scheme':'bearer','description':'An API key or "
        "the token of a session, beginning with kith_.'},'cookie':{'type':'apiKey','in':'cookie',"
        "'name':'__Host-kith','description':'The session, for browsers; named kith "
        "on http://localhost. Writes need X-CSRF-Token and our own Origin.'}}");
    emit_key(e, SV("parameters"));
    emit_object_begin(e);
    parts_add_parameters(e);
    emit_object_end(e);
    emit_key(e, SV("headers"));
    emit_object_begin(e);
    parts_add_headers(e);
    emit_object_end(e);
    emit_key(e, SV("responses"));
    emit_object_begin(e);
    parts_add_problem_responses(e);
    emit_object_end(e);
    add_schemas(e, all);
    emit_object_end(e);
}

void openapi_prepare(const struct route *routes, size_t route_count)
{
    struct arena *arena = arena_new(MB(1));
    struct operations all = operations_of(arena, routes, route_count);
    struct emit e;

    str_init(&openapi.bytes, DOCUMENT_BYTES);
    emit_init(&e, &openapi.bytes);
    emit_object_begin(&e);
    schema_text(&e, "openapi", "3.1.0");
    add_info(&e);
    add_tags(&e, &all);
    add_paths(&e, &all);
    add_components(&e, &all);
    emit_object_end(&e);
    ENSURE(emit_finish(&e));
    document_finish(&openapi, SV_NONE);
    docs_write(&docs, &all);
    arena_free(arena);
}

int openapi_print(void)
{
    api_routes_prepare();
    return fwrite(openapi.bytes.p, 1, openapi.bytes.n, stdout) == openapi.bytes.n &&
                   fflush(stdout) == 0
               ? 0
               : 1;
}

STEP(openapi_get)
{
    return document_reply(r, &openapi);
}

STEP(docs_get)
{
    return document_reply(r, &docs);
}
