/* Signing in and out, for people. Before there is a session, the form is bound to a cookie of its
 * own, so that nobody can be signed in to another's account by a page elsewhere. */
#include <string.h>

#include "base/encode.h"
#include "base/secret.h"
#include "gen/stmt.h"
#include "http/field.h"
#include "pages/form.h"
#include "session.h"

#define TO_LONGEST 2000 /* of an address of the web app; a longer one is forgotten */

static const struct page_field fields[] = {
    {.json = JSON_FIELD("email", FIELD_EMAIL)},
    {.json = JSON_FIELD("password", FIELD_LONG_TEXT, .max = PASSWORD_CHARACTERS)},
    {.json = JSON_FIELD("district", FIELD_TEXT, .max = 63)},
    {.json = JSON_FIELD("to", FIELD_TEXT, .max = TO_LONGEST)},
};
static const struct page_form form = PAGE_FORM(fields);

struct login {
    const char *template;
    int status;
    const char *error; /* a text faults.…, or NULL */
    struct sv email;   /* as it was typed */
    struct sv district;
    struct sv to;     /* where in the web app one wanted to go, or empty */
    bool asks_for_to; /* it is remembered, or forgotten */
    struct sv nonce;  /* of a cookie that is set with this reply */
};

static struct sv body_of(struct req *r, const struct login *login, struct sv found)
{
    struct str *out = str_new_in(r->arena, KB(16));
    struct emit e;

    emit_init(&e, out);
    emit_object_begin(&e);
    emit_key(&e, SV("login_token"));
    emit_text(&e, page_nonce_token(r, login->nonce));
    emit_key(&e, SV("email"));
    emit_text(&e, login->email);
    emit_key(&e, SV("slug"));
    emit_text(&e, login->district);
    emit_key(&e, SV("to"));
    emit_text(&e, login->to);
    emit_key(&e, SV("needs_district"));
    emit_bool(&e, found.n == 0);
    if (login->error) {
        emit_key(&e, SV("error"));
        emit_text(&e, sv_of(login->error));
    }
    emit_object_end(&e);
    ENSURE(emit_finish(&e));
    if (found.n > 2) {
        str_cut(out, out->n - 1);
        str_add_char(out, ',');
        str_add(out, sv_skip(found, 1));
    }
    return str_view(out);
}

/* Where one wanted to go is remembered by a cookie, too: by a mail's link and at a provider, one
 * comes back by another way than the form. */
#define TO_COOKIE "to"

/* An address of the web app, and of no other place: nobody is sent away from here by a link. */
static struct sv app_address(struct sv to)
{
    bool is_app =
        sv_eq(to, SV("/app")) || sv_starts_with(to, SV("/app/")) || sv_starts_with(to, SV("/app?"));

    for (size_t i = 0; i < to.n; i++)
        is_app = is_app && to.p[i] > ' ' && to.p[i] < 0x7f && to.p[i] != '\\';
    return is_app && to.n <= TO_LONGEST ? to : SV_NONE;
}

static STEP(district_found)
{
    struct call *call = call_of(r);
    const struct login *login = call->state;

    page_set_cookie(r, PAGE_NONCE_COOKIE, login->nonce);
    if (login->asks_for_to)
        page_set_cookie(r, TO_COOKIE, base64url_encode(r->arena, login->to));
    return page_reply(r, login->status, login->template, db_text(call->unit, 0, 0, "locale"),
                      body_of(r, login, db_text(call->unit, 0, 0, "body")));
}

static struct plan *show(struct req *r, struct login *login)
{
    struct call *call = call_begin_public(r);

    login->nonce = page_nonce(r);
    call->state = login;
    call_add(call, STMT(page_login),
             login->district.n ? arena_cstr(r->arena, login->district) : NULL,
             arena_cstr(r->arena, r->head.host), call_now(r), call_request_id(r));
    return call_run(r, district_found);
}

static struct plan *begin(struct req *r, const char *template)
{
    struct login *login = ARENA_NEW(r->arena, login);
    const struct sv *district = req_query(r, SV("district"));
    const struct sv *to = req_query(r, SV("to"));

    login->template = template;
    login->status = 200;
    login->district = district && district->n <= 63 ? *district : SV_NONE;
    login->to = to ? app_address(*to) : SV_NONE;
    login->asks_for_to = strcmp(template, "login") == 0;
    return show(r, login);
}

static struct sv remembered(struct req *r)
{
    struct sv cookie;
    struct sv to;

    return http_cookie_find(&r->head, sv_of(page_cookie_name(r, TO_COOKIE)), &cookie) &&
                   base64url_decode(r->arena, cookie, &to)
               ? app_address(to)
               : SV_NONE;
}

struct plan *page_go_on(struct req *r)
{
    struct sv to = remembered(r);

    page_set_cookie(r, TO_COOKIE, SV_NONE);
    return page_go(r, to.n ? to : SV("/"), NULL);
}

STEP(page_login)
{
    return begin(r, "login");
}

STEP(page_forgot)
{
    return begin(r, "forgot");
}

STEP(page_ask_link)
{
    return begin(r, "sign_in_link");
}

struct plan *page_login_failed(struct req *r, int status, const char *error, struct sv slug)
{
    struct login *login = ARENA_NEW(r->arena, login);

    login->template = "login";
    login->status = status;
    login->error = error;
    login->district = slug;
    return show(r, login);
}

/* The page again: of what was typed, all but the password. */
static struct plan *again(struct req *r, const char *template, int status, const char *error)
{
    struct login *login = ARENA_NEW(r->arena, login);
    struct page_input input = {0};
    struct http_fault fault;

    if (!http_form_parse(r->arena, r->body, &input.params, &input.param_count, &fault))
        return fail_why(r, fault.code, "%s", fault.why);
    login->template = template;
    login->status = status;
    login->error = error;
    login->email = sv_head_utf8(page_form_value(&input, "email"), 254);
    login->district = sv_head_utf8(page_form_value(&input, "district"), 63);
    login->to = app_address(page_form_value(&input, "to"));
    return show(r, login);
}

static struct plan *made(struct req *r, struct sv session_id, struct sv expires_at)
{
    struct page_input input = {0};
    struct http_fault fault;
    struct sv to = SV_NONE;

    (void)session_id;
    (void)expires_at;
    page_set_cookie(r, PAGE_NONCE_COOKIE, SV_NONE);
    if (http_form_parse(r->arena, r->body, &input.params, &input.param_count, &fault))
        to = app_address(page_form_value(&input, "to"));
    return to.n ? page_go(r, to, NULL) : page_go_on(r); /* of several tabs each knows its own */
}

static STEP(wrong)
{
    return again(r, "login", 422, "sign_in");
}

static struct plan *wait(struct req *r, int64_t wait_s)
{
    reply_field(r, "Retry-After", arena_printf(r->arena, "%lld", (long long)wait_s));
    return again(r, "login", 429, "wait");
}

static const struct sign_in_way way = {made, wrong, wait};

/* Reads either form: NULL with the e-mail address, empty where it is none, or the answer. */
static struct plan *read_form(struct req *r, struct page_input *input, struct sv *out_email)
{
    struct json_value email;
    struct json_fault fault;
    struct plan *answer;

    call_of(r)->has_token = false; /* the form is of its cookie */
    answer = page_form_read(r, input);
    if (!answer)
        answer = page_form_bind(r, &form, input);
    if (answer)
        return answer;
    *out_email =
        input->is_good && json_bind_text(r->arena, &fields[0].json,
                                         sv_trim(page_form_value(input, "email")), &email, &fault)
            ? email.text
            : SV_NONE;
    return NULL;
}

static const char *district_of(struct req *r, const struct page_input *input)
{
    struct sv district = page_form_value(input, "district");

    return district.n ? arena_cstr(r->arena, district) : NULL;
}

STEP(page_sign_in)
{
    struct page_input input;
    struct sv email;
    struct plan *answer = read_form(r, &input, &email);

    if (answer)
        return answer;
    if (!email.n || !page_form_value(&input, "password").n)
        return wrong(r);
    return session_sign_in(r, district_of(r, &input), email, page_form_value(&input, "password"),
                           &way);
}

/* Whether there is such an account is not told. */
static STEP(password_asked)
{
    return page_go(r, SV("/forgot"), "password_asked");
}

static STEP(link_asked)
{
    return page_go(r, SV("/sign_in_link"), "link_asked");
}

/* A mail to whoever has the address that the form says. */
static struct plan *ask(struct req *r, const char *template, const struct db_statement *statement,
                        STEP((*next)))
{
    struct page_input input;
    struct sv email;
    struct plan *answer = read_form(r, &input, &email);
    struct call *call;

    if (answer)
        return answer;
    if (!email.n)
        return again(r, template, 422, "invalid_email");
    call = call_begin_public(r);
    call_add(call, statement, district_of(r, &input), arena_cstr(r->arena, r->head.host),
             arena_cstr(r->arena, email), call_now(r), call_request_id(r));
    return call_run(r, next);
}

STEP(page_forgot_post)
{
    return ask(r, "forgot", STMT(password_mail_ask), password_asked);
}

STEP(page_ask_link_post)
{
    return ask(r, "sign_in_link", STMT(sign_in_link_ask), link_asked);
}

static STEP(signed_out)
{
    principals_forget(call_of(r)->api->principals, call_of(r)->token.hash);
    session_set_cookie(r, SV(""));
    reply_field(r, "Clear-Site-Data", SV("\"cache\", \"storage\""));
    return page_go(r, SV("/login"), "signed_out");
}

static STEP(sign_out_refused)
{
    return page_go(r, SV("/login"), "signed_out");
}

STEP(page_sign_out)
{
    struct page_input input;
    struct plan *answer;
    struct call *call = call_of(r);

    if (!call->has_token)
        return page_go(r, SV("/login"), "signed_out");
    answer = page_form_read(r, &input);
    if (answer)
        return answer;
    call_begin(r, CALL_WRITE, SV(""));
    call_add(call, STMT(sign_out), call->token.hash.p);
    call_on_refusal(r, sign_out_refused);
    return call_run(r, signed_out);
}
