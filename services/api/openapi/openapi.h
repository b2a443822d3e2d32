/* The API's document in OpenAPI 3.1, and the same as a page for people. Both are made once, from
 * the table of routes, the resources' declarations and the table of errors; both are public.
 *
 * https://spec.openapis.org/oas/v3.1.0, https://json-schema.org/draft/2020-12 */
#ifndef KITH_API_OPENAPI_H
#define KITH_API_OPENAPI_H

#include "base/str.h"
#include "http/router.h"
#include "openapi/operation.h"

#define DOCUMENT_BYTES MB(16) /* of either; past that the start fails */

/* Makes both; once, before any fork, after the resources are prepared. */
void openapi_prepare(const struct route *routes, size_t route_count);

/* The same document on standard output, as kith-api --openapi has it, for whoever makes a client
 * while nothing runs: 0, or 1 when it could not be written. */
int openapi_print(void);

STEP(openapi_get);
STEP(docs_get);

/* Private to the two: a document that stays as it is while the process lives. */
struct document {
    const char *media_type;
    struct str bytes;
    struct sv etag;
    struct sv security_policy; /* empty: none */
};

void document_finish(struct document *document, struct sv security_policy);
KITH_MUST_CHECK struct plan *document_reply(struct req *r, const struct document *document);

/* openapi/docs.c */
void docs_write(struct document *out, const struct operations *all);

#endif
