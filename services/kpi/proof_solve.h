/* A connected component of what is to be proved, as an integer program. */
#ifndef KITH_KPI_PROOF_SOLVE_H
#define KITH_KPI_PROOF_SOLVE_H

#include "base/arena.h"

#define PROOF_NEAR 1e-6

struct proof_range;

/* Counts that stand in the same sums: their sum is one unknown, and that of their numerators
 * another. */
struct proof_class {
    uint32_t size;
    double value;
    double least, most; /* both zero: no bound; else its size is 1 */
    bool is_free;       /* in no sum at all */
    bool is_whole;
    bool has_numerator;
    double numerator;
    bool is_numerator_whole;
    double rate_least, rate_most;
    uint32_t same;        /* as of a count; else its size is 1 */
    int column;           /* of its component, from 1; of those that are the same the same one */
    int numerator_column; /* 0: it has none */
};

struct proof_component;
struct proof_problems; /* what GLPK has of some components */

/* Both live until the arena's end. */
struct proof_problems *proof_problems_new(struct arena *arena);
struct proof_component *proof_component_new(struct arena *arena, struct proof_problems *problems);
void proof_component_add(struct proof_component *component, struct proof_class *class);

/* The sum of these classes is known: each stands in it with all its members. */
void proof_component_sum(struct proof_component *component, const struct proof_class *all,
                         const uint32_t *classes, size_t n);

/* A part of what proof_component_range() is to find; not all of its members: the others may have as
 * much of it as they like. */
void proof_component_ask(struct proof_component *component, const struct proof_class *class,
                         bool is_all_of_it);

/* Adds to both what was asked for may be at least and at most, and forgets it; without a place for
 * the most that is not looked for. As low and as high as `enough` they need not be exact; NULL:
 * they are. False: too hard. */
KITH_MUST_CHECK bool proof_component_range(struct proof_component *component,
                                           const struct proof_range *enough, double *low,
                                           double *high);

#endif
