/* What an endpoint does, as its documents tell it: a route by the kind of its handler. From these
 * rows, the resources' declarations and the table of errors follow the OpenAPI document and the
 * page that people read; nothing is described twice. */
#ifndef KITH_API_OPERATION_H
#define KITH_API_OPERATION_H

#include "base/arena.h"
#include "base/errors.h"
#include "base/str.h"
#include "http/router.h"
#include "resource.h"

enum operation_body {
    BODY_NONE,
    BODY_CREATE,
    BODY_PATCH,
    BODY_TABLE,
    BODY_CSV,
    BODY_FILE,
    BODY_ANY
};
enum operation_reply {
    REPLY_PAGE,
    REPLY_ONE,
    REPLY_NOTHING,
    REPLY_TABLE,
    REPLY_JSON,
    REPLY_HTML,
    REPLY_FILE,
    REPLY_EVENTS
};

enum operation_field {
    TAKES_QUERY = 1 << 0, /* a list's */
    TAKES_IF_MATCH = 1 << 1,
    TAKES_IF_NONE_MATCH = 1 << 2,
    TAKES_IDEMPOTENCY_KEY = 1 << 3,
    GIVES_ETAG = 1 << 4,
    GIVES_LOCATION = 1 << 5,
    GIVES_LINK = 1 << 6,
    GIVES_COOKIE = 1 << 7,
    GIVES_CACHE_CONTROL = 1 << 8,
    TAKES_CSRF_TOKEN = 1 << 9, /* every write but a public one */
    TAKES_VIEW = 1 << 11,      /* fields and expand */
    TAKES_ARCHIVED = 1 << 12,  /* a list's, but for records */
    GIVES_ANY = 1 << 10,       /* what a handler without a row may give */
    TAKES_IMPORT = 1 << 13,    /* what a file's rows are, and where they stand */
    TAKES_ROWS = 1 << 14,      /* a page of an import's rows */
    GIVES_FILE_NAME = 1 << 15,
    TAKES_LAST_EVENT_ID = 1 << 16,
};

#define OPERATION_ERRORS 12

struct operation_kind {
    struct plan *(*handle)(struct req *r);
    const char *id;      /* "list_%s"; with the resource's name, or its plural where `is_plural` */
    const char *summary; /* "List %s" */
    bool is_plural;
    const char *tag; /* of what serves no resource */
    const char *tag_doc;
    const struct json_table *body_table;  /* BODY_TABLE */
    const struct json_table *reply_table; /* REPLY_TABLE */
    const struct json_table *query_table; /* parameters of its own; NULL: none */
    enum operation_body body;
    enum operation_reply reply;
    int status; /* of success */
    unsigned fields;
    enum error_code errors[OPERATION_ERRORS]; /* besides those of every operation; ends in 0 */
};

struct operation {
    const struct route *route;
    const struct operation_kind *kind;
    const struct resource *resource;     /* NULL: the route serves none */
    const struct action_ready *action;   /* of POST …/{id}/<verb>; else NULL */
    const struct json_table *body_table; /* of the body, where it is not the resource's */
    bool is_public;
    bool is_first_of_tag; /* in operations_of() */
};

/* One a handler. */
extern const struct operation_kind operation_kinds[];
extern const size_t operation_kind_count;

struct operation operation_of(const struct route *route);

/* Of each route that is no page: pages are for people, and no part of the API. */
struct operations {
    const struct operation *rows;
    size_t count;
};
struct operations operations_of(struct arena *arena, const struct route *routes, size_t count);

void operation_add_id(struct str *out, const struct operation *operation);
void operation_add_summary(struct str *out, const struct operation *operation);
const char *operation_tag(const struct operation *operation);
const char *operation_tag_doc(const struct operation *operation); /* may be NULL */

/* Calls `add` for each status that errors have, in rising order. */
void operation_each_error_status(void (*add)(int status, void *arg), void *arg);

/* True when the operation can end with an error of that status. */
bool operation_can_fail(const struct operation *operation, int status);

/* A body must be there, if the operation takes one. */
bool operation_needs_body(const struct operation *operation);

/* The media type of the body that it takes, or NULL. */
const char *operation_media_type(const struct operation *operation);

#endif
