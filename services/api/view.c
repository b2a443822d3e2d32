/* Views: read from a query, written as SQL. */
#include "view.h"

#include <stdio.h>

#include "base/str.h"
#include "hash.h"

#define SQL_BYTES  KB(256)
#define TOLD_BYTES KB(2)
#define NAME_BYTES 128

bool view_is_whole(const struct view *view)
{
    return !view->fields && !view->expand_count;
}

bool view_has(const struct view *view, size_t field)
{
    return !view->fields || view->fields >> field & 1;
}

/* Begins "has no field "x"; there are …", to which the names are added. */
static struct str *begin_told(struct arena *arena, const char *what, struct sv name)
{
    struct str *told = str_new_in(arena, TOLD_BYTES);

    str_addf(told, "has no %s \"%.*s\"; there are: ", what,
             SV_ARG(sv_head_utf8(name, QUERY_SHOWN_BYTES)));
    return told;
}

static struct sv no_field(struct arena *arena, const struct view *view, struct sv name)
{
    struct str *told = begin_told(arena, "field", name);

    for (size_t i = 0; i < view->ready->field_count; i++)
        str_addf(told, "%s%s", i ? ", " : "", view->ready->fields[i].json.name);
    return str_view(told);
}

struct sv view_read_fields(struct arena *arena, struct view *view, struct sv value)
{
    struct sv name;

    view->fields = 1; /* the id, always */
    while (sv_split(&value, ',', &name)) {
        const struct resource_field *field = resource_field_find(view->ready, name);

        if (!field)
            return no_field(arena, view, name);
        view->fields |= UINT64_C(1) << (field - view->ready->fields);
    }
    return SV_NONE;
}

static const struct resource_expand *find_expand(const struct view *view, struct sv name)
{
    for (size_t i = 0; i < view->ready->expand_count; i++) {
        if (sv_eq(sv_of(view->ready->expands[i].name), name))
            return &view->ready->expands[i];
    }
    return NULL;
}

static struct sv no_expand(struct arena *arena, const struct view *view, struct sv name)
{
    const struct resource_ready *ready = view->ready;
    struct str *told = begin_told(arena, "part", name);

    for (size_t i = 0; i < ready->expand_count; i++)
        str_addf(told, "%s%s", i ? ", " : "", ready->expands[i].name);
    if (!ready->expand_count)
        STR_ADD(told, "none");
    return str_view(told);
}

struct sv view_read_expand(struct arena *arena, struct view *view, struct sv value)
{
    struct sv name;

    while (sv_split(&value, ',', &name)) {
        const struct resource_expand *expand = find_expand(view, name);

        if (!expand)
            return no_expand(arena, view, name);
        for (size_t i = 0; i < view->expand_count; i++) {
            if (view->expands[i] == expand)
                return arena_printf(arena, "names \"%s\" twice", expand->name);
        }
        if (view->expand_count == VIEW_EXPANDS)
            return arena_printf(arena, "takes at most %d parts", VIEW_EXPANDS);
        view->expands[view->expand_count++] = expand;
    }
    return SV_NONE;
}

/* The outer row's t is hidden by the inner one's, so its key comes in as o. */
static void add_one(struct str *sql, const struct resource_expand *expand)
{
    str_addf(sql, "(SELECT %s FROM (SELECT t.%s AS key) o JOIN %s t ON t.id = o.key)",
             expand->of->ready->body_sql, expand->key, expand->of->table);
}

/* One row more than shown is read, so that it is known whether there are more. */
static void add_many(struct str *sql, const struct resource_expand *expand, size_t most)
{
    const struct resource *of = expand->of;
    bool descending = of->default_sort[0] == '-';
    const char *sort = of->default_sort + descending;
    const char *direction = descending ? " DESC" : "";

    str_addf(sql,
             "(SELECT json_build_object('data', COALESCE(json_agg(e.body ORDER BY e.number) "
             "FILTER (WHERE e.number <= %zu), '[]'), 'has_more', count(*) > %zu) FROM "
             "(SELECT %s AS body, row_number() OVER (ORDER BY t.%s%s, t.id%s) AS number "
             "FROM (SELECT t.id AS key) o JOIN %s t ON t.%s = o.key "
             "WHERE %s ORDER BY t.%s%s, t.id%s LIMIT %zu) e)",
             most, most, of->ready->body_sql, sort, direction, direction, of->table, expand->key,
             of->is_record ? "true" : "t.archived_at IS NULL", sort, direction, direction,
             most + 1);
}

void view_add_body(struct str *sql, const struct view *view, size_t embedded_most)
{
    uint64_t fields = view->fields ? view->fields : UINT64_MAX;

    if (view_is_whole(view)) {
        str_add(sql, sv_of(view->ready->body_sql));
        return;
    }
    resource_begin_body(sql, view->ready, fields);
    for (size_t i = 0; i < view->expand_count; i++) {
        const struct resource_expand *expand = view->expands[i];

        str_addf(sql, ", '%s', CASE WHEN kith_has_role('%s') THEN ", expand->name,
                 expand->of->readers);
        if (expand->is_many)
            add_many(sql, expand, embedded_most);
        else
            add_one(sql, expand);
        STR_ADD(sql, " END");
    }
    resource_end_body(sql, view->ready, fields);
}

const struct db_statement *view_get_statement(struct arena *arena, const struct view *view)
{
    struct str *sql = str_new_in(arena, SQL_BYTES);

    str_addf(sql, "SELECT %s AS version, ", view->ready->resource->is_record ? "1" : "t.version");
    view_add_body(sql, view, VIEW_EMBEDDED);
    str_addf(sql, "::text AS body FROM %s t WHERE t.id = $1::uuid", view->ready->resource->table);
    return resource_assemble(arena, "get", sql, 1, DB_MAYBE);
}

const char *view_private_readers(struct arena *arena, const struct view *view)
{
    const char *readers = view->ready->private_readers;

    for (size_t i = 0; i < view->expand_count; i++) {
        const char *more = view->expands[i]->of->ready->private_readers;

        if (more)
            readers = readers ? arena_printf(arena, "%s,%s", readers, more).p : more;
    }
    return readers;
}

bool view_is_recorded(const struct view *view)
{
    bool is_recorded = view->ready->resource->records_reads;

    for (size_t i = 0; i < view->expand_count; i++)
        is_recorded |= view->expands[i]->of->records_reads;
    return is_recorded;
}

/* Whether somebody owns what is embedded, as an expression over the outer row. */
static void add_owns(struct str *sql, const struct resource_expand *expand, const char *owned)
{
    str_addf(sql, "(SELECT bool_or(%s) FROM (SELECT t.%s AS key) o JOIN %s t ON t.%s = o.key)",
             owned, expand->is_many ? "id" : expand->key, expand->of->table,
             expand->is_many ? expand->key : "id");
}

/* Those that a view of the resource shows; `expand` is as what it is embedded, NULL the whole. Past
 * the rows themselves (!is_told) what each of them has told is p.told. */
static void add_names(struct str *sql, const struct view *view,
                      const struct resource_expand *expand, bool is_told)
{
    for (size_t i = 0; i < view->ready->field_count; i++) {
        const struct resource_field *field = &view->ready->fields[i];
        char name[NAME_BYTES];

        if (!field->is_private || !view_has(view, i))
            continue;
        snprintf(name, sizeof name, "%s%s%s", expand ? expand->name : "", expand ? "." : "",
                 field->json.name);
        if (field->owned)
            STR_ADD(sql, "CASE WHEN (runs_program() OR kith_has_role('owner') AND ");
        else
            str_addf(sql, "CASE WHEN (kith_has_role('%s')", field->readers);
        if (field->owned && !is_told)
            str_addf(sql, "bool_or('%s' = ANY (p.told))", name);
        else if (field->owned && expand)
            add_owns(sql, expand, field->owned);
        else if (field->owned)
            str_add(sql, sv_of(field->owned));
        STR_ADD(sql, ")");
        if (is_told && !expand)
            str_addf(sql, " AND t.%s IS NOT NULL", field->json.name);
        str_addf(sql, " THEN '%s' END, ", name);
    }
}

void view_add_private_names(struct str *sql, const struct view *view, bool is_told)
{
    STR_ADD(sql, "array_remove(ARRAY[");
    if (view->ready->resource->records_reads)
        add_names(sql, view, NULL, is_told);
    for (size_t i = 0; i < view->expand_count; i++) {
        const struct resource *of = view->expands[i]->of;

        if (of->records_reads)
            add_names(sql, &(struct view){.ready = of->ready}, view->expands[i], is_told);
    }
    STR_ADD(sql, "NULL]::text[], NULL)");
}

const struct db_statement *view_record_statement(struct arena *arena, const struct view *view)
{
    const struct resource *resource = view->ready->resource;
    struct str *sql;

    if (view_is_whole(view) && view->ready->record_read)
        return view->ready->record_read;
    sql = str_new_in(arena, SQL_BYTES);
    str_addf(sql, "SELECT private_read_record('%s', p.id, p.told, NULL) FROM (SELECT t.id, ",
             resource->name);
    view_add_private_names(sql, view, true);
    str_addf(sql,
             " AS told FROM %s t WHERE t.id = $1::uuid AND kith_has_role('%s')) p "
             "WHERE p.told <> '{}'",
             resource->table, view_private_readers(arena, view));
    return resource_assemble(arena, "record_read", sql, 1, DB_MANY);
}

uint32_t view_hash(const struct view *view)
{
    uint32_t hash = HASH_START;

    if (view_is_whole(view))
        return 0;
    hash = hash_add(hash, (struct sv){(const char *)&view->fields, sizeof view->fields});
    for (size_t i = 0; i < view->expand_count; i++)
        hash = hash_add(hash, sv_of(view->expands[i]->name));
    return hash;
}
