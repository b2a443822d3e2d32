/* A survey by its public link. Nothing is kept of whoever answers: no cookie, no address, no name;
 * which language is wanted stands in the form.
 * Against stuffing there are the limit of requests of a network, which is in memory alone, what the
 * survey takes in an hour and in all, a field that only machines fill in, and the form's token:
 * ours, so many seconds old at least and a day at most, and good for one answer. */
#include "base/clock.h"
#include "base/date.h"
#include "base/encode.h"
#include "base/secret.h"
#include "gen/stmt.h"
#include "http/field.h"
#include "http/router.h"
#include "pages/form.h"

#define FORM_TYPE      SV("application/x-www-form-urlencoded")
#define LEAST_AGE_MS   3000
#define MOST_AGE_MS    (INT64_C(24) * 3600 * 1000)
#define NONCE_BYTES    16
#define TYPED          MB(1)
#define ISSUED_LONGEST 15 /* digits of a number of milliseconds */

struct public_page {
    struct page_input input;
    struct sv token; /* of the form */
    struct sv language;
    int64_t age_ms;
    bool is_fast;
    bool is_full;
    int status;
};

static struct sv code_of(const struct req *r)
{
    return r->captures[1];
}

/* ---- The form's token: "issued.nonce.mac" ---- */

static struct sv mac_of(struct req *r, struct sv issued, struct sv nonce)
{
    unsigned char mac[SECRET_MAC_BYTES];

    secret_mac(mac, call_of(r)->api->csrf_key,
               arena_printf(r->arena, "public survey %.*s %.*s %.*s", SV_ARG(code_of(r)),
                            SV_ARG(issued), SV_ARG(nonce)));
    return base64url_encode(r->arena, (struct sv){(const char *)mac, sizeof mac});
}

static struct sv new_token(struct req *r)
{
    unsigned char bytes[NONCE_BYTES];
    struct sv issued = arena_printf(r->arena, "%lld", (long long)clock_now_ms());
    struct sv nonce;

    secret_random(bytes, sizeof bytes);
    nonce = base64url_encode(r->arena, (struct sv){(const char *)bytes, sizeof bytes});
    return arena_printf(r->arena, "%.*s.%.*s.%.*s", SV_ARG(issued), SV_ARG(nonce),
                        SV_ARG(mac_of(r, issued, nonce)));
}

/* How old it is, or -1: it is none of ours, or too old. */
static int64_t age_of(struct req *r, struct sv token)
{
    struct sv rest = token;
    struct sv issued;
    struct sv nonce;
    int64_t at_ms = 0;

    if (!sv_split(&rest, '.', &issued) || !sv_split(&rest, '.', &nonce) || issued.n == 0 ||
        issued.n > ISSUED_LONGEST || !secret_equal(rest, mac_of(r, issued, nonce)))
        return -1;
    for (size_t i = 0; i < issued.n; i++)
        at_ms = at_ms * 10 + (issued.p[i] - '0'); /* digits, as we have written it */
    at_ms = clock_now_ms() - at_ms;
    return at_ms <= MOST_AGE_MS ? (at_ms < 0 ? 0 : at_ms) : -1;
}

/* ---- The page ---- */

static struct plan *ask(struct req *r, struct public_page *page, STEP((*next)))
{
    struct call *call = call_begin_public(r);

    call->state = page;
    call_add(call, STMT(public_survey), arena_cstr(r->arena, r->captures[0]),
             arena_cstr(r->arena, code_of(r)), page->input.typed ? page->input.typed : "{}",
             arena_cstr(r->arena, page->language), call_now(r), call_request_id(r));
    return call_run(r, next);
}

static STEP(shown)
{
    struct call *call = call_of(r);
    const struct public_page *page = call->state;
    struct sv body = db_text(call->unit, 0, 0, "body");

    if (!body.n)
        return fail(r, ERR_NOT_FOUND);
    body = arena_printf(r->arena, "{\"public_token\":\"%.*s\",\"is_fast\":%s,\"is_full\":%s,%.*s",
                        SV_ARG(page->token), page->is_fast ? "true" : "false",
                        page->is_full ? "true" : "false", SV_ARG(sv_skip(body, 1)));
    return page_reply_in(r, page->status, "public_survey", page->language, body);
}

STEP(page_public_survey)
{
    struct public_page *page = ARENA_NEW(r->arena, public_page);

    page->status = 200;
    page->token = new_token(r);
    page->language = page_language(r, SV_NONE);
    if (req_query(r, SV("said")))
        page->input.typed = "{\"do\":\"sent\"}";
    return ask(r, page, shown);
}

/* ---- A form ---- */

static bool is_field(struct sv name)
{
    static const struct sv ours[] = {{"page", 4}, {"kept", 4},        {"do", 2},     {"lang", 4},
                                     {"go", 2},   {"form_token", 10}, {"website", 7}};

    for (size_t i = 0; i < COUNT_OF(ours); i++) {
        if (sv_eq(name, ours[i]))
            return true;
    }
    return name.n > 2 && name.p[1] == '.' && sv_find(SV("aiom"), name.p[0]) < 4;
}

/* The form's, or "stay:es" of the button that changes it. */
static struct sv language_of(const struct req *r, const struct public_page *page)
{
    struct sv pressed = page_form_value(&page->input, "do");
    size_t colon = sv_find(pressed, ':');
    struct sv said =
        colon < pressed.n ? sv_skip(pressed, colon + 1) : page_form_value(&page->input, "lang");

    return page_knows_language(said) ? said : page_language(r, SV_NONE);
}

/* NULL, or the answer. */
static struct plan *read_form(struct req *r, struct public_page *page)
{
    struct str *typed = str_new_in(r->arena, TYPED);
    struct http_fault fault;
    struct emit e;

    if (!http_media_type_is(req_field(r, SV("content-type")), FORM_TYPE))
        return fail(r, ERR_MEDIA_TYPE_UNSUPPORTED);
    if (!http_form_parse(r->arena, r->body, &page->input.params, &page->input.param_count, &fault))
        return fail_why(r, fault.code, "%s", fault.why);
    emit_init(&e, typed);
    emit_object_begin(&e);
    for (size_t i = 0; i < page->input.param_count; i++) {
        if (!is_field(page->input.params[i].name))
            return fail_why(r, ERR_MALFORMED_REQUEST,
                            "The form has a field that it does not have.");
        emit_key(&e, page->input.params[i].name);
        emit_text(&e, page->input.params[i].value);
    }
    emit_object_end(&e);
    if (!emit_finish(&e))
        return fail(r, ERR_BODY_TOO_LARGE);
    page->input.typed = str_cstr(typed);
    page->token = page_form_value(&page->input, "form_token");
    page->language = language_of(r, page);
    page->age_ms = age_of(r, page->token);
    if (page->age_ms < 0)
        return fail_why(r, ERR_FORBIDDEN, "The form is not one of ours, or too old.");
    return NULL;
}

static STEP(sent)
{
    const struct public_page *page = call_of(r)->state;

    return page_go(r,
                   arena_printf(r->arena, "%.*s?lang=%.*s&said=survey_send", SV_ARG(r->target.path),
                                SV_ARG(page->language)),
                   NULL);
}

/* It was closed meanwhile, or as many have answered as it takes. */
static STEP(put_refused)
{
    struct public_page *page = call_of(r)->state;

    if (!call_was_refused(r, "KI490"))
        return call_fail(r);
    page->is_full = true;
    page->status = 409;
    return ask(r, page, shown);
}

static STEP(judged)
{
    struct call *call = call_of(r);
    struct public_page *page = call->state;
    struct sv survey = db_text(call->unit, 0, 0, "survey_id");
    struct sv answers = db_text(call->unit, 0, 0, "sent");
    struct secret_key key;

    page->is_fast = answers.n && page->age_ms < LEAST_AGE_MS;
    page->status = page->is_fast ? 422 : 200;
    if (!answers.n || page->is_fast)
        return shown(r);
    if (page_form_value(&page->input, "website").n)
        return sent(r); /* a machine's, which need not know */
    key = secret_derive((struct sv){(const char *)call->api->survey_key->b, SECRET_BYTES},
                        arena_cstr(r->arena, survey));
    call_begin_public(r);
    call_of(r)->state = page;
    call_on_refusal(r, put_refused);
    call_add(call_of(r), STMT(public_survey_put), arena_cstr(r->arena, r->captures[0]),
             arena_cstr(r->arena, code_of(r)), secret_sha256_hex(r->arena, page->token).p,
             secret_box_close(r->arena, &key, answers).p, call_now(r), call_request_id(r));
    return call_run(r, sent);
}

STEP(page_public_survey_post)
{
    struct public_page *page = ARENA_NEW(r->arena, public_page);
    struct plan *answer = read_form(r, page);

    return answer ? answer : ask(r, page, judged);
}
