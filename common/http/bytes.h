/* What each byte may be in HTTP, one table look-up a byte: it is on the path of every request. */
#ifndef KITH_HTTP_BYTES_H
#define KITH_HTTP_BYTES_H

#include "base/sv.h"

enum http_byte_class {
    HTTP_BYTE_TOKEN = 1,    /* tchar (RFC 9110 §5.6.2) */
    HTTP_BYTE_VALUE = 2,    /* field-vchar, space and tab; obs-text too (RFC 9110 §5.5) */
    HTTP_BYTE_TARGET = 4,   /* what a request target may hold: pchar, "/", "?", "%", "[", "]" */
    HTTP_BYTE_PATH = 8,     /* pchar, "/", "%" (RFC 3986 §3.3) */
    HTTP_BYTE_HOST = 16,    /* reg-name, "%" (RFC 3986 §3.2.2) */
    HTTP_BYTE_TOKEN68 = 32, /* without the "=" at its end (RFC 9110 §11.2) */
    HTTP_BYTE_COOKIE = 64,  /* cookie-octet (RFC 6265 §4.1.1) */
    HTTP_BYTE_ETAG = 128,   /* etagc (RFC 9110 §8.8.3) */
};

extern const unsigned char http_byte_classes[256];

static inline bool http_byte_is(char c, enum http_byte_class class)
{
    return (http_byte_classes[(unsigned char)c] & (unsigned)class) != 0;
}

/* How many bytes at the front of the text are of the class. */
static inline size_t http_span(struct sv text, enum http_byte_class class)
{
    size_t n = 0;

    while (n < text.n && http_byte_is(text.p[n], class))
        n++;
    return n;
}

#endif
