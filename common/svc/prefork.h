/* A parent and its children: the parent holds what is shared (the listening socket, the metrics,
 * the admin port), each child runs its own loop and serves. A child that dies is replaced, unless
 * that happens too often, or the child says that its configuration is wrong: then the parent gives
 * up, and whoever supervises it decides. */
#ifndef KITH_SVC_PREFORK_H
#define KITH_SVC_PREFORK_H

#include "loop/loop.h"

#define PREFORK_CHILDREN    64
#define PREFORK_RESTARTS    32    /* more than these within … */
#define PREFORK_RESTARTS_MS 60000 /* … this time, and the parent gives up */

struct prefork_opts {
    size_t children;
    int keep_fd;       /* the one descriptor beside standard ones that a child keeps; -1: none */
    int64_t linger_ms; /* from the parent's SIGTERM to the children's; a second one ends it */
    int64_t stop_ms;   /* from the children's SIGTERM to SIGKILL */

    /* Runs in the child, in slot 0 to children - 1, on a loop of its own; its value is the exit
     * status. SIGTERM asks it to drain. */
    int (*child)(size_t slot, void *arg);

    /* In the parent, once, before the children are asked to stop. May be NULL. */
    void (*on_stop)(void *arg);

    /* In the parent, when a child of that slot has ended. May be NULL. */
    void (*on_child_end)(size_t slot, void *arg);
    void *arg;
};

struct prefork;

/* Starts the children. SIGTERM and SIGINT stop them; when the last has ended the loop stops. */
struct prefork *prefork_start(struct loop *loop, const struct prefork_opts *opts);

/* Its end has been asked for: whoever chooses where to send work should choose another. */
bool prefork_is_stopping(const struct prefork *prefork);

/* After the loop: EXIT_STATUS_OK when asked to stop, else what the parent should exit with. */
int prefork_finish(struct prefork *prefork);

#endif
