/* What comes to the stream, for a process with an event loop that wants to hear of all of it and
 * keeps no place of its own: an asynchronous connection that is tried again for as long as the
 * reader lives.
 *
 * It begins with the last entries that are there, and goes on behind the last one that it told.
 * Where that is not there any more, as the stream was lost or trimmed, it says so and begins anew.
 */
#ifndef KITH_BUS_READER_H
#define KITH_BUS_READER_H

#include "base/sv.h"
#include "loop/loop.h"

#define BUS_READER_BEGIN 1024 /* of the last entries, at a beginning */
#define BUS_READER_ONCE  256  /* entries of an answer */

struct bus_reader;

struct bus_reader_opts {
    const char *url; /* a good one (bus/url.h) */
    /* On the loop. The texts live for the call: the entry's id in the stream, and its CloudEvent.
     */
    void (*on_entry)(struct sv id, struct sv event, void *arg);
    /* It begins anew: what was between is not known. Not for the first beginning. */
    void (*on_gap)(void *arg);
    void *arg;
};

struct bus_reader *bus_reader_new(struct loop *loop, const struct bus_reader_opts *opts);
void bus_reader_free(struct bus_reader *reader);

#endif
