/* Preloaded into a program, it is a resolver that thinks for as long as a test wants. A name that
 * ends in .slow.invalid is answered when the folder SLOW_NAMES has a file called like it, with the
 * addresses that it holds, one a line; without any there is no such name. Who has asked leaves
 * NAME.asked there. */
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SUFFIX ".slow.invalid"

typedef int resolve(const char *, const char *, const struct addrinfo *, struct addrinfo **);

static int is_slow(const char *host)
{
    size_t n = host ? strlen(host) : 0;

    return n > strlen(SUFFIX) && strcmp(host + n - strlen(SUFFIX), SUFFIX) == 0;
}

static FILE *wait_for_answer(const char *host)
{
    const char *folder = getenv("SLOW_NAMES");
    const struct timespec pause = {.tv_nsec = 5000000};
    char path[PATH_MAX];
    FILE *answer;

    if (!folder)
        abort();
    snprintf(path, sizeof path, "%s/%s.asked", folder, host);
    close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    snprintf(path, sizeof path, "%s/%s", folder, host);
    while (!(answer = fopen(path, "re")))
        nanosleep(&pause, NULL);
    return answer;
}

int getaddrinfo(const char *restrict host, const char *restrict service,
                const struct addrinfo *restrict hints, struct addrinfo **restrict found)
{
    void *symbol = dlsym(RTLD_NEXT, "getaddrinfo");
    struct addrinfo **last = found;
    char line[256];
    resolve *real;
    FILE *answer;

    memcpy(&real, &symbol, sizeof real);
    if (!is_slow(host) || (hints && hints->ai_flags & AI_NUMERICHOST))
        return real(host, service, hints, found);
    *found = NULL;
    answer = wait_for_answer(host);
    while (fgets(line, sizeof line, answer)) {
        line[strcspn(line, "\n")] = '\0';
        if (real(line, service, hints, last) != 0)
            abort();
        while (*last)
            last = &(*last)->ai_next;
    }
    fclose(answer);
    return *found ? 0 : EAI_NONAME;
}
