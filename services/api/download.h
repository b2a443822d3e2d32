/* A file that is kept in pieces, given back piece by piece; that somebody took it leaves a record.
 */
#ifndef KITH_API_DOWNLOAD_H
#define KITH_API_DOWNLOAD_H

#include "db/statement.h"
#include "http/req.h"

struct download_source {
    const struct db_statement *take;  /* $1 id: name, media_type, pieces; no row: there is none */
    const struct db_statement *piece; /* $1 id, $2 number from 0: bytes (hexadecimal) */
    const char *roles;
};

/* Goes on where the unit's statement 1 was one that takes. */
STEP(download_found);

struct plan *download(struct req *r, const struct download_source *source);

#endif
