/* What every file of Kith may lean on: attributes, checked memory, checked objects.
 *
 * Three kinds of failure have three mechanisms. What the caller did wrong is a value (errors.h);
 * what the environment does is retried; what we did wrong, and running out of memory, is die():
 * log one line and exit, the supervisor restarts. So x-allocators never return NULL. */
#ifndef KITH_BASE_BASE_H
#define KITH_BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KITH_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define KITH_MUST_CHECK        __attribute__((warn_unused_result))
#define KITH_NORETURN          __attribute__((noreturn))
#define KITH_UNUSED            __attribute__((unused))

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define KB(n)           ((size_t)(n) << 10)
#define MB(n)           ((size_t)(n) << 20)

static inline size_t size_min(size_t a, size_t b)
{
    return a < b ? a : b;
}

static inline size_t size_max(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* The struct of type `type` whose member `member` stands at `ptr`. */
#define CONTAINER_OF(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

/* Logs the message as a fatal bug with its place, and ends the process with status 70. */
#define die(...) die_at(__FILE__, __LINE__, __VA_ARGS__)
KITH_NORETURN KITH_PRINTF(3, 4) void die_at(const char *file, int line, const char *fmt, ...);

/* Ends the process with a bug report when `condition` is false. Never for input. */
#define ENSURE(condition)                          \
    do {                                           \
        if (!(condition))                          \
            die("this must hold: %s", #condition); \
    } while (0)

/* Exit statuses: the supervisor restarts a crash, and leaves a wrong configuration alone. */
enum exit_status {
    EXIT_STATUS_OK = 0,
    EXIT_STATUS_CRASH = 70,         /* EX_SOFTWARE: restart */
    EXIT_STATUS_CONFIGURATION = 78, /* EX_CONFIG: do not restart */
};

/* Memory that is never NULL; x_free takes NULL. Sizes under a client's control are bounded before.
 */
void *x_malloc(size_t bytes);
void *x_calloc(size_t count, size_t bytes);
void *x_realloc(void *old, size_t bytes);
char *x_strdup(const char *text);
char *x_strndup(const char *bytes, size_t n);
void x_free(void *p);

/* Objects that cross a `void *` door carry a magic number as first member `unsigned magic`, set
 * when they are made and cleared when they die: a stale or wrong pointer is caught at the door. */
#define OBJ_CAST(type, magic_value, ptr) \
    ((struct type *)obj_check((ptr), (magic_value), #type, __FILE__, __LINE__))
void *obj_check(void *ptr, unsigned magic, const char *type, const char *file, int line);

#endif
