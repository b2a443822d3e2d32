/* The route table: one row an endpoint, in the order of the documentation. A row carries what is
 * policy: method, pattern, limits, handler, and what the handler serves. From it come dispatch, 405
 * with Allow, OPTIONS, metrics by pattern, and (with the services' own columns) OpenAPI. */
#ifndef KITH_HTTP_ROUTER_H
#define KITH_HTTP_ROUTER_H

#include "http/req.h"

enum route_flag {
    ROUTE_STREAMS_BODY = 1 << 0,
};

struct route {
    enum http_method method; /* a GET answers HEAD too */
    const char *pattern;     /* "/v1/partners/{id}/restore": literals and whole-segment captures */
    struct plan *(*handle)(struct req *r);
    size_t body_max_bytes; /* 0: the server's body_bytes */
    unsigned flags;
    const void *what; /* the declaration that the handler serves */
};

struct router;

/* Builds the tree. The table must outlive it; a pattern that stands twice with one method is a bug.
 */
struct router *router_new(const struct route *routes, size_t route_count);
void router_free(struct router *router);

enum route_found { ROUTE_FOUND, ROUTE_NO_PATH, ROUTE_NO_METHOD };

/* Finds the row for the request's method and decoded path, and sets route and captures. A literal
 * wins over a capture. */
enum route_found router_find(const struct router *router, struct req *r);

/* "GET, HEAD, OPTIONS, PATCH" for the request's path; all methods for "*". */
struct sv router_allow(const struct router *router, const struct req *r);

#endif
