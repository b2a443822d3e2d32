/* What the templates of a letter are filled with. */
#include "letter/data.h"

#include "template/template.h"
#include "json/emit.h"

#define DATA_BYTES KB(256)

static void emit_thing(struct emit *e, const struct letter *thing)
{
    emit_object_begin(e);
    emit_key(e, SV("kind"));
    emit_text(e, thing->kind);
    emit_key(e, SV("about"));
    emit_raw(e, thing->about);
    emit_key(e, SV("has_task"));
    emit_bool(e, thing->has_task);
    emit_key(e, SV("task_url"));
    emit_text(e, thing->task_url);
    emit_object_end(e);
}

/* What it carries, and the first of that by itself: of it the subject tells. */
static void emit_things(struct emit *e, const struct letter *letter)
{
    if (letter->thing_count) {
        emit_key(e, SV("first"));
        emit_thing(e, &letter->things[0]);
    }
    emit_key(e, SV("things"));
    emit_array_begin(e);
    for (size_t i = 0; i < letter->thing_count; i++)
        emit_thing(e, &letter->things[i]);
    emit_array_end(e);
}

/* Which way the language is written, for the page and for what only knows left and right; and what
 * a value in the text stands between, where its signs would take another order. */
static void emit_direction(struct emit *e, struct sv locale)
{
    struct sv direction = template_direction(locale);
    bool is_leftward = sv_eq(direction, SV("rtl"));

    emit_key(e, SV("locale"));
    emit_text(e, locale);
    emit_key(e, SV("dir"));
    emit_text(e, direction);
    emit_key(e, SV("start"));
    emit_text(e, is_leftward ? SV("right") : SV("left"));
    emit_key(e, SV("isolate"));
    emit_text(e, is_leftward ? SV("\u2068") : SV_NONE);
    emit_key(e, SV("isolate_end"));
    emit_text(e, is_leftward ? SV("\u2069") : SV_NONE);
}

/* What differs from letter to letter, but for a sample. */
static void emit_own(struct emit *e, const struct letter *letter)
{
    emit_key(e, SV("about"));
    emit_raw(e, letter->about);
    emit_key(e, SV("has_task"));
    emit_bool(e, letter->has_task);
    emit_key(e, SV("has_stop"));
    emit_bool(e, letter->stop_url.n > 0);
    emit_things(e, letter);
}

const json_t *letter_data(struct arena *arena, const struct letter *letter, struct sv locale)
{
    struct str *json = str_new_in(arena, DATA_BYTES);
    struct emit e;

    emit_init(&e, json);
    emit_object_begin(&e);
    emit_direction(&e, locale);
    emit_key(&e, SV("district"));
    emit_raw(&e, letter->district);
    emit_key(&e, SV("to_name"));
    emit_text(&e, letter->to_name);
    emit_key(&e, SV("kind"));
    emit_text(&e, letter->kind);
    emit_key(&e, SV("task_url"));
    emit_text(&e, letter->task_url);
    emit_key(&e, SV("home_url"));
    emit_text(&e, letter->home_url);
    emit_key(&e, SV("stop_url"));
    emit_text(&e, letter->stop_url);
    if (!letter->sample.n)
        emit_own(&e, letter);
    emit_object_end(&e);
    if (!emit_finish(&e))
        return NULL;
    if (letter->sample.n) {
        str_cut(json, json->n - 1);
        str_add_char(json, ',');
        str_add(json, sv_skip(letter->sample, 1));
    }
    return str_failed(json) ? NULL : template_data(arena, str_view(json));
}
