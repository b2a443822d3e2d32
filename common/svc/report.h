/* What is told of each answered request: a log line, a counter and a duration by route, never a raw
 * path. */
#ifndef KITH_SVC_REPORT_H
#define KITH_SVC_REPORT_H

#include "http/server.h"

/* Before any fork. The table is the one the router is made of. */
void report_register(const struct route *routes, size_t route_count);

/* For http_server_opts.on_replied. */
void report_replied(struct req *r, int64_t elapsed_us);

/* In the process whose server it is, now and then: the server's own counters as metrics. */
void report_server(const struct http_stats *stats);

#endif
