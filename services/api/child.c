/* What a child does from its start to its drain. */
#include "child.h"

#include <signal.h>

#include "base/metrics.h"
#include "base/secret.h"
#include "call.h"
#include "events.h"
#include "imports/import.h"
#include "oidc/oidc.h"
#include "pages/page.h"
#include "pages/together.h"
#include "publisher.h"
#include "routes.h"
#include "svc/report.h"

#define MEASURE_EVERY_MS 500
#define PASSWORD_THREADS 2  /* argon2id at once: 19 MiB each */
#define PASSWORD_QUEUE   64 /* sign-ins that wait for one; past it: 503 */
#define FILE_THREADS     1  /* spreadsheets that are packed at once */
#define FILE_QUEUE       16
#define SSO_THREADS      4 /* sign-ins that wait for their providers at once */
#define SSO_QUEUE        32
#define PUBLISH_MS       3000 /* of a drain, for the last events; within the parent's margin */
#define LOOK_AGAIN_MS    10   /* until it is ready: who waits for that waits for nothing else */

struct child {
    const struct api_config *config;
    struct loop *loop;
    struct router *router;
    struct http_server *server;
    struct timer measure;
    struct peer_list trusted;
    struct cors cors;
    struct secret_key cursor_key;
    struct secret_key csrf_key;
    struct secret_key seal_key;
    struct secret_key survey_key;
    char *origin;
    struct api api;
};

static const struct metric_spec ready_spec = {
    .name = "kith_db_connections_ready",
    .type = METRIC_GAUGE,
    .help = "PostgreSQL connections that can take work.",
};
static const struct metric_spec in_flight_spec = {
    .name = "kith_db_units_in_flight",
    .type = METRIC_GAUGE,
    .help = "Units that PostgreSQL is at work on.",
};
static const struct metric_spec waiting_spec = {
    .name = "kith_db_units_waiting",
    .type = METRIC_GAUGE,
    .help = "Units that wait for a connection.",
};

static struct {
    struct metric ready;
    struct metric in_flight;
    struct metric waiting;
} metrics;

void child_register_metrics(void)
{
    metrics.ready = metric_register(&ready_spec, METRIC_NO_LABELS);
    metrics.in_flight = metric_register(&in_flight_spec, METRIC_NO_LABELS);
    metrics.waiting = metric_register(&waiting_spec, METRIC_NO_LABELS);
    publisher_register_metrics();
    events_register_metrics();
    together_register_metrics();
}

const char *child_not_ready(void)
{
    return metric_value(metrics.ready) > 0 ? NULL : "No process has a connection to the database.";
}

static void on_measure(void *arg)
{
    struct child *child = arg;
    struct db_stats stats = db_pool_stats(child->api.pool);

    metric_set(metrics.ready, (int64_t)stats.ready);
    metric_set(metrics.in_flight, (int64_t)stats.in_flight);
    metric_set(metrics.waiting, (int64_t)stats.waiting);
    report_server(http_server_stats(child->server));
    timer_arm(&child->measure, stats.ready ? MEASURE_EVERY_MS : LOOK_AGAIN_MS);
}

static void stop_loop(void *arg)
{
    loop_stop(arg);
}

static void on_drained(void *arg)
{
    struct child *child = arg;

    publisher_drain(child->api.publisher, PUBLISH_MS, stop_loop, child->loop);
}

static void on_stop_signal(void *arg)
{
    struct child *child = arg;

    http_server_drain(child->server, child->config->drain_ms, on_drained, child);
}

/* What calls need besides the database. */
static void open_identity(struct child *child)
{
    const struct service_config *config = &child->config->service;
    struct sv url = sv_of(config->public_url);
    size_t host = sv_starts_with(url, SV("https://")) ? 8 : 7;

    child->cursor_key = secret_derive(sv_of(config->secret_key), "cursor");
    child->csrf_key = secret_derive(sv_of(config->secret_key), "csrf");
    child->origin = x_strndup(url.p, size_min(host + sv_find(sv_skip(url, host), '/'), url.n));
    child->api.cursor_key = &child->cursor_key;
    child->api.csrf_key = &child->csrf_key;
    child->seal_key = secret_derive(sv_of(config->secret_key), "seal");
    child->api.seal_key = &child->seal_key;
    child->survey_key = secret_derive(sv_of(config->secret_key), "survey");
    child->api.survey_key = &child->survey_key;
    child->api.origin = child->origin;
    ENSURE(cors_parse(sv_of(child->config->cors_origins), &child->cors));
    child->api.cors = &child->cors;
    child->api.is_secure = host == 8;
    child->api.principals = principals_new();
    child->api.offload = offload_new(child->loop, PASSWORD_THREADS, PASSWORD_QUEUE);
    child->api.file_offload = offload_new(child->loop, FILE_THREADS, FILE_QUEUE);
    child->api.oidc = oidc_new(child->config->sso_ms, config->env != ENV_PRODUCTION);
    child->api.sso_offload = offload_new(child->loop, SSO_THREADS, SSO_QUEUE);
}

static struct db_pool *open_pool(struct child *child, const char *name, int64_t connections)
{
    const struct api_config *config = child->config;

    return db_pool_new(child->loop, &(struct db_opts){
                                        .url = config->service.database_url,
                                        .application_name = name,
                                        .connections = (size_t)connections,
                                        .in_flight = (size_t)config->db_in_flight,
                                        .waiting = (size_t)config->db_waiting,
                                    });
}

static void open_database(struct child *child, size_t slot, struct seats *seats)
{
    const struct api_config *config = child->config;

    child->api.publisher = publisher_new(child->loop, config, slot);
    child->api.unit_ms = config->unit_ms;
    child->api.pool = open_pool(child, "kith-api", config->db_connections);
    child->api.slow_pool = open_pool(child, "kith-api slow", config->db_slow_connections);
    child->api.events = events_new(child->loop, config, seats, slot);
    child->api.importer = importer_new(child->loop, config, child->api.publisher);
    child->api.together = together_new(&child->api);
    child->api.import_bytes = config->import_bytes;
    child->api.attachment_bytes = config->attachment_bytes;
    child->api.sheet_rows = config->sheet_rows;
    child->api.sheet_cells = config->sheet_cells;
}

static void on_replied(struct req *r, int64_t elapsed_us)
{
    report_replied(r, elapsed_us);
    call_replied(r);
}

static void open_server(struct child *child)
{
    const struct api_config *config = child->config;
    struct http_server_opts opts = {.limits = HTTP_LIMITS_DEFAULT,
                                    .admit = call_admit,
                                    .gate = call_gate,
                                    .explain = page_explain,
                                    .on_replied = on_replied,
                                    .arg = &child->api};

    ENSURE(peer_list_parse(sv_of(config->trusted_proxies), &child->trusted));
    child->router = router_new(api_routes, api_route_count);
    child->api.router = child->router;
    opts.router = child->router;
    opts.trusted_proxies = &child->trusted;
    opts.limits.sse_ping_ms = config->event_ping_ms;
    opts.limits.connections = (size_t)config->connections;
    opts.limits.connections_per_address = (size_t)config->connections_per_address;
    child->server = http_server_new(child->loop, &opts);
}

static void close_all(struct child *child)
{
    offload_free(child->api.offload);
    offload_free(child->api.file_offload);
    offload_free(child->api.sso_offload);
    oidc_free(child->api.oidc);
    db_pool_free(child->api.slow_pool);
    importer_free(child->api.importer);
    db_pool_free(child->api.pool); /* ends what is pending, whose requests the server frees */
    http_server_free(child->server);
    together_free(child->api.together);
    events_free(child->api.events);
    publisher_free(child->api.publisher);
    principals_free(child->api.principals);
    x_free(child->origin);
    router_free(child->router);
    timer_fini(&child->measure);
    loop_free(child->loop);
}

int child_serve(size_t slot, void *arg)
{
    const struct child_opts *opts = arg;
    struct child child = {.config = opts->config, .loop = loop_new()};

    metrics_use_slot((unsigned)slot + 1);
    child.api.limits = opts->limits;
    open_identity(&child);
    open_database(&child, slot, opts->seats);
    open_server(&child);
    http_server_accept(child.server, opts->listen_fd);
    timer_init(&child.measure, child.loop, on_measure, &child);
    timer_arm(&child.measure, 0);
    loop_on_signal(child.loop, SIGTERM, on_stop_signal, &child);
    loop_run(child.loop);
    close_all(&child);
    return EXIT_STATUS_OK;
}
