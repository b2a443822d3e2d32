/* The parts of the OpenAPI document that operations refer to: parameters, header fields, problems.
 */
#ifndef KITH_API_OPENAPI_PARTS_H
#define KITH_API_OPENAPI_PARTS_H

#include "openapi/operation.h"
#include "json/emit.h"

/* components, but for the schemas of the resources. */
void parts_add_parameters(struct emit *e);
void parts_add_headers(struct emit *e);
void parts_add_problem_schema(struct emit *e);
void parts_add_problem_responses(struct emit *e);

/* {"$ref":"#/components/<kind>/<name>"} */
void parts_add_ref(struct emit *e, const char *kind, const char *name);

/* A member of `headers`. */
void parts_add_header(struct emit *e, const char *name);
void parts_add_common_headers(struct emit *e); /* of any reply */

/* The schema of a body, or what a success brings, that no table of fields tells; false: one does.
 */
bool parts_add_body_schema(struct emit *e, enum operation_body body);
/* The other bodies of a file of rows. */
void parts_add_object_bodies(struct emit *e);

void parts_add_file_content(struct emit *e);
void parts_add_events_content(struct emit *e);

/* An operation's own: its parameters, and the header fields of its success and of a 304. */
void parts_add_operation_parameters(struct emit *e, const struct operation *operation);
void parts_add_success_headers(struct emit *e, const struct operation *operation);

/* Of a write of a resource's rows: which of them, for people and for programs. */
void parts_add_scope(struct emit *e, const struct operation *operation);

/* Of what lists a status's transitions: a diagram of all of them. */
void parts_add_life_cycle(struct emit *e, const struct operation *operation);

/* "#/components/responses/Problem404" is named "Problem404". */
#define PROBLEM_NAME_BYTES sizeof("Problem404")
void parts_problem_name(char out[PROBLEM_NAME_BYTES], int status);

#endif
