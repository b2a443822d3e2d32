/* Reading KITH_REDIS_URL. */
#include "bus/url.h"

#include "base/encode.h"

#define UNIX_PATH_MOST 107 /* bytes in sockaddr_un */

static bool parse_path(struct arena *arena, struct sv path, struct bus_url *out)
{
    out->path = arena_cstr(arena, path);
    return path.n > 0 && path.n <= UNIX_PATH_MOST && path.p[0] == '/';
}

static bool parse_credentials(struct arena *arena, struct sv text, struct bus_url *out)
{
    size_t colon = sv_find(text, ':');
    struct sv user;
    struct sv password;

    if (colon == text.n || !percent_decode(arena, sv_head(text, colon), &user) ||
        !percent_decode(arena, sv_skip(text, colon + 1), &password))
        return false;
    out->user = user.n ? user.p : NULL;
    out->password = password.p;
    return password.n > 0 && sv_find(user, '\0') == user.n && sv_find(password, '\0') == password.n;
}

/* Takes the host, without its brackets, off the front; empty when there is none. */
static struct sv take_host(struct sv *rest)
{
    bool has_brackets = sv_starts_with(*rest, SV("["));
    size_t end = sv_find(*rest, has_brackets ? ']' : ':');
    struct sv host = sv_head(*rest, end);

    if (has_brackets)
        host = end < rest->n ? sv_skip(host, 1) : SV_NONE;
    *rest = sv_skip(*rest, end + (has_brackets ? 1 : 0));
    return host;
}

static bool parse_place(struct arena *arena, struct sv rest, struct bus_url *out)
{
    struct sv host = take_host(&rest);
    int64_t port = BUS_PORT_DEFAULT;

    if (rest.n && (rest.p[0] != ':' || !sv_to_i64(sv_skip(rest, 1), 1, 65535, &port)))
        return false;
    out->host = arena_cstr(arena, host);
    out->port = (int)port;
    return host.n > 0;
}

bool bus_url_parse(struct arena *arena, struct sv text, struct bus_url *out)
{
    struct sv rest;
    size_t slash;
    size_t at;

    *out = (struct bus_url){0};
    if (sv_starts_with(text, SV("unix://")))
        return parse_path(arena, sv_skip(text, 7), out);
    if (sv_starts_with(text, SV("unix:")))
        return parse_path(arena, sv_skip(text, 5), out);
    if (!sv_starts_with(text, SV("redis://")))
        return false;
    rest = sv_skip(text, 8);
    slash = sv_find(rest, '/');
    if (slash < rest.n && !sv_eq(sv_skip(rest, slash), SV("/")) &&
        !sv_eq(sv_skip(rest, slash), SV("/0")))
        return false;
    rest = sv_head(rest, slash);
    at = sv_find(rest, '@');
    if (at < rest.n && !parse_credentials(arena, sv_head(rest, at), out))
        return false;
    return parse_place(arena, at < rest.n ? sv_skip(rest, at + 1) : rest, out);
}
