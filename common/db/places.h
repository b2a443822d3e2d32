/* Where the database may be: the hosts of a URL, in their order, and the addresses of those that
 * are names. Inside of this folder.
 *
 * libpq would ask for the addresses itself, and wait. So it is told them: each with its host's
 * name, against which a certificate is checked and a password looked up. What needs no resolver, a
 * socket's folder or a host with its hostaddr, is passed on as it is. */
#ifndef KITH_DB_PLACES_H
#define KITH_DB_PLACES_H

#include "base/str.h"
#include "loop/names.h"

struct place {
    const char *host; /* "" where the URL says nothing, as the others */
    const char *address;
    const char *port;
    bool has_name; /* the host is one whose addresses must be asked for */
    size_t name;   /* and this is its number among the names */
};

struct places {
    size_t n; /* 0: the URL is passed on as it is, and libpq says what is wrong with it */
    struct place list[NAMES_MOST];
    size_t name_count;
    const char *names[NAMES_MOST];
};

/* The texts are in the arena. Of more than NAMES_MOST hosts the others are left out, and a line of
 * the log says so. */
void places_parse(struct arena *arena, const char *url, struct places *out);

/* The values of three of libpq's keywords; NULL, and the URL's stand. */
struct place_lists {
    const char *host;
    const char *address;
    const char *port;
};

/* Each place once for each of its addresses, from the one of the number `first` on and around to
 * the one before it. False when none has an address: *why says it. Texts are in the arena. */
KITH_MUST_CHECK bool places_list(struct arena *arena, const struct places *places,
                                 const struct names *names, size_t first, struct place_lists *out,
                                 const char **why);

#endif
