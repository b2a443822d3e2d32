/* Objects of a long JSON text, one after the other: the items of an array, or a line each (NDJSON).
 *
 *     while (json_rows_read(rows, &text, &row))     for each piece of the text
 *         …
 *     if (json_rows_end(rows, &row))                perhaps a last line without its end
 *         …
 *
 * Only where items begin and end is looked at here; what an item says is json_row_cells()'s, so
 * that a bad one is that row's fault alone. A text whose items cannot be told apart ends the
 * reading. */
#ifndef KITH_JSON_ROWS_H
#define KITH_JSON_ROWS_H

#include "base/arena.h"

#define JSON_ROW_BYTES KB(256)

enum json_rows_form { JSON_ROWS_ARRAY, JSON_ROWS_LINES };

struct json_row {
    uint64_t number; /* from 1: of the item, or of its line */
    struct sv text;  /* until the next call */
};

struct json_rows;

struct json_rows *json_rows_new(enum json_rows_form form);
void json_rows_free(struct json_rows *rows); /* NULL is fine */

/* Takes text off the front of *text until an item is whole; false when all of it is taken, or at a
 * fault. */
KITH_MUST_CHECK bool json_rows_read(struct json_rows *rows, struct sv *text, struct json_row *out);
KITH_MUST_CHECK bool json_rows_end(struct json_rows *rows, struct json_row *out);

/* Why it ended, and at which item or line; NULL: nothing is wrong. */
const char *json_rows_fault(const struct json_rows *rows, uint64_t *out_number);

/* The members of an item by their names, as texts: strings undone, null as none, lists and objects
 * as JSON. False with a sentence in *out_why: it is no object, or has a member of another name. */
KITH_MUST_CHECK bool json_row_cells(struct arena *arena, struct sv text, const struct sv *names,
                                    size_t count, struct sv *out_cells, struct sv *out_why);

#endif
