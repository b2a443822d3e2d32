/* What whoever asks may do with one row, told before it is tried. */
#ifndef KITH_API_RIGHT_H
#define KITH_API_RIGHT_H

#include "http/req.h"
#include "json/bind.h"

STEP(rights_get); /* GET /v1/me/rights */
extern const struct json_table rights_table;
extern const struct json_table rights_query;

#endif
