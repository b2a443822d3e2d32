/* The district's public form "partner with us": what POST /v1/public_inquiries takes, for people.
 * Nobody is signed in; the path names the district, and the form is bound to a cookie of its own.
 */
#include "actions/inquiry.h"
#include "base/uuid.h"
#include "gen/stmt.h"
#include "pages/form.h"

#define VIEW_BYTES MB(1)

struct inquiry_page {
    int status;
    struct sv nonce; /* of the form's cookie */
    struct page_input input;
};

static STEP(shown)
{
    struct call *call = call_of(r);
    const struct inquiry_page *page = call->state;
    struct sv body = db_text(call->unit, 0, 0, "body");

    if (!body.n)
        return fail(r, ERR_NOT_FOUND);
    page_set_cookie(r, PAGE_NONCE_COOKIE, page->nonce);
    return page_reply(r, page->status, "inquiry", SV_NONE, /* as the browser asks */
                      arena_printf(r->arena, "{\"nonce_token\":\"%.*s\",%.*s",
                                   SV_ARG(page_nonce_token(r, page->nonce)),
                                   SV_ARG(sv_skip(body, 1))));
}

/* What was typed and is wrong; at first, the need that the address names. */
static const char *view_of(struct req *r, const struct inquiry_page *page)
{
    const struct sv *asked = req_query(r, SV("need"));
    struct uuid need;

    if (page->input.typed)
        return arena_printf(r->arena, "{\"form\":%s,\"errors\":%s}", page->input.typed,
                            page->input.errors)
            .p;
    if (asked && uuid_parse(*asked, &need))
        return arena_printf(r->arena, "{\"need\":\"%s\"}", need.text).p;
    return "{}";
}

static struct plan *show(struct req *r, struct inquiry_page *page)
{
    struct call *call = call_begin_public(r);

    page->nonce = page_nonce(r);
    call->state = page;
    call_add(call, STMT(page_inquiry), arena_cstr(r->arena, r->captures[0]), view_of(r, page),
             call_now(r), call_request_id(r));
    return call_run(r, shown);
}

STEP(page_inquiry)
{
    struct inquiry_page *page = ARENA_NEW(r->arena, inquiry_page);

    page->status = 200;
    return show(r, page);
}

static STEP(received)
{
    return page_go(r, r->target.path, "inquiry_sent");
}

/* The fields of the API's form, but for the district and the language, which the page itself says.
 */
static struct page_form form_of(struct req *r)
{
    size_t count = 0;
    struct page_field *fields =
        arena_zalloc_array(r->arena, inquiry_public_table.field_count, sizeof *fields);

    for (size_t i = 0; i < inquiry_public_table.field_count; i++) {
        struct sv name = sv_of(inquiry_public_table.fields[i].name);

        if (!sv_eq(name, SV("district")) && !sv_eq(name, SV("locale")))
            fields[count++] = (struct page_field){.json = inquiry_public_table.fields[i]};
    }
    return (struct page_form){fields, count};
}

STEP(page_inquiry_post)
{
    struct inquiry_page *page = ARENA_NEW(r->arena, inquiry_page);
    struct page_form form = form_of(r);
    struct uuid *id = ARENA_NEW(r->arena, uuid);
    struct call *call = call_of(r);
    struct plan *answer;

    call->has_token = false; /* the form is of its cookie */
    answer = page_form_read(r, &page->input);
    if (!answer)
        answer = page_form_bind(r, &form, &page->input);
    if (answer)
        return answer;
    page->status = 422;
    if (!page->input.is_good)
        return show(r, page);
    *id = uuid7_new();
    call_begin_public(r);
    call_add(call, STMT(page_inquiry_put), page->input.values,
             arena_cstr(r->arena, page_language(r, SV_NONE)), arena_cstr(r->arena, r->captures[0]),
             id->text, call_now(r), call_request_id(r));
    return call_run(r, received);
}
