/* Dates and school years as files have them besides: "20261031" is that day in the basic format of
 * ISO 8601, "2026-27" the school year that ends in 2027. */
#include <inttypes.h>

#include "imports/import.h"

struct sv import_as_declared(struct arena *arena, const struct resource_field *field,
                             struct sv text)
{
    int64_t first;
    int64_t last;

    if (field->json.type == FIELD_DATE && text.n == 8 && sv_to_i64(text, 1, 99999999, &first))
        return arena_printf(arena, "%.4s-%.2s-%.2s", text.p, text.p + 4, text.p + 6);
    if (field->use & FIELD_YEARS && text.n == 7 && text.p[4] == '-' &&
        sv_to_i64(sv_head(text, 4), 1000, 9999, &first) &&
        sv_to_i64(sv_skip(text, 5), 0, 99, &last) && last == (first + 1) % 100)
        return arena_printf(arena, "%" PRId64, first + 1);
    return text;
}

struct sv import_with_line_feeds(struct arena *arena, struct sv text)
{
    struct str *out;

    if (sv_find(text, '\r') == text.n)
        return text;
    out = str_new_in(arena, text.n);
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] != '\r')
            str_add_char(out, text.p[i]);
        else if (i + 1 == text.n || text.p[i + 1] != '\n')
            str_add_char(out, '\n');
    }
    return str_view(out);
}
