/* The life of a request on a real loop: its steps, its operations, its reply, and every way in
 * which its client may leave before one of these has ended. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#undef fail /* cmocka's macro: here it is the answer */

#include "base/clock.h"
#include "http/conn.h"

#define PATIENCE_MS 10000
#define ARENA_BYTES KB(64)
#define OUT_BYTES   KB(16)
#define BIG_BYTES   MB(8) /* more than the sockets' buffers hold */

static struct world {
    struct loop *loop;
    struct router *router;
    struct http_server *server;
    struct http_limits limits;
    int listener;
    int client;
    struct str got; /* by the client */
    bool ended;     /* the client has seen the end */
    bool was_reset; /* … which was not an orderly one */
    bool drained;

    struct req *req; /* the last one at a handler */
    int freed;       /* arenas of requests */
    int replied;     /* calls of on_replied */
    int status;      /* of the last one */
    int steps;       /* after the first */
    int owned_done;
    size_t to_allocate;
    char *big;
} w;

static void count_freed(void *arg)
{
    (void)arg;
    w.freed++;
}

static struct plan *gate(struct req *r)
{
    w.req = r;
    arena_defer(r->arena, count_freed, NULL);
    return r->route->handle(r);
}

static void on_replied(struct req *r, int64_t elapsed_us)
{
    (void)elapsed_us;
    w.replied++;
    w.status = r->status;
}

static void on_drained(void *arg)
{
    (void)arg;
    w.drained = true;
}

static void on_owned_done(void *arg)
{
    (void)arg;
    w.owned_done++;
}

static STEP(say_done)
{
    w.steps++;
    return reply_bytes(r, 200, "text/plain", SV("done"));
}

static STEP(hello)
{
    return reply_bytes(r, 200, "text/plain", SV("hello"));
}

static STEP(park)
{
    return req_park(r, say_done);
}

static STEP(wait_long)
{
    return wait_ms(r, 3600000, say_done);
}

static STEP(wait_short)
{
    return wait_ms(r, 1, say_done);
}

/* Fills the arena up to to_allocate, then waits to be resumed. */
static STEP(allocate)
{
    (void)arena_alloc(r->arena, w.to_allocate - arena_used_bytes(r->arena));
    return req_park(r, say_done);
}

static STEP(owned)
{
    return reply_owned(r, 200, "text/plain", SV("owned bytes"), on_owned_done, NULL);
}

static STEP(owned_big)
{
    return reply_owned(r, 200, "text/plain", (struct sv){w.big, BIG_BYTES}, on_owned_done, NULL);
}

static STEP(owned_late)
{
    return req_park(r, owned);
}

static STEP(end_stream)
{
    w.steps++;
    stream_write(r, SV("last"));
    return stream_end(r);
}

static STEP(write_and_park)
{
    w.steps++;
    stream_write(r, SV("more"));
    return req_park(r, end_stream);
}

static STEP(park_in_stream)
{
    return req_park(r, write_and_park);
}

static STEP(stream)
{
    return stream_begin(r, 200, "text/plain", park_in_stream);
}

static STEP(write_and_abort)
{
    stream_write(r, SV("half"));
    return stream_abort(r);
}

static STEP(abort_reply)
{
    return stream_begin(r, 200, "text/plain", write_and_abort);
}

static STEP(fail_now)
{
    return fail(r, ERR_UNAVAILABLE);
}

static STEP(fail_in_stream)
{
    return stream_begin(r, 200, "text/plain", fail_now);
}

static STEP(allocate_more)
{
    w.steps++;
    (void)arena_alloc(r->arena, KB(1));
    stream_write(r, SV("x"));
    return stream_more(r);
}

static STEP(allocate_in_stream)
{
    return stream_begin(r, 200, "text/plain", allocate_more);
}

static STEP(events)
{
    return sse_begin(r);
}

static STEP(flood)
{
    char bytes[KB(4)];

    memset(bytes, 'x', sizeof bytes);
    while (r->conn)
        sse_send(r, SV_NONE, SV_NONE, (struct sv){bytes, sizeof bytes});
    return wait_ms(r, 3600000, say_done);
}

static STEP(flood_events)
{
    struct plan *plan = sse_begin(r);

    (void)plan;
    return wait_ms(r, 1, flood);
}

static enum body_flow pause_at_once(struct req *r, struct sv bytes)
{
    (void)r;
    (void)bytes;
    return BODY_PAUSE;
}

static STEP(upload)
{
    return body_read(r, pause_at_once, say_done);
}

static const struct route routes[] = {
    {HTTP_GET, "/hello", hello},
    {HTTP_GET, "/park", park},
    {HTTP_GET, "/wait", wait_long},
    {HTTP_GET, "/soon", wait_short},
    {HTTP_GET, "/allocate", allocate},
    {HTTP_GET, "/owned", owned},
    {HTTP_GET, "/owned-big", owned_big},
    {HTTP_GET, "/owned-late", owned_late},
    {HTTP_GET, "/stream", stream},
    {HTTP_GET, "/abort", abort_reply},
    {HTTP_GET, "/fail", fail_in_stream},
    {HTTP_GET, "/allocate-in-stream", allocate_in_stream},
    {HTTP_GET, "/events", events},
    {HTTP_GET, "/flood", flood_events},
    {HTTP_POST, "/upload", upload, .flags = ROUTE_STREAMS_BODY},
    {HTTP_POST, "/hello", hello},
};

static void start_server(void)
{
    const char *why;
    int send_bytes = (int)KB(64); /* and not the megabytes that the system might give */

    w.server = http_server_new(w.loop, &(struct http_server_opts){.limits = w.limits,
                                                                  .router = w.router,
                                                                  .gate = gate,
                                                                  .on_replied = on_replied});
    w.listener = http_listen("127.0.0.1:0", &why);
    assert_true(w.listener >= 0);
    setsockopt(w.listener, SOL_SOCKET, SO_SNDBUF, &send_bytes, sizeof send_bytes);
    http_server_accept(w.server, w.listener);
}

static int setup(void **state)
{
    (void)state;
    memset(&w, 0, sizeof w);
    w.loop = loop_new();
    w.router = router_new(routes, COUNT_OF(routes));
    w.limits = HTTP_LIMITS_DEFAULT;
    w.limits.arena_bytes = ARENA_BYTES;
    w.limits.output_bytes = OUT_BYTES;
    w.listener = w.client = -1;
    w.big = x_calloc(1, BIG_BYTES);
    str_init(&w.got, 2 * BIG_BYTES);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    http_server_free(w.server);
    router_free(w.router);
    loop_free(w.loop);
    if (w.listener >= 0 && !w.drained) /* a drain closes it */
        close(w.listener);
    if (w.client >= 0)
        close(w.client);
    x_free(w.big);
    str_fini(&w.got);
    return 0;
}

/* ---- The client ------------------------------------------------------------------------------ */

static void connect_client(void)
{
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    int receive_bytes = (int)KB(64);

    if (!w.server)
        start_server();
    assert_int_equal(getsockname(w.listener, (struct sockaddr *)&address, &length), 0);
    w.client = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(w.client, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
    assert_int_equal(connect(w.client, (struct sockaddr *)&address, length), 0);
    assert_int_equal(fcntl(w.client, F_SETFL, O_NONBLOCK), 0);
}

static void say(const char *text)
{
    assert_int_equal(write(w.client, text, strlen(text)), strlen(text));
}

static void ask(const char *line)
{
    if (w.client < 0)
        connect_client();
    say(line);
    say(" HTTP/1.1\r\nHost: h\r\n\r\n");
}

static void leave_orderly(void)
{
    close(w.client);
    w.client = -1;
}

/* By a reset, which the server notices at once. */
static void leave(void)
{
    struct linger at_once = {1, 0};

    setsockopt(w.client, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    leave_orderly();
}

static bool receive_piece(void)
{
    static char bytes[KB(64)];
    ssize_t n = read(w.client, bytes, sizeof bytes);

    w.was_reset = n < 0 && errno == ECONNRESET;
    w.ended = n == 0 || w.was_reset;
    if (n > 0)
        str_add(&w.got, (struct sv){bytes, (size_t)n});
    return n > 0;
}

static void receive(void)
{
    while (w.client >= 0 && !w.ended && receive_piece())
        ;
}

static bool got(const char *text)
{
    return strstr(str_cstr(&w.got), text) != NULL;
}

/* Runs the server, and the client beside it, until the condition holds. */
#define UNTIL(condition)                                                          \
    do {                                                                          \
        int64_t until_ms = clock_mono_ms() + PATIENCE_MS;                         \
                                                                                  \
        while (!(condition)) {                                                    \
            struct pollfd fd = {.fd = w.ended ? -1 : w.client, .events = POLLIN}; \
                                                                                  \
            assert_true(clock_mono_ms() < until_ms);                              \
            event_base_loop(loop_base(w.loop), EVLOOP_NONBLOCK);                  \
            poll(&fd, 1, 1);                                                      \
            receive();                                                            \
        }                                                                         \
    } while (0)

/* Runs the server alone: the client takes nothing. */
static void run_for(int64_t ms)
{
    int64_t until_ms = clock_mono_ms() + ms;

    while (clock_mono_ms() < until_ms) {
        event_base_loop(loop_base(w.loop), EVLOOP_NONBLOCK);
        poll(NULL, 0, 1);
    }
}

static size_t open_connections(void)
{
    return (size_t)http_server_stats(w.server)->connections_open;
}

static size_t count_of(const char *text)
{
    size_t count = 0;

    for (const char *at = str_cstr(&w.got); (at = strstr(at, text)) != NULL; at++)
        count++;
    return count;
}

/* ---- Steps ----------------------------------------------------------------------------------- */

static void test_a_parked_request_goes_on_when_it_is_resumed(void **state)
{
    (void)state;
    ask("GET /park");
    UNTIL(w.req);
    assert_int_equal(w.steps, 0);
    assert_int_equal(w.replied, 0);
    req_resume(w.req);
    UNTIL(got("\r\n\r\ndone"));
    assert_int_equal(w.steps, 1);
    assert_int_equal(w.replied, 1);
    assert_int_equal(w.status, 200);
    assert_int_equal(w.freed, 1);
    ask("GET /hello");
    UNTIL(got("hello"));
    assert_int_equal(w.freed, 2);
}

static void test_a_wait_ends_by_itself(void **state)
{
    (void)state;
    ask("GET /soon");
    UNTIL(got("\r\n\r\ndone"));
    assert_int_equal(w.freed, 1);
}

static void test_no_step_runs_for_a_client_that_has_left(void **state)
{
    (void)state;
    ask("GET /park");
    UNTIL(w.req);
    leave();
    UNTIL(open_connections() == 0);
    assert_int_equal(w.replied, 1);
    assert_int_equal(w.status, 499);
    assert_int_equal(w.freed, 0);
    req_resume(w.req);
    assert_int_equal(w.freed, 1);
    assert_int_equal(w.steps, 0);
}

static void test_a_client_that_has_only_shut_its_side_is_answered(void **state)
{
    (void)state;
    ask("GET /park");
    assert_int_equal(shutdown(w.client, SHUT_WR), 0);
    UNTIL(w.req);
    run_for(5);
    req_resume(w.req);
    UNTIL(w.ended);
    assert_true(got("\r\n\r\ndone"));
    UNTIL(open_connections() == 0);
}

static void test_a_parked_request_past_its_deadline_is_504_and_its_resume_only_frees(void **state)
{
    (void)state;
    w.limits.request_ms = 20;
    w.limits.linger_ms = 20;
    ask("GET /park");
    UNTIL(w.ended);
    assert_true(got("HTTP/1.1 504 "));
    assert_true(got("Connection: close"));
    assert_int_equal(w.freed, 0);
    UNTIL(open_connections() == 0);
    req_resume(w.req);
    assert_int_equal(w.freed, 1);
    assert_int_equal(w.steps, 0);
    assert_int_equal(w.replied, 1);
    assert_int_equal(w.status, 504);
}

static void test_fields_for_the_reply_do_not_go_out_with_the_504(void **state)
{
    (void)state;
    w.limits.request_ms = 20;
    ask("GET /park");
    UNTIL(w.req);
    reply_field(w.req, "Location", SV("/elsewhere"));
    UNTIL(w.ended);
    assert_true(got("HTTP/1.1 504 "));
    assert_false(got("Location"));
    req_resume(w.req);
}

static void test_memory_at_the_limit_is_enough_for_the_next_step(void **state)
{
    (void)state;
    w.to_allocate = ARENA_BYTES;
    ask("GET /allocate");
    UNTIL(w.req);
    assert_int_equal(arena_used_bytes(w.req->arena), ARENA_BYTES);
    req_resume(w.req);
    UNTIL(got("\r\n\r\ndone"));
}

static void test_memory_past_the_limit_ends_the_request(void **state)
{
    (void)state;
    w.to_allocate = ARENA_BYTES + 16;
    ask("GET /allocate");
    UNTIL(w.req);
    req_resume(w.req);
    UNTIL(got("HTTP/1.1 500 "));
    assert_int_equal(w.steps, 0);
    UNTIL(w.freed == 1);
}

static void test_a_wait_ends_with_the_client(void **state)
{
    (void)state;
    ask("GET /wait");
    UNTIL(w.req);
    leave();
    UNTIL(w.freed == 1);
    assert_int_equal(w.status, 499);
}

static void test_a_wait_begun_after_the_client_was_cut_ends_at_once(void **state)
{
    (void)state;
    ask("GET /flood");
    UNTIL(w.freed == 1);
    assert_int_equal(w.steps, 0);
    UNTIL(open_connections() == 0);
}

static void test_an_early_answer_to_an_empty_body_keeps_the_connection(void **state)
{
    (void)state;
    connect_client();
    say("POST /nowhere HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
    UNTIL(got("HTTP/1.1 404 "));
    assert_false(got("Connection: close"));
    say("POST /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
    UNTIL(got("\r\n\r\nhello"));
}

static void test_what_follows_an_early_answer_is_not_a_request(void **state)
{
    (void)state;
    connect_client();
    say("POST /nowhere HTTP/1.1\r\nHost: h\r\nContent-Length: 26\r\n\r\n");
    say("GET /hello HTTP/1.1\r\nHost: h\r\n\r\n");
    UNTIL(w.ended);
    assert_true(got("HTTP/1.1 404 "));
    assert_true(got("Connection: close"));
    assert_int_equal(count_of("HTTP/1.1"), 1);
}

/* ---- Streams --------------------------------------------------------------------------------- */

static void test_pieces_go_out_while_the_producer_is_parked(void **state)
{
    (void)state;
    ask("GET /stream");
    UNTIL(got("Transfer-Encoding: chunked"));
    UNTIL(w.req->is_pending);
    req_resume(w.req);
    UNTIL(got("4\r\nmore\r\n"));
    assert_int_equal(w.steps, 1);
    req_resume(w.req);
    UNTIL(got("4\r\nlast\r\n0\r\n\r\n"));
    assert_int_equal(w.freed, 1);
}

static void test_a_producer_parked_for_too_long_cuts_the_reply(void **state)
{
    (void)state;
    w.limits.request_ms = 20;
    ask("GET /stream");
    UNTIL(w.ended);
    assert_true(got("HTTP/1.1 200 "));
    assert_false(got("0\r\n\r\n"));
    UNTIL(open_connections() == 0);
    req_resume(w.req);
    assert_int_equal(w.freed, 1);
    assert_int_equal(w.steps, 0);
}

static void test_an_aborted_reply_has_no_last_chunk(void **state)
{
    (void)state;
    ask("GET /abort");
    UNTIL(w.ended);
    assert_true(got("HTTP/1.1 200 "));
    assert_false(got("0\r\n\r\n"));
    UNTIL(w.freed == 1 && open_connections() == 0);
    assert_int_equal(w.replied, 1);
}

static void test_an_aborted_reply_without_chunks_ends_in_a_reset(void **state)
{
    (void)state;
    connect_client();
    say("GET /abort HTTP/1.0\r\n\r\n");
    UNTIL(w.ended);
    assert_true(w.was_reset);
}

static void test_a_failure_after_the_head_cuts_the_reply(void **state)
{
    (void)state;
    ask("GET /fail");
    UNTIL(w.ended);
    assert_int_equal(count_of("HTTP/1.1"), 1);
    assert_false(got("0\r\n\r\n"));
    UNTIL(w.freed == 1);
}

static void test_a_stream_past_its_memory_is_cut(void **state)
{
    (void)state;
    ask("GET /allocate-in-stream");
    UNTIL(w.ended);
    assert_true(got("HTTP/1.1 200 "));
    assert_false(got("0\r\n\r\n"));
    assert_in_range(w.steps, ARENA_BYTES / KB(1) / 2, ARENA_BYTES / KB(1));
    UNTIL(w.freed == 1);
}

/* ---- Events ---------------------------------------------------------------------------------- */

static void test_events_reach_the_client_at_any_time(void **state)
{
    (void)state;
    ask("GET /events");
    UNTIL(got("text/event-stream"));
    sse_send(w.req, SV("7"), SV("tick"), SV("a\nb"));
    UNTIL(got("id: 7\nevent: tick\ndata: a\ndata: b\n\n"));
    sse_end(w.req);
    UNTIL(got("0\r\n\r\n"));
    assert_int_equal(w.freed, 1);
}

static void test_every_line_end_of_an_events_data_is_one(void **state)
{
    (void)state;
    ask("GET /events");
    UNTIL(got("text/event-stream"));
    sse_send(w.req, SV_NONE, SV_NONE, SV("a\revent: b\r\nc\n\nd"));
    UNTIL(got("data: a\ndata: event: b\ndata: c\ndata: \ndata: d\n\n"));
}

static void test_an_event_to_a_client_that_has_left_ends_the_request(void **state)
{
    (void)state;
    ask("GET /events");
    UNTIL(got("text/event-stream"));
    leave();
    for (int i = 0; i < 1000 && w.freed == 0; i++)
        sse_send(w.req, SV_NONE, SV_NONE, SV("data"));
    UNTIL(open_connections() == 0);
    assert_int_equal(w.freed, 1);
    assert_int_equal(w.replied, 1);
}

static void test_an_event_client_that_shuts_its_side_has_left(void **state)
{
    (void)state;
    ask("GET /events");
    UNTIL(got("text/event-stream"));
    assert_int_equal(shutdown(w.client, SHUT_WR), 0);
    UNTIL(w.freed == 1 && open_connections() == 0);
}

/* ---- Owned bytes ----------------------------------------------------------------------------- */

static void test_owned_bytes_are_let_go_once_when_sent(void **state)
{
    (void)state;
    ask("GET /owned");
    UNTIL(got("owned bytes"));
    UNTIL(w.owned_done);
    ask("GET /hello");
    UNTIL(got("hello"));
    assert_int_equal(w.owned_done, 1);
}

static void test_owned_bytes_are_let_go_once_for_a_head(void **state)
{
    (void)state;
    ask("HEAD /owned");
    UNTIL(got("Content-Length: 11\r\n"));
    assert_false(got("owned bytes"));
    assert_int_equal(w.owned_done, 1);
}

static void test_owned_bytes_are_let_go_once_for_a_client_gone_before(void **state)
{
    (void)state;
    ask("GET /owned-late");
    UNTIL(w.req);
    leave();
    UNTIL(open_connections() == 0);
    req_resume(w.req);
    assert_int_equal(w.freed, 1);
    assert_int_equal(w.owned_done, 0); /* no step ran: they were never given */
}

static void test_owned_bytes_are_let_go_once_for_a_client_gone_in_the_middle(void **state)
{
    (void)state;
    ask("GET /owned-big");
    UNTIL(got("200 OK"));
    assert_int_equal(w.owned_done, 0);
    leave();
    UNTIL(w.owned_done);
    UNTIL(open_connections() == 0);
    assert_int_equal(w.owned_done, 1);
}

static void test_a_client_that_takes_its_reply_slowly_gets_it_whole(void **state)
{
    (void)state;
    w.limits.idle_ms = w.limits.request_ms = 30;
    ask("GET /owned-big");
    run_for(100);
    assert_int_equal(w.owned_done, 0);
    UNTIL(w.got.n > BIG_BYTES);
    assert_int_equal(w.owned_done, 1);
    UNTIL(w.ended); /* idle_ms after the last byte */
}

static void test_a_client_that_takes_its_last_reply_slowly_gets_it_whole(void **state)
{
    (void)state;
    w.limits.stall_ms = 300;
    connect_client();
    say("GET /owned-big HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    for (int i = 0; i < 70; i++) {
        run_for(10);
        receive_piece();
    }
    assert_int_equal(w.owned_done, 0); /* more than twice the time in which it must take a byte */
    UNTIL(w.ended);
    assert_in_range(w.got.n, BIG_BYTES, BIG_BYTES + KB(1));
}

static void test_a_client_that_takes_nothing_is_cut(void **state)
{
    (void)state;
    w.limits.stall_ms = 30;
    ask("GET /owned-big");
    UNTIL(w.replied);
    run_for(100);
    assert_int_equal(open_connections(), 0);
    assert_int_equal(w.owned_done, 1);
}

/* ---- Streamed bodies ------------------------------------------------------------------------- */

static void ask_to_upload(const char *fields, const char *body)
{
    if (w.client < 0)
        connect_client();
    say("POST /upload HTTP/1.1\r\nHost: h\r\n");
    say(fields);
    say("\r\n");
    say(body);
}

static void test_a_paused_body_goes_on_when_it_is_resumed(void **state)
{
    (void)state;
    ask_to_upload("Content-Length: 4\r\n", "body");
    UNTIL(w.req);
    run_for(5);
    assert_int_equal(w.steps, 0);
    body_resume(w.req);
    UNTIL(got("\r\n\r\ndone"));
    ask("GET /hello");
    UNTIL(got("hello"));
}

static void test_a_body_paused_for_too_long_is_504(void **state)
{
    (void)state;
    w.limits.request_ms = 20;
    ask_to_upload("Content-Length: 4\r\n", "bo");
    UNTIL(w.ended);
    assert_true(got("HTTP/1.1 504 "));
    assert_int_equal(w.freed, 0);
    body_resume(w.req);
    assert_int_equal(w.freed, 1);
    assert_int_equal(w.steps, 0);
}

static void test_a_paused_body_whose_client_has_left_waits_for_its_resume(void **state)
{
    (void)state;
    ask_to_upload("Content-Length: 4\r\n", "bo");
    UNTIL(w.req);
    run_for(5);
    leave();
    UNTIL(open_connections() == 0);
    assert_int_equal(w.freed, 0);
    body_resume(w.req);
    assert_int_equal(w.freed, 1);
}

static void test_a_body_that_ended_while_it_was_paused_is_refused_at_its_resume(void **state)
{
    (void)state;
    ask_to_upload("Content-Length: 4\r\n", "bo");
    assert_int_equal(shutdown(w.client, SHUT_WR), 0);
    UNTIL(w.req);
    run_for(5);
    body_resume(w.req);
    UNTIL(w.ended);
    assert_true(got("HTTP/1.1 400 "));
    assert_int_equal(w.steps, 0);
}

/* The interim reply meets a closed socket while the handler is on the stack. */
static void test_a_client_gone_at_100_continue(void **state)
{
    struct peer_address peer;
    int pair[2];

    (void)state;
    start_server();
    assert_true(peer_parse(SV("127.0.0.1"), &peer));
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    w.client = pair[1];
    ask_to_upload("Content-Length: 4\r\nExpect: 100-continue\r\n", "");
    leave_orderly();
    conn_open(w.server, pair[0], &peer, false);
    UNTIL(w.freed == 1 && open_connections() == 0);
    assert_int_equal(w.steps, 0);
}

/* ---- Draining -------------------------------------------------------------------------------- */

static void drain(int64_t deadline_ms)
{
    http_server_drain(w.server, deadline_ms, on_drained, NULL);
}

static void test_a_drain_without_connections_ends_at_once(void **state)
{
    (void)state;
    start_server();
    drain(60000);
    assert_false(w.drained);
    UNTIL(w.drained);
}

static void test_a_drain_waits_for_a_streamed_reply_and_no_longer(void **state)
{
    (void)state;
    ask("GET /stream");
    UNTIL(w.req && w.req->is_pending);
    drain(60000);
    run_for(5);
    assert_false(w.drained);
    req_resume(w.req);
    UNTIL(w.req->is_pending && got("more"));
    req_resume(w.req);
    UNTIL(w.ended);
    assert_true(got("0\r\n\r\n"));
    leave_orderly();
    UNTIL(w.drained);
}

static void test_a_drain_ends_event_streams_old_and_new(void **state)
{
    int first;

    (void)state;
    ask("GET /events");
    UNTIL(got("text/event-stream"));
    first = w.client;
    connect_client();
    say("GET /events HTTP/1.1\r\n");
    UNTIL(open_connections() == 2);
    run_for(5);
    drain(60000);
    say("Host: h\r\n\r\n");
    UNTIL(w.ended);
    assert_int_equal(count_of("0\r\n\r\n"), 1);
    leave_orderly();
    w.client = first;
    w.ended = false;
    UNTIL(w.ended);
    assert_int_equal(count_of("0\r\n\r\n"), 2);
    leave_orderly();
    UNTIL(w.drained);
}

static void test_a_drain_waits_for_operations_whose_client_has_left(void **state)
{
    (void)state;
    ask("GET /park");
    UNTIL(w.req);
    leave();
    UNTIL(open_connections() == 0);
    drain(60000);
    run_for(5);
    assert_false(w.drained);
    req_resume(w.req);
    UNTIL(w.drained);
}

static void test_a_drain_ends_at_its_deadline_whatever_is_pending(void **state)
{
    (void)state;
    ask("GET /park");
    UNTIL(w.req);
    drain(10);
    UNTIL(w.drained);
    UNTIL(w.ended);
    assert_int_equal(w.freed, 0);
    http_server_free(w.server);
    w.server = NULL;
    req_resume(w.req);
    assert_int_equal(w.freed, 1);
    assert_int_equal(w.steps, 0);
}

static void test_a_second_drain_changes_nothing(void **state)
{
    (void)state;
    ask("GET /park");
    UNTIL(w.req);
    drain(60000);
    drain(0);
    run_for(5);
    assert_false(w.drained);
    req_resume(w.req);
    UNTIL(w.ended);
    assert_true(got("Connection: close\r\n"));
    assert_true(got("\r\n\r\ndone"));
    leave_orderly();
    UNTIL(w.drained);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(test_a_parked_request_goes_on_when_it_is_resumed),
        TEST(test_a_wait_ends_by_itself),
        TEST(test_no_step_runs_for_a_client_that_has_left),
        TEST(test_a_client_that_has_only_shut_its_side_is_answered),
        TEST(test_a_parked_request_past_its_deadline_is_504_and_its_resume_only_frees),
        TEST(test_fields_for_the_reply_do_not_go_out_with_the_504),
        TEST(test_memory_at_the_limit_is_enough_for_the_next_step),
        TEST(test_memory_past_the_limit_ends_the_request),
        TEST(test_a_wait_ends_with_the_client),
        TEST(test_a_wait_begun_after_the_client_was_cut_ends_at_once),
        TEST(test_an_early_answer_to_an_empty_body_keeps_the_connection),
        TEST(test_what_follows_an_early_answer_is_not_a_request),
        TEST(test_pieces_go_out_while_the_producer_is_parked),
        TEST(test_a_producer_parked_for_too_long_cuts_the_reply),
        TEST(test_an_aborted_reply_has_no_last_chunk),
        TEST(test_an_aborted_reply_without_chunks_ends_in_a_reset),
        TEST(test_a_failure_after_the_head_cuts_the_reply),
        TEST(test_a_stream_past_its_memory_is_cut),
        TEST(test_events_reach_the_client_at_any_time),
        TEST(test_every_line_end_of_an_events_data_is_one),
        TEST(test_an_event_to_a_client_that_has_left_ends_the_request),
        TEST(test_an_event_client_that_shuts_its_side_has_left),
        TEST(test_owned_bytes_are_let_go_once_when_sent),
        TEST(test_owned_bytes_are_let_go_once_for_a_head),
        TEST(test_owned_bytes_are_let_go_once_for_a_client_gone_before),
        TEST(test_owned_bytes_are_let_go_once_for_a_client_gone_in_the_middle),
        TEST(test_a_client_that_takes_its_reply_slowly_gets_it_whole),
        TEST(test_a_client_that_takes_its_last_reply_slowly_gets_it_whole),
        TEST(test_a_client_that_takes_nothing_is_cut),
        TEST(test_a_paused_body_goes_on_when_it_is_resumed),
        TEST(test_a_body_paused_for_too_long_is_504),
        TEST(test_a_paused_body_whose_client_has_left_waits_for_its_resume),
        TEST(test_a_body_that_ended_while_it_was_paused_is_refused_at_its_resume),
        TEST(test_a_client_gone_at_100_continue),
        TEST(test_a_drain_without_connections_ends_at_once),
        TEST(test_a_drain_waits_for_a_streamed_reply_and_no_longer),
        TEST(test_a_drain_ends_event_streams_old_and_new),
        TEST(test_a_drain_waits_for_operations_whose_client_has_left),
        TEST(test_a_drain_ends_at_its_deadline_whatever_is_pending),
        TEST(test_a_second_drain_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
