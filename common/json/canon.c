/* Values back to JSON, in canonical form: what goes into a jsonb parameter. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "json/walk.h"

#define REAL_BYTES 40

/* 15 digits are enough for what people write, 17 for every double. snprintf and strtod see the "C"
 * locale, which no program of ours leaves. */
static void emit_real(struct emit *e, double value)
{
    char text[REAL_BYTES];
    int n = 0;

    value += 0.0; /* of two zeros the one without sign: one text for one value */
    for (int digits = 15; digits <= 17; digits++) {
        n = snprintf(text, sizeof text, "%.*g", digits, value);
        if (!(strtod(text, NULL) < value) && !(strtod(text, NULL) > value))
            break;
    }
    emit_raw(e, (struct sv){text, (size_t)n});
}

static void emit_tree_object(struct emit *e, const json_t *tree)
{
    json_t *object = (json_t *)(uintptr_t)tree; /* jansson's iterators do not say const */

    emit_object_begin(e);
    for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at)) {
        emit_key(e, sv_of(json_object_iter_key(at)));
        tree_emit(e, json_object_iter_value(at));
    }
    emit_object_end(e);
}

static void emit_tree_array(struct emit *e, const json_t *tree)
{
    emit_array_begin(e);
    for (size_t i = 0; i < json_array_size(tree); i++)
        tree_emit(e, json_array_get(tree, i));
    emit_array_end(e);
}

void tree_emit(struct emit *e, const json_t *tree)
{
    switch (json_typeof(tree)) {
    case JSON_OBJECT:
        emit_tree_object(e, tree);
        break;
    case JSON_ARRAY:
        emit_tree_array(e, tree);
        break;
    case JSON_STRING:
        emit_text(e, (struct sv){json_string_value(tree), json_string_length(tree)});
        break;
    case JSON_INTEGER:
        emit_i64(e, json_integer_value(tree));
        break;
    case JSON_REAL:
        emit_real(e, json_real_value(tree));
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        emit_bool(e, json_is_true(tree));
        break;
    case JSON_NULL:
        emit_null(e);
        break;
    }
}

static void emit_list(struct emit *e, const struct json_field *field,
                      const struct json_value *value)
{
    emit_array_begin(e);
    for (size_t i = 0; i < value->item_count; i++)
        json_emit_value(e, field->item, &value->items[i]);
    emit_array_end(e);
}

static void emit_map(struct emit *e, const struct json_field *field, const struct json_value *value)
{
    static const struct json_field text = {.type = FIELD_TEXT};

    emit_object_begin(e);
    for (size_t i = 0; i < value->item_count; i++) {
        emit_key(e, value->items[i].key);
        json_emit_value(e, field->item ? field->item : &text, &value->items[i]);
    }
    emit_object_end(e);
}

/* Absent stays absent. */
static void emit_object(struct emit *e, const struct json_table *table,
                        const struct json_value *value)
{
    emit_object_begin(e);
    for (size_t i = 0; i < value->item_count; i++) {
        if (!value->items[i].is_present)
            continue;
        emit_key(e, sv_of(table->fields[i].name));
        json_emit_value(e, &table->fields[i], &value->items[i]);
    }
    emit_object_end(e);
}

void json_emit_value(struct emit *e, const struct json_field *field, const struct json_value *value)
{
    if (value->is_null)
        emit_null(e);
    else if (field->type == FIELD_LIST)
        emit_list(e, field, value);
    else if (field->type == FIELD_MAP)
        emit_map(e, field, value);
    else if (field->type == FIELD_OBJECT)
        emit_object(e, field->table, value);
    else if (field->type == FIELD_INT || field->type == FIELD_BOOL || field->type == FIELD_ANY)
        emit_raw(e, value->text);
    else
        emit_text(e, value->text);
}
