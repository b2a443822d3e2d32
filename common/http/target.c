/* Targets and queries. A path is split before it is decoded, so that "%2F" cannot make a segment
 * two. */
#include "http/target.h"

#include "base/encode.h"
#include "http/bytes.h"
#include "http/form.h"

static bool bad(struct http_fault *fault, const char *why)
{
    *fault = (struct http_fault){ERR_MALFORMED_REQUEST, why};
    return false;
}

static bool bad_query(struct http_fault *fault, const char *why)
{
    *fault = (struct http_fault){ERR_INVALID_QUERY, why};
    return false;
}

static bool decode_segment(struct arena *arena, struct sv raw, struct sv *out,
                           struct http_fault *fault)
{
    *out = raw;
    if (sv_find(raw, '%') < raw.n) {
        if (!percent_decode(arena, raw, out))
            return bad(fault, "The path has a percent sign without two hexadecimal digits.");
        if (!sv_is_utf8(*out))
            return bad(fault, "The path is not well-formed UTF-8, or has U+0000.");
    }
    if (sv_eq(*out, SV(".")) || sv_eq(*out, SV("..")))
        return bad(fault, "The path has a segment \".\" or \"..\".");
    return true;
}

/* `path` begins with "/". */
static bool split_path(struct arena *arena, struct sv path, struct http_target *out,
                       struct http_fault *fault)
{
    struct sv rest = sv_skip(path, 1);
    struct sv raw;

    if (http_span(path, HTTP_BYTE_PATH) < path.n)
        return bad(fault, "The path has a character that has to be percent-encoded.");
    if (rest.n == 0)
        return true;
    while (sv_split(&rest, '/', &raw)) {
        if (out->segment_count == HTTP_PATH_SEGMENTS) {
            *fault = (struct http_fault){ERR_TARGET_TOO_LONG, "The path has too many segments."};
            return false;
        }
        if (!decode_segment(arena, raw, &out->segments[out->segment_count++], fault))
            return false;
    }
    return true;
}

/* Takes "http://host" off the front of an absolute form; what follows is in origin form, but for a
 * path that may be missing. */
static bool take_authority(struct sv *target, struct sv host, struct http_fault *fault)
{
    static const struct sv schemes[] = {{"http://", 7}, {"https://", 8}};
    struct sv rest = SV_NONE;
    struct sv authority;

    for (size_t i = 0; i < COUNT_OF(schemes); i++) {
        if (sv_eq_nocase(sv_head(*target, schemes[i].n), schemes[i]))
            rest = sv_skip(*target, schemes[i].n);
    }
    authority = sv_head(rest, size_min(sv_find(rest, '/'), sv_find(rest, '?')));
    if (authority.n == 0)
        return bad(fault, "The request target is neither a path nor an http or https URI.");
    if (!sv_eq_nocase(authority, host))
        return bad(fault, "The request target's authority is not that of the Host field.");
    *target = sv_skip(rest, authority.n);
    return true;
}

bool http_target_parse(struct arena *arena, const struct http_head *head, struct http_target *out,
                       struct http_fault *fault)
{
    struct sv target = head->target;
    size_t path_end;

    *out = (struct http_target){.is_asterisk = sv_eq(target, SV("*"))};
    if (out->is_asterisk) {
        out->path = target;
        return head->method == HTTP_OPTIONS ||
               bad(fault, "The request target \"*\" is only for OPTIONS.");
    }
    if (!sv_starts_with(target, SV("/")) && !take_authority(&target, head->host, fault))
        return false;
    if (http_span(target, HTTP_BYTE_TARGET) < target.n)
        return bad(fault, "The request target has a character that has to be percent-encoded.");
    path_end = sv_find(target, '?');
    out->path = path_end ? sv_head(target, path_end) : SV("/");
    out->query = sv_skip(target, path_end + 1);
    return split_path(arena, out->path, out, fault);
}

static bool decode_form(struct arena *arena, struct sv raw, struct sv *out,
                        struct http_fault *fault)
{
    const char *why = http_form_decode(arena, raw, out);

    return !why || bad_query(fault, why);
}

static size_t count_params(struct sv query)
{
    struct sv piece;
    size_t count = 0;

    while (count <= HTTP_QUERY_PARAMS && sv_split(&query, '&', &piece))
        count += piece.n > 0;
    return count;
}

bool http_query_parse(struct arena *arena, struct sv query, const struct http_param **out,
                      size_t *out_count, struct http_fault *fault)
{
    size_t count = count_params(query);
    struct http_param *params;
    struct sv piece;
    size_t n = 0;

    *out = NULL;
    *out_count = 0;
    if (count > HTTP_QUERY_PARAMS)
        return bad_query(fault, "There are too many parameters.");
    params = ARENA_ARRAY(arena, struct http_param, count);
    while (sv_split(&query, '&', &piece)) {
        size_t name_end = sv_find(piece, '=');

        if (piece.n == 0)
            continue;
        if (!decode_form(arena, sv_head(piece, name_end), &params[n].name, fault) ||
            !decode_form(arena, sv_skip(piece, name_end + 1), &params[n].value, fault))
            return false;
        n++;
    }
    *out = params;
    *out_count = count;
    return true;
}
