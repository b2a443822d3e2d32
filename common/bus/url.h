/* Where Redis is, as KITH_REDIS_URL says it:
 *
 *     redis://HOST[:PORT]   redis://:PASSWORD@HOST[:PORT]   redis://USER:PASSWORD@HOST[:PORT]
 *     unix:PATH             unix://PATH
 *
 * USER and PASSWORD are percent-encoded, an IPv6 address stands in brackets, "/0" may end it: other
 * databases than the first know no streams of ours. */
#ifndef KITH_BUS_URL_H
#define KITH_BUS_URL_H

#include "base/arena.h"

#define BUS_PORT_DEFAULT 6379

struct bus_url {
    const char *host; /* NULL: path is the socket's */
    int port;
    const char *path;
    const char *user;     /* NULL: the default user */
    const char *password; /* NULL: none is asked for */
};

/* The texts are in the arena. */
KITH_MUST_CHECK bool bus_url_parse(struct arena *arena, struct sv text, struct bus_url *out);

#endif
