/* Documents to keep: one statement, which tells what stands in it → the page, in the language of
 * whoever gets it. It needs nothing beside itself. */
#include "base/encode.h"
#include "gen/stmt.h"
#include "http/router.h"
#include "pages/page.h"
#include "recognition.h"
#include "resources.h"
#include "year_report.h"

static struct plan *show(struct req *r, const char *template)
{
    struct call *call = call_of(r);
    struct sv page;

    if (db_row_count(call->unit, 1) == 0)
        return fail(r, ERR_NOT_FOUND);
    page = page_render(r, template, page_language_for(db_text(call->unit, 1, 0, "locale")),
                       db_text(call->unit, 1, 0, "body"));
    if (!page.n)
        return fail_why(r, ERR_INTERNAL, "The document came out too large.");
    reply_field(r, "Cache-Control", SV("private, no-store"));
    reply_field(r, "Content-Security-Policy", SV("default-src 'none'; style-src 'unsafe-inline'"));
    reply_field(r, "Content-Disposition",
                arena_printf(r->arena, "attachment; filename*=UTF-8''%.*s",
                             SV_ARG(percent_encode(r->arena, db_text(call->unit, 1, 0, "name")))));
    return reply_bytes(r, 200, "text/html; charset=utf-8", page);
}

static STEP(document_found)
{
    return show(r, "document");
}

static STEP(year_found)
{
    return show(r, "year_report");
}

static struct plan *give(struct req *r, enum call_kind kind, const char *roles,
                         const struct db_statement *statement, struct plan *(*found)(struct req *r))
{
    const char *id = NULL;
    struct plan *refused = call_read_id(r, &id);

    if (refused)
        return refused;
    call_begin(r, kind, sv_of(roles));
    call_add(call_of(r), statement, id);
    return call_run(r, found);
}

STEP(tax_document_content)
{
    return give(r, CALL_WRITE, ROLES_STAFF, STMT(tax_document_take),
                document_found); /* it leaves a record */
}

STEP(award_certificate)
{
    return give(r, CALL_READ, ROLES_EVERYBODY, STMT(award_certificate), document_found);
}

STEP(school_year_page)
{
    return give(r, CALL_LIST, ROLES_EVERYBODY, STMT(school_year_page), year_found);
}
