/* Quoted-printable. */
#include "mail/quoted.h"

static bool is_line_end(struct sv rest)
{
    return rest.n == 0 || rest.p[0] == '\n' || rest.p[0] == '\r';
}

/* What stands for itself wherever it is; a blank does but at the end of a line. */
static bool is_plain(char c)
{
    return c > ' ' && c < 0x7f && c != '=';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* No line begins with a dot or "From ". */
static bool is_mistaken(struct sv line)
{
    return line.n && (line.p[0] == '.' || sv_starts_with(line, SV("From ")));
}

/* How many of the first bytes stand for themselves on the rest of the line, whose last place is for
 * the "=" that says that it goes on. */
static size_t literals(struct sv rest, size_t column)
{
    size_t most = size_min(rest.n, QUOTED_LINE_BYTES - 1 - column);
    size_t n = 0;

    if (column == 0 && is_mistaken(rest))
        return 0;
    while (n < most && (is_plain(rest.p[n]) || is_blank(rest.p[n])))
        n++;
    if (n && is_blank(rest.p[n - 1]) && is_line_end(sv_skip(rest, n)))
        n--;
    return n;
}

/* One byte, whatever it is. */
static void add_hex(struct str *out, char c)
{
    static const char digits[] = "0123456789ABCDEF";
    const unsigned char byte = (unsigned char)c;
    const char code[] = {'=', digits[byte >> 4], digits[byte & 15]};

    str_add(out, (struct sv){code, sizeof code});
}

/* A line, or less of it: how many bytes. */
static size_t add_some(struct str *out, struct sv rest, size_t *column)
{
    size_t n = literals(rest, *column);

    if (n) {
        str_add(out, sv_head(rest, n));
        *column += n;
    } else if (*column + 3 < QUOTED_LINE_BYTES) {
        add_hex(out, rest.p[0]);
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
