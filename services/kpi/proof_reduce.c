/* From the shortest on, each less those before it that lie within. */
#include "proof_reduce.h"

#include <stdlib.h>
#include <string.h>

struct reducing {
    struct arena *arena;
    const struct proof_table *table;
    struct proof_reduced *out;
    uint32_t *stamp; /* of each count: the sum it is still in, from 1 */
    uint32_t *hits;  /* of each accepted sum: how many of its parts are */
    struct proof_places touched;
    uint32_t *place_of; /* of each accepted sum: in the table */
};

static void places_add(struct arena *arena, struct proof_places *places, uint32_t place)
{
    if (places->n == places->room) {
        uint32_t room = places->room ? places->room * 2 : 4;
        uint32_t *p = ARENA_ARRAY(arena, uint32_t, room);

        if (places->n)
            memcpy(p, places->p, places->n * sizeof *p);
        places->p = p;
        places->room = room;
    }
    places->p[places->n++] = place;
}

/* Those from before go first: what is told by them and a new one together is told by the new one.
 */
static int by_length(const void *a, const void *b, void *arg)
{
    const struct proof_table *table = arg;
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;

    if ((x < table->before_n) != (y < table->before_n))
        return x < table->before_n ? -1 : 1;
    if (table->sums[x].n != table->sums[y].n)
        return table->sums[x].n < table->sums[y].n ? -1 : 1;
    return (x > y) - (x < y);
}

static bool lies_within(const struct reducing *r, const struct proof_sum *sum, uint32_t stamp)
{
    for (size_t i = 0; i < sum->n; i++) {
        if (r->stamp[sum->parts[i]] != stamp)
            return false;
    }
    return true;
}

/* What of a sum is left when those accepted before are taken from it that lie within. */
static size_t take_off(struct reducing *r, uint32_t place)
{
    const struct proof_sum *sum = &r->table->sums[place];
    uint32_t stamp = place + 1;
    size_t left = sum->n;

    r->touched.n = 0;
    for (size_t i = 0; i < sum->n; i++) {
        const struct proof_places *in = &r->out->in[sum->parts[i]];

        r->stamp[sum->parts[i]] = stamp;
        for (uint32_t k = 0; k < in->n; k++) {
            if (r->hits[in->p[k]]++ == 0)
                places_add(r->arena, &r->touched, in->p[k]);
        }
    }
    for (uint32_t k = r->touched.n; k-- > 0;) {
        const struct proof_sum *other = &r->out->sums[r->touched.p[k]];

        if (r->hits[r->touched.p[k]] == other->n && lies_within(r, other, stamp)) {
            for (size_t i = 0; i < other->n; i++)
                r->stamp[other->parts[i]] = 0;
            left -= other->n;
            places_add(r->arena, &r->out->less[place], r->place_of[r->touched.p[k]]);
        }
        r->hits[r->touched.p[k]] = 0;
    }
    return left;
}

static void accept(struct reducing *r, uint32_t place, size_t left)
{
    const struct proof_sum *sum = &r->table->sums[place];
    uint32_t *parts = ARENA_ARRAY(r->arena, uint32_t, left);
    size_t n = 0;

    for (size_t i = 0; i < sum->n; i++) {
        if (r->stamp[sum->parts[i]] != place + 1)
            continue;
        parts[n++] = sum->parts[i];
        places_add(r->arena, &r->out->in[sum->parts[i]], (uint32_t)r->out->sum_n);
    }
    r->place_of[r->out->sum_n] = place;
    r->out->rests[place] = r->out->sums[r->out->sum_n++] =
        (struct proof_sum){.parts = parts, .n = n};
}

void proof_reduce(struct arena *arena, const struct proof_table *table, struct proof_reduced *out)
{
    struct proof_table context = *table;
    uint32_t *order = ARENA_ARRAY(arena, uint32_t, table->sum_n + 1);
    struct reducing r = {.arena = arena,
                         .table = table,
                         .out = out,
                         .stamp = ARENA_ARRAY(arena, uint32_t, table->count_n + 1),
                         .hits = ARENA_ARRAY(arena, uint32_t, table->sum_n + 1),
                         .place_of = ARENA_ARRAY(arena, uint32_t, table->sum_n + 1)};

    *out =
        (struct proof_reduced){.sums = ARENA_ARRAY(arena, struct proof_sum, table->sum_n + 1),
                               .rests = ARENA_ARRAY(arena, struct proof_sum, table->sum_n + 1),
                               .in = ARENA_ARRAY(arena, struct proof_places, table->count_n + 1),
                               .less = ARENA_ARRAY(arena, struct proof_places, table->sum_n + 1)};
    for (size_t i = 0; i < table->sum_n; i++)
        order[i] = (uint32_t)i;
    qsort_r(order, table->sum_n, sizeof *order, by_length, &context);
    for (size_t i = 0; i < table->sum_n; i++) {
        size_t left = take_off(&r, order[i]);

        if (left > 0)
            accept(&r, order[i], left);
    }
}
