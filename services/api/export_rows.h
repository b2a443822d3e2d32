/* The rows of an export, as CSV and in a spreadsheet. They are the unit's second result, as
 * list_cells_statement makes it. */
#ifndef KITH_API_EXPORT_ROWS_H
#define KITH_API_EXPORT_ROWS_H

#include "base/str.h"
#include "db/db.h"
#include "list.h"
#include "sheet.h"

void export_add_names(struct str *lines, const struct list_query *query);
void export_add_sheet_names(struct sheet *sheet, const struct list_query *query);

/* The row, and whether it tells something private: NULL stands where one may not read it. */
bool export_add_row(struct str *lines, const struct list_query *query, const struct db_unit *unit,
                    size_t row);
bool export_add_sheet_row(struct sheet *sheet, const struct list_query *query,
                          const struct db_unit *unit, size_t row);

#endif
