/* The end of a spreadsheet. */
#include "sheet_file.h"

#include "base/log.h"
#include "call.h"
#include "http/reply.h"
#include "loop/offload.h"

#define PIECE_BYTES KB(32)

static struct sheet_file *file_of(struct req *r)
{
    return call_of(r)->state;
}

void sheet_file_free(void *file)
{
    sheet_free(((struct sheet_file *)file)->sheet);
}

static void pack(void *arg)
{
    struct sheet_file *file = file_of(arg);

    file->has_failed = !sheet_pack(file->sheet);
}

static void packed(void *arg, bool was_run)
{
    struct sheet_file *file = file_of(arg);

    file->is_packed = true;
    file->has_failed |= !was_run;
    req_resume(arg);
}

STEP(sheet_file_more)
{
    struct sheet_file *file = file_of(r);
    char piece[PIECE_BYTES];
    long n;

    if (!file->is_packed) {
        if (!offload_run(call_of(r)->api->file_offload, pack, packed, r))
            return stream_abort(r);
        return req_park(r, sheet_file_more);
    }
    n = file->has_failed ? -1 : sheet_read(file->sheet, piece, sizeof piece);
    if (n < 0) {
        log_error("a spreadsheet could not be written");
        return stream_abort(r);
    }
    stream_write(r, (struct sv){piece, (size_t)n});
    return n ? stream_more(r) : stream_end(r);
}

struct plan *sheet_file_refuse(struct req *r)
{
    reply_field(r, "Retry-After", SV("60"));
    return fail_why(r, ERR_UNAVAILABLE, "There is no room for a spreadsheet.");
}
