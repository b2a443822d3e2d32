/* A batch of messages: claim them, write and send one after another, write down what became of
 * them.
 *
 * The claim is a transaction, and so is the end; none is open while the mail server talks. An end
 * that the database did not take is kept, and told before anything else is claimed: what is not
 * told within the lease counts as unknown.
 *
 * The longer a batch, the longer others wait behind a slow mail server: it lasts BATCH_MS, and what
 * was not begun by then goes back. The first one is of one message, so that who dies of a message
 * takes no others along. The more ends are not told, the more mails come twice when the mailer
 * dies: those of a long batch are told every TELL_MS. */
#include "post.h"

#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "claim.h"
#include "counts.h"
#include "ends.h"
#include "gen/stmt.h"
#include "gen/templates.h"
#include "mail/address.h"
#include "mail/relay.h"
#include "pace.h"

#define IDLE_MS       1000
#define BATCH_MS      700 /* less than a part of the shortest lease */
#define PLANNED_MS    600 /* of them, so that one that is a little slower ends in time */
#define TELL_MS       250
#define WRITING_BYTES MB(8) /* all that one mail is made of */
#define CLAIM_BYTES   MB(8)

struct post {
    struct worker *worker;
    const struct mailer_config *config;
    struct arena *arena; /* lives as long as the process */
    struct mail_relay *relay;
    struct templates *templates;
    struct pace *pace;
    const char *only_to;
    size_t domain_a_minute; /* of this process */
    size_t most;            /* messages of the next batch */
    struct allowance allowance;

    struct claim claim;    /* at work, until all of it is told */
    struct arena *writing; /* of the mail at work */
    int64_t extended_ms;   /* when its lease was, last */
    int64_t told_ms;       /* when ends were, last */
};

/* ---- The end ----------------------------------------------------------------------------------
 */

static bool tell(struct post *post)
{
    struct claim *claim = &post->claim;
    const char *json = ends_of(post->worker->arena, claim, post->config);
    const struct db_result *rows;

    post->told_ms = clock_mono_ms();
    if (!json)
        return true;
    rows = db_link_run(post->worker->db, STMT(mail_end),
                       (const char *const[]){claim->district_id, worker_now(post->worker), json});
    if (!rows)
        return false;
    for (size_t i = 0; i < claim->begun; i++)
        claim->attempts[i].is_ended = false;
    for (size_t row = 0; row < db_result_rows(rows); row++) {
        if (db_result_is_null(rows, row, "status"))
            log_warn("an attempt ended after another one had begun",
                     F_SV("message", db_result_text(rows, row, "message_id")));
    }
    return true;
}

/* What was not begun is as if it had not been claimed. */
static bool give_back(struct post *post)
{
    struct claim *claim = &post->claim;
    struct str *ids = str_new_in(post->worker->arena, KB(8));

    if (claim->begun == claim->count)
        return true;
    for (size_t i = claim->begun; i < claim->count; i++)
        str_addf(ids, "%c%s", i == claim->begun ? '{' : ',', claim->attempts[i].id.text);
    str_add_char(ids, '}');
    if (!worker_exec(
            post->worker, STMT(mail_give_back),
            (const char *const[]){claim->district_id, worker_now(post->worker), str_cstr(ids)}))
        return false;
    claim->count = claim->begun;
    return true;
}

/* ---- The lease --------------------------------------------------------------------------------
 */

#define LEASE_PARTS 4 /* after one of so many it is extended */

/* While the mail server talks: whoever is heard of is not given up, and nobody else waits. What is
 * wrong with the database shows at the end. */
static void extend(void *arg)
{
    struct post *post = arg;
    const struct letter *letter = &post->claim.attempts[post->claim.begun - 1].letter;
    struct arena *arena = post->writing;
    int64_t lease_ms = post->config->lease_ms;

    if (clock_mono_ms() - post->extended_ms < lease_ms / LEASE_PARTS)
        return;
    post->extended_ms = clock_mono_ms();
    if (!tell(post) || !give_back(post) ||
        !worker_exec(post->worker, STMT(mail_extend),
                     (const char *const[]){letter->district_id, letter->message_id,
                                           arena_printf(arena, "%lld", (long long)letter->number).p,
                                           arena_printf(arena, "%lld", (long long)lease_ms).p}))
        log_debug("a lease was not extended", F_STR("message", letter->message_id));
}

/* ---- Life -------------------------------------------------------------------------------------
 */

/* Each mail takes a megabyte for its parts and frees it: not to the system, which would have to
 * clear as much for the next one. */
static void keep_memory(void)
{
    mallopt(M_MMAP_THRESHOLD, (int)MB(2));
    mallopt(M_TRIM_THRESHOLD, (int)MB(4));
}

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
    post->claim.arena = arena_new(CLAIM_BYTES);
    post->writing = arena_new(WRITING_BYTES);
    keep_memory();
    post->only_to = mailer_only_to(post->arena, config->only_to);
    post->templates = templates_load(&templates_mailer, &why);
    if (!post->templates)
        die("the templates cannot be used: %s", text);
    post->domain_a_minute = size_max(1, (size_t)(config->domain_a_minute / config->worker.workers));
    post->pace = pace_new(&(struct pace_opts){.a_minute = (int64_t)post->domain_a_minute,
                                              .rest_most_ms = config->rest_most_ms,
                                              .domain_first_ms = config->retry_s * 1000,
                                              .domain_most_ms = config->retry_most_s * 1000});
    post->most = 1;
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
    arena_free(post->claim.arena);
    arena_free(post->arena);
    x_free(post);
}

/* ---- Sending ----------------------------------------------------------------------------------
 */

static void log_result(const struct attempt *attempt)
{
    const struct mail_result *result = &attempt->result;
    const char *message = attempt->letter.message_id;

    if (result->outcome == MAIL_REFUSED && result->cause == MAIL_CAUSE_POLICY)
        log_error("the mail server refuses what we send", F_STR("message", message),
                  F_SV("kind", attempt->letter.kind), F_INT("code", result->code),
                  F_STR("status", result->status));
    else if (result->outcome == MAIL_REFUSED || result->cause == MAIL_CAUSE_POLICY)
        log_warn("a mail was refused", F_STR("message", message), F_INT("code", result->code),
                 F_STR("status", result->status));
    else if (result->outcome == MAIL_UNKNOWN)
        log_warn("nobody knows whether a mail went", F_STR("message", message));
}

static void note_server(struct post *post, const struct attempt *attempt)
{
    const struct mail_result *result = &attempt->result;
    bool is_down = result->cause == MAIL_CAUSE_RELAY;

    if (!pace_note(post->pace, mail_address_domain(attempt->letter.to_address), result))
        return;
    if (is_down)
        log_warn("the mail server cannot be used", F_INT("code", result->code),
                 F_STR("status", result->status));
    else
        log_info("the mail server can be used again");
}

/* A mail that we cannot write is our fault, and is not tried again. */
static void give_up(struct attempt *attempt, const char *why)
{
    struct mail_result *result = &attempt->result;

    log_error("a mail cannot be written", F_STR("message", attempt->letter.message_id),
              F_SV("kind", attempt->letter.kind), F_STR("why", why));
    *result = (struct mail_result){.outcome = MAIL_REFUSED, .cause = MAIL_CAUSE_OTHER};
    snprintf(result->detail, sizeof result->detail, "It cannot be written: %s.", why);
}

static void deliver(struct post *post, struct attempt *attempt)
{
    const struct letter *letter = &attempt->letter;
    const struct letter_opts opts = {.templates = post->templates,
                                     .from = post->config->from,
                                     .domains = post->config->from_domains};
    struct str *bytes;
    int64_t began_us = clock_mono_us();
    const char *why;

    arena_reset(post->writing);
    bytes = str_new_in(post->writing, MAIL_BYTES);
    if (letter_write(letter, &opts, post->writing, bytes, &why)) {
        pace_take(post->pace, mail_address_domain(letter->to_address));
        mail_relay_send(post->relay, letter->message_id, attempt->sender, letter->to_address.p,
                        str_view(bytes), &attempt->result);
        note_server(post, attempt);
    } else {
        give_up(attempt, why);
    }
    counts_attempt(&attempt->result, clock_mono_us() - began_us);
    log_result(attempt);
    attempt->is_ended = true;
}

/* Whether the batch goes on after that one: there is time, and neither the server nor its domain
 * rests now. */
static bool goes_on(const struct post *post, const struct attempt *last)
{
    bool is_slowed =
        last->result.outcome == MAIL_DEFERRED && last->result.cause == MAIL_CAUSE_POLICY;

    return clock_mono_ms() - post->claim.at_ms < BATCH_MS && !is_slowed &&
           pace_rest_ms(post->pace) == 0 && !worker_is_stopping();
}

/* The next batch is twice as long while there is time for it, but not longer than the last one's
 * pace allows: what is given back has been claimed in vain. */
static size_t most_of_next(const struct post *post, size_t count)
{
    size_t took_ms = (size_t)(clock_mono_ms() - post->claim.at_ms) + 1;
    size_t fits = post->claim.begun * PLANNED_MS / took_ms;
    size_t most = post->most;

    if (post->claim.begun < count)
        most = post->claim.begun;
    else if (count == most)
        most = most * 2 < CLAIM_MOST ? most * 2 : CLAIM_MOST;
    if (most > fits)
        most = fits;
    return most > 0 ? most : 1;
}

/* What the database does not take now it is told at the end. */
static void tell_some(struct post *post)
{
    if (clock_mono_ms() - post->told_ms >= TELL_MS && !tell(post))
        log_debug("ends are told later");
}

static void send_all(struct post *post)
{
    struct claim *claim = &post->claim;
    size_t count = claim->count;

    post->extended_ms = claim->at_ms;
    post->told_ms = claim->at_ms;
    do {
        deliver(post, &claim->attempts[claim->begun++]);
        tell_some(post);
    } while (claim->begun < claim->count && goes_on(post, &claim->attempts[claim->begun - 1]));
    post->most = most_of_next(post, count);
}

/* ---- A turn -----------------------------------------------------------------------------------
 */

static bool is_settled(struct post *post)
{
    return tell(post) && give_back(post);
}

static int64_t claim_and_send(struct post *post)
{
    struct worker *worker = post->worker;
    int64_t wait_ms;
    struct claim_opts opts = {
        .config = post->config, .allowance = &post->allowance, .only_to = post->only_to};
    size_t looked;

    opts.most = post->most < post->domain_a_minute ? post->most : post->domain_a_minute;
    opts.left = pace_left(post->pace, worker->arena, opts.most, &wait_ms);
    if (!claim_make(worker, &opts, &post->claim, &looked)) {
        post->claim.count = 0; /* nothing was committed, or its leases will end */
        return worker_failed(worker, "a claim");
    }
    if (looked == 0)
        return wait_ms && wait_ms < IDLE_MS ? wait_ms : IDLE_MS;
    if (post->claim.count == 0)
        return 0;
    send_all(post);
    return is_settled(post) ? 0 : worker_failed(worker, "the end of a batch");
}

int64_t post_turn(struct worker *worker)
{
    struct post *post = worker->state;
    int64_t wait_ms;

    if (!is_settled(post))
        return worker_failed(worker, "the end of a batch");
    if (!counts_watch(worker))
        return worker_failed(worker, "what waits");
    if (post->config->hold)
        return IDLE_MS;
    wait_ms = pace_rest_ms(post->pace);
    if (wait_ms)
        return wait_ms;
    return claim_and_send(post);
}
