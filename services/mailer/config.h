/* The mailer's configuration: every bound of it has a name, a default and a range. */
#ifndef KITH_MAILER_CONFIG_H
#define KITH_MAILER_CONFIG_H

#include "svc/worker.h"

#define MAILER_ONLY_TO 100 /* addresses and domains; and as many of KITH_MAIL_FROM_DOMAINS */

struct mailer_config {
    struct worker_config worker; /* first: worker.h */
    const char *url;
    const char *from;
    const char *from_domains;
    const char *bounce;
    const char *ca_file;
    const char *only_to;
    bool hold;
    int64_t connect_ms;
    int64_t timeout_ms;
    int64_t lease_ms;
    int64_t retry_s;
    int64_t retry_most_s;
    int64_t rest_most_ms;
    int64_t domain_a_minute;
    int64_t district_a_day;
};

extern const struct config_program mailer_config_program;

/* KITH_MAIL_ONLY_TO as a JSON array, or NULL: to all. */
const char *mailer_only_to(struct arena *arena, const char *only_to);

#endif
