/* Goals that several partnerships share; each partner acknowledges it for its own. */
#include "action.h"
#include "resources.h"

static const struct resource_field fields[] = {
    REFERENCE("goal_id", goal, FIELD_REQUIRED),
    REFERENCE("partnership_id", partnership, FIELD_REQUIRED),
    ACKNOWLEDGMENT_FIELDS("When the district acknowledged it for this partnership.",
                          "When this partnership's partner acknowledged it as it stands."),
    PARTNER_VERSION_FIELD,
};

static const struct json_field acknowledge_fields[] = {ON_BEHALF_OF_FIELD};

static const struct resource_action actions[] = {
    {.verb = "acknowledge",
     .summary = "Acknowledge one shared goal, for a side of a partnership",
     ACTION_FIELDS(acknowledge_fields)},
};

struct resource res_goal_partnership = {
    .name = "goal_partnership",
    .plural = "goal_partnerships",
    .doc = "Which other partnerships share a goal.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PARENT("partnership_id", "partnership"),
    .import_key = "goal_id,partnership_id",
    RESOURCE_ROWS(fields),
    RESOURCE_ACTIONS(actions),
};
