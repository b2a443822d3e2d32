/* What resource_prepare() and its statements share. */
#ifndef KITH_API_RESOURCE_STATEMENT_H
#define KITH_API_RESOURCE_STATEMENT_H

#include "resource.h"

/* What was added to it, for as long as the process lives. */
const char *resource_text(struct str *sql);

/* A list that its column keeps as an array, not as JSON. */
bool resource_is_array(const struct json_field *field);

/* Those of ready, once its fields and its body are there. */
void resource_prepare_statements(struct resource_ready *ready);

#endif
