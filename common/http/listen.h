/* Listening sockets, from their address to their last call. */
#ifndef KITH_HTTP_LISTEN_H
#define KITH_HTTP_LISTEN_H

#include "base/arena.h"
#include "base/sv.h"

/* A listening, non-blocking, close-on-exec TCP socket for "127.0.0.1:8080", "[::1]:0" or ":8080"
 * (all addresses), to be inherited by children; -1 and *why on failure. */
int http_listen(const char *address, const char **why);

/* "127.0.0.1:43121" for a listening socket. */
struct sv http_listen_address(struct arena *arena, int fd);

/* Nobody new gets in, in whatever process the socket is shared: to say before those drain. The
 * system completes a connection before any process has accepted it, and resets those which nobody
 * accepted when the socket is closed; a client to whom that happens cannot know whether his request
 * was heard. So beginnings of connections are dropped first: they are sent again, to the socket's
 * heir or to nobody, who refuses them. The others come to their end, are accepted and answered. */
void http_last_call(int listen_fd);

#endif
