/* GET /v1/records_requests/{id}/file: what was gathered, which leaves a record. */
#include "administration.h"
#include "download.h"
#include "gen/stmt.h"
#include "resources.h"

STEP(records_request_file)
{
    static const struct download_source source = {STMT(records_take), STMT(records_part_get),
                                                  ROLES_ADMIN};

    return download(r, &source);
}
