/* Addresses of clients: who is at the other end, which proxies are believed, how many connections
 * each holds. */
#ifndef KITH_HTTP_PEER_H
#define KITH_HTTP_PEER_H

#include <sys/socket.h>

#include "http/head.h"

/* An IPv6 address; IPv4 is held mapped (::ffff:a.b.c.d). */
struct peer_address {
    unsigned char b[16];
};

KITH_MUST_CHECK bool peer_parse(struct sv text, struct peer_address *out);
KITH_MUST_CHECK bool peer_of_sockaddr(const struct sockaddr *sa, struct peer_address *out);
struct sv peer_format(struct arena *arena, const struct peer_address *address);

/* A list of networks: "127.0.0.0/8,10.1.2.3,fd00::/8". */
#define PEER_LIST_NETWORKS 32
struct peer_list {
    struct {
        struct peer_address base;
        unsigned bits;
    } networks[PEER_LIST_NETWORKS];
    size_t count;
};

KITH_MUST_CHECK bool peer_list_parse(struct sv text, struct peer_list *out);
bool peer_list_has(const struct peer_list *list, const struct peer_address *address);

/* The client behind trusted proxies: the rightmost address of X-Forwarded-For that is not a proxy
 * of ours, when the peer itself is one; else the peer. What is not an address ends the walk. */
struct peer_address peer_client(const struct peer_list *trusted, const struct peer_address *peer,
                                const struct http_head *head);

/* What one client owns whole: an IPv4 address, or the /64 network of an IPv6 address. */
struct peer_address peer_network(const struct peer_address *address);

/* Connections by network. */
struct peer_counts;
struct peer_counts *peer_counts_new(void);
void peer_counts_free(struct peer_counts *counts);
size_t peer_counts_add(struct peer_counts *counts,
                       const struct peer_address *address); /* the new count */
void peer_counts_remove(struct peer_counts *counts, const struct peer_address *address);

#endif
