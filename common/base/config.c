/* Configuration from the environment. A row's fallback goes the way of a value that was set, so
 * that a default can no more break its row's limits than an operator can. */
#include "base/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"

static const struct sv prefix = {"KITH_", 5};
static const struct sv file_suffix = {"_FILE", 5};

/* Texts that were read, for the life of the process. */
static struct arena *texts;

static const char *keep(struct sv text)
{
    if (!texts)
        texts = arena_new(CONFIG_OUTPUT_LIMIT_BYTES);
    return arena_cstr(texts, text);
}

void config_fault(struct str *errors, const char *variable, const char *fmt, ...)
{
    char reason[512];
    va_list args;

    va_start(args, fmt);
    vsnprintf(reason, sizeof reason, fmt, args);
    va_end(args);
    str_addf(errors, "%s: %s\n", variable, reason);
}

int64_t config_text_limit_bytes(const struct config_row *row)
{
    return row->max ? row->max : (int64_t)CONFIG_TEXT_LIMIT_BYTES;
}

static bool is_printable(struct sv text)
{
    for (size_t i = 0; i < text.n; i++) {
        if ((unsigned char)text.p[i] < ' ' || text.p[i] == 0x7f)
            return false;
    }
    return sv_is_utf8(text);
}

static bool find_choice(const struct config_row *row, struct sv value, unsigned *out)
{
    for (unsigned i = 0; row->choices[i]; i++) {
        if (sv_eq(sv_of(row->choices[i]), value)) {
            *out = i;
            return true;
        }
    }
    return false;
}

/* Stores the value in its field; false when the row does not take it. */
static bool store(const struct config_row *row, struct sv value, void *owner)
{
    char *field = (char *)owner + row->offset;
    const char *text;
    int64_t number;
    unsigned choice;
    bool truth;

    switch (row->type) {
    case CONFIG_TYPE_TEXT:
        if ((int64_t)value.n > config_text_limit_bytes(row) || !is_printable(value))
            return false;
        text = keep(value);
        memcpy(field, &text, sizeof text);
        return true;
    case CONFIG_TYPE_INT:
        if (!sv_to_i64(value, row->min, row->max, &number))
            return false;
        memcpy(field, &number, sizeof number);
        return true;
    case CONFIG_TYPE_BOOL:
        truth = sv_eq(value, SV("true"));
        memcpy(field, &truth, sizeof truth);
        return truth || sv_eq(value, SV("false"));
    case CONFIG_TYPE_ENUM:
        if (!find_choice(row, value, &choice))
            return false;
        memcpy(field, &choice, sizeof choice);
        return true;
    }
    return false;
}

static void refuse(const struct config_row *row, struct sv value, struct str *errors)
{
    struct str allowed;

    str_init(&allowed, KB(1));
    config_add_allowed(row, &allowed);
    if (row->secret || !is_printable(value) || value.n > 100)
        config_fault(errors, row->name, "its value is not allowed; allowed: %s",
                     str_cstr(&allowed));
    else
        config_fault(errors, row->name, "\"%.*s\" is not allowed; allowed: %s", SV_ARG(value),
                     str_cstr(&allowed));
    str_fini(&allowed);
}

static const char *environment(const char *name)
{
    const char *value = getenv(name);

    return value && value[0] ? value : NULL;
}

/* The file's bytes, without one line end at its end. One byte more than the limit is read, so that
 * a longer file is refused and not cut. */
static bool read_secret_file(const char *variable, const char *path, struct str *out,
                             struct str *errors)
{
    char bytes[CONFIG_TEXT_LIMIT_BYTES + 3];
    size_t n = 0;
    ssize_t got = 1;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    while (fd >= 0 && n < sizeof bytes && (got = read(fd, bytes + n, sizeof bytes - n)) > 0)
        n += (size_t)got;
    if (fd < 0 || got < 0) {
        config_fault(errors, variable, "the file cannot be read: %s", strerror(errno));
        if (fd >= 0)
            close(fd);
        return false;
    }
    close(fd);
    if (n && bytes[n - 1] == '\n')
        n--;
    if (n && bytes[n - 1] == '\r')
        n--;
    str_add(out, (struct sv){bytes, n});
    explicit_bzero(bytes, sizeof bytes);
    if (n == 0)
        config_fault(errors, variable, "the file is empty");
    return n > 0;
}

/* A secret's value from NAME or from the file NAME_FILE names, not both. False after a fault;
 * otherwise *out is empty when neither is set. */
static bool read_value(const struct config_row *row, struct str *out, struct str *errors)
{
    const char *value = environment(row->name);
    const char *path = NULL;
    char file_variable[128];

    if (row->secret) {
        snprintf(file_variable, sizeof file_variable, "%s_FILE", row->name);
        path = environment(file_variable);
    }
    if (value && path) {
        config_fault(errors, row->name, "it and %s are both set; set one", file_variable);
        return false;
    }
    if (path)
        return read_secret_file(file_variable, path, out, errors);
    str_add(out, sv_of(value));
    return true;
}

static bool load_row(const struct config_row *row, void *owner, struct str *errors)
{
    struct str value;
    bool good;

    if (row->fallback && !store(row, sv_of(row->fallback), owner))
        die("%s does not take its own fallback", row->name);
    str_init(&value, MB(1));
    good = read_value(row, &value, errors);
    if (good && str_view(&value).n) {
        good = store(row, str_view(&value), owner);
        if (!good)
            refuse(row, str_view(&value), errors);
    } else if (good && row->required) {
        config_fault(errors, row->name, "it must be set%s: %s",
                     row->secret ? " (or the same name with _FILE)" : "", row->doc);
        good = false;
    }
    if (row->secret && value.p)
        explicit_bzero(value.p, value.capacity);
    str_fini(&value);
    return good;
}

static bool is_known(const struct config_program *program, struct sv name)
{
    for (size_t i = 0; i < program->table_count; i++) {
        const struct config_table *table = &program->tables[i];

        for (size_t j = 0; j < table->row_count; j++) {
            struct sv row_name = sv_of(table->rows[j].name);

            if (sv_eq(name, row_name) || (table->rows[j].secret && sv_starts_with(name, row_name) &&
                                          sv_eq(sv_skip(name, row_name.n), file_suffix)))
                return true;
        }
    }
    return false;
}

/* Kubernetes and Docker links set such variables for a service named kith-something, or kith. */
static bool is_injected(const char *name)
{
    const char *rest = name + prefix.n - 1;

    return strstr(rest, "_SERVICE_") || strstr(rest, "_PORT_") ||
           sv_ends_with(sv_of(rest), SV("_PORT"));
}

static bool find_unknown(const struct config_program *program, struct str *errors)
{
    bool found = false;

    for (char **entry = environ; entry && *entry; entry++) {
        struct sv all = sv_of(*entry);
        struct sv name = sv_head(all, sv_find(all, '='));
        char text[128];

        if (!sv_starts_with(name, prefix) || is_known(program, name))
            continue;
        snprintf(text, sizeof text, "%.*s", SV_ARG(name));
        if (is_injected(text))
            continue;
        config_fault(errors, is_printable(sv_of(text)) ? text : "KITH_ variable",
                     "%s does not know this variable; see --help", program->name);
        found = true;
    }
    return found;
}

bool config_load(const struct config_program *program, void *out, struct str *errors)
{
    bool good = true;

    for (size_t i = 0; i < program->table_count; i++) {
        const struct config_table *table = &program->tables[i];
        void *owner = (char *)out + table->offset;
        size_t errors_before;
        bool table_good = true;

        for (size_t j = 0; j < table->row_count; j++)
            table_good &= load_row(&table->rows[j], owner, errors);
        errors_before = errors->n;
        if (table_good && table->check)
            table->check(owner, errors);
        good &= table_good && errors->n == errors_before;
    }
    return !find_unknown(program, errors) && good && !str_failed(errors);
}
