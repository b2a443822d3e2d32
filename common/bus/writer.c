/* Batches of XADDs over the connection. */
#include "bus/writer.h"

#include "base/fail.h"
#include "bus/link.h"

#define ANSWER_MS 5000 /* for a whole batch */

#define TO_TEXT(number)  TO_TEXT_(number)
#define TO_TEXT_(number) #number

struct bus_writer {
    struct bus_link link;
    void (*on_up)(void *arg);
    void *arg;

    size_t count; /* of the batch; 0: none is at work */
    size_t added;
    void (*done)(size_t added, void *arg);
};

static void end_batch(void *arg)
{
    struct bus_writer *writer = arg;
    bool was_at_work = writer->count > 0;

    writer->count = 0;
    if (was_at_work)
        writer->done(writer->added, writer->arg);
}

static void came_up(void *arg)
{
    struct bus_writer *writer = arg;

    writer->on_up(writer->arg);
}

/* Answers come in order. The first error ends it: what comes behind it is not looked at. */
static void on_added(redisAsyncContext *redis, void *reply, void *arg)
{
    struct bus_link *link = link_answered(redis, reply);
    struct bus_writer *writer = arg;

    if (!link)
        return;
    fail_point(FAIL_xadd_after);
    link_is_good(link);
    if (++writer->added < writer->count)
        return;
    link_expect_nothing(link);
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
    redisAsyncCommandArgv(writer->link.redis, on_added, writer, COUNT_OF(words), argv, lengths);
}

void bus_writer_add(struct bus_writer *writer, const struct bus_message *messages, size_t count,
                    void (*done)(size_t added, void *arg))
{
    ENSURE(bus_writer_is_up(writer) && writer->count == 0);
    ENSURE(count > 0 && count <= BUS_BATCH_MOST);
    fail_point(FAIL_xadd_before);
    writer->count = count;
    writer->added = 0;
    writer->done = done;
    for (size_t i = 0; i < count; i++)
        add_one(writer, &messages[i]);
    link_expect(&writer->link, ANSWER_MS);
}

bool bus_writer_is_up(const struct bus_writer *writer)
{
    return writer->link.state == LINK_UP;
}

struct bus_writer *bus_writer_new(struct loop *loop, const char *url, void (*on_up)(void *arg),
                                  void *arg)
{
    struct bus_writer *writer = x_calloc(1, sizeof *writer);

    writer->arg = arg;
    writer->on_up = on_up;
    link_begin(&writer->link, loop, url, "Redis takes no events", "Redis takes events again",
               came_up, end_batch, writer);
    return writer;
}

void bus_writer_free(struct bus_writer *writer)
{
    link_end(&writer->link);
    x_free(writer);
}
