/* A spreadsheet, by libxlsxwriter. */
#include "sheet.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "base/base.h"

#define PATH         P_tmpdir "/kith-sheet-XXXXXX"
#define DIGITS_MOST  15 /* that a double keeps */
#define NAME_LONGEST 31 /* of a sheet */
#define COLUMN_WIDTH 18
#define PACKING_NICE 10
#define TEXT_ROOM    (SHEET_TEXT_BYTES + 1)

struct sheet {
    char path[sizeof PATH];
    int fd; /* of the packed file */
    lxw_workbook *book;
    lxw_worksheet *page;
    lxw_format *bold;
    lxw_format *day;
    lxw_row_t row;
    lxw_col_t column;
    char text[TEXT_ROOM];
};

struct sheet *sheet_new(const char *name)
{
    lxw_workbook_options options = {.constant_memory = LXW_TRUE};
    struct sheet *sheet = x_calloc(1, sizeof *sheet);

    memcpy(sheet->path, PATH, sizeof PATH);
    sheet->fd = mkstemp(sheet->path);
    if (sheet->fd < 0) {
        x_free(sheet);
        return NULL;
    }
    sheet->book = workbook_new_opt(sheet->path, &options);
    if (!sheet->book)
        die("no memory for a spreadsheet");
    sheet->bold = workbook_add_format(sheet->book);
    format_set_bold(sheet->bold);
    sheet->day = workbook_add_format(sheet->book);
    format_set_num_format(sheet->day, "yyyy-mm-dd");
    sheet_add_page(sheet, name);
    return sheet;
}

void sheet_add_page(struct sheet *sheet, const char *name)
{
    snprintf(sheet->text, NAME_LONGEST + 1, "%s", name);
    sheet->page = workbook_add_worksheet(sheet->book, sheet->text);
    if (!sheet->page)
        die("no memory for a sheet, or its name stands twice");
    worksheet_set_column(sheet->page, 0, LXW_COL_MAX - 1, COLUMN_WIDTH, NULL);
    worksheet_freeze_panes(sheet->page, 1, 0);
    sheet->row = 0;
    sheet->column = 0;
}

void sheet_free(struct sheet *sheet)
{
    if (!sheet)
        return;
    if (sheet->book)
        lxw_workbook_free(sheet->book);
    if (sheet->fd >= 0)
        close(sheet->fd);
    unlink(sheet->path);
    x_free(sheet);
}

void sheet_add_name(struct sheet *sheet, const char *name)
{
    worksheet_write_string(sheet->page, 0, sheet->column++, name, sheet->bold);
}

void sheet_next_row(struct sheet *sheet)
{
    sheet->row++;
    sheet->column = 0;
}

void sheet_next_cell(struct sheet *sheet)
{
    sheet->column++;
}

/* What a spreadsheet would take for a character by its number: "_x0041_" (ECMA-376 22.9.2.19). */
static bool is_escape(struct sv text)
{
    if (text.n < 7 || !sv_starts_with(text, SV("_x")) || text.p[6] != '_')
        return false;
    for (size_t i = 2; i < 6; i++) {
        if (!isxdigit((unsigned char)text.p[i]))
            return false;
    }
    return true;
}

static const char *text_of(struct sheet *sheet, struct sv value)
{
    struct sv mark = SV("_x005F"); /* the escape of its "_" */
    struct sv head = sv_head_utf8(value, SHEET_TEXT_BYTES);
    size_t n = 0;

    for (; head.n; head = sv_skip(head, 1)) {
        if (is_escape(head) && n + mark.n + head.n <= SHEET_TEXT_BYTES) {
            memcpy(sheet->text + n, mark.p, mark.n);
            n += mark.n;
        }
        sheet->text[n++] = head.p[0];
    }
    sheet->text[n] = '\0';
    return sheet->text;
}

static void add_day(struct sheet *sheet, const char *text)
{
    lxw_datetime day = {0};

    if (sscanf(text, "%4d-%2d-%2d", &day.year, &day.month, &day.day) == 3 && day.year >= 1900)
        worksheet_write_datetime(sheet->page, sheet->row, sheet->column, &day, sheet->day);
    else /* older ones are no days to a spreadsheet */
        worksheet_write_string(sheet->page, sheet->row, sheet->column, text, NULL);
}

void sheet_add_cell(struct sheet *sheet, enum sheet_kind kind, struct sv value)
{
    const char *text = text_of(sheet, value);

    if (kind == SHEET_NUMBER && value.n > DIGITS_MOST)
        kind = SHEET_TEXT;
    switch (kind) {
    case SHEET_NUMBER:
        worksheet_write_number(sheet->page, sheet->row, sheet->column, strtod(text, NULL), NULL);
        break;
    case SHEET_DATE:
        add_day(sheet, text);
        break;
    case SHEET_BOOLEAN:
        worksheet_write_boolean(sheet->page, sheet->row, sheet->column, *text == 't', NULL);
        break;
    case SHEET_TEXT:
        worksheet_write_string(sheet->page, sheet->row, sheet->column, text, NULL);
        break;
    }
}

bool sheet_pack(struct sheet *sheet)
{
    lxw_error error;

    /* Of this thread alone, on Linux: requests go before. */
    if (setpriority(PRIO_PROCESS, 0, PACKING_NICE) != 0)
        return false;
    error = workbook_close(sheet->book); /* and frees it */
    sheet->book = NULL;
    close(sheet->fd);
    sheet->fd = open(sheet->path, O_RDONLY | O_CLOEXEC);
    return error == LXW_NO_ERROR && sheet->fd >= 0;
}

long sheet_read(struct sheet *sheet, char *out, size_t most)
{
    return (long)read(sheet->fd, out, most);
}
