/* libpq and a server behind it, in the place of both: what fails, fails when a test says so.
 *
 * Programs that link this get its PQ functions instead of libpq's. The server does nothing until
 * fake_serve() and what a statement does stands in its text:
 *
 *     "row"            one row, whose column n is $1
 *     "exec"           no rows
 *     "fail STATE"     an error; "fail STATE NAME" one with the constraint's name
 *     "defer STATE"    an error at the commit
 *     "fatal STATE"    the server ends the session
 *     "wrong STATE"    an error when it is prepared
 *
 * $1 of "row" and "exec" is a number; when the Sync commits, it is an effect. */
#ifndef KITH_TESTS_FAKE_PQ_H
#define KITH_TESTS_FAKE_PQ_H

#include <libpq-fe.h>

#include "base/base.h"

#define FAKE_CONNECTIONS 512
#define FAKE_EFFECTS     4096 /* and ids below it */

void fake_reset(void); /* before each test */
void fake_free(void);  /* after each test; fails it when a result or connection is left */

/* How the next connections begin, a character for each step, kept until changed: 'r' and 'w' want
 * to read and write, 's' the socket is another one, 'o' connected, 'f' refused, '.' refused before
 * anything is polled, '-' nothing comes. The usual one is "wrso". */
void fake_connecting(const char *steps);
size_t fake_connects(void); /* connections begun so far */

/* The hosts of the URL, numeric addresses; and those that the last connection was begun with. */
void fake_hosts(const char *hosts);
const char *fake_addresses(void);

/* Connections count from 0 in the order in which they were begun. */
bool fake_is_open(size_t nth);
size_t fake_syncs(size_t nth); /* Syncs that wait for the server */
size_t fake_prepared(size_t nth);
size_t fake_prepares(void); /* on all, ever */

/* Lets the server work on what was sent, up to that many Syncs, and answer. */
void fake_serve(size_t nth, size_t syncs);
void fake_serve_all(void);

/* As fake_serve(nth, 1), but only so many results arrive; the rest comes with the next call. */
void fake_serve_partly(size_t nth, size_t results);

/* The socket is closed when what was answered has been read. */
void fake_kill(size_t nth);

/* The next read fails at once, whatever was answered. */
void fake_fail_reading(size_t nth);
void fake_block_writing(size_t nth, bool is_blocked); /* PQflush gives 1 */
void fake_fail_writing(size_t nth);                   /* PQflush gives -1 */
void fake_fail_sending(size_t nth, size_t after);     /* sends of statements give 0 */
void fake_extra_result(size_t nth);                   /* one that nobody asked for */

/* The server forgets what is prepared (26000), or holds it against (0A000). */
void fake_forget_prepared(size_t nth);
void fake_outdate_prepared(size_t nth);

/* What was committed and sent, by $1. */
size_t fake_times_committed(int id);
size_t fake_times_sent(int id);

/* The ids in the order in which they were committed, and in which they were first sent. */
size_t fake_commits(const int **out);
size_t fake_first_sends(const int **out);

#endif
