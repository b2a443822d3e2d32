/* For tests that make what they need in an arena: of their own each, or of all. */
#ifndef KITH_TESTS_UNIT_IN_ARENA_H
#define KITH_TESTS_UNIT_IN_ARENA_H

#include "base/arena.h"

static struct arena *arena;

static int open_arena(void **state)
{
    (void)state;
    arena = arena_new(MB(1));
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_arena, close_arena)

#endif
