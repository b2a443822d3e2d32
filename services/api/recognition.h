/* Letters for taxes and certificates, as documents to keep. */
#ifndef KITH_API_RECOGNITION_H
#define KITH_API_RECOGNITION_H

#include "http/req.h"

STEP(tax_document_content); /* GET /v1/tax_documents/{id}/content */
STEP(award_certificate);    /* GET /v1/awards/{id}/certificate */

#endif
