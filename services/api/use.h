/* What a request asks for, as the limits of an API key know it: whether it reads or writes, and the
 * first names of the paths of all that it asks, "partners" of /v1/partners/{id}/merge. The database
 * compares it with the key (key_covers() of sql/functions). */
#ifndef KITH_API_USE_H
#define KITH_API_USE_H

#include "http/router.h"
#include "view.h"

/* "partners", or empty for what is no part of /v1. */
struct sv use_name(const struct route *route);

/* Some route has that name. */
bool use_is_known(struct sv name);

/* The request asks for another resource, too. */
void use_also(struct req *r, const char *plural);

/* And for what the view embeds. */
void use_view(struct req *r, const struct view *view);

/* "read partners,sites"; "watch events"; without a name for what is no part of /v1. */
const char *use_of(struct arena *arena, struct req *r);

#endif
