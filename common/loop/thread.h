/* Threads beside the loop. They take no signals, which are the loop's. */
#ifndef KITH_LOOP_THREAD_H
#define KITH_LOOP_THREAD_H

#include <pthread.h>

#include "base/base.h"

/* False when the system gives none. */
KITH_MUST_CHECK bool thread_start(pthread_t *id, void *(*fn)(void *arg), void *arg);

#endif
