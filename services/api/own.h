/* What saved filters find, and templates with their words filled in. */
#ifndef KITH_API_OWN_H
#define KITH_API_OWN_H

#include "http/req.h"
#include "json/bind.h"

STEP(saved_filter_matches); /* GET /v1/saved_filters/{id}/matches */
extern const struct json_table saved_filter_matches_table;

STEP(template_filled); /* GET /v1/templates/{id}/filled?partnership_id= */
extern const struct json_table template_filled_table;
extern const struct json_table template_filled_query;

#endif
