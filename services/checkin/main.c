/* kith-checkin: what time does to check-ins, agreements, departures and whatever has a day. A turn
 * is one district that is due, in one transaction; what is decided, and for whom, is decided in
 * PostgreSQL (sql/functions/76 to 79). */
#include "gen/stmt.h"
#include "svc/round.h"

/* In the order in which one makes work for the next. */
static const struct round_step steps[] = {
    {NULL, STMT(turn_begin)}, /* what the others look at */
    {"departure_advanced", STMT(departures_advance)},
    {"site_closed", STMT(site_closings_advance)},
    {"agreement_advanced", STMT(agreements_advance)},
    {"remedy_advanced", STMT(remedies_advance)},
    {"call_to_action_closed", STMT(calls_to_action_advance)},
    {"need_expired", STMT(needs_advance)},
    {"ask_expired", STMT(asks_advance)},
    {"placement_fed", STMT(placements_advance)},
    {"review_due", STMT(reviews_advance)},
    {"review_gathered", STMT(reviews_gather)},
    {"snapshot_taken", STMT(snapshots_advance)},
    {"convening_advanced", STMT(convenings_advance)},
    {"check_in_planned", STMT(check_in_plan)},
    {"check_in_replanned", STMT(check_in_replan)},
    {"check_in_advanced", STMT(check_in_advance)},
    {"check_in_mail_withdrawn", STMT(check_in_mails_withdraw)},
    {"check_in_reminder", STMT(reminders_decide)},
    {"check_in_notice", STMT(check_in_notices_decide)},
    {"giving_summary", STMT(giving_summaries_make)},
    {"bulletin", STMT(bulletins_send)},
    {"records_request_reminder", STMT(records_requests_remind)},
    {"retention_run", STMT(retention_advance)},
    {"report", STMT(reports_send)},
    {"partner_year", STMT(partner_years_send)},
    {"digest", STMT(digests_decide)},
    {"partner_counted", STMT(partners_advance)}, /* locks many, so that it comes last */
};

/* Of what it depends whether there is something to do before the clock says so. */
static const char *const aggregates[] = {"custom_field", "departure",      "remedy",
                                         "site_closing", "partnership",    "partnership_role",
                                         "agreement",    "agreement_item", "agreement_partnership",
                                         "placement",    "check_in",       "reporting_quarter",
                                         "closed_day",   "blackout",       "district",
                                         "convening",    "bulletin",       NULL};

int main(int argc, char **argv)
{
    return round_main(
        &(struct round_program){
            .name = "kith-checkin",
            .summary =
                "Plans Kith's check-ins, opens and ends them, decides who is reminded, lets "
                "agreements expire and lapse, and needs, asks and calls to action, "
                "makes reviews due, fills the agendas of convenings, sends bulletins, "
                "hands over what is left behind, closes sites, counts how complete partners "
                "are, reminds of records requests, puts away what is past its schedule, sends "
                "reports, tells partners what a year came to, "
                "and people what waits.",
            .admin_listen = "127.0.0.1:9102",
            .task = "check_ins",
            .steps = steps,
            .step_count = COUNT_OF(steps),
            .aggregates = aggregates},
        argc, argv);
}
