/* What `kith migrate` reads from the environment. */
#ifndef KITH_CLI_MIGRATE_CONFIG_H
#define KITH_CLI_MIGRATE_CONFIG_H

#include "svc/service.h"

/* The roles that sign in, as the first migration makes them. */
#define LOGIN_ROLES(ROLE)             \
    ROLE(MIGRATE, "kith_migrate")     \
    ROLE(API, "kith_api")             \
    ROLE(BACKUP, "kith_backup")       \
    ROLE(PUBLISHER, "kith_publisher") \
    ROLE(KPI, "kith_kpi")             \
    ROLE(CHECKIN, "kith_checkin")     \
    ROLE(SURVEY, "kith_survey")       \
    ROLE(MAILER, "kith_mailer")

enum login_role {
#define ROLE(name, role) ROLE_##name,
    LOGIN_ROLES(ROLE)
#undef ROLE
        LOGIN_ROLE_COUNT
};

extern const char *const login_role_names[LOGIN_ROLE_COUNT];

struct migrate_config {
    struct service_config service;
    const char *migrate_url;
    int64_t connect_ms;
    int64_t lock_timeout_ms;
    const char *passwords[LOGIN_ROLE_COUNT]; /* NULL: left as it is */
};

#define MIGRATE_CONFIG_OWN_ROWS (3 + LOGIN_ROLE_COUNT)
#define MIGRATE_CONFIG_ROWS     (SERVICE_CONFIG_ROWS + MIGRATE_CONFIG_OWN_ROWS)

/* Its rows, for a command that reads more; `struct migrate_config` is the first member of what
 * they fill. */
void migrate_config_rows(struct config_row out[MIGRATE_CONFIG_ROWS]);

/* Loads it, or does what config_main() does with its other arguments. */
void migrate_config_main(int argc, char **argv, struct migrate_config *out);

/* NULL when neither variable is set. */
const char *migrate_config_url(const struct migrate_config *config);

#endif
