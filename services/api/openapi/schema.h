/* Fields as JSON Schema (2020-12). */
#ifndef KITH_API_OPENAPI_SCHEMA_H
#define KITH_API_OPENAPI_SCHEMA_H

#include "resource.h"
#include "json/emit.h"

enum schema_use {
    SCHEMA_REPLY,  /* every field is there, in canonical form */
    SCHEMA_CREATE, /* what a POST's body may hold */
    SCHEMA_PATCH,
};

/* Adds JSON in which "'" stands for the quotation mark: literals of C that can be read. */
void schema_literal(struct emit *e, const char *json);

/* Adds a member whose value is a text. */
void schema_text(struct emit *e, const char *key, const char *text);

/* Adds the members of an object that has rows in `data`, as far as the schema of one of them. */
void schema_begin_rows(struct emit *e, const char *required);

/* One value's schema. */
void schema_field(struct emit *e, const struct json_field *field, enum schema_use use,
                  bool may_be_null);

/* An object by its table. */
void schema_table(struct emit *e, const struct json_table *table, enum schema_use use);

/* A resource's representation or body, and an example of it. The example of a body is one that can
 * be sent: what is required, and for a patch one field. */
void schema_resource(struct emit *e, const struct resource *resource, enum schema_use use);
void schema_example(struct emit *e, const struct resource *resource, enum schema_use use);

/* The members of `properties`. */
void schema_resource_fields(struct emit *e, const struct resource_ready *ready,
                            enum schema_use use);

/* A client may send it in such a body. */
bool schema_takes(const struct resource_field *field, enum schema_use use);

#endif
