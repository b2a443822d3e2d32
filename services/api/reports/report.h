/* Reports: documents that one statement writes and nobody changes.
 *
 * A report is a row of reports/reports.c: its path, its statement, who may read it, and what its
 * documents tell of it. The statement's parameters are texts: the {id} if the path has one, each
 * parameter of the query (NULL: it is not there), the time. It gives one row, `version` and `body`,
 * or none: there is nothing of that id. */
#ifndef KITH_API_REPORT_H
#define KITH_API_REPORT_H

#include "openapi/operation.h"

#define REPORT_PARAMS 12

struct report {
    const char *pattern;
    const struct db_statement *statement;
    const char *roles;
    struct operation_kind kind;
};

extern const struct report reports[];
extern const size_t report_count;

/* route.what is the report. */
STEP(report_get);

/* Replies with the row of the unit's statement after the principal's, by its ETag. */
STEP(report_found);

#endif
