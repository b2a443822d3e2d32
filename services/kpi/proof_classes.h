/* What proof.c makes of a table, for whoever asks it. */
#ifndef KITH_KPI_PROOF_CLASSES_H
#define KITH_KPI_PROOF_CLASSES_H

#include "proof_reduce.h"
#include "proof_solve.h"

struct proof {
    struct arena *arena;
    const struct proof_table *table;
    struct proof_reduced reduced;
    uint32_t *class_of; /* of each count */
    struct proof_class *classes;
    uint32_t class_n;
    uint32_t *parent;                    /* of each class, to its component */
    struct proof_component **components; /* by their first class; made when they are asked for */
};

struct proof_asked {
    uint32_t class;
    uint32_t members; /* of the class, in the secret */
};

/* The first class of a class's component. */
uint32_t proof_root(const struct proof *proof, uint32_t class);

/* By their classes; room in `asked` for each part. Returns how many. */
size_t proof_ask(const struct proof *proof, const struct proof_sum *secret,
                 struct proof_asked *asked);

/* What they may be together; without a place for the most that is not looked for. As low and as
 * high as `enough` it need not be exact; NULL: it is. False: too hard. */
KITH_MUST_CHECK bool proof_ask_range(const struct proof *proof, const struct proof_asked *asked,
                                     size_t n, const struct proof_range *enough, double *low,
                                     double *high);

#endif
