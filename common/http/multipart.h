/* What HTML forms with a file send: multipart/form-data (RFC 7578), whole. */
#ifndef KITH_HTTP_MULTIPART_H
#define KITH_HTTP_MULTIPART_H

#include "http/form.h"

#define HTTP_PART_HEAD_BYTES 4096 /* of one part's fields; more: 400 */

/* The one file of a form, a view of the body. */
struct http_file {
    struct sv name; /* as the browser calls it, without folders; empty: none was chosen */
    struct sv bytes;
};

/* Strictly: the parts one after the other, each with one Content-Disposition that names it, no name
 * twice, at most one with a filename. What is no file is text as http_form_parse gives it. False
 * with 415 for another media type, 400 for what is malformed, 422 for too many fields. */
KITH_MUST_CHECK bool http_multipart_parse(struct arena *arena, struct sv content_type,
                                          struct sv body, const struct http_param **out,
                                          size_t *out_count, struct http_file *file,
                                          struct http_fault *fault);

#endif
