/* The declaration as the server's functions want it: {"table", "fields", "columns", "defaults",
 * "keys", "refs"}. */
#include "import.h"
#include "json/emit.h"

static bool is_said(const struct import_plan *plan, size_t field)
{
    return plan->options.columns[field].n || plan->options.constants[field].n;
}

static const struct resource_ready *ready_of(const struct import_plan *plan)
{
    return plan->options.resource->ready;
}

static void add_fields(struct emit *e, const struct import_plan *plan)
{
    emit_key(e, SV("fields"));
    emit_array_begin(e);
    for (size_t i = 0; i < ready_of(plan)->field_count; i++) {
        if (is_said(plan, i))
            emit_text(e, sv_of(ready_of(plan)->fields[i].json.name));
    }
    emit_array_end(e);
}

static void add_defaults(struct emit *e, const struct import_plan *plan)
{
    emit_key(e, SV("defaults"));
    emit_object_begin(e);
    for (size_t i = 0; i < ready_of(plan)->field_count; i++) {
        const struct resource_field *field = &ready_of(plan)->fields[i];

        if (!is_said(plan, i) || !field->create_default)
            continue;
        emit_key(e, sv_of(field->json.name));
        emit_text(e, sv_of(field->create_default));
    }
    emit_object_end(e);
}

/* [["ein"], ["~name"]] */
static void add_keys(struct emit *e, const struct import_plan *plan)
{
    struct sv rest = sv_of(plan->options.resource->import_key);
    struct sv alternative;
    struct sv field;

    if (plan->options.key.n)
        rest = plan->options.key;
    emit_key(e, SV("keys"));
    emit_array_begin(e);
    while (sv_split(&rest, '|', &alternative)) {
        emit_array_begin(e);
        while (sv_split(&alternative, ',', &field))
            emit_text(e, field);
        emit_array_end(e);
    }
    emit_array_end(e);
}

/* Of a reference by one text: the last field of each alternative of the other's key. */
static void add_ref(struct emit *e, const struct resource *other)
{
    struct sv rest = sv_of(other->import_key);
    struct sv alternative;
    struct sv field = SV_NONE;

    emit_object_begin(e);
    emit_key(e, SV("table"));
    emit_text(e, sv_of(other->name));
    emit_key(e, SV("keys"));
    emit_array_begin(e);
    while (sv_split(&rest, '|', &alternative)) {
        while (sv_split(&alternative, ',', &field))
            ;
        emit_text(e, field);
    }
    emit_array_end(e);
    emit_object_end(e);
}

static void add_refs(struct emit *e, const struct import_plan *plan)
{
    emit_key(e, SV("refs"));
    emit_object_begin(e);
    for (size_t i = 0; i < ready_of(plan)->field_count; i++) {
        const struct resource_field *field = &ready_of(plan)->fields[i];

        if (!field->ref || !field->ref->import_key || !is_said(plan, i))
            continue;
        emit_key(e, sv_of(field->json.name));
        add_ref(e, field->ref);
    }
    emit_object_end(e);
}

struct sv import_spec(struct arena *arena, const struct import_plan *plan)
{
    struct emit e;

    emit_init(&e, str_new_in(arena, MB(2)));
    emit_object_begin(&e);
    emit_key(&e, SV("table"));
    emit_text(&e, sv_of(plan->options.resource->name));
    add_fields(&e, plan);
    emit_key(&e, SV("columns"));
    emit_raw(&e, import_mapping_json(arena, plan));
    add_defaults(&e, plan);
    add_keys(&e, plan);
    add_refs(&e, plan);
    emit_object_end(&e);
    ENSURE(emit_finish(&e));
    return arena_copy(arena, str_view(e.out));
}
