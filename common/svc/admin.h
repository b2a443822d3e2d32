/* The admin port of every program, for orchestrators and operators, never public:
 *
 *     GET /healthz   200 while the process turns; asks nobody
 *     GET /readyz    200 when it can do its work, else 503 with the reason
 *     GET /metrics   Prometheus text, over all processes of the program */
#ifndef KITH_SVC_ADMIN_H
#define KITH_SVC_ADMIN_H

#include "http/server.h"

struct admin;

struct admin_opts {
    int listen_fd; /* stays the caller's */

    /* NULL when ready, else why not, in a sentence. */
    const char *(*not_ready)(void *arg);
    void *arg;
};

struct admin *admin_start(struct loop *loop, const struct admin_opts *opts);
void admin_free(struct admin *admin);

#endif
