/* What a survey found. */
#ifndef KITH_API_SURVEY_RESULTS_H
#define KITH_API_SURVEY_RESULTS_H

#include "http/req.h"
#include "json/bind.h"

/* GET /v1/surveys/{id}/results?by=all|partner|side. 409 while a confidential survey is not closed.
 */
STEP(survey_results);
extern const struct json_table survey_results_table;

/* What an answer is, of whichever route: partnership_id, answers, submit. */
#define SURVEY_ANSWER_FIELDS 3
extern const struct json_field survey_answer_fields[SURVEY_ANSWER_FIELDS];

#endif
