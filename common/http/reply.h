/* Answers. Each of these answers the request and returns the plan that says so; a HEAD request gets
 * the same head without the body, by itself. Errors are problem documents (RFC 9457), always. */
#ifndef KITH_HTTP_REPLY_H
#define KITH_HTTP_REPLY_H

#include "http/req.h"
#include "json/bind.h"

/* Adds a header field to the coming reply. The value is ours: bytes that no field value may have
 * are a bug. */
void reply_field(struct req *r, const char *name, struct sv value);

/* What the reply of a request that was answered has in such a field, or the empty view. */
struct sv reply_field_of(const struct req *r, const char *name);

KITH_MUST_CHECK struct plan *reply_bytes(struct req *r, int status, const char *media_type,
                                         struct sv body);
KITH_MUST_CHECK struct plan *reply_json(struct req *r, int status, struct sv json);
KITH_MUST_CHECK struct plan *reply_empty(struct req *r, int status); /* 204, 304, 303 … */

/* The same for large bytes that somebody else owns: they are not copied, and done(arg) is called
 * when they have been sent or never will be. */
KITH_MUST_CHECK struct plan *reply_owned(struct req *r, int status, const char *media_type,
                                         struct sv body, void (*done)(void *arg), void *arg);

/* Errors. `why` says what is wrong here, for the reader of `detail`. After stream_begin they are
 * stream_abort. */
KITH_MUST_CHECK struct plan *fail(struct req *r, enum error_code code);
KITH_MUST_CHECK KITH_PRINTF(3, 4) struct plan *fail_why(struct req *r, enum error_code code,
                                                        const char *fmt, ...);
KITH_MUST_CHECK struct plan *fail_fields(struct req *r, enum error_code code, struct sv detail,
                                         const struct json_fault *faults, size_t fault_count);
/* `state` is a JSON object, the problem's member of that name: what the resource's state is, and
 * what it would allow. */
KITH_MUST_CHECK struct plan *fail_state(struct req *r, enum error_code code, struct sv detail,
                                        struct sv state);
KITH_MUST_CHECK struct plan *fail_bound(struct req *r, const struct json_bound *refused);

/* Streamed replies. stream_begin sends the head; `more` is called when the client has taken nearly
 * all of what was written (at most output_bytes are held), writes the next pieces with
 * stream_write, and returns stream_more, stream_end, or stream_abort (the client sees that the
 * reply is cut). */
KITH_MUST_CHECK struct plan *stream_begin(struct req *r, int status, const char *media_type,
                                          STEP((*more)));
void stream_write(struct req *r, struct sv piece);
KITH_MUST_CHECK struct plan *stream_more(struct req *r);
KITH_MUST_CHECK struct plan *stream_end(struct req *r);
KITH_MUST_CHECK struct plan *stream_abort(struct req *r);

/* Server-sent events. The reply stays open; events may be sent at any time; a comment goes out
 * every 15 s. Who subscribes the request somewhere unsubscribes it by arena_defer on its arena. A
 * client that is more than output_bytes behind is cut; it resumes by Last-Event-ID. */
KITH_MUST_CHECK struct plan *sse_begin(struct req *r);
void sse_send(struct req *r, struct sv id, struct sv event, struct sv data);
void sse_end(struct req *r);

/* Bodies that are too large to hold. With ROUTE_STREAMS_BODY the handler runs at the end of the
 * head and returns body_read: `piece` gets each piece as it comes and says whether to go on; with
 * BODY_PAUSE nothing more is read until body_resume, which the caller owes exactly once, from the
 * loop, as it owes req_resume to req_park. `end` is the step after the last piece. */
enum body_flow { BODY_GO_ON, BODY_PAUSE };
KITH_MUST_CHECK struct plan *
body_read(struct req *r, enum body_flow (*piece)(struct req *r, struct sv bytes), STEP((*end)));
void body_resume(struct req *r);

/* The reason phrase of a status. */
const char *http_reason(int status);

#endif
