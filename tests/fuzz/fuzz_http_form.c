/* Any bytes as a form: it is refused with its reason, or every name is there once; and what is
 * encoded into one comes out again. */
#include "base/encode.h"
#include "http/form.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_form(struct arena *arena, struct sv body)
{
    const struct http_param *fields;
    size_t count;
    struct http_fault fault = {ERROR_COUNT, NULL};

    if (!http_form_parse(arena, body, &fields, &count, &fault)) {
        ENSURE(fault.code == ERR_MALFORMED_REQUEST || fault.code == ERR_INVALID_INPUT);
        ENSURE(fault.why && count == 0);
        return;
    }
    ENSURE(count <= HTTP_FORM_FIELDS);
    for (size_t i = 0; i < count; i++) {
        ENSURE(fields[i].name.n && sv_is_utf8(fields[i].name) && sv_is_utf8(fields[i].value));
        ENSURE(http_param_find(fields, count, fields[i].name) == &fields[i].value);
    }
}

static bool has_line_end(struct sv text)
{
    for (size_t i = 1; i < text.n; i++) {
        if (text.p[i - 1] == '\r' && text.p[i] == '\n')
            return true;
    }
    return false;
}

static void check_round_trip(struct arena *arena, struct sv text)
{
    struct sv encoded = percent_encode(arena, text);
    struct sv body = arena_printf(arena, "n=%.*s&%.*sx=1", SV_ARG(encoded), SV_ARG(encoded));
    const struct http_param *fields;
    size_t count;
    struct http_fault fault;

    if (sv_eq(text, SV("n")) || !sv_is_utf8(text)) /* "nx" and "n" are two names all the same */
        return;
    ENSURE(http_form_parse(arena, body, &fields, &count, &fault) && count == 2);
    ENSURE(sv_eq(fields[0].name, SV("n")));
    ENSURE(has_line_end(text) ? fields[0].value.n < text.n : sv_eq(fields[0].value, text));
    ENSURE(sv_starts_with(fields[1].name, text) && sv_eq(fields[1].value, SV("1")));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct sv text = {(const char *)bytes, size};
    struct arena *arena = arena_new(MB(4));

    check_form(arena, text);
    check_round_trip(arena, text);
    arena_free(arena);
    return 0;
}
