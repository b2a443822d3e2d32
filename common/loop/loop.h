/* One event loop for one process: timers, signals, and work put off to the end of the turn.
 *
 * A thing that may still be in use further up the stack is not freed in a callback: loop_defer()
 * does it when the turn's callbacks are over. Timers are embedded in their owners and say their
 * purpose by their callback. libevent's own log goes to ours; SIGPIPE is ignored. */
#ifndef KITH_LOOP_LOOP_H
#define KITH_LOOP_LOOP_H

#include <event2/event.h>

#include "base/base.h"

struct loop;

struct loop *loop_new(void);
void loop_free(struct loop *loop);

/* Runs until loop_stop(), or until there is nothing to wait for; then the deferred work, and what
 * that defers, until none is left. */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/* After fork(), in the child, before anything else. */
void loop_reinit(struct loop *loop);

/* The event_base for libraries that want one. */
struct event_base *loop_base(struct loop *loop);

/* Calls fn(arg) once, after the callbacks of this turn. What deferred work defers runs in the next
 * turn, after its callbacks, so that sockets and timers get theirs. */
void loop_defer(struct loop *loop, void (*fn)(void *arg), void *arg);

/* Runs what is deferred now: before something that it needs is freed. */
void loop_run_deferred(struct loop *loop);

/* Calls fn(arg) whenever the signal comes, on the loop. */
void loop_on_signal(struct loop *loop, int signal, void (*fn)(void *arg), void *arg);

/* After fork(), in a child that will never run this loop again: signals are no business of it any
 * more, so that a loop of the child's own may have them. */
void loop_forget_signals(struct loop *loop);

/* One-shot timers. Arming an armed timer moves it; the timer may be armed again, or finished with
 * its owner freed, in its callback. A delay below 0 is 0. A timer of zeros, or one that is over,
 * may be cancelled, asked and finished. */
struct timer {
    unsigned magic;
    struct event *event;
    void (*fn)(void *arg);
    void *arg;
};

void timer_init(struct timer *timer, struct loop *loop, void (*fn)(void *arg), void *arg);
void timer_arm(struct timer *timer, int64_t delay_ms);
void timer_cancel(struct timer *timer);
bool timer_is_armed(const struct timer *timer);
void timer_fini(struct timer *timer);

#endif
