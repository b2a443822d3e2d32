/* GET /l/{id}/document, /agreements/{id}/document: the file that is an agreement, for whoever holds
 * its link or is signed in. That it was taken leaves a record, as any download does. */
#include "download.h"
#include "gen/stmt.h"
#include "http/router.h"
#include "pages/page.h"
#include "pieces.h"
#include "routes.h"

#define PURPOSE "agreement"

static void ask(struct req *r, const char *number)
{
    size_t next;

    ENSURE(!page_enter(r, CALL_READ, PURPOSE, &next)); /* as it was for the whole */
    call_add(call_of(r), STMT(task_document_piece), number);
}

STEP(page_document)
{
    size_t next;
    struct plan *answer;

    pieces_new(r, r->route->flags & ROUTE_BY_LINK ? 1 : 2, ask); /* behind what lets in */
    answer = page_enter(r, CALL_WRITE, PURPOSE, &next);
    if (answer)
        return answer;
    call_add_array(call_of(r), STMT(task_document), (const char *const[]){NULL}, 0);
    return call_run(r, download_found);
}
