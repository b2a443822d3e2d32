/* The page of a task, and its forms: read the form → judge it → the effect → 303; or, where
 * something is wrong, the page again with what was typed. Who the task's person is, and that it may
 * do this, is found out with each unit. */
#include <string.h>

#include "base/uuid.h"
#include "gen/stmt.h"
#include "http/router.h"
#include "pages/ballot.h"
#include "pages/together.h"
#include "pages/verbs.h"

#define VIEW_BYTES MB(3)

struct task_page {
    const struct page_verb *verb; /* of a POST */
    struct sv language;           /* to which it shall change */
    struct page_input input;
    struct sv errors; /* what the effect found wrong */
    size_t next;      /* the statement behind those that let in */
    int status;
    const char *purposes; /* of what is shown */
    bool is_refused;
    struct together_form form;
    struct sv draft; /* of an anonymous survey, once it was opened */
    struct ballot ballot;
    bool is_good;
    struct sv said;
    struct sv path;
};

static struct plan *show(struct req *r, int status, const char *purposes, bool is_refused);

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
    struct sv to_open = db_text(call->unit, page->next, 0, "to_open");

    if (to_open.n && !page->draft.n) {
        task_page_of(r)->draft =
            ballot_open(r, db_text(call->unit, page->next, 0, "survey_id"), to_open);
        return show(r, page->status, page->purposes, page->is_refused);
    }
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
    struct sv held = ballot_held(r, page->draft);
    struct emit e;

    emit_init(&e, view);
    emit_object_begin(&e);
    add_path(&e, r);
    if (held.n) {
        emit_key(&e, SV("_held"));
        emit_raw(&e, held);
    }
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
    page->purposes = purposes;
    page->is_refused = is_refused;
    call_add(call_of(r), STMT(task_page), view_of(r, is_refused));
    return call_run(r, shown);
}

STEP(page_task)
{
    call_of(r)->state = ARENA_NEW(r->arena, task_page);
    return show(r, 200, PAGE_PURPOSES, false);
}

/* ---- Doing ---- */

static struct plan *act_alone(struct req *r, struct task_page *page);

static STEP(done)
{
    struct task_page *page = task_page_of(r);

    if (!page->is_good)
        return show(r, 422, page->verb->purpose, false);
    if (page->language.n)
        page_set_language(r, page->language);
    return page_go(
        r, arena_printf(r->arena, "%.*s%.*s", SV_ARG(page_base_path(r)), SV_ARG(page->path)),
        page->verb->is_silent ? NULL : arena_cstr(r->arena, page->said));
}

static STEP(put_refused);

/* By itself, so that nothing that was read for it is of its transaction. */
static struct plan *keep_ballot(struct req *r, struct task_page *page)
{
    size_t next;
    struct plan *answer = page_enter(r, CALL_WRITE, page->verb->purpose, &next);

    if (answer)
        return answer;
    call_on_refusal(r, put_refused);
    ballot_keep(r, &page->ballot);
    page->draft = page->ballot.draft;
    return call_run(r, done);
}

static STEP(put)
{
    const struct db_unit *unit = call_of(r)->unit;
    struct task_page *page = task_page_of(r);
    struct sv to_open = db_text(unit, page->next, 0, "to_open");

    if (to_open.n && !page->draft.n) {
        page->draft = ballot_open(r, db_text(unit, page->next, 0, "survey_id"), to_open);
        return act_alone(r, page);
    }
    page->is_good = db_bool(unit, page->next, 0, "is_good");
    page->said = db_text(unit, page->next, 0, "said");
    page->path = db_text(unit, page->next, 0, "next");
    page->errors = db_text(unit, page->next, 0, "errors");
    return ballot_read(unit, page->next, &page->ballot) ? keep_ballot(r, page) : done(r);
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

static bool is_of_survey(const struct task_page *page)
{
    return strncmp(page->verb->name, "survey_", 7) == 0;
}

/* The form's values; of a survey, with what the link holds. */
static const char *values_of(struct req *r, const struct task_page *page)
{
    struct sv held = SV_NONE;

    if (is_of_survey(page))
        held = ballot_held(r, page->draft);
    return held.n ? arena_printf(r->arena, "{\"_held\":%.*s%s%s", SV_ARG(held),
                                 page->input.values[1] == '}' ? "" : ",", page->input.values + 1)
                        .p
                  : page->input.values;
}

static struct plan *act_alone(struct req *r, struct task_page *page)
{
    struct plan *answer = page_enter(r, CALL_WRITE, page->verb->purpose, &page->next);

    if (answer)
        return answer;
    call_on_refusal(r, put_refused);
    call_add(call_of(r), STMT(task_put), page->verb->name, values_of(r, page));
    return call_run(r, put);
}

static STEP(put_together)
{
    struct task_page *page = task_page_of(r);

    if (!page->form.is_done)
        return act_alone(r, page);
    page->is_good = sv_eq(page->form.errors, SV("[]"));
    page->said = sv_of(page->verb->name);
    page->path = page->form.next;
    page->errors = page->form.errors;
    return done(r);
}

/* Answers come by the hundred, and are put together. */
static struct plan *act(struct req *r, struct task_page *page)
{
    page->errors = sv_of(page->input.errors);
    if (!page->input.is_good)
        return show(r, 422, page->verb->purpose, false);
    page->form.verb = page->verb->name;
    page->form.values = page->input.values;
    if (is_of_survey(page) && page->verb->form.field_count && together_takes(r, &page->form))
        return together_put(r, &page->form, put_together);
    return act_alone(r, page);
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
