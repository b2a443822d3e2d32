/* kith migrate: each migration in a transaction of its own and in its order, then the functions
 * whose text is another, all in one, then passwords. One process at a time does it, under a lock of
 * the database; who waited for it finds nothing left to do. */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "db/blocking.h"
#include "gen/stmt.h"
#include "ledger.h"
#include "migrate_config.h"

#define INSUFFICIENT_PRIVILEGE "42501"
#define LOCK_NOT_AVAILABLE     "55P03"

struct migrate {
    struct migrate_config config;
    struct arena *arena;
    struct db_link *link;
    struct ledger ledger;
    unsigned applied;
    unsigned present;
};

/* ---- What is wrong ----------------------------------------------------------------------------
 */

static size_t line_of(const char *text, size_t position)
{
    size_t line = 1;
    size_t characters = 1;

    for (; *text && characters < position; text++) {
        line += *text == '\n';
        characters += (text[1] & 0xc0) != 0x80;
    }
    return line;
}

static const char *hint_of(const struct db_error *error)
{
    if (sv_eq(sv_of(error->sqlstate), SV(INSUFFICIENT_PRIVILEGE)))
        return "KITH_MIGRATE_URL must name kith_migrate; for the first migration, which makes the "
               "roles, for one that adds an extension, and for passwords, a superuser";
    if (sv_eq(sv_of(error->sqlstate), SV(LOCK_NOT_AVAILABLE)))
        return "somebody else holds a lock on the table; nothing was changed, run it again";
    return NULL;
}

/* Of the link's last call, which ran the file, or, with NULL, something of our own. */
static void tell_error(const struct migrate *m, const struct sql_file *file)
{
    const struct db_error *error = db_link_error(m->link);
    const char *hint = hint_of(error);

    if (file)
        fprintf(stderr, "sql/%ss/%s:", ledger_kind(file->kind), file->name);
    if (file && error->position)
        fprintf(stderr, "%zu:", line_of(file->text, error->position));
    if (db_link_is_lost(m->link))
        fprintf(stderr, "%s the connection was lost: %s\n",
                file ? "" : "kith migrate:", error->message);
    else
        fprintf(stderr, "%s %s (%s)\n", file ? "" : "kith migrate:", error->message,
                error->sqlstate);
    if (hint)
        fprintf(stderr, "kith migrate: %s\n", hint);
}

static const struct db_result *run(const struct migrate *m, const struct db_statement *statement,
                                   const char *const *params)
{
    const struct db_result *result = db_link_run(m->link, statement, params);

    if (!result)
        tell_error(m, NULL);
    return result;
}

static bool script(const struct migrate *m, const char *text)
{
    bool good = db_link_script(m->link, text);

    if (!good)
        tell_error(m, NULL);
    return good;
}

/* ---- What is there ----------------------------------------------------------------------------
 */

static bool read_ledger(struct migrate *m)
{
    bool good = ledger_load(&m->ledger, m->link, m->arena);

    if (!good)
        tell_error(m, NULL);
    return good;
}

static bool check_ledger(const struct migrate *m)
{
    struct str why;
    bool good;

    str_init(&why, MB(1));
    good = ledger_fits(&m->ledger, sql_files, &why);
    if (!good)
        fprintf(stderr, "kith migrate: this program and this database do not fit:\n%s",
                str_cstr(&why));
    str_fini(&why);
    return good;
}

static int show_status(struct migrate *m)
{
    static const char *const words[] = {"pending", "changed", "applied"};
    unsigned lacking = 0;

    if (!read_ledger(m))
        return EXIT_STATUS_FAILED;
    for (const struct sql_file *file = sql_files; file->name; file++) {
        const struct applied *row = ledger_find(&m->ledger, file);
        enum file_state state = ledger_state(&m->ledger, file);

        printf("%s %-20s %s %s\n", words[state], row ? row->at : "-", ledger_kind(file->kind),
               file->name);
        lacking += state != FILE_APPLIED;
    }
    return check_ledger(m) && !lacking ? EXIT_STATUS_OK : EXIT_STATUS_FAILED;
}

/* ---- What is done -----------------------------------------------------------------------------
 */

static bool begin(const struct migrate *m)
{
    struct sv ms = arena_printf(m->arena, "%lldms", (long long)m->config.lock_timeout_ms);

    return script(m, "BEGIN") && run(m, STMT(migration_begin), (const char *const[]){ms.p}) != NULL;
}

static bool commit(const struct migrate *m, bool good)
{
    if (good)
        return script(m, "COMMIT");
    if (!db_link_is_lost(m->link) && !db_link_script(m->link, "ROLLBACK"))
        tell_error(m, NULL);
    return false;
}

/* The file and its row, inside a transaction. The file before may have become another role. */
static bool apply(struct migrate *m, const struct sql_file *file)
{
    const char *const params[] = {file->name, ledger_kind(file->kind), file->checksum};

    if (!script(m, "RESET ROLE"))
        return false;
    if (!db_link_script(m->link, file->text)) {
        tell_error(m, file);
        return false;
    }
    return run(m, STMT(migration_record), params) != NULL;
}

static void tell_applied(struct migrate *m, const struct sql_file *file)
{
    printf("%s %s\n", ledger_kind(file->kind), file->name);
    fflush(stdout);
    m->applied++;
}

static bool apply_migrations(struct migrate *m)
{
    for (const struct sql_file *file = sql_files; file->name; file++) {
        if (file->kind != SQL_MIGRATION)
            continue;
        if (ledger_state(&m->ledger, file) == FILE_APPLIED) {
            m->present++;
            continue;
        }
        if (!begin(m) || !commit(m, apply(m, file)))
            return false;
        tell_applied(m, file);
    }
    return true;
}

static bool is_due(const struct migrate *m, const struct sql_file *file)
{
    return file->kind == SQL_FUNCTION && ledger_state(&m->ledger, file) != FILE_APPLIED;
}

/* Where one has changed, or a table has come, all are applied: what one of them says of tables,
 * others make policies and triggers of. */
static bool apply_functions(struct migrate *m)
{
    bool any = m->applied > 0;
    bool good;

    for (const struct sql_file *file = sql_files; file->name; file++)
        any = any || is_due(m, file);
    good = !any || begin(m);
    for (const struct sql_file *file = sql_files; good && any && file->name; file++) {
        if (file->kind == SQL_FUNCTION)
            good = apply(m, file);
    }
    if (any && !commit(m, good))
        return false;
    for (const struct sql_file *file = sql_files; file->name; file++) {
        if (file->kind != SQL_FUNCTION)
            continue;
        if (ledger_state(&m->ledger, file) == FILE_APPLIED)
            m->present++;
        else
            tell_applied(m, file);
    }
    return true;
}

static bool set_passwords(const struct migrate *m)
{
    if (!script(m, "RESET ROLE"))
        return false;
    for (size_t i = 0; i < LOGIN_ROLE_COUNT; i++) {
        if (!m->config.passwords[i])
            continue;
        if (!db_link_set_password(m->link, login_role_names[i], m->config.passwords[i])) {
            tell_error(m, NULL);
            return false;
        }
        printf("password of %s\n", login_role_names[i]);
    }
    return true;
}

static int migrate(struct migrate *m)
{
    /* Not every system's server can do this; without it a killed migration's lock lasts as long as
     * the statement that it had begun. */
    if (!db_link_script(m->link, STMT(migration_notice_death)->text) && db_link_is_lost(m->link)) {
        tell_error(m, NULL);
        return EXIT_STATUS_FAILED;
    }
    if (!run(m, STMT(migration_quiet), NULL) || !run(m, STMT(migration_lock), NULL) ||
        !read_ledger(m) || !check_ledger(m) || !apply_migrations(m) || !apply_functions(m) ||
        !set_passwords(m))
        return EXIT_STATUS_FAILED;
    printf("%u applied, %u already there\n", m->applied, m->present);
    return EXIT_STATUS_OK;
}

int command_migrate(int argc, char **argv)
{
    bool status_only = argc == 2 && sv_eq(sv_of(argv[1]), SV("--status"));
    struct migrate m = {.arena = NULL};
    const char *why;
    int status;

    migrate_config_main(status_only ? 1 : argc, argv, &m.config);
    if (!migrate_config_url(&m.config)) {
        fprintf(stderr, "kith migrate: KITH_MIGRATE_URL or KITH_DATABASE_URL must be set\n");
        return EXIT_STATUS_CONFIGURATION;
    }
    log_start("kith", (enum log_format)m.config.service.log_format,
              (enum log_level)m.config.service.log_level);
    m.arena = arena_new(MB(4));
    m.link = db_link_open(m.arena, migrate_config_url(&m.config), "kith migrate",
                          m.config.connect_ms, &why);
    if (m.link) {
        status = status_only ? show_status(&m) : migrate(&m);
    } else {
        fprintf(stderr, "kith migrate: no connection to the database: %s\n", why);
        status = EXIT_STATUS_FAILED;
    }
    db_link_close(m.link);
    arena_free(m.arena);
    return status;
}
