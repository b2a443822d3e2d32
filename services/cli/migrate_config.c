/* A migration runs where the programs run, so it knows what every program knows, and needs none of
 * it: the service's rows are taken over, and lose their "required". */
#include "migrate_config.h"

const char *const login_role_names[LOGIN_ROLE_COUNT] = {
#define ROLE(name, role) role,
    LOGIN_ROLES(ROLE)
#undef ROLE
};

static const struct config_row rows[] = {
    CONFIG_TEXT("KITH_MIGRATE_URL", struct migrate_config, migrate_url, .secret = true,
                .doc =
                    "The database as kith_migrate, and as a superuser the first time and where an "
                    "extension is new, as roles and extensions are made by one; if not set, "
                    "KITH_DATABASE_URL."),
    CONFIG_INT("KITH_MIGRATE_CONNECT_MS", struct migrate_config, connect_ms, .fallback = "10000",
               .min = 1, .max = 600000, .unit = "ms", .doc = "How long connecting may take."),
    CONFIG_INT("KITH_MIGRATE_LOCK_TIMEOUT_MS", struct migrate_config, lock_timeout_ms,
               .fallback = "5000", .min = 1, .max = 600000, .unit = "ms",
               .doc = "How long a migration waits for a table before it gives up, as all who come "
                      "after it wait behind it."),
#define ROLE(name, role)                                                                    \
    CONFIG_TEXT("KITH_ROLE_PASSWORD_" #name, struct migrate_config, passwords[ROLE_##name], \
                .secret = true, .doc = "Becomes the password of the role " role "."),
    LOGIN_ROLES(ROLE)
#undef ROLE
};

void migrate_config_rows(struct config_row out[MIGRATE_CONFIG_ROWS])
{
    _Static_assert(COUNT_OF(rows) == MIGRATE_CONFIG_OWN_ROWS, "the header counts them");

    for (size_t i = 0; i < SERVICE_CONFIG_ROWS; i++) {
        out[i] = service_config_rows[i];
        out[i].required = false;
    }
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        out[SERVICE_CONFIG_ROWS + i] = rows[i];
}

void migrate_config_main(int argc, char **argv, struct migrate_config *out)
{
    struct config_row all[MIGRATE_CONFIG_ROWS];
    const struct config_table tables[] = {{.rows = all, .row_count = COUNT_OF(all)}};
    const struct config_program program = {
        .name = "kith migrate",
        .summary = "brings the database to this program's schema; with --status it says what the "
                   "database lacks, and fails if that is anything",
        .tables = tables,
        .table_count = COUNT_OF(tables),
    };

    migrate_config_rows(all);
    config_main(&program, argc, argv, out);
}

const char *migrate_config_url(const struct migrate_config *config)
{
    return config->migrate_url ? config->migrate_url : config->service.database_url;
}
