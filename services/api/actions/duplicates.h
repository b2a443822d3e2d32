/* Which other partners may be the same one. */
#ifndef KITH_API_ACT_DUPLICATES_H
#define KITH_API_ACT_DUPLICATES_H

#include "http/req.h"
#include "json/bind.h"

STEP(partner_duplicates);
extern const struct json_table partner_duplicates_table;

#endif
