/* Hides of a release as much as it takes until no small count follows from all that was ever shown.
 *
 * A network that is of many people now may have few in the next release, when some of its schools
 * have nobody any more: so those of them that are few together are secrets, too, before it is so.
 *
 * What follows is kept from doing so by hiding, of the lowest total that it follows from, the
 * smallest count that is new in this release and stands in no other total; else that total. From
 * the district's, which the most people look at, another network's count and totals are hidden
 * first. A component that is too large or takes too long to prove shows none of its totals. What
 * follows from the releases before alone nobody can hide any more. */
#ifndef KITH_KPI_REPAIR_H
#define KITH_KPI_REPAIR_H

#include "cells.h"

#define REPAIR_ROUNDS_MOST 60 /* of choosing; then whole components are hidden */

/* The last proof of what is shown then; in the scratch arena, which nothing else may use. */
const struct proof_found *repair(struct cells *cells, struct arena *scratch);

#endif
