/* Media types, and what a client prefers. Preferences are advice: a malformed element of a list is
 * passed over, and a field without any usable one counts as no field. */
#include "http/bytes.h"
#include "http/field.h"

#define QUALITY_MAX 1000 /* qualities are whole thousandths */

/* Takes a token or a quoted string off the front of *rest; the value as sent, without the quotation
 * marks. */
static bool take_param_value(struct sv *rest, struct sv *out)
{
    size_t n = http_span(*rest, HTTP_BYTE_TOKEN);

    if (rest->n == 0 || rest->p[0] != '"') {
        *out = sv_head(*rest, n);
        *rest = sv_skip(*rest, n);
        return n > 0;
    }
    for (n = 1; n < rest->n && rest->p[n] != '"'; n++)
        n += rest->p[n] == '\\';
    if (n >= rest->n)
        return false;
    *out = sv_head(sv_skip(*rest, 1), n - 1);
    *rest = sv_skip(*rest, n + 1);
    return true;
}

/* Takes `; name=value` off the front of *rest; parameters may be empty (RFC 9110 §5.6.6). False
 * when there is none: at the end *rest is then empty, before anything malformed it is not. */
static bool take_param(struct sv *rest, struct http_field *out)
{
    struct sv text = sv_trim(*rest);
    bool separated = false;

    while (sv_starts_with(text, SV(";"))) {
        text = sv_trim(sv_skip(text, 1));
        separated = true;
    }
    if (text.n == 0)
        *rest = SV_NONE;
    out->name = sv_head(text, http_span(text, HTTP_BYTE_TOKEN));
    text = sv_skip(text, out->name.n);
    if (!separated || out->name.n == 0 || !sv_starts_with(text, SV("=")))
        return false;
    text = sv_skip(text, 1);
    if (!take_param_value(&text, &out->value))
        return false;
    *rest = text;
    return true;
}

/* Takes the element before the next comma that stands outside a quoted string off the front of
 * *rest. */
static bool take_element(struct sv *rest, struct sv *out)
{
    bool quoted = false;
    size_t n = 0;

    if (!rest->n)
        return false;
    for (; n < rest->n && (quoted || rest->p[n] != ','); n++) {
        if (rest->p[n] == '"')
            quoted = !quoted;
        else if (quoted && rest->p[n] == '\\')
            n++;
    }
    *out = sv_trim(sv_head(*rest, n));
    *rest = sv_skip(*rest, n + 1);
    return true;
}

/* type "/" subtype, off the front of *rest; or the "*" of Accept. */
static bool take_media_type(struct sv *rest, struct sv *out)
{
    size_t type = http_span(*rest, HTTP_BYTE_TOKEN);
    size_t subtype;

    if (type == 0 || type >= rest->n || rest->p[type] != '/')
        return false;
    subtype = http_span(sv_skip(*rest, type + 1), HTTP_BYTE_TOKEN);
    *out = sv_head(*rest, type + 1 + subtype);
    *rest = sv_skip(*rest, out->n);
    return subtype > 0;
}

bool http_media_type_is(struct sv content_type, struct sv type)
{
    struct sv rest = sv_trim(content_type);
    struct sv found;
    struct http_field param;

    if (!take_media_type(&rest, &found) || !sv_eq_nocase(found, type))
        return false;
    while (take_param(&rest, &param)) {
        if (sv_eq_nocase(param.name, SV("charset")) && !sv_eq_nocase(param.value, SV("utf-8")))
            return false;
    }
    return rest.n == 0;
}

/* qvalue: 0 or 1 with up to three decimals (RFC 9110 §12.4.2), as thousandths; -1: malformed. */
static int quality_of(struct sv text)
{
    int quality = 0;

    if (text.n == 0 || text.n > 5 || (text.n > 1 && text.p[1] != '.'))
        return -1;
    for (size_t i = 0; i < 5; i++) {
        if (i == 1)
            continue;
        if (i < text.n && !char_is_digit(text.p[i]))
            return -1;
        quality = quality * 10 + (i < text.n ? text.p[i] - '0' : 0);
    }
    return quality <= QUALITY_MAX ? quality : -1;
}

/* The quality among an element's parameters; the others are none of ours (RFC 9110 §12.5.1). */
static int take_quality(struct sv params)
{
    int quality = QUALITY_MAX;
    struct http_field param;

    while (take_param(&params, &param)) {
        if (sv_eq_nocase(param.name, SV("q")))
            quality = quality_of(param.value);
    }
    return params.n == 0 ? quality : -1;
}

struct preference {
    int quality; /* -1: the offer is not named */
    int specificity;
};

/* How closely a range names a type: 2 for itself, 1 for "type/" and a star, 0 for all; -1 for not
 * at all. */
static int specificity_of(struct sv range, struct sv type)
{
    if (sv_eq(range, SV("*/*")))
        return 0;
    if (sv_eq_nocase(range, type))
        return 2;
    return sv_ends_with(range, SV("/*")) &&
                   sv_eq_nocase(sv_head(range, range.n - 1), sv_head(type, range.n - 1))
               ? 1
               : -1;
}

/* Looks through one Accept field for the range that names the offer most closely. Counts the
 * well-formed. */
static size_t look_for_offer(struct sv accept, struct sv offer, struct preference *best)
{
    struct sv type = sv_trim(sv_head(offer, sv_find(offer, ';')));
    struct sv element;
    size_t count = 0;

    while (take_element(&accept, &element)) {
        struct sv range;
        int quality;
        int specificity;

        if (!take_media_type(&element, &range) || (quality = take_quality(element)) < 0)
            continue;
        count++;
        specificity = specificity_of(range, type);
        if (specificity > best->specificity)
            *best = (struct preference){quality, specificity};
    }
    return count;
}

static bool is_better(struct preference a, struct preference b)
{
    return a.quality > b.quality || (a.quality == b.quality && a.specificity > b.specificity);
}

int http_accept_best(const struct http_head *head, const struct sv *offers, size_t offer_count)
{
    struct preference best = {0, -1};
    size_t ranges = 0;
    int index = -1;

    for (size_t offer = 0; offer < offer_count; offer++) {
        struct preference preference = {-1, -1};

        for (size_t i = 0; i < head->field_count; i++) {
            if (sv_eq_nocase(head->fields[i].name, SV("Accept")))
                ranges += look_for_offer(head->fields[i].value, offers[offer], &preference);
        }
        if (preference.quality > 0 && is_better(preference, best)) {
            best = preference;
            index = (int)offer;
        }
    }
    return ranges || offer_count == 0 ? index : 0;
}

/* Finds the longest front of the range, cut at hyphens, that is an offer; "*" is the first one. A
 * single letter or digit goes with what it introduces (RFC 4647 §3.4). */
static int lookup(struct sv range, const struct sv *offers, size_t offer_count)
{
    if (sv_eq(range, SV("*")))
        return offer_count ? 0 : -1;
    while (range.n) {
        for (size_t i = 0; i < offer_count; i++) {
            if (sv_eq_nocase(range, offers[i]))
                return (int)i;
        }
        do
            range.n--;
        while (range.n && range.p[range.n] != '-');
        if (range.n >= 2 && range.p[range.n - 2] == '-')
            range.n -= 2;
    }
    return -1;
}

int http_language_best(const struct http_head *head, const struct sv *offers, size_t offer_count)
{
    int best_quality = 0;
    int best = 0;

    for (size_t i = 0; i < head->field_count; i++) {
        struct sv list = head->fields[i].value;
        struct sv element;

        if (!sv_eq_nocase(head->fields[i].name, SV("Accept-Language")))
            continue;
        while (take_element(&list, &element)) {
            struct sv range = sv_head(element, http_span(element, HTTP_BYTE_TOKEN));
            int quality = take_quality(sv_skip(element, range.n));
            int found = quality > best_quality ? lookup(range, offers, offer_count) : -1;

            if (found >= 0) {
                best = found;
                best_quality = quality;
            }
        }
    }
    return best;
}

bool http_coding_is_accepted(const struct http_head *head, struct sv coding)
{
    int named = -1;
    int any = -1;

    for (size_t i = 0; i < head->field_count; i++) {
        struct sv list = head->fields[i].value;
        struct sv element;

        if (!sv_eq_nocase(head->fields[i].name, SV("Accept-Encoding")))
            continue;
        while (take_element(&list, &element)) {
            struct sv name = sv_head(element, http_span(element, HTTP_BYTE_TOKEN));
            int quality = take_quality(sv_skip(element, name.n));

            if (sv_eq_nocase(name, coding))
                named = quality > named ? quality : named;
            else if (sv_eq(name, SV("*")))
                any = quality > any ? quality : any;
        }
    }
    return named >= 0 ? named > 0 : any > 0;
}
