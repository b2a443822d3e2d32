/* The reports. */
#include "gen/stmt.h"
#include "report.h"
#include "report_tables.h"
#include "resources.h"

#define REPORT_KIND                                                                  \
    .reply = REPLY_TABLE, .status = 200, .fields = TAKES_IF_NONE_MATCH | GIVES_ETAG, \
    .errors = {ERR_NOT_FOUND}

const struct report reports[] = {
    {"/v1/needs/{id}/matches",
     STMT(need_matches),
     ROLES_EVERYBODY,
     {.id = "get_need_matches",
      .summary = "Get what could meet one need, factor by factor",
      .tag = "needs",
      .reply_table = &need_matches_table,
      .query_table = &need_matches_query,
      REPORT_KIND}},
    {"/v1/partners/{id}/matches",
     STMT(partner_matches),
     ROLES_EVERYBODY,
     {.id = "get_partner_matches",
      .summary = "Get the needs elsewhere that one partner could meet, factor by factor",
      .tag = "partners",
      .reply_table = &partner_matches_table,
      .query_table = &partner_matches_query,
      REPORT_KIND}},
    {"/v1/gaps",
     STMT(gaps),
     ROLES_EVERYBODY,
     {.id = "get_gaps",
      .summary =
          "Get what is needed, what there is and what is not covered, by place and focus area",
      .tag = "gaps",
      .tag_doc = "Needs and supply, by place and focus area.",
      .reply_table = &gaps_table,
      .query_table = &gaps_query,
      REPORT_KIND}},
};
const size_t report_count = COUNT_OF(reports);
