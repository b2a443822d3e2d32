/* POSTs at a constant pace, whatever the answers take: paced PORT RATE CONNECTIONS
 *
 * Each line of standard input is one: a path, header fields and a body, with a tab between two. The
 * n-th is sent n / RATE seconds after the start, on connection n % CONNECTIONS, or as soon as that
 * one has its answer. At the end one line: how many were answered with 2xx or 3xx, how many
 * otherwise, how many seconds it took, and in milliseconds the longest delay of a send behind its
 * time, and of the times from when one was to be sent to its answer the median, the 99th percentile
 * and the longest. */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_BYTES  65536
#define REQUEST_BYTES (512 * 1024)

static struct {
    int port;
    double rate;
    size_t connections;
    char **lines;
    double *took_s;
    size_t count;
    double start_s;
    atomic_bool has_shown;
} run;

struct client {
    pthread_t thread;
    size_t number;
    size_t good;
    size_t bad;
    double latest_s;
};

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static double now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void sleep_until(double at_s)
{
    struct timespec at = {.tv_sec = (time_t)at_s};

    at.tv_nsec = (long)((at_s - (double)at.tv_sec) * 1e9);
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
}

static int dial(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)run.port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof address) != 0)
        fail("connect");
    return fd;
}

/* A line as a request: how long it is. */
static size_t request_of(char request[REQUEST_BYTES], const char *line)
{
    const char *body = strrchr(line, '\t');
    size_t path = strcspn(line, "\t");
    int n;

    if (!body)
        fail("a line without a body");
    n = snprintf(request, REQUEST_BYTES, "POST %.*s HTTP/1.1\r\nHost: localhost", (int)path, line);
    for (const char *field = line + path; field < body;) {
        size_t length = strcspn(field + 1, "\t");

        n += snprintf(request + n, REQUEST_BYTES - (size_t)n, "\r\n%.*s", (int)length, field + 1);
        field += 1 + length;
    }
    n += snprintf(request + n, REQUEST_BYTES - (size_t)n, "\r\nContent-Length: %zu\r\n\r\n%s",
                  strlen(body + 1), body + 1);
    if (n >= REQUEST_BYTES)
        fail("a request that is too long");
    return (size_t)n;
}

/* Whether the answer, which is read whole, is 2xx or 3xx. The first other one is shown. */
static bool ask(int fd, const char *line)
{
    char request[REQUEST_BYTES];
    char answer[ANSWER_BYTES];
    const char *end = NULL;
    const char *length;
    size_t wanted = sizeof answer;
    size_t have = 0;
    size_t n = request_of(request, line);

    if (write(fd, request, n) != (ssize_t)n)
        fail("write");
    while (have < wanted) {
        ssize_t got = read(fd, answer + have, sizeof answer - 1 - have);

        if (got <= 0)
            fail("read");
        have += (size_t)got;
        answer[have] = '\0';
        if (!end && (end = strstr(answer, "\r\n\r\n"))) {
            length = strcasestr(answer, "\r\nContent-Length:");
            wanted = (size_t)(end + 4 - answer) + (length ? strtoul(length + 17, NULL, 10) : 0);
        }
    }
    if (strncmp(answer, "HTTP/1.1 2", 10) == 0 || strncmp(answer, "HTTP/1.1 3", 10) == 0)
        return true;
    if (!atomic_exchange(&run.has_shown, true))
        fprintf(stderr, "%s\n", answer);
    return false;
}

static void *work(void *arg)
{
    struct client *client = arg;
    int fd = dial();

    for (size_t i = client->number; i < run.count; i += run.connections) {
        double at_s = run.start_s + (double)i / run.rate;
        double late_s;

        sleep_until(at_s);
        late_s = now_s() - at_s;
        if (late_s > client->latest_s)
            client->latest_s = late_s;
        if (ask(fd, run.lines[i]))
            client->good++;
        else
            client->bad++;
        run.took_s[i] = now_s() - at_s;
    }
    close(fd);
    return NULL;
}

static void read_lines(void)
{
    size_t room = 0;
    char *line = NULL;
    size_t bytes = 0;
    ssize_t n;

    while ((n = getline(&line, &bytes, stdin)) > 0) {
        if (run.count == room) {
            room = room ? room * 2 : 1024;
            run.lines = realloc(run.lines, room * sizeof *run.lines);
            run.took_s = realloc(run.took_s, room * sizeof *run.took_s);
            if (!run.lines || !run.took_s)
                fail("realloc");
        }
        line[strcspn(line, "\n")] = '\0';
        run.lines[run.count++] = strdup(line);
    }
    free(line);
}

static int by_size(const void *one, const void *other)
{
    double a = *(const double *)one;
    double b = *(const double *)other;

    return (a > b) - (a < b);
}

int main(int argc, char **argv)
{
    struct client *clients;
    size_t good = 0;
    size_t bad = 0;
    double latest_s = 0;

    if (argc != 4)
        return 64;
    run.port = (int)strtol(argv[1], NULL, 10);
    run.rate = strtod(argv[2], NULL);
    run.connections = strtoul(argv[3], NULL, 10);
    read_lines();
    if (run.count == 0)
        return 64;
    clients = calloc(run.connections, sizeof *clients);
    run.start_s = now_s();
    for (size_t i = 0; i < run.connections; i++) {
        clients[i].number = i;
        if (pthread_create(&clients[i].thread, NULL, work, &clients[i]) != 0)
            fail("pthread_create");
    }
    for (size_t i = 0; i < run.connections; i++) {
        pthread_join(clients[i].thread, NULL);
        good += clients[i].good;
        bad += clients[i].bad;
        latest_s = clients[i].latest_s > latest_s ? clients[i].latest_s : latest_s;
    }
    printf("%zu %zu %.3f %.0f", good, bad, now_s() - run.start_s, latest_s * 1000);
    qsort(run.took_s, run.count, sizeof *run.took_s, by_size);
    printf(" %.1f %.1f %.1f\n", run.took_s[run.count / 2] * 1000,
           run.took_s[run.count * 99 / 100] * 1000, run.took_s[run.count - 1] * 1000);
    for (size_t i = 0; i < run.count; i++)
        free(run.lines[i]);
    free(run.lines);
    free(run.took_s);
    free(clients);
    return bad ? 1 : 0;
}
