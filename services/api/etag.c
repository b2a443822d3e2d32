/* Entity tags. */
#include "etag.h"

#include "call.h"

static uint32_t hash_of(struct sv text)
{
    uint32_t hash = 2166136261u; /* FNV-1a: it tells representations apart, it keeps no secret */

    for (size_t i = 0; i < text.n; i++)
        hash = (hash ^ (unsigned char)text.p[i]) * 16777619u;
    return hash;
}

struct sv etag_of(struct req *r, struct sv version)
{
    const struct call *call = call_of(r);

    return arena_printf(r->arena, "\"v%.*s-%08x\"", SV_ARG(version),
                        hash_of(sv_of(call->principal.roles)));
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
