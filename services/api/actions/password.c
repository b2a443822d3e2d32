/* Passwords are set in two ways, by the same steps: read the body → whose it is → is it fit →
 * compare the old one and hash the new one, off the loop → the new hash, or one failure more.
 *
 * POST /v1/me/password knows the old one; POST /v1/passwords has a link of password_reset. */
#include "account.h"
#include "base/secret.h"
#include "base/uuid.h"
#include "gen/stmt.h"
#include "session.h"

#define PASSWORD_SHORTEST 12
#define NEW_PASSWORD                                                                              \
    JSON_FIELD("new_password", FIELD_LONG_TEXT, FIELD_REQUIRED, .min = PASSWORD_SHORTEST,         \
               .max = PASSWORD_CHARACTERS,                                                        \
               .doc = "None of the best known ones, and neither the name nor what stands before " \
                      "the @ of the address in it.")

enum { BODY_PROOF, BODY_NEW };

static const struct json_field own_fields[] = {
    [BODY_PROOF] = JSON_FIELD("current_password", FIELD_LONG_TEXT, FIELD_REQUIRED, .min = 1,
                              .max = PASSWORD_CHARACTERS),
    [BODY_NEW] = NEW_PASSWORD,
};
const struct json_table account_own_password_table = JSON_TABLE("own_password", own_fields);

static const struct json_field link_fields[] = {
    [BODY_PROOF] = JSON_FIELD("token", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = 255,
                              .doc = "Of the link; it is spent by this."),
    [BODY_NEW] = NEW_PASSWORD,
};
const struct json_table account_link_password_table = JSON_TABLE("link_password", link_fields);

struct setting {
    const struct password_way *way;
    struct sv current; /* of one's own */
    struct sv fresh;
    const char *keys; /* of the throttle, as JSON */
    bool is_by_link;
    struct token link;
    struct uuid session; /* that the link may begin */
    struct sv session_text;
    struct uuid user;     /* when not by a link */
    const char *old_hash; /* to compare with, or NULL */
    char new_hash[PASSWORD_HASH_BYTES];
    bool matches;
    bool was_run;
};

static struct setting *setting_of(struct req *r)
{
    return call_of(r)->state;
}

static struct plan *refuse(struct req *r, const char *pointer, const char *detail)
{
    struct json_fault fault = {sv_of(pointer), JSON_FAULT_NOT_ALLOWED, sv_of(detail)};

    return fail_fields(r, ERR_INVALID_INPUT, fault.detail, &fault, 1);
}

static struct plan *unfit(struct req *r, enum password_fault fault)
{
    static const char *const why[] = {
        [PASSWORD_SIMPLE] = "\"new_password\" has too few different characters.",
        [PASSWORD_COMMON] = "\"new_password\" is one of the passwords that are guessed first.",
        [PASSWORD_HAS_ADDRESS] = "\"new_password\" has the e-mail address in it.",
        [PASSWORD_HAS_NAME] = "\"new_password\" has your name in it.",
    };

    return refuse(r, "/new_password", why[fault]);
}

static struct plan *set(struct req *r, struct sv session)
{
    (void)session;
    return reply_empty(r, 204);
}

static STEP(link_spent)
{
    return refuse(r, "/token", "\"token\" is spent, over, or none.");
}

static STEP(own_changed)
{
    return fail_why(r, ERR_CONFLICT, "The password has just changed.");
}

static const struct password_way own_way = {set, own_changed, unfit, session_wait, false};
static const struct password_way link_way = {set, link_spent, unfit, session_wait, false};

static STEP(failure_kept)
{
    return refuse(r, "/current_password", "\"current_password\" is wrong.");
}

static STEP(password_set)
{
    const struct setting *setting = setting_of(r);
    const struct db_unit *unit = call_of(r)->unit;
    bool is_signed_in = setting->is_by_link && db_bool(unit, 0, 0, "is_signed_in");

    if (!db_int(unit, setting->is_by_link ? 0 : 1, 0, "done"))
        return setting->way->spent(r);
    return setting->way->set(r, is_signed_in ? setting->session_text : SV_NONE);
}

static struct plan *keep_failure(struct req *r)
{
    struct call *call = call_begin(r, CALL_WRITE, SV(""));
    struct setting *setting = setting_of(r);

    call_add(call, STMT(sign_in_failed), call->token.district.text, setting->user.text,
             setting->keys, call_now(r), call_request_id(r));
    return call_run(r, failure_kept);
}

static void spend_link(struct req *r)
{
    struct setting *setting = setting_of(r);
    struct call *call = call_begin_public(r);
    struct token session;

    setting->session = uuid7_new();
    setting->session_text = token_new(r->arena, &setting->link.district, &session);
    call_add(call, STMT(password_link_spend), setting->link.district.text, setting->link.hash.p,
             setting->new_hash, setting->way->signs_in ? setting->session.text : NULL,
             session.hash.p, session_address(r), session_agent(r), call_now(r), call_request_id(r));
}

static STEP(hashed)
{
    struct setting *setting = setting_of(r);

    if (!setting->was_run)
        return fail(r, ERR_UNAVAILABLE);
    if (setting->is_by_link) {
        spend_link(r);
    } else if (setting->matches) {
        struct call *call = call_begin(r, CALL_WRITE, SV(""));

        call_add(call, STMT(password_change), setting->old_hash, setting->new_hash,
                 call->token.hash.p, setting->keys);
    } else {
        return keep_failure(r);
    }
    return call_run(r, password_set);
}

/* Off the loop. */
static void compare_and_hash(void *arg)
{
    struct setting *setting = setting_of(arg);

    setting->matches =
        setting->is_by_link || secret_password_matches(setting->old_hash, setting->current);
    if (setting->matches)
        secret_password_hash(setting->new_hash, setting->fresh);
}

static void work_done(void *arg, bool was_run)
{
    struct req *r = arg;

    setting_of(r)->was_run = was_run;
    req_resume(r);
}

/* What the statement at that place of the unit found: may it be tried now, and is the new password
 * fit? */
static struct plan *check_and_hash(struct req *r, size_t statement)
{
    struct call *call = call_of(r);
    int64_t wait_s = db_int(call->unit, statement, 0, "wait_s");
    const struct password_way *way = setting_of(r)->way;
    enum password_fault fault;

    if (wait_s > 0)
        return way->wait(r, wait_s);
    if (setting_of(r)->is_by_link && db_is_null(call->unit, statement, 0, "user_id"))
        return way->spent(r);
    fault = password_judge(setting_of(r)->fresh, db_text(call->unit, statement, 0, "email"),
                           db_text(call->unit, statement, 0, "name"));
    if (fault != PASSWORD_FIT)
        return way->unfit(r, fault);
    if (!offload_run(call->api->offload, compare_and_hash, work_done, r)) {
        reply_field(r, "Retry-After", SV("1"));
        return fail(r, ERR_OVERLOADED);
    }
    return req_park(r, hashed);
}

static STEP(link_looked_up)
{
    return check_and_hash(r, 0);
}

static STEP(own_looked_up)
{
    struct call *call = call_of(r);
    struct setting *setting = setting_of(r);
    struct sv hash = db_text(call->unit, 1, 0, "password_hash");

    ENSURE(uuid_parse(db_text(call->unit, 1, 0, "id"), &setting->user));
    setting->old_hash = hash.n ? arena_cstr(r->arena, hash) : NULL;
    return check_and_hash(r, 1);
}

STEP(account_own_password_set)
{
    struct setting *setting = ARENA_NEW(r->arena, setting);
    struct json_bound bound = {0};
    struct plan *refused = account_read_body(r, &account_own_password_table, &bound);
    struct call *call;

    if (refused)
        return refused;
    setting->way = &own_way;
    setting->current = bound.values[BODY_PROOF].text;
    setting->fresh = bound.values[BODY_NEW].text;
    call = call_begin(r, CALL_WRITE, SV(""));
    call->state = setting;
    /* Guesses are counted for whoever holds the session: it is its own account here. */
    setting_of(r)->keys = session_throttle_keys(r, call->token.hash);
    call_add(call, STMT(password_begin), setting_of(r)->keys);
    return call_run(r, own_looked_up);
}

struct plan *account_set_password(struct req *r, const struct token *link, struct sv password,
                                  const struct password_way *way)
{
    struct setting *setting = ARENA_NEW(r->arena, setting);
    struct call *call = call_begin_public(r);

    *setting = (struct setting){.way = way,
                                .fresh = password,
                                .is_by_link = true,
                                .link = *link,
                                .keys = session_throttle_keys(r, link->hash)};
    call->state = setting;
    call_add(call, STMT(password_link_begin), setting->link.district.text, setting->link.hash.p,
             setting->keys, call_now(r), call_request_id(r));
    return call_run(r, link_looked_up);
}

STEP(account_link_password_set)
{
    struct json_bound bound = {0};
    struct plan *refused = account_read_body(r, &account_link_password_table, &bound);
    struct token link;

    if (refused)
        return refused;
    if (!token_parse(r->arena, bound.values[BODY_PROOF].text, &link))
        return link_spent(r);
    return account_set_password(r, &link, bound.values[BODY_NEW].text, &link_way);
}
