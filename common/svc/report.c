/* Requests as metrics and log lines. A row of the route table has a series for each class of
 * status. */
#include "svc/report.h"

#include "base/log.h"
#include "base/metrics.h"

#define STATUS_CLASSES 5 /* 1xx to 5xx; 499, a client that left, counts as 4xx */

static const struct metric_spec requests_spec = {
    .name = "kith_http_requests_total",
    .type = METRIC_COUNTER,
    .help = "Requests answered.",
    .labels = {"route", "method", "status"},
    .is_sparse = true,
};
static const struct metric_spec duration_spec = {
    .name = "kith_http_request_duration_seconds",
    .type = METRIC_HISTOGRAM,
    .help = "From the end of the head to the reply.",
    .labels = {"route", "method"},
    .is_sparse = true,
};
static const struct metric_spec open_spec = {
    .name = "kith_http_connections_open",
    .type = METRIC_GAUGE,
    .help = "Connections of clients.",
};
static const struct metric_spec refused_spec = {
    .name = "kith_http_connections_refused",
    .type = METRIC_GAUGE,
    .help = "Connections refused since the process started: over a cap.",
};

struct series {
    struct metric by_class[STATUS_CLASSES];
    struct metric duration;
};

static struct {
    const struct route *routes;
    size_t count;
    struct series *series; /* one a route, and the last for requests without one */
    struct metric open;
    struct metric refused;
} report;

static void add_series(struct series *series, const char *route, const char *method)
{
    static const char *const classes[STATUS_CLASSES] = {"1xx", "2xx", "3xx", "4xx", "5xx"};

    for (size_t i = 0; i < STATUS_CLASSES; i++)
        series->by_class[i] =
            metric_register(&requests_spec, METRIC_LABELS(route, method, classes[i]));
    series->duration = metric_register(&duration_spec, METRIC_LABELS(route, method));
}

void report_register(const struct route *routes, size_t route_count)
{
    report.routes = routes;
    report.count = route_count;
    report.series = x_calloc(route_count + 1, sizeof *report.series);
    for (size_t i = 0; i < route_count; i++)
        add_series(&report.series[i], routes[i].pattern, http_method_name(routes[i].method));
    add_series(&report.series[route_count], "none", "any");
    report.open = metric_register(&open_spec, METRIC_NO_LABELS);
    report.refused = metric_register(&refused_spec, METRIC_NO_LABELS);
}

void report_replied(struct req *r, int64_t elapsed_us)
{
    size_t row = r->route ? (size_t)(r->route - report.routes) : report.count;
    const struct series *series = &report.series[row];

    ENSURE(row <= report.count && r->status >= 100 && r->status < 600);
    metric_add(series->by_class[r->status / 100 - 1], 1);
    metric_observe_us(series->duration, elapsed_us);
    log_info("request", F_SV("request_id", r->request_id), F_SV("method", r->head.method_text),
             F_STR("route", r->route ? r->route->pattern : "none"), F_INT("status", r->status),
             F_INT("us", elapsed_us));
}

void report_server(const struct http_stats *stats)
{
    metric_set(report.open, (int64_t)stats->connections_open);
    metric_set(report.refused, (int64_t)stats->connections_refused);
}
