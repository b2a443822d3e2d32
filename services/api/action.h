/* What a resource is told to do, besides being written: POST /v1/<plural>/{id}/<verb>.
 *
 *     static const struct json_field pause_fields[] = {
 *         JSON_FIELD("reason", FIELD_LONG_TEXT, FIELD_REQUIRED, .min = 1, .max = TEXT_LONGEST),
 *         JSON_FIELD("until", FIELD_DATE, FIELD_NULLABLE),
 *     };
 *     static const struct resource_action actions[] = {
 *         {.verb = "pause", .summary = "Pause one partnership", ACTION_FIELDS(pause_fields)},
 *     };
 *
 * The effect is the function <resource>_<verb>(id, version, field…) of sql/functions, one
 * parameter a field in order: uuid, bigint (NULL when the client sent no If-Match), then each
 * field's type (lists and objects as jsonb); what it returns is not read. It raises what forbids
 * it (lock_row, transition, refuse_missing, refuse_field: sql/functions/35_action.sql). The reply
 * is 200 with the representation, and is kept under an Idempotency-Key. */
#ifndef KITH_API_ACTION_H
#define KITH_API_ACTION_H

#include "resource.h"

struct resource_action {
    const char *verb;
    const char *summary; /* for the API's document: "Pause one partnership" */
    const char *roles;   /* who may; NULL: the resource's writers */
    const struct json_field *fields;
    size_t field_count;
    bool seals; /* its first field is a secret: the function gets it encrypted for this row */
};

#define ACTION_FIELDS(rows) .fields = (rows), .field_count = COUNT_OF(rows)

/* Made of an action's row once, before any fork. */
struct action_ready {
    const struct resource_action *action;
    const char *roles;
    struct json_table table;
    struct db_statement run;
};

void actions_prepare(struct resource_ready *ready);

/* The action that a route's last segment names; not to be there is a bug. */
const struct action_ready *action_of(const struct route *route);

/* The body may be left out. */
bool action_needs_body(const struct action_ready *action);

STEP(action_post);

/* GET /v1/<plural>/{id}/transitions: what its status allows, and what is missing for it. */
STEP(action_transitions);
extern const struct json_table action_transitions_table;

#endif
