/* The API's endpoints: those of the resources follow from their declarations. */
#ifndef KITH_API_ROUTES_H
#define KITH_API_ROUTES_H

#include "http/router.h"

/* Flags of a route beside http/router.h's. */
enum api_route_flag {
    ROUTE_PUBLIC = 1 << 8,   /* for everybody: no sign-in is asked for */
    ROUTE_SIGNS_IN = 1 << 9, /* tries a password or the like: has a rate limit of its own */
    ROUTE_PAGE = 1 << 10, /* a page for people: no operation of the API, and in no document of it */
    ROUTE_BY_LINK = 1 << 11,   /* the token is that of a link, in the path or moved to a cookie */
    ROUTE_UNCOUNTED = 1 << 12, /* a file of the web app, from memory: of no rate limit */
};

/* Made by api_routes_prepare(). */
extern struct route *api_routes;
extern size_t api_route_count;

/* Prepares every resource, its routes, and the documents of all; once, before any fork. */
void api_routes_prepare(void);

#endif
