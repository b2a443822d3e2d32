/* A spreadsheet (XLSX, ECMA-376), sheet by sheet and row by row: libxlsxwriter keeps the rows in
 * files of its own, so that memory stays flat, and packs them at the end, which takes a second for
 * each hundred thousand rows and belongs off the loop.
 *
 * Texts are cells of text: none is ever taken for a formula. What is longer than a cell can be is
 * cut. Numbers that a spreadsheet would round are text, too. */
#ifndef KITH_API_SHEET_H
#define KITH_API_SHEET_H

#include "base/sv.h"

#define SHEET_TEXT_BYTES 32767 /* a cell's most */

enum sheet_kind { SHEET_TEXT, SHEET_NUMBER, SHEET_DATE, SHEET_BOOLEAN };

struct sheet;

/* The name is a file's, without its ending, and its first sheet's. */
struct sheet *sheet_new(const char *name);

/* What follows stands on a sheet of its own; each name once. */
void sheet_add_page(struct sheet *sheet, const char *name);

/* Also before its end. */
void sheet_free(struct sheet *sheet);

/* The first row, of names; then cells from left to right, empty ones passed over. */
void sheet_add_name(struct sheet *sheet, const char *name);
void sheet_next_row(struct sheet *sheet);
void sheet_next_cell(struct sheet *sheet);
void sheet_add_cell(struct sheet *sheet, enum sheet_kind kind, struct sv value);

/* Packs it: blocks, and makes its thread one that gives way to others. False: there is no room for
 * it. */
KITH_MUST_CHECK bool sheet_pack(struct sheet *sheet);

/* The next bytes of the packed file, 0 at its end; -1: they cannot be read. */
long sheet_read(struct sheet *sheet, char *out, size_t most);

#endif
