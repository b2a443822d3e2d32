/* What an answer to a survey is; whom one asks; and what it found, as files. */
#ifndef KITH_API_SURVEY_RESULTS_H
#define KITH_API_SURVEY_RESULTS_H

#include "http/req.h"
#include "json/bind.h"

/* GET /v1/surveys/{id}/audience?after=&limit= (survey_audience.c) */
STEP(survey_audience);
extern const struct json_table survey_audience_table;
extern const struct json_table survey_audience_query;

STEP(survey_csv);   /* GET /v1/surveys/{id}/results_csv */
STEP(survey_sheet); /* GET /v1/surveys/{id}/results_sheet */
extern const struct json_table survey_file_query;

/* What an answer is, of whichever route: partnership_id, answers, submit. */
#define SURVEY_ANSWER_FIELDS 3
extern const struct json_field survey_answer_fields[SURVEY_ANSWER_FIELDS];

#endif
