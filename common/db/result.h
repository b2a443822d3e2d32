/* Reading libpq's results, for units and links alike. Inside of this folder.
 *
 * NULL is a result without rows. A column or row that is not there, and a number that is none, are
 * bugs: the statement and its reader are written by us. */
#ifndef KITH_DB_RESULT_H
#define KITH_DB_RESULT_H

#include <libpq-fe.h>

#include "base/arena.h"
#include "db/db.h"

size_t result_rows(const PGresult *result);
struct sv result_text(const PGresult *result, size_t row, const char *column);
bool result_is_null(const PGresult *result, size_t row, const char *column);
int64_t result_int(const PGresult *result, size_t row, const char *column);
bool result_bool(const PGresult *result, size_t row, const char *column);

/* Fills in all but error->statement; the texts are copied into the arena. */
void result_error(struct arena *arena, const PGresult *result, struct db_error *error);

/* "" when there is none: then the error is of the connection. */
const char *result_sqlstate(const PGresult *result);

/* libpq's messages end in a line feed, and some hold several lines: the first one. */
struct sv result_first_line(const char *message);

#endif
