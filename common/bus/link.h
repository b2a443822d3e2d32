/* An asynchronous connection to Redis that is tried again for as long as it lives, for who writes
 * and who reads. Inside of this folder.
 *
 * hiredis frees its context by itself after a loss, behind the callbacks of all that was pending,
 * which then come without a reply; so those are passed over, and the loss is told once, by the last
 * callback of each kind of end. Where we end it ourselves, it is by the timer: never within a
 * callback of the library. */
#ifndef KITH_BUS_LINK_H
#define KITH_BUS_LINK_H

#include <hiredis/async.h>

#include "bus/url.h"
#include "loop/loop.h"
#include "loop/names.h"

#define LINK_WHY_BYTES 200

enum link_state {
    LINK_DOWN,       /* no context; the timer begins the next attempt */
    LINK_RESOLVING,  /* the host's name */
    LINK_CONNECTING, /* until the greeting is answered; the timer gives it up */
    LINK_UP,         /* the timer waits for answers, if somebody armed it */
    LINK_BROKEN,     /* the timer ends the context */
};

struct bus_link {
    unsigned magic;
    struct loop *loop;
    struct arena *arena; /* of the URL's parts */
    struct bus_url url;
    const char *lost; /* for the log: "Redis takes no events" */
    const char *back;
    void (*on_up)(void *arg);
    void (*on_down)(void *arg); /* what was asked is not answered any more */
    void *arg;

    enum link_state state;
    struct names *names; /* NULL: it is a socket */
    struct names_asker asker;
    const char (*untried)[NAME_ADDRESS_BYTES]; /* addresses of the host's, the next one first */
    size_t untried_count;

    redisAsyncContext *redis; /* NULL: DOWN, RESOLVING, or it is no longer ours */
    struct timer timer;
    unsigned failures; /* since it was good, or since a connection was, if that had failed */
    bool has_refused;  /* the last failure was a server's that could be reached */
    char why[LINK_WHY_BYTES];
};

/* Sets it up and begins, on the loop. The URL must be a good one. */
void link_begin(struct bus_link *link, struct loop *loop, const char *url, const char *lost,
                const char *back, void (*on_up)(void *arg), void (*on_down)(void *arg), void *arg);
void link_end(struct bus_link *link);

/* Whose context it is, when it is up and the reply is one; else NULL, also after an error, which
 * breaks it. */
struct bus_link *link_answered(redisAsyncContext *redis, const redisReply *reply);

/* The server does what is asked: it is good again if it was not. */
void link_is_good(struct bus_link *link);

/* Breaks it, soon: from within a callback of the library. */
void link_break(struct bus_link *link, const char *why);

/* It breaks if this is not taken back in time: that long may an answer take. */
void link_expect(struct bus_link *link, int64_t answer_ms);
void link_expect_nothing(struct bus_link *link);

#endif
