/* What is wrong with a body's values: pointers, sentences, and the list that the reply shows. */
#include <stdarg.h>
#include <stdio.h>

#include "json/walk.h"

#define WHY_BYTES     320
#define PATH_STEPS    (JSON_DEPTH + 1)
#define SUBJECT_BYTES 200
#define POINTER_BYTES ((size_t)PATH_STEPS * (2 * PATH_KEY_BYTES + 1))

const char *json_fault_name(enum json_fault_code code)
{
    static const char *const names[] = {
#define FAULT(name, text) text,
#include "json/faults.def"
#undef FAULT
    };

    ENSURE(code < JSON_FAULT_COUNT);
    return names[code];
}

static void add_key(struct str *pointer, struct sv key)
{
    for (size_t i = 0; i < key.n; i++) {
        if (key.p[i] == '~')
            STR_ADD(pointer, "~0");
        else if (key.p[i] == '/')
            STR_ADD(pointer, "~1");
        else
            str_add_char(pointer, key.p[i]);
    }
}

struct sv path_pointer(struct arena *arena, const struct path *path)
{
    const struct path *steps[PATH_STEPS];
    size_t depth = 0;
    struct str pointer;
    struct sv copy;

    for (; path; path = path->up) {
        ENSURE(depth < PATH_STEPS);
        steps[depth++] = path;
    }
    str_init(&pointer, POINTER_BYTES);
    while (depth--) {
        if (steps[depth]->key.n > PATH_KEY_BYTES)
            break;
        str_add_char(&pointer, '/');
        if (steps[depth]->is_index)
            str_add_i64(&pointer, (int64_t)steps[depth]->index);
        else
            add_key(&pointer, steps[depth]->key);
    }
    ENSURE(!str_failed(&pointer));
    copy = arena_copy(arena, str_view(&pointer));
    str_fini(&pointer);
    return copy;
}

struct sv path_subject(struct sv pointer)
{
    if (pointer.n == 0)
        return SV("The body");
    return pointer.n <= SUBJECT_BYTES ? pointer : SV("This value");
}

bool walk_is_full(const struct walk *w)
{
    return w->faults_cut;
}

void walk_refuse(struct walk *w, const struct path *path, enum json_fault_code code,
                 const char *fmt, ...)
{
    struct json_fault *fault;
    char why[WHY_BYTES];
    va_list args;

    if (w->fault_count == JSON_FAULTS) {
        w->faults_cut = true;
        return;
    }
    if (!w->faults)
        w->faults = ARENA_ARRAY(w->arena, struct json_fault, JSON_FAULTS);
    va_start(args, fmt);
    vsnprintf(why, sizeof why, fmt, args);
    va_end(args);
    fault = &w->faults[w->fault_count++];
    fault->pointer = path_pointer(w->arena, path);
    fault->code = code;
    fault->detail = arena_printf(w->arena, "%.*s %s.", SV_ARG(path_subject(fault->pointer)), why);
}

void json_emit_faults(struct emit *e, const struct json_bound *bound)
{
    emit_array_begin(e);
    for (size_t i = 0; i < bound->fault_count; i++) {
        const struct json_fault *fault = &bound->faults[i];

        emit_object_begin(e);
        emit_key(e, SV("pointer"));
        emit_text(e, fault->pointer);
        emit_key(e, SV("code"));
        emit_text(e, sv_of(json_fault_name(fault->code)));
        emit_key(e, SV("detail"));
        emit_text(e, fault->detail);
        emit_object_end(e);
    }
    emit_array_end(e);
}
