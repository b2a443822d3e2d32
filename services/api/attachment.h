/* Attachments: files that are kept with whatever they belong to.
 *
 * POST /v1/attachments takes a file as it is and stores it in pieces; what it is, its bytes say.
 * GET /v1/attachments/{id}/content gives it back, piece by piece; the audit log says who took it.
 */
#ifndef KITH_API_ATTACHMENT_H
#define KITH_API_ATTACHMENT_H

#include "json/bind.h"

struct req;
struct plan;

#define ATTACHMENT_BYTES_MOST MB(256) /* of a file; KITH_ATTACHMENT_BYTES is what is allowed */

extern const struct json_table attachment_query;

struct plan *attachment_post(struct req *r);
struct plan *attachment_content(struct req *r);

#endif
