/* Work that would block the loop, done by a few threads: a password's hash, not a query. Jobs wait
 * in a bounded queue; done() is called on the loop. The threads touch nothing but what the job
 * points to. */
#ifndef KITH_LOOP_OFFLOAD_H
#define KITH_LOOP_OFFLOAD_H

#include "loop/loop.h"

struct offload;

struct offload *offload_new(struct loop *loop, size_t threads, size_t queue);

/* Waits for what is at work; what waits is dropped and done() is called for it, with was_run false.
 */
void offload_free(struct offload *offload);

/* False when the queue is full. The argument must live until done(). */
KITH_MUST_CHECK bool offload_run(struct offload *offload, void (*work)(void *arg),
                                 void (*done)(void *arg, bool was_run), void *arg);

#endif
