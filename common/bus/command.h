/* One command and its answer over a blocking connection. Inside of this folder. */
#ifndef KITH_BUS_COMMAND_H
#define KITH_BUS_COMMAND_H

#include <hiredis/hiredis.h>

#include "bus/group.h"
#include "bus/url.h"

#define COMMAND_WORDS_MOST (BUS_READ_MOST + 16)

struct bus_group {
    unsigned magic;
    struct arena *arena; /* of the texts below */
    struct bus_url url;
    const char *name;
    const char *consumer;

    redisContext *redis; /* NULL: down */
    redisReply *reply;   /* to the last command: what the entries point into */
    struct bus_entry entries[BUS_READ_MOST];
    bool is_new;        /* see bus_group_connect() */
    unsigned failures;  /* in a row */
    int64_t next_at_ms; /* of the monotonic clock: when to try again */
};

/* The answer, until the next command; NULL: it failed, and the connection is ended. That a group or
 * the stream is not there is an answer. */
const redisReply *command_array(struct bus_group *group, const struct sv *words, size_t count);
#define COMMAND(group, ...)                                  \
    command_array((group), (const struct sv[]){__VA_ARGS__}, \
                  sizeof((const struct sv[]){__VA_ARGS__}) / sizeof(struct sv))

/* It says that there is no such group or stream (any more). */
bool answer_is_no_group(const redisReply *answer);

/* What an answer holds; "", 0 and NULL where it is of another shape. */
struct sv answer_text(const redisReply *answer);
const redisReply *answer_item(const redisReply *answer, size_t number);

/* The value of a name in a list of names and values. */
const redisReply *answer_member(const redisReply *answer, const char *name);

/* Makes the group where it is not there, from the stream's first entry. */
bool command_make_group(struct bus_group *group);

#endif
