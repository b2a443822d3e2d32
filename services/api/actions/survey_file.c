/* What a survey found as a file, CSV or a spreadsheet: the query → one statement, which gives its
 * rows → the file. Where there are more groups than fit, a Link tells how to read on. */
#include "base/uuid.h"
#include "call.h"
#include "csv.h"
#include "gen/stmt.h"
#include "http/reply.h"
#include "http/router.h"
#include "query.h"
#include "resources.h"
#include "sheet_file.h"
#include "survey_results.h"

#define ROW_BYTES  4096 /* a name of 200 characters, each quoted, and what else there is */
#define LINK_BYTES 512
#define CSV_TYPE   "text/csv; charset=utf-8; header=present"
#define PARAMETERS 4 /* as survey_file_query has */

static const struct column {
    const char *cell; /* of the statement survey_rows */
    const char *name;
    bool is_number;
} columns[] = {
    {"c0", "key", false},         {"c1", "name", false},        {"c2", "and", false},
    {"c3", "kind", false},        {"c4", "code", false},        {"c5", "of", false},
    {"c6", "value", false},       {"c7", "answers", true},      {"c8", "count", true},
    {"c9", "share", true},        {"c10", "mean", true},        {"c11", "median", true},
    {"c12", "deviation", true},   {"c13", "gap", true},         {"c14", "quartile_1", false},
    {"c15", "quartile_2", false}, {"c16", "quartile_3", false},
};

/* The query's values are of enumerations and numbers, keys ids or such values. */
static void tell_next(struct req *r)
{
    const struct db_unit *unit = call_of(r)->unit;

    struct str *link = str_new_in(r->arena, LINK_BYTES);

    reply_field(r, "Cache-Control", SV("private, no-store"));
    if (db_is_null(unit, 1, 0, "next_after"))
        return;
    str_addf(link, "<?after=%.*s", SV_ARG(db_text(unit, 1, 0, "next_after")));
    for (size_t i = 0; i < r->query_count; i++) {
        if (!sv_eq(r->query[i].name, SV("after")))
            str_addf(link, "&%.*s=%.*s", SV_ARG(r->query[i].name), SV_ARG(r->query[i].value));
    }
    STR_ADD(link, ">; rel=\"next\"");
    ENSURE(!str_failed(link));
    reply_field(r, "Link", str_view(link));
}

static STEP(found_csv)
{
    const struct db_unit *unit = call_of(r)->unit;
    size_t rows = db_row_count(unit, 1);
    struct str *lines = str_new_in(r->arena, (rows + 1) * ROW_BYTES);

    if (rows == 0)
        return fail(r, ERR_NOT_FOUND);
    for (size_t i = 0; i < COUNT_OF(columns); i++)
        str_addf(lines, "%s%s", i ? "," : "", columns[i].name);
    for (size_t row = 1; row < rows; row++) {
        STR_ADD(lines, CSV_LINE_END);
        for (size_t i = 0; i < COUNT_OF(columns); i++) {
            if (i)
                str_add_char(lines, ',');
            if (!db_is_null(unit, 1, row, columns[i].cell))
                csv_add_cell(lines, columns[i].is_number ? CSV_NUMBER : CSV_TEXT,
                             db_text(unit, 1, row, columns[i].cell));
        }
    }
    STR_ADD(lines, CSV_LINE_END);
    ENSURE(!str_failed(lines));
    tell_next(r);
    reply_field(r, "Content-Disposition", SV("attachment; filename=\"survey_results.csv\""));
    return reply_bytes(r, 200, CSV_TYPE, str_view(lines));
}

static STEP(found_sheet)
{
    struct sheet_file *file = call_of(r)->state;
    const struct db_unit *unit = call_of(r)->unit;
    size_t rows = db_row_count(unit, 1);

    if (rows == 0)
        return fail(r, ERR_NOT_FOUND);
    file->sheet = sheet_new("survey_results");
    if (!file->sheet)
        return sheet_file_refuse(r);
    for (size_t i = 0; i < COUNT_OF(columns); i++)
        sheet_add_name(file->sheet, columns[i].name);
    for (size_t row = 1; row < rows; row++) {
        sheet_next_row(file->sheet);
        for (size_t i = 0; i < COUNT_OF(columns); i++) {
            if (!db_is_null(unit, 1, row, columns[i].cell))
                sheet_add_cell(file->sheet, columns[i].is_number ? SHEET_NUMBER : SHEET_TEXT,
                               db_text(unit, 1, row, columns[i].cell));
            sheet_next_cell(file->sheet);
        }
    }
    tell_next(r);
    reply_field(r, "Content-Disposition", SV("attachment; filename=\"survey_results.xlsx\""));
    return stream_begin(r, 200, SHEET_MEDIA_TYPE, sheet_file_more);
}

static struct plan *read_rows(struct req *r, STEP((*next)))
{
    const char *params[1 + PARAMETERS] = {NULL};
    struct uuid *id = ARENA_NEW(r->arena, uuid);
    struct plan *refused = query_check(r, &survey_file_query);

    if (!refused && !uuid_parse(r->captures[0], id))
        return fail(r, ERR_NOT_FOUND);
    params[0] = id->text;
    for (size_t i = 0; !refused && i < survey_file_query.field_count; i++)
        refused = query_read(r, &survey_file_query.fields[i], &params[1 + i]);
    if (refused)
        return refused;
    call_begin(r, CALL_LIST, SV(ROLES_STAFF));
    call_add_array(call_of(r), STMT(survey_rows), params, COUNT_OF(params));
    return call_run(r, next);
}

STEP(survey_csv)
{
    return read_rows(r, found_csv);
}

STEP(survey_sheet)
{
    struct sheet_file *file = ARENA_NEW(r->arena, sheet_file);

    arena_defer(r->arena, sheet_file_free, file);
    call_of(r)->state = file;
    return read_rows(r, found_sheet);
}
