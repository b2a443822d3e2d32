/* Beginning a connection. */
#include "db/start.h"

#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "db/result.h"

#define OPTIONS_BYTES KB(4)

/* The URL's own options=: they are not lost when ours are set. */
static void add_url_options(struct str *options, const char *url)
{
    PQconninfoOption *parsed = PQconninfoParse(url, NULL);

    for (const PQconninfoOption *o = parsed; o && o->keyword; o++) {
        if (strcmp(o->keyword, "options") == 0 && o->val)
            str_addf(options, " %s", o->val);
    }
    PQconninfoFree(parsed);
}

static void add_timeout(struct str *options, const char *name, int64_t ms)
{
    if (ms)
        str_addf(options, " -c %s=%" PRId64, name, ms);
}

/* A notice is the server's remark on what we did, mostly of migrations. */
static void on_notice(void *arg, const char *message)
{
    (void)arg;
    log_info("the database remarks", F_SV("notice", result_first_line(message)));
}

PGconn *start_connection(const struct start_opts *opts)
{
    /* Before the URL stand defaults, which it may override; behind it what it may not. */
    const char *const keywords[] = {
        "tcp_user_timeout",
        "keepalives_idle",
        "keepalives_interval",
        "keepalives_count",
        "target_session_attrs",
        "dbname",
        "host",
        "hostaddr",
        "port",
        "client_encoding",
        "application_name",
        "options",
        NULL,
    };
    const struct place_lists *at = opts->at ? opts->at : &(struct place_lists){0};
    const char *values[COUNT_OF(keywords)] = {
        "10000",  "30",        "10",     "3",    "read-write",           opts->url,
        at->host, at->address, at->port, "UTF8", opts->application_name,
    };
    struct str options;
    PGconn *pg;

    str_init(&options, OPTIONS_BYTES);
    str_addf(&options, " -c jit=off"); /* to compile our statements takes longer than to run them */
    add_timeout(&options, "lock_timeout", opts->lock_timeout_ms);
    add_timeout(&options, "statement_timeout", opts->statement_timeout_ms);
    add_timeout(&options, "idle_in_transaction_session_timeout", opts->statement_timeout_ms);
    add_url_options(&options, opts->url);
    ENSURE(!str_failed(&options));
    values[COUNT_OF(keywords) - 2] = str_cstr(&options);
    pg = PQconnectStartParams(keywords, values, 1);
    str_fini(&options);
    if (!pg)
        die("libpq is out of memory");
    PQsetNoticeProcessor(pg, on_notice, NULL);
    return pg;
}
