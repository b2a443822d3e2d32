/* Rows of a CSV text in UTF-8, with the lines on which they begin.
 *
 *     while (csv_read(reader, &text, &row))     for each piece of the text
 *         …
 *     if (csv_read_end(reader, &row))           perhaps a last row without a line's end
 *         …
 *
 * A row that is too large, and a quote that is never closed, end the reading: nobody could say
 * where the next row begins. */
#ifndef KITH_CSV_READER_H
#define KITH_CSV_READER_H

#include "base/arena.h"

#define CSV_ROW_BYTES KB(256)
#define CSV_CELLS     1000 /* of a row */

enum csv_fault { CSV_FAULT_NONE, CSV_FAULT_ROW_TOO_LARGE, CSV_FAULT_UNCLOSED_QUOTE };

struct csv_row {
    uint64_t line;          /* from 1 */
    const struct sv *cells; /* until the next call; in the text's bytes, but for white space */
    size_t cell_count;
    bool has_nul; /* U+0000 in some cell, where U+FFFD stands now */
};

struct csv_reader;

struct csv_reader *csv_reader_new(char separator);
void csv_reader_free(struct csv_reader *reader); /* NULL is fine */

/* Takes text off the front of *text until a row is whole; false when all of it is taken, or at a
 * fault. */
KITH_MUST_CHECK bool csv_read(struct csv_reader *reader, struct sv *text, struct csv_row *out);
KITH_MUST_CHECK bool csv_read_end(struct csv_reader *reader, struct csv_row *out);

/* Why it ended, and the line on which the row at fault begins. */
enum csv_fault csv_reader_fault(const struct csv_reader *reader, uint64_t *out_line);

/* One of ',', ';', '\t' and '|': that of which the first row has most, outside of quotes. */
char csv_separator(struct sv text);

#endif
