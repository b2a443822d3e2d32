/* Signing in by a mail's link. POST /v1/sign_in_links: a mail to whoever has the address, of which
 * nothing is told. POST /v1/sign_ins: spend the link → the session, or one failure more. */
#include "account.h"
#include "base/uuid.h"
#include "gen/stmt.h"
#include "session.h"

#define VALID_MINUTES "30"

enum { ORDER_EMAIL, ORDER_DISTRICT };

static const struct json_field order_fields[] = {
    [ORDER_EMAIL] = JSON_FIELD("email", FIELD_EMAIL, FIELD_REQUIRED),
    [ORDER_DISTRICT] = JSON_FIELD("district", FIELD_TEXT, FIELD_NULLABLE, .max = 63,
                                  .doc = "The district's slug, where the host does not say it."),
};
const struct json_table session_link_order_table = JSON_TABLE("sign_in_link_order", order_fields);

static const struct json_field asked_fields[] = {
    JSON_FIELD("valid_minutes", FIELD_INT,
               .doc = "For how long the link works, if there is somebody with that address."),
};
const struct json_table session_link_asked_table = JSON_TABLE("sign_in_link", asked_fields);

static const struct json_field link_fields[] = {
    JSON_FIELD("token", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = 255,
               .doc = "Of the link; it is spent by this."),
};
const struct json_table session_link_table = JSON_TABLE("sign_in_by_link", link_fields);

/* ---- Asking for one ---- */

static STEP(asked)
{
    reply_field(r, "Cache-Control", SV("no-store"));
    return reply_json(r, 202, SV("{\"valid_minutes\":" VALID_MINUTES "}"));
}

STEP(session_link_ask)
{
    struct json_bound bound = {0};
    struct plan *refused = account_read_body(r, &session_link_order_table, &bound);
    const struct json_value *district;

    if (refused)
        return refused;
    ENSURE(bound.values);
    district = &bound.values[ORDER_DISTRICT];
    call_begin_public(r);
    call_add(call_of(r), STMT(sign_in_link_ask), district->text.n ? district->text.p : NULL,
             arena_cstr(r->arena, r->head.host),
             arena_cstr(r->arena, bound.values[ORDER_EMAIL].text), call_now(r), call_request_id(r));
    return call_run(r, asked);
}

/* ---- Spending it ---- */

struct spending {
    const struct sign_in_way *way;
    struct token link;
    struct uuid session;
    struct sv token_text;
};

static STEP(spent)
{
    struct call *call = call_of(r);
    const struct spending *spending = call->state;
    int64_t wait_s = db_int(call->unit, 0, 0, "wait_s");

    if (wait_s > 0)
        return spending->way->wait(r, wait_s);
    if (db_is_null(call->unit, 0, 0, "user_id"))
        return spending->way->wrong(r);
    session_set_cookie(r, spending->token_text);
    return spending->way->made(r, uuid_view(&spending->session),
                               db_text(call->unit, 0, 0, "expires_at"));
}

struct plan *session_spend_link(struct req *r, const struct token *link,
                                const struct sign_in_way *way)
{
    struct spending *spending = ARENA_NEW(r->arena, spending);
    struct call *call = call_begin_public(r);
    struct token session;

    spending->way = way;
    spending->link = *link;
    spending->session = uuid7_new();
    spending->token_text = token_new(r->arena, &link->district, &session);
    call->state = spending;
    call_add(call, STMT(sign_in_link_spend), spending->link.district.text, spending->link.hash.p,
             session_throttle_keys(r, link->hash), spending->session.text, session.hash.p,
             session_address(r), session_agent(r), call_now(r), call_request_id(r));
    return call_run(r, spent);
}

static STEP(wrong)
{
    struct json_fault fault = {SV("/token"), JSON_FAULT_NOT_ALLOWED,
                               SV("\"token\" is spent, over, or none.")};

    return fail_fields(r, ERR_INVALID_INPUT, fault.detail, &fault, 1);
}

static const struct sign_in_way way = {session_reply_made, wrong, session_wait};

STEP(session_link_spend)
{
    struct json_bound bound = {0};
    struct plan *refused = account_read_body(r, &session_link_table, &bound);
    struct token link;

    if (refused)
        return refused;
    if (!token_parse(r->arena, bound.values[0].text, &link))
        return wrong(r);
    return session_spend_link(r, &link, &way);
}
