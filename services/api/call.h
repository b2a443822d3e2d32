/* A request of a signed-in principal, between HTTP and the database: the gate that finds out who
 * asks, the unit in which a request happens, and what becomes of its outcome.
 *
 *     static STEP(get_one)
 *     {
 *         struct call *call = call_begin(r, CALL_READ, SV("coordinator,viewer"));
 *
 *         call_add(call, &partner_get, id);
 *         return call_run(r, got_one);
 *     }
 *
 * call_begin puts kith_enter (or, for a read by a principal verified just now, the context alone)
 * in front. The next step runs only when the unit is committed; every other end is answered here.
 */
#ifndef KITH_API_CALL_H
#define KITH_API_CALL_H

#include "base/token.h"
#include "cors.h"
#include "db/db.h"
#include "http/reply.h"
#include "limits.h"
#include "loop/offload.h"
#include "principal.h"

/* What a child process serves with. */
struct api {
    struct db_pool *pool;
    struct db_pool *slow_pool; /* for what takes long: exports */
    struct principals *principals;
    struct limits *limits;
    struct secret_key *cursor_key;
    struct secret_key *csrf_key;
    struct secret_key *seal_key;   /* of secrets that are kept encrypted */
    struct secret_key *survey_key; /* of which follow those of anonymous surveys */
    struct offload *offload;       /* for passwords */
    struct offload *file_offload;  /* for spreadsheets */
    struct offload *sso_offload;   /* for what identity providers are asked */
    struct oidc *oidc;
    const struct cors *cors;
    const struct router *router;
    const char *origin;          /* ours, of KITH_PUBLIC_URL: "https://kith.example.org" */
    bool is_secure;              /* it is https */
    int64_t unit_ms;             /* a unit's deadline */
    struct publisher *publisher; /* woken by what is committed */
    struct importer *importer;
    struct events *events;
    struct together *together;
    int64_t import_bytes; /* of a file, at most */
    int64_t attachment_bytes;
    int64_t sheet_rows;  /* of a spreadsheet, at most */
    int64_t sheet_cells; /* of it, too */
};

enum call_kind {
    CALL_READ,
    CALL_LIST,  /* a read whose plan is made for its parameters */
    CALL_WRITE, /* never by a remembered principal */
};

struct call {
    struct api *api;
    struct arena *arena;  /* of the unit; the request's, unless the action has another */
    struct db_pool *pool; /* to which the unit goes; the same */
    struct token token;   /* when `has_token` */
    struct sv link_part;  /* what of a link it opens: "purpose.subject"; empty: its own */
    bool has_token;
    bool is_by_cookie;
    struct admission admission;
    struct principal principal; /* known when `is_known`; else after the unit */
    bool is_known;
    bool is_forbidden;
    const char *private_readers;
    bool watches;          /* to listen is no use of a session */
    const char *also_used; /* use.h: ",sites,programs"; NULL: nothing else */
    bool is_public;        /* the unit has no statement of a principal in front */
    bool is_by_link;       /* but that of a link */
    enum call_kind kind;
    struct db_unit *unit;
    struct plan *(*next)(struct req *r);
    struct plan *(*refused)(struct req *r); /* NULL: failure.c answers */
    struct sv idempotency_key;              /* empty: none */
    struct sv fingerprint;
    void *state; /* the action's own */
};

/* http_server_opts.admit: reads the token, and counts the request against its rate limit. */
STEP(call_admit);

/* http_server_opts.gate: refuses who has no token, and what the handler would pass over; then runs
 * it. */
STEP(call_gate);

/* NULL, or 400 for a query where none is taken: for reads, as the gate asks before each write. */
KITH_MUST_CHECK struct plan *call_refuse_query(struct req *r);

/* The id that the path names, of a read that takes no query; or what refuses them. */
KITH_MUST_CHECK struct plan *call_read_id(struct req *r, const char **id);

/* For http_server_opts.on_replied: the request is at its end, however it came to it. */
void call_replied(struct req *r);

struct call *call_of(const struct req *r);

/* Says before call_begin that whoever has one of these roles sees what only the database's word may
 * show: such a principal is looked up again. NULL: nothing is like that. */
void call_shows_private(struct req *r, const char *readers);

/* Adds the statement that records a read of what is private, which is not asked of whoever is known
 * not to see it. NULL: nothing is recorded. */
void call_record_read(struct req *r, const struct db_statement *statement,
                      const char *const *params);

/* Adds kith_enter to a unit, for a principal who has one of the roles `need`. */
void call_add_enter(struct req *r, struct arena *arena, struct db_unit *unit,
                    const struct db_statement *enter, struct sv need);

/* Begins the unit of this call; `need` are the roles of which one is needed. */
struct call *call_begin(struct req *r, enum call_kind kind, struct sv need);

/* Begins a unit without a principal, whose statements set the context themselves: for public
 * routes. */
struct call *call_begin_public(struct req *r);

/* Begins a unit of whoever holds a link of one of the purposes, a comma list. */
struct call *call_begin_link(struct req *r, const char *purposes);

/* Hands what the database refuses of this unit to a step, which asks why. */
void call_on_refusal(struct req *r, STEP((*refused)));
bool call_was_refused(const struct req *r, const char *sqlstate);
const char *call_refusal_detail(const struct req *r); /* of ours (KI…) */

/* What the database refused, and nobody else answers. */
KITH_MUST_CHECK struct plan *call_fail(struct req *r);

/* Parameters that many statements take: the injected clock's time; the request's id and, behind a
 * semicolon, its traceparent, if it has one. */
const char *call_now(struct req *r);
const char *call_request_id(struct req *r);

/* Adds a statement with its text parameters (NULL is SQL's NULL) and gives its index in the unit.
 */
#define call_add(call, statement, ...)                                      \
    call_add_array((call), (statement), (const char *const[]){__VA_ARGS__}, \
                   sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))
size_t call_add_array(struct call *call, const struct db_statement *statement,
                      const char *const *params, size_t count);

/* Runs the unit; `next` is the step after its commit. */
KITH_MUST_CHECK struct plan *call_run(struct req *r, STEP((*next)));

/* A step: replies with the text `body` of the row of the statement after the principal's; 404 when
 * there is none. */
STEP(call_body);

#endif
