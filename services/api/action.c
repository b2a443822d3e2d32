/* Actions: read the body and the precondition → one unit: the effect's function, then the
 * representation. */
#include "action.h"

#include <string.h>

#include "base/secret.h"
#include "base/uuid.h"
#include "call.h"
#include "etag.h"
#include "http/field.h"
#include "http/router.h"
#include "idempotency.h"

#define SQL_BYTES KB(4)

static const struct json_field missing_item = JSON_FIELD(NULL, FIELD_TEXT);
static const struct json_field possible_fields[] = {
    JSON_FIELD("action", FIELD_TEXT, .doc = "POST to this, below the resource."),
    JSON_FIELD("to", FIELD_TEXT, .doc = "The status after it."),
    JSON_FIELD("missing", FIELD_LIST, .item = &missing_item,
               .doc = "What has to be there before; empty: nothing."),
};
static const struct json_table possible_table = JSON_TABLE("transition", possible_fields);
static const struct json_field possible_item =
    JSON_FIELD(NULL, FIELD_OBJECT, .table = &possible_table);
static const struct json_field transitions_fields[] = {
    JSON_FIELD("status", FIELD_TEXT),
    JSON_FIELD("possible", FIELD_LIST, .item = &possible_item),
};
const struct json_table action_transitions_table = JSON_TABLE("transitions", transitions_fields);

static const struct resource_ready *ready_of(const struct route *route)
{
    return ((const struct resource *)route->what)->ready;
}

const struct action_ready *action_of(const struct route *route)
{
    const struct resource_ready *ready = ready_of(route);
    const char *verb = strrchr(route->pattern, '/') + 1;

    for (size_t i = 0; i < ready->resource->action_count; i++) {
        if (strcmp(ready->actions[i].action->verb, verb) == 0)
            return &ready->actions[i];
    }
    die("%s has no action %s", ready->resource->name, verb);
}

bool action_needs_body(const struct action_ready *action)
{
    for (size_t i = 0; i < action->table.field_count; i++) {
        if (action->table.fields[i].flags & FIELD_REQUIRED)
            return true;
    }
    return false;
}

static void prepare(struct action_ready *out, const struct resource *resource,
                    const struct resource_action *action)
{
    struct str name;
    struct str sql;

    str_init(&name, 62);
    str_init(&sql, SQL_BYTES);
    str_addf(&name, "%s_%s", resource->name, action->verb);
    str_addf(&sql, "SELECT %s($1::uuid, $2::bigint", str_cstr(&name));
    for (size_t i = 0; i < action->field_count; i++) {
        STR_ADD(&sql, ", ");
        resource_add_param(&sql, &action->fields[i], i + 3);
    }
    STR_ADD(&sql, ")");
    ENSURE(!str_failed(&name) && !str_failed(&sql));
    out->action = action;
    out->roles = action->roles ? action->roles : resource->writers;
    out->table = (struct json_table){name.p, action->fields, action->field_count, 0};
    /* The texts are kept. */
    out->run = (struct db_statement){name.p, sql.p, (unsigned)action->field_count + 2, DB_EXEC};
}

/* What its status allows; the texts are kept. */
static struct db_statement transitions_statement(const struct resource *resource)
{
    struct str name;
    struct str sql;

    str_init(&name, 62);
    str_init(&sql, SQL_BYTES);
    str_addf(&name, "%s_transitions", resource->name);
    str_addf(&sql,
             "SELECT json_build_object('status', t.%s, 'possible', coalesce((SELECT json_agg("
             "json_build_object('action', v.action, 'to', v.to_status, 'missing', "
             "to_json(coalesce(%s, '{}'))) ORDER BY v.action) FROM transitions() v "
             "WHERE v.resource = '%s' AND v.from_status = t.%s AND t.archived_at IS NULL), "
             "'[]'))::text AS body "
             "FROM %s t WHERE t.id = $1::uuid",
             resource->status, resource->missing ? resource->missing : "NULL::text[]",
             resource->name, resource->status, resource->table);
    ENSURE(!str_failed(&name) && !str_failed(&sql));
    return (struct db_statement){name.p, sql.p, 1, DB_MAYBE};
}

void actions_prepare(struct resource_ready *ready)
{
    const struct resource *resource = ready->resource;

    if (resource->action_count == 0)
        return;
    if (resource_field_find(ready, sv_of(resource->status)))
        ready->transitions = transitions_statement(resource);
    ready->actions = x_calloc(resource->action_count, sizeof *ready->actions);
    for (size_t i = 0; i < resource->action_count; i++)
        prepare(&ready->actions[i], resource, &resource->actions[i]);
}

/* Binds the body, which may be left out where nothing in it is needed; or answers. */
static struct plan *bind_body(struct req *r, const struct action_ready *action,
                              struct json_bound *out)
{
    struct sv body = r->body;

    if (body.n == 0 && !action_needs_body(action)) {
        body = SV("{}");
    } else if (!http_media_type_is(req_field(r, SV("content-type")), SV("application/json"))) {
        reply_field(r, "Accept-Post", SV("application/json"));
        return fail(r, ERR_MEDIA_TYPE_UNSUPPORTED);
    }
    return json_bind(r->arena, &action->table, JSON_CREATE, body, out) ? NULL : fail_bound(r, out);
}

/* The version that the client asks for, if it does; or answers. */
static struct plan *read_version(struct req *r, const char **out)
{
    switch (etag_if_match(r, out)) {
    case IF_MATCH_NONE:
    case IF_MATCH_VERSION:
        return NULL;
    case IF_MATCH_ANY:
    case IF_MATCH_MALFORMED:
        break;
    }
    return fail_why(r, ERR_PRECONDITION_FAILED, "If-Match must be an ETag that you were given.");
}

struct acting {
    size_t got; /* the statement that reads the representation */
};

static STEP(acted)
{
    struct call *call = call_of(r);
    const struct acting *acting = call->state;

    if (db_row_count(call->unit, acting->got) == 0)
        return fail(r, ERR_NOT_FOUND);
    reply_field(r, "ETag", etag_of(r, db_text(call->unit, acting->got, 0, "version")));
    return reply_json(r, 200, db_text(call->unit, acting->got, 0, "body"));
}

static size_t add_effect(struct req *r, const struct action_ready *action, const char *id,
                         const char *version, const struct json_bound *bound)
{
    const struct resource_ready *ready = ready_of(r->route);
    struct call *call = call_of(r);
    const char **params = arena_zalloc(r->arena, DB_STATEMENT_PARAMS * sizeof *params);

    ENSURE(bound->values || action->table.field_count == 0);
    params[0] = id;
    params[1] = version;
    for (size_t i = 0; i < action->table.field_count; i++) {
        const struct json_value *value = &bound->values[i];

        params[i + 2] = value->is_present && !value->is_null ? value->text.p : NULL;
    }
    if (action->action->seals && params[2])
        params[2] = secret_seal(r->arena, call->api->seal_key, sv_of(id), sv_of(params[2])).p;
    db_unit_add(call->unit, &action->run, params, action->run.param_count);
    return call->idempotency_key.n
               ? call_add(call, &ready->get_and_keep_any, id, call->idempotency_key.p,
                          call->fingerprint.p, "200", NULL)
               : call_add(call, &ready->get, id);
}

STEP(action_post)
{
    const struct action_ready *action = action_of(r->route);
    struct uuid *id = ARENA_NEW(r->arena, uuid);
    struct acting *acting = ARENA_NEW(r->arena, acting);
    struct json_bound bound = {0};
    const char *version = NULL;
    struct plan *refused = idempotency_read(r);

    if (!refused)
        refused = read_version(r, &version);
    if (!refused)
        refused = bind_body(r, action, &bound);
    if (refused)
        return refused;
    if (!uuid_parse(r->captures[0], id))
        return fail(r, ERR_NOT_FOUND);
    call_begin(r, CALL_WRITE, sv_of(action->roles));
    idempotency_begin(r);
    acting->got = add_effect(r, action, id->text, version, &bound);
    call_of(r)->state = acting;
    return call_run(r, acted);
}

STEP(action_transitions)
{
    const struct resource_ready *ready = ready_of(r->route);
    struct uuid *id = ARENA_NEW(r->arena, uuid);

    if (r->query_count)
        return fail_why(r, ERR_INVALID_QUERY, "\"%.*s\" is not a parameter of this resource.",
                        SV_ARG(r->query[0].name));
    if (!uuid_parse(r->captures[0], id))
        return fail(r, ERR_NOT_FOUND);
    call_begin(r, CALL_READ, sv_of(ready->resource->readers));
    call_add(call_of(r), &ready->transitions, id->text);
    return call_run(r, call_body);
}
