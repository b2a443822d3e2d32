/* Sums that are made of others tell nothing new: of each what is left without them. */
#ifndef KITH_KPI_PROOF_REDUCE_H
#define KITH_KPI_PROOF_REDUCE_H

#include "proof.h"

struct proof_reduced {
    struct proof_sum *sums; /* in the order in which they were accepted */
    size_t sum_n;
    struct proof_sum *rests;   /* the same, or empty, by their places in the table */
    struct proof_places *in;   /* of each count: the sums it stands in */
    struct proof_places *less; /* of each sum: those that were taken off; both by their places in
                                  the table */
};

/* In the arena. */
void proof_reduce(struct arena *arena, const struct proof_table *table, struct proof_reduced *out);

#endif
