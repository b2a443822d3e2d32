/* The dashboard: one document of a scope, a school year and a kind of period. */
#ifndef KITH_API_DASHBOARD_H
#define KITH_API_DASHBOARD_H

#include "http/req.h"
#include "json/bind.h"

extern const struct json_table dashboard_table;
extern const struct json_table dashboard_equity_table; /* members of it */
extern const struct json_table dashboard_portfolio_table;
extern const struct json_table dashboard_query; /* what the query may say */

STEP(dashboard_get);

#endif
