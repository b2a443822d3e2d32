/* Awards, certificates, and years of service: of a partner or of a contact. */
#include "resources.h"

#define YEARS_MOST 200

static const char *const kinds[] = {"award", "certificate", "service", NULL};

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("kind", FIELD_ENUM, FIELD_REQUIRED | FIELD_CREATE_ONLY, .values = kinds,
                        .doc = "service: for years of service."),
     .use = FIELD_FILTERS},
    REFERENCE("partner_id", partner, FIELD_NULLABLE | FIELD_CREATE_ONLY,
              .doc = "Whose it is: a partner's, or a contact's."),
    REFERENCE("contact_id", contact, FIELD_NULLABLE | FIELD_CREATE_ONLY),
    {.json = JSON_FIELD("title", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST,
                        .doc = "Partner of the year.")},
    {.json = JSON_FIELD("citation", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST,
                        .doc = "What it is given for.")},
    SCHOOL_YEAR_FIELD(FIELD_REQUIRED, FIELD_FILTERS),
    {.json = JSON_FIELD("years", FIELD_INT, FIELD_READ_ONLY | FIELD_NULLABLE, .min = 1,
                        .max = YEARS_MOST,
                        .doc = "Of service, since the first partnership was active.")},
    {.json = JSON_FIELD("given_on", FIELD_DATE, 0),
     .use = FIELD_RANGES | FIELD_SORTS,
     .create_default = "district_today()"},
    {.json = JSON_FIELD("locale", FIELD_LOCALE, 0, .doc = "Of the certificate.")},
    {.json = JSON_FIELD("given_by", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST,
                        .doc = "Who signs the certificate, with the title.")},
};

struct resource res_award = {
    .name = "award",
    .plural = "awards",
    .doc = "Awards, certificates and years of service, of partners and contacts.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_COORDINATION,
    .scope = {.kind = SCOPE_DISTRICT},
    RESOURCE_ROWS(fields),
};
