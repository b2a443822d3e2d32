/* Values of single header fields: cookies, bearer tokens, media types, content negotiation, entity
 * tags. */
#ifndef KITH_HTTP_FIELD_H
#define KITH_HTTP_FIELD_H

#include "http/head.h"

/* The value of the first cookie of that name in all Cookie fields (RFC 6265 §5.4); names are
 * case-sensitive. A malformed pair is skipped, as browsers may send cookies that are not ours.
 * Quotation marks around a value are part of it. */
KITH_MUST_CHECK bool http_cookie_find(const struct http_head *head, struct sv name, struct sv *out);

/* Calls each(name, arg) for every cookie whose name begins so, in the order of the Cookie fields:
 * browsers send first what they were given first (RFC 6265 §5.4). */
void http_cookie_each(const struct http_head *head, struct sv name_prefix,
                      void (*each)(struct sv name, void *arg), void *arg);

/* The credentials of `Authorization: Bearer …` (RFC 6750 §2.1: token68). False when there is no
 * such field, more than one, another scheme, or characters that token68 does not have. */
KITH_MUST_CHECK bool http_bearer_token(const struct http_head *head, struct sv *out);

/* True when a Content-Type value is this type ("application/json"), whatever its parameters are,
 * except that a charset other than utf-8 makes it false (RFC 9110 §8.3). */
bool http_media_type_is(struct sv content_type, struct sv type);

/* Which of the offers the Accept fields like best: index, or -1 for none (406). No field, or none
 * with a well-formed range: the first. Each offer has the quality of the range that names it most
 * closely; the best is by quality, then specificity, then the order of the offers (RFC 9110
 * §12.5.1). Parameters other than "q" are not compared. */
int http_accept_best(const struct http_head *head, const struct sv *offers, size_t offer_count);

/* The same for Accept-Language by RFC 4647 §3.4 lookup ("es-MX" finds "es"): index, or 0 for none.
 * A quality of 0 only takes its range out of the list. */
int http_language_best(const struct http_head *head, const struct sv *offers, size_t offer_count);

/* Whether a reply may be of this content coding ("gzip"): Accept-Encoding names it, or "*" and not
 * it, with a quality above 0. No field: no (RFC 9110 §12.5.3 would allow it; nobody asked). */
bool http_coding_is_accepted(const struct http_head *head, struct sv coding);

/* If-Match and If-None-Match: does the list name this entity tag ("\"v7\"", or "W/\"v7\"")? "*"
 * names every one (RFC 9110 §8.8.3.2, §13.1). */
bool http_etag_matches_strong(struct sv field_value, struct sv etag);
bool http_etag_matches_weak(struct sv field_value, struct sv etag);

#endif
