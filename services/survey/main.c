/* kith-survey: what time does to surveys. A turn is one district that is due, in one
 * transaction; what is decided, and for whom, is decided in PostgreSQL (sql/functions/87). */
#include "count.h"
#include "gen/stmt.h"
#include "svc/round.h"

/* In the order in which one makes work for the next. */
static const struct round_step steps[] = {
    {"survey_advanced", STMT(surveys_advance)},
    {"survey_invited", STMT(surveys_invite)},
    {"survey_mail_withdrawn", STMT(survey_mails_withdraw)},
    {"survey_invitation", STMT(survey_invitations_decide)},
    {"survey_reminder", STMT(survey_reminders_decide)},
};

/* Of what it depends whether there is something to do before the clock says so. */
static const char *const aggregates[] = {"survey", "partnership", "partnership_role", "district",
                                         NULL};

int main(int argc, char **argv)
{
    return round_main(
        &(struct round_program){
            .name = "kith-survey",
            .summary =
                "Opens and closes Kith's surveys, invites whom they ask, and decides who is reminded.",
            .admin_listen = "127.0.0.1:9103",
            .task = "surveys",
            .steps = steps,
            .step_count = COUNT_OF(steps),
            .aggregates = aggregates,
            .after = count_closed},
        argc, argv);
}
