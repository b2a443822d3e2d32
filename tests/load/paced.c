/* POSTs at a constant pace, whatever the answers take: paced PORT PATH TOKEN RATE CONNECTIONS
 *
 * Each line of standard input is a body. The n-th is sent n / RATE seconds after the start, on
 * connection n % CONNECTIONS, or as soon as that one has its answer. At the end one line: how many
 * were answered with 2xx, how many otherwise, how many seconds it took, and the longest delay of a
 * send behind its time, in milliseconds. */
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
#define REQUEST_BYTES 8192

static struct {
    int port;
    const char *path;
    const char *token;
    double rate;
    size_t connections;
    char **bodies;
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

/* Whether the answer, which is read whole, is 2xx. The first other one is shown. */
static bool ask(int fd, const char *body)
{
    static const char format[] =
        "POST %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n"
        "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s";
    char request[REQUEST_BYTES];
    char answer[ANSWER_BYTES];
    const char *end = NULL;
    const char *length;
    size_t wanted = sizeof answer;
    size_t have = 0;
    int n = snprintf(request, sizeof request, format, run.path, run.token, strlen(body), body);

    if (n <= 0 || (size_t)n >= sizeof request || write(fd, request, (size_t)n) != n)
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
    if (strncmp(answer, "HTTP/1.1 2", 10) == 0)
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
        if (ask(fd, run.bodies[i]))
            client->good++;
        else
            client->bad++;
    }
    close(fd);
    return NULL;
}

static void read_bodies(void)
{
    size_t room = 0;
    char *line = NULL;
    size_t bytes = 0;
    ssize_t n;

    while ((n = getline(&line, &bytes, stdin)) > 0) {
        if (run.count == room) {
            room = room ? room * 2 : 1024;
            run.bodies = realloc(run.bodies, room * sizeof *run.bodies);
            if (!run.bodies)
                fail("realloc");
        }
        line[strcspn(line, "\n")] = '\0';
        run.bodies[run.count++] = strdup(line);
    }
    free(line);
}

int main(int argc, char **argv)
{
    struct client *clients;
    size_t good = 0;
    size_t bad = 0;
    double latest_s = 0;

    if (argc != 6)
        return 64;
    run.port = (int)strtol(argv[1], NULL, 10);
    run.path = argv[2];
    run.token = argv[3];
    run.rate = strtod(argv[4], NULL);
    run.connections = strtoul(argv[5], NULL, 10);
    read_bodies();
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
    printf("%zu %zu %.3f %.0f\n", good, bad, now_s() - run.start_s, latest_s * 1000);
    for (size_t i = 0; i < run.count; i++)
        free(run.bodies[i]);
    free(run.bodies);
    free(clients);
    return bad ? 1 : 0;
}
