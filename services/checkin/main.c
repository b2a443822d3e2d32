/* kith-checkin: what time does to check-ins. A turn is one district that is due, in one
 * transaction; what is decided, and for whom, is decided in PostgreSQL (sql/functions/76 to 79). */
#include "gen/stmt.h"
#include "svc/round.h"

#define ADMIN_DEFAULT "127.0.0.1:9102"

/* In the order in which one makes work for the next. */
static const struct round_step steps[] = {
    {"check_in_planned", STMT(check_in_plan)},
    {"check_in_replanned", STMT(check_in_replan)},
    {"check_in_advanced", STMT(check_in_advance)},
    {"check_in_mail_withdrawn", STMT(check_in_mails_withdraw)},
    {"check_in_reminder", STMT(reminders_decide)},
    {"check_in_notice", STMT(check_in_notices_decide)},
};

static bool work(struct worker *worker, const char *district, const char *now)
{
    return round_run(worker, steps, COUNT_OF(steps), district, now);
}

static const struct schedule_task task = {.name = "check_ins", .work = work};

/* Of what it depends whether there is something to do before the clock says so. */
static const char *const aggregates[] = {
    "partnership", "partnership_role", "check_in", "reporting_quarter",
    "closed_day",  "blackout",         "district", NULL};

static bool handle(struct worker *worker, const struct event *events, size_t count)
{
    return round_ring(worker, &task, events, count);
}

static const struct consumer_opts consumer = {
    .name = "kith-checkin",
    .aggregates = aggregates,
    .handle = handle,
};

static void register_metrics(void)
{
    consumer_register(&consumer);
    schedule_register(&task);
    round_register(steps, COUNT_OF(steps));
}

static void begin(struct worker *worker)
{
    worker->state = consumer_new(worker, &consumer);
}

static int64_t turn(struct worker *worker)
{
    return consumer_turn(worker->state, schedule_turn(worker, &task));
}

static void end(struct worker *worker)
{
    consumer_free(worker->state);
}

static const struct config_table tables[] = {WORKER_CONFIG_TABLES};
static const struct config_program program = {
    .name = "kith-checkin",
    .summary = "Plans Kith's check-ins, opens and ends them, and decides who is reminded.",
    .tables = tables,
    .table_count = COUNT_OF(tables),
};

int main(int argc, char **argv)
{
    static struct worker_config config;

    return worker_main(&(struct worker_opts){.program = &program,
                                             .admin_listen = ADMIN_DEFAULT,
                                             .config = &config,
                                             .register_metrics = register_metrics,
                                             .begin = begin,
                                             .turn = turn,
                                             .end = end},
                       argc, argv);
}
