/* The commands of `kith`: main.c holds their table, each has a file of its own.
 *
 * argv[0] is the command's name. What comes back is the exit status: 0, 1 when it did not succeed,
 * EXIT_STATUS_CONFIGURATION when it was called or configured wrongly. Results go to standard
 * output, what is wrong to standard error. */
#ifndef KITH_CLI_COMMAND_H
#define KITH_CLI_COMMAND_H

#include "base/base.h"

#define EXIT_STATUS_FAILED 1

int command_admin(int argc, char **argv);
int command_bounce(int argc, char **argv);
int command_dead_letters(int argc, char **argv);
int command_doctor(int argc, char **argv);
int command_healthcheck(int argc, char **argv);
int command_instrument(int argc, char **argv);
int command_migrate(int argc, char **argv);
int command_rebuild(int argc, char **argv);
int command_replay(int argc, char **argv);
int command_verify(int argc, char **argv);

#endif
