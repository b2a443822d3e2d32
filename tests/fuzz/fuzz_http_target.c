/* Targets and queries: any bytes; and what is encoded into them comes out again. */
#include "base/encode.h"
#include "http/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static bool is_inside(struct sv part, struct sv whole)
{
    return part.n == 0 || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

static void check_query(struct arena *arena, struct sv query)
{
    const struct http_param *params;
    size_t count;
    struct http_fault fault = {ERROR_COUNT, NULL};

    if (!http_query_parse(arena, query, &params, &count, &fault)) {
        ENSURE(fault.code == ERR_INVALID_QUERY && fault.why && count == 0);
        return;
    }
    ENSURE(count <= HTTP_QUERY_PARAMS);
    for (size_t i = 0; i < count; i++)
        ENSURE(sv_is_utf8(params[i].name) && sv_is_utf8(params[i].value));
}

/* A parsed path, built again from its segments, has to be the same path; up to the encoding. */
static void check_segments(struct arena *arena, const struct http_target *target)
{
    struct sv raw = sv_skip(target->path, 1);
    struct sv piece;
    size_t count = 0;

    while (raw.n + count && sv_split(&raw, '/', &piece)) {
        struct sv decoded;

        ENSURE(count < target->segment_count);
        ENSURE(percent_decode(arena, piece, &decoded));
        ENSURE(sv_eq(decoded, target->segments[count]));
        ENSURE(sv_is_utf8(decoded) && !sv_eq(decoded, SV(".")) && !sv_eq(decoded, SV("..")));
        count++;
    }
    ENSURE(count == target->segment_count);
}

static void check_target(struct arena *arena, struct sv text, enum http_method method)
{
    struct http_head head = {.method = method, .target = text, .host = SV("h")};
    struct http_target target;
    struct http_fault fault = {ERROR_COUNT, NULL};

    if (!http_target_parse(arena, &head, &target, &fault)) {
        ENSURE(fault.why != NULL);
        ENSURE(fault.code == ERR_MALFORMED_REQUEST || fault.code == ERR_TARGET_TOO_LONG);
        return;
    }
    ENSURE(is_inside(target.query, text));
    if (target.is_asterisk)
        return;
    ENSURE(is_inside(target.path, text) || sv_eq(target.path, SV("/")));
    ENSURE(sv_starts_with(target.path, SV("/")));
    check_segments(arena, &target);
    check_query(arena, target.query);
}

/* Encoded text is one segment and one parameter, whatever it is, when it may be said at all. */
static void check_round_trip(struct arena *arena, struct sv text)
{
    struct sv encoded = percent_encode(arena, text);
    struct http_head head = {.method = HTTP_GET,
                             .target = arena_printf(arena, "/a/%.*s?%.*s=%.*s", SV_ARG(encoded),
                                                    SV_ARG(encoded), SV_ARG(encoded)),
                             .host = SV("h")};
    bool dots = sv_eq(text, SV(".")) || sv_eq(text, SV(".."));
    const struct http_param *params;
    size_t count;
    struct http_target target;
    struct http_fault fault;

    ENSURE(http_target_parse(arena, &head, &target, &fault) == (sv_is_utf8(text) && !dots));
    if (!sv_is_utf8(text) || dots)
        return;
    ENSURE(target.segment_count == 2 && sv_eq(target.segments[1], text));
    ENSURE(http_query_parse(arena, target.query, &params, &count, &fault) && count == 1);
    ENSURE(sv_eq(params[0].name, text) && sv_eq(params[0].value, text));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct sv text = {(const char *)bytes, size};
    struct arena *arena = arena_new(MB(4));

    check_target(arena, text, HTTP_GET);
    check_target(arena, text, HTTP_OPTIONS);
    check_query(arena, text);
    check_round_trip(arena, text);
    arena_free(arena);
    return 0;
}
