/* PostgreSQL for programs that may wait: the command line and the workers. Statements run one after
 * the other, in transactions that the caller begins and ends. */
#ifndef KITH_DB_BLOCKING_H
#define KITH_DB_BLOCKING_H

#include "base/arena.h"
#include "db/db.h"

struct db_link;

/* NULL and a sentence in *why (in the arena) when there is no connection within connect_ms. */
struct db_link *db_link_open(struct arena *arena, const char *url, const char *application_name,
                             int64_t connect_ms, const char **why);
void db_link_close(struct db_link *link);

/* Several statements at once by the simple protocol: migrations, BEGIN, COMMIT. False: see
 * db_link_error(). */
KITH_MUST_CHECK bool db_link_script(struct db_link *link, const char *sql);

/* One prepared statement. The result's texts live until the next call on the link. */
struct db_result;
KITH_MUST_CHECK const struct db_result *
db_link_run(struct db_link *link, const struct db_statement *statement, const char *const *params);

/* The memory of the last result, for whoever has read it and goes on for long without another. */
void db_link_forget(struct db_link *link);

/* Sets the password of a role. Only its SCRAM verifier is sent, so that no log of the server can
 * hold the password. */
KITH_MUST_CHECK bool db_link_set_password(struct db_link *link, const char *role,
                                          const char *password);

/* Of the last call that failed. sqlstate "" means that the connection was lost. */
const struct db_error *db_link_error(const struct db_link *link);
bool db_link_is_lost(const struct db_link *link);

size_t db_result_rows(const struct db_result *result);
struct sv db_result_text(const struct db_result *result, size_t row, const char *column);
bool db_result_is_null(const struct db_result *result, size_t row, const char *column);
int64_t db_result_int(const struct db_result *result, size_t row, const char *column);

#endif
