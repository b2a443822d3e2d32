/* Reports as documents to keep: those of school years (as data: reports/year.c), and those that
 * people keep (resources/report.c). */
#ifndef KITH_API_REPORT_FILE_H
#define KITH_API_REPORT_FILE_H

#include "http/req.h"
#include "json/bind.h"

#define REPORT_FILE_PARAMS 2 /* the id, and the school year or NULL */

extern const struct json_table report_query;

/* The statement's parameters; NULL, or the answer to what is none. */
KITH_MUST_CHECK struct plan *report_read(struct req *r, const char *params[REPORT_FILE_PARAMS]);

STEP(school_year_page);  /* GET /v1/school_years/{id}/report_page */
STEP(school_year_sheet); /* GET /v1/school_years/{id}/report_sheet */
STEP(report_file_page);  /* GET /v1/reports/{id}/page */
STEP(report_csv);        /* GET /v1/reports/{id}/csv */
STEP(report_sheet);      /* GET /v1/reports/{id}/sheet */
STEP(page_report);       /* GET /reports/{id}: the same page in the browser of who is signed in */

#endif
