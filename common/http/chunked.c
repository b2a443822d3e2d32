/* The chunked coding as a state machine: data passes in pieces as long as they come, the rest is
 * judged byte by byte, so that it cannot matter in how many pieces it comes. */
#include "http/chunked.h"

#include "http/bytes.h"

#define SIZE_DIGITS 15 /* of 4 bits each: they fit a uint64_t, and an int64_t */

enum chunk_state {
    AT_SIZE, /* 0, as the struct begins zeroed */
    IN_SIZE,
    AT_EXTENSION,
    IN_EXTENSION,
    AT_EXTENSION_VALUE,
    IN_EXTENSION_TOKEN,
    IN_EXTENSION_QUOTED,
    IN_QUOTED_PAIR,
    AFTER_QUOTED,
    IN_SIZE_CRLF,
    IN_DATA,
    AFTER_DATA,
    IN_DATA_CRLF,
    AT_TRAILER,
    IN_TRAILER_NAME,
    IN_TRAILER_VALUE,
    IN_TRAILER_CRLF,
    IN_LAST_CRLF,
    AT_END,
    STATES
};

static bool bad(struct http_fault *fault, const char *why)
{
    *fault = (struct http_fault){ERR_MALFORMED_REQUEST, why};
    return false;
}

static bool go(struct http_chunked *chunked, enum chunk_state state)
{
    chunked->state = (int)state;
    return true;
}

static bool take_size(struct http_chunked *chunked, char c, struct http_fault *fault)
{
    int digit = char_hex_value(c);

    if (digit >= 0) {
        if (chunked->line_bytes > SIZE_DIGITS)
            return bad(fault, "A chunk size has more than 15 digits.");
        chunked->left = chunked->left << 4 | (uint64_t)digit;
        return go(chunked, IN_SIZE);
    }
    if (chunked->state == AT_SIZE)
        return bad(fault, "A chunk size does not begin with a hexadecimal digit.");
    if (c == ';')
        return go(chunked, AT_EXTENSION);
    if (c == '\r')
        return go(chunked, IN_SIZE_CRLF);
    return bad(fault, "A chunk size is followed by something but an extension or a line end.");
}

static bool take_extension_name_start(struct http_chunked *chunked, char c,
                                      struct http_fault *fault)
{
    if (!http_byte_is(c, HTTP_BYTE_TOKEN))
        return bad(fault, "A chunk extension has no name.");
    return go(chunked, IN_EXTENSION);
}

/* What may follow a whole extension. */
static bool take_extension_end(struct http_chunked *chunked, char c, struct http_fault *fault)
{
    if (c == ';')
        return go(chunked, AT_EXTENSION);
    if (c == '\r')
        return go(chunked, IN_SIZE_CRLF);
    return bad(fault, "A chunk extension is malformed.");
}

static bool take_extension_name(struct http_chunked *chunked, char c, struct http_fault *fault)
{
    if (c == '=')
        return go(chunked, AT_EXTENSION_VALUE);
    return http_byte_is(c, HTTP_BYTE_TOKEN) || take_extension_end(chunked, c, fault);
}

static bool take_extension_value_start(struct http_chunked *chunked, char c,
                                       struct http_fault *fault)
{
    if (c == '"')
        return go(chunked, IN_EXTENSION_QUOTED);
    if (!http_byte_is(c, HTTP_BYTE_TOKEN))
        return bad(fault, "A chunk extension has no value.");
    return go(chunked, IN_EXTENSION_TOKEN);
}

static bool take_extension_token(struct http_chunked *chunked, char c, struct http_fault *fault)
{
    return http_byte_is(c, HTTP_BYTE_TOKEN) || take_extension_end(chunked, c, fault);
}

static bool take_quoted(struct http_chunked *chunked, char c, struct http_fault *fault)
{
    if (c == '"')
        return go(chunked, AFTER_QUOTED);
    if (c == '\\')
        return go(chunked, IN_QUOTED_PAIR);
    return http_byte_is(c, HTTP_BYTE_VALUE) ||
           bad(fault, "A chunk extension has a control character.");
}

static bool take_quoted_pair(struct http_chunked *chunked, char c, struct http_fault *fault)
{
    if (!http_byte_is(c, HTTP_BYTE_VALUE))
        return bad(fault, "A chunk extension has a control character.");
    return go(chunked, IN_EXTENSION_QUOTED);
}

static bool take_size_line_feed(struct http_chunked *chunked, char c, struct http_fault *fault)
{
    if (c != '\n')
        return bad(fault, "A chunk size line does not end in CR LF.");
    chunked->line_bytes = 0;
    return go(chunked, chunked->left ? IN_DATA : AT_TRAILER);
}

static bool take_data_end(struct http_chunked *chunked, char c, struct http_fault *fault)
{
    if (c != '\r')
        return bad(fault, "A chunk's data is longer than its size.");
    return go(chunked, IN_DATA_CRLF);
}

static bool take_data_line_feed(struct http_chunked *chunked, char c, struct http_fault *fault)
{
    if (c != '\n')
        return bad(fault, "A chunk's data does not end in CR LF.");
    return go(chunked, AT_SIZE);
}

static bool take_trailer_start(struct http_chunked *chunked, char c, struct http_fault *fault)
{
    if (c == '\r')
        return go(chunked, IN_LAST_CRLF);
    if (!http_byte_is(c, HTTP_BYTE_TOKEN))
        return bad(fault, "A trailer does not begin with a field name.");
    chunked->name_bytes = 1;
    chunked->name[0] = c;
    return go(chunked, IN_TRAILER_NAME);
}

/* Fields that decide where a request ends, whom it is for, or who sends it, come too late in a
 * trailer (RFC 9110 §6.5.1); somebody behind or before us might think otherwise. */
static bool is_forbidden_trailer(struct sv name)
{
    static const struct sv forbidden[] = {
        {"Authorization", 13}, {"Content-Length", 14},    {"Cookie", 6},
        {"Host", 4},           {"Transfer-Encoding", 17},
    };

    for (size_t i = 0; i < COUNT_OF(forbidden); i++) {
        if (sv_eq_nocase(name, forbidden[i]))
            return true;
    }
    return false;
}

static bool take_trailer_name(struct http_chunked *chunked, char c, struct http_fault *fault)
{
    if (http_byte_is(c, HTTP_BYTE_TOKEN)) {
        if (chunked->name_bytes < sizeof chunked->name)
            chunked->name[chunked->name_bytes++] = c;
        return true;
    }
    if (c != ':')
        return bad(fault, "A trailer's field name is not followed by a colon.");
    if (is_forbidden_trailer((struct sv){chunked->name, chunked->name_bytes}))
        return bad(fault, "A trailer has a field that belongs into the head.");
    return go(chunked, IN_TRAILER_VALUE);
}

static bool take_trailer_value(struct http_chunked *chunked, char c, struct http_fault *fault)
{
    if (c == '\r')
        return go(chunked, IN_TRAILER_CRLF);
    return http_byte_is(c, HTTP_BYTE_VALUE) || bad(fault, "A trailer has a control character.");
}

static bool take_trailer_line_feed(struct http_chunked *chunked, char c, struct http_fault *fault)
{
    if (c != '\n')
        return bad(fault, "A trailer does not end in CR LF.");
    return go(chunked, AT_TRAILER);
}

static bool take_last_line_feed(struct http_chunked *chunked, char c, struct http_fault *fault)
{
    if (c != '\n')
        return bad(fault, "The chunked body does not end in CR LF.");
    return go(chunked, AT_END);
}

static bool (*const takers[STATES])(struct http_chunked *, char, struct http_fault *) = {
    [AT_SIZE] = take_size,
    [IN_SIZE] = take_size,
    [AT_EXTENSION] = take_extension_name_start,
    [IN_EXTENSION] = take_extension_name,
    [AT_EXTENSION_VALUE] = take_extension_value_start,
    [IN_EXTENSION_TOKEN] = take_extension_token,
    [IN_EXTENSION_QUOTED] = take_quoted,
    [IN_QUOTED_PAIR] = take_quoted_pair,
    [AFTER_QUOTED] = take_extension_end,
    [IN_SIZE_CRLF] = take_size_line_feed,
    [AFTER_DATA] = take_data_end,
    [IN_DATA_CRLF] = take_data_line_feed,
    [AT_TRAILER] = take_trailer_start,
    [IN_TRAILER_NAME] = take_trailer_name,
    [IN_TRAILER_VALUE] = take_trailer_value,
    [IN_TRAILER_CRLF] = take_trailer_line_feed,
    [IN_LAST_CRLF] = take_last_line_feed,
};

/* Counts the byte towards the limits of its line, of all extensions, and of the trailers. A line's
 * CR LF is not of the size line, and the last empty line is not of the trailers. */
static bool is_within_limits(struct http_chunked *chunked, char c, struct http_fault *fault)
{
    bool in_extension = chunked->state >= AT_EXTENSION && chunked->state <= AFTER_QUOTED;
    bool in_trailer = chunked->state >= IN_TRAILER_NAME && chunked->state <= IN_TRAILER_CRLF;

    if (chunked->state < IN_SIZE_CRLF && c != '\r' && ++chunked->line_bytes > HTTP_CHUNK_LINE_BYTES)
        return bad(fault, "A chunk size line is too long.");
    if (in_extension && c != '\r' && ++chunked->extension_bytes > HTTP_CHUNK_EXTENSIONS_BYTES)
        return bad(fault, "The chunk extensions are too long together.");
    if (chunked->state == AT_TRAILER && c != '\r')
        in_trailer = true;
    if (in_trailer && ++chunked->trailer_bytes > HTTP_CHUNK_TRAILERS_BYTES) {
        *fault = (struct http_fault){ERR_HEADERS_TOO_LARGE, "The trailers are too long together."};
        return false;
    }
    return true;
}

static struct sv take_data(struct http_chunked *chunked, struct sv *input)
{
    struct sv data = sv_head(*input, size_min(input->n, chunked->left));

    *input = sv_skip(*input, data.n);
    chunked->left -= data.n;
    if (chunked->left == 0)
        chunked->state = AFTER_DATA;
    return data;
}

enum http_chunked_result http_chunked_next(struct http_chunked *chunked, struct sv *input,
                                           struct sv *data, struct http_fault *fault)
{
    while (chunked->state != AT_END && input->n) {
        char c = input->p[0];

        if (chunked->state == IN_DATA) {
            *data = take_data(chunked, input);
            return HTTP_CHUNKED_DATA;
        }
        if (!is_within_limits(chunked, c, fault) || !takers[chunked->state](chunked, c, fault))
            return HTTP_CHUNKED_BAD;
        *input = sv_skip(*input, 1);
    }
    return chunked->state == AT_END ? HTTP_CHUNKED_DONE : HTTP_CHUNKED_MORE;
}

uint64_t http_chunked_expected(const struct http_chunked *chunked)
{
    return chunked->state == IN_DATA ? chunked->left : 0;
}
