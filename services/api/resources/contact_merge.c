/* Merges of contacts: records that turned out to be of one person. */
#include "resources/merge.h"

static const struct resource_field fields[] = {MERGE_FIELDS(contact)};
static const struct resource_action actions[] = {
    {.verb = "undo", .summary = "Undo one merge, the last of its contact", .roles = ROLES_PROGRAM},
};

struct resource res_contact_merge = MERGE_RESOURCE(contact);
