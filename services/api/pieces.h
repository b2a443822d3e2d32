/* Files that go out as they were stored, piece by piece: each piece is a unit of its own, which
 * finds out anew whether it may be had. */
#ifndef KITH_API_PIECES_H
#define KITH_API_PIECES_H

#include "base/uuid.h"
#include "http/reply.h"

struct download_source;

struct pieces {
    struct uuid id; /* of the attachment */
    size_t count;   /* of its pieces */
    size_t number;  /* of the next one */
    size_t row;     /* of the statement in the unit that gives `bytes` */
    struct arena *arena;
    const struct download_source *source;           /* of a download */
    void (*ask)(struct req *r, const char *number); /* begins the unit of a piece */
};

/* Of this request, in call->state; its units go to the pool for what takes long. */
struct pieces *pieces_new(struct req *r, size_t row,
                          void (*ask)(struct req *r, const char *number));
struct pieces *pieces_of(const struct req *r);

/* Streams the pieces; fields of the head have been added. */
KITH_MUST_CHECK struct plan *pieces_begin(struct req *r, size_t count, const char *media_type);

#endif
