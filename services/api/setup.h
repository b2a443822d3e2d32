/* What a district still lacks before its mail goes out, and what waits for whoever asks. */
#ifndef KITH_API_SETUP_H
#define KITH_API_SETUP_H

#include "http/req.h"
#include "json/bind.h"

STEP(setup_get); /* GET /v1/setup */
extern const struct json_table setup_table;

STEP(my_tasks); /* GET /v1/me/tasks */
extern const struct json_table my_tasks_table;

#endif
