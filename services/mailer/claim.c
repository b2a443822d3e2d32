/* Takes messages, makes the keys of their attempts and links, and claims them. */
#include "claim.h"

#include <string.h>

#include "base/clock.h"
#include "base/token.h"
#include "counts.h"
#include "gen/stmt.h"
#include "mail/report.h"
#include "json/emit.h"

#define KEYS_BYTES  KB(128)
#define LINKS_BYTES KB(512)

#define ALLOWANCE_PART 20 /* of what was left: more than there are processes */
#define ALLOWANCE_MS   5000

/* What is known to the mail alone, and of what the database keeps hashes. */
struct key {
    struct uuid link_id;
    struct sv task_url;
    struct sv stop_url;
};

static const char *number(struct arena *arena, int64_t value)
{
    return arena_printf(arena, "%lld", (long long)value).p;
}

/* A link's token, and where it is opened: /r/ for a task, /u/ to end mails. */
static struct sv make_link(const struct claim *claim, const struct claim_opts *opts,
                           const char *path, struct token *out)
{
    struct uuid district;

    ENSURE(uuid_parse(sv_of(claim->district_id), &district));
    return arena_printf(claim->arena, "%s/%s/%s", opts->config->worker.service.public_url, path,
                        token_new(claim->arena, &district, out).p);
}

static void emit_member(struct emit *e, const char *name, struct sv text)
{
    emit_key(e, sv_of(name));
    emit_text(e, text);
}

static const char *emitted(struct emit *e)
{
    ENSURE(emit_finish(e));
    return str_cstr(e->out);
}

/* ---- Keys -------------------------------------------------------------------------------------
 */

static void make_key(struct claim *claim, const struct claim_opts *opts, struct emit *e,
                     struct attempt *attempt, struct key *key)
{
    struct token task;
    struct token stop;

    attempt->id = uuid7_new();
    key->link_id = uuid7_new();
    key->task_url = make_link(claim, opts, "r", &task);
    key->stop_url = make_link(claim, opts, "u", &stop);
    emit_object_begin(e);
    emit_member(e, "attempt_id", uuid_view(&attempt->id));
    emit_member(e, "link_id", uuid_view(&key->link_id));
    emit_member(e, "task_hash", task.hash);
    emit_member(e, "stop_hash", stop.hash);
    emit_object_end(e);
}

static const char *make_keys(struct worker *worker, struct claim *claim,
                             const struct claim_opts *opts, struct key *keys, size_t count)
{
    struct emit e;

    emit_init(&e, str_new_in(worker->arena, KEYS_BYTES));
    emit_array_begin(&e);
    for (size_t i = 0; i < count; i++)
        make_key(claim, opts, &e, &claim->attempts[i], &keys[i]);
    emit_array_end(&e);
    return emitted(&e);
}

/* ---- Letters ----------------------------------------------------------------------------------
 */

/* One that another mail carries: its link is its own. */
static void read_thing(struct claim *claim, const struct claim_opts *opts,
                       const struct db_result *rows, size_t row, struct letter *out,
                       struct emit *links)
{
    struct uuid id = uuid7_new();
    struct token token;

    letter_read(claim->arena, rows, row, out);
    if (!out->has_task)
        return;
    out->task_url = make_link(claim, opts, "r", &token);
    emit_object_begin(links);
    emit_member(links, "message_id", sv_of(out->message_id));
    emit_member(links, "id", uuid_view(&id));
    emit_member(links, "hash", token.hash);
    emit_object_end(links);
}

/* How many rows from `row` on have its place: a mail, and what it carries. */
static size_t rows_of_place(const struct db_result *rows, size_t row)
{
    struct sv place = db_result_text(rows, row, "place");
    size_t end = row + 1;

    while (end < db_result_rows(rows) && sv_eq(db_result_text(rows, end, "place"), place))
        end++;
    return end - row;
}

/* Its id and its links are those of its place, which others may have left empty. */
static void read_attempt(struct claim *claim, const struct claim_opts *opts,
                         const struct db_result *rows, size_t row, const struct key *keys,
                         struct emit *links)
{
    size_t place = (size_t)db_result_int(rows, row, "place");
    struct attempt *attempt = &claim->attempts[claim->count++];
    struct letter *letter = &attempt->letter;

    attempt->id = claim->attempts[place].id;
    attempt->sender =
        opts->config->bounce
            ? mail_report_address(claim->arena, sv_of(opts->config->bounce), &attempt->id).p
            : opts->config->from;
    letter_read(claim->arena, rows, row, letter);
    letter->district_id = claim->district_id;
    letter->home_url = arena_printf(claim->arena, "%s/", opts->config->worker.service.public_url);
    letter->task_url = letter->has_task ? keys[place].task_url : letter->home_url;
    letter->stop_url = letter->has_stop ? keys[place].stop_url : SV_NONE;
    letter->thing_count = rows_of_place(rows, row) - 1;
    letter->things = ARENA_ARRAY(claim->arena, struct letter, letter->thing_count);
    for (size_t i = 0; i < letter->thing_count; i++)
        read_thing(claim, opts, rows, row + 1 + i, &letter->things[i], links);
}

static void read_verdict(const struct claim *claim, const struct db_result *rows, size_t row)
{
    struct sv verdict = db_result_text(rows, row, "verdict");

    counts_verdict(verdict);
    if (sv_eq(verdict, SV("failed")))
        log_error(
            "a message cannot be read",
            F_STR("message", arena_cstr(claim->arena, db_result_text(rows, row, "message_id"))));
}

/* ---- The transaction --------------------------------------------------------------------------
 */

/* Reads all that was claimed, and writes the links of what the mails carry. */
static bool begin(struct worker *worker, struct claim *claim, const struct claim_opts *opts,
                  const struct db_result *rows, const struct key *keys)
{
    struct str *json = str_new_in(worker->arena, LINKS_BYTES);
    const char *links;
    struct emit e;

    emit_init(&e, json);
    emit_array_begin(&e);
    for (size_t row = 0; row < db_result_rows(rows);) {
        if (sv_eq(db_result_text(rows, row, "verdict"), SV("send"))) {
            read_attempt(claim, opts, rows, row, keys, &e);
            row += rows_of_place(rows, row);
        } else {
            read_verdict(claim, rows, row++);
        }
    }
    emit_array_end(&e);
    links = emitted(&e);
    return links[1] == ']' ||
           worker_exec(worker, STMT(mail_thing_links), (const char *const[]){links});
}

/* The messages that were taken, and how many; NULL: none. */
static bool take(struct worker *worker, struct claim *claim, const struct claim_opts *opts,
                 const char **out_messages, size_t *out_count)
{
    const struct db_result *row = db_link_run(
        worker->db, STMT(mail_take),
        (const char *const[]){worker_now(worker), number(worker->arena, (int64_t)opts->most),
                              opts->left, opts->only_to});

    *out_count = 0;
    if (!row || db_result_rows(row) == 0)
        return row;
    claim->district_id = arena_cstr(claim->arena, db_result_text(row, 0, "district_id"));
    *out_messages = arena_cstr(claim->arena, db_result_text(row, 0, "message_ids"));
    *out_count = (size_t)db_result_int(row, 0, "count");
    return true;
}

/* How many mails the district may still send today, at least. */
static bool look_left(struct worker *worker, const struct claim *claim,
                      const struct claim_opts *opts, size_t looked, int64_t *out)
{
    struct allowance *known = opts->allowance;
    bool is_known = strcmp(known->district_id.text, claim->district_id) == 0 &&
                    clock_mono_ms() < known->until_ms && known->left >= (int64_t)looked;
    const struct db_result *row;

    if (!is_known) {
        row =
            db_link_run(worker->db, STMT(mail_left),
                        (const char *const[]){number(worker->arena, opts->config->district_a_day)});
        if (!row)
            return false;
        *out = db_result_int(row, 0, "left_today");
        ENSURE(uuid_parse(sv_of(claim->district_id), &known->district_id));
        known->left = *out / ALLOWANCE_PART;
        known->until_ms = clock_mono_ms() + ALLOWANCE_MS;
    } else {
        *out = known->left;
    }
    known->left -= (int64_t)looked;
    return true;
}

bool claim_make(struct worker *worker, const struct claim_opts *opts, struct claim *out,
                size_t *out_looked)
{
    const struct mailer_config *config = opts->config;
    const struct db_result *rows;
    struct key keys[CLAIM_MOST];
    const char *messages = NULL;
    int64_t left;

    arena_reset(out->arena);
    *out = (struct claim){.arena = out->arena, .at_ms = clock_mono_ms()};
    if (!worker_begin(worker) || !take(worker, out, opts, &messages, out_looked))
        return false;
    if (*out_looked == 0)
        return worker_commit(worker);
    if (!look_left(worker, out, opts, *out_looked, &left))
        return false;
    rows = db_link_run(worker->db, STMT(mail_claim),
                       (const char *const[]){
                           messages, make_keys(worker, out, opts, keys, *out_looked),
                           number(worker->arena, config->lease_ms), number(worker->arena, left)});
    return rows && begin(worker, out, opts, rows, keys) && worker_commit(worker);
}
