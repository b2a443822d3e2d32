/* Memory that dies together: a request's arena is freed, all at once, after its reply.
 *
 * Allocation never fails. A limit is soft: past it the arena goes on serving and arena_is_over()
 * turns true, and the framework refuses the request at its next step; so nobody checks for NULL,
 * and every single allocation whose size a client controls is bounded by its caller.
 * Deferred calls run in reverse order, before the memory goes. */
#ifndef KITH_BASE_ARENA_H
#define KITH_BASE_ARENA_H

#include "base/base.h"
#include "base/sv.h"

struct arena;

struct arena *arena_new(size_t limit_bytes);
void arena_free(struct arena *arena); /* NULL is fine */

/* Frees all but the first block and starts again: for keep-alive connections and batch loops. */
void arena_reset(struct arena *arena);

/* Aligned for any type; arena_zalloc is zeroed. */
void *arena_alloc(struct arena *arena, size_t bytes);
void *arena_zalloc(struct arena *arena, size_t bytes);
#define ARENA_NEW(arena, type)          ((struct type *)arena_zalloc((arena), sizeof(struct type)))
#define ARENA_ARRAY(arena, type, count) ((type *)arena_zalloc_array((arena), (count), sizeof(type)))
void *arena_zalloc_array(struct arena *arena, size_t count, size_t bytes);

/* Copies, always with a NUL behind them that is not counted. */
struct sv arena_copy(struct arena *arena, struct sv text);
const char *arena_cstr(struct arena *arena, struct sv text);
KITH_PRINTF(2, 3) struct sv arena_printf(struct arena *arena, const char *fmt, ...);

/* Calls fn(arg) when the arena is reset or freed. */
void arena_defer(struct arena *arena, void (*fn)(void *arg), void *arg);

size_t arena_used_bytes(const struct arena *arena);
bool arena_is_over(const struct arena *arena);

#endif
