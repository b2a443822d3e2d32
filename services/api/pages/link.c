/* Links: from the mail into a cookie, so that no address shows a token and no log, history or
 * Referer has one; and what a link opens or not.
 *
 * The cookie is named after the link (/l/{id} for the cookie …-l-{id}), so that several may be open
 * in one browser. */
#include "base/encode.h"
#include "base/secret.h"
#include "base/uuid.h"
#include "gen/stmt.h"
#include "http/field.h"
#include "http/router.h"
#include "pages/form.h"
#include "resources.h"
#include "routes.h"

#define SHORT_LENGTH 12 /* of a link's id in addresses, which is no secret */
#define GO_AT_ONCE   16 /* cookies that one reply takes away */

static bool is_among(const char *purposes, struct sv purpose)
{
    struct sv rest = sv_of(purposes);
    struct sv one;

    while (sv_split(&rest, ',', &one)) {
        if (sv_eq(one, purpose))
            return true;
    }
    return false;
}

static bool is_short(struct sv id)
{
    for (size_t i = 0; i < id.n; i++) {
        if (!char_is_alpha(id.p[i]) && !char_is_digit(id.p[i]) && id.p[i] != '-' && id.p[i] != '_')
            return false;
    }
    return id.n == SHORT_LENGTH;
}

static const char *cookie_of(struct req *r, struct sv id)
{
    return arena_printf(r->arena, "l-%.*s", SV_ARG(id)).p;
}

static bool has_token_in_path(const struct req *r)
{
    return sv_ends_with(sv_of(r->route->pattern), SV("/{token}"));
}

static bool find_cookie(struct req *r, struct sv *out)
{
    return is_short(r->captures[0]) &&
           http_cookie_find(&r->head, sv_of(page_cookie_name(r, cookie_of(r, r->captures[0]))),
                            out);
}

bool page_link_token(struct req *r, struct sv *out, struct sv *out_part)
{
    struct sv text = r->captures[0];
    size_t dot;

    if (!has_token_in_path(r) && !find_cookie(r, &text))
        return false;
    dot = has_token_in_path(r) ? text.n : sv_find(text, '.');
    *out = sv_head(text, dot);
    *out_part = sv_skip(text, dot + 1);
    return true;
}

/* The same for the same link, or the same part of it; nobody can make one for a link that he does
 * not have. */
static struct sv short_of(struct req *r, struct sv part)
{
    struct call *call = call_of(r);
    unsigned char mac[SECRET_MAC_BYTES];

    secret_mac(mac, call->api->csrf_key,
               arena_printf(r->arena, "link %.*s %.*s", SV_ARG(call->token.hash), SV_ARG(part)));
    return sv_head(base64url_encode(r->arena, (struct sv){(const char *)mac, sizeof mac}),
                   SHORT_LENGTH);
}

/* ---- Moving a token ---- */

struct pruning {
    struct req *r;
    struct sv prefix;
    struct sv kept;
    size_t count; /* of links that are open, but for the kept one */
    size_t surplus;
};

static bool is_another(const struct pruning *p, struct sv name)
{
    return is_short(sv_skip(name, p->prefix.n)) && !sv_eq(sv_skip(name, p->prefix.n), p->kept);
}

static void count_one(struct sv name, void *arg)
{
    struct pruning *p = arg;

    p->count += is_another(p, name);
}

static void take_away(struct sv name, void *arg)
{
    struct pruning *p = arg;

    if (!p->surplus || !is_another(p, name))
        return;
    page_set_cookie(p->r, cookie_of(p->r, sv_skip(name, p->prefix.n)), SV_NONE);
    p->surplus--;
}

/* Browsers send all of them with each request, so there are so many and no more. */
static void make_room(struct req *r, struct sv id)
{
    struct pruning p = {.r = r, .prefix = sv_of(page_cookie_name(r, "l-")), .kept = id};

    http_cookie_each(&r->head, p.prefix, count_one, &p);
    if (p.count >= PAGE_LINKS)
        p.surplus = size_min(p.count - PAGE_LINKS + 1, GO_AT_ONCE);
    http_cookie_each(&r->head, p.prefix, take_away, &p);
}

static struct plan *move(struct req *r, struct sv text, struct sv part)
{
    struct sv id = short_of(r, part);

    make_room(r, id);
    page_set_cookie(r, cookie_of(r, id), text);
    return page_go(r, arena_printf(r->arena, "/l/%.*s", SV_ARG(id)), NULL);
}

STEP(page_open)
{
    return call_of(r)->has_token ? move(r, r->captures[0], SV_NONE) : page_over(r);
}

struct plan *page_open_part(struct req *r)
{
    struct sv purpose = r->captures[1];
    struct uuid subject;
    struct sv text;
    struct sv part;

    if (!is_among(PAGES_OF_MAILS, purpose) || !uuid_parse(r->captures[2], &subject) ||
        !find_cookie(r, &text))
        return fail(r, ERR_NOT_FOUND);
    part = arena_printf(r->arena, "%.*s.%s", SV_ARG(purpose), subject.text);
    return move(r, arena_printf(r->arena, "%.*s.%.*s", SV_ARG(text), SV_ARG(part)), part);
}

void page_close_link(struct req *r)
{
    page_set_cookie(r, cookie_of(r, r->captures[0]), SV_NONE);
}

/* ---- Links that open nothing ---- */

static STEP(help_found)
{
    const struct db_unit *unit = call_of(r)->unit;

    return page_reply(r, 404, "link_over", db_text(unit, 0, 0, "locale"),
                      db_text(unit, 0, 0, "body"));
}

struct plan *page_over(struct req *r)
{
    struct call *call = call_of(r);

    if (!call->has_token)
        return page_reply(r, 404, "link_over", SV_NONE, SV("{}"));
    if (!has_token_in_path(r))
        page_close_link(r);
    call_begin_public(r);
    call_add(call, STMT(page_help), call->token.district.text, call_now(r), call_request_id(r));
    db_unit_may_repeat(call->unit);
    return call_run(r, help_found);
}

/* ---- Entering ---- */

STEP(page_refused)
{
    if (!call_was_refused(r, "KI401"))
        return call_fail(r);
    return r->route->flags & ROUTE_BY_LINK ? page_over(r) : page_go(r, SV("/login"), NULL);
}

/* The tasks of whoever is signed in, by their addresses. */
static const struct {
    const char *path;
    const char *purpose;
} session_tasks[] = {
    {"/check_ins/", "check_in"},          {"/asks/", "ask"},
    {"/partnerships/", "acknowledgment"}, {"/partners/", "record"},
    {"/papers/", "credential"},           {"/agreements/", "agreement"},
    {"/investments/", "investments"},     {"/convenings/", "convening"},
    {"/consents/", "story_consent"},      {"/surveys/", "survey"},
    {"/trainings/", "training"},          {"/years/", "partner_year"},
};

const char *page_session_purpose(const struct req *r)
{
    for (size_t i = 0; i < COUNT_OF(session_tasks); i++) {
        if (sv_starts_with(r->target.path, sv_of(session_tasks[i].path)))
            return session_tasks[i].purpose;
    }
    die("no task has this address: %s", r->route->pattern);
}

struct plan *page_enter(struct req *r, enum call_kind kind, const char *purposes, size_t *out_next)
{
    struct call *call = call_of(r);
    bool by_link = r->route->flags & ROUTE_BY_LINK;
    struct uuid subject;

    if (!call->has_token)
        return by_link ? page_over(r) : page_go(r, SV("/login"), NULL);
    if (!by_link && !uuid_parse(r->captures[0], &subject))
        return fail(r, ERR_NOT_FOUND);
    if (!by_link && !is_among(purposes, sv_of(page_session_purpose(r))))
        return fail_why(r, ERR_MALFORMED_REQUEST, "The form is of another page.");
    if (by_link) {
        call_begin_link(r, purposes);
        if (kind == CALL_READ)
            db_unit_may_repeat(call->unit);
        *out_next = 1;
    } else {
        call_begin(r, kind,
                   kind == CALL_READ ? SV(ROLES_EVERYBODY "," ROLES_PARTNER)
                                     : SV(ROLES_REGISTRY "," ROLES_PARTNER));
        call_add(call, STMT(task_begin), page_session_purpose(r),
                 arena_copy(r->arena, uuid_view(&subject)).p);
        *out_next = 2;
    }
    call_on_refusal(r, page_refused);
    return NULL;
}

/* ---- One click (RFC 8058) ---- */

static STEP(opted_out)
{
    return reply_bytes(r, 200, "text/plain; charset=utf-8", SV("Unsubscribed.\n"));
}

STEP(page_one_click)
{
    struct page_input input = {0};
    struct http_fault fault;
    size_t next;
    struct plan *answer;

    if (!http_media_type_is(req_field(r, SV("content-type")),
                            SV("application/x-www-form-urlencoded")))
        return fail(r, ERR_MEDIA_TYPE_UNSUPPORTED);
    if (!http_form_parse(r->arena, r->body, &input.params, &input.param_count, &fault))
        return fail_why(r, fault.code, "%s", fault.why);
    if (!sv_eq(page_form_value(&input, "List-Unsubscribe"), SV("One-Click")))
        return fail_why(r, ERR_INVALID_INPUT, "The body must be List-Unsubscribe=One-Click.");
    answer = page_enter(r, CALL_WRITE, "preferences", &next);
    if (answer)
        return answer;
    call_add_array(call_of(r), STMT(task_one_click), (const char *const[]){NULL}, 0);
    return call_run(r, opted_out);
}
