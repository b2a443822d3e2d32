/* A few threads and a queue. Ended jobs come back over an eventfd, so that done() runs on the loop.
 */
#include "loop/offload.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include "base/list.h"
#include "loop/thread.h"

#define OFFLOAD_MAGIC   0x0ff10ad1u
#define OFFLOAD_THREADS 16

struct job {
    struct list link;
    void (*work)(void *arg);
    void (*done)(void *arg, bool was_run);
    void *arg;
};

struct offload {
    unsigned magic;
    struct loop *loop;
    struct event *event;
    int fd;
    size_t threads;
    size_t most;
    size_t waiting_count;
    pthread_t ids[OFFLOAD_THREADS];

    /* Under the lock: */
    pthread_mutex_t lock;
    pthread_cond_t work_came;
    struct list waiting;
    struct list ended;
    bool is_stopping;
};

static void *work(void *arg)
{
    struct offload *offload = OBJ_CAST(offload, OFFLOAD_MAGIC, arg);
    uint64_t one = 1;

    pthread_mutex_lock(&offload->lock);
    while (!offload->is_stopping) {
        struct job *job = LIST_FIRST(&offload->waiting, job, link);

        if (!job) {
            pthread_cond_wait(&offload->work_came, &offload->lock);
            continue;
        }
        list_remove(&job->link);
        pthread_mutex_unlock(&offload->lock);
        job->work(job->arg);
        pthread_mutex_lock(&offload->lock);
        list_append(&offload->ended, &job->link);
        if (write(offload->fd, &one, sizeof one) != sizeof one)
            die("an ended job could not be told");
    }
    pthread_mutex_unlock(&offload->lock);
    return NULL;
}

static void tell_all(struct offload *offload, struct list *jobs, bool was_run)
{
    for (;;) {
        struct job *job;

        pthread_mutex_lock(&offload->lock);
        job = LIST_FIRST(jobs, job, link);
        if (job)
            list_remove(&job->link);
        pthread_mutex_unlock(&offload->lock);
        if (!job)
            return;
        offload->waiting_count--;
        job->done(job->arg, was_run);
        x_free(job);
    }
}

static void on_ended(evutil_socket_t fd, short what, void *arg)
{
    struct offload *offload = OBJ_CAST(offload, OFFLOAD_MAGIC, arg);
    uint64_t count;

    (void)what;
    if (read(fd, &count, sizeof count) == sizeof count)
        tell_all(offload, &offload->ended, true);
}

static void start_threads(struct offload *offload)
{
    for (size_t i = 0; i < offload->threads; i++) {
        if (!thread_start(&offload->ids[i], work, offload))
            die("no thread");
    }
}

struct offload *offload_new(struct loop *loop, size_t threads, size_t queue)
{
    struct offload *offload = x_calloc(1, sizeof *offload);

    ENSURE(threads >= 1 && threads <= OFFLOAD_THREADS);
    offload->magic = OFFLOAD_MAGIC;
    offload->loop = loop;
    offload->threads = threads;
    offload->most = threads + queue;
    list_init(&offload->waiting);
    list_init(&offload->ended);
    pthread_mutex_init(&offload->lock, NULL);
    pthread_cond_init(&offload->work_came, NULL);
    offload->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    offload->event =
        event_new(loop_base(loop), offload->fd, EV_READ | EV_PERSIST, on_ended, offload);
    if (offload->fd < 0 || !offload->event || event_add(offload->event, NULL) != 0)
        die("no way back from the threads");
    start_threads(offload);
    return offload;
}

bool offload_run(struct offload *offload, void (*job_work)(void *arg),
                 void (*done)(void *arg, bool was_run), void *arg)
{
    struct job *job;

    if (offload->waiting_count == offload->most)
        return false;
    offload->waiting_count++;
    job = x_calloc(1, sizeof *job);
    job->work = job_work;
    job->done = done;
    job->arg = arg;
    pthread_mutex_lock(&offload->lock);
    list_append(&offload->waiting, &job->link);
    pthread_cond_signal(&offload->work_came);
    pthread_mutex_unlock(&offload->lock);
    return true;
}

void offload_free(struct offload *offload)
{
    if (!offload)
        return;
    pthread_mutex_lock(&offload->lock);
    offload->is_stopping = true;
    pthread_cond_broadcast(&offload->work_came);
    pthread_mutex_unlock(&offload->lock);
    for (size_t i = 0; i < offload->threads; i++)
        pthread_join(offload->ids[i], NULL);
    tell_all(offload, &offload->ended, true);
    tell_all(offload, &offload->waiting, false);
    event_free(offload->event);
    close(offload->fd);
    pthread_mutex_destroy(&offload->lock);
    pthread_cond_destroy(&offload->work_came);
    offload->magic = 0;
    x_free(offload);
}
