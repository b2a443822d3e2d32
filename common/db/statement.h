/* SQL statements by name. They are written in sql/queries, each under a line
 *
 *     -- name: partner_get :one
 *
 * from which the build makes one `const struct db_statement stmt_partner_get` each ("gen/stmt.h"),
 * so that a misspelt name does not compile. Lists are assembled at run time from declared
 * fragments; such a statement lives as long as its owner says. */
#ifndef KITH_DB_STATEMENT_H
#define KITH_DB_STATEMENT_H

#include "base/base.h"

#define DB_STATEMENT_PARAMS 64

enum db_shape {
    DB_EXEC,  /* no rows are read */
    DB_ONE,   /* exactly one row; none means that the thing is not there */
    DB_MAYBE, /* one row or none */
    DB_MANY,  /* any number of rows */
};

struct db_statement {
    const char *name; /* also its name on the connection; at most 62 characters; one text only */
    const char *text; /* with $1 … $n, all text parameters */
    unsigned param_count;
    enum db_shape shape;
    bool is_assembled; /* at run time: a connection keeps the 64 that were used last prepared */
};

#define STMT(statement_name) (&stmt_##statement_name)

#endif
