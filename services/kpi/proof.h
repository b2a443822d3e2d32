/* What follows from published sums. Counts that nobody was shown stand in sums that everybody was;
 * whoever keeps all of these, of all releases, solves them as equations in whole numbers, none
 * negative. A secret, one count or several together, is safe when it may still be anything from
 * `least` to `most` for all that he knows.
 *
 * Of a count some are those whom its rate counts, its numerator: published beside each sum, these
 * are equations, too, and those of one count are no more than it is.
 *
 * Sums that are made of others tell nothing new and are taken off first; counts that stand in the
 * same sums are interchangeable and are one unknown; what no sum connects is solved apart. */
#ifndef KITH_KPI_PROOF_H
#define KITH_KPI_PROOF_H

#include "base/arena.h"

#define PROOF_UNKNOWNS_MOST 500  /* of a connected component: larger ones are not tried */
#define PROOF_NODES_MOST    2000 /* of one search: longer ones are given up */
#define PROOF_PICKS_MOST    200  /* of a pool, sets that are asked for: more are given up */

/* `least` and `most` are zero where nothing bounds it. Not whole where it is a mean: then fractions
 * are possible for those connected with it, too. */
struct proof_count {
    double value;
    double least, most; /* as a bound that was shown tells */
    bool has_numerator;
    double numerator;
    double rate_least, rate_most; /* as a bound tells; both zero: from 0 to 1 */
    uint32_t same; /* those with the same number, which is one of a place from 1 on, are one count
                      with one numerator after the other; 0: there is no other */
};

/* Parts are places in the table's counts, each at most once. */
struct proof_sum {
    const uint32_t *parts;
    size_t n;
};

struct proof_secret {
    struct proof_sum sum;
    double least, most;
};

/* Counts of one sum, any of which may be all that is left of it, as the others change. Of those
 * that are no more than `few` together it may not be told that they are more than `least`. */
struct proof_pool {
    struct proof_sum sum;
    double least, few;
};

struct proof_table {
    const struct proof_count *counts;
    size_t count_n;
    const struct proof_sum *sums; /* that were shown */
    size_t sum_n;
    size_t before_n; /* of these the first: nothing that comes after them is taken off them */
    const struct proof_secret *secrets;
    size_t secret_n;
};

enum proof_result {
    PROOF_SAFE,
    PROOF_TOLD,    /* its range is too narrow */
    PROOF_TOO_HARD /* too many unknowns, or too long a search */
};

#define PROOF_NOTHING UINT32_MAX

struct proof_range {
    double low, high;
};

/* Of a pool that is PROOF_TOLD, those of whom the most is told, and that. */
struct proof_few {
    enum proof_result result;
    struct proof_sum sum;
    double low;
};

struct proof_places {
    uint32_t *p;
    uint32_t n, room;
};

/* Components have numbers; a count that is in no sum, and a sum that tells nothing new, is of none.
 */
struct proof_found {
    const enum proof_result *secrets; /* of each of the table */
    const struct proof_range *ranges; /* of those that are PROOF_TOLD */
    const uint32_t *count_components;
    const uint32_t *sum_components;
    const struct proof_sum *rests;   /* of each sum: what is new in it */
    const struct proof_places *less; /* and the sums without which that would not be told */
    size_t sum_n;
    const struct proof *proof;
};

/* In the arena. */
const struct proof_found *proof_run(struct arena *arena, const struct proof_table *table);

/* Of what was found. */
struct proof_few proof_few(const struct proof_found *found, const struct proof_pool *pool);

/* What a secret may be, exactly; HUGE_VAL: anything from *low on. False: too hard. */
KITH_MUST_CHECK bool proof_range(struct arena *arena, const struct proof_table *table,
                                 const struct proof_sum *secret, double *low, double *high);

#endif
