/* The statements that read and write one row of a resource, as its declaration has them. */
#include "resource_statement.h"

#include <string.h>

#include "base/str.h"

#define SQL_BYTES    KB(64)
#define NEW_BASE     1 /* parameters before those of fields */
#define CHANGED_BASE 3

/* A statement's text lives as long as the process. */
const char *resource_text(struct str *sql)
{
    ENSURE(!str_failed(sql));
    return sql->p; /* kept */
}

static struct db_statement statement(const struct resource *resource, const char *verb,
                                     enum db_shape shape, unsigned param_count, struct str *sql)
{
    struct str name;

    str_init(&name, 62);
    str_addf(&name, "%s_%s", resource->name, verb);
    return (struct db_statement){resource_text(&name), resource_text(sql), param_count, shape};
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

/* What a writable field will be, as an expression: of a new row its parameter, of another one the
 * changed value or its own. The writable fields' parameters follow `base`. False: there is no such.
 */
static bool add_coming(struct str *sql, const struct resource_ready *ready, const char *name,
                       unsigned base, const char *cast)
{
    unsigned number = base;

    for (size_t i = 0; i < ready->field_count; i++) {
        const struct resource_field *field = &ready->fields[i];

        if (!resource_field_is_writable(field))
            continue;
        number++;
        if (strcmp(field->json.name, name) != 0)
            continue;
        if (base == NEW_BASE)
            str_addf(sql, "$%u::%s", number, cast);
        else
            str_addf(sql, "CASE WHEN $2::bigint & %lld <> 0 THEN $%u::%s ELSE t.%s END", 1LL << i,
                     number, cast, name);
        return true;
    }
    return false;
}

/* By what serving_put() knows that the row is over: its last day, and its status or that it is
 * done. */
static void add_over(struct str *sql, const struct resource_ready *ready, unsigned base)
{
    bool has_done = resource_field_find(ready, SV("is_done")) != NULL;
    bool has_status = base != NEW_BASE && resource_field_find(ready, SV("status"));

    if (!add_coming(sql, ready, "until_date", base, "date") &&
        (has_done || !add_coming(sql, ready, "on_date", base, "date")))
        STR_ADD(sql, "NULL");
    str_add(sql, sv_of(has_done ? ", CASE WHEN " : has_status ? ", t.status" : ", NULL"));
    if (has_done) {
        add_coming(sql, ready, "is_done", base, "boolean");
        STR_ADD(sql, " THEN 'done' END");
    }
}

/* A parameter as it is written; of who sees to it, if that is somebody else than before and has not
 * left, unless it is over. The writable fields' parameters follow `base`. */
static void add_put(struct str *sql, const struct resource_ready *ready,
                    const struct resource_field *field, unsigned number, unsigned base)
{
    bool is_new = base == NEW_BASE;

    if (!(field->use & FIELD_SERVES)) {
        resource_add_param(sql, &field->json, number);
        return;
    }
    str_addf(sql, "serving_put('%s', ", field->json.name);
    resource_add_param(sql, &field->json, number);
    str_addf(sql, ", %s%s, ", is_new ? "NULL" : "t.", is_new ? "" : field->json.name);
    add_over(sql, ready, base);
    STR_ADD(sql, ")");
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
        if (resource_is_array(&field->json) || field->is_private)
            str_addf(&values, "CASE WHEN $%u::text IS NOT NULL THEN ", number + 1);
        if (field->is_private)
            str_addf(&values, "private_put(kith_has_role('%s'), '%s', ", field->readers,
                     field->json.name);
        add_put(&values, ready, field, ++number, NEW_BASE);
        if (field->is_private)
            STR_ADD(&values, ")");
        if (resource_is_array(&field->json) || field->is_private)
            STR_ADD(&values, " END");
        if (field->create_default)
            str_addf(&values, ", %s)", field->create_default);
    }
    str_addf(&sql, ") VALUES (%s)", str_cstr(&values));
    ENSURE(!str_failed(&values));
    str_fini(&values);
    return statement(resource, "create", DB_EXEC, number, &sql);
}

/* A correction that corrects nothing: all that it says is said by what it takes the place of. */
static struct db_statement refuse_same_statement(const struct resource_ready *ready)
{
    const struct resource *resource = ready->resource;
    struct str sql;

    str_init(&sql, SQL_BYTES);
    str_addf(&sql,
             "SELECT refuse_same(o.id) FROM %s t JOIN %s o ON o.district_id = t.district_id AND "
             "o.id = t.supersedes WHERE t.id = $1::uuid",
             resource->table, resource->table);
    for (size_t i = 0; i < ready->field_count; i++) {
        const char *name = ready->fields[i].json.name;

        if (resource_field_is_writable(&ready->fields[i]))
            str_addf(&sql, " AND t.%s IS NOT DISTINCT FROM o.%s", name, name);
    }
    return statement(resource, "refuse_same", DB_MAYBE, 1, &sql);
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
        if (field->is_private) {
            STR_ADD(&sql, "private_put(");
            resource_add_may_read(&sql, field);
            str_addf(&sql, ", '%s', ", field->json.name);
        }
        add_put(&sql, ready, field, ++number, CHANGED_BASE);
        if (field->is_private)
            STR_ADD(&sql, ")");
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

void resource_prepare_statements(struct resource_ready *ready)
{
    const struct resource *resource = ready->resource;

    ready->get = get_statement(ready);
    if (resource->is_record)
        return;
    ready->get_and_keep =
        get_and_keep_statement(ready, "get_and_keep", " WHERE writer = pg_current_xact_id()::xid");
    ready->get_and_keep_any = get_and_keep_statement(ready, "get_and_keep_any", "");
    ready->create = create_statement(ready);
    if (resource->is_superseded)
        ready->refuse_same = refuse_same_statement(ready);
    ready->patch = patch_statement(ready);
    ready->archive =
        mark_statement(resource, "archive", "current_setting('kith.now')::timestamptz", "IS NULL");
    ready->restore = mark_statement(resource, "restore", "NULL", "IS NOT NULL");
    ready->reach = reach_statement(resource);
}
