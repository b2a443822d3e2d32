/* What a domain says of itself, asked of the system's resolver or of one that is named. */
#ifndef KITH_CLI_DNS_H
#define KITH_CLI_DNS_H

#include "base/arena.h"

#define DNS_RECORDS_MOST 64 /* of one name; what is past it is not seen */

enum dns_kind { DNS_TXT, DNS_MX, DNS_A, DNS_AAAA };

struct dns_answer {
    bool is_answered; /* false: nobody knows, for no server gave an answer */
    size_t count;
    struct sv
        records[DNS_RECORDS_MOST]; /* a TXT's strings as one; an MX's host; of an address "" */
};

/* server: "ADDRESS[:PORT]" of IPv4; NULL: as the system is set up. NULL when there is none. */
struct dns;
struct dns *dns_open(struct arena *arena, const char *server);
void dns_close(struct dns *dns);

void dns_ask(struct dns *dns, const char *name, enum dns_kind kind, struct dns_answer *out);

#endif
