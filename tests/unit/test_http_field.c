/* Values of fields: cookies, bearer tokens, media types, what clients prefer, entity tags. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "http/field.h"

/* A head with up to two fields of that name; NULL for none. */
#define HEAD(field_name, first, second)                                                         \
    ((struct http_head){.fields = (const struct http_field[]){{SV(field_name), sv_of(first)},   \
                                                              {SV(field_name), sv_of(second)}}, \
                        .field_count = (first) ? (second) ? 2 : 1 : 0})

static void test_cookies(void **state)
{
    static const struct {
        const char *first;
        const char *second;
        const char *value; /* of "sid"; NULL: there is none */
    } rows[] = {
        {NULL, NULL, NULL},
        {"", NULL, NULL},
        {"sid=abc", NULL, "abc"},
        {"a=b; sid=abc; c=d", NULL, "abc"},
        {"a=b;sid=abc", NULL, "abc"},
        {"sid=", NULL, ""},
        {"sid=a=b==", NULL, "a=b=="},
        {"sid=\"abc\"", NULL, "\"abc\""},
        {"sid=1; sid=2", NULL, "1"},
        {"a=b", "sid=abc", "abc"},
        {"SID=abc", NULL, NULL},
        {"xsid=abc", NULL, NULL},
        {"sid", NULL, NULL},
        {"; ;=x; sid; sid=abc", NULL, "abc"},
        {"sid=a b; sid=abc", NULL, "abc"},
        {"sid=a,b", NULL, NULL},
        {"sid=\"abc", NULL, NULL},
        {"sid=a\\b", NULL, NULL},
        {"sid=\xc3\xa9", NULL, NULL},
        {"sid =abc", NULL, NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct http_head head = HEAD("cookie", rows[i].first, rows[i].second);
        struct sv value = SV_NONE;

        if (http_cookie_find(&head, SV("sid"), &value) != (rows[i].value != NULL) ||
            !sv_eq(value, sv_of(rows[i].value)))
            fail_msg("row %zu: %.*s", i, SV_ARG(value));
    }
}

static void test_bearer_tokens(void **state)
{
    static const struct {
        const char *first;
        const char *second;
        const char *token;
    } rows[] = {
        {"Bearer abc", NULL, "abc"},
        {"bEARER aZ09-._~+/==", NULL, "aZ09-._~+/=="},
        {"Bearer   abc", NULL, "abc"},
        {NULL, NULL, NULL},
        {"", NULL, NULL},
        {"Bearer", NULL, NULL},
        {"Bearer ", NULL, NULL},
        {"Bearer =", NULL, NULL},
        {"Bearer a=b", NULL, NULL},
        {"Bearer a b", NULL, NULL},
        {"Bearer a,b", NULL, NULL},
        {"Bearer \"a\"", NULL, NULL},
        {"Bearer\tabc", NULL, NULL},
        {"Bearer \xc3\xa9", NULL, NULL},
        {"Bearerabc", NULL, NULL},
        {"Basic YTpi", NULL, NULL},
        {"Bearer abc", "Bearer abc", NULL},
        {"Basic YTpi", "Bearer abc", NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct http_head head = HEAD("authorization", rows[i].first, rows[i].second);
        struct sv token = SV_NONE;

        if (http_bearer_token(&head, &token) != (rows[i].token != NULL) ||
            !sv_eq(token, sv_of(rows[i].token)))
            fail_msg("row %zu: %.*s", i, SV_ARG(token));
    }
}

static void test_media_types(void **state)
{
    static const struct {
        const char *content_type;
        bool is;
    } rows[] = {
        {"application/json", true},
        {"Application/JSON", true},
        {" application/json ", true},
        {"application/json;charset=utf-8", true},
        {"application/json ; Charset=\"UTF-8\"", true},
        {"application/json; v=1;a=\"b;charset=latin1\\\"\"", true},
        {"application/json;charset=utf-8;charset=latin1", false},
        {"application/json;charset=iso-8859-1", false},
        {"application/json;charset=", false},
        {"application/json;charset=\"\"", false},
        {"application/json;charset=\"utf-8", false},
        {"application/json;", true},
        {"application/json; ;; charset=utf-8 ;", true},
        {"application/json;;charset=latin1", false},
        {"application/json; v", false},
        {"application/json; v =1", false},
        {"application/json v=1", false},
        {"application/jsonx", false},
        {"application/merge-patch+json", false},
        {"text/json", false},
        {"application", false},
        {"application/", false},
        {"/json", false},
        {"", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (http_media_type_is(sv_of(rows[i].content_type), SV("application/json")) != rows[i].is)
            fail_msg("%s", rows[i].content_type);
    }
    assert_false(http_media_type_is(SV_NONE, SV("application/json")));
}

static void test_accept(void **state)
{
    static const struct sv offers[] = {
        {"application/json", 16}, {"text/html; charset=utf-8", 24}, {"text/csv", 8}};
    static const struct {
        const char *first;
        const char *second;
        int best;
    } rows[] = {
        {NULL, NULL, 0},
        {"*/*", NULL, 0},
        {"text/csv", NULL, 2},
        {"TEXT/CSV", NULL, 2},
        {"text/*", NULL, 1},
        {"text/*, text/csv", NULL, 2}, /* the same quality, named more closely */
        {"text/*;q=0.9, text/csv;q=0.8", NULL, 1},
        {"text/html,application/xhtml+xml,*/*;q=0.8", NULL, 1}, /* a browser */
        {"application/json;q=0.5, text/csv;q=0.501", NULL, 2},
        {"application/json;q=0.5", "text/csv;q=0.6", 2},
        {"application/json;q=0, */*", NULL, 1},
        {"text/*;q=0, */*;q=0.1", NULL, 0},
        {"*/*;q=0", NULL, -1},
        {"image/png", NULL, -1},
        {"application/json;q=0", NULL, -1},
        {"application/json;v=\"a,b\";q=0.2, text/csv;q=0.3", NULL, 2},
        {"application/json;v=\"a\\\",b\";q=0.2, text/csv;q=0.3", NULL, 2},
        {"application/json;charset=utf-8", NULL, 0},
        /* what is malformed is passed over; with nothing else it is no field */
        {"", NULL, 0},
        {", ,", NULL, 0},
        {"text", NULL, 0},
        {"text/csv;q=2", NULL, 0},
        {"text/csv;q=", NULL, 0},
        {"text/csv;q=1.001", NULL, 0},
        {"text/csv;q=0.1234", NULL, 0},
        {"text/csv;q=-1", NULL, 0},
        {"text/csv;q=.5", NULL, 0},
        {"text/csv;q=0,5", NULL, -1},
        {"text/csv;q=1.000, x/y", NULL, 2},
        {"text/csv;q=1., x/y", NULL, 2},
        {"text/csv;q=x, text/html;q=0.1", NULL, 1},
        {"*/json, text/html;q=0.1", NULL, 1},
        {"text/csv q=1, text/html;q=0.1", NULL, 1},
        {"text/csv;a=\"b, text/html", NULL, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct http_head head = HEAD("accept", rows[i].first, rows[i].second);
        int best = http_accept_best(&head, offers, COUNT_OF(offers));

        if (best != rows[i].best)
            fail_msg("%s: %d", rows[i].first, best);
    }
}

static void test_accept_language(void **state)
{
    static const struct sv offers[] = {{"en", 2}, {"es", 2}, {"zh-Hant", 7}};
    static const struct {
        const char *first;
        const char *second;
        int best;
    } rows[] = {
        {NULL, NULL, 0},
        {"es", NULL, 1},
        {"ES-mx", NULL, 1},
        {"es-419-x-a", NULL, 1},
        {"zh-Hant-CN-x-private1-private2", NULL, 2}, /* the RFC's own example */
        {"zh-Hant-x-a", NULL, 2},
        {"zh", NULL, 0}, /* a lookup does not widen */
        {"zh-Hans", NULL, 0},
        {"fr", NULL, 0},
        {"fr, es-MX;q=0.8, en;q=0.5", NULL, 1},
        {"en;q=0.5, es;q=0.8", NULL, 1},
        {"en;q=0.5", "es;q=0.8", 1},
        {"en, es", NULL, 0},
        {"es, en", NULL, 1},
        {"*, es;q=0.5", NULL, 0},
        {"es;q=0.5, *;q=0.1", NULL, 1},
        {"es;q=0", NULL, 0},
        {"es;q=x, en", NULL, 0},
        {"x-es", NULL, 0},
        {"", NULL, 0},
        {"-", NULL, 0},
        {"--", NULL, 0},
        {"es-", NULL, 1},
        {"esx", NULL, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct http_head head = HEAD("accept-language", rows[i].first, rows[i].second);
        int best = http_language_best(&head, offers, COUNT_OF(offers));

        if (best != rows[i].best)
            fail_msg("%s: %d", rows[i].first, best);
    }
}

static void test_content_codings(void **state)
{
    static const struct {
        const char *first;
        const char *second;
        bool is_accepted;
    } rows[] = {
        {"br", NULL, true},      {"gzip, deflate, BR", NULL, true},
        {"gzip", NULL, false},   {"gzip", "br;q=0.001", true},
        {"br;q=0", NULL, false}, {"br;q=0, *", NULL, false},
        {"*", NULL, true},       {"*;q=0", NULL, false},
        {"br;q=x", NULL, false}, {"", NULL, false},
        {"brotli", NULL, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct http_head head = HEAD("accept-encoding", rows[i].first, rows[i].second);

        if (http_coding_is_accepted(&head, SV("br")) != rows[i].is_accepted)
            fail_msg("%s", rows[i].first);
    }
    assert_false(http_coding_is_accepted(&(struct http_head){0}, SV("br")));
}

/* Each looks at its own field only, among others. */
static void test_fields_do_not_mix(void **state)
{
    static const struct http_field fields[] = {
        {{"X-Cookie", 8}, {"sid=x", 5}},       {{"Accept-Language", 15}, {"es", 2}},
        {{"Accept", 6}, {"text/csv", 8}},      {{"Accept-Encoding", 15}, {"en, */*", 7}},
        {{"Authorizatio", 12}, {"Bearer", 6}}, {{"Authorization", 13}, {"Bearer a", 8}},
        {{"Cookie", 6}, {"sid=abc", 7}},
    };
    static const struct sv types[] = {{"text/html", 9}, {"text/csv", 8}};
    static const struct sv languages[] = {{"en", 2}, {"es", 2}};
    const struct http_head head = {.fields = fields, .field_count = COUNT_OF(fields)};
    struct sv value;

    (void)state;
    assert_true(http_cookie_find(&head, SV("sid"), &value));
    assert_true(sv_eq(value, SV("abc")));
    assert_true(http_bearer_token(&head, &value));
    assert_true(sv_eq(value, SV("a")));
    assert_int_equal(http_accept_best(&head, types, 2), 1);
    assert_int_equal(http_language_best(&head, languages, 2), 1);
}

static void test_entity_tags(void **state)
{
    static const struct {
        const char *list;
        const char *etag;
        bool strong;
        bool weak;
    } rows[] = {
        {"\"v7\"", "\"v7\"", true, true},
        {"*", "\"v7\"", true, true},
        {" * ", "\"v7\"", true, true},
        {"*", "W/\"v7\"", true, true},
        {"W/\"v7\"", "\"v7\"", false, true},
        {"\"v7\"", "W/\"v7\"", false, true},
        {"W/\"v7\"", "W/\"v7\"", false, true},
        {"\"v6\", \"v7\"", "\"v7\"", true, true},
        {"\"v6\",\t,\"v7\"", "\"v7\"", true, true},
        {"W/\"v7\", \"v7\"", "\"v7\"", true, true},
        {"\"a,b\"", "\"a,b\"", true, true},
        {"\"a,\"v7\",b\"", "\"v7\"", false, false},
        {"\"\"", "\"\"", true, true},
        {"\"\xff\"", "\"\xff\"", true, true},
        {"\"V7\"", "\"v7\"", false, false},
        {"\"v77\"", "\"v7\"", false, false},
        {"", "\"v7\"", false, false},
        {"v7", "\"v7\"", false, false},
        {"\"v7", "\"v7\"", false, false},
        {"w/\"v7\"", "\"v7\"", false, false},
        {"W/ \"v7\"", "\"v7\"", false, false},
        {"\"v6\" \"v7\"", "\"v7\"", false, false},
        {"\"v6\"x, \"v7\"", "\"v7\"", false, false},
        {"x, \"v7\"", "\"v7\"", false, false},
        {"\"a b\", \"v7\"", "\"v7\"", false, false},
        {"\"v6\", *", "\"v7\"", false, false},
        {"\"v7\"", "v7", false, false},
        {"\"v7\"", "", false, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct sv list = sv_of(rows[i].list);
        struct sv etag = sv_of(rows[i].etag);

        if (http_etag_matches_strong(list, etag) != rows[i].strong ||
            http_etag_matches_weak(list, etag) != rows[i].weak)
            fail_msg("%s and %s", rows[i].list, rows[i].etag);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cookies),           cmocka_unit_test(test_bearer_tokens),
        cmocka_unit_test(test_media_types),       cmocka_unit_test(test_accept),
        cmocka_unit_test(test_accept_language),   cmocka_unit_test(test_content_codings),
        cmocka_unit_test(test_fields_do_not_mix), cmocka_unit_test(test_entity_tags),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
