/* What all pages have in common. */
#include "pages/page.h"

#include "base/encode.h"
#include "base/secret.h"
#include "base/uuid.h"
#include "gen/templates.h"
#include "http/field.h"
#include "openapi/openapi.h"
#include "routes.h"

#define POLICY                                                                   \
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; " \
    "base-uri 'none'; "                                                          \
    "frame-ancestors 'none'"
#define LANGUAGE_COOKIE "lang"
#define A_YEAR          "; Max-Age=31536000"

static struct templates *templates;
static struct document style = {.media_type = "text/css; charset=utf-8"};
static struct document icon = {.media_type = "image/svg+xml"};

/* Forms of which there is something to say once they are done: texts said.… */
static const char *const things_said[] = {
    "tell",
    "passed_on",
    "check_in_save",
    "check_in_send",
    "check_in_confirm",
    "check_in_dispute",
    "check_in_own",
    "snooze",
    "goal_settle",
    "readiness_rate",
    "site_rate",
    "action_add",
    "action_done",
    "survey_save",
    "survey_send",
    "survey_decline",
    "survey_accept",
    "preferences_save",
    "preferences_none",
    "preferences_some",
    "agreement_acknowledge",
    "agreement_sign",
    "investment_confirm",
    "investment_dispute",
    "convening_answer",
    "training_register",
    "training_withdraw",
    "consent_give",
    "consent_decline",
    "record_save",
    "record_rate",
    "offer_add",
    "offer_save",
    "offer_end",
    "program_save",
    "person_add",
    "person_save",
    "person_end",
    "credential_send",
    "acknowledgment_give",
    "ask_pledge",
    "ask_decline",
    "ask_talk",
    "password",
    "password_asked",
    "link_asked",
    "inquiry_sent",
    "signed_out",
};

static void prepare_file(struct document *file, struct sv name)
{
    str_init(&file->bytes, PAGE_BYTES);
    str_add(&file->bytes, template_set_text(&templates_api, name));
    document_finish(file, SV_NONE);
}

void page_prepare(void)
{
    struct str why;

    str_init(&why, KB(1));
    templates = templates_load(&templates_api, &why);
    if (!templates)
        die("a template is at fault: %s", str_cstr(&why));
    str_fini(&why);
    prepare_file(&style, SV("style.css"));
    prepare_file(&icon, SV("icon.svg"));
}

STEP(page_style)
{
    return document_reply(r, &style);
}

STEP(page_icon)
{
    return document_reply(r, &icon);
}

/* ---- Cookies ---- */

const char *page_cookie_name(struct req *r, const char *name)
{
    return arena_printf(r->arena, "%s-%s", call_of(r)->api->is_secure ? "__Host-kith" : "kith",
                        name)
        .p;
}

static void set_cookie(struct req *r, const char *name, struct sv value, const char *how)
{
    reply_field(r, "Set-Cookie",
                arena_printf(r->arena, "%s=%.*s; Path=/; %sHttpOnly; SameSite=Lax%s",
                             page_cookie_name(r, name), SV_ARG(value),
                             call_of(r)->api->is_secure ? "Secure; " : "", how));
}

void page_set_cookie(struct req *r, const char *name, struct sv value)
{
    set_cookie(r, name, value, value.n ? "" : "; Max-Age=0");
}

struct sv page_form_token(struct req *r)
{
    struct call *call = call_of(r);
    unsigned char mac[SECRET_MAC_BYTES];
    struct sv bound = call->token.hash;

    if (!call->has_token &&
        !http_cookie_find(&r->head, sv_of(page_cookie_name(r, PAGE_NONCE_COOKIE)), &bound))
        return SV_NONE;
    secret_mac(mac, call->api->csrf_key, bound);
    return base64url_encode(r->arena, (struct sv){(const char *)mac, sizeof mac});
}

/* ---- Languages ---- */

bool page_knows_language(struct sv locale)
{
    return sv_eq(templates_locale(templates, locale), locale);
}

/* What the browser would like best of what there is. */
static struct sv language_asked(const struct req *r)
{
    struct sv offers[TEMPLATE_LOCALES] = {SV_NONE};

    for (size_t i = 0; i < templates_api.text_count; i++)
        offers[i] = sv_of(templates_api.texts[i].locale);
    return offers[http_language_best(&r->head, offers, templates_api.text_count)];
}

struct sv page_language_said(const struct req *r)
{
    const struct sv *said = req_query(r, SV("lang"));
    struct sv kept;
    bool is_kept = http_cookie_find(&r->head, SV("__Host-kith-" LANGUAGE_COOKIE), &kept) ||
                   http_cookie_find(&r->head, SV("kith-" LANGUAGE_COOKIE), &kept);

    if (said && page_knows_language(*said))
        return *said;
    if (is_kept && page_knows_language(kept))
        return kept;
    return SV_NONE;
}

struct sv page_language(const struct req *r, struct sv locale)
{
    struct sv said = page_language_said(r);

    if (said.n)
        return said;
    return locale.n ? templates_locale(templates, locale) : language_asked(r);
}

void page_set_language(struct req *r, struct sv locale)
{
    set_cookie(r, LANGUAGE_COOKIE, locale, A_YEAR);
}

/* ---- Replies ---- */

static void add_security(struct req *r)
{
    reply_field(r, "Content-Security-Policy", SV(POLICY));
    reply_field(r, "Referrer-Policy", SV("no-referrer"));
    reply_field(r, "Cache-Control", SV("no-store"));
    reply_field(r, "X-Robots-Tag", SV("noindex, nofollow"));
}

/* What the address says was done, if that is one of our own words. */
static struct sv thing_said(const struct req *r)
{
    const struct sv *said = req_query(r, SV("said"));

    for (size_t i = 0; said && i < COUNT_OF(things_said); i++) {
        if (sv_eq(*said, sv_of(things_said[i])))
            return *said;
    }
    return SV_NONE;
}

static void add_languages(struct emit *e, struct sv language)
{
    emit_key(e, SV("lang"));
    emit_text(e, language);
    emit_key(e, SV("dir"));
    emit_text(e, template_direction(language));
    emit_key(e, SV("switch"));
    emit_array_begin(e);
    for (size_t i = 0; i < templates_api.text_count; i++) {
        struct sv code = sv_of(templates_api.texts[i].locale);

        emit_object_begin(e);
        emit_key(e, SV("code"));
        emit_text(e, code);
        emit_key(e, SV("is_current"));
        emit_bool(e, sv_eq(code, language));
        emit_object_end(e);
    }
    emit_array_end(e);
}

struct sv page_base_path(const struct req *r)
{
    struct sv path = r->target.path;
    size_t segments = 0;

    for (size_t i = 0; i < path.n; i++) {
        if (path.p[i] == '/' && ++segments == 3)
            return sv_head(path, i);
    }
    return path;
}

/* The database's object, behind members of our own. */
static struct sv whole_data(struct req *r, struct sv language, struct sv body)
{
    struct str *data = str_new_in(r->arena, PAGE_BYTES);
    struct sv said = thing_said(r);
    struct emit e;

    emit_init(&e, data);
    emit_object_begin(&e);
    add_languages(&e, language);
    emit_key(&e, SV("here"));
    emit_text(&e, r->target.path);
    emit_key(&e, SV("base"));
    emit_text(&e, page_base_path(r));
    emit_key(&e, SV("form_token"));
    emit_text(&e, call_of(r) ? page_form_token(r) : SV_NONE);
    if (said.n) {
        emit_key(&e, SV("said"));
        emit_text(&e, said);
    }
    emit_object_end(&e);
    ENSURE(emit_finish(&e) || data->failed);
    if (body.n > 2 && !str_failed(data)) {
        str_cut(data, data->n - 1);
        str_add_char(data, ',');
        str_add(data, sv_skip(body, 1));
    }
    return str_failed(data) ? SV_NONE : str_view(data);
}

static bool render(struct req *r, struct str *out, const char *template, struct sv language,
                   struct sv body)
{
    struct sv data = whole_data(r, language, body);

    return template_render(templates, r->arena, out, sv_of(template), TEMPLATE_HTML, language,
                           template_data(r->arena, data));
}

struct sv page_render(struct req *r, const char *template, struct sv language, struct sv body)
{
    struct str *out = str_new_in(r->arena, PAGE_BYTES);

    return render(r, out, template, language, body) ? str_view(out) : SV_NONE;
}

struct sv page_language_for(struct sv locale)
{
    return templates_locale(templates, locale);
}

struct plan *page_reply_in(struct req *r, int status, const char *template, struct sv language,
                           struct sv body)
{
    struct sv page = page_render(r, template, language, body);

    if (!page.n)
        return fail_why(r, ERR_INTERNAL, "The page came out too large.");
    add_security(r);
    return reply_bytes(r, status, "text/html; charset=utf-8", page);
}

struct plan *page_reply(struct req *r, int status, const char *template, struct sv locale,
                        struct sv body)
{
    const struct sv *asked = req_query(r, SV("lang"));

    if (asked && page_knows_language(*asked))
        page_set_language(r, *asked);
    return page_reply_in(r, status, template, page_language(r, locale), body);
}

struct plan *page_go(struct req *r, struct sv path, const char *said)
{
    add_security(r);
    reply_field(
        r, "Location",
        arena_printf(r->arena, "%.*s%s%s", SV_ARG(path), said ? "?said=" : "", said ? said : ""));
    return reply_empty(r, 303);
}

/* ---- Errors ---- */

/* A page was asked for, or nothing that there is, by somebody who would rather read. */
static bool wants_page(const struct req *r)
{
    static const struct sv offers[] = {{"application/problem+json", 24}, {"text/html", 9}};
    bool is_page = r->route ? (r->route->flags & ROUTE_PAGE) != 0
                            : !sv_starts_with(r->target.path, SV("/v1/"));

    return is_page && r->target.path.n && req_field(r, SV("accept")).n &&
           http_accept_best(&r->head, offers, COUNT_OF(offers)) == 1;
}

/* Of which there is something of its own to say. */
static int kind_of(int status)
{
    static const int kinds[] = {403, 404, 409, 413, 422, 429, 503};

    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (kinds[i] == status)
            return status;
    }
    return status < 500 ? 400 : 500;
}

struct plan *page_explain(struct req *r, enum error_code code)
{
    int status = error_of(code)->status;
    struct str *out;
    struct sv body;

    if (!wants_page(r))
        return NULL;
    out = str_new_in(r->arena, PAGE_BYTES);
    body = arena_printf(r->arena, "{\"kind\":\"%d\",\"status\":\"%d\",\"request\":\"%.*s\"}",
                        kind_of(status), status, SV_ARG(r->request_id));
    if (!render(r, out, "problem", page_language(r, SV_NONE), body))
        return NULL;
    add_security(r);
    return reply_bytes(r, status, "text/html; charset=utf-8", str_view(out));
}
