/* Sums are reduced, counts put into classes, classes into components; then each secret asks for the
 * least and the greatest that it may be. */
#include "proof.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "proof_solve.h"

struct proof {
    struct arena *arena;
    const struct proof_table *table;
    struct proof_sum *sums; /* reduced, in the order in which they were accepted */
    size_t sum_n;
    struct proof_sum *rests; /* the same, or empty, by their places in the table */
    struct places {
        uint32_t *p;
        uint32_t n, room;
    } * in;             /* of each count: the sums it stands in */
    uint32_t *class_of; /* of each count */
    struct proof_class *classes;
    uint32_t class_n;
    uint32_t *parent;                    /* of each class, to its component */
    struct proof_component **components; /* by their first class; made when they are asked for */
};

static void places_add(struct arena *arena, struct places *places, uint32_t place)
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

/* ---- Sums that are made of others --------------------------------------------------------------
 */

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

/* What of a sum is left when those accepted before are taken from it that lie within. */
struct rest {
    uint32_t *stamp; /* of each count: the sum it is still in, from 1 */
    uint32_t *hits;  /* of each accepted sum: how many of its parts are */
    struct places touched;
};

static bool lies_within(const struct rest *rest, const struct proof_sum *sum, uint32_t stamp)
{
    for (size_t i = 0; i < sum->n; i++) {
        if (rest->stamp[sum->parts[i]] != stamp)
            return false;
    }
    return true;
}

static size_t take_off(struct proof *proof, struct rest *rest, const struct proof_sum *sum,
                       uint32_t stamp)
{
    size_t left = sum->n;

    rest->touched.n = 0;
    for (size_t i = 0; i < sum->n; i++) {
        const struct places *in = &proof->in[sum->parts[i]];

        rest->stamp[sum->parts[i]] = stamp;
        for (uint32_t k = 0; k < in->n; k++) {
            if (rest->hits[in->p[k]]++ == 0)
                places_add(proof->arena, &rest->touched, in->p[k]);
        }
    }
    for (uint32_t k = rest->touched.n; k-- > 0;) {
        const struct proof_sum *other = &proof->sums[rest->touched.p[k]];

        if (rest->hits[rest->touched.p[k]] == other->n && lies_within(rest, other, stamp)) {
            for (size_t i = 0; i < other->n; i++)
                rest->stamp[other->parts[i]] = 0;
            left -= other->n;
        }
        rest->hits[rest->touched.p[k]] = 0;
    }
    return left;
}

static void accept(struct proof *proof, const struct rest *rest, uint32_t place, size_t left)
{
    const struct proof_sum *sum = &proof->table->sums[place];
    uint32_t *parts = ARENA_ARRAY(proof->arena, uint32_t, left);
    size_t n = 0;

    for (size_t i = 0; i < sum->n; i++) {
        if (rest->stamp[sum->parts[i]] != place + 1)
            continue;
        parts[n++] = sum->parts[i];
        places_add(proof->arena, &proof->in[sum->parts[i]], (uint32_t)proof->sum_n);
    }
    proof->rests[place] = proof->sums[proof->sum_n++] = (struct proof_sum){.parts = parts, .n = n};
}

static void reduce(struct proof *proof)
{
    struct proof_table table = *proof->table;
    uint32_t *order = ARENA_ARRAY(proof->arena, uint32_t, table.sum_n + 1);
    struct rest rest = {.stamp = ARENA_ARRAY(proof->arena, uint32_t, table.count_n + 1),
                        .hits = ARENA_ARRAY(proof->arena, uint32_t, table.sum_n + 1)};

    proof->sums = ARENA_ARRAY(proof->arena, struct proof_sum, table.sum_n + 1);
    proof->rests = ARENA_ARRAY(proof->arena, struct proof_sum, table.sum_n + 1);
    proof->in = ARENA_ARRAY(proof->arena, struct places, table.count_n + 1);
    for (size_t i = 0; i < table.sum_n; i++)
        order[i] = (uint32_t)i;
    qsort_r(order, table.sum_n, sizeof *order, by_length, &table);
    for (size_t i = 0; i < table.sum_n; i++) {
        size_t left = take_off(proof, &rest, &table.sums[order[i]], order[i] + 1);

        if (left > 0)
            accept(proof, &rest, order[i], left);
    }
}

/* ---- Counts that stand in the same sums --------------------------------------------------------
 */

static bool is_bounded(const struct proof_count *count)
{
    return count->least > 0 || count->most > 0;
}

static int by_sums(const void *a, const void *b, void *arg)
{
    const struct proof *proof = arg;
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;
    const struct places *in_x = &proof->in[x];
    const struct places *in_y = &proof->in[y];
    bool apart = is_bounded(&proof->table->counts[x]) || is_bounded(&proof->table->counts[y]);

    if (in_x->n != in_y->n)
        return in_x->n < in_y->n ? -1 : 1;
    for (uint32_t k = 0; k < in_x->n; k++) {
        if (in_x->p[k] != in_y->p[k])
            return in_x->p[k] < in_y->p[k] ? -1 : 1;
    }
    return apart ? (x > y) - (x < y) : 0;
}

static void classify(struct proof *proof)
{
    size_t n = proof->table->count_n;
    uint32_t *order = ARENA_ARRAY(proof->arena, uint32_t, n + 1);

    for (size_t i = 0; i < n; i++)
        order[i] = (uint32_t)i;
    qsort_r(order, n, sizeof *order, by_sums, proof);
    proof->class_of = ARENA_ARRAY(proof->arena, uint32_t, n + 1);
    proof->classes = ARENA_ARRAY(proof->arena, struct proof_class, n + 1);
    for (size_t i = 0; i < n; i++) {
        const struct proof_count *count = &proof->table->counts[order[i]];
        struct proof_class *class;

        if (i == 0 || by_sums(&order[i - 1], &order[i], proof) != 0)
            proof->class_n++;
        proof->class_of[order[i]] = proof->class_n - 1;
        class = &proof->classes[proof->class_n - 1];
        class->size++;
        class->value += count->value;
        class->least = count->least;
        class->most = count->most;
        class->is_free = proof->in[order[i]].n == 0;
        class->is_whole = (class->size == 1 || class->is_whole) &&
                          fabs(count->value - round(count->value)) < PROOF_NEAR;
    }
}

/* ---- Classes that sums connect -----------------------------------------------------------------
 */

static uint32_t root_of(const struct proof *proof, uint32_t class)
{
    while (proof->parent[class] != class)
        class = proof->parent[class] = proof->parent[proof->parent[class]];
    return class;
}

static void connect(struct proof *proof)
{
    proof->parent = ARENA_ARRAY(proof->arena, uint32_t, proof->class_n + 1);
    for (uint32_t c = 0; c < proof->class_n; c++)
        proof->parent[c] = c;
    for (size_t s = 0; s < proof->sum_n; s++) {
        for (size_t i = 1; i < proof->sums[s].n; i++) {
            uint32_t a = root_of(proof, proof->class_of[proof->sums[s].parts[0]]);
            uint32_t b = root_of(proof, proof->class_of[proof->sums[s].parts[i]]);

            proof->parent[a > b ? a : b] = a < b ? a : b;
        }
    }
    proof->components = ARENA_ARRAY(proof->arena, struct proof_component *, proof->class_n + 1);
    for (uint32_t c = 0; c < proof->class_n; c++) {
        uint32_t root = root_of(proof, c);

        if (!proof->components[root])
            proof->components[root] = proof_component_new(proof->arena);
        proof_component_add(proof->components[root], &proof->classes[c]);
    }
    for (size_t s = 0; s < proof->sum_n; s++) {
        const struct proof_sum *sum = &proof->sums[s];
        uint32_t *classes = ARENA_ARRAY(proof->arena, uint32_t, sum->n);

        for (size_t i = 0; i < sum->n; i++)
            classes[i] = proof->class_of[sum->parts[i]];
        proof_component_sum(proof->components[root_of(proof, classes[0])], proof->classes, classes,
                            sum->n);
    }
}

static struct proof *proof_new(struct arena *arena, const struct proof_table *table)
{
    struct proof *proof = ARENA_NEW(arena, proof);

    proof->arena = arena;
    proof->table = table;
    reduce(proof);
    classify(proof);
    connect(proof);
    return proof;
}

/* ---- Secrets -----------------------------------------------------------------------------------
 */

struct asked {
    uint32_t class;
    uint32_t members; /* of the class, in the secret */
};

static int by_class(const void *a, const void *b)
{
    const struct asked *x = a;
    const struct asked *y = b;

    return (x->class > y->class) - (x->class < y->class);
}

/* By classes, those of a component together: returns how many. */
static size_t ask(const struct proof *proof, const struct proof_sum *secret, struct asked *asked)
{
    size_t n = 0;

    for (size_t i = 0; i < secret->n; i++)
        asked[i] = (struct asked){.class = proof->class_of[secret->parts[i]], .members = 1};
    qsort(asked, secret->n, sizeof *asked, by_class);
    for (size_t i = 0; i < secret->n; i++) {
        if (n && asked[n - 1].class == asked[i].class)
            asked[n - 1].members++;
        else
            asked[n++] = asked[i];
    }
    return n;
}

/* Members that can pass all they have to the others of their class may be nothing; those that can
 * take all of theirs may be the whole class. What that leaves open is searched for. */
static bool range(const struct proof *proof, const struct asked *asked, size_t n, double *low,
                  double *high)
{
    *low = *high = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t root = root_of(proof, asked[i].class);
        bool is_first = true;

        for (size_t k = 0; k < i && is_first; k++)
            is_first = root_of(proof, asked[k].class) != root;
        if (!is_first)
            continue;
        for (size_t k = i; k < n; k++) {
            const struct proof_class *class = &proof->classes[asked[k].class];

            if (root_of(proof, asked[k].class) == root)
                proof_component_ask(proof->components[root], class,
                                    asked[k].members == class->size);
        }
        if (!proof_component_range(proof->components[root], low, high))
            return false;
    }
    return true;
}

/* Within classes alone: enough, nearly always, and nothing is searched for. */
static bool is_safe_by_exchange(const struct proof *proof, const struct asked *asked, size_t n,
                                const struct proof_secret *secret)
{
    double low = 0;
    double high = 0;

    for (size_t i = 0; i < n; i++) {
        const struct proof_class *class = &proof->classes[asked[i].class];

        if (class->is_free && class->most == 0)
            high = HUGE_VAL;
        high += class->value;
        if (asked[i].members == class->size)
            low += class->is_free ? class->least : class->value;
    }
    return low <= secret->least && high >= secret->most;
}

static enum proof_result try_secret(const struct proof *proof, const struct proof_secret *secret)
{
    struct asked *asked = ARENA_ARRAY(proof->arena, struct asked, secret->sum.n + 1);
    size_t n = ask(proof, &secret->sum, asked);
    double low;
    double high;

    if (is_safe_by_exchange(proof, asked, n, secret))
        return PROOF_SAFE;
    if (!range(proof, asked, n, &low, &high))
        return PROOF_TOO_HARD;
    return low > secret->least + PROOF_NEAR || high < secret->most - PROOF_NEAR ? PROOF_TOLD
                                                                                : PROOF_SAFE;
}

const struct proof_found *proof_run(struct arena *arena, const struct proof_table *table)
{
    const struct proof *proof = proof_new(arena, table);
    struct proof_found *found = ARENA_NEW(arena, proof_found);
    enum proof_result *secrets = ARENA_ARRAY(arena, enum proof_result, table->secret_n + 1);
    uint32_t *of_count = ARENA_ARRAY(arena, uint32_t, table->count_n + 1);
    uint32_t *of_sum = ARENA_ARRAY(arena, uint32_t, table->sum_n + 1);

    for (size_t i = 0; i < table->secret_n; i++)
        secrets[i] = try_secret(proof, &table->secrets[i]);
    for (size_t i = 0; i < table->count_n; i++)
        of_count[i] = proof->in[i].n ? root_of(proof, proof->class_of[i]) : PROOF_NOTHING;
    for (size_t i = 0; i < table->sum_n; i++)
        of_sum[i] = proof->rests[i].n ? of_count[proof->rests[i].parts[0]] : PROOF_NOTHING;
    *found = (struct proof_found){.secrets = secrets,
                                  .count_components = of_count,
                                  .sum_components = of_sum,
                                  .rests = proof->rests,
                                  .sum_n = table->sum_n};
    return found;
}

bool proof_range(struct arena *arena, const struct proof_table *table,
                 const struct proof_sum *secret, double *low, double *high)
{
    const struct proof *proof = proof_new(arena, table);
    struct asked *asked = ARENA_ARRAY(arena, struct asked, secret->n + 1);

    return range(proof, asked, ask(proof, secret, asked), low, high);
}
