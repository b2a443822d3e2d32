/* Who asks. A principal that the database has verified is remembered for PRINCIPAL_FRESH_MS, so
 * that reads need not look the token up again; writes, and what shows private fields, always do. */
#ifndef KITH_API_PRINCIPAL_H
#define KITH_API_PRINCIPAL_H

#include "base/arena.h"
#include "base/uuid.h"

#define PRINCIPAL_FRESH_MS 5000
#define PRINCIPALS         10000

struct principal {
    char hash[65]; /* of the token, hexadecimal */
    struct uuid district;
    struct uuid user;
    char roles[128]; /* "coordinator,viewer" */
    int64_t verified_ms;
};

struct principals;

struct principals *principals_new(void);
void principals_free(struct principals *all);

/* NULL when it is not known or not fresh at now_ms (clock_mono_ms). */
const struct principal *principals_find(struct principals *all, struct sv hash, int64_t now_ms);

/* Remembers it; the one that was used longest ago goes when there is no room. */
void principals_add(struct principals *all, const struct principal *principal);
void principals_forget(struct principals *all, struct sv hash);

/* True when one of the comma-separated roles is among those needed; admin may everything; no need
 * is met by everybody. */
bool roles_meet(struct sv roles, struct sv needed);

#endif
