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

/* Which way the language is written, for the page and for what only knows left and right. */
static void emit_direction(struct emit *e, struct sv locale)
{
    struct sv direction = template_direction(locale);

    emit_key(e, SV("locale"));
    emit_text(e, locale);
    emit_key(e, SV("dir"));
    emit_text(e, direction);
    emit_key(e, SV("start"));
    emit_text(e, sv_eq(direction, SV("rtl")) ? SV("right") : SV("left"));
}

struct sv letter_data(struct arena *arena, const struct letter *letter, struct sv locale)
{
    struct str *json = str_new_in(arena, DATA_BYTES);
    struct emit e;

    emit_init(&e, json);
    emit_object_begin(&e);
    emit_direction(&e, locale);
    emit_key(&e, SV("district"));
    emit_raw(&e, letter->district);
    emit_key(&e, SV("about"));
    emit_raw(&e, letter->about);
    emit_key(&e, SV("to_name"));
    emit_text(&e, letter->to_name);
    emit_key(&e, SV("kind"));
    emit_text(&e, letter->kind);
    emit_key(&e, SV("has_task"));
    emit_bool(&e, letter->has_task);
    emit_key(&e, SV("task_url"));
    emit_text(&e, letter->task_url);
    emit_key(&e, SV("stop_url"));
    emit_text(&e, letter->stop_url);
    emit_things(&e, letter);
    emit_object_end(&e);
    return emit_finish(&e) ? str_view(json) : SV_NONE;
}
