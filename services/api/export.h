/* A list as a file: all rows that its query finds, as text/csv or a spreadsheet. They are read by
 * keyset pages on a pool of connections of its own, each page in a unit that asks anew who reads,
 * and the next one when the client has taken this one. Rows that change meanwhile are seen as each
 * page finds them.
 */
#ifndef KITH_API_EXPORT_H
#define KITH_API_EXPORT_H

#include "list.h"
#include "sheet_file.h"

#define EXPORT_MEDIA_TYPE "text/csv"
#define EXPORT_SHEET_TYPE SHEET_MEDIA_TYPE

/* The query is the request's own, without a cursor. As a spreadsheet it has a limit of rows, past
 * which it is 406. */
KITH_MUST_CHECK struct plan *export_list(struct req *r, struct list_query *query, bool is_sheet);

#endif
