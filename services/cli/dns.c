/* The resolver of the C library. */
#include "dns.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <resolv.h>

#include "base/str.h"

#define ANSWER_BYTES_MOST KB(64)
#define RECORD_BYTES_MOST KB(4)
#define TRIES             2
#define TRY_S             3

struct dns {
    struct arena *arena;
    struct __res_state state;
};

static bool read_server(const char *server, struct sockaddr_in *out)
{
    struct sv host = sv_of(server);
    size_t colon = sv_find(host, ':');
    uint64_t port = NAMESERVER_PORT;
    char text[INET_ADDRSTRLEN];
    struct str address;

    if (colon < host.n && !sv_to_u64(sv_skip(host, colon + 1), UINT16_MAX, &port))
        return false;
    str_init_in(&address, text, sizeof text);
    str_add(&address, sv_head(host, colon));
    *out = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    return !str_failed(&address) && inet_pton(AF_INET, text, &out->sin_addr) == 1;
}

struct dns *dns_open(struct arena *arena, const char *server)
{
    struct dns *dns = ARENA_NEW(arena, dns);
    struct sockaddr_in place = {0};

    dns->arena = arena;
    if ((server && !read_server(server, &place)) || res_ninit(&dns->state) != 0)
        return NULL;
    dns->state.retry = TRIES;
    dns->state.retrans = TRY_S;
    if (server) {
        dns->state.nscount = 1;
        dns->state.nsaddr_list[0] = place;
    }
    return dns;
}

void dns_close(struct dns *dns)
{
    if (dns)
        res_nclose(&dns->state);
}

/* Each string is a byte of length and so many bytes. */
static struct sv read_strings(struct arena *arena, struct sv data)
{
    struct str *text = str_new_in(arena, RECORD_BYTES_MOST);

    while (data.n) {
        size_t n = (unsigned char)data.p[0];

        str_add(text, sv_head(sv_skip(data, 1), n));
        data = sv_skip(data, 1 + n);
    }
    return str_view(text);
}

/* Behind two bytes of preference; "." where the domain says that it takes no mail. */
static struct sv read_exchange(struct arena *arena, const ns_msg *message, const ns_rr *record)
{
    char name[NS_MAXDNAME];

    if (ns_rr_rdlen(*record) < 3 || dn_expand(ns_msg_base(*message), ns_msg_end(*message),
                                              ns_rr_rdata(*record) + 2, name, sizeof name) < 0)
        return SV_NONE;
    return arena_copy(arena, name[0] ? sv_of(name) : SV("."));
}

static void read_record(const struct dns *dns, const ns_msg *message, const ns_rr *record,
                        struct dns_answer *out)
{
    struct sv data = {(const char *)ns_rr_rdata(*record), ns_rr_rdlen(*record)};
    struct sv text = SV("");

    if (ns_rr_type(*record) == ns_t_txt)
        text = read_strings(dns->arena, data);
    if (ns_rr_type(*record) == ns_t_mx)
        text = read_exchange(dns->arena, message, record);
    if (text.p && out->count < DNS_RECORDS_MOST)
        out->records[out->count++] = text;
}

void dns_ask(struct dns *dns, const char *name, enum dns_kind kind, struct dns_answer *out)
{
    static const ns_type types[] = {
        [DNS_TXT] = ns_t_txt, [DNS_MX] = ns_t_mx, [DNS_A] = ns_t_a, [DNS_AAAA] = ns_t_aaaa};
    unsigned char *bytes = arena_alloc(dns->arena, ANSWER_BYTES_MOST);
    int n = res_nquery(&dns->state, name, ns_c_in, (int)types[kind], bytes, ANSWER_BYTES_MOST);
    int why = dns->state.res_h_errno;
    ns_msg message;
    ns_rr record;

    *out = (struct dns_answer){.is_answered = n >= 0 || why == HOST_NOT_FOUND || why == NO_DATA};
    if (n < 0 || ns_initparse(bytes, n, &message) != 0)
        return;
    for (int i = 0; i < ns_msg_count(message, ns_s_an); i++) {
        if (ns_parserr(&message, ns_s_an, i, &record) == 0 && ns_rr_type(record) == types[kind])
            read_record(dns, &message, &record, out);
    }
}
