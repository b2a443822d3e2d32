/* A round proves everything, and hides one thing of each component that tells. Before the first one
 * it is found out what is told without this release. */
#include "repair.h"

#include <math.h>

/* A proof of what is shown now. */
struct round {
    struct cells *cells;
    struct arena *arena;
    struct proof_table table;
    uint32_t *cell_of;   /* of each sum: its cell; PROOF_NOTHING: it was shown before */
    uint32_t *secret_of; /* of each secret: its count, or, behind these, its cell */
    const struct proof_found *found;
    bool *is_done;   /* of each component: something of it is hidden in this round */
    uint32_t *stamp; /* of each cell: the secret it has to do with, from 1 */
    bool does_choose;
    bool is_before; /* nothing of this release is shown */
};

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

        if (!count->is_secret || count->is_shown || count->is_given_up)
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

        if (!cell->is_secret || cell->is_shown || cell->is_given_up)
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

/* Of the totals that are shown and tell of it: one that it is in, if there is any, the lowest. */
static uint32_t lowest_total(const struct round *round, const struct proof_sum *secret,
                             uint32_t stamp)
{
    uint32_t found = PROOF_NOTHING;
    double found_rank = HUGE_VAL;
    double found_size = HUGE_VAL;

    for (size_t i = 0; i < round->table.sum_n; i++) {
        uint32_t place = round->cell_of[i];
        const struct cells_cell *cell;
        double rank;

        if (place == PROOF_NOTHING || !round->cells->cells[place].place ||
            !is_of(round, secret, round->found->sum_components[i]))
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

static void hide_all(struct round *round, const struct proof_sum *secret)
{
    for (size_t i = 0; i < round->table.sum_n; i++) {
        if (round->cell_of[i] != PROOF_NOTHING && round->cells->cells[round->cell_of[i]].place &&
            is_of(round, secret, round->found->sum_components[i]))
            hide_cell(round->cells, round->cell_of[i]);
    }
}

/* False: nothing of this release tells of it. */
static bool hide_for(struct round *round, uint32_t place)
{
    const struct proof_sum *secret = &round->table.secrets[place].sum;
    uint32_t stamp = place + 1;
    uint32_t others = 0;
    uint32_t total;
    uint32_t count;

    for (size_t i = 0; i < secret->n; i++) {
        uint32_t mate = round->cells->counts[secret->parts[i]].mate;

        mark_cells(round, secret->parts[i], stamp);
        if (mate != PROOF_NOTHING)
            mark_cells(round, mate, stamp);
    }
    total = lowest_total(round, secret, stamp);
    if (total == PROOF_NOTHING)
        return hide_bounds(round, secret);
    if (!round->does_choose || round->found->secrets[place] == PROOF_TOO_HARD) {
        hide_all(round, secret);
        return true;
    }
    if (hide_bounds(round, secret))
        return true;
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

static void give_up(struct cells *cells, uint32_t secret)
{
    if (secret < cells->count_n)
        cells->counts[secret].is_given_up = true;
    else
        cells->cells[secret - cells->count_n].is_given_up = true;
}

/* True: something tells, and there is another round. */
static bool hide_what_tells(struct round *round)
{
    bool is_any = false;

    for (uint32_t i = 0; i < round->table.secret_n; i++) {
        const struct proof_sum *secret = &round->table.secrets[i].sum;
        bool is_new = false;

        if (round->found->secrets[i] == PROOF_SAFE)
            continue;
        is_any = true;
        for (size_t k = 0; k < secret->n; k++) {
            uint32_t component = round->found->count_components[secret->parts[k]];

            if (component != PROOF_NOTHING && !round->is_done[component])
                is_new = round->is_done[component] = true;
        }
        if (is_new && !hide_for(round, i))
            give_up(round->cells, round->secret_of[i]);
    }
    return is_any;
}

static void prove(struct round *round)
{
    arena_reset(round->arena);
    set_counts(round);
    set_sums(round);
    set_secrets(round);
    round->found = proof_run(round->arena, &round->table);
}

/* What the releases before and the state tell of a secret is told: no more of it may be. */
static void admit_what_is_told(struct cells *cells, struct arena *scratch)
{
    struct round round = {.cells = cells, .arena = scratch, .is_before = true};

    prove(&round);
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
}

const struct proof_found *repair(struct cells *cells, struct arena *scratch)
{
    admit_what_is_told(cells, scratch);
    for (int n = 0;; n++) {
        struct round round = {
            .cells = cells, .arena = scratch, .does_choose = n < REPAIR_ROUNDS_MOST};

        prove(&round);
        round.is_done = ARENA_ARRAY(scratch, bool, cells->count_n + 1);
        round.stamp = ARENA_ARRAY(scratch, uint32_t, cells->cell_n + 1);
        if (!hide_what_tells(&round))
            return round.found;
    }
}
