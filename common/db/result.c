/* Reading libpq's results. */
#include "db/result.h"

#include <limits.h>
#include <string.h>

size_t result_rows(const PGresult *result)
{
    return result ? (size_t)PQntuples(result) : 0;
}

static int column_of(const PGresult *result, size_t row, const char *column)
{
    int number = result ? PQfnumber(result, column) : -1;

    if (number < 0)
        die("the result has no column %s", column);
    if (row >= result_rows(result))
        die("the result has no row %zu for column %s", row, column);
    return number;
}

struct sv result_text(const PGresult *result, size_t row, const char *column)
{
    int number = column_of(result, row, column);

    return (struct sv){PQgetvalue(result, (int)row, number),
                       (size_t)PQgetlength(result, (int)row, number)};
}

bool result_is_null(const PGresult *result, size_t row, const char *column)
{
    int number = column_of(result, row, column);

    return PQgetisnull(result, (int)row, number) != 0;
}

int64_t result_int(const PGresult *result, size_t row, const char *column)
{
    int64_t value;

    if (!sv_to_i64(result_text(result, row, column), INT64_MIN, INT64_MAX, &value))
        die("column %s is not a whole number", column);
    return value;
}

bool result_bool(const PGresult *result, size_t row, const char *column)
{
    struct sv text = result_text(result, row, column);

    if (!sv_eq(text, SV("t")) && !sv_eq(text, SV("f")))
        die("column %s is neither true nor false", column);
    return sv_eq(text, SV("t"));
}

const char *result_sqlstate(const PGresult *result)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);

    return sqlstate ? sqlstate : "";
}

struct sv result_first_line(const char *message)
{
    struct sv text = sv_of(message);

    return sv_trim(sv_head(text, sv_find(text, '\n')));
}

void result_error(struct arena *arena, const PGresult *result, struct db_error *error)
{
    struct sv sqlstate = sv_of(result_sqlstate(result));
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
    const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
    const char *column = PQresultErrorField(result, PG_DIAG_COLUMN_NAME);
    struct sv position = sv_of(PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION));
    uint64_t at;

    sqlstate = sv_head(sqlstate, sizeof error->sqlstate - 1);
    if (sqlstate.n)
        memcpy(error->sqlstate, sqlstate.p, sqlstate.n);
    error->sqlstate[sqlstate.n] = '\0';
    error->message = arena_cstr(arena, message ? sv_of(message)
                                               : result_first_line(PQresultErrorMessage(result)));
    error->position = sv_to_u64(position, SIZE_MAX, &at) ? (size_t)at : 0;
    error->constraint = constraint ? arena_cstr(arena, sv_of(constraint)) : NULL;
    error->detail = detail ? arena_cstr(arena, sv_of(detail)) : NULL;
    error->column = column ? arena_cstr(arena, sv_of(column)) : NULL;
}
