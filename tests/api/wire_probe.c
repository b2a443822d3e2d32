/* A server for the wire suite and the load suite: common/http with routes that show its sides.
 * Arguments are name=value; see settings below. Prints "listening HOST:PORT" when it is ready. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "http/reply.h"
#include "http/server.h"
#include "svc/prefork.h"
#include "json/emit.h"

#define MOST_BYTES 1000000000

static struct probe {
    const char *listen;
    int64_t workers;
    int64_t drain_ms;
    struct http_limits limits;
    struct peer_list trusted;
    int listen_fd;
    struct loop *loop;
    struct http_server *server;
} probe;

struct stream {
    int64_t pieces;
    struct sv piece;
    int64_t sent;
    int64_t interval_ms;
};

/* A whole number of the query within 0 and MOST_BYTES, or the default. */
static int64_t number(const struct req *r, const char *name, int64_t otherwise)
{
    const struct sv *text = req_query(r, sv_of(name));
    int64_t value;

    return text && sv_to_i64(*text, 0, MOST_BYTES, &value) ? value : otherwise;
}

static struct sv filled(struct arena *arena, size_t n)
{
    char *bytes = arena_alloc(arena, n + 1);

    memset(bytes, 'x', n);
    return (struct sv){bytes, n};
}

static STEP(get_hello)
{
    return reply_bytes(r, 200, "text/plain", SV("hello\n"));
}

static STEP(post_echo)
{
    struct sv type = req_field(r, SV("content-type"));

    return reply_bytes(r, 200, type.n ? arena_cstr(r->arena, type) : "application/octet-stream",
                       r->body);
}

static struct str *new_document(struct req *r, struct emit *e)
{
    struct str *out = str_new_in(r->arena, MB(1));

    emit_init(e, out);
    emit_object_begin(e);
    return out;
}

static struct plan *reply_document(struct req *r, struct emit *e, const struct str *out)
{
    emit_object_end(e);
    if (!emit_finish(e))
        return fail(r, ERR_INTERNAL);
    return reply_json(r, 200, str_view(out));
}

static void member(struct emit *e, struct sv key, struct sv value)
{
    emit_key(e, key);
    emit_text(e, value);
}

static STEP(get_show)
{
    struct emit e;
    struct str *out = new_document(r, &e);

    member(&e, SV("method"), r->head.method_text);
    member(&e, SV("host"), r->head.host);
    member(&e, SV("address"), r->address);
    member(&e, SV("request_id"), r->request_id);
    member(&e, SV("trace_id"), r->trace_id);
    emit_key(&e, SV("segments"));
    emit_array_begin(&e);
    for (size_t i = 0; i < r->capture_count; i++)
        emit_text(&e, r->captures[i]);
    emit_array_end(&e);
    emit_key(&e, SV("query"));
    emit_array_begin(&e);
    for (size_t i = 0; i < r->query_count; i++) {
        emit_array_begin(&e);
        emit_text(&e, r->query[i].name);
        emit_text(&e, r->query[i].value);
        emit_array_end(&e);
    }
    emit_array_end(&e);
    return reply_document(r, &e, out);
}

static STEP(get_stats)
{
    const struct http_stats *stats = http_server_stats(probe.server);
    struct emit e;
    struct str *out = new_document(r, &e);

    emit_key(&e, SV("connections_open"));
    emit_i64(&e, (int64_t)stats->connections_open);
    emit_key(&e, SV("connections_refused"));
    emit_i64(&e, (int64_t)stats->connections_refused);
    emit_key(&e, SV("requests"));
    emit_i64(&e, (int64_t)stats->requests);
    emit_key(&e, SV("refusals"));
    emit_i64(&e, (int64_t)stats->refusals);
    emit_key(&e, SV("bytes_buffered"));
    emit_i64(&e, (int64_t)stats->bytes_buffered_max);
    emit_key(&e, SV("pid"));
    emit_i64(&e, getpid());
    return reply_document(r, &e, out);
}

static STEP(get_bytes)
{
    struct sv bytes = filled(r->arena, (size_t)number(r, "n", 0));

    return reply_bytes(r, 200, "application/octet-stream", bytes);
}

static STEP(next_piece)
{
    struct stream *stream = r->state;

    if (stream->sent == stream->pieces)
        return stream_end(r);
    stream->sent++;
    stream_write(r, stream->piece);
    return stream_more(r);
}

static STEP(get_stream)
{
    struct stream *stream = ARENA_NEW(r->arena, stream);

    stream->pieces = number(r, "pieces", 10);
    stream->piece = filled(r->arena, (size_t)number(r, "size", 1024));
    r->state = stream;
    return stream_begin(r, 200, "application/octet-stream", next_piece);
}

static STEP(cut_reply)
{
    stream_write(r, SV("half of it"));
    return stream_abort(r);
}

static STEP(get_cut)
{
    return stream_begin(r, 200, "text/plain", cut_reply);
}

static STEP(next_event)
{
    struct stream *stream = r->state;
    struct sv id = arena_printf(r->arena, "%lld", (long long)stream->sent);

    if (stream->sent == stream->pieces)
        return stream_end(r);
    stream->sent++;
    sse_send(r, id, SV("tick"), SV("{\"line\":1}\nsecond line"));
    return wait_ms(r, stream->interval_ms, next_event);
}

static STEP(get_events)
{
    struct stream *stream = ARENA_NEW(r->arena, stream);
    struct plan *plan;

    stream->pieces = number(r, "count", 3);
    stream->interval_ms = number(r, "interval_ms", 10);
    r->state = stream;
    plan = sse_begin(r);
    return r->head.method == HTTP_HEAD ? plan : next_event(r);
}

static STEP(say_slow)
{
    return reply_bytes(r, 200, "text/plain", SV("slow\n"));
}

static STEP(get_slow)
{
    return wait_ms(r, number(r, "ms", 100), say_slow);
}

static STEP(get_never)
{
    return wait_ms(r, 3600000, say_slow);
}

static STEP(get_fail)
{
    struct json_fault fault = {
        .pointer = SV("/name"), .code = JSON_FAULT_REQUIRED, .detail = SV("The name is missing.")};

    return fail_fields(r, ERR_CONFLICT, SV("This always fails."), &fault, 1);
}

static STEP(counted)
{
    int64_t *taken = r->state;

    return reply_bytes(r, 200, "text/plain", arena_printf(r->arena, "%lld\n", (long long)*taken));
}

static enum body_flow count_piece(struct req *r, struct sv bytes)
{
    int64_t *taken = r->state;

    *taken += (int64_t)bytes.n;
    return BODY_GO_ON;
}

static STEP(post_count)
{
    r->state = arena_zalloc(r->arena, sizeof(int64_t));
    return body_read(r, count_piece, counted);
}

static const struct route routes[] = {
    {HTTP_GET, "/hello", get_hello, .body_max_bytes = KB(1)},
    {HTTP_POST, "/echo", post_echo},
    {HTTP_PUT, "/echo", post_echo},
    {HTTP_PATCH, "/echo", post_echo},
    {HTTP_POST, "/small", post_echo, .body_max_bytes = 1024},
    {HTTP_POST, "/count", post_count, .body_max_bytes = MB(512), .flags = ROUTE_STREAMS_BODY},
    {HTTP_GET, "/show", get_show},
    {HTTP_GET, "/show/{a}", get_show},
    {HTTP_GET, "/show/{a}/{b}", get_show},
    {HTTP_GET, "/bytes", get_bytes},
    {HTTP_GET, "/stream", get_stream},
    {HTTP_GET, "/cut", get_cut},
    {HTTP_GET, "/events", get_events},
    {HTTP_GET, "/slow", get_slow},
    {HTTP_POST, "/slow", get_slow},
    {HTTP_GET, "/never", get_never},
    {HTTP_GET, "/fail", get_fail},
    {HTTP_GET, "/stats", get_stats},
};

static void stop_loop(void *arg)
{
    loop_stop(arg);
}

static void on_stop_signal(void *arg)
{
    if (probe.workers == 0)
        http_last_call(probe.listen_fd);
    http_server_drain(probe.server, probe.drain_ms, stop_loop, arg);
}

/* Once a signal will be heard: whoever reads this may send one. */
static void announce(void)
{
    struct arena *arena = arena_new(KB(4));

    printf("listening %s\n", http_listen_address(arena, probe.listen_fd).p);
    fflush(stdout);
    arena_free(arena);
}

static int serve(size_t slot, void *arg)
{
    struct router *router = router_new(routes, COUNT_OF(routes));

    (void)slot;
    (void)arg;
    probe.loop = loop_new();
    probe.server =
        http_server_new(probe.loop, &(struct http_server_opts){.limits = probe.limits,
                                                               .router = router,
                                                               .trusted_proxies = &probe.trusted});
    http_server_accept(probe.server, probe.listen_fd);
    loop_on_signal(probe.loop, SIGTERM, on_stop_signal, probe.loop);
    if (probe.workers == 0)
        announce();
    loop_run(probe.loop);
    http_server_free(probe.server);
    router_free(router);
    loop_free(probe.loop);
    return EXIT_STATUS_OK;
}

struct setting {
    const char *name;
    int64_t *number;
    size_t *size;
};

static bool set(const char *name, const char *value)
{
    const struct setting settings[] = {
        {"workers", &probe.workers, NULL},
        {"drain_ms", &probe.drain_ms, NULL},
        {"header_ms", &probe.limits.header_ms, NULL},
        {"body_ms", &probe.limits.body_ms, NULL},
        {"body_bytes_per_s", &probe.limits.body_bytes_per_s, NULL},
        {"idle_ms", &probe.limits.idle_ms, NULL},
        {"request_ms", &probe.limits.request_ms, NULL},
        {"stall_ms", &probe.limits.stall_ms, NULL},
        {"linger_ms", &probe.limits.linger_ms, NULL},
        {"sse_ping_ms", &probe.limits.sse_ping_ms, NULL},
        {"connections", NULL, &probe.limits.connections},
        {"connections_per_address", NULL, &probe.limits.connections_per_address},
        {"body_bytes", NULL, &probe.limits.body_bytes},
        {"output_bytes", NULL, &probe.limits.output_bytes},
        {"arena_bytes", NULL, &probe.limits.arena_bytes},
    };
    int64_t parsed;

    if (strcmp(name, "listen") == 0)
        return probe.listen = value, true;
    if (strcmp(name, "trusted_proxies") == 0)
        return peer_list_parse(sv_of(value), &probe.trusted);
    for (size_t i = 0; i < COUNT_OF(settings); i++) {
        if (strcmp(name, settings[i].name) != 0)
            continue;
        if (!sv_to_i64(sv_of(value), 0, INT64_MAX / 1000000, &parsed))
            return false;
        if (settings[i].number)
            *settings[i].number = parsed;
        else
            *settings[i].size = (size_t)parsed;
        return true;
    }
    return false;
}

static void read_arguments(int argc, char **argv)
{
    probe.listen = "127.0.0.1:0";
    probe.drain_ms = 5000;
    probe.limits = HTTP_LIMITS_DEFAULT;
    for (int i = 1; i < argc; i++) {
        char *equals = strchr(argv[i], '=');

        if (equals)
            *equals = '\0';
        if (!equals || !set(argv[i], equals + 1)) {
            fprintf(stderr, "wire_probe: %s is not a setting with a value\n", argv[i]);
            exit(EXIT_STATUS_CONFIGURATION);
        }
    }
}

static void on_stop(void *arg)
{
    (void)arg;
    http_last_call(probe.listen_fd);
    close(probe.listen_fd);
}

static int serve_with_workers(void)
{
    struct loop *loop = loop_new();
    struct prefork *prefork = prefork_start(loop, &(struct prefork_opts){
                                                      .children = (size_t)probe.workers,
                                                      .keep_fd = probe.listen_fd,
                                                      .stop_ms = probe.drain_ms + 1000,
                                                      .child = serve,
                                                      .on_stop = on_stop,
                                                  });
    int status;

    announce();
    loop_run(loop);
    status = prefork_finish(prefork);
    loop_free(loop);
    return status;
}

int main(int argc, char **argv)
{
    const char *why;

    read_arguments(argc, argv);
    log_start("wire_probe", LOG_TEXT, LOG_WARN);
    probe.listen_fd = http_listen(probe.listen, &why);
    if (probe.listen_fd < 0)
        die("cannot listen on %s: %s", probe.listen, why);
    return probe.workers ? serve_with_workers() : serve(0, NULL);
}
