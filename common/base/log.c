/* Log lines. Each is built in one buffer and written by one write(2), so that lines of several
 * processes never mix; a line is cut at LINE_LIMIT_BYTES. */
#include "base/log.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/date.h"
#include "base/str.h"

#define LINE_LIMIT_BYTES KB(4)
#define LINE_END_BYTES   2 /* "}" and the line feed always fit */

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

static void add_value(struct str *line, const struct log_field *field)
{
    switch (field->kind) {
    case LOG_FIELD_SV:
        if (config.format == LOG_JSON || needs_quotes(field->as.text))
            add_quoted(line, field->as.text);
        else
            str_add(line, field->as.text);
        break;
    case LOG_FIELD_INT:
        str_add_i64(line, field->as.number);
        break;
    case LOG_FIELD_REAL:
        str_addf(line, "%.6g", field->as.real);
        break;
    case LOG_FIELD_BOOL:
        str_add(line, field->as.truth ? SV("true") : SV("false"));
        break;
    }
}

static void add_field(struct str *line, const struct log_field *field)
{
    str_addf(line, config.format == LOG_JSON ? ",\"%s\":" : " %s=", field->name);
    add_value(line, field);
}

static void add_start(struct str *line, enum log_level level, const char *event)
{
    char now[INSTANT_TEXT_BYTES];

    instant_format_ms(now, clock_real_ms());
    if (config.format == LOG_JSON) {
        str_addf(line,
                 "{\"time\":\"%s\",\"level\":\"%s\",\"service\":\"%s\",\"pid\":%d,\"event\":", now,
                 level_names[level], config.service, (int)getpid());
        add_quoted(line, sv_of(event));
        return;
    }
    str_addf(line, "%s %-5s %s[%d] ", now, level_names[level], config.service, (int)getpid());
    str_add(line, sv_of(event));
}

void log_event(enum log_level level, const char *event, const struct log_field *fields)
{
    struct str line;
    struct sv text;

    str_init(&line, LINE_LIMIT_BYTES - LINE_END_BYTES);
    add_start(&line, level, event);
    if (request_now.n)
        add_field(&line, &F_SV("request_id", request_now));
    if (trace_now.n)
        add_field(&line, &F_SV("trace_id", trace_now));
    for (; fields->name; fields++)
        add_field(&line, fields);
    if (str_failed(&line)) {
        str_clear(&line);
        add_start(&line, level, "a log line was too long");
    }
    line.limit = LINE_LIMIT_BYTES;
    str_add(&line, config.format == LOG_JSON ? SV("}\n") : SV("\n"));
    text = str_view(&line);
    while (text.n) {
        ssize_t written = write(STDERR_FILENO, text.p, text.n);

        if (written <= 0)
            break;
        text = sv_skip(text, (size_t)written);
    }
    str_fini(&line);
}
