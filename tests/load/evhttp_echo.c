/* The measure of `make bench`: libevent's own evhttp answering GET /hello and POST /echo with the
 * fields our server sends (Date and Content-Length are evhttp's, X-Request-Id and Content-Type are
 * added here). It uses nothing of Kith: the comparison is with the library as everybody gets it.
 *
 * Prints "listening 127.0.0.1:PORT" when it is ready; SIGTERM ends it. */
#include <inttypes.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>

#define BODY_BYTES   (1024 * 1024)
#define HEADER_BYTES (40 * 1024)
#define TIMEOUT_S    60
#define BACKLOG      1024

/* As long as a UUIDv7 and as cheap to read: the time, and a counter that never repeats. */
static void add_request_id(struct evkeyvalq *fields)
{
    static uint64_t count;
    char text[48];
    struct timespec now;
    uint64_t ms;

    clock_gettime(CLOCK_REALTIME, &now);
    ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    count++;
    snprintf(text, sizeof text, "%08" PRIx64 "-%04" PRIx64 "-7000-8000-%012" PRIx64, ms >> 16,
             ms & 0xffff, count & UINT64_C(0xffffffffffff));
    evhttp_add_header(fields, "X-Request-Id", text);
}

static void on_hello(struct evhttp_request *request, void *arg)
{
    struct evkeyvalq *fields = evhttp_request_get_output_headers(request);
    struct evbuffer *body = arg;

    add_request_id(fields);
    evhttp_add_header(fields, "Content-Type", "text/plain");
    evbuffer_add(body, "hello\n", 6);
    evhttp_send_reply(request, HTTP_OK, "OK", body);
    evbuffer_drain(body, evbuffer_get_length(body));
}

static void on_echo(struct evhttp_request *request, void *arg)
{
    struct evkeyvalq *fields = evhttp_request_get_output_headers(request);
    const char *type =
        evhttp_find_header(evhttp_request_get_input_headers(request), "Content-Type");

    (void)arg;
    add_request_id(fields);
    evhttp_add_header(fields, "Content-Type", type ? type : "application/octet-stream");
    evhttp_send_reply(request, HTTP_OK, "OK", evhttp_request_get_input_buffer(request));
}

static void on_terminate(evutil_socket_t signal_number, short what, void *arg)
{
    (void)signal_number;
    (void)what;
    event_base_loopexit(arg, NULL);
}

/* The same bounds as ours, so that neither saves itself a check. */
static void configure(struct evhttp *server, struct evbuffer *body)
{
    evhttp_set_max_headers_size(server, HEADER_BYTES);
    evhttp_set_max_body_size(server, BODY_BYTES);
    evhttp_set_timeout(server, TIMEOUT_S);
    evhttp_set_default_content_type(server, NULL);
    evhttp_set_cb(server, "/hello", on_hello, body);
    evhttp_set_cb(server, "/echo", on_echo, NULL);
}

/* On a free port of 127.0.0.1, which it returns; 0 when that fails. */
static int listen_on_free_port(struct evhttp *server)
{
    struct evhttp_bound_socket *bound = evhttp_bind_socket_with_handle(server, "127.0.0.1", 0);
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    evutil_socket_t fd;

    if (!bound)
        return 0;
    fd = evhttp_bound_socket_get_fd(bound);
    if (listen(fd, BACKLOG) != 0 || getsockname(fd, (struct sockaddr *)&address, &length) != 0)
        return 0;
    return ntohs(address.sin_port);
}

int main(void)
{
    struct event_base *base = event_base_new();
    struct evbuffer *body = evbuffer_new();
    struct evhttp *server = evhttp_new(base);
    struct event *terminate = evsignal_new(base, SIGTERM, on_terminate, base);
    int port;

    signal(SIGPIPE, SIG_IGN);
    evsignal_add(terminate, NULL);
    configure(server, body);
    port = listen_on_free_port(server);
    if (port == 0) {
        perror("evhttp_echo: listen");
        return EXIT_FAILURE;
    }
    printf("listening 127.0.0.1:%d\n", port);
    fflush(stdout);
    event_base_dispatch(base);
    event_free(terminate);
    evhttp_free(server);
    evbuffer_free(body);
    event_base_free(base);
    return EXIT_SUCCESS;
}
