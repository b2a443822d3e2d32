/* Exports: a page is read, written, and followed by the next one. A spreadsheet is written to its
 * end, packed by a thread, and then sent. */
#include "export.h"

#include "base/str.h"
#include "call.h"
#include "export_rows.h"
#include "gen/stmt.h"
#include "http/router.h"

#define PAGE_ROWS        200
#define PAGE_ARENA_BYTES MB(64)
#define WRITTEN_BYTES    KB(32) /* are sent on at once */
#define RECORD_BYTES     KB(16)
#define LINES_BYTES      MB(8) /* of them, the longest one included */

struct export
{
    struct sheet_file file; /* without a sheet: it is CSV */
    struct list_query *query;
    struct arena *page; /* of the unit whose rows are written, or that is at work */
    bool is_sheet;
    bool is_read;  /* its rows wait to be written */
    bool is_begun; /* the line of names is written */
    bool is_over;  /* and the last row is; what was private in them is recorded */
    int64_t most;  /* rows of a spreadsheet */
    int64_t told;  /* rows with something private in them */
};

static struct export *export_of(struct req *r)
{
    return call_of(r)->state;
}

static void free_export(void *arg)
{
    struct export *export = arg;

    arena_free(export->page);
    sheet_file_free(&export->file);
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

static void write_lines(struct req *r, size_t rows)
{
    struct export *export = export_of(r);
    const struct db_unit *unit = call_of(r)->unit;
    struct str lines;

    str_init(&lines, LINES_BYTES);
    if (!export->is_begun)
        export_add_names(&lines, export->query);
    for (size_t i = 0; i < rows; i++) {
        export->told += export_add_row(&lines, export->query, unit, i);
        if (lines.n > WRITTEN_BYTES)
            send_on(r, &lines);
    }
    send_on(r, &lines);
    str_fini(&lines);
}

static void write_rows(struct req *r, size_t rows)
{
    struct export *export = export_of(r);

    if (!export->is_begun)
        export_add_sheet_names(export->file.sheet, export->query);
    for (size_t i = 0; i < rows; i++)
        export->told +=
            export_add_sheet_row(export->file.sheet, export->query, call_of(r)->unit, i);
}

/* All rows are written, and what was private in them is recorded. */
static struct plan *finish(struct req *r)
{
    return export_of(r)->file.sheet ? sheet_file_more(r) : stream_end(r);
}

/* ---- Pages ----------------------------------------------------------------------------------- */

static struct plan *write_page(struct req *r)
{
    struct export *export = export_of(r);
    struct db_unit *unit = call_of(r)->unit;
    size_t rows = db_row_count(unit, 1);

    if (export->file.sheet)
        write_rows(r, size_min(rows, PAGE_ROWS));
    else
        write_lines(r, size_min(rows, PAGE_ROWS));
    export->is_begun = true;
    export->is_read = false;
    export->is_over = rows <= PAGE_ROWS;
    if (!export->is_over)
        go_on_behind(export, unit);
    else if (!export->told || !view_is_recorded(&export->query->view))
        return finish(r);
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
    return finish(r);
}

static STEP(more)
{
    if (export_of(r)->file.is_packed)
        return sheet_file_more(r);
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
    struct export *export = export_of(r);

    export->is_read = true;
    reply_field(r, "Cache-Control", SV("private, no-cache"));
    reply_field(r, "Content-Disposition",
                arena_printf(r->arena, "attachment; filename=\"%s.%s\"", resource->plural,
                             export->file.sheet ? "xlsx" : "csv"));
    return stream_begin(r, 200,
                        export->file.sheet ? EXPORT_SHEET_TYPE
                                           : EXPORT_MEDIA_TYPE "; charset=utf-8; header=present",
                        more);
}

/* A spreadsheet has no place for more rows than it is told that it may have. */
static STEP(counted)
{
    const struct resource *resource = r->route->what;
    struct export *export = export_of(r);
    struct call *call = call_of(r);

    if (db_int(call->unit, 1, 0, "total") > export->most)
        return fail_why(r, ERR_NOT_ACCEPTABLE,
                        "There are more than %lld rows, too many for a spreadsheet: ask for fewer, "
                        "for fewer fields, or for text/csv.",
                        (long long)export->most);
    export->file.sheet = sheet_new(resource->plural);
    if (!export->file.sheet)
        return sheet_file_refuse(r);
    begin_page(r);
    return call_run(r, got_first);
}

/* Rows that a spreadsheet has place for, as many fields as they are of. */
static int64_t rows_most(const struct api *api, const struct list_query *query)
{
    const struct view *view = &query->view;
    int64_t columns = (int64_t)query->custom_count;
    int64_t most;

    for (size_t i = 0; i < view->ready->field_count; i++)
        columns += view_has(view, i);
    most = api->sheet_cells / columns; /* one has an id at least */
    return most < api->sheet_rows ? most : api->sheet_rows;
}

/* The custom fields that the file has columns for are known: in the request's arena, since pages
 * come and go. */
static void keep_custom(struct req *r)
{
    struct list_query *query = export_of(r)->query;
    const struct db_unit *unit = call_of(r)->unit;
    size_t count = db_row_count(unit, 1);
    struct list_custom *custom = arena_zalloc(r->arena, (count + 1) * sizeof *custom);

    for (size_t i = 0; i < count; i++) {
        custom[i].id = arena_cstr(r->arena, db_text(unit, 1, i, "id"));
        custom[i].code = arena_cstr(r->arena, db_text(unit, 1, i, "code"));
        custom[i].type = arena_cstr(r->arena, db_text(unit, 1, i, "type"));
    }
    query->custom = custom;
    query->custom_count = count;
}

static struct plan *begin_file(struct req *r)
{
    const struct resource *resource = r->route->what;
    struct export *export = export_of(r);
    const struct db_statement *statement;
    struct call *call = call_of(r);
    const char **params;

    if (!export->is_sheet) {
        begin_page(r);
        return call_run(r, got_first);
    }
    call_begin(r, CALL_LIST, sv_of(resource->readers));
    export->most = rows_most(call->api, export->query);
    statement = list_count_statement(r->arena, export->query, export->most + 1, &params);
    db_unit_add(call->unit, statement, params, statement->param_count);
    return call_run(r, counted);
}

static STEP(got_custom)
{
    keep_custom(r);
    return begin_file(r);
}

struct plan *export_list(struct req *r, struct list_query *query, bool is_sheet)
{
    const struct resource *resource = r->route->what;
    struct export *export = ARENA_NEW(r->arena, export);
    struct call *call = call_of(r);

    arena_defer(r->arena, free_export, export);
    export->query = query;
    export->is_sheet = is_sheet;
    query->limit = PAGE_ROWS;
    call->state = export;
    call->pool = call->api->slow_pool;
    call_shows_private(r, query->ready->private_readers);
    if (!view_is_whole(&query->view) || !list_custom_by(resource))
        return begin_file(r);
    call_begin(r, CALL_LIST, sv_of(resource->readers));
    call_add(call, STMT(custom_columns), resource->name);
    return call_run(r, got_custom);
}
