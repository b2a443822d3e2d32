/* Fields of "<length>\n<bytes>", from standard input and to standard output: how tests in Python
 * talk to a probe. */
#ifndef KITH_TESTS_PROBE_FIELDS_H
#define KITH_TESTS_PROBE_FIELDS_H

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/sv.h"

#define FIELD_BYTES MB(2)

static struct arena *arena;

/* False at the end. */
static bool read_field(struct sv *out)
{
    char line[32];
    char *bytes;
    uint64_t n;

    if (!fgets(line, sizeof line, stdin))
        return false;
    line[strcspn(line, "\n")] = '\0';
    if (!sv_to_u64(sv_of(line), FIELD_BYTES, &n))
        die("not a length: %s", line);
    bytes = arena_alloc(arena, n + 1);
    if (fread(bytes, 1, n, stdin) != n)
        die("a field is cut");
    bytes[n] = '\0';
    *out = (struct sv){bytes, n};
    return true;
}

static void write_field(struct sv text)
{
    printf("%zu\n", text.n);
    fwrite(text.p ? text.p : "", 1, text.n, stdout);
}

#endif
