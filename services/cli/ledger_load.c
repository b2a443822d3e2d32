/* What was applied, as the database tells it. */
#include "gen/stmt.h"
#include "ledger.h"

static const char *kept(struct arena *arena, const struct db_result *rows, size_t i,
                        const char *column)
{
    return arena_cstr(arena, db_result_text(rows, i, column));
}

bool ledger_load(struct ledger *out, struct db_link *link, struct arena *arena)
{
    const struct db_result *rows = db_link_run(link, STMT(migration_table_exists), NULL);

    *out = (struct ledger){NULL, 0};
    if (!rows)
        return false;
    if (!db_result_int(rows, 0, "yes"))
        return true;
    rows = db_link_run(link, STMT(migration_list), NULL);
    if (!rows)
        return false;
    out->count = db_result_rows(rows);
    out->rows = ARENA_ARRAY(arena, struct applied, out->count);
    for (size_t i = 0; i < out->count; i++)
        out->rows[i] = (struct applied){.name = kept(arena, rows, i, "name"),
                                        .kind = kept(arena, rows, i, "kind"),
                                        .checksum = kept(arena, rows, i, "checksum"),
                                        .at = kept(arena, rows, i, "applied_at")};
    return true;
}
