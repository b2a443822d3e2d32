/* kith doctor: each check says what it found; doctor.c holds their table. */
#ifndef KITH_CLI_DOCTOR_H
#define KITH_CLI_DOCTOR_H

#include "dns.h"
#include "migrate_config.h"
#include "json/emit.h"

enum verdict {
    VERDICT_OK,
    VERDICT_WARNING, /* it works, and somebody should look */
    VERDICT_BAD,     /* something does not work, or mails will not arrive: the exit status is 1 */
    VERDICT_SKIPPED, /* what it needs is not configured */
    VERDICT_COUNT,
};

struct doctor_config {
    struct migrate_config base;
    const char *mail_url;
    const char *mail_from;
    const char *mail_ca_file;
    const char *dkim_selectors;
    const char *resolver;
    int64_t within_ms;
};

/* Loads it, or does what config_main() does with its other arguments. */
void doctor_config_main(int argc, char **argv, struct doctor_config *out);

struct doctor {
    struct doctor_config config;
    struct arena *arena;
    bool is_json; /* false: lines for people */
    struct emit json;
    unsigned counts[VERDICT_COUNT];
};

KITH_PRINTF(4, 5)
void doctor_say(struct doctor *doctor, enum verdict verdict, const char *check, const char *fmt,
                ...);

void doctor_database(struct doctor *doctor);
void doctor_redis(struct doctor *doctor);
void doctor_relay(struct doctor *doctor);
void doctor_sender(struct doctor *doctor);

/* What is made of a domain's records by RFC 7208, RFC 6376 and RFC 7489. The text is constant or
 * in the arena. */
struct finding {
    enum verdict verdict;
    const char *says;
};
struct finding judge_spf(struct arena *arena, const struct dns_answer *txt);
struct finding judge_dkim(struct arena *arena, const struct dns_answer *txt);
struct finding judge_dmarc(struct arena *arena, const struct dns_answer *txt);

#endif
