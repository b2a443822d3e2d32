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

/* How many of the first bytes stand for themselves on the rest of the line, whose last place is for
 * the "=" that says that it goes on. */
static size_t literals(struct sv rest, size_t column)
{
    size_t n = 0;

    while (n < rest.n && column + n < QUOTED_LINE_BYTES - 1 &&
           is_literal(sv_skip(rest, n), column + n))
        n++;
    return n;
}

/* A line, or less of it: how many bytes. */
static size_t add_some(struct str *out, struct sv rest, size_t *column)
{
    size_t n = literals(rest, *column);

    if (n) {
        str_add(out, sv_head(rest, n));
        *column += n;
    } else if (!is_literal(rest, *column) && *column + 3 < QUOTED_LINE_BYTES) {
        str_addf(out, "=%02X", (unsigned)(unsigned char)rest.p[0]);
        *column += 3;
        n = 1;
    } else {
        STR_ADD(out, "=\r\n");
        *column = 0;
    }
    return n;
}

void quoted_add(struct str *out, struct sv text)
{
    size_t column = 0;

    while (text.n) {
        if (!is_line_end(text)) {
            text = sv_skip(text, add_some(out, text, &column));
            continue;
        }
        STR_ADD(out, "\r\n");
        column = 0;
        text = sv_skip(text, sv_starts_with(text, SV("\r\n")) ? 2 : 1);
    }
    if (column)
        STR_ADD(out, "\r\n");
}
