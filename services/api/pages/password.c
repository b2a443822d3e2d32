/* A password by a link: the form of the pages "password" and "invitation" (pages/task.c shows
 * them), and signing in by one: the form of the page "sign_in". */
#include "account.h"
#include "base/secret.h"
#include "gen/stmt.h"
#include "pages/form.h"
#include "session.h"

#define PASSWORD_SHORTEST 12

static const struct page_field fields[] = {
    {.json = JSON_FIELD("new_password", FIELD_LONG_TEXT, FIELD_REQUIRED, .min = PASSWORD_SHORTEST,
                        .max = PASSWORD_CHARACTERS)},
};
static const struct page_form form = PAGE_FORM(fields);

static STEP(shown_again)
{
    const struct db_unit *unit = call_of(r)->unit;

    return page_reply(r, 422, arena_cstr(r->arena, db_text(unit, 0, 0, "purpose")),
                      db_text(unit, 0, 0, "locale"), db_text(unit, 1, 0, "body"));
}

/* The page again, without what was typed. */
static struct plan *show_again(struct req *r, const char *code)
{
    size_t next;
    struct plan *answer = page_enter(r, CALL_READ, "password,invitation", &next);

    if (answer)
        return answer;
    call_add(
        call_of(r), STMT(task_page),
        arena_printf(r->arena, "{\"errors\":[{\"name\":\"new_password\",\"code\":\"%s\"}]}", code)
            .p);
    return call_run(r, shown_again);
}

static struct plan *set(struct req *r, struct sv session)
{
    page_close_link(r);
    if (!session.n)
        return page_go(r, SV("/login"), "password");
    session_set_cookie(r, session);
    return page_go_on(r);
}

static struct plan *unfit(struct req *r, enum password_fault fault)
{
    static const char *const codes[] = {
        [PASSWORD_SIMPLE] = "password_simple",
        [PASSWORD_COMMON] = "password_common",
        [PASSWORD_HAS_ADDRESS] = "password_has_address",
        [PASSWORD_HAS_NAME] = "password_has_name",
    };

    return show_again(r, codes[fault]);
}

static struct plan *wait(struct req *r, int64_t wait_s)
{
    (void)wait_s;
    return show_again(r, "wait");
}

static const struct password_way way = {set, page_over, unfit, wait, true};

STEP(page_password_post)
{
    struct page_input input;
    struct plan *answer = page_form_read(r, &input);
    struct json_fault fault;
    struct json_value password;

    if (!answer)
        answer = page_form_bind(r, &form, &input);
    if (answer)
        return answer;
    if (!page_form_value(&input, "new_password").n)
        return show_again(r, "required");
    if (!json_bind_text(r->arena, &fields[0].json, page_form_value(&input, "new_password"),
                        &password, &fault))
        return show_again(r, json_fault_name(fault.code));
    return account_set_password(r, &call_of(r)->token, password.text, &way);
}

/* ---- Signing in by a link ---- */

static const struct page_form sign_in_form = {NULL, 0};

static struct plan *signed_in(struct req *r, struct sv session_id, struct sv expires_at)
{
    (void)session_id;
    (void)expires_at;
    page_close_link(r);
    return page_go_on(r);
}

static const struct sign_in_way sign_in_way = {signed_in, page_over, session_wait};

STEP(page_link_sign_in)
{
    struct page_input input;
    struct plan *answer = page_form_read(r, &input);

    if (!answer)
        answer = page_form_bind(r, &sign_in_form, &input);
    if (answer)
        return answer;
    return session_spend_link(r, &call_of(r)->token, &sign_in_way);
}
