/* GET /v1/events: what changes, told as it happens (server-sent events). Each child reads the whole
 * stream, keeps the last events, and tells each who listens those of its own district that are
 * about what it may read, without the names of fields that it may not. Events are hints: whoever
 * has missed more than is kept is told so by `event: reset`, and reads again by ETag.
 *
 * Whoever listens is asked for again every check_ms, and is cut when it may no longer. To listen is
 * no use of a session: one that does nothing else ends as if nobody were there. */
#ifndef KITH_API_EVENTS_H
#define KITH_API_EVENTS_H

#include "config.h"
#include "http/req.h"
#include "json/bind.h"

#define EVENTS_KEPT       1024             /* of all districts, in each child */
#define EVENTS_REPLAYED   128              /* to one who comes back; more is a gap */
#define EVENTS_OF_A_USER  8                /* streams, of all children; more: 429 */
#define EVENTS_LONGEST_MS INT64_C(3600000) /* then the client comes again */

struct events;
struct seats;

/* In the parent, before any fork. */
void events_register_metrics(void);

struct events *events_new(struct loop *loop, const struct api_config *config, struct seats *seats,
                          size_t slot);

/* Behind the requests, which are its listeners. */
void events_free(struct events *events);

STEP(events_get);

#endif
