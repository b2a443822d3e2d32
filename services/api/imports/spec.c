/* The declaration as the server's functions want it: see 90_imports.sql. */
#include "imports/import.h"
#include "json/emit.h"

static const struct resource_ready *ready_of(const struct import_plan *plan)
{
    return plan->options.resource->ready;
}

/* A correction that is a row of its own has all fields: what the file does not say stays. */
static bool is_said(const struct import_plan *plan, size_t field)
{
    return plan->options.columns[field].n || plan->options.constants[field].n ||
           (plan->options.resource->is_superseded && import_takes(&ready_of(plan)->fields[field]));
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
    struct sv rest = sv_of(import_ref(other));
    struct sv alternative;
    struct sv field = SV_NONE;

    emit_object_begin(e);
    emit_key(e, SV("table"));
    emit_text(e, sv_of(other->table));
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

        if (!field->ref || !import_ref(field->ref) || !is_said(plan, i))
            continue;
        emit_key(e, sv_of(field->json.name));
        add_ref(e, field->ref);
    }
    emit_object_end(e);
}

static void add_names(struct emit *e, struct sv key, const char *names)
{
    struct sv rest = sv_of(names);
    struct sv name;

    emit_key(e, key);
    emit_array_begin(e);
    while (sv_split(&rest, ',', &name))
        emit_text(e, name);
    emit_array_end(e);
}

/* What an import says of new rows alone: actions change it. */
static void add_once(struct emit *e, const struct import_plan *plan)
{
    emit_key(e, SV("once"));
    emit_array_begin(e);
    for (size_t i = 0; i < ready_of(plan)->field_count; i++) {
        if (ready_of(plan)->fields[i].use & FIELD_IMPORTS && is_said(plan, i))
            emit_text(e, sv_of(ready_of(plan)->fields[i].json.name));
    }
    emit_array_end(e);
}

static void add_custom(struct emit *e, const struct import_plan *plan)
{
    emit_key(e, SV("custom"));
    emit_array_begin(e);
    for (size_t i = 0; i < plan->options.custom_count; i++)
        emit_text(e, plan->options.custom[i].name);
    emit_array_end(e);
}

static void add_function(struct emit *e, struct sv key, const char *function)
{
    emit_key(e, key);
    if (function)
        emit_text(e, sv_of(function));
    else
        emit_null(e);
}

struct sv import_spec(struct arena *arena, const struct import_plan *plan)
{
    const struct resource *resource = plan->options.resource;
    struct emit e;

    emit_init(&e, str_new_in(arena, MB(2)));
    emit_object_begin(&e);
    emit_key(&e, SV("table"));
    emit_text(&e, sv_of(resource->table));
    add_function(&e, SV("before"), resource->import_before);
    add_function(&e, SV("at_once"), resource->import_at_once);
    emit_key(&e, SV("is_superseded"));
    emit_bool(&e, resource->is_superseded);
    add_names(&e, SV("within"), resource->import_within);
    add_once(&e, plan);
    add_fields(&e, plan);
    add_custom(&e, plan);
    emit_key(&e, SV("columns"));
    emit_raw(&e, import_mapping_json(arena, plan));
    add_defaults(&e, plan);
    add_keys(&e, plan);
    add_refs(&e, plan);
    emit_object_end(&e);
    ENSURE(emit_finish(&e));
    return arena_copy(arena, str_view(e.out));
}
