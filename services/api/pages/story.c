/* Stories and open needs, for everybody: what is published, found anew for each request, so that
 * what is withdrawn is gone at once. Nobody is signed in; the path names the district. */
#include "base/encode.h"
#include "base/secret.h"
#include "base/uuid.h"
#include "gen/stmt.h"
#include "http/field.h"
#include "pages/page.h"
#include "pieces.h"

#define POLICY                                                                                    \
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; " \
    "frame-ancestors 'none'"
#define ETAG_DIGITS 32

struct public_page {
    const char *template;
    const char *media_type;
    const char *part;
    const struct db_statement *statement;
    bool is_feed; /* in the district's language, whoever reads it */
};

/* It is the same as what the client has. */
static bool is_known(struct req *r, struct sv etag, struct sv changed)
{
    struct sv match = req_field(r, SV("if-none-match"));
    struct sv since = req_field(r, SV("if-modified-since"));

    return match.n ? http_etag_matches_weak(match, etag) : changed.n && sv_eq(since, changed);
}

static struct sv etag_of_bytes(struct req *r, struct sv bytes)
{
    return arena_printf(r->arena, "\"%.*s\"", ETAG_DIGITS, secret_sha256_hex(r->arena, bytes).p);
}

/* The database's object, with where all of this stands. */
static struct sv placed(struct req *r, struct sv body)
{
    return arena_printf(r->arena, "{\"origin\":\"%s\",%.*s", call_of(r)->api->origin,
                        SV_ARG(sv_skip(body, 1)));
}

/* Who chooses a language has it on the pages to come; that reply is nobody else's. */
static void keep_language(struct req *r, const struct public_page *page)
{
    const struct sv *asked = page->is_feed ? NULL : req_query(r, SV("lang"));
    bool is_chosen = asked && page_knows_language(*asked);

    if (is_chosen)
        page_set_language(r, *asked);
    reply_field(r, "Cache-Control", is_chosen ? SV("private, no-cache") : SV("public, no-cache"));
}

static STEP(found)
{
    const struct call *call = call_of(r);
    const struct public_page *page = call->state;
    struct sv locale;
    struct sv changed;
    struct sv bytes;
    struct sv etag;

    if (db_row_count(call->unit, 0) == 0)
        return fail(r, ERR_NOT_FOUND);
    locale = db_text(call->unit, 0, 0, "locale");
    changed = db_text(call->unit, 0, 0, "changed");
    bytes = page_render(r, page->template,
                        page->is_feed ? page_language_for(locale) : page_language(r, locale),
                        placed(r, db_text(call->unit, 0, 0, "body")));
    if (!bytes.n)
        return fail_why(r, ERR_INTERNAL, "The page came out too large.");
    etag = etag_of_bytes(r, bytes);
    reply_field(r, "ETag", etag);
    keep_language(r, page);
    if (page->is_feed && changed.n)
        reply_field(r, "Last-Modified", changed);
    if (!page->is_feed)
        reply_field(r, "Vary", SV("Accept-Language, Cookie"));
    reply_field(r, "Content-Security-Policy", SV(POLICY));
    reply_field(r, "Referrer-Policy", SV("no-referrer"));
    if (is_known(r, etag, page->is_feed ? changed : SV_NONE))
        return reply_empty(r, 304);
    return reply_bytes(r, 200, page->media_type, bytes);
}

static struct plan *show(struct req *r, struct public_page what, const char *story)
{
    struct call *call = call_begin_public(r);
    struct public_page *page = ARENA_NEW(r->arena, public_page);

    *page = what;
    call->state = page;
    call_add(call, page->statement, arena_cstr(r->arena, r->captures[0]), page->part, story,
             call_now(r), call_request_id(r));
    return call_run(r, found);
}

#define HTML "text/html; charset=utf-8"
#define ATOM "application/atom+xml; charset=utf-8"

STEP(page_stories)
{
    return show(r, (struct public_page){"stories", HTML, "list", STMT(stories_public), false},
                NULL);
}

STEP(page_stories_feed)
{
    return show(r, (struct public_page){"stories.atom", ATOM, "feed", STMT(stories_public), true},
                NULL);
}

STEP(page_story)
{
    struct uuid *id = ARENA_NEW(r->arena, uuid);

    if (!uuid_parse(r->captures[1], id))
        return fail(r, ERR_NOT_FOUND);
    return show(r, (struct public_page){"story", HTML, "page", STMT(stories_public), false},
                id->text);
}

STEP(page_needs)
{
    return show(r, (struct public_page){"needs", HTML, "list", STMT(needs_public), false}, NULL);
}

STEP(page_needs_feed)
{
    return show(r, (struct public_page){"needs.atom", ATOM, "feed", STMT(needs_public), true},
                NULL);
}

/* ---- Pictures ---- */

static void ask(struct req *r, const char *number)
{
    struct call *call = call_begin_public(r);
    struct uuid story;

    ENSURE(uuid_parse(r->captures[1], &story));
    call_add(call, STMT(story_picture), arena_cstr(call->arena, r->captures[0]),
             arena_cstr(call->arena, sv_of(story.text)), pieces_of(r)->id.text, number, call_now(r),
             call_request_id(r));
}

STEP(page_picture_found)
{
    const struct db_unit *unit = call_of(r)->unit;
    struct sv known = req_field(r, SV("if-none-match"));
    struct sv etag;

    if (db_row_count(unit, 0) == 0)
        return fail(r, ERR_NOT_FOUND);
    etag = arena_printf(r->arena, "\"%.*s\"", ETAG_DIGITS, db_text(unit, 0, 0, "sha256").p);
    reply_field(r, "ETag", etag);
    reply_field(r, "Cache-Control", SV("public, no-cache"));
    reply_field(r, "Content-Security-Policy", SV("default-src 'none'; sandbox"));
    if (known.n && http_etag_matches_weak(known, etag))
        return reply_empty(r, 304);
    return pieces_begin(r, (size_t)db_int(unit, 0, 0, "pieces"),
                        arena_cstr(r->arena, db_text(unit, 0, 0, "media_type")));
}

STEP(page_story_picture)
{
    struct pieces *pieces = pieces_new(r, 0, ask);
    struct uuid story;

    if (!uuid_parse(r->captures[1], &story) || !uuid_parse(r->captures[2], &pieces->id))
        return fail(r, ERR_NOT_FOUND);
    ask(r, "0");
    return call_run(r, page_picture_found);
}
