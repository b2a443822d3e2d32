/* Of few that may be all that is left of a sum: the set of which the most is told. */
#include <stdlib.h>
#include <string.h>

#include "proof_classes.h"

/* Classes that lie in the pool, the largest first: where others can take what members have, nothing
 * is told of these. */
struct picking {
    const struct proof *proof;
    const struct proof_asked *classes;
    size_t n;
    struct proof_asked *picked;
    int picks;
    double low; /* more than that is told, */
    struct proof_asked *told;
    size_t told_n; /* of these */
};

static double value_of(const struct proof *proof, const struct proof_asked *asked)
{
    return proof->classes[asked->class].value;
}

static int by_value(const void *a, const void *b, void *arg)
{
    const struct proof_class *classes = arg;
    const struct proof_asked *x = a;
    const struct proof_asked *y = b;
    double value_x = classes[x->class].value;
    double value_y = classes[y->class].value;

    return value_x != value_y ? (value_x < value_y) - (value_x > value_y)
                              : (x->class > y->class) - (x->class < y->class);
}

/* Of the first n picked and of some from `at` on, of whom there is room. What is not told of all of
 * them is not told of fewer. False: too hard. */
static bool pick(struct picking *p, size_t at, size_t n, double room)
{
    size_t all = n;
    double left = room;
    struct proof_range enough = {.low = p->low};
    double low;

    while (at < p->n && value_of(p->proof, &p->classes[at]) > room)
        at++;
    for (size_t i = at; i < p->n; i++) {
        left -= value_of(p->proof, &p->classes[i]);
        p->picked[all++] = p->classes[i];
    }
    if (++p->picks > PROOF_PICKS_MOST ||
        !proof_ask_range(p->proof, p->picked, all, &enough, &low, NULL))
        return false;
    if (low <= p->low + PROOF_NEAR)
        return true;
    if (left < 0) {
        p->picked[n] = p->classes[at];
        return pick(p, at + 1, n + 1, room - value_of(p->proof, &p->classes[at])) &&
               pick(p, at + 1, n, room);
    }
    p->low = low;
    p->told_n = all;
    memcpy(p->told, p->picked, all * sizeof *p->told);
    return true;
}

static struct proof_sum parts_in(const struct proof *proof, const struct proof_sum *sum,
                                 const struct proof_asked *asked, size_t n)
{
    uint32_t *parts = ARENA_ARRAY(proof->arena, uint32_t, sum->n);
    size_t part_n = 0;

    for (size_t i = 0; i < sum->n; i++) {
        for (size_t k = 0; k < n; k++) {
            if (asked[k].class == proof->class_of[sum->parts[i]])
                parts[part_n++] = sum->parts[i];
        }
    }
    return (struct proof_sum){.parts = parts, .n = part_n};
}

static int by_component(const void *a, const void *b, void *arg)
{
    const struct picking *p = arg;
    uint32_t x = proof_root(p->proof, ((const struct proof_asked *)a)->class);
    uint32_t y = proof_root(p->proof, ((const struct proof_asked *)b)->class);

    return (x > y) - (x < y);
}

/* Less those of whose component nothing is told, even of all. False: too hard. */
static bool leave_out(struct picking *p, struct proof_asked *classes)
{
    size_t kept = 0;

    qsort_r(classes, p->n, sizeof *classes, by_component, p);
    for (size_t i = 0; i < p->n;) {
        uint32_t root = proof_root(p->proof, classes[i].class);
        size_t n = 0;
        double low;

        while (i + n < p->n && proof_root(p->proof, classes[i + n].class) == root)
            n++;
        if (!proof_ask_range(p->proof, &classes[i], n, &(struct proof_range){0}, &low, NULL))
            return false;
        for (size_t k = 0; k < n && low > PROOF_NEAR; k++)
            classes[kept++] = classes[i + k];
        i += n;
    }
    p->n = kept;
    return true;
}

/* A count alone is a secret of its own. */
struct proof_few proof_few(const struct proof_found *found, const struct proof_pool *pool)
{
    const struct proof *proof = found->proof;
    struct proof_asked *classes = ARENA_ARRAY(proof->arena, struct proof_asked, pool->sum.n + 1);
    size_t asked_n = proof_ask(proof, &pool->sum, classes);
    struct picking p = {.proof = proof, .classes = classes, .low = pool->least};
    double value = 0;
    bool is_found;

    for (size_t i = 0; i < asked_n; i++) {
        const struct proof_class *class = &proof->classes[classes[i].class];

        if (class->is_free || classes[i].members < class->size || class->value > pool->few)
            continue;
        value += class->value;
        classes[p.n++] = classes[i];
    }
    if (value <= pool->least || (p.n == 1 && classes[0].members == 1))
        return (struct proof_few){.result = PROOF_SAFE};
    is_found = leave_out(&p, classes);
    qsort_r(classes, p.n, sizeof *classes, by_value, proof->classes);
    p.picked = ARENA_ARRAY(proof->arena, struct proof_asked, p.n);
    p.told = ARENA_ARRAY(proof->arena, struct proof_asked, p.n);
    if (!is_found || !pick(&p, 0, 0, pool->few))
        return (struct proof_few){.result = PROOF_TOO_HARD,
                                  .sum = parts_in(proof, &pool->sum, classes, p.n)};
    return (struct proof_few){.result = p.told_n ? PROOF_TOLD : PROOF_SAFE,
                              .sum = parts_in(proof, &pool->sum, p.told, p.told_n),
                              .low = p.low};
}
