/* Who is asked for a check-in in the place of a contact that has passed it on. */
#include "resources.h"

static const struct resource_field fields[] = {
    REFERENCE("check_in_id", check_in, FIELD_READ_ONLY),
    REFERENCE("from_contact_id", contact, FIELD_READ_ONLY,
              .doc = "Who would be reminded, and is no more."),
    REFERENCE("to_contact_id", contact, FIELD_READ_ONLY, .doc = "The colleague who is."),
    {.json = JSON_FIELD("delegated_at", FIELD_INSTANT, FIELD_READ_ONLY)},
};

struct resource res_check_in_delegate = {
    .name = "check_in_delegate",
    .plural = "check_in_delegates",
    .doc =
        "Who is asked for a check-in in the place of a contact that has passed it on, by the page "
        "of its link.",
    .readers = ROLES_EVERYBODY,
    .operations = RESOURCE_READ,
    RESOURCE_ROWS(fields),
};
