/* The statements of a list: a page of it, and how long it is. */
#include <stdio.h>

#include "base/str.h"
#include "list.h"
#include "resources.h"

#define SQL_BYTES KB(256)

struct build {
    struct arena *arena;
    const struct list_query *query;
    struct str sql;
    const char **params;
    unsigned param_count;
};

static const struct resource_field id_field = {
    .json = JSON_FIELD("id", FIELD_UUID),
};

const struct resource_field list_relevance = {
    .json = JSON_FIELD("relevance", FIELD_INT),
};

/* The sort keys and, last, the id in the direction of the last of them. */
static struct list_sort key(const struct list_query *query, size_t i)
{
    bool descending = query->sort_count && query->sorts[query->sort_count - 1].descending;

    return i < query->sort_count ? query->sorts[i] : (struct list_sort){&id_field, descending};
}

static size_t key_count(const struct list_query *query)
{
    return query->sort_count + 1;
}

static void add_param(struct build *b, const struct resource_field *field, const char *value)
{
    ENSURE(b->param_count < DB_STATEMENT_PARAMS);
    b->params[b->param_count++] = value;
    resource_add_param(&b->sql, &field->json, b->param_count);
}

/* The column of a sort key. */
static void add_key(struct build *b, const struct resource_field *field)
{
    if (field == &list_relevance)
        STR_ADD(&b->sql, "s.place");
    else
        str_addf(&b->sql, "t.%s", field->json.name);
}

static void add_from(struct build *b)
{
    const struct resource *resource = b->query->ready->resource;

    STR_ADD(&b->sql, " FROM ");
    if (b->query->search) {
        b->params[b->param_count++] = b->query->search;
        str_addf(&b->sql, "search_find(%s, $%u::text) s JOIN %s t ON t.id = s.id",
                 resource->searched, b->param_count, resource->table);
    } else {
        str_addf(&b->sql, "%s t", resource->table);
    }
}

static void add_comparison(struct build *b, const struct list_filter *filter)
{
    if (filter->value_count < 2)
        str_addf(&b->sql, "%s ", filter->compare);
    if (filter->value_count == 0)
        return;
    if (filter->value_count == 1) {
        add_param(b, filter->field, filter->values[0]);
        return;
    }
    STR_ADD(&b->sql, "IN (");
    for (size_t i = 0; i < filter->value_count; i++) {
        if (i)
            STR_ADD(&b->sql, ", ");
        add_param(b, filter->field, filter->values[i]);
    }
    STR_ADD(&b->sql, ")");
}

static void add_filter(struct build *b, const struct list_filter *filter)
{
    bool is_link = resource_is_link(b->query->ready, filter->field);

    if (filter->field->readers) {
        /* Who may not read the field must not find out its value by asking. */
        STR_ADD(&b->sql, " AND ");
        resource_add_may_read(&b->sql, filter->field);
    }
    if (is_link)
        str_addf(&b->sql, " AND t.id IN (%s ", filter->field->sql);
    else
        str_addf(&b->sql, " AND t.%s ", filter->field->json.name);
    add_comparison(b, filter);
    if (is_link)
        STR_ADD(&b->sql, ")");
}

static bool is_one_way(const struct list_query *query)
{
    for (size_t i = 1; i < key_count(query); i++) {
        if (key(query, i).descending != key(query, 0).descending)
            return false;
    }
    return true;
}

/* (a, id) > ($1, $2): one range of an index. */
static void add_row_comparison(struct build *b)
{
    const struct list_query *query = b->query;

    STR_ADD(&b->sql, " AND (");
    for (size_t i = 0; i < key_count(query); i++) {
        str_add(&b->sql, sv_of(i ? ", " : ""));
        add_key(b, key(query, i).field);
    }
    str_addf(&b->sql, ") %s (", key(query, 0).descending ? "<" : ">");
    for (size_t i = 0; i < key_count(query); i++) {
        if (i)
            STR_ADD(&b->sql, ", ");
        add_param(b, key(query, i).field, arena_cstr(b->arena, query->cursor.keys[i]));
    }
    STR_ADD(&b->sql, ")");
}

/* For directions that differ: a > $1 OR (a = $1 AND (b < $2 OR …)). */
static void add_nested_comparison(struct build *b)
{
    const struct list_query *query = b->query;
    size_t count = key_count(query);

    STR_ADD(&b->sql, " AND ");
    for (size_t i = 0; i < count; i++) {
        const struct list_sort one = key(query, i);
        const char *value = arena_cstr(b->arena, query->cursor.keys[i]);

        STR_ADD(&b->sql, "(");
        add_key(b, one.field);
        str_add(&b->sql, sv_of(one.descending ? " < " : " > "));
        add_param(b, one.field, value);
        if (i + 1 == count)
            break;
        STR_ADD(&b->sql, " OR (");
        add_key(b, one.field);
        STR_ADD(&b->sql, " = ");
        resource_add_param(&b->sql, &one.field->json, b->param_count);
        STR_ADD(&b->sql, " AND ");
    }
    STR_ADD(&b->sql, ")");
    for (size_t i = 1; i < count; i++)
        STR_ADD(&b->sql, "))");
}

static void add_saved_filter(struct build *b)
{
    b->params[b->param_count++] = b->query->saved_filter;
    str_addf(&b->sql, " AND t.id IN (SELECT saved_filter_rows($%u::uuid, '%s'))", b->param_count,
             b->query->ready->resource->plural);
}

static void add_where(struct build *b)
{
    static const char *const archived[] = {
        [ARCHIVED_EXCLUDE] = "t.archived_at IS NULL",
        [ARCHIVED_INCLUDE] = "true",
        [ARCHIVED_ONLY] = "t.archived_at IS NOT NULL",
    };

    str_addf(&b->sql, " WHERE %s",
             b->query->ready->resource->is_record ? "true" : archived[b->query->archived]);
    if (b->query->saved_filter)
        add_saved_filter(b);
    for (size_t i = 0; i < b->query->filter_count; i++)
        add_filter(b, &b->query->filters[i]);
}

static void add_cursor(struct build *b)
{
    if (b->query->has_cursor && is_one_way(b->query))
        add_row_comparison(b);
    else if (b->query->has_cursor)
        add_nested_comparison(b);
}

static void add_order(struct build *b, int64_t limit)
{
    STR_ADD(&b->sql, " ORDER BY ");
    for (size_t i = 0; i < key_count(b->query); i++) {
        str_add(&b->sql, sv_of(i ? ", " : ""));
        add_key(b, key(b->query, i).field);
        str_add(&b->sql, sv_of(key(b->query, i).descending ? " DESC" : ""));
    }
    b->params[b->param_count++] = arena_printf(b->arena, "%lld", (long long)limit).p;
    str_addf(&b->sql, " LIMIT $%u::bigint", b->param_count);
}

static struct build begin(struct arena *arena, const struct list_query *query)
{
    struct build b = {.arena = arena, .query = query};

    str_init(&b.sql, SQL_BYTES);
    b.params = arena_zalloc(arena, (DB_STATEMENT_PARAMS + 1) * sizeof *b.params);
    return b;
}

static const struct db_statement *finish(struct build *b, const char ***out_params)
{
    const struct db_statement *statement =
        resource_assemble(b->arena, "list", &b->sql, b->param_count, DB_MANY);

    str_fini(&b->sql);
    *out_params = b->params;
    return statement;
}

/* The sort keys, and from where and in which order. */
static const struct db_statement *finish_page(struct build *b, const char ***out_params)
{
    for (size_t i = 0; i < key_count(b->query); i++) {
        STR_ADD(&b->sql, ", ");
        add_key(b, key(b->query, i).field);
        str_addf(&b->sql, "::text AS k%zu", i);
    }
    add_from(b);
    add_where(b);
    add_cursor(b);
    add_order(b, b->query->limit + 1);
    return finish(b, out_params);
}

const struct db_statement *list_statement(struct arena *arena, const struct list_query *query,
                                          const char ***out_params)
{
    struct build b = begin(arena, query);

    STR_ADD(&b.sql, "SELECT ");
    view_add_body(&b.sql, &query->view, VIEW_EMBEDDED_IN_LIST);
    STR_ADD(&b.sql, "::text AS body");
    return finish_page(&b, out_params);
}

void list_cell_name(char out[LIST_CELL_NAME_BYTES], size_t field)
{
    snprintf(out, LIST_CELL_NAME_BYTES, "c%zu", field % 1000);
}

void list_custom_name(char out[LIST_CELL_NAME_BYTES], size_t custom)
{
    snprintf(out, LIST_CELL_NAME_BYTES, "x%zu", custom % 1000);
}

const char *list_custom_by(const struct resource *resource)
{
    for (const struct resource_many *many = resource->many; many && many->name; many++) {
        if (many->of == &res_custom_value)
            return many->by;
    }
    return NULL;
}

/* What one may not read is not there. */
static void add_custom_cells(struct build *b)
{
    const char *by = list_custom_by(b->query->ready->resource);

    for (size_t i = 0; i < b->query->custom_count; i++) {
        char name[LIST_CELL_NAME_BYTES];

        list_custom_name(name, i);
        str_addf(&b->sql,
                 ", (SELECT v.value FROM custom_value v WHERE v.district_id = t.district_id "
                 "AND v.custom_field_id = '%s' AND v.%s = t.id AND v.archived_at IS NULL) AS %s",
                 b->query->custom[i].id, by, name);
    }
}

const struct db_statement *list_cells_statement(struct arena *arena, const struct list_query *query,
                                                const char ***out_params)
{
    const struct resource_ready *ready = query->ready;
    struct build b = begin(arena, query);

    STR_ADD(&b.sql, "SELECT ");
    for (size_t i = 0; i < ready->field_count; i++) {
        char name[LIST_CELL_NAME_BYTES];

        if (!view_has(&query->view, i))
            continue;
        list_cell_name(name, i);
        str_add(&b.sql, i ? SV(", ") : SV(""));
        str_add(&b.sql, ready->fields[i].json.type == FIELD_LIST ? SV("to_json(") : SV("("));
        resource_add_value(&b.sql, &ready->fields[i]);
        str_addf(&b.sql, ")::text AS %s", name);
    }
    add_custom_cells(&b);
    return finish_page(&b, out_params);
}

const struct db_statement *
list_record_statement(struct arena *arena, const struct list_query *query, const char ***out_params)
{
    struct build b = begin(arena, query);

    str_addf(&b.sql, "SELECT private_read_record('%s', NULL, ", query->ready->resource->name);
    view_add_private_names(&b.sql, &query->view, false);
    STR_ADD(&b.sql, ", count(*)) FROM (SELECT ");
    view_add_private_names(&b.sql, &query->view, true);
    STR_ADD(&b.sql, " AS told");
    add_from(&b);
    add_where(&b);
    /* For anybody else it ends before it reads a row. */
    str_addf(&b.sql, " AND kith_has_role('%s')", view_private_readers(arena, &query->view));
    add_cursor(&b);
    add_order(&b, query->limit);
    STR_ADD(&b.sql, ") p WHERE p.told <> '{}' HAVING count(*) > 0");
    return finish(&b, out_params);
}

const struct db_statement *list_count_statement(struct arena *arena, const struct list_query *query,
                                                int64_t most, const char ***out_params)
{
    struct build b = begin(arena, query);

    STR_ADD(&b.sql, "SELECT count(*) AS total FROM (SELECT");
    add_from(&b);
    add_where(&b);
    str_addf(&b.sql, " LIMIT %lld) counted", (long long)most);
    return finish(&b, out_params);
}
