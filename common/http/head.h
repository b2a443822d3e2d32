/* A request's head, strictly by RFC 9110 and 9112. What a lenient reader would mend is refused, for
 * every mending is a way to smuggle a request past a proxy that mends differently.
 *
 * Two steps. The scan runs over the bytes as they come, looks at each once, and finds the end of
 * the head or the first fault. Then the whole head is parsed; its views point into the bytes. */
#ifndef KITH_HTTP_HEAD_H
#define KITH_HTTP_HEAD_H

#include "base/arena.h"
#include "base/errors.h"

/* What is wrong with a request: the error to answer with, and a sentence for its `detail`. */
struct http_fault {
    enum error_code code;
    const char *why;
};

enum http_method {
    HTTP_GET,
    HTTP_HEAD,
    HTTP_POST,
    HTTP_PUT,
    HTTP_PATCH,
    HTTP_DELETE,
    HTTP_OPTIONS,
    HTTP_METHOD_UNKNOWN, /* a token we do not know: 501 */
};

/* "GET"; for HTTP_METHOD_UNKNOWN "unknown". */
const char *http_method_name(enum http_method method);

struct http_head_limits {
    size_t request_line_bytes; /* without its CRLF; longer: 414 */
    size_t fields_bytes;       /* with their CRLFs, without the last empty line; longer: 431 */
    size_t field_count;        /* more: 431 */
};

#define HTTP_HEAD_LIMITS_DEFAULT \
    ((struct http_head_limits){  \
        .request_line_bytes = KB(8), .fields_bytes = KB(32), .field_count = 100})

/* Zero-initialize before each request. */
struct http_head_scan {
    size_t scanned; /* bytes seen; the caller passes the same bytes again with more behind them */
    size_t line_start; /* of the request line */
    size_t version_start;
    size_t fields_start; /* 0 while in the request line */
    size_t field_count;
    int state;
    bool leading_line_seen; /* one empty line before the request line is ignored (RFC 9112 §2.2) */
};

enum http_head_result { HTTP_HEAD_MORE, HTTP_HEAD_DONE, HTTP_HEAD_BAD };

/* `bytes` starts at the first byte of the request and holds all that came so far. With
 * HTTP_HEAD_DONE *head_bytes is the length of the head, its last empty line included. */
enum http_head_result http_head_scan(struct http_head_scan *scan, struct sv bytes,
                                     const struct http_head_limits *limits, size_t *head_bytes,
                                     struct http_fault *fault);

struct http_field {
    struct sv name;  /* as sent */
    struct sv value; /* without white space around it */
};

enum http_body_framing { HTTP_BODY_NONE, HTTP_BODY_LENGTH, HTTP_BODY_CHUNKED };

struct http_head {
    enum http_method method;
    struct sv method_text;
    struct sv target;  /* raw */
    int minor_version; /* of HTTP/1: 0, or 1 for 1.1 and all above it (RFC 9110 §2.5) */
    const struct http_field *fields;
    size_t field_count;
    struct sv host; /* empty only in HTTP/1.0 */
    enum http_body_framing framing;
    uint64_t content_length; /* with HTTP_BODY_LENGTH */
    bool keep_alive;
    bool expects_continue; /* never in HTTP/1.0 (RFC 9110 §10.1.1) */
};

/* Parses what a scan found whole, from the request's first byte to the head's last; the scan has
 * judged its bytes, the parse judges what they mean. False and *fault on any deviation. */
KITH_MUST_CHECK bool http_head_parse(struct arena *arena, struct sv head, struct http_head *out,
                                     struct http_fault *fault);

/* The value of the first field of that name in any case, or NULL; and how many there are. */
const struct sv *http_head_field(const struct http_head *head, struct sv name);
size_t http_head_field_count(const struct http_head *head, struct sv name);

/* RFC 9110's token and field-value characters; used by every parser of fields. */
bool http_is_token(struct sv text);
bool http_is_field_value(struct sv text);

#endif
