/* What a release of an indicator's year is about to show, and what is known from those before it:
 * in memory, while it is decided what else is hidden. */
#ifndef KITH_KPI_CELLS_H
#define KITH_KPI_CELLS_H

#include "proof.h"
#include "svc/worker.h"

#define CELLS_DISTRICT 2 /* the rank of the district's own */

/* A count that no release has shown as it is. */
struct cells_count {
    int64_t id;
    double value;
    double least, most; /* from where to where it may not be told, */
    bool is_secret;     /* if that is so */
    double few;         /* and how many of it are a secret, whatever else its school has */
    double bound_least, bound_most;
    bool has_numerator;
    double numerator;
    double rate_least, rate_most;
    uint32_t same;     /* as in a proof */
    bool was_bound;    /* by a release before */
    bool is_bound_new; /* it is this release that would show a bound */
    bool is_current;
    bool is_shown; /* as things are, this release will show it */
    bool is_hidden_here;
    bool is_given_up; /* it follows from what was shown before */
    bool is_safe;     /* and so it is when more is hidden */
    uint32_t mate;    /* what makes a school together with it; PROOF_NOTHING */
    const uint32_t *cells;
    uint32_t cell_n;
};

struct cells_cell {
    const char *place; /* in the database; NULL: a school, which the state publishes, or, not
                          shown, few that a release before has hidden */
    int64_t rank;      /* 0: of a site, 1: above it, CELLS_DISTRICT */
    double size;
    double least, most;
    bool is_secret;
    bool is_shown;
    bool is_hidden_here;
    bool is_given_up;
    bool is_safe;
    bool is_widest;    /* sum of counts of one period: all others lie in such */
    double told_least; /* of some of its parts before this release */
    bool is_pool_given_up;
    size_t safe_pool_n;     /* as many of few as it had when nothing was told of these */
    struct proof_sum parts; /* of what is not known otherwise */
};

struct cells {
    struct arena *arena;
    struct cells_count *counts; /* by their ids */
    size_t count_n;
    struct cells_cell *cells;
    size_t cell_n;
    struct proof_sum *before; /* sums that were shown */
    size_t before_n;
    int64_t hidden; /* here */
};

/* As the database has it: no sum has counts of two. */
struct cells_block {
    const char *is_split, *partnerships;
};

/* False: the database refused. Where the arena is over its limit the cells are not to be used. */
KITH_MUST_CHECK bool cells_load(struct worker *worker, struct arena *arena, const char *indicator,
                                const char *school_year, const struct cells_block *block,
                                struct cells *out);

#endif
