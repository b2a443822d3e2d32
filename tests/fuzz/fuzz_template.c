/* Any bytes as a template, a partial, two catalogs and their data, with lines of "===" between
 * them: loading says why not, or rendering keeps to its limit and is the same twice. */
#include "template/template.h"

#define OUT_BYTES KB(64)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What stands before the next line of "===". */
static struct sv next(struct sv *rest)
{
    struct sv all = *rest;

    for (size_t i = 0; i + 5 <= all.n; i++) {
        if (sv_starts_with(sv_skip(all, i), SV("\n===\n"))) {
            *rest = sv_skip(all, i + 5);
            return sv_head(all, i);
        }
    }
    *rest = SV("");
    return all;
}

static void check(const struct templates *templates, struct arena *arena, enum template_mode mode,
                  struct sv json)
{
    struct str out[2];
    bool done[2];

    for (size_t i = 0; i < 2; i++) {
        str_init(&out[i], OUT_BYTES);
        done[i] = template_render(templates, arena, &out[i], SV("main"), mode, SV("es"),
                                  template_data(arena, json));
        ENSURE(out[i].n <= OUT_BYTES && (!done[i] || !str_failed(&out[i])));
    }
    ENSURE(done[0] == done[1] && sv_eq(str_view(&out[0]), str_view(&out[1])));
    str_fini(&out[0]);
    str_fini(&out[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sv rest = {(const char *)data, size};
    struct template_file files[] = {{"main", next(&rest)}, {"part", next(&rest)}};
    struct template_texts texts[] = {{"en", next(&rest)}, {"es", next(&rest)}};
    struct template_set set = {"fuzz", files, 2, texts, 2};
    struct arena *arena = arena_new(MB(1));
    struct templates *templates;
    struct str why;

    str_init(&why, KB(64));
    templates = templates_load(&set, &why);
    ENSURE(templates || why.n);
    if (templates) {
        check(templates, arena, TEMPLATE_HTML, rest);
        check(templates, arena, TEMPLATE_TEXT, rest);
    }
    templates_free(templates);
    str_fini(&why);
    arena_free(arena);
    return 0;
}
