/* What the documents of reports/reports.c have, and what their queries may say. */
#ifndef KITH_API_REPORT_TABLES_H
#define KITH_API_REPORT_TABLES_H

#include "json/bind.h"

/* reports/match.c */
extern const char *const match_factors[];
extern const struct json_table need_matches_table;
extern const struct json_table need_matches_query;
extern const struct json_table partner_matches_table;
extern const struct json_table partner_matches_query;

/* reports/registry.c */
extern const struct json_table contact_duplicates_table;
extern const struct json_table site_closing_table;
extern const struct json_table site_closing_query;

/* reports/convening.c */
extern const struct json_table convening_preview_table;
extern const struct json_table convening_meetings_table;

/* reports/call.c */
extern const struct json_table call_report_table;

/* reports/succession.c */
extern const struct json_table inventory_table;
extern const struct json_table bus_factor_table;
extern const struct json_table bus_factor_query;
extern const struct json_table stuck_partners_table;
extern const struct json_table stuck_partners_query;

/* actions/duplicates.c */
extern const struct json_table inquiry_duplicates_table;

/* reports/portfolio.c */
extern const struct json_table comparison_table;
extern const struct json_table comparison_query;
extern const struct json_table evidence_table;

/* reports/year.c */
extern const struct json_table year_report_table;

/* reports/recognition.c */
extern const struct json_table years_of_service_table;
extern const struct json_table years_of_service_query;
extern const struct json_table bulletin_preview_table;

extern const struct json_table no_query;

/* reports/network.c */
extern const struct json_table survey_results_table;
extern const struct json_table survey_results_query;
extern const struct json_table survey_questions_table;
extern const struct json_table survey_questions_query;
extern const struct json_table survey_progress_table;
extern const struct json_table instrument_trends_table;
extern const struct json_table instrument_trends_query;
extern const struct json_table network_map_table;
extern const struct json_table network_map_query;

/* reports/retention.c */
extern const struct json_table retention_table;
extern const struct json_table erasure_preview_table;

/* reports/administration.c */
extern const struct json_table settings_history_table;
extern const struct json_table settings_history_query;
extern const struct json_table mail_hold_table;
extern const struct json_table jobs_table;
extern const struct json_table health_table;

/* reports/mail.c */
extern const struct json_table next_mails_table;
extern const struct json_table next_mails_query;
extern const struct json_table check_in_decisions_table;
extern const struct json_table check_in_decisions_query;

/* reports/sustainability.c */
extern const struct json_table sustainability_table;
extern const struct json_table sustainability_query;

/* reports/gap.c */
extern const struct json_table gaps_table;
extern const struct json_table gaps_query;

#endif
