/* One thread for each name at work. What it finds stands in a look-up, which belongs to two, the
 * loop and the thread, and goes with the last of them: at the loop's end a thread may be anywhere
 * in the resolver. */
#include "loop/names.h"

#include <inttypes.h>
#include <netdb.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "loop/thread.h"

#define NAMES_MAGIC 0x4a3e5001u
#define NAME_MAGIC  0x4a3e0001u
#define LATE_MS     30000 /* for so long an answer that came too late is one for who asks next */

struct lookup {
    atomic_uint owners;
    atomic_bool has_ended; /* found may be read */
    int ended_fd;          /* readable from then on */
    struct addresses found;
    char host[];
};

struct name {
    unsigned magic;
    struct names *names;
    char *host;
    bool is_numeric;
    bool is_known; /* found is the answer for who asks now, or next */
    int64_t known_at_ms;
    struct addresses found;
    struct lookup *lookup; /* NULL: none is at work */
    struct event *event;   /* of its end */
};

struct names {
    unsigned magic;
    struct loop *loop;
    int64_t deadline_ms;
    struct timer deadline;
    struct list askers;
    size_t count;
    struct name *list;
};

/* ---- The resolver, in its thread ------------------------------------------------------------- */

static void lookup_release(struct lookup *lookup)
{
    if (atomic_fetch_sub(&lookup->owners, 1) > 1)
        return;
    close(lookup->ended_fd);
    x_free(lookup);
}

static void set_why(struct addresses *found, const char *host, const char *why)
{
    found->n = 0;
    snprintf(found->why, sizeof found->why, "%.200s: %s", host, why);
}

static void take_addresses(struct addresses *found, const struct addrinfo *all)
{
    found->n = 0;
    for (const struct addrinfo *a = all; a && found->n < NAME_ADDRESSES_MOST; a = a->ai_next) {
        if (getnameinfo(a->ai_addr, a->ai_addrlen, found->text[found->n], NAME_ADDRESS_BYTES, NULL,
                        0, NI_NUMERICHOST) == 0)
            found->n++;
    }
}

static void resolve(const char *host, int flags, struct addresses *found)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = flags};
    struct addrinfo *all = NULL;
    int error = getaddrinfo(host, NULL, &hints, &all);

    if (error == 0)
        take_addresses(found, all);
    if (all)
        freeaddrinfo(all);
    if (error != 0 || found->n == 0)
        set_why(found, host, error != 0 ? gai_strerror(error) : "it has no address");
}

static void *look_up(void *arg)
{
    struct lookup *lookup = arg;
    uint64_t one = 1;

    resolve(lookup->host, 0, &lookup->found);
    atomic_store(&lookup->has_ended, true);
    if (write(lookup->ended_fd, &one, sizeof one) != sizeof one)
        die("the end of a look-up could not be told");
    lookup_release(lookup);
    return NULL;
}

/* ---- A name, on the loop --------------------------------------------------------------------- */

static void tell_when_known(struct names *names);

static void is_found(struct name *name)
{
    name->is_known = true;
    name->known_at_ms = clock_mono_ms();
}

static void leave_lookup(struct name *name)
{
    event_free(name->event);
    lookup_release(name->lookup);
    name->event = NULL;
    name->lookup = NULL;
}

static void on_ended(evutil_socket_t fd, short what, void *arg)
{
    struct name *name = OBJ_CAST(name, NAME_MAGIC, arg);

    (void)fd;
    (void)what;
    ENSURE(atomic_load(&name->lookup->has_ended));
    name->found = name->lookup->found;
    leave_lookup(name);
    is_found(name);
    tell_when_known(name->names);
}

static struct lookup *lookup_new(const char *host)
{
    size_t bytes = strlen(host) + 1;
    struct lookup *lookup = x_calloc(1, sizeof *lookup + bytes);

    atomic_init(&lookup->owners, 1);
    lookup->ended_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (lookup->ended_fd < 0)
        die("no way back from a look-up");
    memcpy(lookup->host, host, bytes);
    return lookup;
}

static void begin_lookup(struct name *name)
{
    pthread_t id;

    name->lookup = lookup_new(name->host);
    name->event =
        event_new(loop_base(name->names->loop), name->lookup->ended_fd, EV_READ, on_ended, name);
    if (!name->event || event_add(name->event, NULL) != 0)
        die("a look-up could not be watched");
    atomic_fetch_add(&name->lookup->owners, 1);
    if (thread_start(&id, look_up, name->lookup)) {
        pthread_detach(id);
        return;
    }
    lookup_release(name->lookup);
    leave_lookup(name);
    set_why(&name->found, name->host, "no thread can look it up");
    is_found(name);
}

/* ---- Asking ---------------------------------------------------------------------------------- */

static bool are_known(const struct names *names)
{
    for (size_t i = 0; i < names->count; i++) {
        if (!names->list[i].is_known)
            return false;
    }
    return true;
}

/* Whom this tells may ask again. */
static void tell(struct names *names)
{
    struct list told;

    timer_cancel(&names->deadline);
    for (size_t i = 0; i < names->count; i++)
        names->list[i].is_known = names->list[i].is_numeric;
    list_init(&told);
    LIST_FOREACH_SAFE (link, after, &names->askers) {
        list_move(&told, link);
    }
    while (!list_is_empty(&told)) {
        struct names_asker *asker = LIST_FIRST(&told, names_asker, link);

        list_remove(&asker->link);
        asker->done(asker->arg);
    }
}

static void tell_when_known(struct names *names)
{
    if (!list_is_empty(&names->askers) && are_known(names))
        tell(names);
}

static void on_deadline(void *arg)
{
    struct names *names = OBJ_CAST(names, NAMES_MAGIC, arg);
    char why[64];

    if (list_is_empty(&names->askers))
        return; /* they have forgotten */
    snprintf(why, sizeof why, "the resolver has not answered in %" PRId64 " ms",
             names->deadline_ms);
    for (size_t i = 0; i < names->count; i++) {
        if (!names->list[i].is_known)
            set_why(&names->list[i].found, names->list[i].host, why);
    }
    tell(names);
}

static void begin(struct names *names)
{
    int64_t now_ms = clock_mono_ms();

    for (size_t i = 0; i < names->count; i++) {
        struct name *name = &names->list[i];

        if (!name->is_numeric && now_ms - name->known_at_ms > LATE_MS)
            name->is_known = false;
        if (!name->is_known && !name->lookup)
            begin_lookup(name);
    }
    timer_arm(&names->deadline, are_known(names) ? 0 : names->deadline_ms);
}

void names_asker_init(struct names_asker *asker, void (*done)(void *arg), void *arg)
{
    list_init(&asker->link);
    asker->done = done;
    asker->arg = arg;
}

void names_ask(struct names *names, struct names_asker *asker)
{
    bool is_first = list_is_empty(&names->askers);

    list_move(&names->askers, &asker->link);
    if (is_first)
        begin(names);
}

void names_forget(struct names_asker *asker)
{
    list_remove(&asker->link);
}

const struct addresses *names_addresses(const struct names *names, size_t number)
{
    ENSURE(number < names->count);
    return &names->list[number].found;
}

/* ---- Life ------------------------------------------------------------------------------------ */

static void name_init(struct name *name, struct names *names, const char *host)
{
    name->magic = NAME_MAGIC;
    name->names = names;
    name->host = x_strdup(host);
    resolve(host, AI_NUMERICHOST, &name->found);
    name->is_numeric = name->is_known = name->found.n > 0;
}

struct names *names_new(struct loop *loop, const char *const *hosts, size_t count,
                        int64_t deadline_ms)
{
    struct names *names = x_calloc(1, sizeof *names);

    ENSURE(count <= NAMES_MOST);
    names->magic = NAMES_MAGIC;
    names->loop = loop;
    names->deadline_ms = deadline_ms;
    names->count = count;
    names->list = x_calloc(count, sizeof *names->list);
    list_init(&names->askers);
    timer_init(&names->deadline, loop, on_deadline, names);
    for (size_t i = 0; i < count; i++)
        name_init(&names->list[i], names, hosts[i]);
    return names;
}

void names_free(struct names *names)
{
    if (!names)
        return;
    while (!list_is_empty(&names->askers))
        list_remove(names->askers.next);
    for (size_t i = 0; i < names->count; i++) {
        if (names->list[i].lookup)
            leave_lookup(&names->list[i]);
        x_free(names->list[i].host);
        names->list[i].magic = 0;
    }
    timer_fini(&names->deadline);
    x_free(names->list);
    names->magic = 0;
    x_free(names);
}
