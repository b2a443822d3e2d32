/* Which column is which field. */
#include <stddef.h>
#include <string.h>

#include "action.h"
#include "imports/import.h"
#include "resources.h"
#include "routes.h"
#include "json/bind.h"

const struct resource *import_kind(struct sv plural)
{
    for (size_t i = 0; i < api_route_count; i++) {
        const struct resource *resource = api_routes[i].what;

        if (api_routes[i].handle == resource_list && resource->import_key &&
            sv_eq(sv_of(resource->plural), plural))
            return resource;
    }
    return NULL;
}

const char *import_roles(const struct resource *resource)
{
    return resource->importers ? resource->importers : ROLES_PROGRAM;
}

bool import_takes(const struct resource_field *field)
{
    const struct json_field *json = &field->json;

    if (field->use & FIELD_IMPORTS)
        return true;
    return resource_field_is_writable(field) && !(json->flags & FIELD_CREATE_ONLY) &&
           (json_field_is_scalar(json) ||
            (json->type == FIELD_LIST && json_field_is_scalar(json->item)));
}

const char *import_ref(const struct resource *resource)
{
    return resource->import_ref ? resource->import_ref : resource->import_key;
}

static bool set_name(const struct resource_ready *ready, const struct json_value *named,
                     struct sv *by_field)
{
    if (!by_field)
        return false;
    for (size_t i = 0; i < ready->field_count; i++) {
        if (import_takes(&ready->fields[i]) &&
            sv_eq(sv_of(ready->fields[i].json.name), named->key)) {
            by_field[i] = named->text;
            return true;
        }
    }
    return false;
}

bool import_read_names(struct arena *arena, const struct import_names *names,
                       struct import_options *options, struct json_fault *fault)
{
    static const struct json_field item = JSON_FIELD(NULL, FIELD_TEXT, .min = 1, .max = 1000);
    static const struct json_field fields[] = {
        JSON_FIELD("names", FIELD_MAP, FIELD_REQUIRED, .item = &item, .max = IMPORT_NAMES),
    };
    static const struct json_table table = JSON_TABLE("names", fields);
    const struct {
        const char *pointer;
        struct sv json;
        struct sv *by_field; /* NULL: only of the district's own */
        size_t said_at;
        const char *what;
    } all[] = {
        {"/mapping", names->mapping, options->columns, offsetof(struct import_custom, column),
         "It must be a JSON object of texts, by the names of fields that can be written."},
        {"/constants", names->constants, options->constants,
         offsetof(struct import_custom, constant),
         "It must be a JSON object of texts, by the names of fields that can be written."},
        {"/new_fields", names->new_fields, NULL, offsetof(struct import_custom, new_type),
         "It must be a JSON object of types, by \"custom.\" and the codes of fields: text, number, "
         "date, yes_no or url, of sites, partners, contacts or partnerships."},
    };

    if (import_takes_custom(options->resource))
        options->custom = arena_zalloc_array(arena, IMPORT_CUSTOM_NAMED, sizeof *options->custom);
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        struct json_bound bound = {0};
        struct sv body =
            arena_printf(arena, "{\"names\":%.*s}", SV_ARG(all[i].json.n ? all[i].json : SV("{}")));

        *fault = (struct json_fault){sv_of(all[i].pointer), JSON_FAULT_INVALID_PARAMETER,
                                     sv_of(all[i].what)};
        if (!json_bind(arena, &table, JSON_CREATE, body, &bound))
            return false;
        for (size_t n = 0; n < bound.values[0].item_count; n++) {
            const struct json_value *named = &bound.values[0].items[n];

            if (!set_name(options->resource->ready, named, all[i].by_field) &&
                !import_say_custom(options, named->key, all[i].said_at, named->text))
                return false;
        }
    }
    return true;
}

bool import_is_like(struct sv column, struct sv name)
{
    size_t c = 0;

    for (size_t n = 0; n <= name.n; n++) {
        if (n < name.n && name.p[n] == '_')
            continue;
        while (c < column.n && strchr(" _-", column.p[c]) && column.p[c])
            c++;
        if (n == name.n)
            break;
        if (c == column.n || char_lower(column.p[c++]) != name.p[n])
            return false;
    }
    return c == column.n;
}

static bool is_named(const struct import_plan *plan, size_t field, struct sv column)
{
    const struct json_field *json = &plan->options.resource->ready->fields[field].json;
    struct sv name = sv_of(json->name);

    if (plan->options.columns[field].n)
        return sv_eq(column, plan->options.columns[field]);
    return import_is_like(column, name) ||
           (json->type == FIELD_UUID && sv_ends_with(name, SV("_id")) &&
            import_is_like(column, sv_head(name, name.n - 3)));
}

void import_add_fault(struct json_fault *faults, size_t *count, struct json_fault fault)
{
    if (*count < IMPORT_FAULTS)
        faults[(*count)++] = fault;
}

/* A column that the mapping names stands there; what is required has a value; nothing has two. */
static void find_column(struct arena *arena, const struct csv_row *names, struct import_plan *plan,
                        size_t field, struct json_fault *faults, size_t *count)
{
    const struct json_field *json = &plan->options.resource->ready->fields[field].json;
    struct sv pointer = arena_printf(arena, "/%s", json->name);
    struct sv wanted = plan->options.columns[field];

    plan->at[field] = IMPORT_NOWHERE;
    for (size_t i = 0; i < names->cell_count; i++) {
        if (!names->cells[i].n || !is_named(plan, field, names->cells[i]))
            continue;
        if (plan->options.constants[field].p || plan->at[field] != IMPORT_NOWHERE) {
            import_add_fault(
                faults, count,
                (struct json_fault){pointer, JSON_FAULT_DUPLICATE_ITEM,
                                    arena_printf(arena, "\"%s\" has two sources.", json->name)});
            return;
        }
        plan->at[field] = i;
    }
    if (plan->at[field] != IMPORT_NOWHERE)
        plan->options.columns[field] = arena_copy(arena, names->cells[plan->at[field]]);
    else if (wanted.n)
        import_add_fault(faults, count,
                         (struct json_fault){pointer, JSON_FAULT_UNKNOWN_MEMBER,
                                             arena_printf(arena, "The file has no column \"%.*s\".",
                                                          SV_ARG(wanted))});
    else if (json->flags & FIELD_REQUIRED && !plan->options.constants[field].p)
        import_add_fault(
            faults, count,
            (struct json_fault){pointer, JSON_FAULT_REQUIRED,
                                arena_printf(arena, "No column is \"%s\".", json->name)});
}

size_t import_find_columns(struct arena *arena, const struct csv_row *names,
                           struct import_plan *plan, struct json_fault *faults)
{
    const struct resource_ready *ready = plan->options.resource->ready;
    size_t count = 0;

    plan->column_count = names->cell_count;
    for (size_t i = 0; i < names->cell_count; i++) {
        if (!sv_is_utf8(names->cells[i]))
            import_add_fault(
                faults, &count,
                (struct json_fault){SV(""), JSON_FAULT_INVALID_UTF8,
                                    SV("The names of the columns are not well-formed.")});
    }
    for (size_t i = 0; i < ready->field_count; i++) {
        plan->at[i] = IMPORT_NOWHERE;
        if (import_takes(&ready->fields[i]))
            find_column(arena, names, plan, i, faults, &count);
    }
    import_find_custom(arena, names, plan, faults, &count);
    import_find_plain(plan);
    return count;
}

static struct sv finish(struct emit *e)
{
    ENSURE(emit_finish(e));
    return str_view(e->out);
}

static struct sv names_json(struct arena *arena, const struct import_plan *plan,
                            const struct sv *by_field, size_t said_at)
{
    const struct resource_ready *ready = plan->options.resource->ready;
    struct emit e;

    emit_init(&e, str_new_in(arena, MB(1)));
    emit_object_begin(&e);
    for (size_t i = 0; i < ready->field_count; i++) {
        if (!by_field[i].n)
            continue;
        emit_key(&e, sv_of(ready->fields[i].json.name));
        emit_text(&e, by_field[i]);
    }
    import_emit_custom(&e, &plan->options, said_at);
    emit_object_end(&e);
    return finish(&e);
}

struct sv import_mapping_json(struct arena *arena, const struct import_plan *plan)
{
    return names_json(arena, plan, plan->options.columns, offsetof(struct import_custom, column));
}

struct sv import_constants_json(struct arena *arena, const struct import_plan *plan)
{
    return names_json(arena, plan, plan->options.constants,
                      offsetof(struct import_custom, constant));
}

struct sv import_unmapped_json(struct arena *arena, const struct import_plan *plan,
                               const struct csv_row *names)
{
    const struct resource_ready *ready = plan->options.resource->ready;
    struct emit e;

    emit_init(&e, str_new_in(arena, MB(1)));
    emit_array_begin(&e);
    for (size_t i = 0; i < names->cell_count; i++) {
        bool is_mapped = false;

        for (size_t f = 0; f < ready->field_count; f++)
            is_mapped = is_mapped || plan->at[f] == i;
        for (size_t c = 0; c < plan->options.custom_count; c++)
            is_mapped = is_mapped || plan->options.custom[c].at == i;
        if (!is_mapped)
            emit_text(&e, names->cells[i]);
    }
    emit_array_end(&e);
    return finish(&e);
}
