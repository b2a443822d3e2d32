/* KITH_MAIL_URL. */
#include <curl/curl.h>

#include "mail/relay_parts.h"

/* A part in the arena, percent-decoded; NULL: there is none. */
static const char *part_of(struct arena *arena, CURLU *url, CURLUPart part)
{
    char *text = NULL;
    const char *copy;

    if (curl_url_get(url, part, &text, CURLU_URLDECODE) != CURLUE_OK)
        return NULL;
    copy = arena_cstr(arena, sv_of(text));
    curl_free(text);
    return copy;
}

static bool is_this_machine(struct sv host)
{
    return sv_eq_nocase(host, SV("localhost")) || sv_starts_with(host, SV("127.")) ||
           sv_eq(host, SV("[::1]"));
}

static const char *read_tls(const char *query, bool is_near, struct relay_place *out)
{
    static const struct {
        const char *text;
        enum relay_tls tls;
    } choices[] = {{"tls=required", RELAY_TLS_REQUIRED},
                   {"tls=optional", RELAY_TLS_OPTIONAL},
                   {"tls=off", RELAY_TLS_OFF}};

    out->tls = is_near ? RELAY_TLS_OPTIONAL : RELAY_TLS_REQUIRED;
    if (!query)
        return NULL;
    for (size_t i = 0; i < COUNT_OF(choices); i++) {
        if (sv_eq(sv_of(query), sv_of(choices[i].text))) {
            out->tls = choices[i].tls;
            return NULL;
        }
    }
    return "after \"?\" there is only tls=required, tls=optional or tls=off";
}

static const char *read_server(struct arena *arena, CURLU *url, struct relay_place *out)
{
    const char *scheme = part_of(arena, url, CURLUPART_SCHEME);
    const char *host = part_of(arena, url, CURLUPART_HOST);
    const char *port = part_of(arena, url, CURLUPART_PORT);
    const char *path = part_of(arena, url, CURLUPART_PATH);
    bool is_smtps = sv_eq(sv_of(scheme), SV("smtps"));
    bool is_near = is_this_machine(sv_of(host));
    const char *why = read_tls(part_of(arena, url, CURLUPART_QUERY), is_near, out);

    if (why)
        return why;
    if (!is_smtps && !sv_eq(sv_of(scheme), SV("smtp")))
        return "it must begin with smtp://, smtps:// or maildir:";
    if (path && !sv_eq(sv_of(path), SV("/")))
        return "a mail server has no path";
    if (is_smtps)
        out->tls = RELAY_TLS_REQUIRED;
    out->user = part_of(arena, url, CURLUPART_USER);
    out->password = part_of(arena, url, CURLUPART_PASSWORD);
    if (out->user && out->tls != RELAY_TLS_REQUIRED && !is_near)
        return "a password goes only where tls=required";
    out->server =
        arena_printf(arena, "%s://%s%s%s", scheme, host, port ? ":" : "", port ? port : "").p;
    return NULL;
}

const char *relay_place_parse(struct arena *arena, struct sv url, struct relay_place *out)
{
    CURLU *parsed;
    const char *why = "it is no URL of a mail server";

    *out = (struct relay_place){0};
    if (sv_starts_with(url, SV("maildir:"))) {
        out->maildir = arena_cstr(arena, sv_skip(url, SV("maildir:").n));
        return out->maildir[0] == '/' ? NULL : "maildir: needs a path that begins with a slash";
    }
    parsed = curl_url();
    if (!parsed)
        die("libcurl has no memory");
    if (curl_url_set(parsed, CURLUPART_URL, arena_cstr(arena, url), 0) == CURLUE_OK)
        why = read_server(arena, parsed, out);
    curl_url_cleanup(parsed);
    return why;
}
