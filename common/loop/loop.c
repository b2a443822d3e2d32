/* The event loop over libevent. Deferred work runs from one event that is made active by hand, so
 * that it comes after everything that was already active in this turn. */
#include "loop/loop.h"

#include <signal.h>

#include "base/list.h"
#include "base/log.h"

#define LOOP_MAGIC      0x1009ba5eu
#define TIMER_MAGIC     0x71e40001u
#define ON_SIGNAL_MAGIC 0x519a1001u

struct deferred {
    struct list link;
    void (*fn)(void *arg);
    void *arg;
};

struct on_signal {
    unsigned magic;
    struct list link;
    struct event *event;
    void (*fn)(void *arg);
    void *arg;
};

struct loop {
    unsigned magic;
    struct event_base *base;
    struct event *deferred_event;
    struct list deferred;
    bool is_running_deferred;
    struct list signals;
};

static void log_libevent(int severity, const char *message)
{
    if (severity == EVENT_LOG_DEBUG)
        log_debug("libevent", F_STR("says", message));
    else
        log_warn("libevent", F_STR("says", message));
}

static void die_of_libevent(int error)
{
    die("libevent gave up with error %d", error);
}

static const struct timeval at_once = {0, 0};

/* Runs what is there now. What that work defers waits behind a timer of 0: an event made active
 * here would run in this same turn, and work that defers itself would starve the sockets. */
static void run_deferred(evutil_socket_t fd, short what, void *arg)
{
    struct loop *loop = OBJ_CAST(loop, LOOP_MAGIC, arg);
    struct list batch;

    (void)fd;
    (void)what;
    list_init(&batch);
    LIST_FOREACH_SAFE (link, after, &loop->deferred) {
        list_move(&batch, link);
    }
    loop->is_running_deferred = true;
    while (!list_is_empty(&batch)) {
        struct deferred *d = LIST_FIRST(&batch, deferred, link);

        list_remove(&d->link);
        d->fn(d->arg);
        x_free(d);
    }
    loop->is_running_deferred = false;
    if (!list_is_empty(&loop->deferred) && event_add(loop->deferred_event, &at_once) != 0)
        die("deferred work could not be put off");
}

struct loop *loop_new(void)
{
    struct loop *loop = x_calloc(1, sizeof *loop);

    event_set_log_callback(log_libevent);
    event_set_fatal_callback(die_of_libevent);
    signal(SIGPIPE, SIG_IGN);
    loop->magic = LOOP_MAGIC;
    loop->base = event_base_new();
    if (!loop->base)
        die("no event base");
    loop->deferred_event = event_new(loop->base, -1, 0, run_deferred, loop);
    if (!loop->deferred_event)
        die("no event for deferred work");
    list_init(&loop->deferred);
    list_init(&loop->signals);
    return loop;
}

void loop_run_deferred(struct loop *loop)
{
    while (!list_is_empty(&loop->deferred))
        run_deferred(-1, 0, loop);
}

void loop_free(struct loop *loop)
{
    if (!loop)
        return;
    loop_run_deferred(loop);
    while (!list_is_empty(&loop->signals)) {
        struct on_signal *s = LIST_FIRST(&loop->signals, on_signal, link);

        list_remove(&s->link);
        event_free(s->event);
        s->magic = 0;
        x_free(s);
    }
    event_free(loop->deferred_event);
    event_base_free(loop->base);
    loop->magic = 0;
    x_free(loop);
}

void loop_run(struct loop *loop)
{
    if (event_base_dispatch(loop->base) < 0)
        die("the event loop failed");
    loop_run_deferred(loop);
}

void loop_stop(struct loop *loop)
{
    event_base_loopbreak(loop->base);
}

void loop_reinit(struct loop *loop)
{
    if (event_reinit(loop->base) != 0)
        die("the event loop did not survive the fork");
}

struct event_base *loop_base(struct loop *loop)
{
    return loop->base;
}

void loop_defer(struct loop *loop, void (*fn)(void *arg), void *arg)
{
    struct deferred *d = x_calloc(1, sizeof *d);

    d->fn = fn;
    d->arg = arg;
    list_append(&loop->deferred, &d->link);
    if (!loop->is_running_deferred)
        event_active(loop->deferred_event, 0, 0);
}

void loop_forget_signals(struct loop *loop)
{
    LIST_FOREACH (link, &loop->signals) {
        event_del(CONTAINER_OF(link, struct on_signal, link)->event);
    }
}

static void on_signal(evutil_socket_t fd, short what, void *arg)
{
    struct on_signal *s = OBJ_CAST(on_signal, ON_SIGNAL_MAGIC, arg);

    (void)fd;
    (void)what;
    s->fn(s->arg);
}

void loop_on_signal(struct loop *loop, int signal_number, void (*fn)(void *arg), void *arg)
{
    struct on_signal *s = x_calloc(1, sizeof *s);

    s->magic = ON_SIGNAL_MAGIC;
    s->fn = fn;
    s->arg = arg;
    s->event = evsignal_new(loop->base, signal_number, on_signal, s);
    if (!s->event || event_add(s->event, NULL) != 0)
        die("no handler for signal %d", signal_number);
    list_append(&loop->signals, &s->link);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    struct timer *timer = OBJ_CAST(timer, TIMER_MAGIC, arg);

    (void)fd;
    (void)what;
    timer->fn(timer->arg);
}

void timer_init(struct timer *timer, struct loop *loop, void (*fn)(void *arg), void *arg)
{
    timer->magic = TIMER_MAGIC;
    timer->fn = fn;
    timer->arg = arg;
    timer->event = evtimer_new(loop->base, on_timer, timer);
    if (!timer->event)
        die("no timer");
}

void timer_arm(struct timer *timer, int64_t delay_ms)
{
    int64_t ms = delay_ms > 0 ? delay_ms : 0;
    struct timeval delay = {.tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000};

    if (evtimer_add(timer->event, &delay) != 0)
        die("a timer could not be armed");
}

void timer_cancel(struct timer *timer)
{
    if (timer->event)
        evtimer_del(timer->event);
}

bool timer_is_armed(const struct timer *timer)
{
    return timer->event && evtimer_pending(timer->event, NULL) != 0;
}

void timer_fini(struct timer *timer)
{
    if (timer->event)
        event_free(timer->event);
    timer->event = NULL;
    timer->magic = 0;
}
