/* A thread inherits what its parent blocks, and so cannot miss a signal by being late. */
#include "loop/thread.h"

#include <signal.h>

bool thread_start(pthread_t *id, void *(*fn)(void *arg), void *arg)
{
    sigset_t all;
    sigset_t before;
    bool is_started;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    is_started = pthread_create(id, NULL, fn, arg) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return is_started;
}
