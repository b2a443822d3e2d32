/* The pool against a fake of libpq: how each unit ends, whatever fails, and that it ends once. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "db/db.h"
#include "db/prepare.h"
#include "fake_pq.h"

#define UNITS  1024
#define FAR_MS 600000

#define ONE_TURN \
    (EVLOOP_ONCE | EVLOOP_NONBLOCK) /* NONBLOCK alone goes on while anything is ready */

static const struct db_statement row = {"row", "row", 1, DB_ONE, false};
static const struct db_statement exec = {"exec", "exec", 1, DB_EXEC, false};
static const struct db_statement fails = {"fails", "fail 23505 t_key", 1, DB_EXEC, false};
static const struct db_statement wrong = {"wrong", "wrong 42703", 1, DB_EXEC, false};
static const struct db_statement defers = {"defers", "defer 23503", 1, DB_EXEC, false};
static const struct db_statement ends = {"ends", "fatal 57P01", 1, DB_EXEC, false};
static const struct db_statement unsupported = {"unsupported", "fail 0A000", 1, DB_EXEC, false};

/* One submitted unit and what became of it; its arena goes with done(), as a request's may. */
struct trial {
    int id;
    char text[8];
    const char *params[1];
    struct arena *arena;
    struct db_unit *unit;
    unsigned ends;
    enum db_outcome outcome;
    struct db_error error; /* without its texts */
    char constraint[64];
    int64_t n;      /* the last statement's row, or 0 */
    size_t effects; /* of its statements */
    bool may_repeat;
    bool submit_again;
};

static struct loop *loop;
static struct db_pool *pool;
static struct trial trials[UNITS];
static int trial_count;
static bool is_submitting;

static int setup(void **state)
{
    (void)state;
    log_start("test", LOG_TEXT, LOG_ERROR);
    fake_reset();
    memset(trials, 0, sizeof trials);
    trial_count = 0;
    loop = loop_new();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    db_pool_free(pool);
    pool = NULL;
    loop_free(loop);
    for (int i = 0; i < trial_count; i++)
        assert_int_equal(trials[i].ends, 1);
    fake_free();
    return 0;
}

static void turn(void)
{
    for (int i = 0; i < 12; i++)
        event_base_loop(loop_base(loop), ONE_TURN);
}

/* Turns until the condition holds, for as long as a slow machine may need. */
#define AWAIT(condition)                                   \
    do {                                                   \
        int64_t until_ms = clock_mono_ms() + 10000;        \
        while (!(condition) && clock_mono_ms() < until_ms) \
            event_base_loop(loop_base(loop), ONE_TURN);    \
        assert_true(condition);                            \
    } while (0)

static void open_pool_with(struct db_opts opts)
{
    opts.url = "postgresql://fake";
    opts.application_name = "test";
    opts.backoff_first_ms = opts.backoff_first_ms ? opts.backoff_first_ms : 1;
    opts.backoff_most_ms = opts.backoff_most_ms ? opts.backoff_most_ms : 2;
    pool = db_pool_new(loop, &opts);
}

/* With all connections ready. */
#define OPEN_POOL(...) open_pool_and_wait((struct db_opts){__VA_ARGS__})
static void open_pool_and_wait(struct db_opts opts)
{
    open_pool_with(opts);
    AWAIT(db_pool_stats(pool).ready == opts.connections);
}

static void submit(struct trial *t, int64_t deadline_ms);

static struct trial *trial_new(void)
{
    struct trial *t = &trials[trial_count++];

    assert_true(trial_count <= UNITS);
    t->id = trial_count;
    snprintf(t->text, sizeof t->text, "%d", t->id);
    t->params[0] = t->text;
    t->arena = arena_new(KB(64));
    t->unit = db_unit_new(t->arena);
    return t;
}

static void done(struct db_unit *unit, void *arg)
{
    struct trial *t = arg;
    const struct db_error *error = db_unit_error(unit);

    assert_false(is_submitting);
    assert_ptr_equal(t->unit, unit);
    t->ends++;
    t->outcome = db_unit_outcome(unit);
    t->error = *error;
    if (t->outcome == DB_REFUSED && error->constraint)
        snprintf(t->constraint, sizeof t->constraint, "%s", error->constraint);
    if (t->outcome == DB_DONE && db_row_count(unit, 0) == 1)
        t->n = db_int(unit, 0, 0, "n");
    arena_free(t->arena);
    if (t->submit_again) {
        struct trial *next = trial_new();

        db_unit_add(next->unit, &row, next->params, 1);
        submit(next, FAR_MS);
    }
}

static void add(struct trial *t, const struct db_statement *statement)
{
    db_unit_add(t->unit, statement, t->params, statement->param_count);
}

static void submit(struct trial *t, int64_t deadline_ms)
{
    if (t->may_repeat)
        db_unit_may_repeat(t->unit);
    is_submitting = true;
    db_submit(pool, t->unit, deadline_ms, done, t);
    is_submitting = false;
    assert_int_equal(t->ends, 0);
}

/* A unit of one "row", submitted. */
static struct trial *submit_row(void)
{
    struct trial *t = trial_new();

    add(t, &row);
    submit(t, FAR_MS);
    return t;
}

static struct trial *submit_repeatable(void)
{
    struct trial *t = trial_new();

    add(t, &row);
    t->may_repeat = true;
    submit(t, FAR_MS);
    return t;
}

static void serve_until_ended(const struct trial *t)
{
    int64_t until_ms = clock_mono_ms() + 10000;

    while (t->ends == 0 && clock_mono_ms() < until_ms) {
        fake_serve_all();
        event_base_loop(loop_base(loop), ONE_TURN);
    }
    assert_int_equal(t->ends, 1);
}

/* ---- Connecting ------------------------------------------------------------------------------ */

static void test_a_unit_ends_with_its_row(void **state)
{
    struct trial *t;

    (void)state;
    OPEN_POOL(.connections = 2);
    t = submit_row();
    serve_until_ended(t);
    assert_int_equal(t->outcome, DB_DONE);
    assert_int_equal(t->n, t->id);
    assert_int_equal(fake_times_committed(t->id), 1);
}

static void test_connecting_goes_on_until_the_server_is_there(void **state)
{
    struct trial *t;

    (void)state;
    fake_connecting("wf");
    open_pool_with((struct db_opts){.connections = 1});
    t = submit_row();
    AWAIT(fake_connects() == 4);
    fake_connecting(".");
    AWAIT(fake_connects() == 8);
    assert_false(db_pool_is_ready(pool));
    assert_int_equal(t->ends, 0);
    fake_connecting("wrso");
    AWAIT(db_pool_is_ready(pool));
    serve_until_ended(t);
    assert_int_equal(t->outcome, DB_DONE);
}

static void test_an_attempt_that_takes_too_long_is_given_up(void **state)
{
    (void)state;
    fake_connecting("w-");
    open_pool_with((struct db_opts){.connections = 1, .connect_ms = 5});
    AWAIT(fake_connects() == 2);
    fake_connecting("wo");
    AWAIT(db_pool_is_ready(pool));
    assert_int_equal(db_pool_stats(pool).connects, 1);
}

static void test_an_address_that_lets_us_wait_is_followed_by_the_next(void **state)
{
    (void)state;
    fake_hosts("10.0.0.1,10.0.0.2");
    fake_connecting("w-");
    open_pool_with((struct db_opts){.connections = 1, .connect_ms = 5});
    AWAIT(fake_connects() == 1);
    assert_string_equal(fake_addresses(), "10.0.0.1,10.0.0.2");
    AWAIT(fake_connects() == 2);
    assert_string_equal(fake_addresses(), "10.0.0.2,10.0.0.1");
    AWAIT(fake_connects() == 3);
    assert_string_equal(fake_addresses(), "10.0.0.1,10.0.0.2");
    fake_connecting("wo");
    AWAIT(db_pool_is_ready(pool));
    fake_kill(fake_connects() - 1);
    AWAIT(!db_pool_is_ready(pool));
    AWAIT(db_pool_is_ready(pool));
    assert_string_equal(fake_addresses(), "10.0.0.1,10.0.0.2");
}

static void test_without_a_connection_units_wait_and_are_then_unavailable(void **state)
{
    struct trial *t;

    (void)state;
    fake_connecting("wf");
    open_pool_with((struct db_opts){.connections = 2});
    t = trial_new();
    add(t, &row);
    submit(t, 20);
    AWAIT(t->ends == 1);
    assert_int_equal(t->outcome, DB_UNAVAILABLE);
    AWAIT(fake_connects() > 2);
}

/* ---- Errors of statements -------------------------------------------------------------------- */

static void refused_at(size_t place)
{
    struct trial *t = trial_new();
    struct trial *after;

    for (size_t i = 0; i < 3; i++)
        add(t, i == place ? &fails : &row);
    submit(t, FAR_MS);
    after = submit_row();
    serve_until_ended(after);
    assert_int_equal(t->outcome, DB_REFUSED);
    assert_string_equal(t->error.sqlstate, "23505");
    assert_string_equal(t->constraint, "t_key");
    assert_int_equal(t->error.statement, place);
    assert_int_equal(fake_times_committed(t->id), 0);
    assert_int_equal(after->outcome, DB_DONE);
}

static void test_an_error_in_the_first_middle_or_last_statement_refuses_the_unit(void **state)
{
    (void)state;
    OPEN_POOL(.connections = 1);
    for (size_t place = 0; place < 3; place++)
        refused_at(place);
    assert_int_equal(fake_connects(), 1);
}

static void test_an_error_at_the_commit_refuses_the_unit(void **state)
{
    struct trial *t;
    struct trial *after;

    (void)state;
    OPEN_POOL(.connections = 1);
    t = trial_new();
    add(t, &defers);
    add(t, &row);
    submit(t, FAR_MS);
    after = submit_row();
    serve_until_ended(after);
    assert_int_equal(t->outcome, DB_REFUSED);
    assert_string_equal(t->error.sqlstate, "23503");
    assert_int_equal(after->outcome, DB_DONE);
    assert_int_equal(after->n, after->id);
}

static void test_twelve_statements_make_a_unit(void **state)
{
    struct trial *t;

    (void)state;
    OPEN_POOL(.connections = 1);
    t = trial_new();
    for (size_t i = 0; i < DB_UNIT_STATEMENTS; i++)
        add(t, &row);
    submit(t, FAR_MS);
    serve_until_ended(t);
    assert_int_equal(t->outcome, DB_DONE);
    assert_int_equal(fake_times_committed(t->id), DB_UNIT_STATEMENTS);
}

/* ---- Preparing ------------------------------------------------------------------------------- */

static void test_a_statement_is_prepared_once_for_a_connection(void **state)
{
    struct trial *t = NULL;

    (void)state;
    OPEN_POOL(.connections = 1);
    for (int i = 0; i < 5; i++)
        t = submit_row();
    serve_until_ended(t);
    assert_int_equal(fake_prepares(), 1);
}

static void test_a_statement_that_cannot_be_prepared_refuses_with_that_error(void **state)
{
    struct trial *t;
    struct trial *also;

    (void)state;
    OPEN_POOL(.connections = 1);
    for (int i = 0; i < 2; i++) { /* the second time it is tried anew */
        t = trial_new();
        add(t, &row);
        add(t, &wrong);
        submit(t, FAR_MS);
        also = trial_new(); /* counts on the preparation of the first one */
        add(also, &wrong);
        submit(also, FAR_MS);
        serve_until_ended(also);
        assert_int_equal(t->outcome, DB_REFUSED);
        assert_string_equal(t->error.sqlstate, "42703");
        assert_int_equal(t->error.statement, 1);
        assert_int_equal(also->outcome, DB_REFUSED);
        assert_string_equal(also->error.sqlstate, "42703");
    }
    assert_int_equal(fake_prepares(), 1); /* nothing else was given up for it */
}

static void units_survive(void (*spoil)(size_t nth))
{
    struct trial *first = submit_row();
    struct trial *t[3];

    serve_until_ended(first);
    spoil(0);
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        t[i] = trial_new();
        add(t[i], &row);
        add(t[i], &exec);
        submit(t[i], FAR_MS);
    }
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        serve_until_ended(t[i]);
        assert_int_equal(t[i]->outcome, DB_DONE);
        assert_int_equal(fake_times_committed(t[i]->id), 2);
    }
    assert_int_equal(fake_prepared(0), 2);
    assert_int_equal(fake_connects(), 1);
}

static void test_statements_that_the_server_forgot_are_prepared_anew(void **state)
{
    (void)state;
    OPEN_POOL(.connections = 1);
    units_survive(fake_forget_prepared);
}

static void test_statements_that_a_migration_outdated_are_prepared_anew(void **state)
{
    (void)state;
    OPEN_POOL(.connections = 1);
    units_survive(fake_outdate_prepared);
    units_survive(fake_outdate_prepared);
}

static void test_what_fails_with_0A000_for_good_is_sent_twice_and_refused(void **state)
{
    struct trial *t;

    (void)state;
    OPEN_POOL(.connections = 1);
    t = trial_new();
    add(t, &unsupported);
    submit(t, FAR_MS);
    serve_until_ended(t);
    assert_int_equal(t->outcome, DB_REFUSED);
    assert_string_equal(t->error.sqlstate, "0A000");
    assert_int_equal(fake_times_sent(t->id), 2);
}

static void test_of_assembled_statements_the_64_used_last_stay_prepared(void **state)
{
    char names[PREPARED_SHAPES + 1][16];
    struct db_statement shapes[PREPARED_SHAPES + 1];
    struct trial *t = NULL;

    (void)state;
    OPEN_POOL(.connections = 1);
    serve_until_ended(submit_row());
    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        snprintf(names[i], sizeof names[i], "list_%zu", i);
        shapes[i] = (struct db_statement){names[i], "row", 1, DB_MANY, true};
    }
    for (size_t i = 0; i < PREPARED_SHAPES + 1; i++) { /* the 65th is the first one once more */
        t = trial_new();
        add(t, &shapes[i % PREPARED_SHAPES]);
        submit(t, FAR_MS);
        serve_until_ended(t);
    }
    assert_int_equal(fake_prepares(), 1 + PREPARED_SHAPES);
    assert_int_equal(fake_prepared(0), 1 + PREPARED_SHAPES);
    for (size_t i = 0; i < 2; i++) { /* one past the limit, and then that which is still there */
        t = trial_new();
        add(t, i == 0 ? &shapes[PREPARED_SHAPES] : &shapes[0]);
        submit(t, FAR_MS);
        serve_until_ended(t);
        assert_int_equal(t->outcome, DB_DONE);
        assert_int_equal(fake_prepares(), 2 + PREPARED_SHAPES);
        assert_int_equal(fake_prepared(0), 1 + PREPARED_SHAPES);
    }
    t = trial_new();
    add(t, &shapes[1]); /* gave way */
    submit(t, FAR_MS);
    serve_until_ended(t);
    assert_int_equal(fake_prepares(), 3 + PREPARED_SHAPES);
}

/* ---- Limits ---------------------------------------------------------------------------------- */

static void test_a_connection_takes_in_flight_units_and_no_more(void **state)
{
    struct trial *t = NULL;

    (void)state;
    OPEN_POOL(.connections = 2, .in_flight = 3, .waiting = 8);
    for (int i = 0; i < 7; i++)
        t = submit_row();
    turn();
    assert_int_equal(db_pool_stats(pool).in_flight, 6);
    assert_int_equal(db_pool_stats(pool).waiting, 1);
    serve_until_ended(t);
    assert_int_equal(t->outcome, DB_DONE);
}

static void test_units_are_spread_over_the_connections(void **state)
{
    (void)state;
    OPEN_POOL(.connections = 2);
    submit_row();
    submit_row();
    turn();
    assert_int_equal(fake_syncs(0), 2); /* with the preparation */
    assert_int_equal(fake_syncs(1), 2);
    fake_serve_all();
    turn();
}

static void test_the_queue_holds_waiting_units_and_refuses_one_more(void **state)
{
    struct trial *last;
    struct trial *one_more;

    (void)state;
    OPEN_POOL(.connections = 1, .in_flight = 2, .waiting = 3);
    for (int i = 0; i < 4; i++)
        submit_row();
    last = submit_row();
    one_more = submit_row(); /* all in one turn: two go out at its end, three wait */
    turn();
    assert_int_equal(one_more->outcome, DB_OVERLOADED);
    assert_int_equal(last->ends, 0);
    assert_int_equal(db_pool_stats(pool).waiting, 3);
    assert_int_equal(db_pool_stats(pool).refused, 1);
    one_more = submit_row(); /* and the same in a later turn */
    turn();
    assert_int_equal(one_more->outcome, DB_OVERLOADED);
    serve_until_ended(last);
    assert_int_equal(last->outcome, DB_DONE);
}

static void test_done_may_submit(void **state)
{
    struct trial *t;

    (void)state;
    OPEN_POOL(.connections = 1);
    t = trial_new();
    t->submit_again = true;
    add(t, &row);
    submit(t, FAR_MS);
    serve_until_ended(t);
    serve_until_ended(&trials[1]);
    assert_int_equal(trials[1].outcome, DB_DONE);
}

/* ---- Deadlines ------------------------------------------------------------------------------- */

static void test_a_deadline_that_is_over_already_is_told_as_that(void **state)
{
    struct trial *t;

    (void)state;
    OPEN_POOL(.connections = 1);
    t = trial_new();
    add(t, &row);
    submit(t, 0);
    turn();
    assert_int_equal(t->outcome, DB_TOO_LATE);
    assert_int_equal(fake_times_sent(t->id), 0);
}

static void test_a_unit_that_waits_past_its_deadline_is_not_sent(void **state)
{
    struct trial *running;
    struct trial *t;

    (void)state;
    OPEN_POOL(.connections = 1, .in_flight = 1);
    running = submit_row();
    t = trial_new();
    add(t, &row);
    submit(t, 10);
    AWAIT(t->ends == 1);
    assert_int_equal(t->outcome, DB_TOO_LATE);
    serve_until_ended(running);
    turn();
    assert_int_equal(fake_times_sent(t->id), 0);
}

static void test_a_running_unit_is_told_at_its_deadline_and_its_answer_dropped(void **state)
{
    struct trial *t;
    struct trial *next;

    (void)state;
    OPEN_POOL(.connections = 1, .in_flight = 1);
    t = trial_new();
    add(t, &row);
    add(t, &fails);
    submit(t, 10);
    AWAIT(t->ends == 1);
    assert_int_equal(t->outcome, DB_TOO_LATE);
    assert_int_equal(db_pool_stats(pool).in_flight, 1); /* the server is still at it */
    next = submit_row();
    serve_until_ended(next);
    assert_int_equal(next->outcome, DB_DONE);
    assert_int_equal(next->n, next->id);
    assert_int_equal(fake_connects(), 1);
}

static void test_a_unit_stuck_past_its_deadline_costs_the_connection(void **state)
{
    struct trial *t;
    struct trial *behind;

    (void)state;
    OPEN_POOL(.connections = 1, .stuck_ms = 10);
    t = trial_new();
    add(t, &row);
    submit(t, 5);
    behind = submit_row();
    AWAIT(fake_connects() == 2);
    assert_int_equal(t->outcome, DB_TOO_LATE);
    AWAIT(behind->ends == 1);
    assert_int_equal(behind->outcome, DB_LOST);
    AWAIT(db_pool_is_ready(pool));
}

/* ---- Losing connections ---------------------------------------------------------------------- */

static void test_of_three_units_the_answered_one_is_done_the_others_are_lost(void **state)
{
    struct trial *t[3];

    (void)state;
    OPEN_POOL(.connections = 1);
    for (size_t i = 0; i < COUNT_OF(t); i++)
        t[i] = submit_row();
    turn();
    fake_serve(0, 2); /* the preparation and the first unit */
    fake_kill(0);
    AWAIT(t[2]->ends == 1);
    assert_int_equal(t[0]->outcome, DB_DONE);
    assert_int_equal(t[1]->outcome, DB_LOST);
    assert_int_equal(t[2]->outcome, DB_LOST);
    assert_int_equal(db_pool_stats(pool).lost, 2);
}

static void test_a_backend_that_dies_before_the_sync_loses_the_unit(void **state)
{
    struct trial *t;

    (void)state;
    OPEN_POOL(.connections = 1);
    t = trial_new();
    add(t, &row);
    add(t, &row);
    submit(t, FAR_MS);
    turn();
    fake_serve(0, 1);
    fake_serve_partly(0, 1); /* of two results one */
    turn();
    assert_int_equal(t->ends, 0);
    fake_kill(0);
    AWAIT(t->ends == 1);
    assert_int_equal(t->outcome, DB_LOST);
    AWAIT(db_pool_is_ready(pool));
}

static void test_a_session_that_the_server_ends_loses_its_units(void **state)
{
    struct trial *t;
    struct trial *behind;

    (void)state;
    OPEN_POOL(.connections = 1);
    t = trial_new();
    add(t, &row);
    add(t, &ends);
    submit(t, FAR_MS);
    behind = submit_row();
    turn();
    fake_serve(0, SIZE_MAX);
    AWAIT(behind->ends == 1);
    assert_int_equal(t->outcome, DB_LOST);
    assert_int_equal(behind->outcome, DB_LOST);
    assert_int_equal(fake_times_committed(t->id), 0);
}

static void test_what_was_answered_before_reading_failed_is_done(void **state)
{
    struct trial *t;
    struct trial *behind;

    (void)state;
    OPEN_POOL(.connections = 1);
    t = submit_row();
    behind = submit_row();
    turn();
    fake_serve(0, 2);
    fake_fail_reading(0);
    AWAIT(behind->ends == 1);
    assert_int_equal(t->outcome, DB_DONE);
    assert_int_equal(behind->outcome, DB_LOST);
}

static void test_an_answer_that_nobody_asked_for_costs_the_connection(void **state)
{
    struct trial *t;

    (void)state;
    OPEN_POOL(.connections = 1);
    serve_until_ended(submit_row());
    t = submit_row();
    turn();
    fake_extra_result(0);
    fake_serve(0, 1);
    AWAIT(t->ends == 1);
    turn();
    assert_int_equal(fake_connects() > 1 || !fake_is_open(0), 1);
    AWAIT(db_pool_is_ready(pool));
}

static void test_what_had_not_left_is_sent_again_in_its_place(void **state)
{
    struct trial *t;
    struct trial *next;

    (void)state;
    OPEN_POOL(.connections = 1);
    serve_until_ended(submit_row());
    fake_block_writing(0, true);
    t = submit_row();
    next = submit_row(); /* stays in the queue: behind held bytes nothing is sent */
    turn();
    assert_int_equal(db_pool_stats(pool).in_flight, 1);
    assert_int_equal(fake_times_sent(next->id), 0);
    fake_fail_writing(0);
    AWAIT(fake_connects() == 2);
    serve_until_ended(next);
    assert_int_equal(t->outcome, DB_DONE);
    assert_int_equal(next->outcome, DB_DONE);
    assert_int_equal(fake_times_committed(t->id), 1);
}

static void test_held_bytes_go_out_when_the_socket_takes_them(void **state)
{
    struct trial *t;
    struct trial *next;

    (void)state;
    OPEN_POOL(.connections = 1);
    fake_block_writing(0, true);
    t = submit_row();
    next = submit_row();
    turn();
    assert_int_equal(fake_syncs(0), 0);
    fake_block_writing(0, false);
    serve_until_ended(next);
    assert_int_equal(t->outcome, DB_DONE);
    assert_int_equal(fake_connects(), 1);
}

static void test_a_unit_that_could_not_be_sent_whole_is_sent_again(void **state)
{
    (void)state;
    for (size_t after = 0; after < 6; after++) { /* PREPARE, Sync, PREPARE, Sync, row, exec */
        struct trial *t;
        size_t connects = fake_connects();

        if (pool)
            db_pool_free(pool);
        open_pool_with((struct db_opts){.connections = 1});
        AWAIT(db_pool_is_ready(pool));
        fake_fail_sending(connects, after);
        t = trial_new();
        add(t, &row);
        add(t, &exec);
        submit(t, FAR_MS);
        serve_until_ended(t);
        assert_int_equal(t->outcome, DB_DONE);
        assert_int_equal(fake_times_committed(t->id), 2);
        assert_int_equal(fake_connects(), connects + 2);
    }
}

static void test_a_unit_that_can_never_be_sent_is_given_up_after_three_attempts(void **state)
{
    struct trial *t;

    (void)state;
    OPEN_POOL(.connections = 1);
    t = submit_row();
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(t->ends, 0);
        fake_fail_sending(i, 0);
        AWAIT(fake_connects() == i + 2);
    }
    AWAIT(t->ends == 1);
    assert_int_equal(t->outcome, DB_UNAVAILABLE);
}

static void test_a_unit_that_may_be_repeated_is_sent_again_exactly_once(void **state)
{
    struct trial *t;

    (void)state;
    OPEN_POOL(.connections = 1);
    t = submit_repeatable();
    turn();
    fake_kill(0);
    AWAIT(fake_is_open(1));
    turn();
    assert_int_equal(t->ends, 0);
    assert_int_equal(fake_times_sent(t->id), 2);
    fake_kill(1);
    AWAIT(t->ends == 1);
    assert_int_equal(t->outcome, DB_LOST);
    AWAIT(fake_is_open(2));
    turn();
    assert_int_equal(fake_times_sent(t->id), 2);
}

static void test_repeated_units_keep_their_order_and_go_before_what_waits(void **state)
{
    struct trial *t[4];
    const int *commits;

    (void)state;
    OPEN_POOL(.connections = 1, .in_flight = 3);
    for (size_t i = 0; i < COUNT_OF(t); i++)
        t[i] = submit_repeatable();
    turn();
    fake_kill(0);
    AWAIT(fake_is_open(1));
    serve_until_ended(t[3]);
    assert_int_equal(fake_commits(&commits), 4);
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        assert_int_equal(t[i]->outcome, DB_DONE);
        assert_int_equal(commits[i], t[i]->id);
    }
}

static void test_a_lost_connection_leaves_the_others_at_work(void **state)
{
    struct trial *t[2];

    (void)state;
    OPEN_POOL(.connections = 2);
    t[0] = submit_row();
    t[1] = submit_row();
    turn();
    fake_kill(0);
    AWAIT(t[0]->ends == 1);
    serve_until_ended(t[1]);
    assert_int_equal(t[0]->outcome, DB_LOST);
    assert_int_equal(t[1]->outcome, DB_DONE);
}

/* ---- Freeing --------------------------------------------------------------------------------- */

static void test_freeing_ends_everything_before_it_returns(void **state)
{
    struct trial *t[4];

    (void)state;
    OPEN_POOL(.connections = 1, .in_flight = 2);
    t[0] = submit_row();
    t[1] = submit_repeatable();
    t[2] = submit_row();
    turn();
    t[3] = submit_row(); /* in the same turn as the end */
    t[3]->submit_again = true;
    db_pool_free(pool);
    pool = NULL;
    assert_int_equal(t[0]->outcome, DB_LOST);
    assert_int_equal(t[1]->outcome, DB_LOST);
    assert_int_equal(t[2]->outcome, DB_UNAVAILABLE);
    assert_int_equal(t[3]->outcome, DB_UNAVAILABLE);
    assert_int_equal(trials[4].outcome, DB_UNAVAILABLE);
    assert_false(fake_is_open(0));
}

static void test_freeing_while_connecting_or_down_leaves_nothing(void **state)
{
    (void)state;
    fake_connecting("w-");
    open_pool_with((struct db_opts){.connections = 2});
    submit_row();
    turn();
    assert_int_equal(fake_connects(), 2);
}

/* ---- Anything at all ------------------------------------------------------------------------- */

static uint64_t random_state;

static size_t pick(size_t below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (size_t)(random_state % below);
}

static void submit_something(void)
{
    static const struct db_statement *const statements[] = {
        &row, &row, &row, &row, &exec, &exec, &exec, &fails, &defers, &wrong, &ends,
    };
    struct trial *t = trial_new();
    size_t count = 1 + pick(4);

    for (size_t i = 0; i < count; i++) {
        const struct db_statement *statement = statements[pick(pick(4) ? 7 : COUNT_OF(statements))];

        add(t, statement);
        t->effects += statement == &row || statement == &exec;
    }
    t->may_repeat = pick(3) == 0;
    submit(t, pick(20) ? FAR_MS : (int64_t)pick(3));
}

static void do_something_to(size_t nth)
{
    if (!fake_is_open(nth))
        return;
    switch (pick(24)) {
    case 0:
        fake_kill(nth);
        break;
    case 1:
        fake_fail_reading(nth);
        break;
    case 2:
        fake_forget_prepared(nth);
        break;
    case 3:
        fake_outdate_prepared(nth);
        break;
    case 4:
    case 5:
        fake_block_writing(nth, true);
        break;
    case 6:
        fake_fail_writing(nth);
        break;
    case 7:
        fake_fail_sending(nth, pick(8));
        break;
    case 8:
    case 9:
    case 10:
        fake_serve_partly(nth, 1 + pick(2));
        break;
    case 11:
    case 12:
    case 13:
        fake_block_writing(nth, false);
        break;
    default:
        fake_serve(nth, 1 + pick(3));
    }
}

static unsigned outcomes[DB_LOST + 1];

/* All of a unit's effects or none, and, of one that may not be repeated, once. */
static void check_trial(const struct trial *t)
{
    size_t committed = fake_times_committed(t->id);

    assert_int_equal(t->ends, 1);
    outcomes[t->outcome]++;
    assert_true(committed == 0 || committed == t->effects ||
                (t->may_repeat && committed == 2 * t->effects));
    switch (t->outcome) {
    case DB_DONE:
        assert_true(committed >= t->effects);
        break;
    case DB_REFUSED:
        assert_true(t->error.sqlstate[0]);
        assert_true(committed == 0 || t->may_repeat); /* the first time, which was lost */
        break;
    case DB_OVERLOADED:
        assert_int_equal(fake_times_sent(t->id), 0);
        break;
    case DB_UNAVAILABLE:
        assert_true(committed == 0 || t->may_repeat);
        break;
    case DB_LOST:
    case DB_TOO_LATE:
        break;
    case DB_PENDING:
        fail();
    }
}

/* Whatever the connection, nobody overtakes on the way out. */
static void check_order(void)
{
    const int *ids;
    size_t count = fake_first_sends(&ids);

    for (size_t i = 1; i < count; i++)
        assert_true(ids[i] > ids[i - 1]);
}

static void run_script(uint64_t seed)
{
    random_state = seed;
    open_pool_with((struct db_opts){
        .connections = 1 + pick(3), .in_flight = 1 + pick(4), .waiting = 1 + pick(12)});
    for (int step = 0; step < 160; step++) {
        if (pick(3) == 0)
            submit_something();
        else if (fake_connects())
            do_something_to(fake_connects() - 1 - pick(size_min(fake_connects(), 4)));
        if (pick(2) == 0)
            event_base_loop(loop_base(loop), ONE_TURN);
        if (fake_connects() > FAKE_CONNECTIONS - 16)
            break;
    }
    for (size_t i = 0; i < fake_connects(); i++) {
        if (fake_is_open(i))
            fake_block_writing(i, false);
    }
    if (pick(3) == 0) { /* else nothing more is done to them, and all must end by itself */
        db_pool_free(pool);
        pool = NULL;
    }
    for (int i = 0; i < trial_count; i++)
        serve_until_ended(&trials[i]);
    db_pool_free(pool);
    pool = NULL;
}

static void test_whatever_happens_each_unit_ends_once_and_takes_effect_at_most_once(void **state)
{
    void *none = NULL;

    (void)state;
    for (uint64_t seed = 1; seed <= 1000; seed++) {
        teardown(&none);
        setup(&none);
        run_script(seed * 0x9e3779b97f4a7c15u);
        for (int i = 0; i < trial_count; i++)
            check_trial(&trials[i]);
        check_order();
    }
    for (enum db_outcome o = DB_DONE; o <= DB_LOST; o++)
        assert_true(outcomes[o] > 20); /* the scripts reach every end */
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_a_unit_ends_with_its_row),
        TEST(test_connecting_goes_on_until_the_server_is_there),
        TEST(test_an_attempt_that_takes_too_long_is_given_up),
        TEST(test_an_address_that_lets_us_wait_is_followed_by_the_next),
        TEST(test_without_a_connection_units_wait_and_are_then_unavailable),
        TEST(test_an_error_in_the_first_middle_or_last_statement_refuses_the_unit),
        TEST(test_an_error_at_the_commit_refuses_the_unit),
        TEST(test_twelve_statements_make_a_unit),
        TEST(test_a_statement_is_prepared_once_for_a_connection),
        TEST(test_a_statement_that_cannot_be_prepared_refuses_with_that_error),
        TEST(test_statements_that_the_server_forgot_are_prepared_anew),
        TEST(test_statements_that_a_migration_outdated_are_prepared_anew),
        TEST(test_what_fails_with_0A000_for_good_is_sent_twice_and_refused),
        TEST(test_of_assembled_statements_the_64_used_last_stay_prepared),
        TEST(test_a_connection_takes_in_flight_units_and_no_more),
        TEST(test_units_are_spread_over_the_connections),
        TEST(test_the_queue_holds_waiting_units_and_refuses_one_more),
        TEST(test_done_may_submit),
        TEST(test_a_deadline_that_is_over_already_is_told_as_that),
        TEST(test_a_unit_that_waits_past_its_deadline_is_not_sent),
        TEST(test_a_running_unit_is_told_at_its_deadline_and_its_answer_dropped),
        TEST(test_a_unit_stuck_past_its_deadline_costs_the_connection),
        TEST(test_of_three_units_the_answered_one_is_done_the_others_are_lost),
        TEST(test_a_backend_that_dies_before_the_sync_loses_the_unit),
        TEST(test_a_session_that_the_server_ends_loses_its_units),
        TEST(test_what_was_answered_before_reading_failed_is_done),
        TEST(test_an_answer_that_nobody_asked_for_costs_the_connection),
        TEST(test_what_had_not_left_is_sent_again_in_its_place),
        TEST(test_held_bytes_go_out_when_the_socket_takes_them),
        TEST(test_a_unit_that_could_not_be_sent_whole_is_sent_again),
        TEST(test_a_unit_that_can_never_be_sent_is_given_up_after_three_attempts),
        TEST(test_a_unit_that_may_be_repeated_is_sent_again_exactly_once),
        TEST(test_repeated_units_keep_their_order_and_go_before_what_waits),
        TEST(test_a_lost_connection_leaves_the_others_at_work),
        TEST(test_freeing_ends_everything_before_it_returns),
        TEST(test_freeing_while_connecting_or_down_leaves_nothing),
        TEST(test_whatever_happens_each_unit_ends_once_and_takes_effect_at_most_once),
    };
#undef TEST

    return cmocka_run_group_tests(tests, NULL, NULL);
}
