/* A school year's report as a spreadsheet: one statement, which gives its rows → a sheet for each
 * table → the file. */
#include "call.h"
#include "gen/stmt.h"
#include "http/reply.h"
#include "http/router.h"
#include "resources.h"
#include "sheet_file.h"
#include "year_report.h"

#define CELLS_MOST 5 /* as in the statement school_year_sheet */

static const char *text_of(struct req *r, size_t row, const char *column)
{
    return arena_printf(r->arena, "%.*s", SV_ARG(db_text(call_of(r)->unit, 1, row, column))).p;
}

static enum sheet_kind kind_of(char letter)
{
    if (letter == 'n')
        return SHEET_NUMBER;
    return letter == 'd' ? SHEET_DATE : SHEET_TEXT;
}

static void add_row(struct req *r, struct sheet *sheet, size_t row)
{
    static const char *const columns[CELLS_MOST] = {"c0", "c1", "c2", "c3", "c4"};
    const struct db_unit *unit = call_of(r)->unit;
    struct sv kinds = db_text(unit, 1, row, "kinds");
    bool is_head = db_bool(unit, 1, row, "is_head");

    ENSURE(kinds.n <= CELLS_MOST);
    if (!is_head)
        sheet_next_row(sheet);
    for (size_t i = 0; i < kinds.n; i++) {
        if (is_head) {
            sheet_add_name(sheet, text_of(r, row, columns[i]));
            continue;
        }
        if (!db_is_null(unit, 1, row, columns[i]))
            sheet_add_cell(sheet, kind_of(kinds.p[i]), db_text(unit, 1, row, columns[i]));
        sheet_next_cell(sheet);
    }
}

static STEP(found)
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
    reply_field(r, "Cache-Control", SV("private, no-store"));
    reply_field(r, "Content-Disposition",
                arena_printf(r->arena, "attachment; filename=\"school_year_%s.xlsx\"",
                             text_of(r, 0, "school_year")));
    return stream_begin(r, 200, SHEET_MEDIA_TYPE, sheet_file_more);
}

STEP(school_year_sheet)
{
    const char *id = NULL;
    struct sheet_file *file = ARENA_NEW(r->arena, sheet_file);
    struct plan *refused = call_read_id(r, &id);

    if (refused)
        return refused;
    arena_defer(r->arena, sheet_file_free, file);
    call_of(r)->state = file;
    call_begin(r, CALL_LIST, sv_of(ROLES_EVERYBODY));
    call_add(call_of(r), STMT(school_year_sheet), id);
    return call_run(r, found);
}
