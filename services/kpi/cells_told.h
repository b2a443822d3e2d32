/* What a release says of its cells when they are proved: block after block, then to the database.
 */
#ifndef KITH_KPI_CELLS_TOLD_H
#define KITH_KPI_CELLS_TOLD_H

#include "base/str.h"
#include "cells.h"

struct cells_told {
    struct str *cells, *counts; /* that are hidden */
    struct str *sums;           /* as JSON */
    struct str *dead;           /* counts to forget */
    int64_t hidden;             /* cells, by the proof */
};

void cells_told_init(struct cells_told *told, struct arena *arena);

/* What is hidden of a block, and what of this release `found` has, the last proof of these cells,
 * that the next one is to know. */
void cells_told_add(struct cells_told *told, const struct cells *cells,
                    const struct proof_found *found);

/* Of all blocks, once. */
KITH_MUST_CHECK bool cells_told_store(struct worker *worker, struct cells_told *told,
                                      const char *release, const char *indicator,
                                      const char *school_year);

#endif
