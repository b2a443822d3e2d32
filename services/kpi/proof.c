/* Sums are reduced (proof_reduce.c), counts put into classes, classes into components; then each
 * secret asks for the least and the greatest that it may be. */
#include "proof.h"

#include <math.h>
#include <stdlib.h>

#include "proof_classes.h"

/* ---- Counts that stand in the same sums --------------------------------------------------------
 */

static bool stands_alone(const struct proof_count *count)
{
    return count->least > 0 || count->most > 0 || count->same > 0;
}

static bool is_whole(double number)
{
    return fabs(number - round(number)) < PROOF_NEAR;
}

static int by_sums(const void *a, const void *b, void *arg)
{
    const struct proof *proof = arg;
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;
    const struct proof_places *in_x = &proof->reduced.in[x];
    const struct proof_places *in_y = &proof->reduced.in[y];
    const struct proof_count *counts = proof->table->counts;
    bool is_alone = stands_alone(&counts[x]);

    if (in_x->n != in_y->n)
        return in_x->n < in_y->n ? -1 : 1;
    for (uint32_t k = 0; k < in_x->n; k++) {
        if (in_x->p[k] != in_y->p[k])
            return in_x->p[k] < in_y->p[k] ? -1 : 1;
    }
    if (is_alone != stands_alone(&counts[y]))
        return is_alone ? 1 : -1;
    if (is_alone)
        return (x > y) - (x < y);
    return counts[x].has_numerator - counts[y].has_numerator;
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
        class->rate_least = count->rate_least;
        class->rate_most = count->rate_most;
        class->same = count->same;
        class->has_numerator = count->has_numerator;
        class->numerator += count->numerator;
        class->is_free = proof->reduced.in[order[i]].n == 0 && !count->same;
        class->is_whole = (class->size == 1 || class->is_whole) && is_whole(count->value);
        class->is_numerator_whole =
            (class->size == 1 || class->is_numerator_whole) && is_whole(count->numerator);
    }
}

/* ---- Classes that sums connect -----------------------------------------------------------------
 */

uint32_t proof_root(const struct proof *proof, uint32_t class)
{
    while (proof->parent[class] != class)
        class = proof->parent[class] = proof->parent[proof->parent[class]];
    return class;
}

static void join(struct proof *proof, uint32_t class, uint32_t other)
{
    uint32_t a = proof_root(proof, class);
    uint32_t b = proof_root(proof, other);

    proof->parent[a > b ? a : b] = a < b ? a : b;
}

/* Both are of the same count. */
static void bound_both(struct proof_class *class, struct proof_class *other)
{
    double most = class->most > 0 && other->most > 0 ? fmin(class->most, other->most)
                                                     : fmax(class->most, other->most);

    class->least = other->least = fmax(class->least, other->least);
    class->most = other->most = most;
}

/* Twice, as what is known of the last is known of the first. */
static void join_same(struct proof *proof)
{
    size_t n = proof->table->count_n;
    uint32_t *first = ARENA_ARRAY(proof->arena, uint32_t, n + 1); /* its class, from 1 */

    for (size_t i = 0; i < 2 * n; i++) {
        uint32_t same = proof->table->counts[i % n].same;
        uint32_t class = proof->class_of[i % n];

        if (!same)
            continue;
        if (!first[same])
            first[same] = class + 1;
        join(proof, first[same] - 1, class);
        bound_both(&proof->classes[first[same] - 1], &proof->classes[class]);
    }
}

static void connect(struct proof *proof)
{
    struct proof_problems *problems = proof_problems_new(proof->arena);

    proof->parent = ARENA_ARRAY(proof->arena, uint32_t, proof->class_n + 1);
    for (uint32_t c = 0; c < proof->class_n; c++)
        proof->parent[c] = c;
    for (size_t s = 0; s < proof->reduced.sum_n; s++) {
        for (size_t i = 1; i < proof->reduced.sums[s].n; i++)
            join(proof, proof->class_of[proof->reduced.sums[s].parts[0]],
                 proof->class_of[proof->reduced.sums[s].parts[i]]);
    }
    join_same(proof);
    proof->components = ARENA_ARRAY(proof->arena, struct proof_component *, proof->class_n + 1);
    for (uint32_t c = 0; c < proof->class_n; c++) {
        uint32_t root = proof_root(proof, c);

        if (!proof->components[root])
            proof->components[root] = proof_component_new(proof->arena, problems);
        proof_component_add(proof->components[root], &proof->classes[c]);
    }
    for (size_t s = 0; s < proof->reduced.sum_n; s++) {
        const struct proof_sum *sum = &proof->reduced.sums[s];
        uint32_t *classes = ARENA_ARRAY(proof->arena, uint32_t, sum->n);

        for (size_t i = 0; i < sum->n; i++)
            classes[i] = proof->class_of[sum->parts[i]];
        proof_component_sum(proof->components[proof_root(proof, classes[0])], proof->classes,
                            classes, sum->n);
    }
}

static struct proof *proof_new(struct arena *arena, const struct proof_table *table)
{
    struct proof *proof = ARENA_NEW(arena, proof);

    proof->arena = arena;
    proof->table = table;
    proof_reduce(arena, table, &proof->reduced);
    classify(proof);
    connect(proof);
    return proof;
}

/* ---- Secrets -----------------------------------------------------------------------------------
 */

static int by_class(const void *a, const void *b)
{
    const struct proof_asked *x = a;
    const struct proof_asked *y = b;

    return (x->class > y->class) - (x->class < y->class);
}

size_t proof_ask(const struct proof *proof, const struct proof_sum *secret,
                 struct proof_asked *asked)
{
    size_t n = 0;

    for (size_t i = 0; i < secret->n; i++)
        asked[i] = (struct proof_asked){.class = proof->class_of[secret->parts[i]], .members = 1};
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
 * take all of theirs may be the whole class. What that leaves open is searched for; the most where
 * there is a place for it. */
bool proof_ask_range(const struct proof *proof, const struct proof_asked *asked, size_t n,
                     const struct proof_range *enough, double *low, double *high)
{
    for (size_t i = 1; i < n; i++) {
        if (proof_root(proof, asked[i].class) != proof_root(proof, asked[0].class))
            enough = NULL; /* of one component it says nothing */
    }
    *low = 0;
    if (high)
        *high = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t root = proof_root(proof, asked[i].class);
        bool is_first = true;

        for (size_t k = 0; k < i && is_first; k++)
            is_first = proof_root(proof, asked[k].class) != root;
        if (!is_first)
            continue;
        for (size_t k = i; k < n; k++) {
            const struct proof_class *class = &proof->classes[asked[k].class];

            if (proof_root(proof, asked[k].class) == root)
                proof_component_ask(proof->components[root], class,
                                    asked[k].members == class->size);
        }
        if (!proof_component_range(proof->components[root], enough, low, high))
            return false;
    }
    return true;
}

/* Within classes alone: enough, nearly always, and nothing is searched for. */
static bool is_safe_by_exchange(const struct proof *proof, const struct proof_asked *asked,
                                size_t n, const struct proof_secret *secret)
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

static enum proof_result try_secret(const struct proof *proof, const struct proof_secret *secret,
                                    struct proof_range *out)
{
    struct proof_asked *asked = ARENA_ARRAY(proof->arena, struct proof_asked, secret->sum.n + 1);
    size_t n = proof_ask(proof, &secret->sum, asked);
    struct proof_range enough = {.low = secret->least, .high = secret->most};

    if (is_safe_by_exchange(proof, asked, n, secret))
        return PROOF_SAFE;
    if (!proof_ask_range(proof, asked, n, &enough, &out->low, &out->high))
        return PROOF_TOO_HARD;
    return out->low > secret->least + PROOF_NEAR || out->high < secret->most - PROOF_NEAR
               ? PROOF_TOLD
               : PROOF_SAFE;
}

const struct proof_found *proof_run(struct arena *arena, const struct proof_table *table)
{
    const struct proof *proof = proof_new(arena, table);
    struct proof_found *found = ARENA_NEW(arena, proof_found);
    enum proof_result *secrets = ARENA_ARRAY(arena, enum proof_result, table->secret_n + 1);
    struct proof_range *ranges = ARENA_ARRAY(arena, struct proof_range, table->secret_n + 1);
    uint32_t *of_count = ARENA_ARRAY(arena, uint32_t, table->count_n + 1);
    uint32_t *of_sum = ARENA_ARRAY(arena, uint32_t, table->sum_n + 1);

    for (size_t i = 0; i < table->secret_n; i++)
        secrets[i] = try_secret(proof, &table->secrets[i], &ranges[i]);
    for (size_t i = 0; i < table->count_n; i++)
        of_count[i] = proof->reduced.in[i].n || table->counts[i].same
                          ? proof_root(proof, proof->class_of[i])
                          : PROOF_NOTHING;
    for (size_t i = 0; i < table->sum_n; i++)
        of_sum[i] =
            proof->reduced.rests[i].n ? of_count[proof->reduced.rests[i].parts[0]] : PROOF_NOTHING;
    *found = (struct proof_found){.secrets = secrets,
                                  .ranges = ranges,
                                  .proof = proof,
                                  .count_components = of_count,
                                  .sum_components = of_sum,
                                  .rests = proof->reduced.rests,
                                  .less = proof->reduced.less,
                                  .sum_n = table->sum_n};
    return found;
}

bool proof_range(struct arena *arena, const struct proof_table *table,
                 const struct proof_sum *secret, double *low, double *high)
{
    const struct proof *proof = proof_new(arena, table);
    struct proof_asked *asked = ARENA_ARRAY(arena, struct proof_asked, secret->n + 1);

    return proof_ask_range(proof, asked, proof_ask(proof, secret, asked), NULL, low, high);
}
