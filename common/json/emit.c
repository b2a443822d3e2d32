/* The JSON writer. The escapes are RFC 8259 §7's, and U+2028 and U+2029 too, which JavaScript
 * before ES2019 takes for the end of a line. */
#include "json/emit.h"

#include <math.h>

#define REPLACEMENT    SV("\xef\xbf\xbd")
#define DECIMALS_LIMIT 9

void emit_init(struct emit *e, struct str *out)
{
    *e = (struct emit){.out = out};
}

bool emit_finish(struct emit *e)
{
    ENSURE(e->complete && e->depth == 0);
    return !str_failed(e->out);
}

static uint32_t level_bit(const struct emit *e)
{
    return UINT32_C(1) << (e->depth - 1);
}

static bool is_in_object(const struct emit *e)
{
    return e->depth && (e->objects & level_bit(e));
}

/* A comma where one belongs. */
static void separate(struct emit *e)
{
    if (e->filled & level_bit(e))
        str_add_char(e->out, ',');
    e->filled |= level_bit(e);
}

static void before_value(struct emit *e)
{
    ENSURE(!e->complete);
    if (e->depth == 0) {
        e->complete = true; /* with this value, unless it opens a level */
    } else if (is_in_object(e)) {
        ENSURE(e->after_key);
        e->after_key = false;
    } else {
        separate(e);
    }
}

static void begin(struct emit *e, char bracket, bool is_object)
{
    before_value(e);
    ENSURE(e->depth < EMIT_DEPTH);
    e->complete = false;
    e->depth++;
    e->filled &= ~level_bit(e);
    if (is_object)
        e->objects |= level_bit(e);
    else
        e->objects &= ~level_bit(e);
    str_add_char(e->out, bracket);
}

static void end(struct emit *e, char bracket, bool is_object)
{
    ENSURE(e->depth && is_in_object(e) == is_object && !e->after_key);
    e->depth--;
    e->complete = e->depth == 0;
    str_add_char(e->out, bracket);
}

void emit_object_begin(struct emit *e)
{
    begin(e, '{', true);
}

void emit_object_end(struct emit *e)
{
    end(e, '}', true);
}

void emit_array_begin(struct emit *e)
{
    begin(e, '[', false);
}

void emit_array_end(struct emit *e)
{
    end(e, ']', false);
}

/* The escape of an ASCII character, or NULL when it stands for itself or needs \u00XX. */
static const char *short_escape(char c)
{
    switch (c) {
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    case '\b':
        return "\\b";
    case '\f':
        return "\\f";
    case '\n':
        return "\\n";
    case '\r':
        return "\\r";
    case '\t':
        return "\\t";
    default:
        return NULL;
    }
}

static void add_ascii(struct str *out, char c)
{
    const char *escape = short_escape(c);

    if (escape)
        str_add(out, sv_of(escape));
    else if ((unsigned char)c < 0x20)
        str_addf(out, "\\u%04x", (unsigned)(unsigned char)c);
    else
        str_add_char(out, c);
}

/* Bytes of the well-formed sequence of two to four bytes at the front, or 0. */
static size_t sequence_length(struct sv text)
{
    for (size_t n = 2; n <= 4 && n <= text.n; n++) {
        if (sv_is_utf8(sv_head(text, n)))
            return n;
    }
    return 0;
}

/* Adds what starts with a byte above 0x7f; returns how many bytes that were. */
static size_t add_sequence(struct str *out, struct sv text)
{
    size_t n = sequence_length(text);
    struct sv sequence = sv_head(text, n);

    if (n == 0)
        str_add(out, REPLACEMENT);
    else if (sv_eq(sequence, SV("\xe2\x80\xa8")))
        STR_ADD(out, "\\u2028");
    else if (sv_eq(sequence, SV("\xe2\x80\xa9")))
        STR_ADD(out, "\\u2029");
    else
        str_add(out, sequence);
    return n ? n : 1;
}

static bool is_plain(char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static void add_string(struct str *out, struct sv text)
{
    str_add_char(out, '"');
    while (text.n) {
        size_t plain = 0;

        while (plain < text.n && is_plain(text.p[plain]))
            plain++;
        if (plain)
            str_add(out, sv_head(text, plain));
        text = sv_skip(text, plain);
        if (text.n && (unsigned char)text.p[0] < 0x80) {
            add_ascii(out, text.p[0]);
            text = sv_skip(text, 1);
        } else if (text.n) {
            text = sv_skip(text, add_sequence(out, text));
        }
    }
    str_add_char(out, '"');
}

void emit_key(struct emit *e, struct sv key)
{
    ENSURE(is_in_object(e) && !e->after_key);
    separate(e);
    e->after_key = true;
    add_string(e->out, key);
    str_add_char(e->out, ':');
}

void emit_text(struct emit *e, struct sv text)
{
    before_value(e);
    add_string(e->out, text);
}

void emit_i64(struct emit *e, int64_t value)
{
    before_value(e);
    str_add_i64(e->out, value);
}

void emit_raw(struct emit *e, struct sv json)
{
    ENSURE(json.n);
    before_value(e);
    str_add(e->out, json);
}

void emit_bool(struct emit *e, bool value)
{
    emit_raw(e, value ? SV("true") : SV("false"));
}

void emit_null(struct emit *e)
{
    emit_raw(e, SV("null"));
}

void emit_decimal(struct emit *e, double value, int decimals)
{
    ENSURE(decimals >= 0 && decimals <= DECIMALS_LIMIT);
    if (!isfinite(value)) {
        emit_null(e);
        return;
    }
    before_value(e);
    str_addf(e->out, "%.*f", decimals, value);
}
