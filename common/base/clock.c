/* The clocks. The injected one is a value or a file that is read at each call. */
#include "base/clock.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "base/date.h"
#include "base/log.h"

static struct {
    bool injected;
    int64_t at_ms;
    char *path;
} injected;

static int64_t read_clock_us(clockid_t id)
{
    struct timespec t;

    if (clock_gettime(id, &t) != 0)
        die("clock_gettime failed");
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static bool read_injected_file(int64_t *out_ms)
{
    char text[64];
    int fd = open(injected.path, O_RDONLY | O_CLOEXEC);
    ssize_t n;

    if (fd < 0)
        return false;
    n = read(fd, text, sizeof text);
    close(fd);
    while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == ' '))
        n--;
    return n > 0 && instant_parse((struct sv){text, (size_t)n}, out_ms);
}

bool clock_inject(const char *spec)
{
    x_free(injected.path);
    injected.path = NULL;
    if (spec[0] != '@') {
        injected.injected = instant_parse(sv_of(spec), &injected.at_ms);
        return injected.injected;
    }
    injected.path = x_strdup(spec + 1);
    injected.injected = read_injected_file(&injected.at_ms);
    return injected.injected;
}

bool clock_is_injected(void)
{
    return injected.injected;
}

int64_t clock_now_ms(void)
{
    if (!injected.injected)
        return clock_real_ms();
    if (injected.path && !read_injected_file(&injected.at_ms))
        log_debug("the injected clock could not be read", F_STR("path", injected.path));
    return injected.at_ms;
}

int64_t clock_real_ms(void)
{
    return read_clock_us(CLOCK_REALTIME) / 1000;
}

int64_t clock_mono_us(void)
{
    return read_clock_us(CLOCK_MONOTONIC);
}

int64_t clock_mono_ms(void)
{
    return clock_mono_us() / 1000;
}

bool clock_is_due(int64_t *at_ms, int64_t every_ms)
{
    int64_t now_ms = clock_mono_ms();

    if (now_ms < *at_ms)
        return false;
    *at_ms = now_ms + every_ms;
    return true;
}
