/* The chunked transfer coding (RFC 9112 §7.1), decoded as the bytes come. Sizes are hexadecimal
 * digits and nothing else; extensions and trailers are checked, bounded and dropped. */
#ifndef KITH_HTTP_CHUNKED_H
#define KITH_HTTP_CHUNKED_H

#include "http/head.h"

#define HTTP_CHUNK_LINE_BYTES       ((size_t)256) /* a size line with its extensions, without CRLF */
#define HTTP_CHUNK_EXTENSIONS_BYTES KB(8)         /* of a whole body, which may have many chunks */
#define HTTP_CHUNK_TRAILERS_BYTES   KB(8)         /* with their CRLFs; longer: 431 */

/* Zero-initialize before each body. */
struct http_chunked {
    int state;
    uint64_t left; /* bytes of the present chunk still to come */
    size_t line_bytes;
    size_t extension_bytes;
    size_t trailer_bytes;
    size_t name_bytes;
    char name[18]; /* the front of a trailer's name, longer than every name that is forbidden there
                    */
};

enum http_chunked_result {
    HTTP_CHUNKED_MORE, /* *input is used up */
    HTTP_CHUNKED_DATA, /* *data is the next piece of the body; call again */
    HTTP_CHUNKED_DONE, /* the body is whole; what is left in *input is the next request */
    HTTP_CHUNKED_BAD,
};

/* Takes what it can off the front of *input. *data points into it. */
enum http_chunked_result http_chunked_next(struct http_chunked *chunked, struct sv *input,
                                           struct sv *data, struct http_fault *fault);

/* Bytes of the present chunk that are still to come; 0 while its size is being read. */
uint64_t http_chunked_expected(const struct http_chunked *chunked);

#endif
