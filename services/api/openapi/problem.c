/* Problems as the document tells them: what every one has, and which there are, from the tables of
 * errors and of faults. */
#include <stdio.h>

#include "http/reply.h"
#include "openapi/parts.h"
#include "openapi/schema.h"

/* Header fields that problems of a status may have. */
static const struct {
    int status;
    const char *header;
} problem_headers[] = {
    {401, "WWW-Authenticate"}, {409, "ETag"},
    {409, "Retry-After"},      {412, "ETag"},
    {415, "Accept-Post"},      {415, "Accept-Patch"},
    {415, "Accept-Encoding"},  {429, "Retry-After"},
    {503, "Retry-After"},
};

static void add_fault_schema(struct emit *e)
{
    emit_object_begin(e);
    schema_text(e, "type", "object");
    emit_key(e, SV("required"));
    schema_literal(e, "['pointer','code','detail']");
    emit_key(e, SV("properties"));
    emit_object_begin(e);
    emit_key(e, SV("pointer"));
    schema_literal(e, "{'type':'string','description':'Where it is: RFC 6901, of the body; of a "
                      "query, \\u0022/\\u0022 and the name of the parameter.'}");
    emit_key(e, SV("code"));
    emit_object_begin(e);
    schema_text(e, "type", "string");
    emit_key(e, SV("enum"));
    emit_array_begin(e);
    for (int code = 0; code < JSON_FAULT_COUNT; code++)
        emit_text(e, sv_of(json_fault_name((enum json_fault_code)code)));
    emit_array_end(e);
    emit_object_end(e);
    emit_key(e, SV("detail"));
    schema_literal(e, "{'type':'string'}");
    emit_object_end(e);
    emit_object_end(e);
}

void parts_add_problem_schema(struct emit *e)
{
    emit_object_begin(e);
    schema_text(e, "description", "What went wrong (RFC 9457).");
    schema_text(e, "type", "object");
    emit_key(e, SV("required"));
    schema_literal(e, "['type','title','status','detail','instance','request_id']");
    emit_key(e, SV("properties"));
    emit_object_begin(e);
    emit_key(e, SV("type"));
    schema_literal(e, "{'type':'string','format':'uri-reference',"
                      "'description':'Names the kind of error; stable.'}");
    emit_key(e, SV("title"));
    schema_literal(e, "{'type':'string','description':'The same for every error of a kind.'}");
    emit_key(e, SV("status"));
    schema_literal(e, "{'type':'integer','minimum':400,'maximum':599}");
    emit_key(e, SV("detail"));
    schema_literal(e, "{'type':'string','description':'What was wrong here.'}");
    emit_key(e, SV("instance"));
    schema_literal(e, "{'type':'string','format':'uri-reference'}");
    emit_key(e, SV("request_id"));
    schema_literal(e, "{'type':'string'}");
    emit_key(e, SV("errors"));
    schema_literal(e, "{'type':'array','description':'Everything that is wrong with the input.',"
                      "'items':{'$ref':'#/components/schemas/Fault'}}");
    emit_key(e, SV("state"));
    schema_literal(e, "{'type':'object','additionalProperties':true,'description':'Of a conflict: "
                      "the status, what is possible from it, and what is missing.',"
                      "'properties':{'status':{'type':'string'},'possible':{'type':'array','items':"
                      "{'type':'string'}},'missing':{'type':'array','items':{'type':'string'}}}}");
    emit_object_end(e);
    emit_object_end(e);
    emit_key(e, SV("Fault"));
    add_fault_schema(e);
}

void parts_problem_name(char out[PROBLEM_NAME_BYTES], int status)
{
    ENSURE(status >= 400 && status < 600);
    snprintf(out, PROBLEM_NAME_BYTES, "Problem%03d", status);
}

/* Which kinds of errors have the status. */
static void add_types(struct emit *e, int status)
{
    char type[128];

    emit_key(e, SV("type"));
    emit_object_begin(e);
    emit_key(e, SV("enum"));
    emit_array_begin(e);
    for (int code = 0; code < ERROR_COUNT; code++) {
        const struct error *error = error_of((enum error_code)code);

        if (error->status != status)
            continue;
        snprintf(type, sizeof type, "/problems/%s", error->type);
        emit_text(e, sv_of(type));
    }
    emit_array_end(e);
    emit_object_end(e);
}

static void add_problem_response(int status, void *arg)
{
    struct emit *e = arg;
    char name[PROBLEM_NAME_BYTES];

    parts_problem_name(name, status);
    emit_key(e, sv_of(name));
    emit_object_begin(e);
    schema_text(e, "description", http_reason(status));
    emit_key(e, SV("headers"));
    emit_object_begin(e);
    parts_add_common_headers(e);
    for (size_t i = 0; i < COUNT_OF(problem_headers); i++) {
        if (problem_headers[i].status == status)
            parts_add_header(e, problem_headers[i].header);
    }
    emit_object_end(e);
    emit_key(e, SV("content"));
    emit_object_begin(e);
    emit_key(e, SV("application/problem+json"));
    emit_object_begin(e);
    emit_key(e, SV("schema"));
    emit_object_begin(e);
    emit_key(e, SV("allOf"));
    emit_array_begin(e);
    parts_add_ref(e, "schemas", "Problem");
    emit_object_begin(e);
    emit_key(e, SV("properties"));
    emit_object_begin(e);
    add_types(e, status);
    emit_key(e, SV("status"));
    emit_object_begin(e);
    emit_key(e, SV("const"));
    emit_i64(e, status);
    emit_object_end(e);
    emit_object_end(e);
    emit_object_end(e);
    emit_array_end(e);
    emit_object_end(e);
    emit_object_end(e);
    emit_object_end(e);
    emit_object_end(e);
}

void parts_add_problem_responses(struct emit *e)
{
    operation_each_error_status(add_problem_response, e);
}
