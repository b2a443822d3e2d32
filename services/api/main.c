/* kith-api: the HTTP API. The parent holds the listening socket, the admin port and the metrics;
 * its children serve. */
#include <string.h>
#include <unistd.h>

#include "base/metrics.h"
#include "child.h"
#include "events.h"
#include "openapi/openapi.h"
#include "routes.h"
#include "svc/admin.h"
#include "svc/prefork.h"
#include "svc/report.h"
#include "web.h"

#define ADMIN_DEFAULT  "127.0.0.1:9100"
#define STOP_MARGIN_MS 5000

static int listen_or_exit(const char *variable, const char *address)
{
    const char *why;
    int fd = http_listen(address, &why);

    if (fd < 0) {
        log_error("cannot listen", F_STR("variable", variable), F_STR("address", address),
                  F_STR("why", why));
        _exit(EXIT_STATUS_CONFIGURATION);
    }
    return fd;
}

static void web_or_exit(const char *folder)
{
    const char *why;

    if (web_prepare(folder, &why))
        return;
    log_error("cannot serve the web app", F_STR("variable", "KITH_WEB_PATH"), F_STR("why", why));
    _exit(EXIT_STATUS_CONFIGURATION);
}

static void on_child_end(size_t slot, void *arg)
{
    (void)arg;
    metrics_reset_gauges((unsigned)slot + 1);
}

/* The children accept who is at the door, and close it when the parent has. */
static void on_stop(void *arg)
{
    const struct child_opts *child = arg;

    http_last_call(child->listen_fd);
    close(child->listen_fd);
}

static const char *not_ready(void *arg)
{
    return prefork_is_stopping(arg) ? "It is about to stop." : child_not_ready();
}

static void announce(const struct api_config *config, int listen_fd)
{
    struct arena *arena = arena_new(KB(4));

    log_info("listening", F_SV("address", http_listen_address(arena, listen_fd)),
             F_INT("children", config->children));
    arena_free(arena);
}

int main(int argc, char **argv)
{
    struct api_config config = {0};
    struct limits limits = {0};
    struct child_opts child = {.config = &config, .limits = &limits};
    struct prefork *prefork;
    struct admin *admin;
    struct loop *loop;
    int admin_fd;
    int status;

    if (argc == 2 && strcmp(argv[1], "--openapi") == 0)
        return openapi_print();
    config_main(&api_config_program, argc, argv, &config);
    service_start("kith-api", &config.service, (unsigned)config.children + 1);
    api_routes_prepare();
    report_register(api_routes, api_route_count);
    child_register_metrics();
    web_or_exit(config.web_path);
    limits_start(&limits, &config);
    child.seats = seats_new((size_t)config.event_streams, EVENTS_OF_A_USER);
    child.listen_fd = listen_or_exit("KITH_LISTEN", config.listen);
    admin_fd =
        listen_or_exit("KITH_ADMIN_LISTEN",
                       config.service.admin_listen ? config.service.admin_listen : ADMIN_DEFAULT);
    loop = loop_new();
    prefork =
        prefork_start(loop, &(struct prefork_opts){.children = (size_t)config.children,
                                                   .keep_fd = child.listen_fd,
                                                   .linger_ms = config.linger_ms,
                                                   .stop_ms = config.drain_ms + STOP_MARGIN_MS,
                                                   .child = child_serve,
                                                   .on_stop = on_stop,
                                                   .on_child_end = on_child_end,
                                                   .arg = &child});
    admin = admin_start(
        loop, &(struct admin_opts){.listen_fd = admin_fd, .not_ready = not_ready, .arg = prefork});
    announce(&config, child.listen_fd);
    loop_run(loop);
    admin_free(admin);
    status = prefork_finish(prefork);
    loop_free(loop);
    close(admin_fd);
    limits_stop(&limits);
    seats_free(child.seats);
    return status;
}
