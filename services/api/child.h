/* A child of kith-api: one loop, one pool of database connections, and requests. */
#ifndef KITH_API_CHILD_H
#define KITH_API_CHILD_H

#include "limits.h"
#include "seats.h"

struct child_opts {
    const struct api_config *config;
    struct limits *limits;
    struct seats *seats;
    int listen_fd;
};

/* Registers what a child measures; in the parent, before any fork. */
void child_register_metrics(void);

/* NULL when some child can serve, else why none can. In the parent. */
const char *child_not_ready(void);

/* Serves until SIGTERM; for prefork_opts.child, with a struct child_opts. */
int child_serve(size_t slot, void *arg);

#endif
