/* A round proves what was not safe in one before, and hides one thing of each component that tells.
 * Before the first one it is found out what of the rest is told without this release. */
#include "repair.h"

#include <math.h>
#include <string.h>

#include "repair_round.h"

/* ---- What a secret has to do with --------------------------------------------------------------
 */

static void mark_cells(struct round *round, uint32_t count, uint32_t stamp)
{
    const struct cells_count *of = &round->cells->counts[count];

    for (uint32_t k = 0; k < of->cell_n; k++)
        round->stamp[of->cells[k]] = stamp;
}

static bool is_of(const struct round *round, const struct proof_sum *secret, uint32_t component)
{
    for (size_t i = 0; i < secret->n; i++) {
        if (component != PROOF_NOTHING &&
            round->found->count_components[secret->parts[i]] == component)
            return true;
    }
    return false;
}

/* A sum of its components, and, where they are wanted, those that were taken off one, and off
 * these.
 */
static void mark_tells(struct round *round, uint32_t sum, bool with_less)
{
    if (round->tells[sum])
        return;
    round->tells[sum] = true;
    for (uint32_t k = 0; with_less && k < round->found->less[sum].n; k++)
        mark_tells(round, round->found->less[sum].p[k], true);
}

static void mark_what_tells(struct round *round, const struct proof_sum *secret, bool with_less)
{
    memset(round->tells, 0, round->table.sum_n * sizeof *round->tells);
    for (uint32_t i = 0; i < round->table.sum_n; i++) {
        if (is_of(round, secret, round->found->sum_components[i]))
            mark_tells(round, i, with_less);
    }
}

/* Of the totals that are shown and tell of it: one that it is in, if there is any, the lowest. */
static uint32_t lowest_total(const struct round *round, uint32_t stamp)
{
    uint32_t found = PROOF_NOTHING;
    double found_rank = HUGE_VAL;
    double found_size = HUGE_VAL;

    for (size_t i = 0; i < round->table.sum_n; i++) {
        uint32_t place = round->cell_of[i];
        const struct cells_cell *cell;
        double rank;

        if (!round->tells[i] || place == PROOF_NOTHING || !round->cells->cells[place].place)
            continue;
        cell = &round->cells->cells[place];
        rank = (double)cell->rank + (round->stamp[place] == stamp ? 0 : CELLS_DISTRICT + 1);
        if (!cell->is_shown || rank > found_rank ||
            (rank >= found_rank && cell->size >= found_size))
            continue;
        found = place;
        found_rank = rank;
        found_size = cell->size;
    }
    return found;
}

/* Totals that would give a count away that is hidden for this secret's sake. */
static bool is_in_the_way(const struct round *round, uint32_t place, uint32_t stamp)
{
    const struct cells_cell *cell = &round->cells->cells[place];

    return cell->is_shown && cell->place && cell->rank > 0 && round->stamp[place] != stamp;
}

static uint32_t in_the_way(const struct round *round, uint32_t count, uint32_t stamp)
{
    const struct cells_count *of = &round->cells->counts[count];
    uint32_t n = 0;

    for (uint32_t k = 0; k < of->cell_n; k++)
        n += is_in_the_way(round, of->cells[k], stamp);
    return n;
}

/* The smallest of a total that is new and may be hidden with as few others as possible. */
static uint32_t companion(const struct round *round, const struct cells_cell *total, uint32_t stamp,
                          uint32_t *others)
{
    uint32_t found = PROOF_NOTHING;

    for (size_t i = 0; i < total->parts.n; i++) {
        uint32_t count = total->parts.parts[i];
        const struct cells_count *one = &round->cells->counts[count];
        uint32_t n;

        if (!one->is_shown ||
            (one->mate != PROOF_NOTHING && !round->cells->counts[one->mate].is_shown))
            continue;
        n = in_the_way(round, count, stamp) +
            (one->mate == PROOF_NOTHING ? 0 : in_the_way(round, one->mate, stamp));
        if (found != PROOF_NOTHING &&
            (n > *others || (n == *others && one->value >= round->cells->counts[found].value)))
            continue;
        found = count;
        *others = n;
    }
    return found;
}

/* ---- Hiding ------------------------------------------------------------------------------------
 */

static void hide_cell(struct cells *cells, uint32_t place)
{
    struct cells_cell *cell = &cells->cells[place];

    cells->hidden += cell->is_shown;
    cell->is_hidden_here = cell->is_hidden_here || cell->is_shown;
    cell->is_shown = false;
}

/* With what its site shows of longer periods, and the totals that it is in and the secret is not.
 */
static void hide_count(struct round *round, uint32_t count, uint32_t stamp)
{
    struct cells_count *of = &round->cells->counts[count];

    round->cells->hidden += of->is_shown;
    of->is_shown = false;
    of->is_hidden_here = true;
    for (uint32_t k = 0; k < of->cell_n; k++) {
        const struct cells_cell *cell = &round->cells->cells[of->cells[k]];

        if ((cell->place && cell->rank == 0) || is_in_the_way(round, of->cells[k], stamp))
            hide_cell(round->cells, of->cells[k]);
    }
}

static bool hide_bounds(struct round *round, const struct proof_sum *secret)
{
    bool is_any = false;

    for (uint32_t i = 0; i < round->cells->count_n; i++) {
        struct cells_count *count = &round->cells->counts[i];

        if (!count->is_bound_new || count->is_hidden_here || count->is_shown ||
            !is_of(round, secret, round->found->count_components[i]))
            continue;
        count->is_hidden_here = true;
        is_any = true;
    }
    return is_any;
}

static void hide_all(struct round *round)
{
    for (size_t i = 0; i < round->table.sum_n; i++) {
        if (round->tells[i] && round->cell_of[i] != PROOF_NOTHING &&
            round->cells->cells[round->cell_of[i]].place)
            hide_cell(round->cells, round->cell_of[i]);
    }
}

/* False: nothing of this release tells of it. */
static bool hide_for(struct round *round, const struct proof_sum *secret, enum proof_result result,
                     uint32_t stamp)
{
    uint32_t others = 0;
    uint32_t total;
    uint32_t count;

    for (size_t i = 0; i < secret->n; i++) {
        uint32_t mate = round->cells->counts[secret->parts[i]].mate;

        mark_cells(round, secret->parts[i], stamp);
        if (mate != PROOF_NOTHING)
            mark_cells(round, mate, stamp);
    }
    mark_what_tells(round, secret, false);
    total = lowest_total(round, stamp);
    if (total == PROOF_NOTHING) {
        mark_what_tells(round, secret, true);
        total = lowest_total(round, stamp);
    }
    if (total != PROOF_NOTHING && (!round->does_choose || result == PROOF_TOO_HARD)) {
        hide_all(round);
        return true;
    }
    if (hide_bounds(round, secret))
        return true;
    if (total == PROOF_NOTHING)
        return false;
    count = companion(round, &round->cells->cells[total], stamp, &others);
    if (count != PROOF_NOTHING &&
        (others == 0 || round->cells->cells[total].rank == CELLS_DISTRICT)) {
        if (round->cells->counts[count].mate != PROOF_NOTHING)
            hide_count(round, round->cells->counts[count].mate, stamp);
        hide_count(round, count, stamp);
    } else {
        hide_cell(round->cells, total);
    }
    return true;
}

static void mark_safe(struct cells *cells, uint32_t secret)
{
    if (secret < cells->count_n)
        cells->counts[secret].is_safe = true;
    else
        cells->cells[secret - cells->count_n].is_safe = true;
}

static void mark_pool_safe(struct round *round, size_t pool)
{
    round->cells->cells[round->pool_of[pool]].safe_pool_n = round->pools[pool].sum.n;
}

static void give_up(struct cells *cells, uint32_t secret)
{
    if (secret < cells->count_n)
        cells->counts[secret].is_given_up = true;
    else
        cells->cells[secret - cells->count_n].is_given_up = true;
}

/* In this round something of one of its components is hidden, from now on of all. */
static bool is_first(struct round *round, const struct proof_sum *secret)
{
    bool is_new = false;

    for (size_t k = 0; k < secret->n; k++) {
        uint32_t component = round->found->count_components[secret->parts[k]];

        if (component != PROOF_NOTHING && !round->is_done[component])
            is_new = round->is_done[component] = true;
    }
    return is_new;
}

static bool hide_for_pools(struct round *round)
{
    uint32_t stamp = (uint32_t)round->table.secret_n;
    bool is_any = false;

    for (size_t i = 0; i < round->pool_n; i++) {
        struct proof_few few = proof_few(round->found, &round->pools[i]);

        stamp++;
        if (few.result == PROOF_SAFE) {
            mark_pool_safe(round, i);
            continue;
        }
        is_any = true;
        if (is_first(round, &few.sum) && !hide_for(round, &few.sum, few.result, stamp))
            round->cells->cells[round->pool_of[i]].is_pool_given_up = true;
    }
    return is_any;
}

/* True: something tells, and there is another round. Pools are many, and come last. */
static bool hide_what_tells(struct round *round)
{
    const struct proof_found *found = round->found;
    uint32_t stamp = 0;
    bool is_any = false;

    for (size_t i = 0; i < round->table.secret_n; i++) {
        const struct proof_sum *secret = &round->table.secrets[i].sum;

        stamp++;
        if (found->secrets[i] == PROOF_SAFE) {
            mark_safe(round->cells, round->secret_of[i]);
            continue;
        }
        is_any = true;
        if (is_first(round, secret) && !hide_for(round, secret, found->secrets[i], stamp))
            give_up(round->cells, round->secret_of[i]);
    }
    return is_any || hide_for_pools(round);
}

/* Nothing tells of these, and without this release not, either. */
static void settle_what_is_safe(struct cells *cells, struct arena *scratch)
{
    struct round round = {.cells = cells, .arena = scratch};

    round_prove(&round);
    for (size_t i = 0; i < round.table.secret_n; i++) {
        if (round.found->secrets[i] == PROOF_SAFE)
            mark_safe(cells, round.secret_of[i]);
    }
    for (size_t i = 0; i < round.pool_n; i++) {
        if (proof_few(round.found, &round.pools[i]).result == PROOF_SAFE)
            mark_pool_safe(&round, i);
    }
}

/* What the releases before and the state tell of a secret is told: no more of it may be. */
static void admit_what_is_told(struct cells *cells, struct arena *scratch)
{
    struct round round = {.cells = cells, .arena = scratch, .is_before = true};

    round_prove(&round);
    for (size_t i = 0; i < round.table.secret_n; i++) {
        uint32_t secret = round.secret_of[i];
        bool is_count = secret < cells->count_n;
        double *least =
            is_count ? &cells->counts[secret].least : &cells->cells[secret - cells->count_n].least;
        double *most =
            is_count ? &cells->counts[secret].most : &cells->cells[secret - cells->count_n].most;

        if (round.found->secrets[i] != PROOF_TOLD)
            continue;
        *least = fmax(*least, round.found->ranges[i].low);
        *most = fmin(*most, round.found->ranges[i].high);
    }
    for (size_t i = 0; i < round.pool_n; i++) {
        struct proof_few few = proof_few(round.found, &round.pools[i]);

        if (few.result == PROOF_TOLD)
            cells->cells[round.pool_of[i]].told_least = few.low;
    }
}

const struct proof_found *repair(struct cells *cells, struct arena *scratch)
{
    settle_what_is_safe(cells, scratch);
    admit_what_is_told(cells, scratch);
    for (int n = 0;; n++) {
        struct round round = {
            .cells = cells, .arena = scratch, .does_choose = n < REPAIR_ROUNDS_MOST};

        round_prove(&round);
        round.is_done = ARENA_ARRAY(scratch, bool, cells->count_n + 1);
        round.stamp = ARENA_ARRAY(scratch, uint32_t, cells->cell_n + 1);
        round.tells = ARENA_ARRAY(scratch, bool, round.table.sum_n + 1);
        if (!hide_what_tells(&round))
            return round.found;
    }
}
