/* Host names and their addresses, asked for by threads: the system's resolver takes the time that
 * it takes, and nobody can stop it. Who asks is told within a deadline; the thread goes on, at most
 * one for each name, and what it finds late is for who asks next. An answer is for one asking:
 * nothing else is kept, as addresses change. */
#ifndef KITH_LOOP_NAMES_H
#define KITH_LOOP_NAMES_H

#include "base/list.h"
#include "loop/loop.h"

#define NAMES_MOST          16 /* asked for at once */
#define NAME_ADDRESSES_MOST 16 /* of one name; what comes behind them is left out */
#define NAME_ADDRESS_BYTES  64
#define NAME_WHY_BYTES      300

struct addresses {
    size_t n;
    char text[NAME_ADDRESSES_MOST][NAME_ADDRESS_BYTES]; /* numeric, in the resolver's order */
    char why[NAME_WHY_BYTES];                           /* n is 0: what there is instead */
};

struct names;

/* Of up to NAMES_MOST hosts, or none. One that is a numeric address is its own answer. */
struct names *names_new(struct loop *loop, const char *const *hosts, size_t count,
                        int64_t deadline_ms);

/* Who has asked is not told. Not within done(). */
void names_free(struct names *names);

/* A member of who asks. */
struct names_asker {
    struct list link;
    void (*done)(void *arg);
    void *arg;
};

void names_asker_init(struct names_asker *asker, void (*done)(void *arg), void *arg);

/* done() is called once, on the loop and never within this, when there is an answer for every name,
 * or the deadline has come; one that has asked already is left as it is. Who asks while others wait
 * gets what they get, when they do. */
void names_ask(struct names *names, struct names_asker *asker);
void names_forget(struct names_asker *asker);

/* What was found for the host of that number; within done(), and until it asks again. */
const struct addresses *names_addresses(const struct names *names, size_t number);

#endif
