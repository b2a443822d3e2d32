/* The connection: its states, from a name to a greeting, and back. */
#include "bus/link.h"

#include <hiredis/adapters/libevent.h>
#include <string.h>

#include "base/backoff.h"
#include "base/log.h"

#define LINK_MAGIC       0xb0531217u
#define CONNECT_MS       5000 /* to one address; before it as long for the host's name */
#define BACKOFF_FIRST_MS 100
#define BACKOFF_MOST_MS  2000

static void begin(struct bus_link *link);

/* ---- Going down ------------------------------------------------------------------------------ */

static void set_why(struct bus_link *link, const char *why)
{
    size_t n = size_min(strcspn(why, "\r\n"), sizeof link->why - 1);

    memcpy(link->why, why, n);
    link->why[n] = '\0';
}

/* The context is gone or going: one line when it happens, and none for the attempts after it. */
static void went_down(struct bus_link *link)
{
    link->redis = NULL;
    link->state = LINK_DOWN;
    if (link->untried_count > 0) {
        log_debug("Redis is not at this address", F_STR("why", link->why));
        timer_arm(&link->timer, 0);
        return;
    }
    if (link->failures++ == 0)
        log_warn(link->lost, F_STR("why", link->why));
    else
        log_debug(link->lost, F_STR("why", link->why));
    timer_arm(&link->timer, backoff_ms(link->failures, BACKOFF_FIRST_MS, BACKOFF_MOST_MS));
    link->on_down(link->arg);
}

/* By the timer, so that hiredis is not up the stack. */
void link_break(struct bus_link *link, const char *why)
{
    if (link->state == LINK_BROKEN)
        return;
    set_why(link, why);
    link->state = LINK_BROKEN;
    timer_arm(&link->timer, 0);
}

static void break_now(struct bus_link *link)
{
    redisAsyncContext *redis = link->redis;

    link->redis = NULL; /* what is called back from here on is passed over */
    redisAsyncFree(redis);
    went_down(link);
}

static void on_timer(void *arg)
{
    struct bus_link *link = OBJ_CAST(bus_link, LINK_MAGIC, arg);

    switch (link->state) {
    case LINK_DOWN:
        begin(link);
        break;
    case LINK_RESOLVING: /* the names have a deadline of their own */
        break;
    case LINK_CONNECTING:
        set_why(link, "connecting took too long");
        break_now(link);
        break;
    case LINK_UP:
        set_why(link, "it does not answer");
        break_now(link);
        break;
    case LINK_BROKEN:
        break_now(link);
        break;
    }
}

/* ---- Coming up ------------------------------------------------------------------------------- */

/* The link, when the context is still its own. */
static struct bus_link *owner_of(const redisAsyncContext *redis)
{
    struct bus_link *link = OBJ_CAST(bus_link, LINK_MAGIC, redis->data);

    return link->redis == redis ? link : NULL;
}

static void on_connect(const redisAsyncContext *redis, int status)
{
    struct bus_link *link = owner_of(redis);

    if (!link || status == REDIS_OK)
        return;
    set_why(link, redis->errstr); /* and on_disconnect will not come */
    went_down(link);
}

static void on_disconnect(const redisAsyncContext *redis, int status)
{
    struct bus_link *link = owner_of(redis);

    if (!link)
        return;
    if (link->state != LINK_BROKEN)
        set_why(link, status == REDIS_OK ? "it was closed" : redis->errstr);
    went_down(link);
}

/* A server that refused something is good again when it does it. */
void link_is_good(struct bus_link *link)
{
    if (link->failures)
        log_info(link->back);
    link->failures = 0;
    link->has_refused = false;
}

static void on_greeted(redisAsyncContext *redis, void *reply, void *arg)
{
    struct bus_link *link = owner_of(redis);
    const redisReply *answer = reply;
    bool is_last = arg != NULL;

    if (!link || !answer || link->state != LINK_CONNECTING)
        return;
    if (answer->type == REDIS_REPLY_ERROR) {
        link_break(link, answer->str);
        return;
    }
    if (!is_last)
        return;
    timer_cancel(&link->timer);
    link->untried_count = 0; /* when it is lost, its name may have others */
    link->state = LINK_UP;
    if (!link->has_refused)
        link_is_good(link);
    link->on_up(link->arg);
}

static void greet(struct bus_link *link)
{
    const struct bus_url *url = &link->url;
    const char *ping[] = {"PING"};
    const char *auth[] = {"AUTH", url->user ? url->user : url->password, url->password};

    if (url->password)
        redisAsyncCommandArgv(link->redis, on_greeted, NULL, url->user ? 3 : 2, auth, NULL);
    redisAsyncCommandArgv(link->redis, on_greeted, link, 1, ping, NULL);
}

static void take_context(struct bus_link *link, redisAsyncContext *redis)
{
    if (!redis)
        die("hiredis is out of memory");
    redis->data = link;
    if (redis->err) {
        set_why(link, redis->errstr);
        redisAsyncFree(redis);
        went_down(link);
        return;
    }
    link->redis = redis;
    link->state = LINK_CONNECTING;
    timer_arm(&link->timer, CONNECT_MS);
    redisLibeventAttach(redis, loop_base(link->loop));
    redisAsyncSetConnectCallback(redis, on_connect);
    redisAsyncSetDisconnectCallback(redis, on_disconnect);
    greet(link);
}

static void connect_next(struct bus_link *link)
{
    link->untried_count--;
    take_context(link, redisAsyncConnect(*link->untried++, link->url.port));
}

static void on_resolved(void *arg)
{
    struct bus_link *link = OBJ_CAST(bus_link, LINK_MAGIC, arg);
    const struct addresses *found = names_addresses(link->names, 0);

    if (found->n == 0) {
        set_why(link, found->why);
        went_down(link);
        return;
    }
    link->untried = found->text;
    link->untried_count = found->n;
    connect_next(link);
}

static void begin(struct bus_link *link)
{
    if (!link->names) {
        take_context(link, redisAsyncConnectUnix(link->url.path));
    } else if (link->untried_count > 0) {
        connect_next(link);
    } else {
        link->state = LINK_RESOLVING;
        names_ask(link->names, &link->asker);
    }
}

/* ---- For its owner --------------------------------------------------------------------------- */

struct bus_link *link_answered(redisAsyncContext *redis, const redisReply *reply)
{
    struct bus_link *link = owner_of(redis);

    if (!link || !reply || link->state != LINK_UP)
        return NULL;
    if (reply->type != REDIS_REPLY_ERROR)
        return link;
    link->has_refused = true;
    link_break(link, reply->str);
    return NULL;
}

void link_expect(struct bus_link *link, int64_t answer_ms)
{
    timer_arm(&link->timer, answer_ms);
}

void link_expect_nothing(struct bus_link *link)
{
    timer_cancel(&link->timer);
}

void link_begin(struct bus_link *link, struct loop *loop, const char *url, const char *lost,
                const char *back, void (*on_up)(void *arg), void (*on_down)(void *arg), void *arg)
{
    *link = (struct bus_link){.magic = LINK_MAGIC,
                              .loop = loop,
                              .arena = arena_new(KB(16)),
                              .lost = lost,
                              .back = back,
                              .on_up = on_up,
                              .on_down = on_down,
                              .arg = arg};
    ENSURE(bus_url_parse(link->arena, sv_of(url), &link->url));
    if (link->url.host)
        link->names = names_new(loop, &link->url.host, 1, CONNECT_MS);
    names_asker_init(&link->asker, on_resolved, link);
    timer_init(&link->timer, loop, on_timer, link);
    timer_arm(&link->timer, 0);
}

void link_end(struct bus_link *link)
{
    redisAsyncContext *redis = link->redis;

    link->redis = NULL;
    if (redis)
        redisAsyncFree(redis);
    names_forget(&link->asker);
    names_free(link->names);
    timer_fini(&link->timer);
    arena_free(link->arena);
    link->magic = 0;
}
