/* Who listens, and what they are told. */
#include "events.h"

#include <string.h>

#include "base/clock.h"
#include "base/list.h"
#include "base/metrics.h"
#include "bus/reader.h"
#include "call.h"
#include "gen/stmt.h"
#include "heard.h"
#include "http/field.h"
#include "resources.h"
#include "seats.h"

#define CHECK_BYTES KB(64)

struct events {
    struct loop *loop;
    struct bus_reader *reader;
    struct heard kept[EVENTS_KEPT]; /* a ring */
    size_t kept_first;
    size_t kept_count;
    char last[HEARD_ID_BYTES]; /* of the stream, also where nobody is told; empty: none yet */
    struct list listeners;
    size_t listener_count;
    struct seats *seats;
    size_t slot;
    int64_t check_ms;
};

struct listener {
    struct list link;
    struct events *events;
    struct req *r; /* NULL: it has gone, and the check that is at work frees this */
    size_t seat;
    char roles[128];
    struct hearing who;
    char resumed[HEARD_ID_BYTES]; /* behind which it goes on; empty: from now */
    bool has_resumed;
    bool has_begun;
    int64_t until_ms;
    struct timer timer;
    struct arena *checking; /* NULL: no check is at work */
};

static const struct metric_spec open_spec = {
    .name = "kith_event_streams_open",
    .type = METRIC_GAUGE,
    .help = "Clients that listen to events.",
};
static struct metric open_metric;

void events_register_metrics(void)
{
    open_metric = metric_register(&open_spec, METRIC_NO_LABELS);
}

/* ---- Telling --------------------------------------------------------------------------------- */

/* It may end the listener, whose connection is cut when it is too far behind. */
static void tell(const struct listener *listener, const struct heard *heard)
{
    struct str text;

    if (!heard_is_for(heard, &listener->who))
        return;
    str_init(&text, HEARD_TEXT_BYTES);
    heard_add_text(&text, heard, listener->who.roles);
    sse_send(listener->r, sv_of(heard->id), heard_type(heard), str_view(&text));
    str_fini(&text);
}

/* Where it stands, so that it can come back there. */
static void tell_place(const struct listener *listener, struct sv event)
{
    sse_send(listener->r, sv_of(listener->events->last), event, SV("{}"));
}

static struct heard *kept_at(struct events *events, size_t i)
{
    return &events->kept[(events->kept_first + i) % EVENTS_KEPT];
}

static void on_entry(struct sv id, struct sv event, void *arg)
{
    struct events *events = arg;
    struct heard heard;

    if (id.n < sizeof events->last) {
        memcpy(events->last, id.p, id.n);
        events->last[id.n] = '\0';
    }
    if (!heard_read(&heard, id, event))
        return;
    if (events->kept_count == EVENTS_KEPT) {
        heard_free(kept_at(events, 0));
        events->kept_first = (events->kept_first + 1) % EVENTS_KEPT;
        events->kept_count--;
    }
    *kept_at(events, events->kept_count++) = heard;
    LIST_FOREACH_SAFE (link, after, &events->listeners) {
        const struct listener *listener = CONTAINER_OF(link, struct listener, link);

        if (listener->has_begun)
            tell(listener, &heard);
    }
}

static void forget_kept(struct events *events)
{
    while (events->kept_count)
        heard_free(kept_at(events, --events->kept_count));
}

static void on_gap(void *arg)
{
    struct events *events = arg;

    forget_kept(events);
    events->last[0] = '\0';
    LIST_FOREACH_SAFE (link, after, &events->listeners) {
        const struct listener *listener = CONTAINER_OF(link, struct listener, link);

        if (listener->has_begun)
            tell_place(listener, SV("reset"));
    }
}

/* ---- A listener's life ----------------------------------------------------------------------- */

/* The first kept one that it has not heard; past the last one: it has heard all. SIZE_MAX: that is
 * not known any more. */
static size_t unheard(const struct listener *listener)
{
    struct events *events = listener->events;

    for (size_t i = events->kept_count; i-- > 0;) {
        if (strcmp(kept_at(events, i)->id, listener->resumed) == 0)
            return i + 1;
    }
    return events->last[0] && strcmp(events->last, listener->resumed) == 0 ? events->kept_count
                                                                           : SIZE_MAX;
}

static size_t count_for(const struct listener *listener, size_t from)
{
    size_t count = 0;

    for (size_t i = from; i < listener->events->kept_count; i++)
        count += heard_is_for(kept_at(listener->events, i), &listener->who);
    return count;
}

static void begin(struct listener *listener)
{
    struct events *events = listener->events;
    size_t from = listener->has_resumed ? unheard(listener) : events->kept_count;

    listener->has_begun = true;
    if (from == SIZE_MAX || count_for(listener, from) > EVENTS_REPLAYED) {
        tell_place(listener, SV("reset"));
        return;
    }
    for (size_t i = from; i < events->kept_count && listener->r->conn; i++)
        tell(listener, kept_at(events, i));
    tell_place(listener, SV("ready"));
}

static void free_listener(struct listener *listener)
{
    arena_free(listener->checking);
    x_free(listener);
}

static void gone(void *arg)
{
    struct listener *listener = arg;

    list_remove(&listener->link);
    seats_leave(listener->events->seats, listener->seat);
    listener->events->listener_count--;
    metric_set(open_metric, (int64_t)listener->events->listener_count);
    timer_fini(&listener->timer);
    listener->r = NULL;
    if (!listener->checking)
        free_listener(listener);
}

static void take_roles(struct listener *listener, struct sv roles)
{
    ENSURE(roles.n < sizeof listener->roles);
    memcpy(listener->roles, roles.p, roles.n);
    listener->roles[roles.n] = '\0';
    listener->who.roles = sv_of(listener->roles);
}

static void checked(struct db_unit *unit, void *arg)
{
    struct listener *listener = arg;
    enum db_outcome outcome = db_unit_outcome(unit);

    if (outcome == DB_DONE && listener->r)
        take_roles(listener, db_text(unit, 0, 0, "roles"));
    arena_free(listener->checking);
    listener->checking = NULL;
    if (!listener->r)
        free_listener(listener);
    else if (outcome == DB_REFUSED)
        sse_end(listener->r);
    else
        timer_arm(&listener->timer, listener->events->check_ms);
}

static void check(struct listener *listener)
{
    const struct call *call = call_of(listener->r);
    struct db_unit *unit;

    listener->checking = arena_new(CHECK_BYTES);
    unit = db_unit_new(listener->checking);
    call_add_enter(listener->r, listener->checking, unit, STMT(enter), SV(ROLES_EVERYBODY));
    db_unit_may_repeat(unit);
    db_submit(call->pool, unit, call->api->unit_ms, checked, listener);
}

static void on_timer(void *arg)
{
    struct listener *listener = arg;

    if (!listener->has_begun) {
        timer_arm(&listener->timer, listener->events->check_ms);
        begin(listener);
    } else if (clock_mono_ms() >= listener->until_ms) {
        sse_end(listener->r);
    } else {
        check(listener);
    }
}

/* ---- Asking ---------------------------------------------------------------------------------- */

/* The field of a client that comes back; one that is too long is no place of ours. */
static void read_place(struct req *r, struct listener *listener)
{
    struct sv id = req_field(r, SV("last-event-id"));

    listener->has_resumed = id.n > 0;
    if (id.n > 0 && id.n < sizeof listener->resumed)
        memcpy(listener->resumed, id.p, id.n);
}

static void listen_on(struct req *r, struct events *events, size_t seat)
{
    struct call *call = call_of(r);
    struct listener *listener = x_calloc(1, sizeof *listener);

    listener->events = events;
    listener->r = r;
    listener->seat = seat;
    listener->who.district = call->principal.district;
    if (!db_is_null(call->unit, 1, 0, "resources"))
        listener->who.resources = db_text(call->unit, 1, 0, "resources");
    take_roles(listener, sv_of(call->principal.roles));
    read_place(r, listener);
    listener->until_ms = clock_mono_ms() + EVENTS_LONGEST_MS;
    list_append(&events->listeners, &listener->link);
    metric_set(open_metric, (int64_t)++events->listener_count);
    timer_init(&listener->timer, events->loop, on_timer, listener);
    timer_arm(&listener->timer, 0);
    arena_defer(r->arena, gone, listener);
}

static STEP(entered)
{
    struct events *events = call_of(r)->api->events;
    size_t seat;

    switch (seats_take(events->seats, events->slot, &call_of(r)->principal.user, &seat)) {
    case SEATS_TAKEN:
        break;
    case SEATS_FULL:
        reply_field(r, "Retry-After", SV("60"));
        return fail_why(r, ERR_OVERLOADED, "Too many listen to events already.");
    case SEATS_OF_USER:
        reply_field(r, "Retry-After", SV("60"));
        return fail_why(r, ERR_TOO_MANY_REQUESTS, "You listen %d times already.", EVENTS_OF_A_USER);
    }
    if (r->conn && r->head.method == HTTP_GET)
        listen_on(r, events, seat);
    else
        seats_leave(events->seats, seat);
    return sse_begin(r);
}

STEP(events_get)
{
    static const struct sv offers[] = {{"text/event-stream", 17}};
    struct plan *refused = call_refuse_query(r);
    struct call *call = call_of(r);

    if (refused)
        return refused;
    if (http_accept_best(&r->head, offers, COUNT_OF(offers)) < 0)
        return fail(r, ERR_NOT_ACCEPTABLE);
    call->watches = true;
    call_begin(r, CALL_WRITE, SV(ROLES_EVERYBODY)); /* never of a remembered principal */
    call_add(call, STMT(key_resources), call->token.hash.p);
    return call_run(r, entered);
}

struct events *events_new(struct loop *loop, const struct api_config *config, struct seats *seats,
                          size_t slot)
{
    struct events *events = x_calloc(1, sizeof *events);

    events->loop = loop;
    events->check_ms = config->event_check_ms;
    events->seats = seats;
    events->slot = slot;
    seats_begin(seats, slot);
    list_init(&events->listeners);
    events->reader =
        bus_reader_new(loop, &(struct bus_reader_opts){.url = config->service.redis_url,
                                                       .on_entry = on_entry,
                                                       .on_gap = on_gap,
                                                       .arg = events});
    return events;
}

void events_free(struct events *events)
{
    ENSURE(list_is_empty(&events->listeners));
    bus_reader_free(events->reader);
    forget_kept(events);
    x_free(events);
}
