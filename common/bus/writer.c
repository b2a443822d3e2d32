/* The asynchronous connection. hiredis frees its context by itself after a loss, behind the
 * callbacks of all that was pending, which then come without a reply; so those are passed over, and
 * the loss is told once, by the last callback of each kind of end. Where we end it ourselves, it is
 * by the timer: never within a callback of the library. */
#include "bus/writer.h"

#include <hiredis/adapters/libevent.h>
#include <hiredis/async.h>
#include <string.h>

#include "base/backoff.h"
#include "base/log.h"
#include "bus/url.h"
#include "loop/names.h"

#define WRITER_MAGIC     0xb0531217u
#define CONNECT_MS       5000 /* to one address; before it as long for the host's name */
#define ANSWER_MS        5000 /* for a whole batch */
#define BACKOFF_FIRST_MS 100
#define BACKOFF_MOST_MS  2000
#define WHY_BYTES        200

#define TO_TEXT(number)  TO_TEXT_(number)
#define TO_TEXT_(number) #number

enum writer_state {
    WRITER_DOWN,       /* no context; the timer begins the next attempt */
    WRITER_RESOLVING,  /* the host's name */
    WRITER_CONNECTING, /* until the greeting is answered; the timer gives it up */
    WRITER_UP,         /* the timer waits for a batch's answers, if one is at work */
    WRITER_BROKEN,     /* the timer ends the context */
};

struct bus_writer {
    unsigned magic;
    struct loop *loop;
    struct arena *arena; /* of the URL's parts */
    struct bus_url url;
    void (*on_up)(void *arg);
    void *arg;

    enum writer_state state;
    struct names *names; /* NULL: it is a socket */
    struct names_asker asker;
    const char (*untried)[NAME_ADDRESS_BYTES]; /* addresses of the host's, the next one first */
    size_t untried_count;

    redisAsyncContext *redis; /* NULL: DOWN, RESOLVING, or it is no longer ours */
    struct timer timer;
    unsigned
        failures;     /* since a message was taken, or since a connection was, if that had failed */
    bool has_refused; /* the last failure was a server's that could be reached */
    char why[WHY_BYTES];

    size_t count; /* of the batch; 0: none is at work */
    size_t added;
    void (*done)(size_t added, void *arg);
};

static void begin(struct bus_writer *writer);

/* ---- Going down ------------------------------------------------------------------------------ */

static void end_batch(struct bus_writer *writer)
{
    bool was_at_work = writer->count > 0;

    writer->count = 0;
    if (was_at_work)
        writer->done(writer->added, writer->arg);
}

static void set_why(struct bus_writer *writer, const char *why)
{
    size_t n = size_min(strcspn(why, "\r\n"), sizeof writer->why - 1);

    memcpy(writer->why, why, n);
    writer->why[n] = '\0';
}

/* The context is gone or going: one line when it happens, and none for the attempts after it. */
static void went_down(struct bus_writer *writer)
{
    writer->redis = NULL;
    writer->state = WRITER_DOWN;
    if (writer->untried_count > 0) {
        log_debug("Redis is not at this address", F_STR("why", writer->why));
        timer_arm(&writer->timer, 0);
        return;
    }
    if (writer->failures++ == 0)
        log_warn("Redis takes no events", F_STR("why", writer->why));
    else
        log_debug("Redis still takes no events", F_STR("why", writer->why));
    timer_arm(&writer->timer, backoff_ms(writer->failures, BACKOFF_FIRST_MS, BACKOFF_MOST_MS));
    end_batch(writer);
}

/* By the timer, so that hiredis is not up the stack. */
static void break_later(struct bus_writer *writer, const char *why)
{
    if (writer->state == WRITER_BROKEN)
        return;
    set_why(writer, why);
    writer->state = WRITER_BROKEN;
    timer_arm(&writer->timer, 0);
}

static void break_now(struct bus_writer *writer)
{
    redisAsyncContext *redis = writer->redis;

    writer->redis = NULL; /* what is called back from here on is passed over */
    redisAsyncFree(redis);
    went_down(writer);
}

static void on_timer(void *arg)
{
    struct bus_writer *writer = OBJ_CAST(bus_writer, WRITER_MAGIC, arg);

    switch (writer->state) {
    case WRITER_DOWN:
        begin(writer);
        break;
    case WRITER_RESOLVING: /* the names have a deadline of their own */
        break;
    case WRITER_CONNECTING:
        set_why(writer, "connecting took too long");
        break_now(writer);
        break;
    case WRITER_UP:
        set_why(writer, "it does not answer");
        break_now(writer);
        break;
    case WRITER_BROKEN:
        break_now(writer);
        break;
    }
}

/* ---- Coming up ------------------------------------------------------------------------------- */

/* The writer, when the context is still its own. */
static struct bus_writer *owner_of(const redisAsyncContext *redis)
{
    struct bus_writer *writer = OBJ_CAST(bus_writer, WRITER_MAGIC, redis->data);

    return writer->redis == redis ? writer : NULL;
}

static void on_connect(const redisAsyncContext *redis, int status)
{
    struct bus_writer *writer = owner_of(redis);

    if (!writer || status == REDIS_OK)
        return;
    set_why(writer, redis->errstr); /* and on_disconnect will not come */
    went_down(writer);
}

static void on_disconnect(const redisAsyncContext *redis, int status)
{
    struct bus_writer *writer = owner_of(redis);

    if (!writer)
        return;
    if (writer->state != WRITER_BROKEN)
        set_why(writer, status == REDIS_OK ? "it was closed" : redis->errstr);
    went_down(writer);
}

/* A server that refused what was to be written is good again when it takes something. */
static void is_good(struct bus_writer *writer)
{
    if (writer->failures)
        log_info("Redis takes events again");
    writer->failures = 0;
    writer->has_refused = false;
}

static void on_greeted(redisAsyncContext *redis, void *reply, void *arg)
{
    struct bus_writer *writer = owner_of(redis);
    const redisReply *answer = reply;
    bool is_last = arg != NULL;

    if (!writer || !answer || writer->state != WRITER_CONNECTING)
        return;
    if (answer->type == REDIS_REPLY_ERROR) {
        break_later(writer, answer->str);
        return;
    }
    if (!is_last)
        return;
    timer_cancel(&writer->timer);
    writer->untried_count = 0; /* when it is lost, its name may have others */
    writer->state = WRITER_UP;
    if (!writer->has_refused)
        is_good(writer);
    writer->on_up(writer->arg);
}

static void greet(struct bus_writer *writer)
{
    const struct bus_url *url = &writer->url;
    const char *ping[] = {"PING"};
    const char *auth[] = {"AUTH", url->user ? url->user : url->password, url->password};

    if (url->password)
        redisAsyncCommandArgv(writer->redis, on_greeted, NULL, url->user ? 3 : 2, auth, NULL);
    redisAsyncCommandArgv(writer->redis, on_greeted, writer, 1, ping, NULL);
}

static void take_context(struct bus_writer *writer, redisAsyncContext *redis)
{
    if (!redis)
        die("hiredis is out of memory");
    redis->data = writer;
    if (redis->err) {
        set_why(writer, redis->errstr);
        redisAsyncFree(redis);
        went_down(writer);
        return;
    }
    writer->redis = redis;
    writer->state = WRITER_CONNECTING;
    timer_arm(&writer->timer, CONNECT_MS);
    redisLibeventAttach(redis, loop_base(writer->loop));
    redisAsyncSetConnectCallback(redis, on_connect);
    redisAsyncSetDisconnectCallback(redis, on_disconnect);
    greet(writer);
}

static void connect_next(struct bus_writer *writer)
{
    writer->untried_count--;
    take_context(writer, redisAsyncConnect(*writer->untried++, writer->url.port));
}

static void on_resolved(void *arg)
{
    struct bus_writer *writer = OBJ_CAST(bus_writer, WRITER_MAGIC, arg);
    const struct addresses *found = names_addresses(writer->names, 0);

    if (found->n == 0) {
        set_why(writer, found->why);
        went_down(writer);
        return;
    }
    writer->untried = found->text;
    writer->untried_count = found->n;
    connect_next(writer);
}

static void begin(struct bus_writer *writer)
{
    if (!writer->names) {
        take_context(writer, redisAsyncConnectUnix(writer->url.path));
    } else if (writer->untried_count > 0) {
        connect_next(writer);
    } else {
        writer->state = WRITER_RESOLVING;
        names_ask(writer->names, &writer->asker);
    }
}

/* ---- Writing --------------------------------------------------------------------------------- */

/* Answers come in order. The first error ends it: what comes behind it is not looked at. */
static void on_added(redisAsyncContext *redis, void *reply, void *arg)
{
    struct bus_writer *writer = owner_of(redis);
    const redisReply *answer = reply;

    (void)arg;
    if (!writer || !answer || writer->state != WRITER_UP)
        return;
    if (answer->type == REDIS_REPLY_ERROR) {
        writer->has_refused = true;
        break_later(writer, answer->str);
        return;
    }
    is_good(writer);
    if (++writer->added < writer->count)
        return;
    timer_cancel(&writer->timer);
    end_batch(writer);
}

static void add_one(struct bus_writer *writer, const struct bus_message *message)
{
    const struct sv words[] = {
        SV("XADD"), SV(BUS_STREAM), SV("MAXLEN"),   SV("~"),          SV(TO_TEXT(BUS_STREAM_MOST)),
        SV("*"),    SV("event"),    message->event, SV("id"),         message->id,
        SV("type"), message->type,  SV("subject"),  message->subject,
    };
    const char *argv[COUNT_OF(words)];
    size_t lengths[COUNT_OF(words)];

    for (size_t i = 0; i < COUNT_OF(words); i++) {
        argv[i] = words[i].n ? words[i].p : "";
        lengths[i] = words[i].n;
    }
    redisAsyncCommandArgv(writer->redis, on_added, NULL, COUNT_OF(words), argv, lengths);
}

void bus_writer_add(struct bus_writer *writer, const struct bus_message *messages, size_t count,
                    void (*done)(size_t added, void *arg))
{
    ENSURE(bus_writer_is_up(writer) && writer->count == 0);
    ENSURE(count > 0 && count <= BUS_BATCH_MOST);
    writer->count = count;
    writer->added = 0;
    writer->done = done;
    for (size_t i = 0; i < count; i++)
        add_one(writer, &messages[i]);
    timer_arm(&writer->timer, ANSWER_MS);
}

/* ---- Life ------------------------------------------------------------------------------------ */

bool bus_writer_is_up(const struct bus_writer *writer)
{
    return writer->state == WRITER_UP;
}

struct bus_writer *bus_writer_new(struct loop *loop, const char *url, void (*on_up)(void *arg),
                                  void *arg)
{
    struct bus_writer *writer = x_calloc(1, sizeof *writer);

    writer->magic = WRITER_MAGIC;
    writer->loop = loop;
    writer->arena = arena_new(KB(16));
    ENSURE(bus_url_parse(writer->arena, sv_of(url), &writer->url));
    if (writer->url.host)
        writer->names = names_new(loop, &writer->url.host, 1, CONNECT_MS);
    names_asker_init(&writer->asker, on_resolved, writer);
    writer->on_up = on_up;
    writer->arg = arg;
    timer_init(&writer->timer, loop, on_timer, writer);
    timer_arm(&writer->timer, 0);
    return writer;
}

void bus_writer_free(struct bus_writer *writer)
{
    redisAsyncContext *redis = writer->redis;

    writer->redis = NULL;
    if (redis)
        redisAsyncFree(redis);
    names_forget(&writer->asker);
    names_free(writer->names);
    timer_fini(&writer->timer);
    arena_free(writer->arena);
    writer->magic = 0;
    x_free(writer);
}
