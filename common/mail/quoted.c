/* Quoted-printable. */
#include "mail/quoted.h"

static bool is_line_end(struct sv rest)
{
    return rest.n == 0 || rest.p[0] == '\n' || rest.p[0] == '\r';
}

/* Whether the first byte of the rest may stand for itself at this column. */
static bool is_literal(struct sv rest, size_t column)
{
    char c = rest.p[0];

    if (c == ' ' || c == '\t')
        return !is_line_end(sv_skip(rest, 1));
    if (column == 0 && (c == '.' || sv_starts_with(rest, SV("From "))))
        return false;
    return c > ' ' && c < 0x7f && c != '=';
}

/* The last place of a line is for the "=" that says that it goes on. */
static void add_byte(struct str *out, struct sv rest, size_t *column)
{
    bool literal = is_literal(rest, *column);
    size_t width = literal ? 1 : 3;

    if (*column + width > QUOTED_LINE_BYTES - 1) {
        STR_ADD(out, "=\r\n");
        *column = 0;
        literal = is_literal(rest, 0);
        width = literal ? 1 : 3;
    }
    if (literal)
        str_add_char(out, rest.p[0]);
    else
        str_addf(out, "=%02X", (unsigned)(unsigned char)rest.p[0]);
    *column += width;
}

void quoted_add(struct str *out, struct sv text)
{
    size_t column = 0;

    while (text.n) {
        if (!is_line_end(text)) {
            add_byte(out, text, &column);
            text = sv_skip(text, 1);
            continue;
        }
        STR_ADD(out, "\r\n");
        column = 0;
        text = sv_skip(text, sv_starts_with(text, SV("\r\n")) ? 2 : 1);
    }
    if (column)
        STR_ADD(out, "\r\n");
}
