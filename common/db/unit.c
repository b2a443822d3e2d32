/* Units: statements going in, results coming out. */
#include <string.h>

#include "db/pool.h"
#include "db/result.h"

static void clear_results(void *arg)
{
    struct db_unit *unit = OBJ_CAST(db_unit, UNIT_MAGIC, arg);

    for (size_t i = 0; i < unit->count; i++) {
        PQclear(unit->results[i]);
        unit->results[i] = NULL;
    }
}

/* What the arena frees must not be in flight: then a later answer would write into it. */
static void forget_unit(void *arg)
{
    struct db_unit *unit = OBJ_CAST(db_unit, UNIT_MAGIC, arg);

    ENSURE(unit->outcome != DB_PENDING || !unit->done);
    clear_results(unit);
    unit->magic = 0;
}

struct db_unit *db_unit_new(struct arena *arena)
{
    struct db_unit *unit = ARENA_NEW(arena, db_unit);

    unit->magic = UNIT_MAGIC;
    unit->arena = arena;
    list_init(&unit->link);
    arena_defer(arena, forget_unit, unit);
    return unit;
}

size_t db_unit_add(struct db_unit *unit, const struct db_statement *statement,
                   const char *const *params, size_t param_count)
{
    ENSURE(unit->count < DB_UNIT_STATEMENTS && !unit->done);
    if (param_count != statement->param_count || param_count > DB_STATEMENT_PARAMS)
        die("%s takes %u parameters, not %zu", statement->name, statement->param_count,
            param_count);
    unit->calls[unit->count] = (struct call){statement, params};
    return unit->count++;
}

void db_unit_may_repeat(struct db_unit *unit)
{
    unit->may_repeat = true;
}

/* Before it is sent, also for the second time. */
void unit_begin_again(struct db_unit *unit)
{
    clear_results(unit);
    memset(&unit->error, 0, sizeof unit->error);
    unit->has_error = false;
}

/* The first error is the cause; what follows from it (the statement was not there, because its
 * preparation failed) says nothing more. */
void unit_set_error(struct db_unit *unit, size_t statement, const PGresult *result)
{
    if (unit->has_error)
        return;
    unit->has_error = true;
    unit->error.statement = statement;
    result_error(unit->arena, result, &unit->error);
}

enum db_outcome db_unit_outcome(const struct db_unit *unit)
{
    return unit->outcome;
}

const struct db_error *db_unit_error(const struct db_unit *unit)
{
    return &unit->error;
}

static const PGresult *result_of(const struct db_unit *unit, size_t statement)
{
    ENSURE(unit->outcome == DB_DONE && statement < unit->count);
    return unit->results[statement];
}

size_t db_row_count(const struct db_unit *unit, size_t statement)
{
    return result_rows(result_of(unit, statement));
}

struct sv db_text(const struct db_unit *unit, size_t statement, size_t row, const char *column)
{
    return result_text(result_of(unit, statement), row, column);
}

bool db_is_null(const struct db_unit *unit, size_t statement, size_t row, const char *column)
{
    return result_is_null(result_of(unit, statement), row, column);
}

int64_t db_int(const struct db_unit *unit, size_t statement, size_t row, const char *column)
{
    return result_int(result_of(unit, statement), row, column);
}

bool db_bool(const struct db_unit *unit, size_t statement, size_t row, const char *column)
{
    return result_bool(result_of(unit, statement), row, column);
}
