/* A message as it goes to a person, and the mail that is made of it. */
#ifndef KITH_LETTER_LETTER_H
#define KITH_LETTER_LETTER_H

#include "db/blocking.h"
#include "mail/compose.h"
#include "template/template.h"

/* Texts live in its reader's arena. */
struct letter {
    const char *district_id;
    const char *message_id;
    int64_t number; /* of the attempt */
    struct sv class;
    struct sv topic;
    struct sv kind;       /* also the templates' name */
    struct sv locale;     /* of whoever gets it */
    struct sv own_locale; /* of the district */
    struct sv to_name;
    struct sv to_address;
    struct sv from_name;
    struct sv own_from; /* the district's own address; empty: none */
    struct sv reply_to;
    struct sv slug;
    struct sv series_id;
    struct sv district; /* JSON: who sends */
    struct sv about;    /* JSON: what it is about, by its kind */
    bool has_task;
    bool has_stop;
    struct sv task_url; /* what its button opens: a task by a link, or the first page */
    struct sv home_url; /* the first page */
    struct sv stop_url; /* what ends such mails; empty: nothing does */

    bool has_invitation; /* then: */
    bool is_cancelled;
    struct sv uid;
    int64_t sequence;
    int64_t stamped_at_ms;
    int64_t due_on;
    int64_t starts_at_ms; /* 0: it takes the whole day */
    int64_t ends_at_ms;
    struct sv location;
    struct sv zone;
    struct sv organizer_name;
    struct sv organizer_address;

    struct letter *things; /* what it carries, each with its kind, what it is about and its link */
    size_t thing_count;

    struct sv sample; /* JSON of the kind's own (templates/<kind>.mail), in place of what it is
                       * about, its task and things; empty: none */
};

/* A row of mail_claim. */
void letter_read(struct arena *arena, const struct db_result *rows, size_t row, struct letter *out);

/* What each letter shares. The latter two are for letter_write alone. */
struct letter_opts {
    const struct templates *templates;
    const char *from;    /* the address */
    const char *domains; /* of which districts may have addresses of their own; NULL: none */
};

/* What its reader sees of it. */
struct letter_parts {
    struct sv locale; /* in which it is written */
    struct sv subject;
    struct sv text;
    struct sv html;
};

/* False: there are no templates of its kind, or they cannot be filled. */
KITH_MUST_CHECK bool letter_parts(const struct letter *letter, const struct letter_opts *opts,
                                  struct arena *arena, struct letter_parts *out);

/* Adds the mail to `out`. False with a reason in *why, in which nobody is named. */
KITH_MUST_CHECK bool letter_write(const struct letter *letter, const struct letter_opts *opts,
                                  struct arena *arena, struct str *out, const char **why);

#endif
