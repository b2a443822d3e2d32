/* From a declaration to its statements. The text is made of the declaration only; what a client
 * sends is always a parameter. */
#include "resource.h"

#include <string.h>

#include "action.h"
#include "base/secret.h"
#include "base/str.h"

#define SQL_BYTES   KB(64)
#define NAME_DIGITS 24 /* of the hash of an assembled statement */

#define UPDATED_AT 3

static const struct resource_field common_fields[] = {
    {.json = JSON_FIELD("id", FIELD_UUID, FIELD_READ_ONLY, .doc = "UUIDv7.")},
    {.json = JSON_FIELD("version", FIELD_INT, FIELD_READ_ONLY,
                        .doc = "Counts the changes; the ETag begins with it.")},
    {.json = JSON_FIELD("created_at", FIELD_INSTANT, FIELD_READ_ONLY, .doc = "When it was made."),
     .use = FIELD_RANGES | FIELD_SORTS},
    [UPDATED_AT] = {.json = JSON_FIELD("updated_at", FIELD_INSTANT, FIELD_READ_ONLY,
                                       .doc = "When it was changed last."),
                    .use = FIELD_RANGES | FIELD_SORTS},
    {.json = JSON_FIELD("archived_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "When it was archived, or null.")},
};

bool resource_field_is_writable(const struct resource_field *field)
{
    return !field->sql && !(field->json.flags & FIELD_READ_ONLY);
}

const struct resource_field *resource_field_find(const struct resource_ready *ready, struct sv name)
{
    for (size_t i = 0; i < ready->field_count; i++) {
        if (sv_eq(sv_of(ready->fields[i].json.name), name))
            return &ready->fields[i];
    }
    return NULL;
}

/* What a text parameter of the type is cast to. */
static const char *cast_of(enum json_field_type type)
{
    switch (type) {
    case FIELD_UUID:
        return "uuid";
    case FIELD_INT:
        return "bigint";
    case FIELD_DECIMAL:
        return "numeric";
    case FIELD_BOOL:
        return "boolean";
    case FIELD_DATE:
        return "date";
    case FIELD_INSTANT:
        return "timestamptz";
    case FIELD_ANY:
    case FIELD_OBJECT:
    case FIELD_LIST:
    case FIELD_MAP:
        return "jsonb";
    case FIELD_TEXT:
    case FIELD_LONG_TEXT:
    case FIELD_EMAIL:
    case FIELD_URL:
    case FIELD_ENUM:
    case FIELD_LOCALE:
    case FIELD_ZONE:
    case FIELD_TYPE_COUNT:
        break;
    }
    return "text";
}

/* A list that its column keeps as an array, not as JSON. */
static bool is_array(const struct json_field *field)
{
    return field->type == FIELD_LIST &&
           (field->item->type == FIELD_INT || strcmp(cast_of(field->item->type), "text") == 0);
}

void resource_add_param(struct str *sql, const struct json_field *field, size_t number)
{
    if (is_array(field))
        str_addf(sql, "ARRAY(SELECT jsonb_array_elements_text($%zu::jsonb)%s)", number,
                 field->item->type == FIELD_INT ? "::integer" : "");
    else
        str_addf(sql, "$%zu::%s", number, cast_of(field->type));
}

static void add_source(struct str *sql, const struct resource_field *field)
{
    if (field->sql)
        str_addf(sql, "(%s)", field->sql);
    else
        str_addf(sql, "t.%s", field->json.name);
}

void resource_add_may_read(struct str *sql, const struct resource_field *field)
{
    str_addf(sql, "kith_has_role('%s')", field->readers);
}

void resource_add_value(struct str *sql, const struct resource_field *field)
{
    if (field->readers) {
        STR_ADD(sql, "CASE WHEN ");
        resource_add_may_read(sql, field);
        STR_ADD(sql, " THEN ");
    }
    if (field->json.type == FIELD_INSTANT) {
        STR_ADD(sql, "rfc3339(");
        add_source(sql, field);
        STR_ADD(sql, ")");
    } else {
        add_source(sql, field);
        if (field->json.type == FIELD_DECIMAL)
            STR_ADD(sql, "::text");
    }
    if (field->readers)
        STR_ADD(sql, " END");
}

struct db_statement *resource_assemble(struct arena *arena, const char *verb, const struct str *sql,
                                       unsigned param_count, enum db_shape shape)
{
    struct db_statement *statement = ARENA_NEW(arena, db_statement);
    struct sv text = str_view(sql);

    ENSURE(!str_failed(sql));
    statement->text = arena_cstr(arena, text);
    statement->name =
        arena_printf(arena, "%s_%.*s", verb, NAME_DIGITS, secret_sha256_hex(arena, text).p).p;
    statement->param_count = param_count;
    statement->shape = shape;
    statement->is_assembled = true;
    return statement;
}

/* A statement's text lives as long as the process. */
static const char *finish(struct str *sql)
{
    ENSURE(!str_failed(sql));
    return sql->p; /* kept */
}

static const char *body_sql(const struct resource_ready *ready)
{
    struct str sql;

    str_init(&sql, SQL_BYTES);
    STR_ADD(&sql, "json_build_object(");
    for (size_t i = 0; i < ready->field_count; i++) {
        str_addf(&sql, "%s'%s', ", i ? ", " : "", ready->fields[i].json.name);
        resource_add_value(&sql, &ready->fields[i]);
    }
    STR_ADD(&sql, ")");
    return finish(&sql);
}

static struct db_statement statement(const struct resource *resource, const char *verb,
                                     enum db_shape shape, unsigned param_count, struct str *sql)
{
    struct str name;

    str_init(&name, 62);
    str_addf(&name, "%s_%s", resource->name, verb);
    return (struct db_statement){finish(&name), finish(sql), param_count, shape};
}

static struct db_statement get_statement(const struct resource_ready *ready)
{
    const struct resource *resource = ready->resource;
    struct str sql;

    str_init(&sql, SQL_BYTES);
    str_addf(&sql, "SELECT %s AS version, %s::text AS body FROM %s t WHERE t.id = $1::uuid",
             resource->is_record ? "1" : "t.version", ready->body_sql, resource->table);
    return statement(resource, "get", DB_MAYBE, 1, &sql);
}

/* $1 id, $2 key, $3 fingerprint, $4 status, $5 location. With a condition, only what this unit
 * wrote is kept: when a version did not match, it wrote nothing and the key is free. */
static struct db_statement get_and_keep_statement(const struct resource_ready *ready,
                                                  const char *verb, const char *condition)
{
    const struct resource *resource = ready->resource;
    struct str sql;

    str_init(&sql, SQL_BYTES);
    str_addf(
        &sql,
        "WITH reply AS (SELECT t.xmin AS writer, t.version, %s::text AS body FROM %s t "
        "WHERE t.id = $1::uuid), "
        "kept AS (INSERT INTO idempotency (district_id, principal, key, fingerprint, status, "
        "location, version, body, created_at) "
        "SELECT current_setting('kith.district')::uuid, current_setting('kith.user'), $2::text, "
        "$3::text, $4::integer, $5::text, version, body, "
        "current_setting('kith.now')::timestamptz FROM reply%s) "
        "SELECT version, body FROM reply",
        ready->body_sql, resource->table, condition);
    return statement(resource, verb, DB_MAYBE, 5, &sql);
}

static struct db_statement create_statement(const struct resource_ready *ready)
{
    const struct resource *resource = ready->resource;
    unsigned number = 1;
    struct str values;
    struct str sql;

    str_init(&sql, SQL_BYTES);
    str_init(&values, SQL_BYTES);
    str_addf(&sql, "INSERT INTO %s (district_id, id", resource->table);
    STR_ADD(&values, "current_setting('kith.district')::uuid, $1::uuid");
    for (size_t i = 0; i < ready->field_count; i++) {
        const struct resource_field *field = &ready->fields[i];

        if (!resource_field_is_writable(field))
            continue;
        str_addf(&sql, ", %s", field->json.name);
        str_add(&values, sv_of(field->create_default ? ", COALESCE(" : ", "));
        if (is_array(&field->json))
            str_addf(&values, "CASE WHEN $%u::text IS NOT NULL THEN ", number + 1);
        resource_add_param(&values, &field->json, ++number);
        if (is_array(&field->json))
            STR_ADD(&values, " END");
        if (field->create_default)
            str_addf(&values, ", %s)", field->create_default);
    }
    str_addf(&sql, ") VALUES (%s)", str_cstr(&values));
    ENSURE(!str_failed(&values));
    str_fini(&values);
    return statement(resource, "create", DB_EXEC, number, &sql);
}

/* The mask's bits are places among the resource's fields, so that they are the bits of
 * json_bound.present. */
static struct db_statement patch_statement(const struct resource_ready *ready)
{
    const struct resource *resource = ready->resource;
    unsigned number = 3;
    struct str sql;

    str_init(&sql, SQL_BYTES);
    str_addf(&sql, "UPDATE %s t SET ", resource->table);
    for (size_t i = 0; i < ready->field_count; i++) {
        const struct resource_field *field = &ready->fields[i];

        if (!resource_field_is_writable(field))
            continue;
        str_addf(&sql, "%s%s = CASE WHEN $2::bigint & %lld <> 0 THEN ", number > 3 ? ", " : "",
                 field->json.name, 1LL << i);
        resource_add_param(&sql, &field->json, ++number);
        str_addf(&sql, " ELSE t.%s END", field->json.name);
    }
    STR_ADD(&sql, " WHERE t.id = $1::uuid AND t.version = $3::bigint AND t.archived_at IS NULL "
                  "RETURNING t.version");
    return statement(resource, "patch", DB_MAYBE, number, &sql);
}

static struct db_statement mark_statement(const struct resource *resource, const char *verb,
                                          const char *value, const char *condition)
{
    struct str sql;

    str_init(&sql, SQL_BYTES);
    str_addf(
        &sql,
        "UPDATE %s t SET archived_at = %s WHERE t.id = $1::uuid AND t.version = $2::bigint AND "
        "t.archived_at %s RETURNING t.version",
        resource->table, value, condition);
    return statement(resource, verb, DB_MAYBE, 2, &sql);
}

/* Who locks a row must be allowed to change it: the policies for an UPDATE hide what they do not
 * cover, and this lock keeps off nobody. What shows one's own alone covers what it shows. */
static struct db_statement reach_statement(const struct resource *resource)
{
    struct str sql;

    str_init(&sql, SQL_BYTES);
    str_addf(&sql, "SELECT t.version FROM %s t WHERE t.id = $1::uuid%s", resource->table,
             resource->scope.kind == SCOPE_OWN ? "" : " FOR KEY SHARE");
    return statement(resource, "is_covered", DB_MAYBE, 1, &sql); /* no action's name */
}

static void check_scope(const struct resource_ready *ready)
{
    const struct scope *scope = &ready->resource->scope;

    ENSURE(!ready->resource->writers || scope->kind != SCOPE_NONE);
    ENSURE(!scope->field || resource_field_find(ready, sv_of(scope->field)));
}

static void take_fields(struct resource_ready *ready)
{
    const struct resource *resource = ready->resource;

    size_t common = resource->is_record ? 1 : COUNT_OF(common_fields);

    ENSURE(common + resource->field_count <= RESOURCE_FIELDS);
    memcpy(ready->fields, common_fields, common * sizeof *common_fields);
    if (resource->is_rewritten)
        ready->fields[UPDATED_AT].use = 0;
    memcpy(ready->fields + common, resource->fields,
           resource->field_count * sizeof *resource->fields);
    ready->field_count = common + resource->field_count;
    for (size_t i = 0; i < ready->field_count; i++) {
        const struct resource_field *field = &ready->fields[i];

        ready->json_fields[i] = field->json;
        if (!field->is_private)
            continue;
        ENSURE(field->readers &&
               (!ready->private_readers || strcmp(ready->private_readers, field->readers) == 0));
        ready->private_readers = field->readers;
    }
    ready->table.name = resource->name;
    ready->table.fields = ready->json_fields;
    ready->table.field_count = ready->field_count;
}

static void add_expand(struct resource_ready *ready, struct resource_expand expand)
{
    ENSURE(ready->expand_count < COUNT_OF(ready->expands));
    ready->expands[ready->expand_count++] = expand;
}

/* partner_id embeds as partner, merged_into as merged_into_site. */
static void take_expands(struct resource_ready *ready)
{
    const struct resource_many *many = ready->resource->many;

    for (size_t i = 0; i < ready->field_count; i++) {
        const struct resource_field *field = &ready->fields[i];
        struct sv name = sv_of(field->json.name);
        struct str expand;

        if (!field->ref)
            continue;
        str_init(&expand, 62);
        if (sv_ends_with(name, SV("_id")))
            str_add(&expand, sv_head(name, name.n - 3));
        else
            str_addf(&expand, "%s_%s", field->json.name, field->ref->name);
        add_expand(ready, (struct resource_expand){finish(&expand), field->ref, name.p, false});
    }
    for (; many && many->name; many++)
        add_expand(ready, (struct resource_expand){many->name, many->of, many->by, true});
}

static void prepare_writes(struct resource_ready *ready)
{
    const struct resource *resource = ready->resource;

    ready->get_and_keep =
        get_and_keep_statement(ready, "get_and_keep", " WHERE writer = pg_current_xact_id()::xid");
    ready->get_and_keep_any = get_and_keep_statement(ready, "get_and_keep_any", "");
    ready->create = create_statement(ready);
    ready->patch = patch_statement(ready);
    ready->archive =
        mark_statement(resource, "archive", "current_setting('kith.now')::timestamptz", "IS NULL");
    ready->restore = mark_statement(resource, "restore", "NULL", "IS NOT NULL");
    ready->reach = reach_statement(resource);
}

void resource_prepare(struct resource *resource)
{
    struct resource_ready *ready = x_calloc(1, sizeof *ready);

    if (!resource->table)
        resource->table = resource->name;
    if (!resource->status)
        resource->status = "status";
    ready->resource = resource;
    take_fields(ready);
    take_expands(ready);
    check_scope(ready);
    ready->body_sql = body_sql(ready);
    ready->get = get_statement(ready);
    if (!resource->is_record)
        prepare_writes(ready);
    resource->ready = ready;
    actions_prepare(ready);
}
