/* The x-allocators, die() and the check at every `void *` door. */
#include "base/base.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

void die_at(const char *file, int line, const char *fmt, ...)
{
    char message[512];
    va_list args;

    va_start(args, fmt);
    vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    log_error("died", F_STR("why", message), F_STR("file", file), F_INT("line", line));
    exit(EXIT_STATUS_CRASH);
}

void *x_malloc(size_t bytes)
{
    void *p = malloc(bytes ? bytes : 1);

    if (!p)
        die("out of memory: %zu bytes", bytes);
    return p;
}

void *x_calloc(size_t count, size_t bytes)
{
    void *p = calloc(count ? count : 1, bytes ? bytes : 1);

    if (!p)
        die("out of memory: %zu times %zu bytes", count, bytes);
    return p;
}

void *x_realloc(void *old, size_t bytes)
{
    void *p = realloc(old, bytes ? bytes : 1);

    if (!p)
        die("out of memory: %zu bytes", bytes);
    return p;
}

char *x_strndup(const char *bytes, size_t n)
{
    char *copy = x_malloc(n + 1);

    memcpy(copy, bytes, n);
    copy[n] = '\0';
    return copy;
}

char *x_strdup(const char *text)
{
    return x_strndup(text, strlen(text));
}

void x_free(void *p)
{
    free(p);
}

void *obj_check(void *ptr, unsigned magic, const char *type, const char *file, int line)
{
    unsigned found = 0;

    if (!ptr)
        die_at(file, line, "NULL where a struct %s was expected", type);
    memcpy(&found, ptr, sizeof found);
    if (found != magic)
        die_at(file, line, "magic %08x where a struct %s (%08x) was expected", found, type, magic);
    return ptr;
}
