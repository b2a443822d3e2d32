/* The API's endpoints, one row each. */
#ifndef KITH_API_ROUTES_H
#define KITH_API_ROUTES_H

#include "http/router.h"

extern const struct route api_routes[];
extern const size_t api_route_count;

/* Prepares every resource that a route serves; once, before any fork. */
void api_routes_prepare(void);

#endif
