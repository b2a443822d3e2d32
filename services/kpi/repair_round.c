/* From cells to the table of a proof: what nobody knows, sums, secrets, and pools. */
#include "repair_round.h"

#include <math.h>

static struct proof_sum unknown_of(struct round *round, const struct proof_sum *sum)
{
    uint32_t *parts = ARENA_ARRAY(round->arena, uint32_t, sum->n + 1);
    size_t n = 0;

    for (size_t i = 0; i < sum->n; i++) {
        if (round->is_before || !round->cells->counts[sum->parts[i]].is_shown)
            parts[n++] = sum->parts[i];
    }
    return (struct proof_sum){.parts = parts, .n = n};
}

/* What is shown with one numerator is known of the count with another. */
static void set_counts(struct round *round)
{
    size_t n = round->cells->count_n;
    struct proof_count *counts = ARENA_ARRAY(round->arena, struct proof_count, n + 1);
    bool *is_shown = ARENA_ARRAY(round->arena, bool, n + 1);

    for (size_t i = 0; i < n; i++) {
        if (round->cells->counts[i].is_shown)
            is_shown[round->cells->counts[i].same] = true;
    }
    for (size_t i = 0; i < n; i++) {
        const struct cells_count *count = &round->cells->counts[i];
        bool is_bound = !count->is_bound_new || !(count->is_hidden_here || round->is_before);

        counts[i] = (struct proof_count){.value = count->value,
                                         .has_numerator = count->has_numerator,
                                         .numerator = count->numerator,
                                         .same = count->same};
        if (is_bound) {
            counts[i].rate_least = count->rate_least;
            counts[i].rate_most = count->rate_most;
        }
        if (is_bound || count->was_bound) {
            counts[i].least = count->bound_least;
            counts[i].most = count->bound_most;
        }
        if (count->same && is_shown[count->same] && !round->is_before)
            counts[i].least = counts[i].most = count->value;
    }
    round->table.counts = counts;
    round->table.count_n = round->cells->count_n;
}

static void set_sums(struct round *round)
{
    const struct cells *cells = round->cells;
    struct proof_sum *sums =
        ARENA_ARRAY(round->arena, struct proof_sum, cells->before_n + cells->cell_n + 1);
    size_t n = 0;

    round->cell_of = ARENA_ARRAY(round->arena, uint32_t, cells->before_n + cells->cell_n + 1);
    for (size_t i = 0; i < cells->before_n; i++, n++) {
        sums[n] = unknown_of(round, &cells->before[i]);
        round->cell_of[n] = PROOF_NOTHING;
    }
    for (uint32_t i = 0; i < cells->cell_n; i++) {
        if (!cells->cells[i].is_shown || (round->is_before && cells->cells[i].place))
            continue;
        sums[n] = unknown_of(round, &cells->cells[i].parts);
        round->cell_of[n++] = i;
    }
    round->table.sums = sums;
    round->table.sum_n = n;
    round->table.before_n = cells->before_n;
}

static void set_secrets(struct round *round)
{
    const struct cells *cells = round->cells;
    size_t most = cells->count_n + cells->cell_n;
    struct proof_secret *secrets = ARENA_ARRAY(round->arena, struct proof_secret, most + 1);
    size_t n = 0;

    round->secret_of = ARENA_ARRAY(round->arena, uint32_t, most + 1);
    for (uint32_t i = 0; i < cells->count_n; i++) {
        const struct cells_count *count = &cells->counts[i];
        uint32_t *self;

        if (!count->is_secret || count->is_shown || count->is_given_up || count->is_safe)
            continue;
        self = ARENA_ARRAY(round->arena, uint32_t, 1);
        *self = i;
        secrets[n] = (struct proof_secret){
            .sum = {.parts = self, .n = 1}, .least = count->least, .most = count->most};
        round->secret_of[n++] = i;
    }
    for (uint32_t i = 0; i < cells->cell_n; i++) {
        const struct cells_cell *cell = &cells->cells[i];
        struct proof_sum unknown;

        if (!cell->is_secret || cell->is_shown || cell->is_given_up || cell->is_safe)
            continue;
        unknown = unknown_of(round, &cell->parts);
        if (unknown.n != cell->parts.n)
            continue;
        secrets[n] =
            (struct proof_secret){.sum = unknown, .least = cell->least, .most = cell->most};
        round->secret_of[n++] = (uint32_t)cells->count_n + i;
    }
    round->table.secrets = secrets;
    round->table.secret_n = n;
}

/* What of a cell is hidden and few may be all that it has in a release to come. */
static void set_pools(struct round *round)
{
    const struct cells *cells = round->cells;
    struct proof_pool *pools = ARENA_ARRAY(round->arena, struct proof_pool, cells->cell_n + 1);
    size_t n = 0;

    round->pool_of = ARENA_ARRAY(round->arena, uint32_t, cells->cell_n + 1);
    for (uint32_t i = 0; i < cells->cell_n; i++) {
        const struct cells_cell *cell = &cells->cells[i];
        struct proof_sum few = {.parts = NULL};
        uint32_t *parts;

        if (!cell->is_widest || cell->is_pool_given_up)
            continue;
        parts = ARENA_ARRAY(round->arena, uint32_t, cell->parts.n + 1);
        few.parts = parts;
        pools[n] = (struct proof_pool){.least = HUGE_VAL};
        for (size_t k = 0; k < cell->parts.n; k++) {
            const struct cells_count *count = &cells->counts[cell->parts.parts[k]];

            if (!count->is_secret || count->is_shown)
                continue;
            parts[few.n++] = cell->parts.parts[k];
            pools[n].least = fmin(pools[n].least, count->least);
            pools[n].few = fmax(pools[n].few, count->few);
        }
        if (few.n < 2 || few.n == cell->safe_pool_n)
            continue;
        pools[n].sum = few;
        pools[n].least = fmax(fmax(pools[n].least, 1), cell->told_least);
        round->pool_of[n++] = i;
    }
    round->pools = pools;
    round->pool_n = n;
}

void round_prove(struct round *round)
{
    arena_reset(round->arena);
    set_counts(round);
    set_sums(round);
    set_secrets(round);
    set_pools(round);
    round->found = proof_run(round->arena, &round->table);
}
