/* A new password by a link: the form of the page "password" (page_task.c shows it). */
#include "account.h"
#include "base/secret.h"
#include "gen/stmt.h"
#include "page_form.h"

#define PASSWORD_SHORTEST 12

static const struct page_field fields[] = {
    {.json = JSON_FIELD("new_password", FIELD_LONG_TEXT, FIELD_REQUIRED, .min = PASSWORD_SHORTEST,
                        .max = PASSWORD_CHARACTERS)},
};
static const struct page_form form = PAGE_FORM(fields);

static STEP(shown_again)
{
    const struct db_unit *unit = call_of(r)->unit;

    return page_reply(r, 422, "password", db_text(unit, 0, 0, "locale"),
                      db_text(unit, 1, 0, "body"));
}

/* The page again, without what was typed. */
static struct plan *show_again(struct req *r, const char *code)
{
    size_t next;
    struct plan *answer = page_enter(r, CALL_READ, "password", &next);

    if (answer)
        return answer;
    call_add(
        call_of(r), STMT(task_page),
        arena_printf(r->arena, "{\"errors\":[{\"name\":\"new_password\",\"code\":\"%s\"}]}", code)
            .p);
    return call_run(r, shown_again);
}

static STEP(set)
{
    page_set_cookie(r, arena_printf(r->arena, "l-%.*s", SV_ARG(r->captures[0])).p, SV_NONE);
    return page_go(r, SV("/login"), "password");
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

static const struct password_way way = {set, page_over, unfit, wait};

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
