/* Entity tags. */
#include "etag.h"

#include "call.h"
#include "hash.h"
#include "http/router.h"
#include "resource.h"

static struct sv tag(struct req *r, struct sv version, uint32_t hash)
{
    return arena_printf(r->arena, "\"v%.*s-%08x\"", SV_ARG(version), hash);
}

static uint32_t hash_of_roles(const struct req *r)
{
    return hash_add(HASH_START, sv_of(call_of(r)->principal.roles));
}

/* Somebody who runs the program for a part of the district (24_own.sql) sees of a row what its
 * place lets them, and the place may move without it. */
static bool is_of_a_part(const struct req *r)
{
    struct sv rest = sv_of(call_of(r)->principal.roles);
    struct sv role;

    while (sv_split(&rest, ',', &role)) {
        if (sv_eq(role, SV("part")))
            return true;
    }
    return false;
}

struct sv etag_of(struct req *r, struct sv version)
{
    return tag(r, version, hash_of_roles(r));
}

struct sv etag_of_view(struct req *r, const struct view *view, struct sv version, struct sv body)
{
    const struct resource *resource = r->route->what;
    uint32_t hash = hash_of_roles(r) ^ view_hash(view);
    bool is_counted = view->expand_count == 0 && !resource->changes_by_day && !is_of_a_part(r);

    return tag(r, version, is_counted ? hash : hash_add(hash, body));
}

enum if_match etag_if_match(struct req *r, const char **out_version)
{
    struct sv value = sv_trim(req_field(r, SV("if-match")));
    struct sv opaque;
    struct sv digits;
    int64_t version;

    if (value.n == 0)
        return IF_MATCH_NONE;
    if (sv_eq(value, SV("*")))
        return IF_MATCH_ANY;
    if (!sv_starts_with(value, SV("\"v")) || !sv_ends_with(value, SV("\"")) || value.n < 4)
        return IF_MATCH_MALFORMED;
    opaque = sv_head(sv_skip(value, 2), value.n - 3);
    digits = sv_head(opaque, sv_find(opaque, '-'));
    /* A list of tags, in one field or several, would not say which version is meant. */
    if (sv_find(opaque, '"') < opaque.n || http_head_field_count(&r->head, SV("if-match")) > 1 ||
        !sv_to_i64(digits, 1, INT64_MAX, &version))
        return IF_MATCH_MALFORMED;
    *out_version = arena_cstr(r->arena, digits);
    return IF_MATCH_VERSION;
}

struct plan *etag_read_version(struct req *r, const char **out_version)
{
    switch (etag_if_match(r, out_version)) {
    case IF_MATCH_NONE:
        return fail(r, ERR_PRECONDITION_REQUIRED);
    case IF_MATCH_ANY:
    case IF_MATCH_MALFORMED:
        return fail_why(r, ERR_PRECONDITION_FAILED,
                        "If-Match must be an ETag that you were given.");
    case IF_MATCH_VERSION:
        break;
    }
    return NULL;
}
