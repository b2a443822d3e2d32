/* A round of a repair: a proof of what would be shown as things are. */
#ifndef KITH_KPI_REPAIR_ROUND_H
#define KITH_KPI_REPAIR_ROUND_H

#include "cells.h"

struct round {
    struct cells *cells;
    struct arena *arena;
    struct proof_table table;
    uint32_t *cell_of;   /* of each sum: its cell; PROOF_NOTHING: it was shown before */
    uint32_t *secret_of; /* of each secret: its count, or, behind these, its cell */
    struct proof_pool *pools;
    uint32_t *pool_of; /* of each: its cell */
    size_t pool_n;
    const struct proof_found *found;
    bool *is_done;   /* of each component: something of it is hidden in this round */
    uint32_t *stamp; /* of each cell: the secret it has to do with, from 1 */
    bool *tells;     /* of each sum: it has to do with the secret that is looked at */
    bool does_choose;
    bool is_before; /* nothing of this release is shown */
};

/* In the round's arena, which is emptied. */
void round_prove(struct round *round);

#endif
