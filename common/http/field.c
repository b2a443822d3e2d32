/* Cookies, bearer tokens and entity tags. Media types and what clients prefer: negotiate.c. */
#include "http/field.h"

#include "http/bytes.h"

/* cookie-value: octets, or octets in quotation marks, which are part of the value (RFC 6265
 * §4.1.1). */
static bool is_cookie_value(struct sv value)
{
    if (value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"')
        value = sv_head(sv_skip(value, 1), value.n - 2);
    return http_span(value, HTTP_BYTE_COOKIE) == value.n;
}

static bool find_in_cookies(struct sv cookies, struct sv name, struct sv *out)
{
    struct sv pair;

    while (sv_split(&cookies, ';', &pair)) {
        size_t name_end;

        pair = sv_trim(pair);
        name_end = sv_find(pair, '=');
        if (name_end < pair.n && sv_eq(sv_head(pair, name_end), name) &&
            is_cookie_value(sv_skip(pair, name_end + 1))) {
            *out = sv_skip(pair, name_end + 1);
            return true;
        }
    }
    return false;
}

bool http_cookie_find(const struct http_head *head, struct sv name, struct sv *out)
{
    for (size_t i = 0; i < head->field_count; i++) {
        if (sv_eq_nocase(head->fields[i].name, SV("Cookie")) &&
            find_in_cookies(head->fields[i].value, name, out))
            return true;
    }
    return false;
}

static void each_in_cookies(struct sv cookies, struct sv prefix,
                            void (*each)(struct sv name, void *arg), void *arg)
{
    struct sv pair;

    while (sv_split(&cookies, ';', &pair)) {
        pair = sv_trim(pair);
        if (sv_find(pair, '=') < pair.n && sv_starts_with(pair, prefix))
            each(sv_head(pair, sv_find(pair, '=')), arg);
    }
}

void http_cookie_each(const struct http_head *head, struct sv name_prefix,
                      void (*each)(struct sv name, void *arg), void *arg)
{
    for (size_t i = 0; i < head->field_count; i++) {
        if (sv_eq_nocase(head->fields[i].name, SV("Cookie")))
            each_in_cookies(head->fields[i].value, name_prefix, each, arg);
    }
}

static bool is_token68(struct sv text)
{
    size_t n = http_span(text, HTTP_BYTE_TOKEN68);

    if (n == 0)
        return false;
    while (n < text.n && text.p[n] == '=')
        n++;
    return n == text.n;
}

bool http_bearer_token(const struct http_head *head, struct sv *out)
{
    const struct sv *value = http_head_field(head, SV("Authorization"));
    size_t scheme_end;
    struct sv token;

    if (!value || http_head_field_count(head, SV("Authorization")) > 1)
        return false;
    scheme_end = sv_find(*value, ' ');
    if (!sv_eq_nocase(sv_head(*value, scheme_end), SV("Bearer")))
        return false;
    token = sv_skip(*value, scheme_end);
    while (token.n && token.p[0] == ' ')
        token = sv_skip(token, 1);
    if (!is_token68(token))
        return false;
    *out = token;
    return true;
}

struct entity_tag {
    bool weak;
    struct sv opaque; /* with its quotation marks */
};

static bool take_entity_tag(struct sv *rest, struct entity_tag *out)
{
    size_t n;

    out->weak = sv_starts_with(*rest, SV("W/"));
    *rest = sv_skip(*rest, out->weak ? 2 : 0);
    if (!sv_starts_with(*rest, SV("\"")))
        return false;
    n = 1 + http_span(sv_skip(*rest, 1), HTTP_BYTE_ETAG);
    if (n >= rest->n || rest->p[n] != '"')
        return false;
    out->opaque = sv_head(*rest, n + 1);
    *rest = sv_skip(*rest, n + 1);
    return true;
}

/* A malformed list names what stands before the malformed place: to find nothing is the safe side,
 * for If-Match then fails and If-None-Match sends the whole. */
static bool list_names(struct sv list, struct sv etag, bool strong)
{
    struct entity_tag wanted;
    struct entity_tag listed;

    list = sv_trim(list);
    if (sv_eq(list, SV("*")))
        return true;
    if (!take_entity_tag(&etag, &wanted) || etag.n || (strong && wanted.weak))
        return false;
    while (list.n) {
        if (list.p[0] != ',') {
            if (!take_entity_tag(&list, &listed))
                return false;
            if (sv_eq(listed.opaque, wanted.opaque) && !(strong && listed.weak))
                return true;
            list = sv_trim(list);
            if (list.n && list.p[0] != ',')
                return false;
        }
        list = sv_trim(sv_skip(list, 1));
    }
    return false;
}

bool http_etag_matches_strong(struct sv field_value, struct sv etag)
{
    return list_names(field_value, etag, true);
}

bool http_etag_matches_weak(struct sv field_value, struct sv etag)
{
    return list_names(field_value, etag, false);
}
