/* A report as a file: a spreadsheet, whose statement gives its rows, a sheet for each table; or
 * CSV, a line for each value. */
#include "report_file.h"
#include "base/uuid.h"
#include "call.h"
#include "csv.h"
#include "gen/stmt.h"
#include "http/reply.h"
#include "http/router.h"
#include "query.h"
#include "resources.h"
#include "sheet_file.h"

#define CSV_TYPE       "text/csv; charset=utf-8; header=present"
#define CSV_LINE_BYTES 2048 /* a statement of a goal, each character quoted */

/* The first is what a row is of; as many as the statements have. */
static const char *const cells[] = {"c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8"};

static const struct json_field query_fields[] = {
    JSON_FIELD("school_year", FIELD_INT, .min = 2000, .max = 2100,
               .doc = "Instead of the report's own."),
};
const struct json_table report_query = JSON_TABLE("report_query", query_fields);

struct plan *report_read(struct req *r, const char *params[REPORT_FILE_PARAMS])
{
    struct uuid *id = ARENA_NEW(r->arena, uuid);
    struct plan *refused = query_check(r, &report_query);

    if (!refused && !uuid_parse(r->captures[0], id))
        return fail(r, ERR_NOT_FOUND);
    params[0] = id->text;
    params[1] = NULL;
    return refused ? refused : query_read(r, &query_fields[0], &params[1]);
}

static const char *text_of(struct req *r, size_t row, const char *column)
{
    return arena_printf(r->arena, "%.*s", SV_ARG(db_text(call_of(r)->unit, 1, row, column))).p;
}

static void name_file(struct req *r)
{
    reply_field(r, "Cache-Control", SV("private, no-store"));
    reply_field(r, "Content-Disposition",
                arena_printf(r->arena, "attachment; filename=\"%s\"", text_of(r, 0, "file_name")));
}

/* ---- Spreadsheets ---- */

static enum sheet_kind kind_of(char letter)
{
    if (letter == 'n')
        return SHEET_NUMBER;
    return letter == 'd' ? SHEET_DATE : SHEET_TEXT;
}

static void add_row(struct req *r, struct sheet *sheet, size_t row)
{
    const struct db_unit *unit = call_of(r)->unit;
    struct sv kinds = db_text(unit, 1, row, "kinds");
    bool is_head = db_bool(unit, 1, row, "is_head");

    ENSURE(kinds.n <= COUNT_OF(cells));
    if (!is_head)
        sheet_next_row(sheet);
    for (size_t i = 0; i < kinds.n; i++) {
        if (is_head) {
            sheet_add_name(sheet, text_of(r, row, cells[i]));
            continue;
        }
        if (!db_is_null(unit, 1, row, cells[i]))
            sheet_add_cell(sheet, kind_of(kinds.p[i]), db_text(unit, 1, row, cells[i]));
        sheet_next_cell(sheet);
    }
}

static STEP(sheet_found)
{
    struct sheet_file *file = call_of(r)->state;
    struct db_unit *unit = call_of(r)->unit;
    size_t rows = db_row_count(unit, 1);

    if (rows == 0)
        return fail(r, ERR_NOT_FOUND);
    file->sheet = sheet_new(text_of(r, 0, "sheet"));
    if (!file->sheet)
        return sheet_file_refuse(r);
    for (size_t i = 0; i < rows; i++) {
        if (i > 0 && db_bool(unit, 1, i, "is_head"))
            sheet_add_page(file->sheet, text_of(r, i, "sheet"));
        add_row(r, file->sheet, i);
    }
    name_file(r);
    return stream_begin(r, 200, SHEET_MEDIA_TYPE, sheet_file_more);
}

static struct plan *ask_sheet(struct req *r, const struct db_statement *statement,
                              const char *const *params, size_t count)
{
    struct sheet_file *file = ARENA_NEW(r->arena, sheet_file);

    arena_defer(r->arena, sheet_file_free, file);
    call_of(r)->state = file;
    call_begin(r, CALL_LIST, SV(ROLES_EVERYBODY));
    call_add_array(call_of(r), statement, params, count);
    return call_run(r, sheet_found);
}

STEP(school_year_sheet)
{
    const char **params = arena_zalloc(r->arena, REPORT_FILE_PARAMS * sizeof *params);
    struct plan *refused = call_read_id(r, &params[0]);

    return refused ? refused : ask_sheet(r, STMT(school_year_sheet), params, 1);
}

STEP(report_sheet)
{
    const char **params = arena_zalloc(r->arena, REPORT_FILE_PARAMS * sizeof *params);
    struct plan *refused = report_read(r, params);

    return refused ? refused : ask_sheet(r, STMT(report_sheet), params, REPORT_FILE_PARAMS);
}

/* ---- CSV ---- */

static const struct column {
    const char *cell;
    const char *name;
    enum csv_kind kind;
} columns[] = {
    {"table_code", "table", CSV_TEXT},   {"of_what", "row", CSV_TEXT},
    {"column_code", "column", CSV_TEXT}, {"kind", "kind", CSV_TEXT},
    {"value", "value", CSV_TEXT},        {"mark", "mark", CSV_TEXT},
};

static void add_line(struct req *r, struct str *lines, size_t row)
{
    const struct db_unit *unit = call_of(r)->unit;
    bool is_word = sv_eq(db_text(unit, 1, row, "kind"), SV("code"));

    STR_ADD(lines, CSV_LINE_END);
    for (size_t i = 0; i < COUNT_OF(columns); i++) {
        bool is_value = sv_eq(sv_of(columns[i].cell), SV("value"));

        if (i)
            str_add_char(lines, ',');
        if (!db_is_null(unit, 1, row, columns[i].cell))
            csv_add_cell(lines, is_value && !is_word ? CSV_NUMBER : columns[i].kind,
                         db_text(unit, 1, row, columns[i].cell));
    }
}

static STEP(csv_found)
{
    const struct db_unit *unit = call_of(r)->unit;
    size_t rows = db_row_count(unit, 1);
    struct str *lines = str_new_in(r->arena, (rows + 1) * CSV_LINE_BYTES);

    if (rows == 0)
        return fail(r, ERR_NOT_FOUND);
    for (size_t i = 0; i < COUNT_OF(columns); i++)
        str_addf(lines, "%s%s", i ? "," : "", columns[i].name);
    for (size_t row = 0; row < rows; row++) {
        if (!db_is_null(unit, 1, row, "table_code"))
            add_line(r, lines, row);
    }
    STR_ADD(lines, CSV_LINE_END);
    if (str_failed(lines))
        return fail_why(r, ERR_INTERNAL, "The report came out too large.");
    name_file(r);
    return reply_bytes(r, 200, CSV_TYPE, str_view(lines));
}

STEP(report_csv)
{
    const char **params = arena_zalloc(r->arena, REPORT_FILE_PARAMS * sizeof *params);
    struct plan *refused = report_read(r, params);

    if (refused)
        return refused;
    call_begin(r, CALL_LIST, SV(ROLES_EVERYBODY));
    call_add_array(call_of(r), STMT(report_lines), params, REPORT_FILE_PARAMS);
    return call_run(r, csv_found);
}
