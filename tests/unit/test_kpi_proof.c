/* What follows from published sums: small tables against the enumeration of all whole numbers that
 * fit. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../services/kpi/proof.c"
#include "../../services/kpi/proof_pool.c"
#include "../../services/kpi/proof_reduce.c"
#include "../../services/kpi/proof_solve.c"
#include "in_arena.h"

#define COUNTS_MOST 6
#define SUMS_MOST   7

struct table {
    struct proof_count counts[COUNTS_MOST];
    uint32_t parts[SUMS_MOST][COUNTS_MOST];
    struct proof_sum sums[SUMS_MOST];
    size_t n, sum_n;
};

static struct proof_table view(const struct table *t)
{
    return (struct proof_table){
        .counts = t->counts, .count_n = t->n, .sums = t->sums, .sum_n = t->sum_n};
}

static void show(struct table *t, unsigned members)
{
    struct proof_sum *sum = &t->sums[t->sum_n];
    uint32_t *parts = t->parts[t->sum_n++];

    *sum = (struct proof_sum){.parts = parts};
    for (uint32_t i = 0; i < t->n; i++) {
        if (members & 1U << i)
            parts[sum->n++] = i;
    }
}

static struct table counts_of(size_t n, const int *values)
{
    struct table t = {.n = n};

    for (size_t i = 0; i < n; i++)
        t.counts[i].value = values[i];
    return t;
}
#define COUNTS(...) counts_of(sizeof((int[]){__VA_ARGS__}) / sizeof(int), (int[]){__VA_ARGS__})

static void assert_range(const struct table *t, unsigned members, double low, double high)
{
    struct proof_table table = view(t);
    struct table secret = {.n = t->n};
    double l;
    double h;

    show(&secret, members);
    assert_true(proof_range(arena, &table, &secret.sums[0], &l, &h));
    if (l != low || h != high)
        print_error("%g to %g, not %g to %g\n", l, h, low, high);
    assert_true(l == low && h == high);
}

static void test_what_is_in_no_sum_may_be_anything(void **state)
{
    struct table t = COUNTS(3, 8);

    (void)state;
    assert_range(&t, 1, 0, HUGE_VAL);
    show(&t, 2);
    assert_range(&t, 2, 8, 8);
    assert_range(&t, 3, 8, HUGE_VAL);
}

static void test_counts_in_the_same_sums_are_interchangeable(void **state)
{
    struct table t = COUNTS(3, 8, 20);

    (void)state;
    show(&t, 1 | 2);
    assert_range(&t, 1, 0, 11);
    assert_range(&t, 1 | 2, 11, 11);
    show(&t, 1 | 2 | 4); /* less what is known of the first two */
    assert_range(&t, 4, 20, 20);
}

static void test_a_count_follows_from_two_releases_and_not_from_one(void **state)
{
    struct table t = COUNTS(0, 10, 15);

    (void)state;
    show(&t, 1 | 2); /* the first with another, then with that other as it is now */
    assert_range(&t, 1, 0, 10);
    show(&t, 1 | 4);
    assert_range(&t, 1, 0, 10);
    show(&t, 4); /* which is shown */
    assert_range(&t, 1, 0, 0);
}

static void test_a_bound_that_is_shown_narrows_the_others(void **state)
{
    struct table t = COUNTS(5, 21);

    (void)state;
    t.counts[1].least = 20;
    t.counts[1].most = 49;
    show(&t, 1 | 2);
    assert_range(&t, 1, 0, 6);
    assert_range(&t, 2, 20, 26);
}

static void test_what_are_no_whole_numbers_is_taken_as_fractions(void **state)
{
    struct table t = {.n = 3, .counts = {{.value = 2.5}, {.value = 3.5}, {.value = 1}}};

    (void)state;
    show(&t, 1 | 2);
    show(&t, 2 | 4);
    assert_range(&t, 1, 1.5, 6);
}

static void set_numerators(struct table *t, const int *numerators)
{
    for (size_t i = 0; i < t->n; i++) {
        t->counts[i].has_numerator = true;
        t->counts[i].numerator = numerators[i];
    }
}
#define SET_NUMERATORS(t, ...) set_numerators(t, (int[]){__VA_ARGS__})

static void test_numerators_of_crossing_sums_tell_of_counts(void **state)
{
    struct table t = COUNTS(5, 0, 0, 5);

    (void)state;
    show(&t, 1 | 2);
    show(&t, 4 | 8);
    show(&t, 1 | 4);
    show(&t, 2 | 8);
    assert_range(&t, 1, 0, 5);
    SET_NUMERATORS(&t, 5, 0, 0, 0); /* all of the first row are of the first column */
    assert_range(&t, 1, 5, 5);
    t.counts[0].has_numerator = false; /* nor has what it stands in */
    assert_range(&t, 1, 0, 5);
}

static void test_the_numerator_of_one_sum_tells_nothing_of_its_counts(void **state)
{
    struct table t = COUNTS(3, 8);

    (void)state;
    SET_NUMERATORS(&t, 3, 0);
    show(&t, 1 | 2);
    assert_range(&t, 1, 0, 11);
    assert_range(&t, 2, 0, 11);
}

static void test_a_numerator_that_changes_tells_of_its_count(void **state)
{
    struct table t = COUNTS(6, 6, 9); /* the first two are one, in two releases */

    (void)state;
    SET_NUMERATORS(&t, 1, 4, 2);
    show(&t, 1 | 4);
    show(&t, 2 | 4);
    t.counts[0].same = t.counts[1].same = 1;
    assert_range(&t, 1, 3, 15);
    assert_range(&t, 2, 3, 15);
    assert_range(&t, 4, 0, 12);
    t.counts[0].least = t.counts[0].most = 6; /* and so is the other */
    assert_range(&t, 2, 6, 6);
    assert_range(&t, 4, 9, 9);
}

static void test_a_rate_that_a_bound_tells_leaves_the_numerator_to_others(void **state)
{
    struct table t = COUNTS(20, 5);

    (void)state;
    SET_NUMERATORS(&t, 0, 3);
    t.counts[0].least = 20;
    t.counts[0].most = 49;
    show(&t, 1 | 2);
    assert_range(&t, 2, 0, 5);
    t.counts[0].rate_most = 0.05;
    assert_range(&t, 2, 2, 5);
    SET_NUMERATORS(&t, 20, 1);
    t.counts[0].rate_least = 0.95; /* of 21 in both: of 23 there were 22 */
    t.counts[0].rate_most = 1;
    assert_range(&t, 2, 3, 5);
    SET_NUMERATORS(&t, 20, 0);
    assert_range(&t, 2, 4, 5);
}

static void test_in_whole_numbers_more_follows(void **state)
{
    struct table t = COUNTS(1, 1, 1); /* by twos: 2 2 2, so each is one, in fractions or not */

    (void)state;
    show(&t, 1 | 2);
    show(&t, 2 | 4);
    show(&t, 1 | 4);
    assert_range(&t, 1, 1, 1);
}

static void test_a_component_as_large_as_may_be_is_tried_and_a_larger_one_is_not(void **state)
{
    (void)state;
    for (size_t n = PROOF_UNKNOWNS_MOST; n <= PROOF_UNKNOWNS_MOST + 1; n++) {
        struct arena *own = arena_new(MB(8));
        struct proof_count *counts = ARENA_ARRAY(own, struct proof_count, n);
        struct proof_sum *sums = ARENA_ARRAY(own, struct proof_sum, n);
        struct proof_secret secret = {
            .sum = {.parts = (uint32_t[]){0}, .n = 1}, .least = 1, .most = 9};
        struct proof_table table = {.counts = counts,
                                    .count_n = n,
                                    .sums = sums,
                                    .sum_n = n - 1,
                                    .secrets = &secret,
                                    .secret_n = 1};

        for (uint32_t i = 0; i < n; i++) {
            uint32_t *pair = ARENA_ARRAY(own, uint32_t, 2);

            counts[i].value = i == 0 ? 4 : 50;
            pair[0] = i;
            pair[1] = i + 1;
            sums[i] = (struct proof_sum){.parts = pair, .n = 2};
        }
        assert_int_equal(proof_run(own, &table)->secrets[0],
                         n == PROOF_UNKNOWNS_MOST ? PROOF_SAFE : PROOF_TOO_HARD);
        arena_free(own);
    }
}

static void test_a_secret_is_safe_at_its_limits_and_told_beyond(void **state)
{
    static const struct {
        int a, b;
        double least, most;
        enum proof_result result;
    } cases[] = {
        {0, 9, 1, 9, PROOF_SAFE}, {0, 8, 1, 9, PROOF_TOLD}, {3, 6, 0, 9, PROOF_SAFE},
        {9, 0, 1, 9, PROOF_SAFE}, {5, 3, 1, 9, PROOF_TOLD}, {5, 3, 1, 8, PROOF_SAFE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct table t = COUNTS(cases[i].a, cases[i].b);
        struct proof_table table = view(&t);
        struct proof_secret secret = {.sum = {.parts = (uint32_t[]){0}, .n = 1},
                                      .least = cases[i].least,
                                      .most = cases[i].most};

        show(&t, 3);
        table.sum_n = t.sum_n;
        table.secrets = &secret;
        table.secret_n = 1;
        assert_int_equal(proof_run(arena, &table)->secrets[0], cases[i].result);
    }
}

static void test_of_a_sum_what_others_tell_is_taken_off(void **state)
{
    struct table t = COUNTS(1, 2, 3, 4, 5);
    struct proof_table table;
    const struct proof_found *found;

    (void)state;
    show(&t, 1 | 2 | 4 | 8);
    show(&t, 1 | 2);
    show(&t, 4 | 8);
    show(&t, 1 | 2); /* again */
    table = view(&t);
    found = proof_run(arena, &table);
    assert_int_equal(found->rests[0].n, 0);
    assert_int_equal(found->rests[1].n, 2);
    assert_int_equal(found->rests[3].n, 0);
    assert_int_equal(found->sum_components[0], PROOF_NOTHING);
    assert_int_equal(found->count_components[4], PROOF_NOTHING);
    assert_int_equal(found->count_components[0], found->sum_components[1]);
    assert_int_equal(found->count_components[3], found->sum_components[2]);
    assert_int_not_equal(found->sum_components[1], found->sum_components[2]);
    assert_int_equal(found->less[0].n, 2);
    assert_int_equal(found->less[0].p[0] + found->less[0].p[1], 1 + 2);
    assert_int_equal(found->less[1].n, 0);
}

static void test_what_an_old_sum_and_a_new_one_tell_is_of_the_new_one(void **state)
{
    struct table t = COUNTS(1, 1, 50, 60);
    struct proof_table table;
    const struct proof_found *found;

    (void)state;
    show(&t, 1 | 2 | 4 | 8);
    show(&t, 4 | 8);
    table = view(&t);
    table.before_n = 1;
    found = proof_run(arena, &table);
    assert_int_equal(found->sum_components[1], found->count_components[0]);
    assert_range(&t, 1, 0, 2);
}

static struct proof_few few_of(const struct table *t, unsigned members, double least, double few)
{
    struct proof_table table = view(t);
    struct table of = {.n = t->n};
    struct proof_pool pool = {.least = least, .few = few};

    show(&of, members);
    pool.sum = of.sums[0];
    return proof_few(proof_run(arena, &table), &pool);
}

static void test_of_few_that_may_be_left_of_a_sum_no_more_may_be_told(void **state)
{
    struct table t = COUNTS(2, 5, 25); /* of 32 in all, 5 of whom are counted */
    struct proof_few few;

    (void)state;
    show(&t, 1 | 2 | 4);
    assert_int_equal(few_of(&t, 1 | 2, 1, 9).result, PROOF_SAFE);
    SET_NUMERATORS(&t, 0, 5, 0);
    t.counts[2].least = 20; /* the last has at most 1 of them */
    t.counts[2].most = 49;
    t.counts[2].rate_most = 0.05;
    few = few_of(&t, 1 | 2, 1, 9);
    assert_int_equal(few.result, PROOF_TOLD);
    assert_int_equal(few.sum.n, 2);
    assert_true(few.low == 4);
    assert_int_equal(few_of(&t, 1 | 2, 4, 9).result, PROOF_SAFE);
    assert_int_equal(few_of(&t, 1 | 2, 1, 6).result, PROOF_SAFE); /* 7 are not few */
    assert_int_equal(few_of(&t, 1, 1, 9).result, PROOF_SAFE);     /* nor is one alone */
}

static void test_a_pool_of_more_sets_than_are_asked_for_is_too_hard(void **state)
{
    enum { N = 24 };
    struct proof_count counts[2 * N] = {0};
    uint32_t parts[2 * N];
    uint32_t first[N];
    struct proof_sum sums[N];
    struct proof_pool pool = {.sum = {.parts = first, .n = N}, .least = 100, .few = 101};
    struct proof_table table = {.counts = counts, .count_n = 2 * N, .sums = sums, .sum_n = N};

    (void)state;
    for (uint32_t i = 0; i < N; i++) { /* of 55 the second has 49 at most, so the first 6 */
        counts[2 * i].value = 9;
        counts[2 * i + 1].value = counts[2 * i + 1].least = 46;
        counts[2 * i + 1].most = 49;
        parts[2 * i] = first[i] = 2 * i;
        parts[2 * i + 1] = 2 * i + 1;
        sums[i] = (struct proof_sum){.parts = &parts[2 * i], .n = 2};
    }
    assert_int_equal(proof_few(proof_run(arena, &table), &pool).result, PROOF_TOO_HARD);
    pool.least = 144; /* which all together are */
    assert_int_equal(proof_few(proof_run(arena, &table), &pool).result, PROOF_SAFE);
}

/* ---- All whole numbers that fit ----------------------------------------------------------------
 */

struct search_all {
    const struct table *t;
    unsigned secret;
    int values[COUNTS_MOST];
    int totals[SUMS_MOST];
    int numerators[SUMS_MOST];
    double low, high;
};

static bool is_in(const struct proof_sum *sum, size_t count)
{
    for (size_t i = 0; i < sum->n; i++) {
        if (sum->parts[i] == count)
            return true;
    }
    return false;
}

/* The sums less what a count is. */
static void take(struct search_all *all, size_t count, int value, int numerator)
{
    for (size_t s = 0; s < all->t->sum_n; s++) {
        if (is_in(&all->t->sums[s], count)) {
            all->totals[s] -= value;
            all->numerators[s] -= numerator;
        }
    }
}

static void enumerate(struct search_all *all, size_t at)
{
    const struct table *t = all->t;
    int most = INT32_MAX;
    double sum = 0;

    if (at == t->n) {
        for (size_t s = 0; s < t->sum_n; s++) {
            if (all->totals[s] != 0 || all->numerators[s] != 0)
                return;
        }
        for (size_t i = 0; i < t->n; i++)
            sum += all->secret & 1U << i ? all->values[i] : 0;
        all->low = fmin(all->low, sum);
        all->high = fmax(all->high, sum);
        return;
    }
    for (size_t s = 0; s < t->sum_n; s++) {
        if (is_in(&t->sums[s], at) && all->totals[s] < most)
            most = all->totals[s];
    }
    if (most == INT32_MAX)
        most = (int)t->counts[at].value; /* it is in no secret either */
    for (int v = 0; v <= most; v++) {
        all->values[at] = v;
        if (t->counts[at].most > 0 && (v < t->counts[at].least || v > t->counts[at].most))
            continue;
        for (int n = 0; n <= (t->counts[at].has_numerator ? v : 0); n++) {
            take(all, at, v, n);
            enumerate(all, at + 1);
            take(all, at, -v, -n);
        }
    }
}

static unsigned drawn(unsigned *seed, unsigned below)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed % below;
}

static void test_small_tables_are_solved_as_by_enumeration(void **state)
{
    unsigned seed = 20261201;
    int narrow = 0;

    (void)state;
    for (int round = 0; round < 400; round++) {
        bool has_numerators =
            round % 2 == 1; /* fewer counts and smaller ones: there are more ways */
        struct table t = {.n = 2 + drawn(&seed, COUNTS_MOST - (has_numerators ? 2 : 1))};
        unsigned covered = 0;
        unsigned all_of = (1U << t.n) - 1;
        size_t sums = 1 + drawn(&seed, SUMS_MOST);

        for (size_t i = 0; i < t.n; i++) {
            t.counts[i].value = drawn(&seed, has_numerators ? 4 : 6);
            t.counts[i].has_numerator = has_numerators;
            if (has_numerators)
                t.counts[i].numerator = drawn(&seed, (unsigned)t.counts[i].value + 1);
            if (drawn(&seed, 8) == 0) {
                t.counts[i].least = t.counts[i].value - fmin(t.counts[i].value, 1);
                t.counts[i].most = t.counts[i].value + 1;
            }
        }
        for (size_t s = 0; s < sums; s++) {
            unsigned members = 1 + drawn(&seed, all_of);

            show(&t, members);
            covered |= members;
        }
        for (unsigned secret = 1; secret <= all_of; secret++) {
            struct search_all all = {.t = &t, .secret = secret, .low = HUGE_VAL, .high = -1};

            if ((secret & covered) != secret || drawn(&seed, 4) != 0)
                continue;
            for (size_t s = 0; s < t.sum_n; s++) {
                for (size_t i = 0; i < t.sums[s].n; i++) {
                    all.totals[s] += (int)t.counts[t.sums[s].parts[i]].value;
                    all.numerators[s] += (int)t.counts[t.sums[s].parts[i]].numerator;
                }
            }
            enumerate(&all, 0);
            assert_range(&t, secret, all.low, all.high);
            narrow += all.high > all.low;
        }
        arena_reset(arena);
    }
    assert_true(narrow > 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_what_is_in_no_sum_may_be_anything),
        TEST(test_counts_in_the_same_sums_are_interchangeable),
        TEST(test_a_count_follows_from_two_releases_and_not_from_one),
        TEST(test_a_bound_that_is_shown_narrows_the_others),
        TEST(test_what_are_no_whole_numbers_is_taken_as_fractions),
        TEST(test_numerators_of_crossing_sums_tell_of_counts),
        TEST(test_the_numerator_of_one_sum_tells_nothing_of_its_counts),
        TEST(test_a_numerator_that_changes_tells_of_its_count),
        TEST(test_a_rate_that_a_bound_tells_leaves_the_numerator_to_others),
        TEST(test_in_whole_numbers_more_follows),
        TEST(test_a_component_as_large_as_may_be_is_tried_and_a_larger_one_is_not),
        TEST(test_a_secret_is_safe_at_its_limits_and_told_beyond),
        TEST(test_of_a_sum_what_others_tell_is_taken_off),
        TEST(test_what_an_old_sum_and_a_new_one_tell_is_of_the_new_one),
        TEST(test_of_few_that_may_be_left_of_a_sum_no_more_may_be_told),
        TEST(test_a_pool_of_more_sets_than_are_asked_for_is_too_hard),
        TEST(test_small_tables_are_solved_as_by_enumeration),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
