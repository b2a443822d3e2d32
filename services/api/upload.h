/* A body that is stored in pieces as it comes, each in a unit of its own that asks anew who sends
 * it. What the pieces are of is made when all are there; pieces of nothing are swept away.
 *
 *     upload_init(r, &mine->upload);
 *     call_begin(r, CALL_WRITE, roles);
 *     return call_run(r, let_in);        // … which returns upload_read(r, body_came)
 *
 * It is the first member of the call's state. */
#ifndef KITH_API_UPLOAD_H
#define KITH_API_UPLOAD_H

#include "base/secret.h"
#include "base/uuid.h"
#include "call.h"

#define UPLOAD_PIECE_BYTES KB(128) /* in a row of the table */

struct upload {
    const struct db_statement *put; /* $1 id, $2 number, $3 bytes (hexadecimal) */
    const char *roles;
    size_t most; /* bytes */
    void (*look)(struct upload *upload, struct sv bytes);

    /* Its own. */
    struct uuid id; /* of what the pieces are of */
    size_t bytes;
    size_t pieces; /* that are stored */
    struct secret_sha256 hash;
    struct arena *arena; /* of the piece that is on its way */
    struct str *waiting;
    struct db_unit *unit;
    bool has_failed; /* the unit */
};

/* Those but the roles are set; the roles are before upload_read. */
void upload_init(struct req *r, struct upload *upload);

KITH_MUST_CHECK struct plan *upload_read(struct req *r, STEP((*end)));

/* At the end: NULL, or an answer: too large, or not stored. */
KITH_MUST_CHECK struct plan *upload_refused(struct req *r);

/* Begins the unit that makes what the pieces are of, adds the last of them, and gives the SHA-256
 * of all.
 */
struct sv upload_finish(struct req *r);

#endif
