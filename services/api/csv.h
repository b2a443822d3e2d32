/* A cell of a CSV file (RFC 4180, in UTF-8, lines that end in CR LF).
 *
 * Null is an empty cell, the empty text is "". A spreadsheet would take a text that begins with
 * "=",
 * "+", "-", "@", a tab, CR or LF for a formula; such a text, and one that begins with an
 * apostrophe, gets an apostrophe in front, so that whoever reads the file takes one apostrophe off
 * the front of any text that has one and has the value again. Numbers stay as they are. */
#ifndef KITH_API_CSV_H
#define KITH_API_CSV_H

#include "base/str.h"

#define CSV_LINE_END "\r\n"

enum csv_kind { CSV_TEXT, CSV_NUMBER };

void csv_add_cell(struct str *out, enum csv_kind kind, struct sv value);

/* The text of such a cell. Of another's file an apostrophe stays that keeps no formula away. */
struct sv csv_unguarded(struct sv text);

#endif
