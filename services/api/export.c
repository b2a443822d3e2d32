/* Exports: a page is read, written, and followed by the next one. */
#include "export.h"

#include "base/str.h"
#include "call.h"
#include "csv.h"
#include "gen/stmt.h"
#include "http/router.h"

#define PAGE_ROWS        200
#define PAGE_ARENA_BYTES MB(64)
#define WRITTEN_BYTES    KB(32) /* are sent on at once */
#define RECORD_BYTES     KB(16)
#define LINES_BYTES      MB(8) /* of them, the longest one included */

struct export
{
    struct list_query *query;
    struct arena *page; /* of the unit whose rows are written, or that is at work */
    bool is_read;       /* its rows wait to be written */
    bool is_begun;      /* the line of names is written */
    bool is_over;       /* and the last row is; what was private in them is recorded */
    int64_t told;       /* rows with something private in them */
};

static struct export *export_of(struct req *r)
{
    return call_of(r)->state;
}

static void free_page(void *arg)
{
    arena_free(((struct export *)arg)->page);
}

static bool is_number(enum json_field_type type)
{
    return type == FIELD_INT || type == FIELD_DECIMAL;
}

static void add_names(struct str *lines, const struct view *view)
{
    for (size_t i = 0, column = 0; i < view->ready->field_count; i++) {
        if (!view_has(view, i))
            continue;
        if (column++)
            str_add_char(lines, ',');
        str_add(lines, sv_of(view->ready->fields[i].json.name));
    }
    STR_ADD(lines, CSV_LINE_END);
}

/* The row, and whether it tells something private: NULL stands where one may not read it. */
static bool add_row(struct str *lines, const struct view *view, const struct db_unit *unit,
                    size_t row)
{
    bool is_private = false;

    for (size_t i = 0, column = 0; i < view->ready->field_count; i++) {
        char name[LIST_CELL_NAME_BYTES];

        if (!view_has(view, i))
            continue;
        if (column++)
            str_add_char(lines, ',');
        list_cell_name(name, i);
        if (db_is_null(unit, 1, row, name))
            continue;
        is_private |= view->ready->fields[i].is_private;
        csv_add_cell(lines, is_number(view->ready->fields[i].json.type) ? CSV_NUMBER : CSV_TEXT,
                     db_text(unit, 1, row, name));
    }
    STR_ADD(lines, CSV_LINE_END);
    return is_private;
}

/* Where the next page goes on: behind the last row of this one. The keys are this page's. */
static void go_on_behind(struct export *export, const struct db_unit *unit)
{
    static const char *const columns[CURSOR_KEYS] = {"k0", "k1", "k2", "k3", "k4", "k5"};
    struct list_query *query = export->query;

    query->has_cursor = true;
    query->cursor.key_count = query->sort_count + 1;
    for (size_t i = 0; i < query->cursor.key_count; i++)
        query->cursor.keys[i] = db_text(unit, 1, PAGE_ROWS - 1, columns[i]);
}

static void send_on(struct req *r, struct str *lines)
{
    ENSURE(!str_failed(lines));
    stream_write(r, str_view(lines));
    str_clear(lines);
}

static struct plan *write_page(struct req *r)
{
    struct export *export = export_of(r);
    struct db_unit *unit = call_of(r)->unit;
    size_t rows = db_row_count(unit, 1);
    struct str lines;

    str_init(&lines, LINES_BYTES);
    if (!export->is_begun)
        add_names(&lines, &export->query->view);
    export->is_begun = true;
    export->is_read = false;
    for (size_t i = 0; i < rows && i < PAGE_ROWS; i++) {
        export->told += add_row(&lines, &export->query->view, unit, i);
        if (lines.n > WRITTEN_BYTES)
            send_on(r, &lines);
    }
    send_on(r, &lines);
    str_fini(&lines);
    export->is_over = rows <= PAGE_ROWS;
    if (!export->is_over)
        go_on_behind(export, unit);
    else if (!export->told || !view_is_recorded(&export->query->view))
        return stream_end(r);
    return stream_more(r);
}

static void begin_page(struct req *r)
{
    const struct resource *resource = r->route->what;
    struct export *export = export_of(r);
    struct arena *last = export->page;
    struct call *call = call_of(r);
    const struct db_statement *statement;
    const char **params;

    export->page = arena_new(PAGE_ARENA_BYTES);
    call->arena = export->page;
    call_begin(r, CALL_LIST, sv_of(resource->readers));
    statement = list_cells_statement(export->page, export->query, &params);
    db_unit_add(call->unit, statement, params, statement->param_count);
    if (!export->is_begun && export->query->saved_filter)
        call_add(call, STMT(saved_filter_check), export->query->saved_filter, resource->plural);
    if (!export->is_begun)
        call_add(call, STMT(export_record), resource->name);
    arena_free(last); /* its keys are parameters now */
}

/* The last unit: one entry of the audit log, however many pages there were. */
/* What a file has that somebody may own: of which rows it was told is not kept. */
static void add_private(struct str *sql, const struct view *view)
{
    for (size_t i = 0; i < view->ready->field_count; i++) {
        if (view->ready->fields[i].is_private && view_has(view, i))
            str_addf(sql, "'%s', ", view->ready->fields[i].json.name);
    }
}

static void begin_record(struct req *r)
{
    const struct resource *resource = r->route->what;
    struct export *export = export_of(r);
    struct arena *last = export->page;
    struct call *call = call_of(r);
    struct str *sql;

    export->page = arena_new(PAGE_ARENA_BYTES);
    call->arena = export->page;
    sql = str_new_in(export->page, RECORD_BYTES);
    call_begin(r, CALL_LIST, sv_of(resource->readers));
    str_addf(sql, "SELECT private_read_record('%s', NULL, ", resource->name);
    view_add_private_names(sql, &export->query->view, false);
    STR_ADD(sql, ", $1::bigint) FROM (SELECT ARRAY[");
    add_private(sql, &export->query->view);
    STR_ADD(sql, "NULL]::text[] AS told) p");
    call_add(call, resource_assemble(export->page, "record_export", sql, 1, DB_MANY),
             arena_printf(export->page, "%lld", (long long)export->told).p);
    arena_free(last);
}

static STEP(got_page)
{
    return write_page(r);
}

static STEP(recorded)
{
    return stream_end(r);
}

static STEP(more)
{
    if (export_of(r)->is_read)
        return write_page(r);
    if (export_of(r)->is_over) {
        begin_record(r);
        return call_run(r, recorded);
    }
    begin_page(r);
    return call_run(r, got_page);
}

static STEP(got_first)
{
    const struct resource *resource = r->route->what;

    export_of(r)->is_read = true;
    reply_field(r, "Cache-Control", SV("private, no-cache"));
    reply_field(r, "Content-Disposition",
                arena_printf(r->arena, "attachment; filename=\"%s.csv\"", resource->plural));
    return stream_begin(r, 200, EXPORT_MEDIA_TYPE "; charset=utf-8; header=present", more);
}

struct plan *export_list(struct req *r, struct list_query *query)
{
    struct export *export = ARENA_NEW(r->arena, export);
    struct call *call = call_of(r);

    arena_defer(r->arena, free_page, export);
    export->query = query;
    query->limit = PAGE_ROWS;
    call->state = export;
    call->pool = call->api->slow_pool;
    call_shows_private(r, query->ready->private_readers);
    begin_page(r);
    return call_run(r, got_first);
}
