/* Any bytes against a table that has every type: a body is refused with its reason, or everything
 * the table promises holds. The first byte chooses between create and patch. */
#include <stdlib.h>

#include "json/bind.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const kinds[] = {"school", "partner", NULL};
static const struct json_field text_item = {.type = FIELD_TEXT, .min = 1, .max = 10};
static const struct json_field int_item = {.type = FIELD_INT, .flags = FIELD_NULLABLE};
static const struct json_field decimal_item = {.type = FIELD_DECIMAL, .precision = 18, .scale = 17};
static const struct json_field map_item = {.type = FIELD_MAP, .max = 5};

static const struct json_field inner_fields[] = {
    JSON_FIELD("id", FIELD_UUID, FIELD_REQUIRED),
    JSON_FIELD("note", FIELD_LONG_TEXT, FIELD_NULLABLE),
    JSON_FIELD("tags", FIELD_LIST, FIELD_UNIQUE, .max = 5, .item = &text_item),
};
static const struct json_table inner = JSON_TABLE("inner", inner_fields);
static const struct json_field inner_item = {.type = FIELD_OBJECT, .table = &inner};

static const struct json_field fields[] = {
    JSON_FIELD("text", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = 40),
    JSON_FIELD("long_text", FIELD_LONG_TEXT, FIELD_NULLABLE),
    JSON_FIELD("email", FIELD_EMAIL),
    JSON_FIELD("url", FIELD_URL),
    JSON_FIELD("uuid", FIELD_UUID),
    JSON_FIELD("enum", FIELD_ENUM, .values = kinds),
    JSON_FIELD("int", FIELD_INT, .min = -5, .max = 500),
    JSON_FIELD("any_int", FIELD_INT, FIELD_NULLABLE),
    JSON_FIELD("decimal", FIELD_DECIMAL, .precision = 10, .scale = 2, .min = 0, .max = 100),
    JSON_FIELD("bool", FIELD_BOOL),
    JSON_FIELD("date", FIELD_DATE),
    JSON_FIELD("instant", FIELD_INSTANT),
    JSON_FIELD("locale", FIELD_LOCALE),
    JSON_FIELD("zone", FIELD_ZONE),
    JSON_FIELD("any", FIELD_ANY, FIELD_NULLABLE, .max = 300),
    JSON_FIELD("object", FIELD_OBJECT, .table = &inner),
    JSON_FIELD("list", FIELD_LIST, .item = &int_item),
    JSON_FIELD("decimals", FIELD_LIST, FIELD_UNIQUE, .item = &decimal_item),
    JSON_FIELD("objects", FIELD_LIST, .min = 1, .max = 4, .item = &inner_item),
    JSON_FIELD("map", FIELD_MAP, FIELD_NULLABLE, .max = 4),
    JSON_FIELD("maps", FIELD_LIST, .item = &map_item),
    JSON_FIELD("server", FIELD_TEXT, FIELD_READ_ONLY),
    JSON_FIELD("once", FIELD_TEXT, FIELD_CREATE_ONLY),
};
static const struct json_table table = JSON_TABLE("everything", fields);

static void check_refused(const struct json_bound *bound, struct sv body)
{
    ENSURE(bound->detail.n);
    if (bound->error == ERR_INVALID_JSON) {
        ENSURE(bound->byte <= body.n && bound->line >= 1 && bound->column >= 1);
        return;
    }
    ENSURE(bound->error == ERR_INVALID_INPUT || bound->error == ERR_BODY_TOO_LARGE);
    ENSURE(bound->error == ERR_BODY_TOO_LARGE || bound->fault_count);
    ENSURE(bound->fault_count <= JSON_FAULTS);
    for (size_t i = 0; i < bound->fault_count; i++) {
        const struct json_fault *fault = &bound->faults[i];

        ENSURE(fault->detail.n && json_fault_name(fault->code));
        ENSURE(fault->pointer.n == 0 || fault->pointer.p[0] == '/');
        ENSURE(sv_is_utf8(fault->pointer) && sv_is_utf8(fault->detail));
    }
}

static void check_value(const struct json_field *field, const struct json_value *value,
                        bool creates)
{
    if (!value->is_present) {
        ENSURE(!(creates && (field->flags & FIELD_REQUIRED)));
        return;
    }
    ENSURE(!(field->flags & (FIELD_READ_ONLY | (creates ? 0u : FIELD_CREATE_ONLY))));
    ENSURE(!value->is_null || (field->flags & FIELD_NULLABLE));
    if (value->is_null)
        return;
    ENSURE(value->text.p && value->text.p[value->text.n] == '\0' && sv_is_utf8(value->text));
}

/* What was bound, written in canonical form, is bound again to the same text. */
static void check_round_trip(struct arena *arena, enum json_mode mode,
                             const struct json_bound *bound)
{
    const struct json_value whole = {
        .is_present = true, .items = bound->values, .item_count = COUNT_OF(fields)};
    const struct json_field as_object = {.type = FIELD_OBJECT, .table = &table};
    struct json_bound again;
    struct str text;
    struct emit e;

    str_init(&text, MB(8));
    emit_init(&e, &text);
    json_emit_value(&e, &as_object, &whole);
    ENSURE(emit_finish(&e));
    if (text.n <= JSON_BODY_BYTES) {
        ENSURE(json_bind(arena, &table, mode, str_view(&text), &again));
        ENSURE(again.present == bound->present);
        for (size_t i = 0; i < COUNT_OF(fields); i++)
            ENSURE(sv_eq(again.values[i].text, bound->values[i].text));
    }
    str_fini(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new(MB(4));
    enum json_mode mode = size && data[0] == 'p' ? JSON_PATCH : JSON_CREATE;
    struct sv body = sv_skip((struct sv){(const char *)data, size}, 1);
    struct json_bound bound;

    if (json_bind(arena, &table, mode, body, &bound)) {
        for (size_t i = 0; i < COUNT_OF(fields); i++) {
            check_value(&fields[i], &bound.values[i], mode == JSON_CREATE);
            ENSURE(bound.values[i].is_present == (bound.present >> i & 1));
        }
        check_round_trip(arena, mode, &bound);
    } else {
        check_refused(&bound, body);
    }
    arena_free(arena);
    return 0;
}
