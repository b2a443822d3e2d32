/* The rows of an export: a cell for each field of its view, and for each custom field. */
#include "export_rows.h"

#include <stdio.h>

#include "csv.h"

#define CUSTOM_NAME       "custom.%s"
#define CUSTOM_NAME_BYTES 128

static bool is_number(enum json_field_type type)
{
    return type == FIELD_INT || type == FIELD_DECIMAL;
}

void export_add_names(struct str *lines, const struct list_query *query)
{
    const struct view *view = &query->view;

    for (size_t i = 0, column = 0; i < view->ready->field_count; i++) {
        if (!view_has(view, i))
            continue;
        if (column++)
            str_add_char(lines, ',');
        str_add(lines, sv_of(view->ready->fields[i].json.name));
    }
    for (size_t i = 0; i < query->custom_count; i++)
        str_addf(lines, "," CUSTOM_NAME, query->custom[i].code);
    STR_ADD(lines, CSV_LINE_END);
}

static bool is_type(const struct list_custom *custom, const char *type)
{
    return sv_eq(sv_of(custom->type), sv_of(type));
}

static void add_custom(struct str *lines, const struct list_query *query,
                       const struct db_unit *unit, size_t row)
{
    for (size_t i = 0; i < query->custom_count; i++) {
        char name[LIST_CELL_NAME_BYTES];

        list_custom_name(name, i);
        str_add_char(lines, ',');
        if (!db_is_null(unit, 1, row, name))
            csv_add_cell(lines, is_type(&query->custom[i], "number") ? CSV_NUMBER : CSV_TEXT,
                         db_text(unit, 1, row, name));
    }
}

bool export_add_row(struct str *lines, const struct list_query *query, const struct db_unit *unit,
                    size_t row)
{
    const struct view *view = &query->view;
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
    add_custom(lines, query, unit, row);
    STR_ADD(lines, CSV_LINE_END);
    return is_private;
}

static enum sheet_kind kind_of(enum json_field_type type)
{
    if (is_number(type))
        return SHEET_NUMBER;
    if (type == FIELD_BOOL)
        return SHEET_BOOLEAN;
    return type == FIELD_DATE ? SHEET_DATE : SHEET_TEXT;
}

void export_add_sheet_names(struct sheet *sheet, const struct list_query *query)
{
    const struct view *view = &query->view;
    char name[CUSTOM_NAME_BYTES];

    for (size_t i = 0; i < view->ready->field_count; i++) {
        if (view_has(view, i))
            sheet_add_name(sheet, view->ready->fields[i].json.name);
    }
    for (size_t i = 0; i < query->custom_count; i++) {
        snprintf(name, sizeof name, CUSTOM_NAME, query->custom[i].code);
        sheet_add_name(sheet, name);
    }
}

static void add_sheet_custom(struct sheet *sheet, const struct list_query *query,
                             const struct db_unit *unit, size_t row)
{
    for (size_t i = 0; i < query->custom_count; i++) {
        char name[LIST_CELL_NAME_BYTES];

        list_custom_name(name, i);
        if (!db_is_null(unit, 1, row, name))
            sheet_add_cell(sheet,
                           is_type(&query->custom[i], "number") ? SHEET_NUMBER
                           : is_type(&query->custom[i], "date") ? SHEET_DATE
                                                                : SHEET_TEXT,
                           db_text(unit, 1, row, name));
        sheet_next_cell(sheet);
    }
}

bool export_add_sheet_row(struct sheet *sheet, const struct list_query *query,
                          const struct db_unit *unit, size_t row)
{
    const struct view *view = &query->view;
    bool is_private = false;

    sheet_next_row(sheet);
    for (size_t i = 0; i < view->ready->field_count; i++) {
        char name[LIST_CELL_NAME_BYTES];

        if (!view_has(view, i))
            continue;
        list_cell_name(name, i);
        if (!db_is_null(unit, 1, row, name)) {
            is_private |= view->ready->fields[i].is_private;
            sheet_add_cell(sheet, kind_of(view->ready->fields[i].json.type),
                           db_text(unit, 1, row, name));
        }
        sheet_next_cell(sheet);
    }
    add_sheet_custom(sheet, query, unit, row);
    return is_private;
}
