/* Configuration: tables of rows, read once at start from the environment.
 *
 *     static const struct config_row rows[] = {
 *         CONFIG_INT("KITH_DB_INFLIGHT", struct api_config, db_inflight, .fallback = "16", .min =
 * 1, .max = 256, .unit = "units", .doc = "Units in flight per connection."),
 *     };
 *
 * A program is a few tables (those every program has, and its own), each over a struct inside the
 * program's configuration. Everything wrong is said at once, and a secret's value never. Reading,
 * --help, --check-config and the README's table come from the same rows. An empty variable counts
 * as not set. An unknown KITH_ variable is an error, but for what orchestrators inject:
 * KITH_*_SERVICE_*, KITH_*_PORT and KITH_*_PORT_*. */
#ifndef KITH_BASE_CONFIG_H
#define KITH_BASE_CONFIG_H

#include "base/str.h"

enum config_type {
    CONFIG_TYPE_TEXT, /* const char *, NULL when not set; of printable UTF-8 */
    CONFIG_TYPE_INT,  /* int64_t, within min and max; sizes and durations say their unit */
    CONFIG_TYPE_BOOL, /* bool: true or false */
    CONFIG_TYPE_ENUM, /* an enum (unsigned): the place among the choices */
};

struct config_row {
    const char *name;     /* KITH_... */
    const char *doc;      /* one sentence */
    const char *fallback; /* when not set, as it would be written; NULL: 0, false, or no text */
    const char *unit;
    const char *const *choices; /* NULL at the end */
    size_t offset;              /* in the table's struct */
    int64_t min;                /* of CONFIG_TYPE_INT */
    int64_t max;                /* of CONFIG_TYPE_INT; the longest text in bytes (0: 4096) */
    enum config_type type;
    bool required;
    bool secret; /* masked when shown; NAME_FILE may name a file that holds it */
};

/* The place of a member, which must have the C type its row type fills. */
#define CONFIG_PLACE(owner, member, c_type) \
    (offsetof(owner, member) + 0 * sizeof(_Generic(((owner *)0)->member, c_type : 0)))

#define CONFIG_TEXT(variable, owner, member, ...)                         \
    {                                                                     \
        .name = (variable), .type = CONFIG_TYPE_TEXT,                     \
        .offset = CONFIG_PLACE(owner, member, const char *), __VA_ARGS__, \
    }
#define CONFIG_INT(variable, owner, member, ...)                     \
    {                                                                \
        .name = (variable), .type = CONFIG_TYPE_INT,                 \
        .offset = CONFIG_PLACE(owner, member, int64_t), __VA_ARGS__, \
    }
#define CONFIG_BOOL(variable, owner, member, ...)                                                  \
    {                                                                                              \
        .name = (variable), .type = CONFIG_TYPE_BOOL, .offset = CONFIG_PLACE(owner, member, bool), \
        __VA_ARGS__,                                                                               \
    }
#define CONFIG_ENUM(variable, owner, member, ...)                     \
    {                                                                 \
        .name = (variable), .type = CONFIG_TYPE_ENUM,                 \
        .offset = CONFIG_PLACE(owner, member, unsigned), __VA_ARGS__, \
    }

struct config_table {
    const struct config_row *rows;
    size_t row_count;
    size_t offset; /* of the table's struct in the program's configuration */

    /* Rules across rows; NULL is fine. Called when each row of the table was good. */
    void (*check)(const void *owner, struct str *errors);
};

struct config_program {
    const char *name;    /* "kith-api" */
    const char *summary; /* one sentence */
    const struct config_table *tables;
    size_t table_count;
};

#define CONFIG_TEXT_LIMIT_BYTES   KB(4)
#define CONFIG_OUTPUT_LIMIT_BYTES KB(256)

/* Fills *out, which was zeroed. Texts live as long as the process. False with a line per fault in
 * errors: the variable, the reason, what is allowed. */
KITH_MUST_CHECK bool config_load(const struct config_program *program, void *out,
                                 struct str *errors);

/* One line of errors, for a table's check. */
KITH_PRINTF(3, 4)
void config_fault(struct str *errors, const char *variable, const char *fmt, ...);

/* What a row takes, in words: "a whole number from 1 to 256 (units)". */
void config_add_allowed(const struct config_row *row, struct str *out);
int64_t config_text_limit_bytes(const struct config_row *row);

void config_add_help(const struct config_program *program, struct str *out);
void config_add_markdown(const struct config_program *program, struct str *out);

/* What was loaded, as NAME=value lines, secrets masked. */
void config_add_effective(const struct config_program *program, const void *config,
                          struct str *out);

/* The start of every program: does what --help, --check-config or --config-markdown ask and exits
 * with 0; or loads *out and returns; or says on standard error what is wrong and exits with
 * EXIT_STATUS_CONFIGURATION. No other argument is taken. */
void config_main(const struct config_program *program, int argc, char **argv, void *out);

#endif
