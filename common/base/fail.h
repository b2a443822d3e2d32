/* Named points at which a process can be told to die: for tests of what a kill leaves behind.
 *
 * KITH_FAIL_AT names a file that says "POINT:N". Whoever passes that point counts it down, under
 * the file's lock, so that all processes of a program count together; who comes to 0 kills itself,
 * as kill -9 would. "POINT:0" then says that it has happened, and happens no more. A file that is
 * not there, or says anything else, does nothing. Where no file is named, which is everywhere but
 * in a test, a point is one comparison. */
#ifndef KITH_BASE_FAIL_H
#define KITH_BASE_FAIL_H

#include "base/base.h"

enum fail_at {
#define FAIL_POINT(id, doc) FAIL_##id,
#include "base/fail_points.def"
#undef FAIL_POINT
    FAIL_POINTS
};

extern const char *fail_file; /* NULL: nobody is told to die */

/* `path` must live as long as the process. */
static inline void fail_watch(const char *path)
{
    fail_file = path;
}

void fail_pass(enum fail_at at);

static inline void fail_point(enum fail_at at)
{
    if (fail_file)
        fail_pass(at);
}

#endif
