/* Fields of a header. */
#include "mail/header.h"

#include <string.h>

#define WORD_START SV("=?UTF-8?")
#define WORD_END   SV("?=")
#define WORD_EXTRA       \
    (sizeof("=?UTF-8?Q?" \
            "?=") -      \
     1)
#define WORD_LEAST 24 /* less room than this on a line is not used */

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool header_is_clean(struct sv text)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];

        if (c < ' ' || c == 0x7f || (c == 0xc2 && i + 1 < text.n && (text.p[i + 1] & 0x60) == 0))
            return false;
    }
    return sv_is_utf8(text);
}

void header_begin(struct header *h, struct str *out, const char *name)
{
    h->out = out;
    h->column = strlen(name) + 1;
    str_addf(out, "%s:", name);
}

static void fold(struct header *h)
{
    STR_ADD(h->out, "\r\n");
    h->column = 0;
}

void header_token(struct header *h, struct sv token)
{
    if (h->column + 1 + token.n > HEADER_LINE_BYTES && h->column > 1)
        fold(h);
    str_add_char(h->out, ' ');
    str_add(h->out, token);
    h->column += 1 + token.n;
}

void header_end(struct header *h)
{
    STR_ADD(h->out, "\r\n");
}

void header_add(struct str *out, const char *name, struct sv token)
{
    struct header h;

    header_begin(&h, out, name);
    header_token(&h, token);
    header_end(&h);
}

/* ---- Encoded words ----------------------------------------------------------------------------
 */

/* What may stand for itself even in a phrase (RFC 2047 §5). */
static bool is_word_char(char c)
{
    return char_is_alpha(c) || char_is_digit(c) || (c && strchr("!*+-/", c));
}

static size_t q_length(struct sv text)
{
    size_t n = 0;

    for (size_t i = 0; i < text.n; i++)
        n += is_word_char(text.p[i]) || text.p[i] == ' ' ? 1 : 3;
    return n;
}

static size_t b_length(struct sv text)
{
    return (text.n + 2) / 3 * 4;
}

static void add_q(struct str *out, struct sv text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == ' ')
            str_add_char(out, '_');
        else if (is_word_char(text.p[i]))
            str_add_char(out, text.p[i]);
        else
            str_addf(out, "=%02X", (unsigned)(unsigned char)text.p[i]);
    }
}

static void add_b(struct str *out, struct sv text)
{
    for (; text.n; text = sv_skip(text, 3)) {
        uint32_t bits = 0;

        for (size_t i = 0; i < 3; i++)
            bits = bits << 8 | (i < text.n ? (unsigned char)text.p[i] : 0u);
        for (size_t i = 0; i < 4; i++)
            str_add_char(out, i <= text.n ? base64_digits[bits >> (18 - 6 * i) & 63] : '=');
    }
}

/* As much of the text as fits into an encoded word with so many bytes for its content, cut between
 * characters; one character at least. */
static struct sv word_head(struct sv text, size_t room, size_t (*length)(struct sv))
{
    size_t n = 0;

    while (n < text.n) {
        size_t next = n + 1;

        while (next < text.n && ((unsigned char)text.p[next] & 0xc0) == 0x80)
            next++;
        if (n > 0 && length(sv_head(text, next)) > room)
            break;
        n = next;
    }
    return sv_head(text, n);
}

/* Q where most of it can be read as it is, else B. Between two encoded words the space is not
 * shown. */
static void add_encoded(struct header *h, struct sv text)
{
    bool is_q = q_length(text) <= 2 * text.n;

    while (text.n) {
        size_t left = h->column + 1 < HEADER_ENCODED_BYTES ? HEADER_ENCODED_BYTES - h->column : 0;
        struct sv head;

        if (left < WORD_EXTRA + WORD_LEAST) {
            fold(h);
            left = HEADER_ENCODED_BYTES;
        }
        head = word_head(text, left - WORD_EXTRA, is_q ? q_length : b_length);
        str_add_char(h->out, ' ');
        str_add(h->out, WORD_START);
        str_addf(h->out, "%c?", is_q ? 'Q' : 'B');
        (is_q ? add_q : add_b)(h->out, head);
        str_add(h->out, WORD_END);
        h->column += 1 + WORD_EXTRA + (is_q ? q_length(head) : b_length(head));
        text = sv_skip(text, head.n);
    }
}

/* ---- Words for people -------------------------------------------------------------------------
 */

static bool is_ascii(struct sv text)
{
    for (size_t i = 0; i < text.n; i++) {
        if ((unsigned char)text.p[i] >= 0x80)
            return false;
    }
    return true;
}

/* It can be written as it is: folding loses none of its spaces, each word fits on a line, and
 * nothing in it looks like an encoded word. */
static bool is_plain(struct sv text)
{
    struct sv rest = text;
    struct sv word;

    if (!is_ascii(text) || memmem(text.p, text.n, "=?", 2))
        return false;
    while (sv_split(&rest, ' ', &word)) {
        if (word.n == 0 || word.n > HEADER_LINE_BYTES - 2)
            return false;
    }
    return true;
}

static void add_words(struct header *h, struct sv text)
{
    struct sv word;

    while (sv_split(&text, ' ', &word))
        header_token(h, word);
}

void header_text(struct header *h, struct sv text)
{
    if (text.n && is_plain(text))
        add_words(h, text);
    else
        add_encoded(h, text);
}

/* RFC 5322's atoms with spaces between them. */
static bool is_atoms(struct sv text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];

        if (!char_is_alpha(c) && !char_is_digit(c) && !strchr(" !#$%&'*+-/=?^_`{|}~", c))
            return false;
    }
    return true;
}

void header_phrase(struct header *h, struct sv name)
{
    char quoted[2 * (HEADER_LINE_BYTES - 2) + 3];
    struct str text;

    if (name.n == 0)
        return;
    if (!is_plain(name) || (!is_atoms(name) && name.n > HEADER_LINE_BYTES - 2)) {
        add_encoded(h, name);
        return;
    }
    if (is_atoms(name)) {
        add_words(h, name);
        return;
    }
    str_init_in(&text, quoted, sizeof quoted);
    str_add_char(&text, '"');
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] == '"' || name.p[i] == '\\')
            str_add_char(&text, '\\');
        str_add_char(&text, name.p[i]);
    }
    str_add_char(&text, '"');
    header_token(h, str_view(&text));
}
