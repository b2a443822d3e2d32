/* A bump allocator in blocks. The first block is kept over a reset, so that a keep-alive connection
 * serves its usual request without touching malloc. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) && !defined(__SANITIZE_ADDRESS__)
#define __SANITIZE_ADDRESS__ 1 /* gcc's name for what clang calls a feature */
#endif
#endif

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, n)   ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

#define ARENA_MAGIC         0xa7e4a001u
#define FIRST_BLOCK_BYTES   KB(4)
#define USUAL_BLOCK_BYTES   KB(16)
#define ALIGNED_BYTES(size) (((size) + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1))

struct block {
    struct block *older;
    size_t size;
    size_t used;
    alignas(max_align_t) char bytes[];
};

struct deferred {
    struct deferred *older;
    void (*fn)(void *arg);
    void *arg;
};

struct arena {
    unsigned magic;
    size_t limit_bytes;
    size_t used_bytes;
    struct block *newest;
    struct block *first;
    struct deferred *deferred;
};

static struct block *block_new(struct block *older, size_t size)
{
    struct block *block;

    ENSURE(size <= PTRDIFF_MAX - sizeof *block);
    block = x_malloc(sizeof *block + size);
    block->older = older;
    block->size = size;
    block->used = 0;
    ASAN_POISON_MEMORY_REGION(block->bytes, size);
    return block;
}

static void block_free(struct block *block)
{
    ASAN_UNPOISON_MEMORY_REGION(block->bytes, block->size);
    x_free(block);
}

struct arena *arena_new(size_t limit_bytes)
{
    struct arena *arena = x_calloc(1, sizeof *arena);

    arena->magic = ARENA_MAGIC;
    arena->limit_bytes = limit_bytes;
    arena->first = arena->newest = block_new(NULL, FIRST_BLOCK_BYTES);
    return arena;
}

static void run_deferred(struct arena *arena)
{
    while (arena->deferred) {
        struct deferred *d = arena->deferred;

        arena->deferred = d->older;
        d->fn(d->arg);
    }
}

void arena_reset(struct arena *arena)
{
    OBJ_CAST(arena, ARENA_MAGIC, arena);
    run_deferred(arena);
    while (arena->newest != arena->first) {
        struct block *block = arena->newest;

        arena->newest = block->older;
        block_free(block);
    }
    arena->first->used = 0;
    arena->used_bytes = 0;
    ASAN_POISON_MEMORY_REGION(arena->first->bytes, arena->first->size);
}

void arena_free(struct arena *arena)
{
    if (!arena)
        return;
    arena_reset(arena);
    block_free(arena->first);
    arena->magic = 0;
    x_free(arena);
}

void *arena_alloc(struct arena *arena, size_t bytes)
{
    size_t size = ALIGNED_BYTES(bytes);
    struct block *block = arena->newest;
    char *p;

    ENSURE(size >= bytes);
    if (size > block->size - block->used) {
        block = block_new(block, size_max(size, USUAL_BLOCK_BYTES));
        arena->newest = block;
    }
    p = block->bytes + block->used;
    block->used += size;
    arena->used_bytes += size;
    ASAN_UNPOISON_MEMORY_REGION(p, bytes);
    return p;
}

void *arena_zalloc(struct arena *arena, size_t bytes)
{
    return memset(arena_alloc(arena, bytes), 0, bytes);
}

void *arena_zalloc_array(struct arena *arena, size_t count, size_t bytes)
{
    size_t total;

    if (__builtin_mul_overflow(count, bytes, &total))
        die("array of %zu times %zu bytes", count, bytes);
    return arena_zalloc(arena, total);
}

struct sv arena_copy(struct arena *arena, struct sv text)
{
    return (struct sv){arena_cstr(arena, text), text.n};
}

const char *arena_cstr(struct arena *arena, struct sv text)
{
    char *copy = arena_alloc(arena, text.n + 1);

    if (text.n)
        memcpy(copy, text.p, text.n);
    copy[text.n] = '\0';
    return copy;
}

struct sv arena_printf(struct arena *arena, const char *fmt, ...)
{
    va_list args;
    va_list again;
    int n;
    char *out;

    va_start(args, fmt);
    va_copy(again, args);
    n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    ENSURE(n >= 0);
    out = arena_alloc(arena, (size_t)n + 1);
    vsnprintf(out, (size_t)n + 1, fmt, again);
    va_end(again);
    return (struct sv){out, (size_t)n};
}

void arena_defer(struct arena *arena, void (*fn)(void *arg), void *arg)
{
    struct deferred *d = arena_alloc(arena, sizeof *d);

    d->older = arena->deferred;
    d->fn = fn;
    d->arg = arg;
    arena->deferred = d;
}

size_t arena_used_bytes(const struct arena *arena)
{
    return arena->used_bytes;
}

bool arena_is_over(const struct arena *arena)
{
    return arena->used_bytes > arena->limit_bytes;
}
