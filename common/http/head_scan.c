/* The scan: a state machine over the bytes of a head, each looked at once, which stops at the first
 * byte that no well-formed request has there. So it cannot matter in how many pieces the bytes
 * come. */
#include "http/bytes.h"
#include "http/head.h"

#define METHOD_BYTES 32
#define VERSION      "HTTP/d.d" /* d: a digit */

enum scan_state {
    AT_FRONT, /* 0, as the struct begins zeroed */
    IN_LEADING_CRLF,
    IN_METHOD,
    AT_TARGET,
    IN_TARGET,
    IN_VERSION,
    IN_REQUEST_LINE_CRLF,
    AT_FIELD,
    IN_NAME,
    IN_VALUE,
    IN_FIELD_CRLF,
    IN_LAST_CRLF,
    AT_END,
};

static enum http_head_result bad(struct http_fault *fault, const char *why)
{
    *fault = (struct http_fault){ERR_MALFORMED_REQUEST, why};
    return HTTP_HEAD_BAD;
}

static enum http_head_result too_large(struct http_fault *fault, enum error_code code,
                                       const char *why)
{
    *fault = (struct http_fault){code, why};
    return HTTP_HEAD_BAD;
}

/* A byte that the state does not take. Line ends first: they are what tells the most. */
static enum http_head_result bad_byte(enum scan_state state, char c, struct http_fault *fault)
{
    static const char *const why[] = {
        [AT_FRONT] = "The method has a character that no method may have.",
        [IN_LEADING_CRLF] = "A carriage return stands without a line feed.",
        [IN_METHOD] = "The method has a character that no method may have.",
        [AT_TARGET] = "The request target has a character that has to be percent-encoded.",
        [IN_TARGET] = "The request target has a character that has to be percent-encoded.",
        [IN_VERSION] = "The version is not HTTP, a slash, and two digits with a dot between them.",
        [IN_REQUEST_LINE_CRLF] = "A carriage return stands without a line feed.",
        [AT_FIELD] = "A field name has a character that no field name may have.",
        [IN_NAME] = "A field name has a character that no field name may have.",
        [IN_VALUE] = "A field value has a control character.",
        [IN_FIELD_CRLF] = "A carriage return stands without a line feed.",
        [IN_LAST_CRLF] = "A carriage return stands without a line feed.",
        [AT_END] = "The head is over.",
    };

    if (c == '\n')
        return bad(fault, "A line ends in a line feed without a carriage return.");
    return bad(fault, why[state]);
}

/* Where the line or the fields become too long. */
static size_t limit_of(const struct http_head_scan *scan, const struct http_head_limits *limits)
{
    return scan->fields_start ? scan->fields_start + limits->fields_bytes
                              : scan->line_start + limits->request_line_bytes;
}

/* True when the byte at the limit makes the head too long. What ends the part is not of it. */
static bool is_over(const struct http_head_scan *scan, char c)
{
    switch ((enum scan_state)scan->state) {
    case AT_FRONT:
    case IN_LEADING_CRLF:
    case IN_REQUEST_LINE_CRLF:
    case IN_LAST_CRLF:
    case AT_END:
        return false;
    case IN_METHOD:
    case AT_TARGET:
    case IN_TARGET:
    case IN_VERSION:
    case AT_FIELD:
        return c != '\r';
    case IN_NAME:
    case IN_VALUE:
    case IN_FIELD_CRLF:
        return true;
    }
    return true;
}

static enum http_head_result over(const struct http_head_scan *scan, struct http_fault *fault)
{
    if (scan->fields_start)
        return too_large(fault, ERR_HEADERS_TOO_LARGE, "The header fields are too long together.");
    return too_large(fault, ERR_TARGET_TOO_LONG, "The request line is too long.");
}

/* Before the request line: it begins, or the one empty line does. */
static enum http_head_result take_front(struct http_head_scan *scan, char c,
                                        struct http_fault *fault)
{
    if (http_byte_is(c, HTTP_BYTE_TOKEN)) {
        scan->state = IN_METHOD;
        return HTTP_HEAD_MORE;
    }
    if (c != '\r')
        return bad_byte(AT_FRONT, c, fault);
    if (scan->leading_line_seen)
        return bad(fault, "More than one empty line stands before the request line.");
    scan->leading_line_seen = true;
    scan->state = IN_LEADING_CRLF;
    return HTTP_HEAD_MORE;
}

static enum http_head_result take_version(struct http_head_scan *scan, struct sv bytes,
                                          struct http_fault *fault)
{
    size_t at = scan->scanned - scan->version_start;
    char c = bytes.p[scan->scanned];

    if (at < sizeof VERSION - 1) {
        if (c == ' ' && at == 0)
            return bad(fault, "More than one space stands before the version.");
        if (VERSION[at] == 'd' ? !char_is_digit(c) : c != VERSION[at])
            return bad_byte(IN_VERSION, c, fault);
        return HTTP_HEAD_MORE;
    }
    if (c != '\r')
        return bad_byte(IN_VERSION, c, fault);
    if (bytes.p[scan->version_start + 5] != '1') {
        *fault = (struct http_fault){ERR_VERSION_UNSUPPORTED,
                                     "This server speaks only HTTP/1.1 and HTTP/1.0."};
        return HTTP_HEAD_BAD;
    }
    scan->state = IN_REQUEST_LINE_CRLF;
    return HTTP_HEAD_MORE;
}

/* What follows a run of target characters: the one space, or a fault. */
static enum http_head_result take_target_end(struct http_head_scan *scan, char c,
                                             struct http_fault *fault)
{
    if (c == '\r')
        return bad(fault, "The request line has no version.");
    if (c != ' ')
        return bad_byte(IN_TARGET, c, fault);
    scan->state = IN_VERSION;
    scan->version_start = scan->scanned + 1;
    return HTTP_HEAD_MORE;
}

static enum http_head_result take_target_start(struct http_head_scan *scan, char c,
                                               struct http_fault *fault)
{
    if (c == ' ')
        return bad(fault, "More than one space stands before the request target.");
    if (!http_byte_is(c, HTTP_BYTE_TARGET))
        return bad_byte(AT_TARGET, c, fault);
    scan->state = IN_TARGET;
    return HTTP_HEAD_MORE;
}

/* The first byte of a line behind the request line. */
static enum http_head_result take_field(struct http_head_scan *scan, char c,
                                        const struct http_head_limits *limits,
                                        struct http_fault *fault)
{
    if (c == '\r') {
        scan->state = IN_LAST_CRLF;
        return HTTP_HEAD_MORE;
    }
    if (c == ' ' || c == '\t')
        return bad(fault, "A header field is folded, or begins with white space.");
    if (c == ':')
        return bad(fault, "A field name is empty.");
    if (!http_byte_is(c, HTTP_BYTE_TOKEN))
        return bad_byte(AT_FIELD, c, fault);
    if (scan->field_count == limits->field_count)
        return too_large(fault, ERR_HEADERS_TOO_LARGE, "There are too many header fields.");
    scan->field_count++;
    scan->state = IN_NAME;
    return HTTP_HEAD_MORE;
}

static enum http_head_result take_name_end(struct http_head_scan *scan, char c,
                                           struct http_fault *fault)
{
    if (c == ' ' || c == '\t')
        return bad(fault, "White space stands between a field name and its colon.");
    if (c == '\r')
        return bad(fault, "A header field has no colon.");
    if (c != ':')
        return bad_byte(IN_NAME, c, fault);
    scan->state = IN_VALUE;
    return HTTP_HEAD_MORE;
}

static enum http_head_result take_method_end(struct http_head_scan *scan, char c,
                                             struct http_fault *fault)
{
    if (http_byte_is(c, HTTP_BYTE_TOKEN)) /* the run before it stopped there */
        return bad(fault, "The method is too long.");
    if (c == '\r')
        return bad(fault, "The request line has no target.");
    if (c != ' ')
        return bad_byte(IN_METHOD, c, fault);
    scan->state = AT_TARGET;
    return HTTP_HEAD_MORE;
}

/* The line feed of a line's end. */
static enum http_head_result take_line_feed(struct http_head_scan *scan, char c,
                                            struct http_fault *fault)
{
    if (c != '\n')
        return bad_byte((enum scan_state)scan->state, '\r', fault);
    if (scan->state == IN_LAST_CRLF) {
        scan->state = AT_END;
        return HTTP_HEAD_DONE;
    }
    if (scan->state == IN_LEADING_CRLF) {
        scan->line_start = scan->scanned + 1;
        scan->state = AT_FRONT;
        return HTTP_HEAD_MORE;
    }
    if (scan->state == IN_REQUEST_LINE_CRLF)
        scan->fields_start = scan->scanned + 1;
    scan->state = AT_FIELD;
    return HTTP_HEAD_MORE;
}

/* Judges the byte at scan->scanned. */
static enum http_head_result take_byte(struct http_head_scan *scan, struct sv bytes,
                                       const struct http_head_limits *limits,
                                       struct http_fault *fault)
{
    char c = bytes.p[scan->scanned];

    switch ((enum scan_state)scan->state) {
    case AT_FRONT:
        return take_front(scan, c, fault);
    case IN_METHOD:
        return take_method_end(scan, c, fault);
    case AT_TARGET:
        return take_target_start(scan, c, fault);
    case IN_TARGET:
        return take_target_end(scan, c, fault);
    case IN_VERSION:
        return take_version(scan, bytes, fault);
    case AT_FIELD:
        return take_field(scan, c, limits, fault);
    case IN_NAME:
        return take_name_end(scan, c, fault);
    case IN_VALUE:
        if (c != '\r')
            return bad_byte(IN_VALUE, c, fault);
        scan->state = IN_FIELD_CRLF;
        return HTTP_HEAD_MORE;
    case IN_LEADING_CRLF:
    case IN_REQUEST_LINE_CRLF:
    case IN_FIELD_CRLF:
    case IN_LAST_CRLF:
        return take_line_feed(scan, c, fault);
    case AT_END:
        break;
    }
    return HTTP_HEAD_DONE;
}

/* Most bytes of a head stand in the middle of something and change no state: runs of them are
 * passed over here, up to the limit. */
static void skip_run(struct http_head_scan *scan, struct sv bytes, size_t limit)
{
    static const unsigned char run_classes[AT_END + 1] = {
        [IN_METHOD] = HTTP_BYTE_TOKEN,
        [IN_TARGET] = HTTP_BYTE_TARGET,
        [IN_NAME] = HTTP_BYTE_TOKEN,
        [IN_VALUE] = HTTP_BYTE_VALUE,
    };
    enum http_byte_class class = (enum http_byte_class)run_classes[scan->state];
    size_t end = size_min(bytes.n, limit);

    if (scan->state == IN_METHOD)
        end = size_min(end, scan->line_start + METHOD_BYTES);
    if (class && scan->scanned < end)
        scan->scanned +=
            http_span((struct sv){bytes.p + scan->scanned, end - scan->scanned}, class);
}

enum http_head_result http_head_scan(struct http_head_scan *scan, struct sv bytes,
                                     const struct http_head_limits *limits, size_t *head_bytes,
                                     struct http_fault *fault)
{
    while (scan->state != AT_END && scan->scanned < bytes.n) {
        size_t limit = limit_of(scan, limits);
        enum http_head_result result;

        skip_run(scan, bytes, limit);
        if (scan->scanned == bytes.n)
            break;
        if (scan->scanned >= limit && is_over(scan, bytes.p[scan->scanned]))
            return over(scan, fault);
        result = take_byte(scan, bytes, limits, fault);
        if (result == HTTP_HEAD_BAD)
            return result;
        scan->scanned++;
    }
    if (scan->state != AT_END)
        return HTTP_HEAD_MORE;
    *head_bytes = scan->scanned;
    return HTTP_HEAD_DONE;
}
