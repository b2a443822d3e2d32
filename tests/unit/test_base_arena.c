/* The arena: alignment, limit, deferred calls, reuse; and the checked memory below it. */
#include "base/arena.h"

#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* Under AddressSanitizer a huge allocation shall be NULL, as it is without. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

static char order[64];

static void note(void *arg)
{
    snprintf(order + strlen(order), sizeof order - strlen(order), "%s", (const char *)arg);
}

struct later {
    struct arena *arena;
    char text[2];
};

static void defer_more(void *arg)
{
    struct later *later = arg;

    note(later->text);
    later->text[0] = 'z';
    arena_defer(later->arena, note, later->text);
}

static int setup(void **state)
{
    order[0] = '\0';
    *state = arena_new(KB(8));
    return 0;
}

static int teardown(void **state)
{
    arena_free(*state);
    return 0;
}

static void test_every_allocation_is_aligned_and_apart(void **state)
{
    char *before = arena_alloc(*state, 1);

    for (size_t bytes = 1; bytes < 300; bytes++) {
        char *p = arena_alloc(*state, bytes);

        assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
        assert_ptr_not_equal(p, before);
        memset(p, 0xee, bytes);
        before = p;
    }
}

static void test_big_blocks(void **state)
{
    size_t sizes[] = {0, KB(4), KB(4) + 1, KB(16), KB(16) + 1, MB(3)};

    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        char *p = arena_zalloc(*state, sizes[i]);

        assert_non_null(p);
        for (size_t j = 0; j < sizes[i]; j++)
            assert_int_equal(p[j], 0);
        if (sizes[i])
            memset(p, 0xee, sizes[i]);
    }
    assert_int_equal(ARENA_ARRAY(*state, int64_t, 3)[2], 0);
}

static void test_the_limit_is_a_flag(void **state)
{
    struct arena *arena = *state;

    arena_alloc(arena, KB(8));
    assert_int_equal(arena_used_bytes(arena), KB(8));
    assert_false(arena_is_over(arena));
    assert_non_null(arena_alloc(arena, 1));
    assert_true(arena_is_over(arena));
    arena_reset(arena);
    assert_int_equal(arena_used_bytes(arena), 0);
    assert_false(arena_is_over(arena));
}

static void test_deferred_calls_run_once_in_reverse_order(void **state)
{
    struct arena *arena = *state;
    char a[] = "a";
    char b[] = "b";
    char c[] = "c";

    arena_defer(arena, note, a);
    arena_defer(arena, note, b);
    arena_alloc(arena, KB(64));
    arena_defer(arena, note, c);
    assert_string_equal(order, "");
    arena_reset(arena);
    assert_string_equal(order, "cba");
    arena_reset(arena);
    assert_string_equal(order, "cba");
}

static void test_a_deferred_call_sees_its_memory_and_may_defer(void **state)
{
    struct later *later = arena_alloc(*state, sizeof *later);

    *later = (struct later){*state, "y"};
    arena_defer(*state, defer_more, later);
    arena_reset(*state);
    assert_string_equal(order, "yz");
}

static void test_a_reset_arena_serves_again_from_the_same_block(void **state)
{
    char *first = arena_alloc(*state, 100);

    arena_alloc(*state, MB(1));
    arena_reset(*state);
    assert_ptr_equal(arena_alloc(*state, 100), first);
}

static void test_copies(void **state)
{
    struct sv text = arena_copy(*state, (struct sv){"a\0b", 3});
    struct sv printed = arena_printf(*state, "%s-%d", "x", 7);

    assert_memory_equal(text.p, "a\0b", 4);
    assert_int_equal(text.n, 3);
    assert_string_equal(arena_cstr(*state, SV_NONE), "");
    assert_int_equal(printed.n, 3);
    assert_string_equal(printed.p, "x-7");
    assert_int_equal(arena_printf(*state, "%*s", 20000, "").n, 20000);
    assert_int_equal(arena_printf(*state, "%s", "").n, 0);
}

static void test_freeing_nothing_is_fine(void **state)
{
    (void)state;
    arena_free(NULL);
    x_free(NULL);
}

/* --- What ends the process. ------------------------------------------------------------------- */

static volatile size_t huge = SIZE_MAX / 4;
static void *volatile held; /* so that what die() leaves behind is no leak */

static void allocate_huge(void)
{
    x_free(x_malloc(huge));
}

static void grow_huge(void)
{
    held = x_malloc(1);
    held = x_realloc(held, huge);
}

static void allocate_huge_array(void)
{
    held = arena_new(1);
    arena_zalloc_array(held, huge, 8);
}

static void wrap_around_a_block(void)
{
    held = arena_new(1);
    arena_alloc(held, SIZE_MAX - 15 + (huge & 0));
}

static void wrap_around_the_alignment(void)
{
    held = arena_new(1);
    arena_alloc(held, SIZE_MAX + (huge & 0));
}

static void cast_a_stranger(void)
{
    unsigned magic = 5;

    (void)obj_check(&magic, 6, "thing", "here.c", 1);
}

static void cast_nothing(void)
{
    (void)obj_check(NULL, 6, "thing", "here.c", 1);
}

/* The exit status of fn in a child, and what it wrote on standard error. */
static int dies(void (*fn)(void), char said[1024])
{
    int pipes[2];
    int status;
    ssize_t n;
    pid_t child;

    assert_int_equal(pipe(pipes), 0);
    child = fork();
    if (child == 0) {
        dup2(pipes[1], STDERR_FILENO);
        fn();
        _exit(0);
    }
    close(pipes[1]);
    assert_int_equal(waitpid(child, &status, 0), child);
    n = read(pipes[0], said, 1023);
    close(pipes[0]);
    said[n > 0 ? n : 0] = '\0';
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_bugs_and_no_memory_end_with_a_line(void **state)
{
    static const struct {
        void (*fn)(void);
        const char *says;
    } cases[] = {
        {allocate_huge, "out of memory"},
        {grow_huge, "out of memory"},
        {allocate_huge_array, "array of"},
        {wrap_around_a_block, "this must hold"},
        {wrap_around_the_alignment, "this must hold"},
        {cast_a_stranger, "magic 00000005 where a struct thing (00000006) was expected"},
        {cast_nothing, "NULL where a struct thing was expected"},
    };
    char said[1024];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(dies(cases[i].fn, said), EXIT_STATUS_CRASH);
        assert_non_null(strstr(said, "died why="));
        assert_non_null(strstr(said, cases[i].says));
    }
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_every_allocation_is_aligned_and_apart),
        TEST(test_big_blocks),
        TEST(test_the_limit_is_a_flag),
        TEST(test_deferred_calls_run_once_in_reverse_order),
        TEST(test_a_deferred_call_sees_its_memory_and_may_defer),
        TEST(test_a_reset_arena_serves_again_from_the_same_block),
        TEST(test_copies),
        TEST(test_freeing_nothing_is_fine),
        TEST(test_bugs_and_no_memory_end_with_a_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
