/* Many changes of rows by one request. */
#ifndef KITH_API_BULK_H
#define KITH_API_BULK_H

#include "http/req.h"
#include "json/bind.h"

#define BULK_MOST       100     /* changes in one request */
#define BULK_BYTES      KB(512) /* of its body */
#define BULK_BODY_BYTES KB(64)  /* of what one change says */
#define BULK_A_WRITE    20      /* so many of them count as one more write (limits.h) */

STEP(bulk_post); /* POST /v1/bulk */
extern const struct json_table bulk_table;
extern const struct json_table bulk_outcome_table;

#endif
