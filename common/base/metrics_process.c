/* The process_* metrics, from /proc (proc(5)): memory, open files and time over a family of
 * processes. A process that has just gone counts 0. */
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/metrics.h"

static struct sv read_proc(int pid, const char *name, char *buffer, size_t buffer_bytes)
{
    char path[64];
    ssize_t n = -1;
    int fd;

    snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        n = read(fd, buffer, buffer_bytes);
        close(fd);
    }
    return n > 0 ? (struct sv){buffer, (size_t)n} : SV_NONE;
}

/* The number at the place of words separated by single spaces, the first being 0. */
static int64_t number_at(struct sv words, size_t place)
{
    struct sv word = SV_NONE;
    int64_t value;

    for (size_t i = 0; i <= place; i++) {
        if (!sv_split(&words, ' ', &word))
            return 0;
    }
    return sv_to_i64(word, 0, INT64_MAX, &value) ? value : 0;
}

/* What follows the command's name, which may hold spaces and brackets: state is word 0 (field 3).
 */
static struct sv stat_words(struct sv stat)
{
    const char *end = stat.n ? memrchr(stat.p, ')', stat.n) : NULL;

    return end ? sv_skip(stat, (size_t)(end - stat.p) + 2) : SV_NONE;
}

static int64_t resident_bytes(int pid)
{
    char buffer[256];

    return number_at(read_proc(pid, "statm", buffer, sizeof buffer), 1) * sysconf(_SC_PAGESIZE);
}

static int64_t cpu_ticks(int pid)
{
    char buffer[1024];
    struct sv words = stat_words(read_proc(pid, "stat", buffer, sizeof buffer));

    return number_at(words, 11) + number_at(words, 12); /* utime, stime: fields 14 and 15 */
}

/* Ticks since the machine's start: field 22. */
static int64_t start_ticks(int pid)
{
    char buffer[1024];

    return number_at(stat_words(read_proc(pid, "stat", buffer, sizeof buffer)), 19);
}

static int64_t open_fds(int pid)
{
    char path[64];
    const struct dirent *entry;
    int64_t count = 0;
    DIR *dir;

    snprintf(path, sizeof path, "/proc/%d/fd", pid);
    dir = opendir(path);
    if (!dir)
        return 0;
    while ((entry = readdir(dir)))
        count += entry->d_name[0] != '.';
    closedir(dir);
    return pid == (int)getpid() ? count - 1 : count; /* without the one that reads */
}

static int64_t reaped_cpu_ms(void)
{
    struct rusage use;

    if (getrusage(RUSAGE_CHILDREN, &use) != 0)
        return 0;
    return (use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1000 +
           (use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1000;
}

static void add_metric(struct str *out, const char *name, const char *type, const char *help,
                       int64_t thousandths)
{
    str_addf(out, "# HELP %s %s\n# TYPE %s %s\n%s %" PRId64, name, help, name, type, name,
             thousandths / 1000);
    if (thousandths % 1000)
        str_addf(out, ".%03" PRId64, thousandths % 1000);
    str_add_char(out, '\n');
}

/* Computed once: the wall clock may be set, and a start that moves would look like a restart. */
static int64_t started_at_ms(int pid, int64_t ticks_a_second)
{
    static int64_t at_ms;
    struct timespec since_boot;

    if (at_ms || clock_gettime(CLOCK_BOOTTIME, &since_boot) != 0)
        return at_ms;
    at_ms = clock_real_ms() - (int64_t)since_boot.tv_sec * 1000 - since_boot.tv_nsec / 1000000 +
            start_ticks(pid) * 1000 / ticks_a_second;
    return at_ms;
}

void metrics_add_process(struct str *out, const int *pids, size_t pid_count)
{
    int64_t ticks_a_second = sysconf(_SC_CLK_TCK);
    int64_t cpu_ms = reaped_cpu_ms();
    int64_t resident = 0;
    int64_t fds = 0;

    for (size_t i = 0; i < pid_count; i++) {
        cpu_ms += cpu_ticks(pids[i]) * 1000 / ticks_a_second;
        resident += resident_bytes(pids[i]);
        fds += open_fds(pids[i]);
    }
    add_metric(out, "process_resident_memory_bytes", "gauge",
               "Resident memory of all processes of the service.", resident * 1000);
    add_metric(out, "process_open_fds", "gauge", "Open file descriptors of all processes.",
               fds * 1000);
    add_metric(out, "process_cpu_seconds_total", "counter",
               "User and system time of all processes, ended ones included.", cpu_ms);
    add_metric(out, "process_start_time_seconds", "gauge",
               "When the first process started, since 1970.",
               started_at_ms(pids[0], ticks_a_second));
}
