/* What the table schema_migration says was applied, against the files this program carries. */
#ifndef KITH_CLI_LEDGER_H
#define KITH_CLI_LEDGER_H

#include "base/str.h"
#include "db/blocking.h"
#include "gen/sql_files.h"

struct applied {
    const char *name;
    const char *kind; /* "migration" or "function" */
    const char *checksum;
    const char *at;
};

/* Rows in the order of their names. */
struct ledger {
    struct applied *rows;
    size_t count;
};

enum file_state {
    FILE_PENDING,
    FILE_CHANGED, /* applied, with another text */
    FILE_APPLIED,
};

/* Reads what was applied, into the arena; without its table, which the first migration makes,
 * nothing was. False: see db_link_error(). */
KITH_MUST_CHECK bool ledger_load(struct ledger *out, struct db_link *link, struct arena *arena);

const char *ledger_kind(enum sql_kind kind);
const struct applied *ledger_find(const struct ledger *ledger, const struct sql_file *file);
enum file_state ledger_state(const struct ledger *ledger, const struct sql_file *file);

/* A migration is applied once, in its order, and never edited: adds a line to `why` for each that
 * is not so, and for each the program does not know. A function that it does not know is left
 * alone: the migration that makes it needless drops it. True when there is nothing to say. */
KITH_MUST_CHECK bool ledger_fits(const struct ledger *ledger, const struct sql_file *files,
                                 struct str *why);

#endif
