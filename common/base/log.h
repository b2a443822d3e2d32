/* One line an event, on standard error: a fixed sentence and typed fields.
 *
 *     log_warn("database is slow", F_STR("statement", name), F_INT("ms", elapsed));
 *
 * Levels by audience: error, somebody must act; warn, degraded and healing itself; info, life
 * cycle; debug, developers. Never a secret, an address or a body. The request at work is added by
 * itself (log_set_request), and the service and pid always are. Text for people, JSON for machines.
 */
#ifndef KITH_BASE_LOG_H
#define KITH_BASE_LOG_H

#include "base/sv.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };
enum log_format { LOG_TEXT, LOG_JSON };

struct log_field {
    const char *name;
    enum { LOG_FIELD_SV, LOG_FIELD_INT, LOG_FIELD_REAL, LOG_FIELD_BOOL } kind;
    union {
        struct sv text;
        int64_t number;
        double real;
        bool truth;
    } as;
};

#define F_SV(key, view) \
    ((struct log_field){.name = (key), .kind = LOG_FIELD_SV, .as = {.text = (view)}})
#define F_STR(key, cstr) F_SV(key, sv_of(cstr))
#define F_INT(key, value) \
    ((struct log_field){.name = (key), .kind = LOG_FIELD_INT, .as = {.number = (int64_t)(value)}})
#define F_REAL(key, value) \
    ((struct log_field){.name = (key), .kind = LOG_FIELD_REAL, .as = {.real = (value)}})
#define F_BOOL(key, value) \
    ((struct log_field){.name = (key), .kind = LOG_FIELD_BOOL, .as = {.truth = (value)}})

#define log_debug(...) LOG_AT(LOG_DEBUG, __VA_ARGS__, LOG_END)
#define log_info(...)  LOG_AT(LOG_INFO, __VA_ARGS__, LOG_END)
#define log_warn(...)  LOG_AT(LOG_WARN, __VA_ARGS__, LOG_END)
#define log_error(...) LOG_AT(LOG_ERROR, __VA_ARGS__, LOG_END)

/* Before log_start, lines go out as text at level info under the name "kith". */
void log_start(const char *service, enum log_format format, enum log_level least);
bool log_wants(enum log_level level);

/* The request (and trace) at work in this thread; the caller keeps the bytes alive until the next
 * call. SV_NONE ends it. */
void log_set_request(struct sv request_id, struct sv trace_id);

/* The fields of the line end with LOG_END. errno is as before. Never more than one line, and never
 * more than PIPE_BUF bytes: text past 1 KB a value, and fields past the end, give way to cut=true.
 */
void log_event(enum log_level level, const char *event, const struct log_field *fields);

#define LOG_END ((struct log_field){.name = NULL})
#define LOG_AT(level, event, ...)                                                 \
    do {                                                                          \
        if (log_wants(level))                                                     \
            log_event((level), (event), (const struct log_field[]){__VA_ARGS__}); \
    } while (0)

#endif
