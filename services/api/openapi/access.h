/* Who may ask what, and who reads which field, as the OpenAPI document tells it for programs: what
 * the declarations say, from which the table of permissions of the tests is made. */
#ifndef KITH_API_OPENAPI_ACCESS_H
#define KITH_API_OPENAPI_ACCESS_H

#include "openapi/operation.h"
#include "json/emit.h"

/* x-roles: where a declaration says who may ask it. */
void access_add_roles(struct emit *e, const struct operation *operation);

/* x-classes: of each field that not everybody reads, directory or private, and who does. */
void access_add_classes(struct emit *e, const struct resource_ready *ready);

/* x-references: the resources (by their plurals) whose ids stand in its fields. */
void access_add_references(struct emit *e, const struct resource_ready *ready);

#endif
