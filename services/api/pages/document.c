/* GET /l/{id}/document: the file that is the agreement of a link, for whoever holds the link. That
 * it was taken leaves a record, as any download does. */
#include "download.h"
#include "gen/stmt.h"
#include "pages/page.h"
#include "pieces.h"

#define PURPOSE "agreement"

static void ask(struct req *r, const char *number)
{
    call_begin_link(r, PURPOSE);
    call_add(call_of(r), STMT(task_document_piece), number);
}

STEP(page_document)
{
    size_t next;
    struct plan *answer;

    pieces_new(r, 1, ask);
    answer = page_enter(r, CALL_WRITE, PURPOSE, &next);
    if (answer)
        return answer;
    call_add_array(call_of(r), STMT(task_document), (const char *const[]){NULL}, 0);
    return call_run(r, download_found);
}
