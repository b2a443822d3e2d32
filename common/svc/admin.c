/* The admin port. */
#include "svc/admin.h"

#include "base/metrics.h"
#include "http/reply.h"

#define ADMIN_MAGIC            0xad317001u
#define ADMIN_CONNECTIONS      64
#define EXPOSITION_LIMIT_BYTES MB(4)
#define ADMIN_REQUEST_LIMIT_MS 5000

struct admin {
    unsigned magic;
    struct admin_opts opts;
    struct router *router;
    struct http_server *server;
};

static STEP(get_health)
{
    return reply_bytes(r, 200, "text/plain; charset=utf-8", SV("alive\n"));
}

static STEP(get_ready)
{
    const struct admin *admin = OBJ_CAST(admin, ADMIN_MAGIC, http_server_arg(r));
    const char *why = admin->opts.not_ready ? admin->opts.not_ready(admin->opts.arg) : NULL;

    if (!why)
        return reply_bytes(r, 200, "text/plain; charset=utf-8", SV("ready\n"));
    reply_field(r, "Retry-After", SV("1"));
    return fail_why(r, ERR_UNAVAILABLE, "%s", why);
}

static STEP(get_metrics)
{
    struct str *text = str_new_in(r->arena, EXPOSITION_LIMIT_BYTES);

    metrics_add_text(text);
    if (str_failed(text))
        return fail_why(r, ERR_INTERNAL, "The metrics are larger than they may be.");
    return reply_bytes(r, 200, METRICS_CONTENT_TYPE, str_view(text));
}

static const struct route routes[] = {
    {HTTP_GET, "/healthz", get_health},
    {HTTP_GET, "/readyz", get_ready},
    {HTTP_GET, "/metrics", get_metrics},
};

struct admin *admin_start(struct loop *loop, const struct admin_opts *opts)
{
    struct admin *admin = x_calloc(1, sizeof *admin);
    struct http_server_opts server_opts = {.limits = HTTP_LIMITS_DEFAULT, .arg = admin};

    admin->magic = ADMIN_MAGIC;
    admin->opts = *opts;
    admin->router = router_new(routes, COUNT_OF(routes));
    server_opts.router = admin->router;
    server_opts.limits.connections = ADMIN_CONNECTIONS;
    server_opts.limits.request_ms = ADMIN_REQUEST_LIMIT_MS;
    admin->server = http_server_new(loop, &server_opts);
    http_server_accept(admin->server, opts->listen_fd);
    return admin;
}

void admin_free(struct admin *admin)
{
    if (!admin)
        return;
    http_server_free(admin->server);
    router_free(admin->router);
    admin->magic = 0;
    x_free(admin);
}
