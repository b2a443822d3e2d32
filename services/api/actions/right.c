/* Rights: the query names a row → one statement asks the same of each need (a list of roles) that
 * its operations have, as a write would → they are told by operation. A need is asked once, however
 * many operations have it. */
#include "right.h"

#include <string.h>

#include "action.h"
#include "call.h"
#include "gen/stmt.h"
#include "parameter.h"
#include "query.h"
#include "resources.h"
#include "use.h"
#include "json/emit.h"

#define NEEDS      32 /* different ones, of one resource */
#define TOLD_BYTES KB(16)

static const struct json_field verb_item = JSON_FIELD(NULL, FIELD_TEXT);
static const struct json_field fields[] = {
    JSON_FIELD("resource", FIELD_TEXT),
    JSON_FIELD("id", FIELD_UUID),
    JSON_FIELD("update", FIELD_BOOL, .doc = "PATCH it."),
    JSON_FIELD("update_private", FIELD_BOOL,
               .doc = "The same of what is private of it, if no more than that."),
    JSON_FIELD("archive", FIELD_BOOL),
    JSON_FIELD("restore", FIELD_BOOL),
    JSON_FIELD("actions", FIELD_LIST, .item = &verb_item, .max = 100,
               .doc = "POST to these, below it; its status may not allow each of them now."),
    JSON_FIELD("adds", FIELD_LIST, .item = &verb_item, .max = 200,
               .doc = "Resources of which one that refers to it may be made; none for a key "
                      "that is limited to resources."),
};
const struct json_table rights_table = JSON_TABLE("rights", fields);

enum { QUERY_RESOURCE, QUERY_ID, QUERY_COUNT };

static const struct json_field query_fields[] = {
    [QUERY_RESOURCE] = JSON_FIELD("resource", FIELD_TEXT, FIELD_REQUIRED, .max = CODE_LONGEST,
                                  .doc = "Its name in paths: partners."),
    [QUERY_ID] = JSON_FIELD("id", FIELD_UUID, FIELD_REQUIRED),
};
const struct json_table rights_query = JSON_TABLE("rights_query", query_fields);

#define RESOURCE_ADDRESS(name) &res_##name,
static const struct resource *const resources[] = {RESOURCES(RESOURCE_ADDRESS)};

/* Actions that are no rows of a declaration. */
static const struct {
    const struct resource *resource;
    const char *verb;
    const char *roles;
} by_hand[] = {{&res_user, "password_reset", ROLES_ADMIN}};

struct asking {
    const struct resource *resource;
    const char *id;
    const char *needs[NEEDS];
    size_t need_count;
};

/* The place of the need, from 1; it is added where it is new. 0: nobody has it. */
static size_t place_of(struct asking *asking, const char *need)
{
    if (!need)
        return 0;
    for (size_t i = 0; i < asking->need_count; i++) {
        if (strcmp(asking->needs[i], need) == 0)
            return i + 1;
    }
    ENSURE(asking->need_count < NEEDS);
    asking->needs[asking->need_count++] = need;
    return asking->need_count;
}

static bool has(const struct resource *resource, enum resource_operation operation)
{
    return !resource->operations || resource->operations & operation;
}

static const char *own_need(const struct resource *resource)
{
    return resource->ready->own_writers ? resource->ready->own_writers : resource->writers;
}

static const char *write_need(const struct resource *resource)
{
    return resource->owners_write ? own_need(resource) : resource->writers;
}

/* One of `child` can be made that refers to one of `parent` by its usual field. */
static bool is_added(const struct resource *child, const struct resource *parent)
{
    const struct resource_field *field = NULL;

    for (size_t i = 0; !field && i < child->ready->field_count; i++) {
        struct sv name = sv_of(child->ready->fields[i].json.name);

        if (child->ready->fields[i].ref == parent && name.n == strlen(parent->name) + 3 &&
            sv_starts_with(name, sv_of(parent->name)))
            field = &child->ready->fields[i];
    }
    return field && resource_field_is_writable(field) && child->writers &&
           has(child, RESOURCE_CREATE);
}

static bool names(const char *list, const char *name)
{
    struct sv rest = sv_of(list);
    struct sv one;

    while (sv_split(&rest, ',', &one)) {
        if (sv_eq(one, sv_of(name)))
            return true;
    }
    return false;
}

/* What covers the parent covers the child that refers to it. */
static bool is_covered_by(const struct resource *child, const struct resource *parent)
{
    const struct scope *scope = &child->scope;
    bool is_of_site =
        scope->kind == SCOPE_SITE || scope->kind == SCOPE_PLACE || scope->kind == SCOPE_MEMBERS;

    if (is_of_site)
        return strcmp(parent->name, "site") == 0 && strcmp(scope->field, "site_id") == 0;
    return scope->kind != SCOPE_LINKS && scope->kind != SCOPE_PLACED && scope->parent &&
           names(scope->parent, parent->name);
}

static const char *texts(struct req *r, const char *const *all, size_t count)
{
    struct str *out = str_new_in(r->arena, TOLD_BYTES);
    struct emit e;

    emit_init(&e, out);
    emit_array_begin(&e);
    for (size_t i = 0; i < count; i++)
        emit_text(&e, sv_of(all[i]));
    emit_array_end(&e);
    ENSURE(emit_finish(&e));
    return out->p;
}

/* ---- Answering ---- */

static bool told(struct req *r, size_t place, const char *column)
{
    return place && db_bool(call_of(r)->unit, 1, place, column);
}

static bool may_add(struct req *r, struct asking *asking, const struct resource *child)
{
    size_t place = place_of(asking, child->writers);

    if (child->scope.kind == SCOPE_DISTRICT || child->scope.kind == SCOPE_ADMIN)
        return told(r, place, "is_whole");
    return told(r, place, is_covered_by(child, asking->resource) ? "is_inside" : "is_held");
}

static void add_flag(struct emit *e, const char *name, bool value)
{
    emit_key(e, sv_of(name));
    emit_bool(e, value);
}

static void add_actions(struct req *r, const struct asking *asking, struct emit *e)
{
    emit_key(e, SV("actions"));
    emit_array_begin(e);
    for (size_t place = 1; place <= asking->need_count; place++) {
        struct sv rest = db_text(call_of(r)->unit, 1, place, "verbs");
        struct sv verb;

        while (rest.n && sv_split(&rest, ',', &verb))
            emit_text(e, verb);
    }
    emit_array_end(e);
}

static void add_adds(struct req *r, struct asking *asking, struct emit *e)
{
    bool is_any = db_bool(call_of(r)->unit, 1, 0, "is_held"); /* the token is for any of them */

    emit_key(e, SV("adds"));
    emit_array_begin(e);
    for (size_t i = 0; i < COUNT_OF(resources); i++) {
        if (is_any && is_added(resources[i], asking->resource) && may_add(r, asking, resources[i]))
            emit_text(e, sv_of(resources[i]->plural));
    }
    emit_array_end(e);
}

static STEP(got_rights)
{
    struct call *call = call_of(r);
    struct asking *asking = call->state;
    const struct resource *resource = asking->resource;
    struct str *out = str_new_in(r->arena, TOLD_BYTES);
    bool is_covered;
    struct emit e;

    if (db_row_count(call->unit, 1) == 0)
        return fail(r, ERR_NOT_FOUND);
    is_covered = told(r, place_of(asking, write_need(resource)), "is_inside");
    emit_init(&e, out);
    emit_object_begin(&e);
    emit_key(&e, SV("resource"));
    emit_text(&e, sv_of(resource->plural));
    emit_key(&e, SV("id"));
    emit_text(&e, sv_of(asking->id));
    add_flag(&e, "update", has(resource, RESOURCE_PATCH) && is_covered);
    add_flag(&e, "update_private",
             has(resource, RESOURCE_PATCH) &&
                 told(r, place_of(asking, own_need(resource)), "is_inside"));
    add_flag(&e, "archive", has(resource, RESOURCE_ARCHIVE) && is_covered);
    add_flag(&e, "restore", has(resource, RESOURCE_RESTORE) && is_covered);
    add_actions(r, asking, &e);
    add_adds(r, asking, &e);
    emit_object_end(&e);
    ENSURE(emit_finish(&e));
    reply_field(r, "Cache-Control", SV("no-store"));
    return reply_json(r, 200, str_view(out));
}

/* ---- Asking ---- */

/* Their needs, and a place in them for each verb. */
static void add_verb(struct asking *asking, struct emit *verbs, struct emit *places,
                     const char *verb, const char *roles)
{
    emit_text(verbs, sv_of(verb));
    emit_i64(places, (int64_t)place_of(asking, roles));
}

static void ask_actions(struct req *r, struct asking *asking, const char **out_verbs,
                        const char **out_places)
{
    const struct resource *resource = asking->resource;
    struct str *verbs_text = str_new_in(r->arena, TOLD_BYTES);
    struct str *places_text = str_new_in(r->arena, TOLD_BYTES);
    struct emit verbs;
    struct emit places;

    emit_init(&verbs, verbs_text);
    emit_init(&places, places_text);
    emit_array_begin(&verbs);
    emit_array_begin(&places);
    for (size_t i = 0; i < resource->action_count; i++)
        add_verb(asking, &verbs, &places, resource->actions[i].verb,
                 resource->ready->actions[i].roles);
    for (size_t i = 0; i < COUNT_OF(by_hand); i++) {
        if (by_hand[i].resource == resource)
            add_verb(asking, &verbs, &places, by_hand[i].verb, by_hand[i].roles);
    }
    emit_array_end(&verbs);
    emit_array_end(&places);
    ENSURE(emit_finish(&verbs) && emit_finish(&places));
    *out_verbs = verbs_text->p;
    *out_places = places_text->p;
}

static struct plan *ask(struct req *r, struct asking *asking)
{
    const struct resource *resource = asking->resource;
    const char *places = NULL;
    const char *verbs = NULL;
    struct call *call;

    place_of(asking, write_need(resource));
    place_of(asking, own_need(resource));
    ask_actions(r, asking, &verbs, &places);
    for (size_t i = 0; i < COUNT_OF(resources); i++) {
        if (is_added(resources[i], resource))
            place_of(asking, resources[i]->writers);
    }
    use_also(r, resource->plural);
    call = call_begin(r, CALL_READ, sv_of(resource->readers));
    call->state = asking;
    call_add(call, STMT(row_rights), call->token.hash.p, resource->plural, resource->table,
             asking->id, texts(r, asking->needs, asking->need_count), verbs, places);
    return call_run(r, got_rights);
}

STEP(rights_get)
{
    const char *values[QUERY_COUNT] = {NULL};
    struct asking *asking = ARENA_NEW(r->arena, asking);
    struct plan *refused = parameters_read(r, &rights_query, values);

    if (refused)
        return refused;
    asking->id = values[QUERY_ID];
    for (size_t i = 0; i < COUNT_OF(resources); i++) {
        if (strcmp(resources[i]->plural, values[QUERY_RESOURCE]) == 0)
            asking->resource = resources[i];
    }
    if (!asking->resource)
        return query_refuse(r, SV("resource"), JSON_FAULT_INVALID_PARAMETER,
                            SV("must be a resource's name in paths"));
    return ask(r, asking);
}
