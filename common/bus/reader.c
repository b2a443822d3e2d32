/* One command at a time: the last entries, or the last one told, and then XREAD again and again. */
#include "bus/reader.h"

#include <string.h>

#include "bus/link.h"
#include "bus/writer.h"

#define BLOCK_MS  "5000" /* for which Redis waits for an entry */
#define ANSWER_MS 10000  /* above it */
#define BEGINNING "0-0"  /* of a stream in which nothing is */
#define ID_BYTES  64     /* "1763737200000-0", and some */

#define TO_TEXT(number)  TO_TEXT_(number)
#define TO_TEXT_(number) #number

struct bus_reader {
    struct bus_link link;
    struct bus_reader_opts opts;
    char last[ID_BYTES]; /* told; empty: at the beginning */
    bool has_begun;
};

static void ask(struct bus_reader *reader, redisCallbackFn *answered, int count,
                const char *const *words)
{
    const char *argv[8];

    for (int i = 0; i < count; i++)
        argv[i] = words[i];
    redisAsyncCommandArgv(reader->link.redis, answered, reader, count, argv, NULL);
    link_expect(&reader->link, ANSWER_MS);
}
#define ASK(reader, answered, ...)                                            \
    ask((reader), (answered), COUNT_OF(((const char *const[]){__VA_ARGS__})), \
        (const char *const[]){__VA_ARGS__})

/* ---- Entries --------------------------------------------------------------------------------- */

static const redisReply *item(const redisReply *reply, size_t number)
{
    bool is_there = reply && reply->type == REDIS_REPLY_ARRAY && number < reply->elements;

    return is_there ? reply->element[number] : NULL;
}

static size_t items(const redisReply *reply)
{
    return reply && reply->type == REDIS_REPLY_ARRAY ? reply->elements : 0;
}

static struct sv text(const redisReply *reply)
{
    return reply && reply->type == REDIS_REPLY_STRING ? (struct sv){reply->str, reply->len}
                                                      : SV_NONE;
}

/* An entry is its id and a list of names and values. What is no entry of ours is passed over. */
static void tell(struct bus_reader *reader, const redisReply *entry)
{
    const redisReply *fields = item(entry, 1);
    struct sv id = text(item(entry, 0));

    if (id.n == 0 || id.n >= ID_BYTES)
        return;
    memcpy(reader->last, id.p, id.n);
    reader->last[id.n] = '\0';
    for (size_t i = 0; i + 1 < items(fields); i += 2) {
        if (sv_eq(text(item(fields, i)), SV("event")))
            reader->opts.on_entry(id, text(item(fields, i + 1)), reader->opts.arg);
    }
}

/* ---- Reading --------------------------------------------------------------------------------- */

static void read_on(struct bus_reader *reader);

/* Streams with their entries; nil when none came in time. */
static void on_read(redisAsyncContext *redis, void *reply, void *arg)
{
    struct bus_reader *reader = arg;
    const redisReply *entries;

    if (!link_answered(redis, reply))
        return;
    link_is_good(&reader->link);
    entries = item(item(reply, 0), 1);
    for (size_t i = 0; i < items(entries); i++)
        tell(reader, item(entries, i));
    read_on(reader);
}

static void read_on(struct bus_reader *reader)
{
    ASK(reader, on_read, "XREAD", "COUNT", TO_TEXT(BUS_READER_ONCE), "BLOCK", BLOCK_MS, "STREAMS",
        BUS_STREAM, reader->last);
}

/* The last ones, the newest first. */
static void on_last(redisAsyncContext *redis, void *reply, void *arg)
{
    struct bus_reader *reader = arg;

    if (!link_answered(redis, reply))
        return;
    if (reader->has_begun)
        reader->opts.on_gap(reader->opts.arg);
    reader->has_begun = true;
    memcpy(reader->last, BEGINNING, sizeof BEGINNING);
    for (size_t i = items(reply); i-- > 0;)
        tell(reader, item(reply, i));
    read_on(reader);
}

static void begin_anew(struct bus_reader *reader)
{
    ASK(reader, on_last, "XREVRANGE", BUS_STREAM, "+", "-", "COUNT", TO_TEXT(BUS_READER_BEGIN));
}

/* The last one that was told, if it is still there. */
static void on_found(redisAsyncContext *redis, void *reply, void *arg)
{
    struct bus_reader *reader = arg;

    if (!link_answered(redis, reply))
        return;
    if (items(reply) > 0)
        read_on(reader);
    else
        begin_anew(reader);
}

static void came_up(void *arg)
{
    struct bus_reader *reader = arg;

    if (reader->has_begun && strcmp(reader->last, BEGINNING) != 0)
        ASK(reader, on_found, "XRANGE", BUS_STREAM, reader->last, reader->last);
    else
        begin_anew(reader);
}

static void went_down(void *arg)
{
    (void)arg; /* what was asked is asked again */
}

struct bus_reader *bus_reader_new(struct loop *loop, const struct bus_reader_opts *opts)
{
    struct bus_reader *reader = x_calloc(1, sizeof *reader);

    reader->opts = *opts;
    link_begin(&reader->link, loop, opts->url, "Redis tells no events", "Redis tells events again",
               came_up, went_down, reader);
    return reader;
}

void bus_reader_free(struct bus_reader *reader)
{
    link_end(&reader->link);
    x_free(reader);
}
