/* Rows and files are some hundreds: each search is a walk. */
#include "ledger.h"

const char *ledger_kind(enum sql_kind kind)
{
    return kind == SQL_MIGRATION ? "migration" : "function";
}

static bool is_same(const struct applied *row, const struct sql_file *file)
{
    return sv_eq(sv_of(row->name), sv_of(file->name)) &&
           sv_eq(sv_of(row->kind), sv_of(ledger_kind(file->kind)));
}

const struct applied *ledger_find(const struct ledger *ledger, const struct sql_file *file)
{
    for (size_t i = 0; i < ledger->count; i++) {
        if (is_same(&ledger->rows[i], file))
            return &ledger->rows[i];
    }
    return NULL;
}

enum file_state ledger_state(const struct ledger *ledger, const struct sql_file *file)
{
    const struct applied *row = ledger_find(ledger, file);

    if (!row)
        return FILE_PENDING;
    return sv_eq(sv_of(row->checksum), sv_of(file->checksum)) ? FILE_APPLIED : FILE_CHANGED;
}

static bool is_known(const struct applied *row, const struct sql_file *files)
{
    for (const struct sql_file *file = files; file->name; file++) {
        if (is_same(row, file))
            return true;
    }
    return false;
}

bool ledger_fits(const struct ledger *ledger, const struct sql_file *files, struct str *why)
{
    const struct sql_file *pending = NULL;
    size_t before = why->n;

    for (const struct sql_file *file = files; file->name; file++) {
        enum file_state state = ledger_state(ledger, file);

        if (file->kind != SQL_MIGRATION)
            continue;
        if (state == FILE_CHANGED)
            str_addf(why, "%s has changed since it was applied: put it back, and write a new one\n",
                     file->name);
        if (state == FILE_PENDING && !pending)
            pending = file;
        if (state != FILE_PENDING && pending)
            str_addf(why, "%s is applied, and %s, which comes before it, is not\n", file->name,
                     pending->name);
    }
    for (size_t i = 0; i < ledger->count; i++) {
        const struct applied *row = &ledger->rows[i];

        if (sv_eq(sv_of(row->kind), SV("migration")) && !is_known(row, files))
            str_addf(why,
                     "%s is applied, and this program does not know it: the database belongs to a "
                     "newer Kith\n",
                     row->name);
    }
    return why->n == before;
}
