/* A worker whose consumer does what a table says: for each event of a network it writes a row of
 * `effect`, and a row of `spell` for the network may make it wait, fail, or die before it. */
#include <unistd.h>

#include "svc/consumer.h"

static struct worker_config config;

static const struct config_table tables[] = {WORKER_CONFIG_TABLES};
static const struct config_program program = {
    .name = "consumer_probe",
    .summary = "A consumer that does as it is told.",
    .tables = tables,
    .table_count = COUNT_OF(tables),
};

static const struct db_statement look = {"look", "SELECT kind FROM spell WHERE network = $1::uuid",
                                         1, DB_MAYBE, false};
static const struct db_statement wait_a_little = {
    "wait_a_little", "SELECT pg_sleep(0.5)::text AS slept", 0, DB_ONE, false};
static const struct db_statement fail = {"fail", "SELECT (1 / 0)::text AS never", 0, DB_ONE, false};
static const struct db_statement write_effect = {
    "write_effect",
    "INSERT INTO effect (event, network, action, batch) "
    "VALUES ($1::uuid, $2::uuid, $3::text, $4::int)",
    4, DB_EXEC, false};

static bool cast(struct worker *worker, const char *network)
{
    const struct db_result *found = db_link_run(worker->db, &look, (const char *const[]){network});
    struct sv kind = found && db_result_rows(found) ? db_result_text(found, 0, "kind") : SV_NONE;

    if (sv_eq(kind, SV("die")))
        _exit(EXIT_STATUS_OK);
    if (sv_eq(kind, SV("fail")))
        return worker_exec(worker, &fail, NULL);
    if (sv_eq(kind, SV("wait")))
        return worker_exec(worker, &wait_a_little, NULL);
    return found != NULL;
}

static bool handle(struct worker *worker, const struct event *events, size_t count)
{
    const char *size = arena_printf(worker->arena, "%zu", count).p;

    for (size_t i = 0; i < count; i++) {
        const char *params[] = {events[i].id, events[i].subject,
                                arena_cstr(worker->arena, events[i].action), size};

        ENSURE(sv_eq(events[i].aggregate, SV("network")));
        if ((events[i].subject && !cast(worker, events[i].subject)) ||
            !worker_exec(worker, &write_effect, params))
            return false;
    }
    return true;
}

static const char *const aggregates[] = {"network", NULL};
static const struct consumer_opts consumer_opts = {
    .name = "probe", .aggregates = aggregates, .handle = handle};

static void register_metrics(void)
{
    consumer_register(&consumer_opts);
}

static void begin(struct worker *worker)
{
    worker->state = consumer_new(worker, &consumer_opts);
}

static int64_t turn(struct worker *worker)
{
    return consumer_turn(worker->state, 1000);
}

static void end(struct worker *worker)
{
    consumer_free(worker->state);
}

int main(int argc, char **argv)
{
    const struct worker_opts opts = {
        .program = &program,
        .admin_listen = "127.0.0.1:9109",
        .config = &config,
        .register_metrics = register_metrics,
        .begin = begin,
        .turn = turn,
        .end = end,
    };

    return worker_main(&opts, argc, argv);
}
