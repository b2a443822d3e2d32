/* The countdown: a line in a file, and its lock. */
#include "base/fail.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/str.h"
#include "base/sv.h"

#define LINE_BYTES 80
#define COUNT_MOST 1000000

const char *fail_file;

static const char *const names[FAIL_POINTS] = {
#define FAIL_POINT(id, doc) [FAIL_##id] = #id,
#include "base/fail_points.def"
#undef FAIL_POINT
};

/* How often the point is still to be passed; 0: it is another's turn, or nobody's. */
static int64_t read_countdown(int fd, enum fail_at at)
{
    char line[LINE_BYTES];
    ssize_t n = pread(fd, line, sizeof line, 0);
    struct sv whole = {line, n > 0 ? (size_t)n : 0};
    struct sv text = sv_head(whole, sv_find(whole, '\n'));
    struct sv name = sv_head(text, sv_find(text, ':'));
    int64_t count;

    if (!sv_eq(name, sv_of(names[at])) || name.n == text.n ||
        !sv_to_i64(sv_skip(text, name.n + 1), 0, COUNT_MOST, &count))
        return 0;
    return count;
}

static void write_countdown(int fd, enum fail_at at, int64_t count)
{
    char line[LINE_BYTES];
    struct str text;

    str_init_in(&text, line, sizeof line);
    str_addf(&text, "%s:%lld\n", names[at], (long long)count);
    if (pwrite(fd, line, str_view(&text).n, 0) < 0 || ftruncate(fd, (off_t)str_view(&text).n) != 0)
        die("the file of fail points cannot be written");
}

void fail_pass(enum fail_at at)
{
    int fd = open(fail_file, O_RDWR | O_CLOEXEC);
    int64_t count;

    if (fd < 0)
        return;
    if (flock(fd, LOCK_EX) == 0 && (count = read_countdown(fd, at)) > 0) {
        write_countdown(fd, at, count - 1);
        if (count == 1)
            kill(getpid(), SIGKILL);
    }
    close(fd);
}
