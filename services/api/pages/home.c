/* The first page of whoever is signed in: the dashboard's document → what else there is, and the
 * page; and what is ticked off on it. */
#include "base/clock.h"
#include "base/date.h"
#include "gen/stmt.h"
#include "pages/form.h"
#include "resources.h"
#include "web.h"

#define LAST_ZONE_MS 36000000 /* midnight comes to Hawaii ten hours after it came to UTC */

/* The year in which the school year ends; until the first of July has come to all of the country,
 * the one before. */
static const char *school_year(struct req *r)
{
    char text[INSTANT_TEXT_BYTES];
    int64_t year;
    int64_t month;

    instant_format_ms(text, clock_now_ms() - LAST_ZONE_MS);
    ENSURE(sv_to_i64((struct sv){text, 4}, 0, 9999, &year) &&
           sv_to_i64((struct sv){text + 5, 2}, 1, 12, &month));
    return arena_printf(r->arena, "%lld", (long long)(month >= 7 ? year + 1 : year)).p;
}

static STEP(found)
{
    const struct db_unit *unit = call_of(r)->unit;

    return page_reply(r, 200, "home", db_text(unit, 1, 0, "locale"), db_text(unit, 1, 0, "body"));
}

static STEP(figures_found)
{
    struct call *call = call_of(r);
    const char *figures = arena_cstr(r->arena, db_text(call->unit, 1, 0, "body"));

    call_begin(r, CALL_READ, SV(ROLES_EVERYBODY));
    call_add(call, STMT(page_home), figures);
    call_on_refusal(r, page_refused);
    return call_run(r, found);
}

/* Whoever reads nothing of the district may be a partner's contact. */
static STEP(home_refused)
{
    return call_was_refused(r, "KI403") ? page_go(r, SV("/organization"), NULL) : page_refused(r);
}

static STEP(home_entered)
{
    return page_go(r, SV("/app"), NULL);
}

/* With the web app, that is where its readers begin. */
STEP(page_home)
{
    struct call *call = call_of(r);

    if (!web_is_there() || !call->has_token)
        return page_today(r);
    call_begin(r, CALL_READ, SV(ROLES_EVERYBODY));
    call_on_refusal(r, home_refused);
    return call_run(r, home_entered);
}

STEP(page_today)
{
    struct call *call = call_of(r);

    if (!call->has_token)
        return page_go(r, SV("/login"), NULL);
    call_begin(r, CALL_READ, SV(ROLES_EVERYBODY));
    call_add(call, STMT(dashboard), "district", NULL, school_year(r), "school_year");
    call_on_refusal(r, home_refused);
    return call_run(r, figures_found);
}

static STEP(organization_found)
{
    const struct db_unit *unit = call_of(r)->unit;

    return page_reply(r, 200, "organization", db_text(unit, 1, 0, "locale"),
                      db_text(unit, 1, 0, "body"));
}

STEP(page_organization)
{
    struct call *call = call_of(r);

    if (!call->has_token)
        return page_go(r, SV("/login"), NULL);
    call_begin(r, CALL_READ, SV(ROLES_PARTNER));
    call_add_array(call, STMT(page_organization), (const char *const[]){NULL}, 0);
    call_on_refusal(r, page_refused);
    return call_run(r, organization_found);
}

/* ---- Ticking off ---- */

static const char *const kinds[] = {"call", "action", NULL};
static const struct page_field fields[] = {
    {.json = JSON_FIELD("kind", FIELD_ENUM, FIELD_REQUIRED, .values = kinds)},
    {.json = JSON_FIELD("item", FIELD_UUID, FIELD_REQUIRED)},
};
static const struct page_form form = PAGE_FORM(fields);

static STEP(done)
{
    return page_go(r, SV("/today"), "action_done");
}

/* Twice done is done. */
static STEP(done_refused)
{
    return call_was_refused(r, "KI490") ? done(r) : page_refused(r);
}

STEP(page_done)
{
    struct page_input input;
    struct plan *answer;
    struct call *call = call_of(r);

    if (!call->has_token)
        return page_go(r, SV("/login"), NULL);
    answer = page_form_read(r, &input);
    if (!answer)
        answer = page_form_bind(r, &form, &input);
    if (answer)
        return answer;
    if (!input.is_good)
        return fail_why(r, ERR_INVALID_INPUT, "The form does not say what is done.");
    call_begin(r, CALL_WRITE, SV(ROLES_REGISTRY));
    call_add(call, STMT(page_done), input.values);
    call_on_refusal(r, done_refused);
    return call_run(r, done);
}
