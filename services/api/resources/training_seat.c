/* Training seats: who comes to a training, and came. */
#include "resources.h"

static const char *const statuses[] = {"invited", "registered", "waiting", "attended",
                                       "absent",  "cancelled",  NULL};

static const struct resource_field fields[] = {
    REFERENCE("training_id", training, FIELD_REQUIRED | FIELD_CREATE_ONLY),
    REFERENCE("user_id", user, FIELD_NULLABLE | FIELD_CREATE_ONLY,
              .doc = "Who comes; this, or a contact."),
    REFERENCE("contact_id", contact, FIELD_NULLABLE | FIELD_CREATE_ONLY),
    {.json = JSON_FIELD("status", FIELD_ENUM, 0, .values = statuses,
                        .doc = "invited: asked by mail, whose link registers. Those who are "
                               "registered or attended take a seat; when one becomes free, who "
                               "waits longest is registered, and told by mail."),
     .use = FIELD_FILTERS,
     .create_default = "'registered'"},
    {.json = JSON_FIELD("waits_since", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("hours", FIELD_DECIMAL, FIELD_NULLABLE, .min = 0, .max = 10000,
                        .precision = 8, .scale = 2, .doc = "null: the training's.")},
};

struct resource res_training_seat = {
    .name = "training_seat",
    .plural = "training_seats",
    .doc = "Who is registered for a training, and attended.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PARENT("training_id", "training"),
    RESOURCE_ROWS(fields),
};
