/* Entity tags: "v<version>-<hash>", strong. The hash is of what else decides the representation:
 * the roles of who reads, what of it is asked for, and, where the version does not count all that
 * it shows (embedded rows, values of the day, what a place lets one see), the representation
 * itself. If-Match compares the version alone.
 */
#ifndef KITH_API_ETAG_H
#define KITH_API_ETAG_H

#include "http/reply.h"
#include "view.h"

struct sv etag_of(struct req *r, struct sv version);
struct sv etag_of_view(struct req *r, const struct view *view, struct sv version, struct sv body);

enum if_match { IF_MATCH_NONE, IF_MATCH_ANY, IF_MATCH_VERSION, IF_MATCH_MALFORMED };

/* The version that the If-Match field asks for, as text. */
enum if_match etag_if_match(struct req *r, const char **out_version);

/* The same of a write that needs one; or what refuses it. */
KITH_MUST_CHECK struct plan *etag_read_version(struct req *r, const char **out_version);

#endif
