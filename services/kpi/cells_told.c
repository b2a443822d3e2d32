/* What a release says of its cells when they are proved, block after block, and back to the
 * database: sql/functions/93_release_proof.sql. */
#include "cells_told.h"

#include "base/str.h"
#include "gen/stmt.h"

#define LIST_BYTES_MOST MB(256)

static struct str *list_new(struct arena *arena, char opens)
{
    struct str *list = str_new_in(arena, LIST_BYTES_MOST);

    str_add_char(list, opens);
    return list;
}

void cells_told_init(struct cells_told *told, struct arena *arena)
{
    *told = (struct cells_told){.cells = list_new(arena, '{'),
                                .counts = list_new(arena, '{'),
                                .sums = list_new(arena, '['),
                                .dead = list_new(arena, '{')};
}

static void add_comma(struct str *list)
{
    if (list->n > 1)
        str_add_char(list, ',');
}

static void add_id(struct str *list, int64_t id)
{
    add_comma(list);
    str_add_i64(list, id);
}

static void add_ids(struct str *list, const struct cells *cells, const struct proof_sum *sum)
{
    for (size_t i = 0; i < sum->n; i++) {
        str_add_char(list, i ? ',' : '[');
        str_add_i64(list, cells->counts[sum->parts[i]].id);
    }
    str_add_char(list, ']');
}

static void add_hidden(struct cells_told *told, const struct cells *cells)
{
    for (size_t i = 0; i < cells->cell_n; i++) {
        if (!cells->cells[i].is_hidden_here || !cells->cells[i].place)
            continue;
        add_comma(told->cells);
        str_addf(told->cells, "\"%s\"", cells->cells[i].place);
    }
    for (size_t i = 0; i < cells->count_n; i++) {
        if (cells->counts[i].is_hidden_here)
            add_id(told->counts, cells->counts[i].id);
    }
    told->hidden += cells->hidden;
}

/* Of few, of whom none is shown: it is not to be told when it is made of others, either. */
static bool is_kept_hidden(const struct cells *cells, const struct cells_cell *cell)
{
    if (!cell->place || !cell->is_secret || cell->is_shown || cell->is_given_up ||
        cell->parts.n < 2)
        return false;
    for (size_t i = 0; i < cell->parts.n; i++) {
        if (cells->counts[cell->parts.parts[i]].is_shown)
            return false;
    }
    return true;
}

/* What was known before has no rest. */
static void add_sums(struct cells_told *told, const struct cells *cells,
                     const struct proof_found *found)
{
    for (size_t i = cells->before_n; i < found->sum_n; i++) {
        if (!found->rests[i].n)
            continue;
        add_comma(told->sums);
        add_ids(told->sums, cells, &found->rests[i]);
    }
    for (size_t i = 0; i < cells->cell_n; i++) {
        const struct cells_cell *cell = &cells->cells[i];

        if (!is_kept_hidden(cells, cell))
            continue;
        add_comma(told->sums);
        str_addf(told->sums, "{\"low\":%.17g,\"high\":%.17g,\"parts\":", cell->least, cell->most);
        add_ids(told->sums, cells, &cell->parts);
        str_add_char(told->sums, '}');
    }
}

/* Of a component without a count of now nothing new will ever be told. */
static void add_dead(struct cells_told *told, const struct cells *cells,
                     const struct proof_found *found)
{
    bool *is_alive = ARENA_ARRAY(cells->arena, bool, cells->count_n + 1);

    for (size_t i = 0; i < cells->count_n; i++) {
        if (cells->counts[i].is_current && found->count_components[i] != PROOF_NOTHING)
            is_alive[found->count_components[i]] = true;
    }
    for (size_t i = 0; i < cells->count_n; i++) {
        uint32_t component = found->count_components[i];

        if (!cells->counts[i].is_current && (component == PROOF_NOTHING || !is_alive[component]))
            add_id(told->dead, cells->counts[i].id);
    }
}

void cells_told_add(struct cells_told *told, const struct cells *cells,
                    const struct proof_found *found)
{
    add_hidden(told, cells);
    add_sums(told, cells, found);
    add_dead(told, cells, found);
}

static const char *closed(struct str *list, char closes)
{
    str_add_char(list, closes);
    ENSURE(!str_failed(list)); /* what is proved with holds less */
    return str_cstr(list);
}

bool cells_told_store(struct worker *worker, struct cells_told *told, const char *release,
                      const char *indicator, const char *school_year)
{
    struct str *hidden = str_new_in(worker->arena, 32);

    str_add_i64(hidden, told->hidden);
    return worker_exec(worker, STMT(release_prove),
                       (const char *const[]){release, indicator, school_year,
                                             closed(told->cells, '}'), closed(told->counts, '}'),
                                             closed(told->sums, ']'), closed(told->dead, '}'),
                                             str_cstr(hidden)});
}
