/* What a school year came to, as documents to keep; as data it is a report (reports/year.c). */
#ifndef KITH_API_YEAR_REPORT_H
#define KITH_API_YEAR_REPORT_H

#include "http/req.h"

STEP(school_year_page);  /* GET /v1/school_years/{id}/report_page */
STEP(school_year_sheet); /* GET /v1/school_years/{id}/report_sheet */

#endif
