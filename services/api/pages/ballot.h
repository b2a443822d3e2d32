/* The answers of an anonymous survey (sql/functions/85_survey_ballot.sql): a draft that the link's
 * token alone opens, under a name that follows from it; and what is sent, closed so that
 * kith-survey alone opens it, when the survey is over. The database has of the token its hash, and
 * of these nothing that it can read or join. */
#ifndef KITH_API_BALLOT_H
#define KITH_API_BALLOT_H

#include "call.h"

/* What the page's link holds, for the database: {"name": …} and, when it was opened, "draft".
 * Empty: the page has no link. */
KITH_MUST_CHECK struct sv ballot_held(struct req *r, struct sv draft);

/* The draft that the database has for it; of one that cannot be read, an empty one. */
struct sv ballot_open(struct req *r, struct sv survey, struct sv kept);

/* What task_ballot() says is to be kept, in this row: whether there is something, and the statement
 * that keeps it, for a unit that has let the link in. */
struct ballot {
    struct sv survey;
    struct sv invitation; /* empty: not all is sent */
    struct sv draft;
    struct sv part;
    struct sv sent; /* empty: nothing is */
};
bool ballot_read(const struct db_unit *unit, size_t statement, struct ballot *out);
void ballot_keep(struct req *r, const struct ballot *ballot);

#endif
