/* Values of fields. The first byte says which field the rest is the value of; a line feed, which no
 * value has, makes it two fields. */
#include <string.h>

#include "http/field.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const struct sv offers[] = {
    {"application/json", 16}, {"text/html; charset=utf-8", 24}, {"text/csv", 8}};
static const struct sv languages[] = {{"en", 2}, {"es", 2}, {"zh-Hant", 7}};

static void check_cookie(const struct http_head *head, struct sv text)
{
    struct sv value;

    if (!http_cookie_find(head, SV("sid"), &value))
        return;
    ENSURE(value.p >= text.p && value.p + value.n <= text.p + text.n);
    ENSURE(value.p - text.p >= 4 && memcmp(value.p - 4, "sid=", 4) == 0);
    ENSURE(sv_find(value, ';') == value.n && sv_find(value, ' ') == value.n);
}

static void check_bearer(const struct http_head *head, struct sv text)
{
    struct sv token;

    if (!http_bearer_token(head, &token))
        return;
    ENSURE(head->field_count == 1 && token.n > 0);
    ENSURE(token.p > text.p && token.p + token.n <= text.p + text.n);
    for (size_t i = 0; i < token.n; i++)
        ENSURE(token.p[i] > ' ' && token.p[i] != ',' && token.p[i] != '"');
}

static void check_accept(const struct http_head *head, struct sv text)
{
    int best = http_accept_best(head, offers, COUNT_OF(offers));

    (void)text;
    ENSURE(best >= -1 && best < (int)COUNT_OF(offers));
    ENSURE(http_accept_best(head, offers, 0) == -1);
    /* one offer among others is not taken when it would not be taken alone */
    ENSURE(best < 0 || http_accept_best(head, &offers[best], 1) == 0);
}

static void check_language(const struct http_head *head, struct sv text)
{
    int best = http_language_best(head, languages, COUNT_OF(languages));

    (void)text;
    ENSURE(best >= 0 && best < (int)COUNT_OF(languages));
    ENSURE(http_language_best(head, languages, 0) == 0);
}

static void check_media_type(const struct http_head *head, struct sv text)
{
    static const struct sv type = {"application/json", 16};

    (void)head;
    if (http_media_type_is(text, type))
        ENSURE(sv_eq_nocase(sv_head(sv_trim(text), type.n), type));
}

static void check_etag(const struct http_head *head, struct sv text)
{
    static const struct sv etag = {"\"v7\"", 4};
    bool strong = http_etag_matches_strong(text, etag);
    bool weak = http_etag_matches_weak(text, etag);

    (void)head;
    ENSURE(weak || !strong);
    ENSURE(http_etag_matches_weak(text, SV("W/\"v7\"")) == weak);
    if (weak && !sv_eq(sv_trim(text), SV("*")))
        ENSURE(memmem(text.p, text.n, etag.p, etag.n) != NULL);
    ENSURE(!http_etag_matches_strong(text, SV("W/\"v7\"")) || sv_eq(sv_trim(text), SV("*")));
    /* an entity tag matches itself */
    if (http_etag_matches_weak(text, text) && !sv_eq(sv_trim(text), SV("*")))
        ENSURE(http_etag_matches_strong(text, text) != sv_starts_with(text, SV("W/")));
}

static const struct {
    struct sv name;
    void (*check)(const struct http_head *head, struct sv text);
} checks[] = {
    {{"Cookie", 6}, check_cookie},
    {{"Authorization", 13}, check_bearer},
    {{"Accept", 6}, check_accept},
    {{"Accept-Language", 15}, check_language},
    {{"Content-Type", 12}, check_media_type},
    {{"If-None-Match", 13}, check_etag},
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct sv text = sv_skip((struct sv){(const char *)bytes, size}, 1);
    size_t which = size ? (bytes[0] & 0x0f) % COUNT_OF(checks) : 0;
    size_t cut = sv_find(text, '\n');
    const struct http_field fields[] = {
        {checks[which].name, sv_trim(sv_head(text, cut))},
        {checks[which].name, sv_trim(sv_skip(text, cut + 1))},
    };
    struct http_head head = {.fields = fields, .field_count = cut < text.n ? 2 : 1};

    checks[which].check(&head, text);
    return 0;
}
