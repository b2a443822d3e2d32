/* Forms that are put together: who waits, what is at work, and who is told. */
#include "pages/together.h"

#include <string.h>

#include "base/metrics.h"
#include "base/str.h"
#include "gen/stmt.h"
#include "publisher.h"
#include "routes.h"
#include "json/emit.h"

#define FORMS_BYTES (TOGETHER_MOST * (TOGETHER_LONGEST + KB(1)))
#define GROUP_BYTES (2 * FORMS_BYTES)

static const struct metric_spec waiting_spec = {
    .name = "kith_survey_forms_waiting",
    .type = METRIC_GAUGE,
    .help =
        "Answers to surveys that wait until the database is done with others of their district.",
};
static struct metric waiting;

/* Of one district, for as long as there is a statement of it at work. */
struct group {
    struct list link;
    struct together *together;
    struct uuid district;
    struct list waiting; /* struct together_form */
    size_t waiting_count;
    struct list at_work;
    struct arena *arena; /* of the statement */
};

struct together {
    struct api *api;
    struct list groups;
    size_t waiting_count; /* in all of them */
};

void together_register_metrics(void)
{
    waiting = metric_register(&waiting_spec, METRIC_NO_LABELS);
}

struct together *together_new(struct api *api)
{
    struct together *together = x_calloc(1, sizeof *together);

    together->api = api;
    list_init(&together->groups);
    return together;
}

void together_free(struct together *together)
{
    ENSURE(list_is_empty(&together->groups));
    x_free(together);
}

static struct group *group_of(struct together *together, const struct uuid *district)
{
    LIST_FOREACH (link, &together->groups) {
        struct group *group = CONTAINER_OF(link, struct group, link);

        if (sv_eq(uuid_view(&group->district), uuid_view(district)))
            return group;
    }
    return NULL;
}

static struct group *group_new(struct together *together, const struct uuid *district)
{
    struct group *group = x_calloc(1, sizeof *group);

    group->together = together;
    group->district = *district;
    list_init(&group->waiting);
    list_init(&group->at_work);
    list_append(&together->groups, &group->link);
    return group;
}

static void group_free(struct group *group)
{
    list_remove(&group->link);
    x_free(group);
}

/* So many more wait, or fewer. */
static void count_waiting(struct group *group, size_t more, size_t fewer)
{
    struct together *together = group->together;

    group->waiting_count += more - fewer;
    together->waiting_count += more - fewer;
    metric_set(waiting, (int64_t)together->waiting_count);
}

/* ---- Out ---- */

static void add_form(struct emit *e, const struct together_form *form)
{
    emit_object_begin(e);
    emit_key(e, SV("link"));
    emit_text(e, call_of(form->r)->token.hash);
    emit_key(e, SV("request"));
    emit_text(e, sv_of(call_request_id(form->r)));
    emit_key(e, SV("verb"));
    emit_text(e, sv_of(form->verb));
    emit_key(e, SV("form"));
    emit_raw(e, sv_of(form->values));
    emit_object_end(e);
}

static const char *forms_of(struct group *group)
{
    struct str *text = str_new_in(group->arena, FORMS_BYTES);
    struct emit e;

    emit_init(&e, text);
    emit_array_begin(&e);
    LIST_FOREACH (link, &group->at_work) {
        add_form(&e, CONTAINER_OF(link, struct together_form, link));
    }
    emit_array_end(&e);
    ENSURE(emit_finish(&e)); /* so many, each so long at most */
    return str_cstr(text);
}

static void on_done(struct db_unit *unit, void *arg);

/* Those that have waited longest. */
static void send_waiting(struct group *group)
{
    const struct api *api = group->together->api;
    struct together_form *first = LIST_FIRST(&group->waiting, together_form, link);
    const char **params;
    struct db_unit *unit;

    for (size_t n = 0; n < TOGETHER_MOST && group->waiting_count; n++) {
        list_move(&group->at_work, group->waiting.next);
        count_waiting(group, 0, 1);
    }
    group->arena = arena_new(GROUP_BYTES);
    params = ARENA_ARRAY(group->arena, const char *, 3);
    params[0] = group->district.text;
    params[1] = forms_of(group);
    params[2] = arena_cstr(group->arena, sv_of(call_now(first->r)));
    unit = db_unit_new(group->arena);
    db_unit_add(unit, STMT(survey_forms_put), params, 3);
    db_submit(api->pool, unit, api->unit_ms, on_done, group);
}

/* ---- In ---- */

static void note_done(const struct db_unit *unit, struct together_form *const *forms)
{
    for (size_t row = 0; row < db_row_count(unit, 0); row++) {
        struct together_form *form = forms[db_int(unit, 0, row, "place") - 1];
        struct call *call = call_of(form->r);

        form->is_done = true;
        form->errors = arena_copy(form->r->arena, db_text(unit, 0, row, "errors"));
        form->next = arena_copy(form->r->arena, db_text(unit, 0, row, "next"));
        limits_verified(call->api->limits, &call->admission);
    }
}

/* The next ones go out first: whoever is told may send another. */
static void on_done(struct db_unit *unit, void *arg)
{
    struct group *group = arg;
    struct arena *arena = group->arena;
    struct together_form *forms[TOGETHER_MOST];
    enum db_outcome outcome = db_unit_outcome(unit);
    size_t count = 0;

    LIST_FOREACH_SAFE (link, after, &group->at_work) {
        forms[count++] = CONTAINER_OF(link, struct together_form, link);
        list_remove(link);
    }
    if (outcome == DB_DONE) {
        note_done(unit, forms);
        publisher_wake(group->together->api->publisher);
    }
    if (group->waiting_count)
        send_waiting(group);
    else
        group_free(group);
    for (size_t i = 0; i < count; i++) {
        struct req *r = forms[i]->r;
        bool has_failed = outcome != DB_DONE && outcome != DB_REFUSED;

        if (has_failed)
            call_of(r)->unit = unit; /* which tells why */
        r->next = has_failed ? call_fail : forms[i]->step;
        req_resume(r);
    }
    arena_free(arena);
}

bool together_takes(const struct req *r, const struct together_form *form)
{
    const struct call *call = call_of(r);
    const struct group *group;

    if (!(r->route->flags & ROUTE_BY_LINK) || !call->has_token || call->link_part.n ||
        strlen(form->values) > TOGETHER_LONGEST)
        return false;
    group = group_of(call->api->together, &call->token.district);
    return !group || group->waiting_count < TOGETHER_WAITING;
}

struct plan *together_put(struct req *r, struct together_form *form, STEP((*step)))
{
    const struct call *call = call_of(r);
    struct together *together = call->api->together;
    struct group *group = group_of(together, &call->token.district);
    bool is_first = !group;

    if (is_first)
        group = group_new(together, &call->token.district);
    form->r = r;
    form->step = step;
    list_append(&group->waiting, &form->link);
    count_waiting(group, 1, 0);
    if (is_first)
        send_waiting(group);
    return req_park(r, step);
}
