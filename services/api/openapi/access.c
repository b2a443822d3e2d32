/* Roles of operations, classes of fields, and what ids refer to. */
#include "openapi/access.h"

#include "action.h"
#include "openapi/schema.h"
#include "use.h"

/* Of a comma list, and administrators, who may do what anybody may. */
static void add_roles(struct emit *e, const char *roles)
{
    struct sv rest = sv_of(roles);
    struct sv role;

    emit_array_begin(e);
    emit_text(e, SV("admin"));
    while (sv_split(&rest, ',', &role)) {
        if (!sv_eq(role, SV("admin")))
            emit_text(e, role);
    }
    emit_array_end(e);
}

static const char *roles_of(const struct operation *operation)
{
    const struct resource *resource = operation->resource;
    struct plan *(*handle)(struct req *) = operation->route->handle;

    if (operation->action)
        return operation->action->roles;
    if (handle == resource_list || handle == resource_get || handle == action_transitions)
        return resource->readers;
    if (handle == resource_create || handle == resource_patch || handle == resource_archive ||
        handle == resource_restore)
        return resource->writers;
    return NULL;
}

void access_add_roles(struct emit *e, const struct operation *operation)
{
    const char *roles = roles_of(operation);
    struct sv name = use_name(operation->route);

    if (name.n && !operation->is_public) { /* by which the limits of API keys know it */
        emit_key(e, SV("x-name"));
        emit_text(e, name);
    }
    if (!roles)
        return;
    emit_key(e, SV("x-roles"));
    add_roles(e, roles);
}

void access_add_classes(struct emit *e, const struct resource_ready *ready)
{
    bool is_open = false;

    for (size_t i = 0; i < ready->field_count; i++) {
        const struct resource_field *field = &ready->fields[i];

        if (!field->readers)
            continue;
        if (!is_open) {
            emit_key(e, SV("x-classes"));
            emit_object_begin(e);
        }
        is_open = true;
        emit_key(e, sv_of(field->json.name));
        emit_object_begin(e);
        schema_text(e, "class", field->is_private ? "private" : "directory");
        emit_key(e, SV("readers"));
        add_roles(e, field->readers);
        if (field->owned) {
            emit_key(e, SV("owners"));
            emit_bool(e, true);
        }
        emit_object_end(e);
    }
    if (is_open)
        emit_object_end(e);
}

void access_add_references(struct emit *e, const struct resource_ready *ready)
{
    emit_key(e, SV("x-references"));
    emit_object_begin(e);
    for (size_t i = 0; i < ready->field_count; i++) {
        if (!ready->fields[i].ref)
            continue;
        emit_key(e, sv_of(ready->fields[i].json.name));
        emit_text(e, sv_of(ready->fields[i].ref->plural));
    }
    emit_object_end(e);
}
