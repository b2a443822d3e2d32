/* Claim, load, read, apply; and what to do when a unit does not succeed. */
#include "imports/importer.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/date.h"
#include "base/log.h"
#include "gen/stmt.h"
#include "publisher.h"
#include "json/bind.h"

#define LOOK_EVERY_MS INT64_C(1000)
#define SWEEP_TICKS   600
#define UNIT_MS       INT64_C(3600000) /* a rehearsal of a million rows is one unit */
#define REASON_BYTES  500

static void look(void *arg);

/* ---- Units ---------------------------------------------------------------------------------- */

static const char *number(struct arena *arena, int64_t value)
{
    return arena_printf(arena, "%" PRId64, value).p;
}

static void new_unit(struct importer *importer)
{
    importer->unit = db_unit_new(importer->arena);
}

void importer_add(struct importer *importer, const struct db_statement *statement,
                  const char *const *params, size_t count)
{
    const char **kept = arena_zalloc_array(importer->arena, count + 1, sizeof *kept);

    if (count)
        memcpy(kept, params, count * sizeof *kept);
    db_unit_add(importer->unit, statement, kept, count);
}

void importer_begin(struct importer *importer, const char *need)
{
    const struct import_job *job = importer->job;
    char now[INSTANT_TEXT_BYTES];

    instant_format_ms(now, clock_now_ms());
    new_unit(importer);
    IMPORTER_ADD(importer, STMT(import_enter), job->district.text, job->id.text,
                 importer->holder.text, number(importer->arena, importer->config->import_lease_ms),
                 need, arena_cstr(importer->arena, sv_of(now)));
}

static void drop_job(struct importer *importer)
{
    if (importer->job)
        arena_free(importer->job->arena);
    importer->job = NULL;
}

/* Between two imports; what was at hand is found again by its lease. */
static void rest(struct importer *importer, int64_t delay_ms)
{
    drop_job(importer);
    arena_reset(importer->arena);
    importer->unit = NULL;
    importer->is_busy = false;
    timer_arm(&importer->timer, delay_ms);
}

static bool heals(const char *sqlstate)
{
    static const char *const states[] = {"55P03", "40", "53", "57", "KI410"};

    for (size_t i = 0; i < COUNT_OF(states); i++) {
        if (sv_starts_with(sv_of(sqlstate), sv_of(states[i])))
            return true;
    }
    return false;
}

static void on_refused(struct importer *importer, const struct db_error *error)
{
    if (heals(error->sqlstate) || !importer->job) {
        rest(importer, LOOK_EVERY_MS);
    } else if (strcmp(error->sqlstate, "KI403") == 0) {
        importer_fail(importer, "Who started it may no longer import this.");
    } else {
        log_error("an import met what it should not have", F_STR("sqlstate", error->sqlstate),
                  F_STR("constraint", error->constraint), F_STR("message", error->message));
        importer_fail(importer, "Something went wrong on our side.");
    }
}

static void on_unit_done(struct db_unit *unit, void *arg)
{
    struct importer *importer = arg;

    if (importer->is_closing)
        return;
    if (db_unit_outcome(unit) == DB_DONE) {
        if (importer->job)
            publisher_wake(importer->publisher);
        importer->next(importer);
    } else if (db_unit_outcome(unit) == DB_REFUSED) {
        on_refused(importer, db_unit_error(unit));
    } else {
        rest(importer, LOOK_EVERY_MS);
    }
}

void importer_run(struct importer *importer, void (*next)(struct importer *importer))
{
    importer->next = next;
    db_submit(importer->pool, importer->unit, UNIT_MS, on_unit_done, importer);
}

static void go_on(struct importer *importer)
{
    rest(importer, 0);
}

void importer_fail(struct importer *importer, const char *fmt, ...)
{
    char *reason = arena_alloc(importer->arena, REASON_BYTES);
    va_list args;

    va_start(args, fmt);
    vsnprintf(reason, REASON_BYTES, fmt, args);
    va_end(args);
    importer_begin(importer, "");
    IMPORTER_ADD(importer, STMT(import_fail), importer->job->id.text, reason);
    importer_run(importer, go_on);
}

/* ---- Applying ------------------------------------------------------------------------------- */

static void applied(struct importer *importer)
{
    if (!db_bool(importer->unit, 1, 0, "more")) {
        rest(importer, 0);
        return;
    }
    arena_reset(importer->arena);
    importer_apply(importer);
}

void importer_apply(struct importer *importer)
{
    static const struct db_statement *const statements[] = {
        [IMPORT_APPLY] = STMT(import_apply),
        [IMPORT_REHEARSE] = STMT(import_rehearse),
        [IMPORT_REVERT] = STMT(import_take_back),
    };
    struct import_job *job = importer->job;
    struct sv spec = import_spec(importer->arena, &job->plan);

    importer_begin(importer, job->roles);
    IMPORTER_ADD(importer, statements[job->task], job->id.text, spec.p,
                 number(importer->arena, importer->config->import_step_rows));
    importer_run(importer, applied);
}

/* ---- Finding one ---------------------------------------------------------------------------- */

static struct sv column(struct importer *importer, const char *name)
{
    return arena_copy(importer->job->arena, db_text(importer->unit, 1, 0, name));
}

/* False when the declaration has become another since. */
static bool load_plan(struct importer *importer)
{
    struct import_job *job = importer->job;
    struct import_options *options = &job->plan.options;
    struct import_names names = {.mapping = column(importer, "mapping"),
                                 .constants = column(importer, "constants")};
    struct json_fault fault;

    options->resource = import_kind(column(importer, "kind"));
    if (!options->resource)
        return false;
    job->roles = import_roles(options->resource);
    options->key = column(importer, "key");
    options->clears = sv_eq(column(importer, "empty_cells"), SV("clear"));
    return csv_encoding_of(column(importer, "encoding"), &job->decoder.encoding) &&
           import_read_names(job->arena, &names, options, &fault);
}

static void loaded(struct importer *importer)
{
    struct import_job *job = importer->job;
    struct sv status = column(importer, "status");

    job->is_dry_run = db_bool(importer->unit, 1, 0, "dry_run");
    job->staged_line = db_int(importer->unit, 1, 0, "staged_line");
    if (!load_plan(importer)) {
        importer_fail(importer, "What it was to import is not there any more.");
    } else if (sv_eq(status, SV("received"))) {
        job->task = IMPORT_READ;
        importer_read(importer, import_separator_of(column(importer, "separator")));
    } else {
        job->task = sv_eq(status, SV("reverting")) ? IMPORT_REVERT
                    : job->is_dry_run              ? IMPORT_REHEARSE
                                                   : IMPORT_APPLY;
        importer_apply(importer);
    }
}

static void load(struct importer *importer, struct sv district, struct sv id)
{
    struct arena *arena = arena_new(MB(16));
    struct import_job *job = ARENA_NEW(arena, import_job);

    job->arena = arena;
    ENSURE(uuid_parse(district, &job->district) && uuid_parse(id, &job->id));
    importer->job = job;
    importer_begin(importer, "");
    IMPORTER_ADD(importer, STMT(import_load), job->id.text);
    importer_run(importer, loaded);
}

static void claimed(struct importer *importer)
{
    const struct db_unit *unit = importer->unit;

    if (db_row_count(unit, 0) == 0)
        rest(importer, LOOK_EVERY_MS);
    else
        load(importer, db_text(unit, 0, 0, "district_id"), db_text(unit, 0, 0, "id"));
}

static void look(void *arg)
{
    struct importer *importer = arg;

    importer->is_busy = true;
    new_unit(importer);
    IMPORTER_ADD(importer, STMT(import_claim), importer->holder.text,
                 number(importer->arena, importer->config->import_lease_ms));
    if (++importer->idle_ticks % SWEEP_TICKS == 0) {
        db_unit_add(importer->unit, STMT(import_sweep), NULL, 0);
        db_unit_add(importer->unit, STMT(attachment_sweep), NULL, 0);
    }
    importer_run(importer, claimed);
}

void importer_wake(struct importer *importer)
{
    if (!importer->is_busy)
        timer_arm(&importer->timer, 0);
}

struct importer *importer_new(struct loop *loop, const struct api_config *config,
                              struct publisher *publisher)
{
    struct importer *importer = x_calloc(1, sizeof *importer);

    importer->publisher = publisher;
    importer->loop = loop;
    importer->config = config;
    importer->holder = uuid7_new();
    importer->arena = arena_new(MB(64));
    importer->pool = db_pool_new(loop, &(struct db_opts){
                                           .url = config->service.database_url,
                                           .application_name = "kith-api-import",
                                           .connections = 1,
                                           .in_flight = 1,
                                           .waiting = 4,
                                       });
    timer_init(&importer->timer, loop, look, importer);
    timer_arm(&importer->timer, LOOK_EVERY_MS);
    return importer;
}

void importer_free(struct importer *importer)
{
    importer->is_closing = true;
    timer_fini(&importer->timer);
    db_pool_free(importer->pool);
    drop_job(importer);
    arena_free(importer->arena);
    x_free(importer);
}
