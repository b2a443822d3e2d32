/* From a declaration to its statements. The text is made of the declaration only; what a client
 * sends is always a parameter. */
#include "resource.h"

#include <string.h>

#include "action.h"
#include "base/secret.h"
#include "base/str.h"
#include "resource_statement.h"
#include "view.h"

#define SQL_BYTES     KB(64)
#define READERS_BYTES 256
#define NAME_DIGITS   24 /* of the hash of an assembled statement */

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

const struct resource_field *resource_filter_find(const struct resource_ready *ready,
                                                  struct sv name)
{
    const struct resource *resource = ready->resource;

    for (size_t i = 0; i < resource->link_count; i++) {
        if (sv_eq(sv_of(resource->links[i].json.name), name))
            return &resource->links[i];
    }
    return resource_field_find(ready, name);
}

bool resource_is_link(const struct resource_ready *ready, const struct resource_field *field)
{
    const struct resource *resource = ready->resource;

    return field >= resource->links && field < resource->links + resource->link_count;
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
bool resource_is_array(const struct json_field *field)
{
    return field->type == FIELD_LIST &&
           (field->item->type == FIELD_INT || strcmp(cast_of(field->item->type), "text") == 0);
}

void resource_add_param(struct str *sql, const struct json_field *field, size_t number)
{
    if (resource_is_array(field))
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
    if (field->owned)
        str_addf(sql, "(runs_program() OR kith_has_role('owner') AND %s)", field->owned);
    else
        str_addf(sql, "kith_has_role('%s')", field->readers);
}

/* Beside its row, if it has one. */
static void add_value(struct str *sql, const struct resource_field *field)
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

void resource_add_value(struct str *sql, const struct resource_field *field)
{
    if (field->row)
        STR_ADD(sql, "(SELECT ");
    add_value(sql, field);
    if (field->row)
        str_addf(sql, " FROM %s)", field->row);
}

static bool has(uint64_t fields, size_t i)
{
    return fields >> i & 1;
}

static bool has_row(const struct resource_ready *ready, uint64_t fields)
{
    for (size_t i = 0; i < ready->field_count; i++) {
        if (has(fields, i) && ready->fields[i].row)
            return true;
    }
    return false;
}

void resource_begin_body(struct str *sql, const struct resource_ready *ready, uint64_t fields)
{
    const char *separator = "";

    if (has_row(ready, fields))
        STR_ADD(sql, "(SELECT ");
    STR_ADD(sql, "json_build_object(");
    for (size_t i = 0; i < ready->field_count; i++) {
        if (!has(fields, i))
            continue;
        str_addf(sql, "%s'%s', ", separator, ready->fields[i].json.name);
        add_value(sql, &ready->fields[i]);
        separator = ", ";
    }
}

void resource_end_body(struct str *sql, const struct resource_ready *ready, uint64_t fields)
{
    const char *last = NULL;

    STR_ADD(sql, ")");
    for (size_t i = 0; i < ready->field_count; i++) {
        const char *row = ready->fields[i].row;

        if (!has(fields, i) || !row || (last && strcmp(row, last) == 0))
            continue;
        str_addf(sql, "%s%s", last ? ", " : " FROM ", row);
        last = row;
    }
    if (last)
        STR_ADD(sql, ")");
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

static const char *body_sql(const struct resource_ready *ready)
{
    struct str sql;

    str_init(&sql, SQL_BYTES);
    resource_begin_body(&sql, ready, UINT64_MAX);
    resource_end_body(&sql, ready, UINT64_MAX);
    return resource_text(&sql);
}

static void check_scope(const struct resource_ready *ready)
{
    const struct scope *scope = &ready->resource->scope;

    ENSURE(!ready->resource->writers || scope->kind != SCOPE_NONE);
    ENSURE(!scope->field || resource_field_find(ready, sv_of(scope->field)));
}

/* Nobody else is looked up for each read; kith_enter() says who owns something. */
static void take_private(struct resource_ready *ready, const struct resource_field *field)
{
    struct str text;

    ENSURE(field->readers);
    if (ready->private_readers) {
        ENSURE(sv_starts_with(sv_of(ready->private_readers), sv_of(field->readers)));
        return;
    }
    str_init(&text, READERS_BYTES);
    str_addf(&text, "%s%s", field->readers, field->owned ? ",owner" : "");
    ready->private_readers = resource_text(&text);
}

/* What is private is its owners' to write, whatever else they may write. */
static void take_own_writers(struct resource_ready *ready)
{
    const struct resource *resource = ready->resource;
    bool has_own = resource->owners_write;
    struct str text;

    for (size_t i = 0; i < ready->field_count; i++)
        has_own |= ready->fields[i].owned != NULL;
    if (!has_own)
        return;
    str_init(&text, READERS_BYTES);
    str_addf(&text, "%s,owner", resource->writers);
    ready->own_writers = resource_text(&text);
}

void resource_add_rule(struct str *out, const struct resource *resource)
{
    scope_add_rule(out, &resource->scope);
    if (resource->whose)
        str_addf(out, " Whoever %s changes what is there, too.", resource->whose);
    if (resource->ready->own_writers)
        STR_ADD(out, " Owners write what is private of it, whatever else they may write.");
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
        if (field->is_private)
            take_private(ready, field);
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
        add_expand(ready,
                   (struct resource_expand){resource_text(&expand), field->ref, name.p, false});
    }
    for (; many && many->name; many++)
        add_expand(ready, (struct resource_expand){many->name, many->of, many->by, true});
}

void resource_prepare(struct resource *resource)
{
    struct resource_ready *ready = x_calloc(1, sizeof *ready);

    if (!resource->table)
        resource->table = resource->name;
    if (!resource->status)
        resource->status = "status";
    if (!resource->default_sort)
        resource->default_sort = "created_at";
    ready->resource = resource;
    take_fields(ready);
    take_own_writers(ready);
    take_expands(ready);
    check_scope(ready);
    ready->body_sql = body_sql(ready);
    resource_prepare_statements(ready);
    resource->ready = ready;
    if (resource->records_reads) {
        ready->kept = arena_new(SQL_BYTES);
        ready->record_read = view_record_statement(ready->kept, &(struct view){.ready = ready});
    }
    actions_prepare(ready);
}
