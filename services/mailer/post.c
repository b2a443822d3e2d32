/* One message: claim it, write it, send it, write down what became of it.
 *
 * The claim is a transaction, and so is the end; none is open while the mail server talks. An end
 * that the database did not take is kept, and told before anything else is claimed: what is not
 * told within the lease counts as unknown. */
#include "post.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/token.h"
#include "config.h"
#include "counts.h"
#include "gen/stmt.h"
#include "gen/templates.h"
#include "letter/letter.h"
#include "mail/address.h"
#include "mail/relay.h"
#include "mail/report.h"
#include "pace.h"

#define IDLE_MS       1000
#define WRITING_BYTES MB(8) /* all that one mail is made of */

struct post {
    struct worker *worker;
    const struct mailer_config *config;
    struct arena *arena; /* lives as long as the process */
    struct mail_relay *relay;
    struct templates *templates;
    struct pace *pace;
    const char *only_to;

    struct arena *writing; /* of the message at work, until its end is told */
    struct letter letter;
    const char *sender; /* of the envelope */
    struct mail_result result;
    bool is_ended;       /* and not told yet */
    int64_t extended_ms; /* when the lease was, last */
};

/* ---- The lease --------------------------------------------------------------------------------
 */

#define LEASE_PARTS 4 /* after one of so many it is extended */

/* While the mail server talks: whoever is heard of is not given up. What is wrong with the database
 * shows at the end. */
static void extend(void *arg)
{
    struct post *post = arg;
    const struct letter *letter = &post->letter;
    struct arena *arena = post->writing;
    int64_t lease_ms = post->config->lease_ms;

    if (clock_mono_ms() - post->extended_ms < lease_ms / LEASE_PARTS)
        return;
    post->extended_ms = clock_mono_ms();
    if (!worker_exec(post->worker, STMT(mail_extend),
                     (const char *const[]){letter->district_id, letter->message_id,
                                           arena_printf(arena, "%lld", (long long)letter->number).p,
                                           arena_printf(arena, "%lld", (long long)lease_ms).p}))
        log_debug("a lease was not extended", F_STR("message", letter->message_id));
}

/* ---- Life -------------------------------------------------------------------------------------
 */

void post_begin(struct worker *worker)
{
    struct post *post = x_calloc(1, sizeof *post);
    const struct mailer_config *config = (const void *)worker->config; /* its first */
    char text[400];
    struct str why;

    str_init_in(&why, text, sizeof text);
    post->worker = worker;
    post->config = config;
    post->arena = arena_new(KB(64));
    post->writing = arena_new(WRITING_BYTES);
    post->only_to = mailer_only_to(post->arena, config->only_to);
    post->templates = templates_load(&templates_mailer, &why);
    if (!post->templates)
        die("the templates cannot be used: %s", text);
    post->pace = pace_new(&(struct pace_opts){
        .a_minute =
            (int64_t)size_max(1, (size_t)(config->domain_a_minute / config->worker.workers)),
        .rest_most_ms = config->rest_most_ms,
        .domain_first_ms = config->retry_s * 1000,
        .domain_most_ms = config->retry_most_s * 1000});
    post->relay = mail_relay_new(&(struct mail_relay_opts){.url = config->url,
                                                           .from = config->from,
                                                           .ca_file = config->ca_file,
                                                           .connect_ms = config->connect_ms,
                                                           .total_ms = config->timeout_ms,
                                                           .while_talking = extend,
                                                           .arg = post});
    worker->state = post;
}

void post_end(struct worker *worker)
{
    struct post *post = worker->state;

    mail_relay_free(post->relay);
    pace_free(post->pace);
    templates_free(post->templates);
    arena_free(post->writing);
    arena_free(post->arena);
    x_free(post);
}

/* ---- Claiming ---------------------------------------------------------------------------------
 */

/* A link's token, and where it is opened: /r/ for a task, /u/ to end mails. */
static struct sv make_link(struct post *post, const char *path, struct token *out)
{
    struct uuid district;

    ENSURE(uuid_parse(sv_of(post->letter.district_id), &district));
    return arena_printf(post->writing, "%s/%s/%s", post->config->worker.service.public_url, path,
                        token_new(post->writing, &district, out).p);
}

/* What the mail carries, each with a link of its own. */
static bool read_things(struct worker *worker)
{
    struct post *post = worker->state;
    struct letter *letter = &post->letter;
    const struct db_result *rows =
        db_link_run(worker->db, STMT(mail_things), (const char *const[]){letter->message_id});

    if (!rows)
        return false;
    letter->thing_count = db_result_rows(rows);
    letter->things = ARENA_ARRAY(post->writing, struct letter, letter->thing_count);
    for (size_t i = 0; i < letter->thing_count; i++) {
        letter_read(post->writing, rows, i, &letter->things[i]);
        letter->things[i].message_id =
            arena_cstr(post->writing, db_result_text(rows, i, "message_id"));
    }
    for (size_t i = 0; i < letter->thing_count; i++) {
        struct letter *thing = &letter->things[i];
        struct uuid id = uuid7_new();
        struct token token;

        if (!thing->has_task)
            continue;
        thing->task_url = make_link(post, "r", &token);
        if (!worker_exec(worker, STMT(mail_thing_link),
                         (const char *const[]){thing->message_id, id.text, token.hash.p}))
            return false;
    }
    return true;
}

/* The attempt with its links, and all that the mail is made of. */
static bool begin_attempt(struct worker *worker)
{
    struct post *post = worker->state;
    struct letter *letter = &post->letter;
    struct uuid attempt = uuid7_new();
    struct uuid task_id = uuid7_new();
    struct uuid stop_id = uuid7_new();
    const struct db_result *row;
    struct token task;
    struct token stop;

    post->sender = post->config->bounce
                       ? mail_report_address(post->writing, sv_of(post->config->bounce), &attempt).p
                       : post->config->from;
    letter->task_url = make_link(post, "r", &task);
    letter->stop_url = make_link(post, "u", &stop);
    if (!worker_exec(worker, STMT(mail_begin),
                     (const char *const[]){letter->message_id, attempt.text, task_id.text,
                                           task.hash.p, stop_id.text, stop.hash.p}))
        return false;
    row = db_link_run(worker->db, STMT(mail_letter), (const char *const[]){letter->message_id});
    if (!row)
        return false;
    letter_read(post->writing, row, 0, letter);
    if (sv_eq(letter->kind, SV("duties")) && !read_things(worker))
        return false;
    if (!letter->has_task)
        letter->task_url =
            arena_printf(post->writing, "%s/", post->config->worker.service.public_url);
    if (!letter->has_stop)
        letter->stop_url = SV_NONE;
    return true;
}

enum claim { CLAIM_FAILED, CLAIM_NOTHING, CLAIM_SEND, CLAIM_DONE };

/* Locks a message that is due, if there is one: then the letter has its id. */
static bool take(struct worker *worker, const char *resting)
{
    struct post *post = worker->state;
    const struct db_result *row;

    arena_reset(post->writing);
    post->letter = (struct letter){0};
    if (!worker_begin(worker))
        return false;
    row = db_link_run(worker->db, STMT(mail_take),
                      (const char *const[]){worker_now(worker), resting, post->only_to});
    if (row && db_result_rows(row)) {
        post->letter.district_id = arena_cstr(post->writing, db_result_text(row, 0, "district_id"));
        post->letter.message_id = arena_cstr(post->writing, db_result_text(row, 0, "message_id"));
    }
    return row;
}

static enum claim claim(struct worker *worker, const char *resting)
{
    struct post *post = worker->state;
    const struct mailer_config *config = post->config;
    const char *lease = arena_printf(worker->arena, "%lld", (long long)config->lease_ms).p;
    const char *most = arena_printf(worker->arena, "%lld", (long long)config->district_a_day).p;
    const struct db_result *row;
    struct sv verdict;

    if (!take(worker, resting))
        return CLAIM_FAILED;
    if (!post->letter.message_id)
        return worker_commit(worker) ? CLAIM_NOTHING : CLAIM_FAILED;
    row = db_link_run(worker->db, STMT(mail_claim),
                      (const char *const[]){post->letter.message_id, lease, most});
    if (!row)
        return CLAIM_FAILED;
    verdict = arena_copy(post->writing, db_result_text(row, 0, "verdict"));
    if (sv_eq(verdict, SV("send")))
        return begin_attempt(worker) && worker_commit(worker) ? CLAIM_SEND : CLAIM_FAILED;
    if (!worker_commit(worker))
        return CLAIM_FAILED;
    counts_verdict(verdict);
    return CLAIM_DONE;
}

/* Data that cannot be read (classes 22 and 23, and rows that must be there) fail again each time,
 * and the message would stand in front of all others for ever. */
static bool is_unreadable(const char *sqlstate)
{
    return strncmp(sqlstate, "22", 2) == 0 || strncmp(sqlstate, "23", 2) == 0 ||
           strncmp(sqlstate, "P000", 4) == 0;
}

static int64_t claim_failed(struct worker *worker)
{
    struct post *post = worker->state;
    const struct letter *letter = &post->letter;
    bool is_hopeless = letter->message_id && is_unreadable(db_link_error(worker->db)->sqlstate);
    int64_t delay_ms = worker_failed(worker, "a claim");

    if (!is_hopeless || db_link_is_lost(worker->db))
        return delay_ms;
    log_error("a message cannot be read", F_STR("message", letter->message_id));
    if (!worker_exec(
            worker, STMT(mail_fail),
            (const char *const[]){letter->district_id, letter->message_id, worker_now(worker)}))
        return worker_failed(worker, "a message that cannot be read");
    return 0;
}

/* ---- Sending ----------------------------------------------------------------------------------
 */

static void log_result(const struct post *post)
{
    const struct mail_result *result = &post->result;
    const char *message = post->letter.message_id;

    if (result->outcome == MAIL_REFUSED && result->cause == MAIL_CAUSE_POLICY)
        log_error("the mail server refuses what we send", F_STR("message", message),
                  F_SV("kind", post->letter.kind), F_INT("code", result->code),
                  F_STR("status", result->status));
    else if (result->outcome == MAIL_REFUSED || result->cause == MAIL_CAUSE_POLICY)
        log_warn("a mail was refused", F_STR("message", message), F_INT("code", result->code),
                 F_STR("status", result->status));
    else if (result->outcome == MAIL_UNKNOWN)
        log_warn("nobody knows whether a mail went", F_STR("message", message));
}

static void note_server(struct post *post)
{
    bool is_down = post->result.cause == MAIL_CAUSE_RELAY;

    if (!pace_note(post->pace, mail_address_domain(post->letter.to_address), &post->result))
        return;
    if (is_down)
        log_warn("the mail server cannot be used", F_INT("code", post->result.code),
                 F_STR("status", post->result.status));
    else
        log_info("the mail server can be used again");
}

/* A mail that we cannot write is our fault, and is not tried again. */
static void give_up(struct post *post, const char *why)
{
    log_error("a mail cannot be written", F_STR("message", post->letter.message_id),
              F_SV("kind", post->letter.kind), F_STR("why", why));
    post->result = (struct mail_result){.outcome = MAIL_REFUSED, .cause = MAIL_CAUSE_OTHER};
    snprintf(post->result.detail, sizeof post->result.detail, "It cannot be written: %s.", why);
}

static void deliver(struct post *post)
{
    const struct letter *letter = &post->letter;
    const struct letter_opts opts = {.templates = post->templates,
                                     .from = post->config->from,
                                     .domains = post->config->from_domains};
    struct str *bytes = str_new_in(post->writing, MAIL_BYTES);
    int64_t began_us = clock_mono_us();
    const char *why;

    if (letter_write(letter, &opts, post->writing, bytes, &why)) {
        post->extended_ms = clock_mono_ms();
        pace_take(post->pace, mail_address_domain(letter->to_address));
        mail_relay_send(post->relay, letter->message_id, post->sender, letter->to_address.p,
                        str_view(bytes), &post->result);
        note_server(post);
    } else {
        give_up(post, why);
    }
    counts_attempt(&post->result, clock_mono_us() - began_us);
    log_result(post);
    post->is_ended = true;
}

/* ---- The end ----------------------------------------------------------------------------------
 */

static const char *code_of(struct arena *arena, const struct mail_result *result)
{
    if (result->status[0])
        return result->status;
    return result->code ? arena_printf(arena, "%d", result->code).p : NULL;
}

static bool tell(struct worker *worker)
{
    static const char *const outcomes[] = {[MAIL_ACCEPTED] = "sent",
                                           [MAIL_DEFERRED] = "deferred",
                                           [MAIL_REFUSED] = "refused",
                                           [MAIL_UNKNOWN] = "unknown"};
    struct post *post = worker->state;
    const struct mail_result *result = &post->result;
    const struct letter *letter = &post->letter;
    bool is_bad = result->outcome == MAIL_REFUSED && result->cause == MAIL_CAUSE_ADDRESS;
    int64_t wait_s =
        pace_retry_s(letter->number, post->config->retry_s, post->config->retry_most_s);
    const struct db_result *row =
        db_link_run(worker->db, STMT(mail_end),
                    (const char *const[]){
                        letter->district_id, letter->message_id,
                        arena_printf(worker->arena, "%lld", (long long)letter->number).p,
                        worker_now(worker), outcomes[result->outcome], is_bad ? "true" : "false",
                        code_of(worker->arena, result), result->detail[0] ? result->detail : NULL,
                        arena_printf(worker->arena, "%lld", (long long)wait_s).p});

    if (!row)
        return false;
    post->is_ended = false;
    if (db_result_is_null(row, 0, "status"))
        log_warn("an attempt ended after another one had begun",
                 F_STR("message", letter->message_id));
    return true;
}

int64_t post_turn(struct worker *worker)
{
    struct post *post = worker->state;
    int64_t wait_ms;

    if (post->is_ended)
        return tell(worker) ? 0 : worker_failed(worker, "the end of an attempt");
    if (!counts_watch(worker))
        return worker_failed(worker, "what waits");
    if (post->config->hold)
        return IDLE_MS;
    wait_ms = pace_rest_ms(post->pace);
    if (wait_ms)
        return wait_ms;
    switch (claim(worker, pace_resting(post->pace, worker->arena, &wait_ms))) {
    case CLAIM_FAILED:
        return claim_failed(worker);
    case CLAIM_NOTHING:
        return wait_ms && wait_ms < IDLE_MS ? wait_ms : IDLE_MS;
    case CLAIM_DONE:
        return 0;
    case CLAIM_SEND:
        deliver(post);
        return tell(worker) ? 0 : worker_failed(worker, "the end of an attempt");
    }
    die("no such claim");
}
