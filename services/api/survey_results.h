/* What an answer to a survey is, of whichever route: partnership_id, answers, submit. */
#ifndef KITH_API_SURVEY_RESULTS_H
#define KITH_API_SURVEY_RESULTS_H

#include "json/bind.h"

#define SURVEY_ANSWER_FIELDS 3
extern const struct json_field survey_answer_fields[SURVEY_ANSWER_FIELDS];

#endif
