/* Schemas and examples, both from the rows that bind and check what clients send. */
#include "openapi/schema.h"

#include <inttypes.h>
#include <string.h>

#include "openapi/access.h"

#define EXAMPLE_ID    "0197a3c2-5d1e-7b40-9c55-2f6d8e01a4b7"
#define LITERAL_BYTES KB(4)
#define DIGITS_LONGEST                                                        \
    32 /* a text of a fixed length up to this is taken for a number of digits \
        */

void schema_literal(struct emit *e, const char *json)
{
    char buffer[LITERAL_BYTES];
    struct str text;

    str_init_in(&text, buffer, sizeof buffer);
    for (; *json; json++)
        str_add_char(&text, *json == '\'' ? '"' : *json);
    ENSURE(!str_failed(&text));
    emit_raw(e, str_view(&text));
}

void schema_text(struct emit *e, const char *key, const char *text)
{
    emit_key(e, sv_of(key));
    emit_text(e, sv_of(text));
}

static void add_true(struct emit *e, const char *key)
{
    emit_key(e, sv_of(key));
    emit_bool(e, true);
}

void schema_begin_rows(struct emit *e, const char *required)
{
    emit_key(e, SV("required"));
    schema_literal(e, required);
    emit_key(e, SV("properties"));
    emit_object_begin(e);
    emit_key(e, SV("data"));
    emit_object_begin(e);
    schema_text(e, "type", "array");
    emit_key(e, SV("items"));
}

static void number(struct emit *e, const char *key, int64_t value)
{
    emit_key(e, sv_of(key));
    emit_i64(e, value);
}

/* JSON Schema's type, format and patterns of each type. A reply's pattern is the canonical form;
 * a body may come in any that is taken, so it has a pattern only where that is as exact. */
static const struct {
    const char *type;
    const char *body_type; /* NULL: the same */
    const char *format;
    const char *reply_pattern;
    const char *pattern; /* in bodies too */
    const char *example;
} types[FIELD_TYPE_COUNT] = {
    [FIELD_TEXT] = {"string", .reply_pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$"},
    [FIELD_LONG_TEXT] = {"string"},
    [FIELD_EMAIL] = {"string", .format = "email", .example = "someone@example.org"},
    [FIELD_URL] = {"string", .format = "uri", .example = "https://www.example.org/"},
    [FIELD_UUID] = {"string", .format = "uuid",
                    .reply_pattern = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
                    .example = EXAMPLE_ID},
    [FIELD_ENUM] = {"string"},
    [FIELD_INT] = {"integer", .format = "int64"},
    [FIELD_DECIMAL] = {"string", "integer", .pattern = "^-?[0-9]+(\\.[0-9]+)?$", .example = "12"},
    [FIELD_BOOL] = {"boolean"},
    [FIELD_DATE] = {"string", .format = "date", .pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
                    .example = "2026-08-17"},
    [FIELD_INSTANT] = {"string", .format = "date-time",
                       .reply_pattern =
                           "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$",
                       .example = "2026-08-17T14:30:00.000Z"},
    [FIELD_LOCALE] = {"string",
                      .reply_pattern = "^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$",
                      .pattern = "^[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?$",
                      .example = "en"},
    [FIELD_ZONE] = {"string",
                    .pattern = "^[A-Za-z][A-Za-z0-9_+-]{0,31}(/[A-Za-z][A-Za-z0-9_+-]{0,31}){0,2}$",
                    .example = "America/Chicago"},
    [FIELD_ANY] = {NULL},
    [FIELD_OBJECT] = {"object"},
    [FIELD_LIST] = {"array"},
    [FIELD_MAP] = {"object"},
};

static void add_type(struct emit *e, const struct json_field *field, bool is_body, bool may_be_null)
{
    const char *type = types[field->type].type;
    const char *other = is_body ? types[field->type].body_type : NULL;

    if (!type)
        return;
    emit_key(e, SV("type"));
    if (!other && !may_be_null) {
        emit_text(e, sv_of(type));
        return;
    }
    emit_array_begin(e);
    emit_text(e, sv_of(type));
    if (other)
        emit_text(e, sv_of(other));
    if (may_be_null)
        emit_text(e, SV("null"));
    emit_array_end(e);
}

/* What `min` and `max` mean for the type. */
static void add_limits(struct emit *e, const struct json_field *field)
{
    static const char *const names[FIELD_TYPE_COUNT][2] = {
        [FIELD_TEXT] = {"minLength", "maxLength"},
        [FIELD_LONG_TEXT] = {"minLength", "maxLength"},
        [FIELD_EMAIL] = {"minLength", "maxLength"},
        [FIELD_URL] = {"minLength", "maxLength"},
        [FIELD_INT] = {"minimum", "maximum"},
        [FIELD_LIST] = {"minItems", "maxItems"},
        [FIELD_MAP] = {"minProperties", "maxProperties"},
    };
    struct json_limits limits = json_field_limits(field);

    if (!names[field->type][0])
        return;
    if (field->type == FIELD_INT ? limits.min != INT64_MIN : limits.min > 0)
        number(e, names[field->type][0], limits.min);
    if (limits.max != INT64_MAX)
        number(e, names[field->type][1], limits.max);
}

static void add_values(struct emit *e, const struct json_field *field, bool may_be_null)
{
    emit_key(e, SV("enum"));
    emit_array_begin(e);
    for (size_t i = 0; field->values[i]; i++)
        emit_text(e, sv_of(field->values[i]));
    if (may_be_null)
        emit_null(e);
    emit_array_end(e);
}

static bool is_in_body(unsigned flags, enum schema_use use)
{
    return use == SCHEMA_REPLY ||
           (!(flags & FIELD_READ_ONLY) && !(use == SCHEMA_PATCH && flags & FIELD_CREATE_ONLY));
}

/* NOLINTNEXTLINE(misc-no-recursion): tables within tables are few and ours */
static void add_object(struct emit *e, const struct json_table *table, enum schema_use use)
{
    emit_key(e, SV("properties"));
    emit_object_begin(e);
    for (size_t i = 0; i < table->field_count; i++) {
        const struct json_field *field = &table->fields[i];

        if (!is_in_body(field->flags, use))
            continue;
        emit_key(e, sv_of(field->name));
        schema_field(e, field, use, field->flags & FIELD_NULLABLE);
    }
    emit_object_end(e);
    emit_key(e, SV("required"));
    emit_array_begin(e);
    for (size_t i = 0; i < table->field_count; i++) {
        if (use == SCHEMA_REPLY ? !(table->fields[i].flags & FIELD_OPTIONAL)
                                : use == SCHEMA_CREATE && table->fields[i].flags & FIELD_REQUIRED)
            emit_text(e, sv_of(table->fields[i].name));
    }
    emit_array_end(e);
    if (use != SCHEMA_REPLY) {
        emit_key(e, SV("additionalProperties"));
        emit_bool(e, false);
    }
}

void schema_table(struct emit *e, const struct json_table *table, enum schema_use use)
{
    emit_object_begin(e);
    schema_text(e, "type", "object");
    add_object(e, table, use);
    emit_object_end(e);
}

/* NOLINTNEXTLINE(misc-no-recursion) */
static void add_parts(struct emit *e, const struct json_field *field, enum schema_use use)
{
    static const struct json_field text = JSON_FIELD(NULL, FIELD_TEXT);

    if (field->type == FIELD_OBJECT && field->table)
        add_object(e, field->table, use);
    if (field->type == FIELD_LIST) {
        emit_key(e, SV("items"));
        /* A list is replaced as a whole, so that its items are whole in a PATCH, too. */
        schema_field(e, field->item, use == SCHEMA_PATCH ? SCHEMA_CREATE : use, false);
        if (field->flags & FIELD_UNIQUE)
            add_true(e, "uniqueItems");
    }
    if (field->type == FIELD_MAP) {
        emit_key(e, SV("additionalProperties"));
        schema_field(e, field->item ? field->item : &text, use, use == SCHEMA_PATCH);
    }
}

/* NOLINTNEXTLINE(misc-no-recursion) */
static void add_field(struct emit *e, const struct json_field *field, enum schema_use use,
                      bool may_be_null)
{
    const char *reply = types[field->type].reply_pattern;
    const char *pattern = use == SCHEMA_REPLY && reply ? reply : types[field->type].pattern;

    add_type(e, field, use != SCHEMA_REPLY, may_be_null);
    if (types[field->type].format)
        schema_text(e, "format", types[field->type].format);
    if (pattern)
        schema_text(e, "pattern", pattern);
    add_limits(e, field);
    if (field->type == FIELD_ENUM)
        add_values(e, field, may_be_null);
    add_parts(e, field, use);
    if (field->doc)
        schema_text(e, "description", field->doc);
    if (field->flags & FIELD_READ_ONLY)
        add_true(e, "readOnly");
}

/* NOLINTNEXTLINE(misc-no-recursion) */
void schema_field(struct emit *e, const struct json_field *field, enum schema_use use,
                  bool may_be_null)
{
    emit_object_begin(e);
    add_field(e, field, use, may_be_null);
    emit_object_end(e);
}

bool schema_takes(const struct resource_field *field, enum schema_use use)
{
    return use == SCHEMA_REPLY ||
           (resource_field_is_writable(field) && is_in_body(field->json.flags, use));
}

static bool is_required(const struct resource_field *field, enum schema_use use)
{
    return use == SCHEMA_REPLY || (use == SCHEMA_CREATE && field->json.flags & FIELD_REQUIRED &&
                                   resource_field_is_writable(field));
}

/* `required` may not be an empty array in older drafts, and says nothing when it is. */
static void add_required(struct emit *e, const struct resource_ready *ready, enum schema_use use)
{
    bool is_open = false;

    for (size_t i = 0; i < ready->field_count; i++) {
        if (!is_required(&ready->fields[i], use))
            continue;
        if (!is_open) {
            emit_key(e, SV("required"));
            emit_array_begin(e);
        }
        is_open = true;
        emit_text(e, sv_of(ready->fields[i].json.name));
    }
    if (is_open)
        emit_array_end(e);
}

/* An id says what it refers to; a field that not everybody reads says so, and is null for the
 * others. */
static void add_resource_field(struct emit *e, const struct resource_field *field,
                               enum schema_use use)
{
    bool is_hidden = use == SCHEMA_REPLY && field->readers;
    struct json_field told = field->json;
    char buffer[512];
    struct str doc;

    str_init_in(&doc, buffer, sizeof buffer);
    if (told.doc)
        str_add(&doc, sv_of(told.doc));
    if (field->ref)
        str_addf(&doc, "%sThe id of a %s.", doc.n ? " " : "", field->ref->name);
    if (is_hidden)
        str_addf(&doc, "%sNull but for %s.", doc.n ? " " : "", field->readers);
    ENSURE(!str_failed(&doc));
    told.doc = doc.n ? str_cstr(&doc) : NULL;
    emit_key(e, sv_of(told.name));
    emit_object_begin(e);
    add_field(e, &told, use, is_hidden || told.flags & FIELD_NULLABLE);
    if (use == SCHEMA_CREATE && field->create_default && !strcmp(field->create_default, "true"))
        add_true(e, "default"); /* or a form would show a box without its tick */
    emit_object_end(e);
}

void schema_resource_fields(struct emit *e, const struct resource_ready *ready, enum schema_use use)
{
    for (size_t i = 0; i < ready->field_count; i++) {
        if (schema_takes(&ready->fields[i], use))
            add_resource_field(e, &ready->fields[i], use);
    }
}

void schema_resource(struct emit *e, const struct resource *resource, enum schema_use use)
{
    const struct resource_ready *ready = resource->ready;

    emit_object_begin(e);
    schema_text(e, "type", "object");
    if (resource->doc)
        schema_text(e, "description", resource->doc);
    add_required(e, ready, use);
    emit_key(e, SV("properties"));
    emit_object_begin(e);
    schema_resource_fields(e, ready, use);
    emit_object_end(e);
    if (use != SCHEMA_REPLY) {
        emit_key(e, SV("additionalProperties"));
        emit_bool(e, false);
    } else {
        access_add_classes(e, ready);
        access_add_references(e, ready);
    }
    emit_object_end(e);
}

/* "mail_from_name" reads "mail from name"; what has one length only is a number: "123456789". */
static void add_example_text(struct emit *e, const struct json_field *field, const char *name)
{
    struct json_limits limits = json_field_limits(field);
    bool is_number = limits.min == limits.max && limits.max <= DIGITS_LONGEST;
    char text[DIGITS_LONGEST + 1];
    size_t n = 0;

    for (; n < DIGITS_LONGEST && (int64_t)n < limits.max && (is_number || name[n]); n++)
        text[n] = is_number ? (char)('0' + (n + 1) % 10) : name[n] == '_' ? ' ' : name[n];
    while (n < DIGITS_LONGEST && (int64_t)n < limits.min)
        text[n++] = 'x';
    emit_text(e, (struct sv){text, n});
}

/* NOLINTNEXTLINE(misc-no-recursion) */
static void add_example(struct emit *e, const struct json_field *field, const char *name)
{
    struct json_limits limits = json_field_limits(field);

    if (types[field->type].example) {
        emit_text(e, sv_of(types[field->type].example));
    } else if (field->type == FIELD_ENUM) {
        emit_text(e, sv_of(field->values[0]));
    } else if (field->type == FIELD_INT) {
        emit_i64(e, limits.min > 0 || limits.max < 1 ? limits.min : 1);
    } else if (field->type == FIELD_BOOL) {
        emit_bool(e, true);
    } else if (field->type == FIELD_LIST) {
        emit_array_begin(e);
        add_example(e, field->item, name);
        emit_array_end(e);
    } else if (field->type == FIELD_OBJECT && field->table) {
        emit_object_begin(e);
        for (size_t i = 0; i < field->table->field_count; i++) {
            emit_key(e, sv_of(field->table->fields[i].name));
            add_example(e, &field->table->fields[i], field->table->fields[i].name);
        }
        emit_object_end(e);
    } else if (field->type == FIELD_TEXT || field->type == FIELD_LONG_TEXT) {
        add_example_text(e, field, name);
    } else {
        emit_object_begin(e);
        emit_object_end(e);
    }
}

void schema_example(struct emit *e, const struct resource *resource, enum schema_use use)
{
    const struct resource_ready *ready = resource->ready;
    bool is_done = false;

    emit_object_begin(e);
    for (size_t i = 0; i < ready->field_count && !is_done; i++) {
        const struct resource_field *field = &ready->fields[i];

        if (!schema_takes(field, use) ||
            (use == SCHEMA_CREATE && !(field->json.flags & FIELD_REQUIRED)))
            continue;
        emit_key(e, sv_of(field->json.name));
        if (strcmp(field->json.name, "archived_at") == 0)
            emit_null(e);
        else
            add_example(e, &field->json, field->json.name);
        is_done = use == SCHEMA_PATCH;
    }
    emit_object_end(e);
}
