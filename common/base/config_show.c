/* What a program's tables say to people: --help, --check-config, the README's table. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/config.h"

void config_add_allowed(const struct config_row *row, struct str *out)
{
    switch (row->type) {
    case CONFIG_TYPE_TEXT:
        str_addf(out, "text of at most %lld bytes", (long long)config_text_limit_bytes(row));
        break;
    case CONFIG_TYPE_INT:
        str_addf(out, "a whole number from %lld to %lld", (long long)row->min, (long long)row->max);
        break;
    case CONFIG_TYPE_BOOL:
        STR_ADD(out, "true or false");
        break;
    case CONFIG_TYPE_ENUM:
        for (size_t i = 0; row->choices[i]; i++)
            str_addf(out, "%s%s",
                     i == 0                ? ""
                     : row->choices[i + 1] ? ", "
                                           : " or ",
                     row->choices[i]);
        break;
    }
    if (row->unit)
        str_addf(out, " (%s)", row->unit);
}

/* Calls `add` for each row of the program, with its table's struct (NULL without a config). */
static void for_each_row(const struct config_program *program, const void *config, struct str *out,
                         void (*add)(const struct config_row *row, const void *owner,
                                     struct str *out))
{
    for (size_t i = 0; i < program->table_count; i++) {
        const struct config_table *table = &program->tables[i];
        const void *owner = config ? (const char *)config + table->offset : NULL;

        for (size_t j = 0; j < table->row_count; j++)
            add(&table->rows[j], owner, out);
    }
}

static void add_help_row(const struct config_row *row, const void *owner, struct str *out)
{
    (void)owner;
    str_addf(out, "  %s\n      %s\n      ", row->name, row->doc);
    config_add_allowed(row, out);
    if (row->fallback)
        str_addf(out, "; default %s", row->fallback);
    if (row->required)
        STR_ADD(out, "; required");
    if (row->secret)
        str_addf(out, "; secret, also read from the file that %s_FILE names", row->name);
    str_add_char(out, '\n');
}

void config_add_help(const struct config_program *program, struct str *out)
{
    str_addf(
        out,
        "%s: %s\n\nusage: %s [--help | --check-config | --config-markdown]\n\n"
        "  --help             says this\n"
        "  --check-config     reads the configuration, shows it with secrets masked, and ends\n"
        "  --config-markdown  shows the table of variables in Markdown\n\n"
        "Configuration comes from the environment; an empty variable counts as not set:\n\n",
        program->name, program->summary, program->name);
    for_each_row(program, NULL, out, add_help_row);
}

/* A cell's text: a bar would end the cell. */
static void add_cell(struct str *out, struct sv text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '|')
            str_add_char(out, '\\');
        str_add_char(out, text.p[i]);
    }
}

static void add_markdown_row(const struct config_row *row, const void *owner, struct str *out)
{
    struct str allowed;

    (void)owner;
    str_init(&allowed, KB(4));
    config_add_allowed(row, &allowed);
    str_addf(out, "| `%s`%s | ", row->name, row->secret ? " (secret)" : "");
    add_cell(out, str_view(&allowed));
    STR_ADD(out, " | ");
    if (row->fallback) {
        str_add_char(out, '`');
        add_cell(out, sv_of(row->fallback));
        str_add_char(out, '`');
    } else {
        str_add(out, row->required ? SV("required") : SV("none"));
    }
    STR_ADD(out, " | ");
    add_cell(out, sv_of(row->doc));
    STR_ADD(out, " |\n");
    str_fini(&allowed);
}

void config_add_markdown(const struct config_program *program, struct str *out)
{
    STR_ADD(out, "| Variable | Takes | Default | What it is |\n|---|---|---|---|\n");
    for_each_row(program, NULL, out, add_markdown_row);
}

static void add_text(const struct config_row *row, const char *text, struct str *out)
{
    if (!text)
        str_addf(out, "# %s is not set\n", row->name);
    else
        str_addf(out, "%s=%s\n", row->name, row->secret ? "********" : text);
}

/* The value as it would be written. */
static void add_effective_row(const struct config_row *row, const void *owner, struct str *out)
{
    const char *field = (const char *)owner + row->offset;
    const char *text = NULL;
    char digits[24];
    int64_t number;
    unsigned choice;
    bool truth;

    switch (row->type) {
    case CONFIG_TYPE_TEXT:
        memcpy(&text, field, sizeof text);
        break;
    case CONFIG_TYPE_INT:
        memcpy(&number, field, sizeof number);
        snprintf(digits, sizeof digits, "%lld", (long long)number);
        text = digits;
        break;
    case CONFIG_TYPE_BOOL:
        memcpy(&truth, field, sizeof truth);
        text = truth ? "true" : "false";
        break;
    case CONFIG_TYPE_ENUM:
        memcpy(&choice, field, sizeof choice);
        text = row->choices[choice];
        break;
    }
    add_text(row, text, out);
}

void config_add_effective(const struct config_program *program, const void *config, struct str *out)
{
    ENSURE(config);
    for_each_row(program, config, out, add_effective_row);
}

/* Writes all of the text, and ends the process. */
KITH_NORETURN static void finish(int fd, const struct str *text, int status)
{
    struct sv rest = str_view(text);

    while (rest.n) {
        ssize_t written = write(fd, rest.p, rest.n);

        if (written <= 0)
            exit(EXIT_STATUS_CRASH);
        rest = sv_skip(rest, (size_t)written);
    }
    exit(status);
}

void config_main(const struct config_program *program, int argc, char **argv, void *out)
{
    struct sv flag = argc == 2 ? sv_of(argv[1]) : SV_NONE;
    bool check = sv_eq(flag, SV("--check-config"));
    static struct str text; /* static: exit leaves it, and it is no leak */

    str_init(&text, CONFIG_OUTPUT_LIMIT_BYTES);
    if (sv_eq(flag, SV("--help"))) {
        config_add_help(program, &text);
        finish(STDOUT_FILENO, &text, EXIT_STATUS_OK);
    }
    if (sv_eq(flag, SV("--config-markdown"))) {
        config_add_markdown(program, &text);
        finish(STDOUT_FILENO, &text, EXIT_STATUS_OK);
    }
    if (argc > 1 && !check) {
        str_addf(&text, "%s does not know these arguments; see --help\n", program->name);
        finish(STDERR_FILENO, &text, EXIT_STATUS_CONFIGURATION);
    }
    str_addf(&text, "%s: the configuration is wrong\n", program->name);
    if (!config_load(program, out, &text))
        finish(STDERR_FILENO, &text, EXIT_STATUS_CONFIGURATION);
    str_clear(&text);
    if (check) {
        config_add_effective(program, out, &text);
        finish(STDOUT_FILENO, &text, EXIT_STATUS_OK);
    }
    str_fini(&text);
}
