/* Cross-origin requests. */
#include "cors.h"

#define METHODS "GET, HEAD, POST, PATCH, DELETE"
#define TAKES                                                                                \
    "Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key, Last-Event-ID, " \
    "X-CSRF-Token, X-Request-Id, traceparent"
#define GIVES                                                                     \
    "Content-Disposition, ETag, Idempotent-Replayed, Link, Location, RateLimit, " \
    "RateLimit-Policy, Retry-After, X-Request-Id"
#define REMEMBERED_S "600"

static bool is_origin(struct sv text)
{
    size_t scheme = sv_starts_with(text, SV("https://"))  ? 8
                    : sv_starts_with(text, SV("http://")) ? 7
                                                          : 0;

    for (size_t i = scheme; i < text.n; i++) {
        char c = text.p[i];

        if (!(c >= 'a' && c <= 'z') && !char_is_digit(c) && c != '.' && c != '-' && c != ':' &&
            c != '[' && c != ']')
            return false;
    }
    return scheme && text.n > scheme;
}

bool cors_parse(struct sv text, struct cors *out)
{
    struct sv one;

    *out = (struct cors){.count = 0};
    if (text.n == 0)
        return true;
    while (sv_split(&text, ',', &one)) {
        if (out->count == CORS_ORIGINS || !is_origin(sv_trim(one)))
            return false;
        out->origins[out->count++] = sv_trim(one);
    }
    return true;
}

bool cors_allows(const struct cors *cors, struct sv origin)
{
    for (size_t i = 0; i < cors->count; i++) {
        if (sv_eq(cors->origins[i], origin))
            return true;
    }
    return false;
}

bool cors_admit(struct req *r, const struct cors *cors)
{
    struct sv origin = req_field(r, SV("origin"));
    bool is_preflight =
        r->head.method == HTTP_OPTIONS && req_field(r, SV("access-control-request-method")).n > 0;

    if (cors->count == 0)
        return false;
    reply_field(r, "Vary", SV("Origin"));
    if (!cors_allows(cors, origin))
        return false;
    reply_field(r, "Access-Control-Allow-Origin", origin);
    reply_field(r, "Access-Control-Allow-Credentials", SV("true"));
    if (!is_preflight) {
        reply_field(r, "Access-Control-Expose-Headers", SV(GIVES));
        return false;
    }
    reply_field(r, "Access-Control-Allow-Methods", SV(METHODS));
    reply_field(r, "Access-Control-Allow-Headers", SV(TAKES));
    reply_field(r, "Access-Control-Max-Age", SV(REMEMBERED_S));
    return true;
}
