/* Addresses of clients. */
#include "http/peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#define ADDRESS_TEXT_BYTES 46
#define COUNT_BUCKETS      1024u

static const unsigned char mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static bool is_mapped(const struct peer_address *address)
{
    return memcmp(address->b, mapped_prefix, sizeof mapped_prefix) == 0;
}

static void set_mapped(struct peer_address *out, const void *ipv4)
{
    memcpy(out->b, mapped_prefix, sizeof mapped_prefix);
    memcpy(out->b + sizeof mapped_prefix, ipv4, 4);
}

bool peer_parse(struct sv text, struct peer_address *out)
{
    char cstr[ADDRESS_TEXT_BYTES];
    struct in_addr ipv4;

    if (text.n == 0 || text.n >= sizeof cstr || sv_find(text, '\0') < text.n)
        return false;
    memcpy(cstr, text.p, text.n);
    cstr[text.n] = '\0';
    if (inet_pton(AF_INET, cstr, &ipv4) == 1) {
        set_mapped(out, &ipv4);
        return true;
    }
    return inet_pton(AF_INET6, cstr, out->b) == 1;
}

bool peer_of_sockaddr(const struct sockaddr *sa, struct peer_address *out)
{
    if (sa->sa_family == AF_INET) {
        struct sockaddr_in in;

        memcpy(&in, sa, sizeof in);
        set_mapped(out, &in.sin_addr);
        return true;
    }
    if (sa->sa_family == AF_INET6) {
        struct sockaddr_in6 in6;

        memcpy(&in6, sa, sizeof in6);
        memcpy(out->b, &in6.sin6_addr, sizeof out->b);
        return true;
    }
    return false;
}

struct sv peer_format(struct arena *arena, const struct peer_address *address)
{
    char *text = arena_alloc(arena, ADDRESS_TEXT_BYTES);
    bool mapped = is_mapped(address);

    if (!inet_ntop(mapped ? AF_INET : AF_INET6, address->b + (mapped ? 12 : 0), text,
                   ADDRESS_TEXT_BYTES))
        die("an address could not be written");
    return sv_of(text);
}

static bool network_parse(struct sv text, struct peer_list *out)
{
    size_t slash = sv_find(text, '/');
    int64_t bits = 128;
    struct peer_address base;

    if (out->count == PEER_LIST_NETWORKS || !peer_parse(sv_head(text, slash), &base))
        return false;
    if (slash < text.n &&
        !sv_to_i64(sv_skip(text, slash + 1), 0, is_mapped(&base) ? 32 : 128, &bits))
        return false;
    if (slash < text.n && is_mapped(&base))
        bits += 96;
    out->networks[out->count].base = base;
    out->networks[out->count++].bits = (unsigned)bits;
    return true;
}

bool peer_list_parse(struct sv text, struct peer_list *out)
{
    struct sv piece;

    out->count = 0;
    while (sv_split(&text, ',', &piece)) {
        piece = sv_trim(piece);
        if (piece.n && !network_parse(piece, out))
            return false;
    }
    return true;
}

static bool same_bits(const unsigned char *a, const unsigned char *b, unsigned bits)
{
    unsigned whole = bits / 8;
    unsigned char mask = (unsigned char)(0xff00u >> bits % 8);

    if (memcmp(a, b, whole) != 0)
        return false;
    return bits % 8 == 0 || ((a[whole] ^ b[whole]) & mask) == 0;
}

bool peer_list_has(const struct peer_list *list, const struct peer_address *address)
{
    for (size_t i = 0; list && i < list->count; i++) {
        if (same_bits(list->networks[i].base.b, address->b, list->networks[i].bits))
            return true;
    }
    return false;
}

/* Takes the last element off a comma list. */
static bool take_last(struct sv *list, struct sv *out)
{
    size_t start = list->n;

    if (list->n == 0)
        return false;
    while (start && list->p[start - 1] != ',')
        start--;
    *out = sv_trim(sv_skip(*list, start));
    list->n = start ? start - 1 : 0;
    return true;
}

struct peer_address peer_client(const struct peer_list *trusted, const struct peer_address *peer,
                                const struct http_head *head)
{
    struct peer_address client = *peer;

    for (size_t i = head->field_count; i-- > 0 && peer_list_has(trusted, &client);) {
        struct sv list = head->fields[i].value;
        struct sv element;

        if (!sv_eq_nocase(head->fields[i].name, SV("x-forwarded-for")))
            continue;
        while (peer_list_has(trusted, &client) && take_last(&list, &element)) {
            if (!peer_parse(element, &client))
                return client;
        }
    }
    return client;
}

struct peer_address peer_network(const struct peer_address *address)
{
    struct peer_address network = *address;

    if (!is_mapped(address))
        memset(network.b + 8, 0, 8);
    return network;
}

struct count {
    struct count *next;
    struct peer_address network;
    size_t n;
};

struct peer_counts {
    struct count *buckets[COUNT_BUCKETS];
};

struct peer_counts *peer_counts_new(void)
{
    return x_calloc(1, sizeof(struct peer_counts));
}

void peer_counts_free(struct peer_counts *counts)
{
    for (size_t i = 0; counts && i < COUNT_BUCKETS; i++) {
        while (counts->buckets[i]) {
            struct count *count = counts->buckets[i];

            counts->buckets[i] = count->next;
            x_free(count);
        }
    }
    x_free(counts);
}

/* Where the network's count is linked, or would be. FNV-1a: a collision only costs a longer chain,
 * and chains are bounded by the connection cap. */
static struct count **find(struct peer_counts *counts, const struct peer_address *network)
{
    uint32_t hash = 2166136261u;
    struct count **at;

    for (size_t i = 0; i < sizeof network->b; i++)
        hash = (hash ^ network->b[i]) * 16777619u;
    at = &counts->buckets[hash % COUNT_BUCKETS];
    while (*at && memcmp((*at)->network.b, network->b, sizeof network->b) != 0)
        at = &(*at)->next;
    return at;
}

size_t peer_counts_add(struct peer_counts *counts, const struct peer_address *address)
{
    struct peer_address network = peer_network(address);
    struct count **at = find(counts, &network);

    if (!*at) {
        *at = x_calloc(1, sizeof **at);
        (*at)->network = network;
    }
    return ++(*at)->n;
}

void peer_counts_remove(struct peer_counts *counts, const struct peer_address *address)
{
    struct peer_address network = peer_network(address);
    struct count **at = find(counts, &network);
    struct count *count = *at;

    ENSURE(count && count->n > 0);
    if (--count->n == 0) {
        *at = count->next;
        x_free(count);
    }
}
