/* A request's target: the path split on "/" and then, segment by segment, percent-decoded once; the
 * query split into parameters. Malformed percent-encoding, U+0000, ill-formed UTF-8, and the
 * segments "." and ".." are refused, so that nobody after us can read a path in two ways. */
#ifndef KITH_HTTP_TARGET_H
#define KITH_HTTP_TARGET_H

#include "http/head.h"

#define HTTP_PATH_SEGMENTS 16  /* more: 404 finds nothing that deep, so this is 414 */
#define HTTP_QUERY_PARAMS  100 /* more: 400 */

struct http_param {
    struct sv name;
    struct sv value;
};

struct http_target {
    bool is_asterisk;                       /* "*", with OPTIONS only */
    struct sv path;                         /* raw */
    struct sv segments[HTTP_PATH_SEGMENTS]; /* decoded; "/" has none, "/a/" has "a" and "" */
    size_t segment_count;
    struct sv query; /* raw, without "?" */
};

/* Characters that a target may not have raw are refused, but "[" and "]" in a query, which browsers
 * send; the query's percent-encoding is left to http_query_parse. Origin form; absolute form when
 * its authority equals the head's Host (RFC 9112 §3.2.2); asterisk form with OPTIONS. Authority
 * form (CONNECT) and everything else is a fault. */
KITH_MUST_CHECK bool http_target_parse(struct arena *arena, const struct http_head *head,
                                       struct http_target *out, struct http_fault *fault);

/* Parses a query (encoded as a form, form.h). Empty pieces between "&" are skipped; a name without
 * "=" has the empty value; names may repeat, in order. All faults are ERR_INVALID_QUERY: they are
 * the query's, and the connection may go on. */
KITH_MUST_CHECK bool http_query_parse(struct arena *arena, struct sv query,
                                      const struct http_param **out, size_t *out_count,
                                      struct http_fault *fault);

#endif
