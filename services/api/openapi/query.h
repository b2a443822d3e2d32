/* What a query may ask of a resource, in the OpenAPI document: parameters, and the schemas of what
 * they make of its representation. */
#ifndef KITH_API_OPENAPI_QUERY_H
#define KITH_API_OPENAPI_QUERY_H

#include "resource.h"
#include "json/emit.h"

/* sort, and the filters; fields and expand. */
void openapi_add_list(struct emit *e, const struct resource *resource);
void openapi_add_view_parameters(struct emit *e, const struct resource *resource);

/* The parameters of an operation that has its own. */
void openapi_add_query(struct emit *e, const struct json_table *query);

/* "service_partner" is "ServicePartner", and then what is added: "Create". */
#define SCHEMA_NAME_BYTES 128
const char *openapi_schema_name(char out[SCHEMA_NAME_BYTES], const char *resource,
                                const char *added);

/* The whole representation, or a view of it: {"anyOf":[Partner, PartnerView]}. */
void openapi_add_either(struct emit *e, const struct resource *resource);

/* components/schemas/PartnerView: the id, and what else was asked for. */
void openapi_add_view(struct emit *e, const struct resource *resource);

#endif
