/* kith doctor: what keeps Kith from working, or its mails from arriving. It changes nothing, but
 * that it makes a mail folder which is configured and not there. */
#include "doctor.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"
#include "bus/answers.h"
#include "command.h"
#include "gen/stmt.h"
#include "ledger.h"

#define POSTGRES_LEAST    150000 /* as server_version_num says it */
#define SKEW_WARNING_MS   2000
#define SKEW_BAD_MS       60000 /* links and sessions would end at other times than they say */
#define SAYS_BYTES        KB(4)
#define REPORT_BYTES_MOST KB(256)

void doctor_say(struct doctor *doctor, enum verdict verdict, const char *check, const char *fmt,
                ...)
{
    static const char *const words[] = {"ok", "warning", "bad", "skipped"};
    char says[SAYS_BYTES];
    va_list args;

    va_start(args, fmt);
    vsnprintf(says, sizeof says, fmt, args);
    va_end(args);
    doctor->counts[verdict]++;
    if (!doctor->is_json) {
        printf("%-8s %-9s %s\n", words[verdict], check, says);
        return;
    }
    emit_object_begin(&doctor->json);
    emit_key(&doctor->json, SV("check"));
    emit_text(&doctor->json, sv_of(check));
    emit_key(&doctor->json, SV("verdict"));
    emit_text(&doctor->json, sv_of(words[verdict]));
    emit_key(&doctor->json, SV("says"));
    emit_text(&doctor->json, sv_of(says));
    emit_object_end(&doctor->json);
}

/* ---- The database ---------------------------------------------------------------------------- */

/* Also whether this program and its schema belong together; false: nothing more can be asked. */
static bool check_schema(struct doctor *doctor, struct db_link *link)
{
    struct str *why = str_new_in(doctor->arena, MB(1));
    struct ledger ledger;
    unsigned lacking = 0;

    if (!ledger_load(&ledger, link, doctor->arena)) {
        doctor_say(doctor, VERDICT_BAD, "schema", "%s", db_link_error(link)->message);
        return false;
    }
    for (const struct sql_file *file = sql_files; file->name; file++)
        lacking += ledger_state(&ledger, file) != FILE_APPLIED;
    if (!ledger_fits(&ledger, sql_files, why))
        doctor_say(doctor, VERDICT_BAD, "schema", "it is not this program's: %s",
                   arena_cstr(doctor->arena, sv_trim(str_view(why))));
    else if (lacking)
        doctor_say(doctor, VERDICT_BAD, "schema", "%u files are not applied: kith migrate",
                   lacking);
    else
        doctor_say(doctor, VERDICT_OK, "schema", "it is this program's");
    return lacking == 0;
}

static void check_clock(struct doctor *doctor, int64_t theirs_ms)
{
    int64_t skew_ms = clock_real_ms() - theirs_ms;
    int64_t apart_ms = skew_ms < 0 ? -skew_ms : skew_ms;
    enum verdict verdict = apart_ms >= SKEW_BAD_MS       ? VERDICT_BAD
                           : apart_ms >= SKEW_WARNING_MS ? VERDICT_WARNING
                                                         : VERDICT_OK;

    doctor_say(doctor, verdict, "clock", "%lld ms from the database's", (long long)skew_ms);
}

static void check_districts(struct doctor *doctor, const struct db_result *rows)
{
    struct sv unknown = db_result_text(rows, 0, "unknown_zones");
    int64_t held = db_result_int(rows, 0, "held");
    long long districts = db_result_int(rows, 0, "districts");

    if (unknown.n)
        doctor_say(doctor, VERDICT_BAD, "zones", "the database server does not know %.*s",
                   SV_ARG(unknown));
    else
        doctor_say(doctor, VERDICT_OK, "zones", "the database server knows each that is in use");
    doctor_say(doctor, held ? VERDICT_WARNING : VERDICT_OK, "hold",
               "the mail of %lld of %lld districts is on hold", (long long)held, districts);
}

static void check_server(struct doctor *doctor, struct db_link *link)
{
    const struct db_result *rows = db_link_run(link, STMT(doctor_server), NULL);
    bool is_new;

    if (!rows) {
        doctor_say(doctor, VERDICT_BAD, "database", "%s", db_link_error(link)->message);
        return;
    }
    is_new = db_result_int(rows, 0, "number") >= POSTGRES_LEAST;
    doctor_say(doctor, is_new ? VERDICT_OK : VERDICT_BAD, "database", "PostgreSQL %.*s%s",
               SV_ARG(db_result_text(rows, 0, "version")), is_new ? "" : ": 15 is the oldest");
    check_clock(doctor, db_result_int(rows, 0, "now_ms"));
    if (!check_schema(doctor, link))
        return;
    rows = db_link_run(link, STMT(doctor_districts), NULL);
    if (rows)
        check_districts(doctor, rows);
    else
        doctor_say(doctor, VERDICT_BAD, "database", "%s", db_link_error(link)->message);
}

void doctor_database(struct doctor *doctor)
{
    const char *url = migrate_config_url(&doctor->config.base);
    const char *why = NULL;
    struct db_link *link;

    if (!url) {
        doctor_say(doctor, VERDICT_SKIPPED, "database",
                   "neither KITH_MIGRATE_URL nor KITH_DATABASE_URL is set");
        return;
    }
    link = db_link_open(doctor->arena, url, "kith doctor", doctor->config.within_ms, &why);
    if (link)
        check_server(doctor, link);
    else
        doctor_say(doctor, VERDICT_BAD, "database", "%s", why);
    db_link_close(link);
}

/* ---- The rest -------------------------------------------------------------------------------- */

void doctor_redis(struct doctor *doctor)
{
    const char *why = NULL;
    const char *version = bus_server_version(doctor->arena, doctor->config.base.service.redis_url,
                                             doctor->config.within_ms, &why);

    if (version)
        doctor_say(doctor, VERDICT_OK, "redis", "Redis %s", version);
    else
        doctor_say(doctor, VERDICT_BAD, "redis",
                   "%s (nothing is lost, but all that follows a change waits)", why);
}

static void check_address(struct doctor *doctor)
{
    const struct service_config *service = &doctor->config.base.service;
    struct sv url = sv_of(service->public_url);

    if (service->env == ENV_PRODUCTION && !sv_starts_with(url, SV("https://")))
        doctor_say(doctor, VERDICT_WARNING, "address",
                   "%.*s: mails' links go there without TLS, and only from where it is known",
                   SV_ARG(url));
    else
        doctor_say(doctor, VERDICT_OK, "address", "%.*s", SV_ARG(url));
}

static int report(struct doctor *doctor)
{
    static void (*const checks[])(struct doctor *) = {doctor_database, doctor_redis, check_address,
                                                      doctor_relay, doctor_sender};

    for (size_t i = 0; i < COUNT_OF(checks); i++)
        checks[i](doctor);
    return doctor->counts[VERDICT_BAD] ? EXIT_STATUS_FAILED : EXIT_STATUS_OK;
}

static int report_json(struct doctor *doctor)
{
    struct str *text = str_new_in(doctor->arena, REPORT_BYTES_MOST);
    int status;

    emit_init(&doctor->json, text);
    doctor->is_json = true;
    emit_array_begin(&doctor->json);
    status = report(doctor);
    emit_array_end(&doctor->json);
    ENSURE(emit_finish(&doctor->json));
    printf("%s\n", str_cstr(text));
    return status;
}

int command_doctor(int argc, char **argv)
{
    struct doctor doctor = {.arena = arena_new(MB(8))};
    bool as_json = argc == 2 && sv_eq(sv_of(argv[1]), SV("--json"));
    int status;

    doctor_config_main(as_json ? 1 : argc, argv, &doctor.config);
    status = as_json ? report_json(&doctor) : report(&doctor);
    arena_free(doctor.arena);
    return status;
}
