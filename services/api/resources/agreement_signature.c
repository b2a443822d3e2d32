/* Who signed an agreement, how, and what it was that they signed. */
#include "resources.h"

static const char *const sides[] = {"district", "partner", NULL};
static const char *const methods[] = {"recorded", "typed", "imported", NULL};

static const char *const signers[] = {"principal",      "department_head", "director",
                                      "superintendent", "board",           NULL};

static const struct resource_field fields[] = {
    REFERENCE("agreement_id", agreement, FIELD_READ_ONLY),
    {.json = JSON_FIELD("side", FIELD_ENUM, FIELD_READ_ONLY, .values = sides),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("method", FIELD_ENUM, FIELD_READ_ONLY, .values = methods,
                        .doc = "Signed elsewhere and recorded here with its file, typed here, or "
                               "imported: said by a file of rows, without more evidence than "
                               "the document.")},
    {.json = JSON_FIELD("signer", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE, .max = LINE_LONGEST,
                        .doc = "Name and title as signed.")},
    {.json =
         JSON_FIELD("signed_as", FIELD_ENUM, FIELD_READ_ONLY | FIELD_NULLABLE, .values = signers,
                    .doc = "As what, where the district's limits ask for it.")},
    {.json = JSON_FIELD("signed_on", FIELD_DATE, FIELD_READ_ONLY)},
    {.json = JSON_FIELD("document_sha256", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .max = CODE_LONGEST, .doc = "Of the file or the text that was signed.")},
    {.json = JSON_FIELD("attachment_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The file."),
     .ref = &res_attachment},
    {.json = JSON_FIELD("consent", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .max = LINE_LONGEST, .doc = "To what the signer agreed by typing.")},
    {.json = JSON_FIELD("contact_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Who typed it by a mail's link."),
     .ref = &res_contact},
    {.json = JSON_FIELD("user_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Who typed or recorded it."),
     .ref = &res_user},
};

struct resource res_agreement_signature = {
    .name = "agreement_signature",
    .plural = "agreement_signatures",
    .doc = "Who signed an agreement, how, and what it was that they signed.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .operations = RESOURCE_READ,
    .scope = SCOPE_OF_PARENT("agreement_id", "agreement"),
    RESOURCE_ROWS(fields),
};
