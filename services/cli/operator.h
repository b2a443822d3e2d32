/* A command on the database, as kith_migrate: its configuration, its connection, and how it says
 * what went wrong. */
#ifndef KITH_CLI_OPERATOR_H
#define KITH_CLI_OPERATOR_H

#include "command.h"
#include "db/blocking.h"
#include "migrate_config.h"

struct operator
{
    const char *command; /* "kith verify" */
    struct migrate_config config;
    struct arena *arena;
    struct db_link *link;
};

/* Connects, runs `act`, whose value is the exit status, and disconnects. */
int operator_run(const char *command, char **argv,
                 int (*act)(struct operator* operator, void * arg), void *arg);

/* Says that the database refused: EXIT_STATUS_FAILED. */
int operator_failed(const struct operator* operator);

#endif
