/* The way to the stream for a process with an event loop: one connection to Redis, which is tried
 * again for as long as the writer lives.
 *
 * A batch of messages goes out as one pipeline of XADDs. Whatever goes wrong (no memory, a disk
 * that is full, a replica, a server that is loading, no answer, no connection) ends the batch and
 * costs the connection: what is not known to be in the stream counts as not written, and may be
 * there all the same. A change of state is one line of the log. */
#ifndef KITH_BUS_WRITER_H
#define KITH_BUS_WRITER_H

#include "base/sv.h"
#include "loop/loop.h"

#define BUS_STREAM      "kith:events"
#define BUS_STREAM_MOST 1000000 /* messages in it, roughly; older ones are trimmed */
#define BUS_BATCH_MOST  256     /* messages at once */

struct bus_message {
    struct sv event; /* the CloudEvent; its parts beside it are for who looks at the stream */
    struct sv id;
    struct sv type;
    struct sv subject;
};

struct bus_writer;

/* `on_up` is called, on the loop, whenever a connection is ready. The URL must be a good one
 * (bus/url.h). A host's name may have many addresses: each is tried before it counts as away. */
struct bus_writer *bus_writer_new(struct loop *loop, const char *url, void (*on_up)(void *arg),
                                  void *arg);

/* A batch at work ends without a word. */
void bus_writer_free(struct bus_writer *writer);

/* It is connected, and the server is ready. */
bool bus_writer_is_up(const struct bus_writer *writer);

/* Writes the batch: when bus_writer_is_up(), and no batch is at work. done() is called once, on the
 * loop, never within this; the first `added` of the messages are in the stream. The texts need not
 * live any longer than this call. */
void bus_writer_add(struct bus_writer *writer, const struct bus_message *messages, size_t count,
                    void (*done)(size_t added, void *arg));

#endif
