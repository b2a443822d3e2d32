/* The page of a task, and its forms: read the form → judge it → the effect → 303; or, where
 * something is wrong, the page again with what was typed. Who the task's person is, and that it may
 * do this, is found out with each unit. */
#include <string.h>

#include "base/uuid.h"
#include "gen/stmt.h"
#include "http/router.h"
#include "pages/verbs.h"

#define VIEW_BYTES MB(3)

struct task_page {
    const struct page_verb *verb; /* of a POST */
    struct sv language;           /* to which it shall change */
    struct page_input input;
    struct sv errors; /* what the effect found wrong */
    size_t next;      /* the statement behind those that let in */
    int status;
};

static struct task_page *task_page_of(struct req *r)
{
    return call_of(r)->state;
}

/* ---- Showing ---- */

static STEP(shown)
{
    struct call *call = call_of(r);
    const struct task_page *page = task_page_of(r);
    bool by_link = page->next == 1;
    const char *template = by_link ? arena_cstr(r->arena, db_text(call->unit, 0, 0, "purpose"))
                                   : page_session_purpose(r);

    struct sv other = db_text(call->unit, page->next, 0, "template");
    struct sv body = db_text(call->unit, page->next, 0, "body");

    if (other.n)
        template = arena_cstr(r->arena, other);

    if (strcmp(template, "tasks") == 0 && r->capture_count == 3)
        return page_open_part(r);
    if (!by_link)
        body = arena_printf(r->arena, "{\"is_signed_in\":true,%.*s", SV_ARG(sv_skip(body, 1)));
    if (page->language.n)
        page_set_language(r, page->language);
    return page_reply(r, page->status, template, db_text(call->unit, page->next - 1, 0, "locale"),
                      body);
}

static void add_path(struct emit *e, const struct req *r)
{
    emit_key(e, SV("path"));
    emit_array_begin(e);
    for (size_t i = 1; i < r->capture_count; i++)
        emit_text(e, r->captures[i]);
    emit_array_end(e);
}

/* What the page is asked with, for the database. */
static const char *view_of(struct req *r, bool is_refused)
{
    const struct task_page *page = task_page_of(r);
    struct str *view = str_new_in(r->arena, VIEW_BYTES);
    struct sv language = page->language.n ? page->language : page_language_said(r);
    struct emit e;

    emit_init(&e, view);
    emit_object_begin(&e);
    add_path(&e, r);
    if (language.n) {
        emit_key(&e, SV("lang"));
        emit_text(&e, language);
    }
    if (page->verb) {
        emit_key(&e, SV("verb"));
        emit_text(&e, sv_of(page->verb->name));
        emit_key(&e, SV("form"));
        emit_raw(&e, sv_of(page->input.typed));
        emit_key(&e, SV("errors"));
        emit_raw(&e, page->errors);
        emit_key(&e, SV("is_refused"));
        emit_bool(&e, is_refused);
    }
    emit_object_end(&e);
    ENSURE(emit_finish(&e)); /* a form is smaller than that */
    return str_cstr(view);
}

static struct plan *show(struct req *r, int status, const char *purposes, bool is_refused)
{
    struct task_page *page = task_page_of(r);
    struct plan *answer = page_enter(r, CALL_READ, purposes, &page->next);

    if (answer)
        return answer;
    page->status = status;
    call_add(call_of(r), STMT(task_page), view_of(r, is_refused));
    return call_run(r, shown);
}

STEP(page_task)
{
    call_of(r)->state = ARENA_NEW(r->arena, task_page);
    return show(r, 200, PAGE_PURPOSES, false);
}

/* ---- Doing ---- */

static STEP(put)
{
    const struct db_unit *unit = call_of(r)->unit;
    struct task_page *page = task_page_of(r);
    struct sv said = db_text(unit, page->next, 0, "said");

    if (!db_bool(unit, page->next, 0, "is_good")) {
        page->errors = db_text(unit, page->next, 0, "errors");
        return show(r, 422, page->verb->purpose, false);
    }
    if (page->language.n)
        page_set_language(r, page->language);
    return page_go(r,
                   arena_printf(r->arena, "%.*s%.*s", SV_ARG(page_base_path(r)),
                                SV_ARG(db_text(unit, page->next, 0, "next"))),
                   page->verb->is_silent ? NULL : arena_cstr(r->arena, said));
}

/* The state does not allow it: the page says how it stands, and shows what was typed. */
static STEP(put_refused)
{
    if (!call_was_refused(r, "KI490"))
        return page_refused(r);
    return show(r, 409, task_page_of(r)->verb->purpose, true);
}

/* "check_in_save", or "check_in_save:es" for the button that also changes the language. */
static void read_verb(struct task_page *page)
{
    struct sv text = page_form_value(&page->input, "do");
    size_t colon = sv_find(text, ':');

    page->verb = page_verb_find(sv_head(text, colon));
    page->language = sv_skip(text, colon + 1);
}

static struct plan *act(struct req *r, struct task_page *page)
{
    struct plan *answer;

    page->errors = sv_of(page->input.errors);
    if (!page->input.is_good)
        return show(r, 422, page->verb->purpose, false);
    answer = page_enter(r, CALL_WRITE, page->verb->purpose, &page->next);
    if (answer)
        return answer;
    call_on_refusal(r, put_refused);
    call_add(call_of(r), STMT(task_put), page->verb->name, page->input.values);
    return call_run(r, put);
}

struct plan *page_task_do(struct req *r, const struct page_verb *verb,
                          const struct page_input *input)
{
    struct task_page *page = ARENA_NEW(r->arena, task_page);

    page->verb = verb;
    page->input = *input;
    call_of(r)->state = page;
    return act(r, page);
}

STEP(page_task_post)
{
    struct task_page *page = ARENA_NEW(r->arena, task_page);
    struct plan *answer = page_form_read(r, &page->input);

    call_of(r)->state = page;
    if (answer)
        return answer;
    read_verb(page);
    if (!page->verb || page->verb->has_file ||
        (page->language.n && !page_knows_language(page->language)))
        return fail_why(r, ERR_MALFORMED_REQUEST, "The form has no such button.");
    answer = page_form_bind(r, &page->verb->form, &page->input);
    return answer ? answer : act(r, page);
}
