/* The balance of what both sides of partnerships gave, of a scope and a school year. */
#ifndef KITH_API_BALANCE_H
#define KITH_API_BALANCE_H

#include "http/req.h"
#include "json/bind.h"

extern const struct json_table balance_table;
extern const struct json_table balance_query;

STEP(balance_get);

#endif
