/* Tables of parameters and of header fields. */
#include "openapi/parts.h"

#include <string.h>

#include "action.h"
#include "file_type.h"
#include "gen/life_cycles.h"
#include "idempotency.h"
#include "list.h"
#include "openapi/query.h"
#include "openapi/schema.h"

#define TEXT_OF_(number) #number
#define TEXT_OF(number)  TEXT_OF_(number)

struct part {
    const char *key;
    const char *in;
    const char *doc;
    const char *schema;
    unsigned fields; /* operations with one of these have it; 0: named elsewhere */
};

static const struct part parameters[] = {
    {"id", "path", "The resource's id.", "{'type':'string','format':'uuid'}", 0},
    {"X-Request-Id", "header",
     "A name for this request, which replies, logs and events carry. One is made when it is left "
     "out or is of another form.",
     "{'type':'string','maxLength':128}", 0},
    {"If-Match", "header",
     "The ETag of the version that is changed; an action may go without. Missing: 428; stale: 412.",
     "{'type':'string'}", TAKES_IF_MATCH},
    {"If-None-Match", "header", "The ETag of what the client has already: 304.",
     "{'type':'string'}", TAKES_IF_NONE_MATCH},
    {"Idempotency-Key", "header",
     "Repeated within a day with the same request, the effect happens once and the reply is the "
     "same; with another request: 422.",
     "{'type':'string','minLength':1,'maxLength':" TEXT_OF(IDEMPOTENCY_KEY_LONGEST) "}",
     TAKES_IDEMPOTENCY_KEY},
    {"X-CSRF-Token", "header",
     "With the session's cookie: csrf_token of GET /v1/me. Not needed with a bearer token.",
     "{'type':'string'}", TAKES_CSRF_TOKEN},
    {"Last-Event-ID", "header",
     "Of the last event that was heard: those after it come first, or a reset where they are not "
     "known any more.",
     "{'type':'string'}", TAKES_LAST_EVENT_ID},
    {"limit", "query", "How many at most.",
     "{'type':'integer','minimum':1,'maximum':" TEXT_OF(LIST_LIMIT_MOST) ",'default':" TEXT_OF(
         LIST_LIMIT_DEFAULT) "}",
     TAKES_QUERY | TAKES_ROWS},
    {"cursor", "query",
     "Where to go on: next_cursor of the page before. The rest of the query must be the same.",
     "{'type':'string'}", TAKES_QUERY | TAKES_ROWS},
    {"count", "query",
     "Asks for page.total: how many there are on all pages; " TEXT_OF(
         LIST_COUNTED) " means more than can be counted.",
     "{'type':'string','enum':['exact']}", TAKES_QUERY},
    {"archived", "query", "Whether archived ones are listed.",
     "{'type':'string','enum':['exclude','include','only'],'default':'exclude'}", TAKES_ARCHIVED},
    {"outcome", "query", "Only rows of which that became.",
     "{'type':'string','enum':['created','updated','unchanged','rejected','reverted','conflict']}",
     TAKES_ROWS},
    {"kind", "query", "What the rows are: the plural of a resource, as in \"partners\".",
     "{'type':'string'}", TAKES_IMPORT},
    {"dry_run", "query", "Whether all is taken back at once, so that only the report stays.",
     "{'type':'string','enum':['true','false'],'default':'false'}", TAKES_IMPORT},
    {"key", "query",
     "What rows are known by, as in \"ein\" or \"partner_id,name\". Left out: the first of its "
     "kind's keys that a row has values for.",
     "{'type':'string'}", TAKES_IMPORT},
    {"mapping", "query",
     "A JSON object: by field, the name of the column that says it. Other fields are found by "
     "their own names; letter case, spaces and underscores do not count. A reference may be an id "
     "or the other's key, and its column may lack the \"_id\". Fields of the district's own are "
     "called by their codes, as files of lists have them: custom.shirt_size.",
     "{'type':'string'}", TAKES_IMPORT},
    {"constants", "query", "A JSON object of texts: by field, what holds for every row.",
     "{'type':'string'}", TAKES_IMPORT},
    {"new_fields", "query",
     "A JSON object: by name, the types (text, number, date, yes_no, url) of fields of the "
     "district's own that the import makes, as in {\"custom.shirt_size\": \"text\"}. "
     "Their columns are found by that name, by what stands behind its dot, or by the mapping; "
     "staff read them until they are given another class. For those who may make such fields.",
     "{'type':'string'}", TAKES_IMPORT},
    {"empty_cells", "query", "Whether they leave a field as it is, or make it null.",
     "{'type':'string','enum':['keep','clear'],'default':'keep'}", TAKES_IMPORT},
};

static const struct part headers[] = {
    {"ETag", NULL,
     "Names this version of the representation, for the roles of who reads and what of it was asked for.",
     "{'type':'string','pattern':'^\\\\u0022[^\\\\u0022]+\\\\u0022$'}", GIVES_ETAG | GIVES_ANY},
    {"Location", NULL, "The path of what was made.", "{'type':'string','format':'uri-reference'}",
     GIVES_LOCATION | GIVES_ANY},
    {"Content-Disposition", NULL, "The name of a file (RFC 6266).", "{'type':'string'}",
     GIVES_LINK | GIVES_FILE_NAME},
    {"Link", NULL, "The next page (RFC 8288), with rel=\"next\"; on the last page absent.",
     "{'type':'string'}", GIVES_LINK},
    {"Idempotent-Replayed", NULL,
     "Stands there when the reply is the stored one of an earlier request.",
     "{'type':'string','const':'true'}", TAKES_IDEMPOTENCY_KEY},
    {"Cache-Control", NULL, "RFC 9111.", "{'type':'string'}",
     TAKES_QUERY | TAKES_IF_NONE_MATCH | GIVES_CACHE_CONTROL | GIVES_ANY},
    {"Set-Cookie", NULL, "The session, for browsers (RFC 6265).", "{'type':'string'}",
     GIVES_COOKIE | GIVES_ANY},
    {"X-Request-Id", NULL, "The name of the request.",
     "{'type':'string','minLength':1,'maxLength':128}", 0},
    {"Clear-Site-Data", NULL, "What a browser forgets at a sign-out.", "{'type':'string'}",
     GIVES_COOKIE | GIVES_ANY},
    {"X-Accel-Buffering", NULL, "That a proxy passes it on at once.", "{'type':'string'}",
     TAKES_LAST_EVENT_ID},
    {"RateLimit-Policy", NULL, "The quota, where one applies (IETF draft).", "{'type':'string'}",
     0},
    {"RateLimit", NULL, "What is left of the quota.", "{'type':'string'}", 0},
    {"Retry-After", NULL, "After how many seconds to try again.",
     "{'type':'string','pattern':'^[0-9]+$'}", 0},
    {"WWW-Authenticate", NULL, "How to sign in (RFC 6750).", "{'type':'string'}", 0},
    {"Accept-Post", NULL, "The media type that a POST takes.", "{'type':'string'}", 0},
    {"Accept-Encoding", NULL, "Of a body that came in a content coding: that none is taken.",
     "{'type':'string'}", 0},
    {"Accept-Patch", NULL, "The media type that a PATCH takes (RFC 5789).", "{'type':'string'}", 0},
};

void parts_add_ref(struct emit *e, const char *kind, const char *name)
{
    char buffer[256];
    struct str ref;

    str_init_in(&ref, buffer, sizeof buffer);
    str_addf(&ref, "#/components/%s/%s", kind, name);
    ENSURE(!str_failed(&ref));
    emit_object_begin(e);
    schema_text(e, "$ref", str_cstr(&ref));
    emit_object_end(e);
}

static void add_part(struct emit *e, const struct part *part)
{
    emit_key(e, sv_of(part->key));
    emit_object_begin(e);
    if (part->in) {
        schema_text(e, "name", part->key);
        schema_text(e, "in", part->in);
        emit_key(e, SV("required"));
        emit_bool(e, strcmp(part->in, "path") == 0 || strcmp(part->key, "kind") == 0);
    }
    schema_text(e, "description", part->doc);
    emit_key(e, SV("schema"));
    schema_literal(e, part->schema);
    emit_object_end(e);
}

void parts_add_parameters(struct emit *e)
{
    for (size_t i = 0; i < COUNT_OF(parameters); i++)
        add_part(e, &parameters[i]);
}

void parts_add_headers(struct emit *e)
{
    for (size_t i = 0; i < COUNT_OF(headers); i++)
        add_part(e, &headers[i]);
}

bool parts_add_body_schema(struct emit *e, enum operation_body body)
{
    switch (body) {
    case BODY_ANY:
        schema_literal(e, "{'type':'object'}");
        return true;
    case BODY_CSV:
        schema_literal(e, "{'type':'string','description':'The first row has the names of the "
                          "columns.'}");
        return true;
    case BODY_FILE:
        schema_literal(e,
                       "{'type':'string','description':'The file. What it is, its bytes say; any "
                       "other Content-Type than this one must agree with them.'}");
        return true;
    case BODY_NONE:
    case BODY_CREATE:
    case BODY_PATCH:
    case BODY_TABLE:
        break;
    }
    return false;
}

void parts_add_object_bodies(struct emit *e)
{
    emit_key(e, SV("application/json"));
    schema_literal(e, "{'schema':{'type':'array','maxItems':10000,'items':{'type':'object'},"
                      "'description':'Rows, by the names of their fields.'}}");
    emit_key(e, SV("application/x-ndjson"));
    schema_literal(e, "{'schema':{'type':'string','description':'Such an object a line.'}}");
}

void parts_add_file_content(struct emit *e)
{
    emit_key(e, SV("content"));
    emit_object_begin(e);
    for (const struct file_type *type = file_types; type->media_type; type++) {
        emit_key(e, sv_of(type->media_type));
        schema_literal(e, "{'schema':{'type':'string','description':'The file.'}}");
    }
    emit_object_end(e);
}

void parts_add_events_content(struct emit *e)
{
    emit_key(e, SV("content"));
    schema_literal(
        e,
        "{'text/event-stream':{'schema':{'type':'string','description':'An event for each change "
        "of what one may read, in its own district: its id is for Last-Event-ID, its event the "
        "type of the CloudEvent, its data the CloudEvent, which names what changed and tells no "
        "values. ready comes when all that was missed has been told, reset where that is not "
        "known: then read again what is shown, by ETag. Comments keep the stream open; it ends "
        "after an hour, or when one may no longer listen, and is to be asked for again.'}}}");
}

/* A capture is an id, or a text of that name. */
static void add_captures(struct emit *e, const char *pattern)
{
    struct sv rest = sv_of(pattern);
    struct sv segment;

    while (sv_split(&rest, '/', &segment)) {
        struct sv name = sv_head(sv_skip(segment, 1), segment.n > 2 ? segment.n - 2 : 0);

        if (!sv_starts_with(segment, SV("{")))
            continue;
        if (sv_eq(name, SV("id"))) {
            parts_add_ref(e, "parameters", "id");
            continue;
        }
        emit_object_begin(e);
        emit_key(e, SV("name"));
        emit_text(e, name);
        schema_text(e, "in", "path");
        emit_key(e, SV("required"));
        emit_bool(e, true);
        emit_key(e, SV("schema"));
        schema_literal(e, "{'type':'string'}");
        emit_object_end(e);
    }
}

void parts_add_operation_parameters(struct emit *e, const struct operation *operation)
{
    bool is_write = operation->route->method != HTTP_GET && !operation->is_public;
    bool is_record = operation->resource && operation->resource->is_record;
    unsigned fields = operation->kind->fields | (is_write ? TAKES_CSRF_TOKEN : 0);

    if (fields & TAKES_QUERY && !is_record)
        fields |= TAKES_ARCHIVED;
    emit_key(e, SV("parameters"));
    emit_array_begin(e);
    add_captures(e, operation->route->pattern);
    parts_add_ref(e, "parameters", "X-Request-Id");
    for (size_t i = 0; i < COUNT_OF(parameters); i++) {
        if (parameters[i].fields & fields)
            parts_add_ref(e, "parameters", parameters[i].key);
    }
    if (operation->kind->fields & TAKES_QUERY)
        openapi_add_list(e, operation->resource);
    if (operation->kind->fields & (TAKES_QUERY | TAKES_VIEW))
        openapi_add_view_parameters(e, operation->resource);
    if (operation->kind->query_table)
        openapi_add_query(e, operation->kind->query_table);
    emit_array_end(e);
}

void parts_add_header(struct emit *e, const char *name)
{
    emit_key(e, sv_of(name));
    parts_add_ref(e, "headers", name);
}

void parts_add_common_headers(struct emit *e)
{
    parts_add_header(e, "X-Request-Id");
    parts_add_header(e, "RateLimit-Policy");
    parts_add_header(e, "RateLimit");
}

void parts_add_success_headers(struct emit *e, const struct operation *operation)
{
    emit_key(e, SV("headers"));
    emit_object_begin(e);
    parts_add_common_headers(e);
    for (size_t i = 0; i < COUNT_OF(headers); i++) {
        if (headers[i].fields & operation->kind->fields)
            parts_add_header(e, headers[i].key);
    }
    emit_object_end(e);
}

void parts_add_scope(struct emit *e, const struct operation *operation)
{
    const struct scope *scope;
    char buffer[512];
    struct str rule;

    if (!operation->resource || operation->route->method == HTTP_GET)
        return;
    scope = &operation->resource->scope;
    str_init_in(&rule, buffer, sizeof buffer);
    resource_add_rule(&rule, operation->resource);
    ENSURE(!str_failed(&rule));
    schema_text(e, "description", str_cstr(&rule));
    emit_key(e, SV("x-scope"));
    emit_object_begin(e);
    schema_text(e, "kind", scope_kind_name(scope->kind));
    if (scope->field)
        schema_text(e, "field", scope->field);
    if (scope->parent)
        schema_text(e, "parent", scope->parent);
    if (operation->resource->whose)
        schema_text(e, "whose", operation->resource->whose);
    emit_object_end(e);
}

void parts_add_life_cycle(struct emit *e, const struct operation *operation)
{
    if (operation->kind->handle != action_transitions)
        return;
    for (const struct life_cycle *one = life_cycles; one->resource; one++) {
        if (strcmp(one->resource, operation->resource->name) == 0)
            schema_text(e, "description", one->diagram);
    }
}
