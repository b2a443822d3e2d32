/* Answers to surveys by links that come together are put together: while the database is at work on
 * some of a district, the others that come wait, and are its next statement. Who comes alone waits
 * for nobody. One statement of many changes costs a part of many statements
 * (sql/functions/95_task_survey_together.sql), and who is told that an answer is kept is told after
 * the commit of all of them.
 *
 * What the statement does not do of a form, as it is not usual, or wrong, or because the database
 * refused all of it, is put by itself afterwards: so one form's fault is never another's. To put
 * one twice does no harm. */
#ifndef KITH_API_TOGETHER_H
#define KITH_API_TOGETHER_H

#include "base/list.h"
#include "call.h"

#define TOGETHER_MOST    64     /* forms of a statement */
#define TOGETHER_WAITING 256    /* of a district in this process; past it each goes by itself */
#define TOGETHER_LONGEST KB(32) /* of a form; a longer one goes by itself */

struct together_form {
    const char *verb;
    const char *values; /* JSON */

    bool is_done;     /* else it is to be put by itself */
    struct sv errors; /* JSON: what is wrong with it */
    struct sv next;   /* the address that follows */

    struct list link;
    struct req *r;
    struct plan *(*step)(struct req *r);
};

struct together;

void together_register_metrics(void); /* in the parent, before any fork */

struct together *together_new(struct api *api);
void together_free(struct together *together); /* after the pool */

/* Whether it may be put with others. */
bool together_takes(const struct req *r, const struct together_form *form);

/* Puts the form of a request's link, and goes on with the step. The form is in the request's arena.
 */
KITH_MUST_CHECK struct plan *together_put(struct req *r, struct together_form *form, STEP((*step)));

#endif
