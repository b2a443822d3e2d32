/* Documents that are the same for everybody, from the first request to the last. */
#include "base/secret.h"
#include "http/field.h"
#include "http/reply.h"
#include "openapi/openapi.h"

#define ETAG_DIGITS 32 /* of the hash */

void document_finish(struct document *document, struct sv security_policy)
{
    struct arena *arena = arena_new(KB(4));
    struct sv hash;
    struct str etag;
    struct str policy;

    ENSURE(!str_failed(&document->bytes));
    hash = secret_sha256_hex(arena, str_view(&document->bytes));
    str_init(&etag, ETAG_DIGITS + 2);
    str_addf(&etag, "\"%.*s\"", ETAG_DIGITS, hash.p);
    str_init(&policy, KB(1));
    str_add(&policy, security_policy);
    ENSURE(!str_failed(&etag) && !str_failed(&policy));
    document->etag = str_view(&etag); /* kept, as the bytes are */
    document->security_policy = str_view(&policy);
    arena_free(arena);
}

/* The bytes stay. */
static void keep(void *arg)
{
    (void)arg;
}

struct plan *document_reply(struct req *r, const struct document *document)
{
    struct sv known = req_field(r, SV("if-none-match"));

    if (r->query_count)
        return fail_why(r, ERR_INVALID_QUERY, "\"%.*s\" is not a parameter of this document.",
                        SV_ARG(r->query[0].name));
    reply_field(r, "ETag", document->etag);
    reply_field(r, "Cache-Control", SV("public, no-cache"));
    if (document->security_policy.n) {
        reply_field(r, "Content-Security-Policy", document->security_policy);
        reply_field(r, "Referrer-Policy", SV("no-referrer"));
    }
    if (known.n && http_etag_matches_weak(known, document->etag))
        return reply_empty(r, 304);
    return reply_owned(r, 200, document->media_type, str_view(&document->bytes), keep, NULL);
}
