/* The reports. */
#include "gen/stmt.h"
#include "report.h"
#include "report_tables.h"
#include "resources.h"

#define REPORT_KIND                                                                  \
    .reply = REPLY_TABLE, .status = 200, .fields = TAKES_IF_NONE_MATCH | GIVES_ETAG, \
    .errors = {ERR_NOT_FOUND}

const struct json_table no_query = {.name = "no_query"};

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
    {"/v1/calls_to_action/{id}/report",
     STMT(call_to_action_report),
     ROLES_EVERYBODY,
     {.id = "get_call_to_action_report",
      .summary = "Get how far one call to action is, with its clock; or how it ended",
      .tag = "calls_to_action",
      .reply_table = &call_report_table,
      .query_table = &no_query,
      REPORT_KIND}},
    {"/v1/landscape_snapshots/{id}/gaps",
     STMT(landscape_snapshot_gaps),
     ROLES_EVERYBODY,
     {.id = "get_landscape_snapshot_gaps",
      .summary = "Get needs and supply by site and focus area, as one snapshot has them",
      .tag = "landscape_snapshots",
      .reply_table = &gaps_table,
      .query_table = &no_query,
      REPORT_KIND}},
    {"/v1/landscape_snapshots/{id}/comparison",
     STMT(landscape_snapshot_comparison),
     ROLES_EVERYBODY,
     {.id = "get_landscape_snapshot_comparison",
      .summary = "Get what differs between one snapshot and another",
      .tag = "landscape_snapshots",
      .reply_table = &comparison_table,
      .query_table = &comparison_query,
      REPORT_KIND}},
    {"/v1/portfolio_reviews/{id}/evidence",
     STMT(portfolio_evidence),
     ROLES_EVERYBODY,
     {.id = "get_portfolio_review_evidence",
      .summary = "Get what partners bring against priorities, for one portfolio review",
      .tag = "portfolio_reviews",
      .reply_table = &evidence_table,
      .query_table = &no_query,
      REPORT_KIND}},
};
const size_t report_count = COUNT_OF(reports);
