/* Addresses of the web and the host names in them (RFC 3986, RFC 1123). What is stored here is
 * shown as a link, so it is http or https, names no user, and has no character that a reader must
 * guess. */
#include "json/scalar.h"

#include <string.h>

#define HOST_BYTES  255
#define LABEL_BYTES 63
#define PORT_MAX    65535

static bool is_label(struct sv label)
{
    if (label.n == 0 || label.n > LABEL_BYTES || label.p[0] == '-' || label.p[label.n - 1] == '-')
        return false;
    for (size_t i = 0; i < label.n; i++) {
        if (!char_is_alpha(label.p[i]) && !char_is_digit(label.p[i]) && label.p[i] != '-')
            return false;
    }
    return true;
}

/* Labels whose last one has a letter, for digits alone are an address in disguise. */
bool scalar_is_host(struct sv text)
{
    struct sv label = SV_NONE;
    bool has_letter = false;

    if (text.n == 0 || text.n > HOST_BYTES)
        return false;
    while (sv_split(&text, '.', &label)) {
        if (!is_label(label))
            return false;
    }
    for (size_t i = 0; i < label.n; i++)
        has_letter |= char_is_alpha(label.p[i]);
    return has_letter;
}

static bool is_port(struct sv text)
{
    uint64_t port;

    return text.n <= 5 && sv_to_u64(text, PORT_MAX, &port) && port > 0;
}

static bool is_authority(struct sv text)
{
    size_t colon = sv_find(text, ':');

    return scalar_is_host(sv_head(text, colon)) &&
           (colon == text.n || is_port(sv_skip(text, colon + 1)));
}

/* RFC 3986's unreserved, sub-delims, ":", "@", "/" and "?", one "#", and well-formed "%XX". */
static bool is_path_on(struct sv text)
{
    size_t fragments = 0;

    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];

        if (c == '%') {
            if (text.n - i < 3 || char_hex_value(text.p[i + 1]) < 0 ||
                char_hex_value(text.p[i + 2]) < 0)
                return false;
        } else if (c == '#') {
            fragments++;
        } else if (!char_is_alpha(c) && !char_is_digit(c) &&
                   (c == '\0' || !strchr("-._~!$&'()*+,;=:@/?", c))) {
            return false;
        }
    }
    return fragments <= 1;
}

static size_t scheme_length(struct sv text)
{
    if (sv_eq_nocase(sv_head(text, 8), SV("https://")))
        return 8;
    return sv_eq_nocase(sv_head(text, 7), SV("http://")) ? 7 : 0;
}

static size_t authority_length(struct sv text)
{
    size_t n = 0;

    while (n < text.n && !strchr("/?#", text.p[n]))
        n++;
    return n;
}

bool scalar_parse_url(struct scalar *s, struct json_value *out)
{
    size_t scheme;
    size_t authority;
    char *url;

    s->text = scalar_trim(s->text);
    if (!scalar_fits_length(s))
        return false;
    scheme = scheme_length(s->text);
    authority = authority_length(sv_skip(s->text, scheme));
    if (!scheme || !is_authority(sv_head(sv_skip(s->text, scheme), authority)))
        return scalar_refuse(s, JSON_FAULT_INVALID_URL,
                             "must start with http:// or https:// and the name of a host");
    if (!is_path_on(sv_skip(s->text, scheme + authority)))
        return scalar_refuse(s, JSON_FAULT_INVALID_URL,
                             "must have only the characters of a URL; write others as %%XX");
    url = arena_alloc(s->arena, s->text.n + 1);
    for (size_t i = 0; i < s->text.n; i++)
        url[i] = i < scheme + authority ? char_lower(s->text.p[i]) : s->text.p[i];
    url[s->text.n] = '\0';
    out->text = (struct sv){url, s->text.n};
    return true;
}
