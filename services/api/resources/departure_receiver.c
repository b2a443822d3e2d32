/* Who takes over one thing, or all of a resource, of somebody who leaves. */
#include "resources.h"

static const struct resource_field fields[] = {
    REFERENCE("departure_id", departure, FIELD_REQUIRED),
    {.json = JSON_FIELD("resource", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = CODE_LONGEST,
                        .doc = "As the inventory names it: \"partnership_roles\"."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("subject_id", FIELD_UUID, FIELD_NULLABLE,
                        .doc = "Which one of the resource; null: each that has no receiver of its "
                               "own.")},
    {.json = JSON_FIELD("user_id", FIELD_UUID, FIELD_NULLABLE,
                        .doc = "Who takes it over; neither this nor contact_id: it ends with who "
                               "leaves."),
     .use = FIELD_SERVES,
     .ref = &res_user},
    {.json = JSON_FIELD("contact_id", FIELD_UUID, FIELD_NULLABLE), .ref = &res_contact},
};

struct resource res_departure_receiver = {
    .name = "departure_receiver",
    .plural = "departure_receivers",
    .doc = "Who takes over what somebody leaves behind, where it is not the departure's receiver.",
    .readers = ROLES_PROGRAM,
    .watchers = ROLES_PROGRAM,
    .writers = ROLES_PROGRAM,
    .scope = SCOPE_OF_PARENT("departure_id", "departure"),
    RESOURCE_ROWS(fields),
};
