/* Merges of partners: records that turned out to be of one partner. */
#include "resources/merge.h"

static const struct resource_field fields[] = {MERGE_FIELDS(partner)};
static const struct resource_action actions[] = {
    {.verb = "undo", .summary = "Undo one merge, the last of its partner", .roles = ROLES_PROGRAM},
};

struct resource res_partner_merge = MERGE_RESOURCE(partner);
