/* Drafts and sent answers of anonymous surveys. */
#include "pages/ballot.h"

#include "base/secret.h"
#include "gen/stmt.h"
#include "http/router.h"
#include "pages/page.h"
#include "routes.h"

/* Of the link's token, and the part of it that is open. */
static bool link_text(struct req *r, struct sv *out)
{
    struct sv token;
    struct sv part;

    if (!(r->route->flags & ROUTE_BY_LINK) || !page_link_token(r, &token, &part))
        return false;
    *out = arena_printf(r->arena, "%.*s %.*s", SV_ARG(token), SV_ARG(part));
    return true;
}

static struct sv name_of(struct req *r, struct sv link)
{
    return secret_sha256_hex(r->arena, arena_printf(r->arena, "survey %.*s", SV_ARG(link)));
}

struct sv ballot_held(struct req *r, struct sv draft)
{
    struct sv link;

    if (!link_text(r, &link))
        return SV_NONE;
    return arena_printf(r->arena, "{\"name\":\"%.*s\"%s%.*s}", SV_ARG(name_of(r, link)),
                        draft.n ? ",\"draft\":" : "", SV_ARG(draft));
}

struct sv ballot_open(struct req *r, struct sv survey, struct sv kept)
{
    struct secret_key key;
    struct sv link;
    struct sv draft;

    if (!link_text(r, &link))
        return SV("{}");
    key = secret_derive(link, "survey draft");
    return secret_open(r->arena, &key, survey, kept, &draft) ? draft : SV("{}");
}

bool ballot_read(const struct db_unit *unit, size_t statement, struct ballot *out)
{
    *out = (struct ballot){.survey = db_text(unit, statement, 0, "survey_id"),
                           .invitation = db_text(unit, statement, 0, "invitation_id"),
                           .draft = db_text(unit, statement, 0, "draft"),
                           .part = db_text(unit, statement, 0, "part"),
                           .sent = db_text(unit, statement, 0, "sent")};
    return out->draft.n > 0;
}

void ballot_keep(struct req *r, const struct ballot *ballot)
{
    struct call *call = call_of(r);
    struct secret_key survey_key;
    struct secret_key draft_key;
    struct sv link;

    ENSURE(link_text(r, &link)); /* the database keeps a draft of nobody else */
    draft_key = secret_derive(link, "survey draft");
    survey_key = secret_derive((struct sv){(const char *)call->api->survey_key->b, SECRET_BYTES},
                               arena_cstr(r->arena, ballot->survey));
    call_add(call, STMT(survey_spool_put), arena_cstr(r->arena, ballot->survey), name_of(r, link).p,
             secret_seal(r->arena, &draft_key, ballot->survey, ballot->draft).p,
             arena_cstr(r->arena, ballot->part),
             ballot->sent.n ? secret_box_close(r->arena, &survey_key, ballot->sent).p : NULL,
             ballot->invitation.n ? arena_cstr(r->arena, ballot->invitation) : NULL);
}
