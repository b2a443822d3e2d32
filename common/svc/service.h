/* What every program of Kith has in common: its configuration, its log, its clock. */
#ifndef KITH_SVC_SERVICE_H
#define KITH_SVC_SERVICE_H

#include "base/config.h"
#include "base/log.h"

#define KITH_VERSION "0.1.0"

enum service_env { ENV_PRODUCTION, ENV_DEVELOPMENT, ENV_TEST };

struct service_config {
    unsigned env;        /* enum service_env */
    unsigned log_format; /* enum log_format */
    unsigned log_level;  /* enum log_level */
    const char *clock;
    const char *fail_at;
    const char *admin_listen;
    const char *database_url;
    const char *redis_url;
    const char *public_url;
    const char *secret_key;
};

/* The first table of every program's configuration: SERVICE_CONFIG_TABLE; `struct service_config`
 * is the first member of what it fills. */
#define SERVICE_CONFIG_TABLE                                           \
    {                                                                  \
        .rows = service_config_rows, .row_count = SERVICE_CONFIG_ROWS, \
        .check = service_config_check,                                 \
    }
#define SERVICE_CONFIG_ROWS 10
extern const struct config_row service_config_rows[SERVICE_CONFIG_ROWS];
void service_config_check(const void *owner, struct str *errors);

/* The clock and the fail points as configured. NULL, or why that cannot be. */
const char *service_test_means(const struct service_config *config);

/* Log, clock and metrics as configured, for a family of `slots` processes (1 without prefork). */
void service_start(const char *name, const struct service_config *config, unsigned slots);

#endif
