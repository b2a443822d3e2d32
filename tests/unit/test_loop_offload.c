/* Work off the loop: a thread does it, the loop is told, and what waits is bounded. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/secret.h"
#include "loop/offload.h"

#define JOBS 70

struct job {
    pthread_t worked_in;
    pthread_t told_in;
    bool was_run;
    unsigned told;
    struct loop *loop;
    unsigned *left;
};

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static void work_behind_gate(void *arg)
{
    struct job *job = arg;

    pthread_mutex_lock(&gate);
    job->worked_in = pthread_self();
    pthread_mutex_unlock(&gate);
}

static void tell(void *arg, bool was_run)
{
    struct job *job = arg;

    job->told_in = pthread_self();
    job->was_run = was_run;
    job->told++;
    if (--*job->left == 0)
        loop_stop(job->loop);
}

static void work_is_done_in_a_thread_and_told_on_the_loop(void **state)
{
    struct loop *loop = loop_new();
    struct offload *offload = offload_new(loop, 2, 8);
    unsigned left = 1;
    struct job job = {.loop = loop, .left = &left};

    (void)state;
    assert_true(offload_run(offload, work_behind_gate, tell, &job));
    assert_int_equal(job.told, 0);
    loop_run(loop);
    assert_int_equal(job.told, 1);
    assert_true(job.was_run);
    assert_true(pthread_equal(job.told_in, pthread_self()));
    assert_false(pthread_equal(job.worked_in, pthread_self()));
    offload_free(offload);
    loop_free(loop);
}

static void as_many_as_threads_and_queue_hold_and_not_one_more(void **state)
{
    struct loop *loop = loop_new();
    struct offload *offload = offload_new(loop, 2, JOBS - 2);
    unsigned left = JOBS;
    struct job jobs[JOBS + 1];

    (void)state;
    memset(jobs, 0, sizeof jobs);
    pthread_mutex_lock(&gate);
    for (size_t i = 0; i < JOBS; i++) {
        jobs[i].loop = loop;
        jobs[i].left = &left;
        assert_true(offload_run(offload, work_behind_gate, tell, &jobs[i]));
    }
    assert_false(offload_run(offload, work_behind_gate, tell, &jobs[JOBS]));
    pthread_mutex_unlock(&gate);
    loop_run(loop);
    for (size_t i = 0; i < JOBS; i++)
        assert_int_equal(jobs[i].told, 1);
    assert_int_equal(jobs[JOBS].told, 0);
    left = 1;
    jobs[JOBS] = (struct job){.loop = loop, .left = &left};
    assert_true(offload_run(offload, work_behind_gate, tell, &jobs[JOBS])); /* room again */
    loop_run(loop);
    offload_free(offload);
    loop_free(loop);
}

static void at_the_end_each_job_is_told_once_run_or_not(void **state)
{
    struct loop *loop = loop_new();
    struct offload *offload = offload_new(loop, 1, JOBS);
    unsigned left = JOBS + 1; /* nobody stops the loop: it does not run */
    struct job jobs[JOBS];

    (void)state;
    memset(jobs, 0, sizeof jobs);
    for (size_t i = 0; i < JOBS; i++) {
        jobs[i].loop = loop;
        jobs[i].left = &left;
        assert_true(offload_run(offload, work_behind_gate, tell, &jobs[i]));
    }
    offload_free(offload);
    for (size_t i = 0; i < JOBS; i++)
        assert_int_equal(jobs[i].told, 1);
    assert_int_equal(left, 1);
    loop_free(loop);
}

static void a_password_matches_its_hash_and_no_other(void **state)
{
    char hash[PASSWORD_HASH_BYTES];
    char again[PASSWORD_HASH_BYTES];
    char longest[PASSWORD_LONGEST + 1];

    (void)state;
    secret_password_hash(hash, SV("correct horse"));
    secret_password_hash(again, SV("correct horse"));
    assert_true(sv_starts_with(sv_of(hash), SV("$argon2id$v=19$m=19456,t=2,p=1$")));
    assert_string_not_equal(hash, again); /* each has a salt of its own */
    assert_true(secret_password_matches(hash, SV("correct horse")));
    assert_false(secret_password_matches(hash, SV("correct hors")));
    assert_false(secret_password_matches(hash, SV("")));
    assert_false(secret_password_matches(NULL, SV("correct horse")));
    assert_false(secret_password_matches("not a hash", SV("correct horse")));
    memset(longest, 'x', sizeof longest);
    secret_password_hash(hash, (struct sv){longest, PASSWORD_LONGEST});
    assert_true(secret_password_matches(hash, (struct sv){longest, PASSWORD_LONGEST}));
    assert_false(secret_password_matches(hash, (struct sv){longest, PASSWORD_LONGEST + 1}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(work_is_done_in_a_thread_and_told_on_the_loop),
        cmocka_unit_test(as_many_as_threads_and_queue_hold_and_not_one_more),
        cmocka_unit_test(at_the_end_each_job_is_told_once_run_or_not),
        cmocka_unit_test(a_password_matches_its_hash_and_no_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
