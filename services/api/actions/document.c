/* Documents to keep: one statement, which tells what stands in it → the page, in the language of
 * whoever gets it. It needs nothing beside itself, and may do nothing: no script, and the one style
 * that stands in it. */
#include <string.h>

#include "base/encode.h"
#include "base/secret.h"
#include "gen/stmt.h"
#include "http/router.h"
#include "pages/page.h"
#include "recognition.h"
#include "report_file.h"
#include "resources.h"

#define HEAD_BYTES  KB(16) /* of the page, in which its style stands */
#define STYLE_BEGIN "<style>"
#define STYLE_END   "</style>"

/* The policy names the style by its hash (CSP 3, section 2.3.1; 32 bytes leave one "=" of padding).
 */
static void add_policy(struct req *r, struct sv page)
{
    const char *head = arena_cstr(r->arena, sv_head_utf8(page, HEAD_BYTES));
    const char *begin = strstr(head, STYLE_BEGIN);
    const char *end = begin ? strstr(begin, STYLE_END) : NULL;
    struct sv style;

    ENSURE(begin && end); /* each template has one */
    begin += sizeof STYLE_BEGIN - 1;
    style = (struct sv){begin, (size_t)(end - begin)};
    style = hex_decode(r->arena, secret_sha256_hex(r->arena, style));
    reply_field(r, "Content-Security-Policy",
                arena_printf(r->arena,
                             "default-src 'none'; style-src 'sha256-%.*s='; base-uri 'none'; "
                             "form-action 'none'; frame-ancestors 'none'",
                             SV_ARG(base64url_encode(r->arena, style))));
}

/* To be kept it is in its reader's language, in the browser in the browser's. */
static struct plan *show(struct req *r, const char *template, bool is_kept)
{
    struct call *call = call_of(r);
    struct sv locale;
    struct sv page;

    if (db_row_count(call->unit, 1) == 0)
        return fail(r, ERR_NOT_FOUND);
    locale = db_text(call->unit, 1, 0, "locale");
    page = page_render(r, template, is_kept ? page_language_for(locale) : page_language(r, locale),
                       db_text(call->unit, 1, 0, "body"));
    if (!page.n)
        return fail_why(r, ERR_INTERNAL, "The document came out too large.");
    add_policy(r, page);
    reply_field(r, "Cache-Control", SV("private, no-store"));
    reply_field(r, "Referrer-Policy", SV("no-referrer"));
    reply_field(r, "Content-Disposition",
                arena_printf(r->arena, "%s; filename*=UTF-8''%.*s",
                             is_kept ? "attachment" : "inline",
                             SV_ARG(percent_encode(r->arena, db_text(call->unit, 1, 0, "name")))));
    return reply_bytes(r, 200, "text/html; charset=utf-8", page);
}

static STEP(document_found)
{
    return show(r, "document", true);
}

static STEP(year_found)
{
    return show(r, "year_report", true);
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

/* ---- Reports ---- */

static STEP(report_found)
{
    return show(r, "report", true);
}

static STEP(report_seen)
{
    return show(r, "report", false);
}

static struct plan *ask_report(struct req *r, const char *const *params,
                               struct plan *(*found)(struct req *r))
{
    call_begin(r, CALL_LIST, SV(ROLES_EVERYBODY));
    call_add_array(call_of(r), STMT(report_page), params, REPORT_FILE_PARAMS);
    return call_run(r, found);
}

STEP(report_file_page)
{
    const char **params = arena_zalloc(r->arena, REPORT_FILE_PARAMS * sizeof *params);
    struct plan *refused = report_read(r, params);

    return refused ? refused : ask_report(r, params, report_found);
}

STEP(page_report)
{
    const char **params = arena_zalloc(r->arena, REPORT_FILE_PARAMS * sizeof *params);
    struct plan *answer;

    if (!call_of(r)->has_token)
        return page_go(r, SV("/login"), NULL);
    answer = report_read(r, params);
    if (!answer) {
        answer = ask_report(r, params, report_seen);
        call_on_refusal(r, page_refused);
    }
    return answer;
}
