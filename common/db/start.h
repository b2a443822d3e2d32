/* Beginning a connection: what we want of every one of them. Inside of this folder. */
#ifndef KITH_DB_START_H
#define KITH_DB_START_H

#include <libpq-fe.h>

#include "db/places.h"

struct start_opts {
    const char *url;
    const struct place_lists *at; /* NULL: libpq looks for names itself, and waits for that */
    const char *application_name;
    int64_t lock_timeout_ms; /* 0: the server's */
    int64_t statement_timeout_ms;
};

/* Never NULL; see PQstatus. What the URL says wins over our defaults for the network, and its
 * options= come after ours. */
PGconn *start_connection(const struct start_opts *opts);

#endif
