/* kith-survey: what time does to surveys. A turn is one district that is due, in one
 * transaction; what is decided, and for whom, is decided in PostgreSQL (sql/functions/87). */
#include "gen/stmt.h"
#include "svc/round.h"

#define ADMIN_DEFAULT "127.0.0.1:9103"

/* In the order in which one makes work for the next. */
static const struct round_step steps[] = {
    {"survey_advanced", STMT(surveys_advance)},
    {"survey_invited", STMT(surveys_invite)},
    {"survey_mail_withdrawn", STMT(survey_mails_withdraw)},
    {"survey_invitation", STMT(survey_invitations_decide)},
    {"survey_reminder", STMT(survey_reminders_decide)},
};

static bool work(struct worker *worker, const char *district, const char *now)
{
    return round_run(worker, steps, COUNT_OF(steps), district, now);
}

static const struct schedule_task task = {.name = "surveys", .work = work};

/* Of what it depends whether there is something to do before the clock says so. */
static const char *const aggregates[] = {"survey", "partnership", "partnership_role", "district",
                                         NULL};

static bool handle(struct worker *worker, const struct event *events, size_t count)
{
    return round_ring(worker, &task, events, count);
}

static const struct consumer_opts consumer = {
    .name = "kith-survey",
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
    .name = "kith-survey",
    .summary =
        "Opens and closes Kith's surveys, invites whom they ask, and decides who is reminded.",
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
