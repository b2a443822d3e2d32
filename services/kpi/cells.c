/* From the database: sql/functions/93_release_proof.sql. */
#include "cells.h"

#include <stdlib.h>

#include "gen/stmt.h"

static double number(const struct db_result *rows, size_t row, const char *column)
{
    return strtod(db_result_text(rows, row, column).p, NULL); /* libpq's, with a NUL behind it */
}

static bool is_true(const struct db_result *rows, size_t row, const char *column)
{
    return sv_eq(db_result_text(rows, row, column), SV("t"));
}

static uint32_t place_of(const struct cells *cells, int64_t id)
{
    size_t low = 0;
    size_t high = cells->count_n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (cells->counts[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < cells->count_n && cells->counts[low].id == id ? (uint32_t)low : PROOF_NOTHING;
}

/* "{1,2,3}": those that are known by now are left out. */
static struct proof_sum parts_of(const struct cells *cells, struct sv text)
{
    uint32_t *parts;
    size_t n = 1;
    const char *p = text.p + 1;

    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] == ',';
    parts = ARENA_ARRAY(cells->arena, uint32_t, n);
    n = 0;
    while (*p && *p != '}') {
        char *end;
        uint32_t place = place_of(cells, strtoll(p, &end, 10));

        if (place != PROOF_NOTHING)
            parts[n++] = place;
        p = *end == ',' ? end + 1 : end;
    }
    return (struct proof_sum){.parts = parts, .n = n};
}

/* Two at most make a school together: both have the id of the first. */
static void set_mate(struct cells *cells, uint32_t place, const struct db_result *rows)
{
    uint32_t first = db_result_is_null(rows, place, "mate")
                         ? PROOF_NOTHING
                         : place_of(cells, db_result_int(rows, place, "mate"));

    cells->counts[place].mate = PROOF_NOTHING;
    if (first != PROOF_NOTHING && first != place) {
        cells->counts[place].mate = first;
        cells->counts[first].mate = place;
    }
}

static void set_bound(struct cells_count *count, const struct db_result *rows, size_t row)
{
    if (db_result_is_null(rows, row, "bound_low"))
        return;
    count->bound_least = number(rows, row, "bound_low");
    if (!db_result_is_null(rows, row, "bound_high"))
        count->bound_most = number(rows, row, "bound_high");
    count->was_bound = is_true(rows, row, "was_bound");
    count->is_bound_new = is_true(rows, row, "is_bound_new");
}

static void set_numerator(struct cells_count *count, const struct db_result *rows, size_t row)
{
    count->has_numerator = !db_result_is_null(rows, row, "numerator");
    if (!count->has_numerator)
        return;
    count->numerator = number(rows, row, "numerator");
    if (db_result_is_null(rows, row, "rate_high"))
        return;
    count->rate_least = number(rows, row, "rate_low");
    count->rate_most = number(rows, row, "rate_high");
}

static bool load_counts(struct worker *worker, struct cells *cells, const char *const *of)
{
    const struct db_result *rows = db_link_run(worker->db, STMT(release_unknown), of);

    if (!rows)
        return false;
    cells->count_n = db_result_rows(rows);
    cells->counts = ARENA_ARRAY(cells->arena, struct cells_count, cells->count_n + 1);
    for (uint32_t i = 0; i < cells->count_n; i++) {
        struct cells_count *count = &cells->counts[i];

        count->id = db_result_int(rows, i, "id");
        count->value = number(rows, i, "count");
        count->is_current = is_true(rows, i, "is_current");
        count->is_shown = is_true(rows, i, "is_shown");
        count->is_secret = !db_result_is_null(rows, i, "low");
        if (count->is_secret) {
            count->least = number(rows, i, "low");
            count->most = number(rows, i, "high");
            count->few = number(rows, i, "few");
        }
        set_bound(count, rows, i);
        set_numerator(count, rows, i);
        if (!db_result_is_null(rows, i, "same"))
            count->same = (uint32_t)db_result_int(rows, i, "same");
    }
    for (uint32_t i = 0; i < cells->count_n; i++)
        set_mate(cells, i, rows);
    return true;
}

static bool load_sums(struct worker *worker, struct cells *cells, const char *const *of)
{
    const struct db_result *rows = db_link_run(worker->db, STMT(release_sums), of);

    if (!rows)
        return false;
    cells->before_n = db_result_rows(rows);
    cells->before = ARENA_ARRAY(cells->arena, struct proof_sum, cells->before_n + 1);
    for (size_t i = 0; i < cells->before_n; i++)
        cells->before[i] = parts_of(cells, db_result_text(rows, i, "parts"));
    return true;
}

static bool load_cells(struct worker *worker, struct cells *cells, const char *const *of)
{
    const struct db_result *rows = db_link_run(worker->db, STMT(release_cells), of);

    if (!rows)
        return false;
    cells->cell_n = db_result_rows(rows);
    cells->cells = ARENA_ARRAY(cells->arena, struct cells_cell, cells->cell_n + 1);
    for (size_t i = 0; i < cells->cell_n; i++) {
        struct cells_cell *cell = &cells->cells[i];

        if (!db_result_is_null(rows, i, "cell"))
            cell->place = arena_cstr(cells->arena, db_result_text(rows, i, "cell"));
        cell->rank = db_result_int(rows, i, "rank");
        cell->is_shown = is_true(rows, i, "is_shown");
        cell->is_widest = is_true(rows, i, "is_widest");
        cell->size = number(rows, i, "size");
        cell->is_secret = !db_result_is_null(rows, i, "low");
        if (cell->is_secret) {
            cell->least = number(rows, i, "low");
            cell->most = number(rows, i, "high");
        }
        cell->parts = parts_of(cells, db_result_text(rows, i, "parts"));
    }
    return true;
}

/* Of each count the cells that it is in. */
static void index_cells(struct cells *cells)
{
    uint32_t *all;
    size_t n = 0;

    for (size_t i = 0; i < cells->cell_n; i++) {
        for (size_t k = 0; k < cells->cells[i].parts.n; k++, n++)
            cells->counts[cells->cells[i].parts.parts[k]].cell_n++;
    }
    all = ARENA_ARRAY(cells->arena, uint32_t, n + 1);
    n = 0;
    for (size_t i = 0; i < cells->count_n; i++) {
        cells->counts[i].cells = all + n;
        n += cells->counts[i].cell_n;
        cells->counts[i].cell_n = 0;
    }
    for (uint32_t i = 0; i < cells->cell_n; i++) {
        for (size_t k = 0; k < cells->cells[i].parts.n; k++) {
            struct cells_count *count = &cells->counts[cells->cells[i].parts.parts[k]];

            all[(size_t)(count->cells - all) + count->cell_n++] = i;
        }
    }
}

bool cells_load(struct worker *worker, struct arena *arena, const char *indicator,
                const char *school_year, const struct cells_block *block, struct cells *out)
{
    const char *of[] = {indicator, school_year, block->is_split, block->partnerships};

    *out = (struct cells){.arena = arena};
    if (!load_counts(worker, out, of) || !load_sums(worker, out, of) ||
        !load_cells(worker, out, of))
        return false;
    db_link_forget(worker->db);
    index_cells(out);
    return true;
}
