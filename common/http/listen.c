/* Listening sockets: made of an address, and closed to whoever has not come yet. */
#include "http/listen.h"

#include <errno.h>
#include <linux/filter.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LISTEN_BACKLOG 1024

/* Of a TCP header. */
#define FLAGS_AT 13
#define FLAG_SYN 0x02
#define FLAG_ACK 0x10

/* Splits "host:port" or "[host]:port"; the host may be empty. */
static bool split_address(char *text, char **host, char **port)
{
    char *colon = strrchr(text, ':');

    if (!colon)
        return false;
    *colon = '\0';
    *port = colon + 1;
    *host = text;
    if (text[0] == '[') {
        char *bracket = strchr(text, ']');

        if (!bracket || bracket[1] != '\0')
            return false;
        *bracket = '\0';
        *host = text + 1;
    }
    return **port != '\0';
}

static int listen_on(const struct addrinfo *address)
{
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int yes = 1;
    int no = 0;

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (address->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
    if (bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, LISTEN_BACKLOG) == 0)
        return fd;
    close(fd);
    return -1;
}

static int listen_at(const char *host, const char *port, const char **why)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    int fd;

    if (getaddrinfo(host, port, &hints, &found) != 0)
        return -1;
    fd = listen_on(found);
    *why = strerror(errno);
    freeaddrinfo(found);
    return fd;
}

int http_listen(const char *address, const char **why)
{
    char *text = x_strdup(address);
    char *host;
    char *port;
    int fd = -1;

    *why = "it is not HOST:PORT with a numeric host";
    if (split_address(text, &host, &port)) {
        fd = listen_at(*host ? host : "::", port, why); /* takes IPv4 too */
        if (fd < 0 && !*host)
            fd = listen_at("0.0.0.0", port, why); /* there is no IPv6 here */
    }
    x_free(text);
    return fd;
}

struct sv http_listen_address(struct arena *arena, int fd)
{
    struct sockaddr_storage address = {0};
    socklen_t length = sizeof address;
    char host[NI_MAXHOST];
    char port[NI_MAXSERV];

    if (getsockname(fd, (struct sockaddr *)&address, &length) != 0 ||
        getnameinfo((struct sockaddr *)&address, length, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        die("the listening socket has no address: %s", strerror(errno));
    return arena_printf(arena, address.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

void http_last_call(int listen_fd)
{
    /* Of whatever comes for the socket, what begins a connection is lost on the way. */
    struct sock_filter not_a_beginning[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, FLAGS_AT),
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, FLAG_SYN | FLAG_ACK),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FLAG_SYN, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_RET | BPF_K, ~0u),
    };
    struct sock_fprog filter = {COUNT_OF(not_a_beginning), not_a_beginning};

    /* Where the system knows no filters, a few clients get in and are sent away: as before. */
    (void)setsockopt(listen_fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter);
}
