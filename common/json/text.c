/* Texts: one line or many, e-mail addresses, locales and zones. */
#include "json/scalar.h"

#include <inttypes.h>
#include <string.h>

#define EMAIL_LOCAL_BYTES 64 /* RFC 5321 §4.5.3.1.1 */
#define ZONE_BYTES        64
#define ZONE_PART_BYTES   32

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct sv scalar_trim(struct sv text)
{
    while (text.n && is_space(text.p[0]))
        text = sv_skip(text, 1);
    while (text.n && is_space(text.p[text.n - 1]))
        text.n--;
    return text;
}

bool scalar_fits_length(struct scalar *s)
{
    struct json_limits limits = json_field_limits(s->field);
    int64_t length = (int64_t)sv_utf8_length(s->text);

    if (limits.min >= 1 && scalar_trim(s->text).n == 0)
        return scalar_refuse(s, JSON_FAULT_TOO_SHORT, "must not be empty");
    if (length < limits.min)
        return scalar_refuse(s, JSON_FAULT_TOO_SHORT,
                             "must have at least %" PRId64 " characters; it has %" PRId64,
                             limits.min, length);
    if (length > limits.max)
        return scalar_refuse(s, JSON_FAULT_TOO_LONG,
                             "must have at most %" PRId64 " characters; it has %" PRId64,
                             limits.max, length);
    return true;
}

/* C1's controls; and U+FFFE and U+FFFF, which are no characters, and which no XML may hold: neither
 * a spreadsheet nor a feed. */
static bool is_control(struct sv utf8)
{
    return (sv_starts_with(utf8, SV("\xc2")) && utf8.n > 1 && (unsigned char)utf8.p[1] < 0xa0) ||
           sv_starts_with(utf8, SV("\xef\xbf\xbe")) || sv_starts_with(utf8, SV("\xef\xbf\xbf"));
}

/* Position of the first control character that is not in `allowed`; or text.n. */
static size_t find_control(struct sv text, const char *allowed)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        bool is_c0 = (c < 0x20 && (c == 0 || !strchr(allowed, c))) || c == 0x7f;

        if (is_c0 || (c > 0x7f && is_control(sv_skip(text, i))))
            return i;
    }
    return text.n;
}

static bool parse_lines(struct scalar *s, const char *allowed, struct json_value *out)
{
    size_t at = find_control(s->text, allowed);

    if (at < s->text.n)
        return scalar_refuse(s, JSON_FAULT_CONTROL_CHARACTER,
                             "must not have control characters; there is one after %zu characters",
                             sv_utf8_length(sv_head(s->text, at)));
    if (!scalar_fits_length(s))
        return false;
    out->text = arena_copy(s->arena, s->text);
    return true;
}

bool scalar_parse_text(struct scalar *s, struct json_value *out)
{
    s->text = scalar_trim(s->text);
    return parse_lines(s, "", out);
}

bool scalar_parse_long_text(struct scalar *s, struct json_value *out)
{
    return parse_lines(s, "\t\n", out);
}

static struct sv lower_copy(struct arena *arena, struct sv text)
{
    char *lower = arena_alloc(arena, text.n + 1);

    for (size_t i = 0; i < text.n; i++)
        lower[i] = char_lower(text.p[i]);
    lower[text.n] = '\0';
    return (struct sv){lower, text.n};
}

static bool is_ascii(struct sv text)
{
    for (size_t i = 0; i < text.n; i++) {
        if ((unsigned char)text.p[i] > 0x7f)
            return false;
    }
    return true;
}

/* RFC 5322's dot-atom. */
static bool is_email_local(struct sv text)
{
    struct sv atom;

    while (sv_split(&text, '.', &atom)) {
        if (atom.n == 0)
            return false;
        for (size_t i = 0; i < atom.n; i++) {
            char c = atom.p[i];

            if (!char_is_alpha(c) && !char_is_digit(c) && !strchr("!#$%&'*+-/=?^_`{|}~", c))
                return false;
        }
    }
    return true;
}

/* Why the address is not one, or NULL. No quotes, comments or address literals: nobody's contact
 * has one, and each is a way to smuggle something through a mail header. */
static const char *email_trouble(struct sv email)
{
    size_t at = sv_find(email, '@');
    struct sv local = sv_head(email, at);
    struct sv domain = sv_skip(email, at + 1);

    if (at == email.n || sv_find(domain, '@') != domain.n)
        return "must have one \"@\"";
    if (local.n == 0 || local.n > EMAIL_LOCAL_BYTES)
        return "must have 1 to 64 characters before the \"@\"";
    if (!is_email_local(local))
        return "must have only letters, digits, single dots and !#$%&'*+-/=?^_`{|}~ before the "
               "\"@\"";
    if (!scalar_is_host(domain) || sv_find(domain, '.') == domain.n)
        return "must have a domain such as example.org after the \"@\"";
    return NULL;
}

bool scalar_parse_email(struct scalar *s, struct json_value *out)
{
    const char *trouble;

    s->text = scalar_trim(s->text);
    if (!is_ascii(s->text))
        return scalar_refuse(
            s, JSON_FAULT_EMAIL_NOT_ASCII,
            "must be an e-mail address of ASCII characters; write an international "
            "domain in its xn-- form");
    if (!scalar_fits_length(s))
        return false;
    trouble = email_trouble(s->text);
    if (trouble)
        return scalar_refuse(s, JSON_FAULT_INVALID_EMAIL, "%s", trouble);
    out->text = lower_copy(s->arena, s->text);
    return true;
}

static bool is_all(struct sv text, bool (*test)(char c))
{
    for (size_t i = 0; i < text.n; i++) {
        if (!test(text.p[i]))
            return false;
    }
    return true;
}

/* Copies a subtag in the case RFC 5646 §2.1.1 gives it: "es", "Hans", "MX". */
static void add_subtag(char *out, struct sv subtag, bool first_upper, bool rest_upper)
{
    for (size_t i = 0; i < subtag.n; i++) {
        char lower = char_lower(subtag.p[i]);
        bool is_upper = i == 0 ? first_upper : rest_upper;

        out[i] = is_upper && char_is_alpha(lower) ? (char)(lower - 'a' + 'A') : lower;
    }
}

/* Language of two or three letters, then perhaps a script of four letters and a region of two
 * letters or three digits, written to `out` of as many bytes. */
static bool locale_canonical(struct sv text, char *out)
{
    struct sv rest = text;
    struct sv subtag;
    enum { LANGUAGE, SCRIPT, REGION, END } next = LANGUAGE;

    while (sv_split(&rest, '-', &subtag)) {
        char *to = out + (subtag.p - text.p);
        bool is_alpha = is_all(subtag, char_is_alpha);

        if (next == LANGUAGE && is_alpha && (subtag.n == 2 || subtag.n == 3)) {
            add_subtag(to, subtag, false, false);
            next = SCRIPT;
        } else if (next == SCRIPT && is_alpha && subtag.n == 4) {
            add_subtag(to, subtag, true, false);
            next = REGION;
        } else if ((next == SCRIPT || next == REGION) &&
                   ((is_alpha && subtag.n == 2) ||
                    (subtag.n == 3 && is_all(subtag, char_is_digit)))) {
            add_subtag(to, subtag, true, true);
            next = END;
        } else {
            return false;
        }
        if (rest.p)
            to[subtag.n] = '-';
    }
    return next != LANGUAGE;
}

bool scalar_parse_locale(struct scalar *s, struct json_value *out)
{
    char canonical[sizeof "lng-Scrp-RE_"];

    if (s->text.n >= sizeof canonical || !locale_canonical(s->text, canonical))
        return scalar_refuse(s, JSON_FAULT_INVALID_LOCALE,
                             "must be a language tag such as en, es-MX or zh-Hans");
    out->text = arena_copy(s->arena, (struct sv){canonical, s->text.n});
    return true;
}

static bool is_zone_char(char c)
{
    return char_is_alpha(c) || char_is_digit(c) || c == '_' || c == '+' || c == '-';
}

static bool is_zone(struct sv text)
{
    struct sv part;
    size_t parts = 0;

    if (text.n > ZONE_BYTES)
        return false;
    for (; sv_split(&text, '/', &part); parts++) {
        if (part.n == 0 || part.n > ZONE_PART_BYTES || !char_is_alpha(part.p[0]) ||
            !is_all(part, is_zone_char))
            return false;
    }
    return parts >= 1 && parts <= 3;
}

bool scalar_parse_zone(struct scalar *s, struct json_value *out)
{
    if (!is_zone(s->text))
        return scalar_refuse(s, JSON_FAULT_INVALID_ZONE,
                             "must be the name of an IANA time zone such as America/Chicago");
    out->text = arena_copy(s->arena, s->text);
    return true;
}
