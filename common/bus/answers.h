/* Whether a Redis server is there and lets us in, for who only wants to know. */
#ifndef KITH_BUS_ANSWERS_H
#define KITH_BUS_ANSWERS_H

#include "base/arena.h"

/* Its version, in the arena; NULL and why not, in words without the secret. */
const char *bus_server_version(struct arena *arena, const char *url, int64_t within_ms,
                               const char **why);

#endif
