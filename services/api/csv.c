/* CSV, a cell at a time. */
#include "csv.h"

#include <string.h>

static bool is_guarded(struct sv value)
{
    return value.n && strchr("=+-@\t\r\n'", value.p[0]);
}

static bool is_quoted(struct sv value)
{
    if (value.n == 0 || value.p[0] == ' ' || value.p[value.n - 1] == ' ')
        return true;
    for (size_t i = 0; i < value.n; i++) {
        if (strchr("\",\r\n", value.p[i]))
            return true;
    }
    return false;
}

struct sv csv_unguarded(struct sv text)
{
    bool keeps_away = sv_starts_with(text, SV("'")) && is_guarded(sv_skip(text, 1));

    return keeps_away ? sv_skip(text, 1) : text;
}

void csv_add_cell(struct str *out, enum csv_kind kind, struct sv value)
{
    bool quoted = is_quoted(value);
    struct sv piece;

    if (quoted)
        str_add_char(out, '"');
    if (kind == CSV_TEXT && is_guarded(value))
        str_add_char(out, '\'');
    for (bool is_first = true; sv_split(&value, '"', &piece); is_first = false) {
        if (!is_first)
            STR_ADD(out, "\"\"");
        str_add(out, piece);
    }
    if (quoted)
        str_add_char(out, '"');
}
