/* The walk: each field of a table meets the member of its name, and each member a field. */
#include "json/walk.h"

#include <inttypes.h>
#include <stdio.h>

#include "json/scalar.h"

static const struct json_field map_of_text = {.type = FIELD_TEXT};

/* One value at work: its field, its mode, its place. */
struct spot {
    const struct json_field *field;
    enum json_mode mode;
    const struct path *path;
};

static void bind_value(struct walk *w, struct spot spot, json_t *json, struct json_value *out);

/* The text of a JSON scalar if its kind is one of those accepted. */
static bool scalar_text(struct arena *arena, json_t *json, unsigned accepts, struct sv *out)
{
    if (json_is_string(json) && (accepts & SCALAR_FROM_STRING))
        *out = (struct sv){json_string_value(json), json_string_length(json)};
    else if (json_is_integer(json) && (accepts & SCALAR_FROM_INTEGER))
        *out = arena_printf(arena, "%" JSON_INTEGER_FORMAT, json_integer_value(json));
    else if (json_is_boolean(json) && (accepts & SCALAR_FROM_BOOL))
        *out = json_is_true(json) ? SV("true") : SV("false");
    else
        return false;
    return true;
}

static void bind_scalar(struct walk *w, struct spot spot, json_t *json, struct json_value *out)
{
    const struct scalar_type *type = scalar_type_of(spot.field->type);
    struct scalar s = {.arena = w->arena, .field = spot.field};

    if (!scalar_text(w->arena, json, type->accepts, &s.text))
        walk_refuse(w, spot.path, JSON_FAULT_WRONG_TYPE, "%s", type->wanted);
    else if (!type->parse(&s, out))
        walk_refuse(w, spot.path, s.code, "%.*s", SV_ARG(s.why));
}

static void bind_any(struct walk *w, struct spot spot, json_t *json, struct json_value *out)
{
    struct json_limits limits = json_field_limits(spot.field);
    struct str text;
    struct emit e;

    str_init(&text, (size_t)limits.max);
    emit_init(&e, &text);
    tree_emit(&e, json);
    if (emit_finish(&e))
        out->text = arena_copy(w->arena, str_view(&text));
    else
        walk_refuse(w, spot.path, JSON_FAULT_TOO_LONG,
                    "must have at most %" PRId64 " bytes as compact JSON", limits.max);
    str_fini(&text);
}

static void bind_nested(struct walk *w, struct spot spot, json_t *json, struct json_value *out)
{
    const struct json_table *table = spot.field->table;
    struct json_value *values;

    ENSURE(table);
    if (!json_is_object(json)) {
        walk_refuse(w, spot.path, JSON_FAULT_WRONG_TYPE, "must be an object");
        return;
    }
    values = ARENA_ARRAY(w->arena, struct json_value, table->field_count);
    out->present = walk_object(w, table, spot.mode, json, spot.path, values);
    out->items = values;
    out->item_count = table->field_count;
}

/* Counts before anything is allocated: what a client sends many of is bounded by the table. */
static bool count_fits(struct walk *w, struct spot spot, size_t count, const char *noun)
{
    struct json_limits limits = json_field_limits(spot.field);
    int64_t n = (int64_t)count;

    if (n < limits.min)
        walk_refuse(w, spot.path, JSON_FAULT_TOO_FEW_ITEMS,
                    "must have at least %" PRId64 " %s; it has %" PRId64, limits.min, noun, n);
    else if (n > limits.max)
        walk_refuse(w, spot.path, JSON_FAULT_TOO_MANY_ITEMS,
                    "must have at most %" PRId64 " %s; it has %" PRId64, limits.max, noun, n);
    return n <= limits.max;
}

/* By canonical text, which items that are wrong or null do not have. */
static bool is_same(const struct json_value *a, const struct json_value *b)
{
    return a->text.p && b->text.p && sv_eq(a->text, b->text);
}

/* Notes each item that stands in the list before. */
static void refuse_duplicates(struct walk *w, struct spot spot, const struct json_value *items,
                              size_t count)
{
    ENSURE(json_field_is_scalar(spot.field->item));
    ENSURE(json_field_limits(spot.field).max <= (int64_t)JSON_UNIQUE_ITEMS);
    for (size_t i = 1; i < count; i++) {
        struct path step = {.up = spot.path, .is_index = true, .index = i};
        size_t before = 0;

        while (before < i && !is_same(&items[i], &items[before]))
            before++;
        if (before < i)
            walk_refuse(w, &step, JSON_FAULT_DUPLICATE_ITEM, "must not be the same as item %zu",
                        before);
    }
}

static void bind_list(struct walk *w, struct spot spot, json_t *json, struct json_value *out)
{
    size_t count = json_array_size(json);
    struct json_value *items;

    ENSURE(spot.field->item);
    if (!json_is_array(json)) {
        walk_refuse(w, spot.path, JSON_FAULT_WRONG_TYPE, "must be an array");
        return;
    }
    if (!count_fits(w, spot, count, "items"))
        return;
    items = ARENA_ARRAY(w->arena, struct json_value, count);
    for (size_t i = 0; i < count && !walk_is_full(w); i++) {
        struct path step = {.up = spot.path, .is_index = true, .index = i};

        bind_value(w, (struct spot){spot.field->item, JSON_CREATE, &step}, json_array_get(json, i),
                   &items[i]);
    }
    if (spot.field->flags & FIELD_UNIQUE)
        refuse_duplicates(w, spot, items, count);
    out->items = items;
    out->item_count = count;
}

/* Map keys are names: characters as of one line of text, no more than fit, and not none. */
static bool key_is_fit(struct arena *arena, struct sv key)
{
    static const struct json_field name = {
        .type = FIELD_TEXT, .min = 1, .max = (int64_t)JSON_KEY_CHARACTERS};
    struct scalar s = {.arena = arena, .field = &name, .text = key};
    struct json_value trimmed;

    return scalar_parse_text(&s, &trimmed) && sv_eq(trimmed.text, key);
}

static void bind_map(struct walk *w, struct spot spot, json_t *json, struct json_value *out)
{
    const struct json_field *item = spot.field->item ? spot.field->item : &map_of_text;
    size_t count = json_object_size(json);
    struct json_value *members;
    size_t i = 0;

    if (!json_is_object(json)) {
        walk_refuse(w, spot.path, JSON_FAULT_WRONG_TYPE, "must be an object");
        return;
    }
    if (!count_fits(w, spot, count, "members"))
        return;
    members = ARENA_ARRAY(w->arena, struct json_value, count);
    for (void *at = json_object_iter(json); at && !walk_is_full(w);
         at = json_object_iter_next(json, at), i++) {
        struct path step = {.up = spot.path, .key = sv_of(json_object_iter_key(at))};

        members[i].key = arena_copy(w->arena, step.key);
        if (!key_is_fit(w->arena, step.key))
            walk_refuse(w, spot.path, JSON_FAULT_INVALID_KEY,
                        "must have keys of 1 to %zu characters, without control characters and "
                        "without space around them",
                        JSON_KEY_CHARACTERS);
        else if (spot.mode == JSON_PATCH && json_is_null(json_object_iter_value(at)))
            members[i].is_present = members[i].is_null = true;
        else
            bind_value(w, (struct spot){item, spot.mode, &step}, json_object_iter_value(at),
                       &members[i]);
    }
    out->items = members;
    out->item_count = count;
}

static void bind_value(struct walk *w, struct spot spot, json_t *json, struct json_value *out)
{
    out->is_present = true;
    if (json_is_null(json)) {
        out->is_null = true;
        if (!(spot.field->flags & FIELD_NULLABLE))
            walk_refuse(w, spot.path, JSON_FAULT_NOT_NULL, "must not be null");
    } else if (json_field_is_scalar(spot.field)) {
        bind_scalar(w, spot, json, out);
    } else if (spot.field->type == FIELD_LIST) {
        bind_list(w, spot, json, out);
    } else if (spot.field->type == FIELD_MAP) {
        bind_map(w, spot, json, out);
    } else if (spot.field->type == FIELD_OBJECT) {
        bind_nested(w, spot, json, out);
    } else {
        bind_any(w, spot, json, out);
    }
}

static void bind_field(struct walk *w, struct spot spot, json_t *json, struct json_value *out)
{
    unsigned closed = FIELD_READ_ONLY | (spot.mode == JSON_PATCH ? FIELD_CREATE_ONLY : 0u);

    if (json && (spot.field->flags & closed))
        walk_refuse(w, spot.path, JSON_FAULT_READ_ONLY,
                    spot.field->flags & FIELD_READ_ONLY ? "is set by the server only"
                                                        : "can be set at creation only");
    else if (json)
        bind_value(w, spot, json, out);
    else if ((spot.field->flags & FIELD_REQUIRED) && spot.mode == JSON_CREATE)
        walk_refuse(w, spot.path, JSON_FAULT_REQUIRED, "is required");
}

static bool table_has(const struct json_table *table, struct sv name)
{
    for (size_t i = 0; i < table->field_count; i++) {
        if (sv_eq(name, sv_of(table->fields[i].name)))
            return true;
    }
    return false;
}

static void refuse_unknown(struct walk *w, const struct json_table *table, json_t *object,
                           const struct path *path)
{
    for (void *at = json_object_iter(object); at && !walk_is_full(w);
         at = json_object_iter_next(object, at)) {
        struct path step = {.up = path, .key = sv_of(json_object_iter_key(at))};

        if (table_has(table, step.key))
            continue;
        if (step.key.n <= PATH_KEY_BYTES)
            walk_refuse(w, &step, JSON_FAULT_UNKNOWN_MEMBER, "is not a member known here");
        else
            walk_refuse(w, path, JSON_FAULT_UNKNOWN_MEMBER,
                        "has a member not known here, of a very long name");
    }
}

uint64_t walk_object(struct walk *w, const struct json_table *table, enum json_mode mode,
                     json_t *object, const struct path *path, struct json_value *values)
{
    uint64_t present = 0;

    ENSURE(table->field_count <= JSON_TABLE_FIELDS);
    for (size_t i = 0; i < table->field_count && !walk_is_full(w); i++) {
        const struct json_field *field = &table->fields[i];
        struct path step = {.up = path, .key = sv_of(field->name)};

        bind_field(w, (struct spot){field, mode, &step}, json_object_get(object, field->name),
                   &values[i]);
        if (values[i].is_present)
            present |= UINT64_C(1) << i;
    }
    refuse_unknown(w, table, object, path);
    return present;
}
