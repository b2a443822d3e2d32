/* Connecting as an operator. */
#include "operator.h"

#include <stdio.h>

int operator_failed(const struct operator* operator)
{
    const struct db_error *error = db_link_error(operator->link);

    fprintf(stderr, "%s: the database refused it (%s): %s\n", operator->command, error->sqlstate,
            error->message ? error->message : "the connection was lost");
    return EXIT_STATUS_FAILED;
}

int operator_run(const char *command, char **argv,
                 int (*act)(struct operator* operator, void * arg), void *arg)
{
    struct operator operator= {.command = command, .arena = arena_new(MB(1))};
    const char *why;
    int status = EXIT_STATUS_CONFIGURATION;

    migrate_config_main(1, argv, &operator.config);
    why = service_test_means(&operator.config.service);
    if (!why && !migrate_config_url(&operator.config))
        why = "neither KITH_MIGRATE_URL nor KITH_DATABASE_URL is set";
    if (!why)
        operator.link = db_link_open(operator.arena, migrate_config_url(&operator.config),
                                     command, operator.config.connect_ms, &why);
    if (operator.link)
        status = act(&operator, arg);
    else
        fprintf(stderr, "%s: %s\n", command, why);
    db_link_close(operator.link);
    arena_free(operator.arena);
    return status;
}
