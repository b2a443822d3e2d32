/* An event as listeners are told it, fitted to what each of them may know. Its text is as our
 * database writes it: a member's name and its value have ": " between, and no name that changed has
 * a character to escape. */
#ifndef KITH_API_HEARD_H
#define KITH_API_HEARD_H

#include "base/str.h"
#include "base/uuid.h"
#include "resource.h"

#define HEARD_ID_BYTES   64 /* of the stream's own */
#define HEARD_TEXT_BYTES KB(64)

struct heard {
    char id[HEARD_ID_BYTES];
    struct uuid district;
    const struct resource *resource; /* that it is about */
    char *text;
};

/* Who listens. */
struct hearing {
    struct uuid district;
    struct sv roles;
    struct sv resources; /* of a limited key, a comma list; empty: all */
};

/* False where it is of no district or about no resource: nobody is told. */
bool heard_read(struct heard *out, struct sv id, struct sv event);
void heard_free(struct heard *heard);

bool heard_is_for(const struct heard *heard, const struct hearing *who);

struct sv heard_type(const struct heard *heard);

/* Adds the event without the names of fields that these roles may not read. */
void heard_add_text(struct str *out, const struct heard *heard, struct sv roles);

#endif
