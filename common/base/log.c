/* Log lines. Each is built in one buffer and written by one write(2) of at most PIPE_BUF bytes, so
 * that lines of several processes never mix. Long values are cut, fields that do not fit are left
 * out, and the line then ends with cut=true. Nothing here allocates: "out of memory" is a line too.
 */
#include "base/log.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/date.h"
#include "base/str.h"

#define LINE_LIMIT_BYTES  PIPE_BUF
#define EVENT_LIMIT_BYTES 256 /* even with each byte escaped, the start of a line fits */
#define VALUE_LIMIT_BYTES KB(1)
#define LINE_END_BYTES    sizeof(",\"cut\":true}\n") /* always fits */

static const char *const level_names[] = {"debug", "info", "warn", "error"};

static struct {
    const char *service;
    enum log_format format;
    enum log_level least;
} config = {.service = "kith", .format = LOG_TEXT, .least = LOG_INFO};

static _Thread_local struct sv request_now;
static _Thread_local struct sv trace_now;

void log_start(const char *service, enum log_format format, enum log_level least)
{
    config.service = service;
    config.format = format;
    config.least = least;
}

bool log_wants(enum log_level level)
{
    return level >= config.least;
}

void log_set_request(struct sv request_id, struct sv trace_id)
{
    request_now = request_id;
    trace_now = trace_id;
}

/* A value's bytes so that the line stays one line and, in JSON, well-formed UTF-8. */
static void add_escaped(struct str *line, struct sv text)
{
    bool utf8 = sv_is_utf8(text);

    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];

        if (c == '"' || c == '\\')
            str_addf(line, "\\%c", c);
        else if (c == '\n')
            STR_ADD(line, "\\n");
        else if (c < 0x20 || c == 0x7f || (c >= 0x80 && !utf8))
            str_addf(line, "\\u%04x", c);
        else
            str_add_char(line, (char)c);
    }
}

static bool needs_quotes(struct sv text)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];

        if (c <= ' ' || c == '"' || c == '\\' || c == '=' || c >= 0x7f)
            return true;
    }
    return text.n == 0;
}

static void add_quoted(struct str *line, struct sv text)
{
    str_add_char(line, '"');
    add_escaped(line, text);
    str_add_char(line, '"');
}

/* The front of a long text, not cut within a character. */
static struct sv front_of(struct sv text, size_t limit_bytes)
{
    size_t n = size_min(text.n, limit_bytes);

    while (n < text.n && n > limit_bytes - 3 && ((unsigned char)text.p[n] & 0xc0) == 0x80)
        n--;
    return sv_head(text, n);
}

/* JSON has no word for what is not a number. */
static void add_real(struct str *line, double value)
{
    if (config.format == LOG_JSON && !isfinite(value))
        STR_ADD(line, "null");
    else
        str_addf(line, "%.6g", value);
}

static void add_value(struct str *line, const struct log_field *field)
{
    struct sv text;

    switch (field->kind) {
    case LOG_FIELD_SV:
        text = front_of(field->as.text, VALUE_LIMIT_BYTES);
        if (config.format == LOG_JSON || needs_quotes(text))
            add_quoted(line, text);
        else
            str_add(line, text);
        break;
    case LOG_FIELD_INT:
        str_add_i64(line, field->as.number);
        break;
    case LOG_FIELD_REAL:
        add_real(line, field->as.real);
        break;
    case LOG_FIELD_BOOL:
        str_add(line, field->as.truth ? SV("true") : SV("false"));
        break;
    }
}

/* False when something of the field is missing from the line. */
static bool add_field(struct str *line, const struct log_field *field)
{
    size_t before = line->n;

    str_addf(line, config.format == LOG_JSON ? ",\"%s\":" : " %s=", field->name);
    add_value(line, field);
    if (str_failed(line)) {
        str_cut(line, before);
        return false;
    }
    return field->kind != LOG_FIELD_SV || field->as.text.n <= VALUE_LIMIT_BYTES;
}

static void add_start(struct str *line, enum log_level level, const char *event)
{
    struct sv sentence = front_of(sv_of(event), EVENT_LIMIT_BYTES);
    char now[INSTANT_TEXT_BYTES];

    instant_format_ms(now, clock_real_ms());
    if (config.format == LOG_JSON) {
        str_addf(line,
                 "{\"time\":\"%s\",\"level\":\"%s\",\"service\":\"%s\",\"pid\":%d,\"event\":", now,
                 level_names[level], config.service, (int)getpid());
        add_quoted(line, sentence);
        return;
    }
    str_addf(line, "%s %-5s %s[%d] ", now, level_names[level], config.service, (int)getpid());
    add_escaped(line, sentence);
}

static void write_line(struct sv text)
{
    while (text.n) {
        ssize_t written = write(STDERR_FILENO, text.p, text.n);

        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            break;
        text = sv_skip(text, (size_t)written);
    }
}

void log_event(enum log_level level, const char *event, const struct log_field *fields)
{
    char buffer[LINE_LIMIT_BYTES + 1];
    struct str line;
    int error_before = errno;
    bool whole = true;

    str_init_in(&line, buffer, sizeof buffer);
    line.limit = LINE_LIMIT_BYTES - LINE_END_BYTES;
    add_start(&line, level, event);
    if (request_now.n)
        whole &= add_field(&line, &F_SV("request_id", request_now));
    if (trace_now.n)
        whole &= add_field(&line, &F_SV("trace_id", trace_now));
    for (; fields->name; fields++)
        whole &= add_field(&line, fields);
    line.limit = LINE_LIMIT_BYTES;
    if (!whole)
        (void)add_field(&line, &F_BOOL("cut", true));
    str_add(&line, config.format == LOG_JSON ? SV("}\n") : SV("\n"));
    write_line(str_view(&line));
    errno = error_before;
}
