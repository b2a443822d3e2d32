/* The API's rows of configuration. */
#include "config.h"

#include "attachment.h"
#include "cors.h"
#include "imports/import.h"
#include "rate.h"

static const struct config_row rows[] = {
    CONFIG_TEXT("KITH_PUBLISHER_URL", struct api_config, publisher_url, .required = true,
                .secret = true,
                .doc = "The database as kith_publisher, who takes events from the outbox to Redis "
                       "and removes what is old."),
    CONFIG_TEXT("KITH_LISTEN", struct api_config, listen, .fallback = "127.0.0.1:8080",
                .doc = "HOST:PORT of the API; behind a proxy that speaks TLS."),
    CONFIG_TEXT("KITH_TRUSTED_PROXIES", struct api_config, trusted_proxies,
                .fallback = "127.0.0.0/8,::1",
                .doc = "Networks whose X-Forwarded-For is believed, separated by commas."),
    CONFIG_TEXT("KITH_CORS_ORIGINS", struct api_config, cors_origins, .fallback = "",
                .doc = "Origins of other front ends that may use the API from a browser, separated "
                       "by commas: https://app.example.org."),
    CONFIG_TEXT("KITH_WEB_PATH", struct api_config, web_path,
                .doc =
                    "The folder of the web app, which is served at /app; none: there is no app."),
    CONFIG_INT("KITH_API_CHILDREN", struct api_config, children, .fallback = "2", .min = 1,
               .max = 64, .unit = "processes", .doc = "Processes that serve requests."),
    CONFIG_INT("KITH_API_LINGER_MS", struct api_config, linger_ms, .fallback = "0", .min = 0,
               .max = 600000, .unit = "ms",
               .doc = "How long it goes on serving when it was asked to stop, but is not ready any "
                      "more: for a proxy that asks /readyz, some of its intervals."),
    CONFIG_INT("KITH_API_DRAIN_MS", struct api_config, drain_ms, .fallback = "20000", .min = 0,
               .max = 600000, .unit = "ms", .doc = "How long requests at work may take to finish."),
    CONFIG_INT("KITH_API_UNIT_MS", struct api_config, unit_ms, .fallback = "10000", .min = 1,
               .max = 600000, .unit = "ms", .doc = "How long the database may take for a request."),
    CONFIG_INT("KITH_API_CONNECTIONS", struct api_config, connections, .fallback = "4096", .min = 1,
               .max = 60000, .unit = "connections", .doc = "Clients' connections of a process."),
    CONFIG_INT("KITH_API_CONNECTIONS_PER_ADDRESS", struct api_config, connections_per_address,
               .fallback = "256", .min = 1, .max = 60000, .unit = "connections",
               .doc = "Of one address; trusted proxies are not counted."),
    CONFIG_INT("KITH_API_EVENT_STREAMS", struct api_config, event_streams, .fallback = "1024",
               .min = 0, .max = 60000, .unit = "streams",
               .doc = "Clients of all processes that listen to events; past it: 503."),
    CONFIG_INT("KITH_API_EVENT_PING_MS", struct api_config, event_ping_ms, .fallback = "15000",
               .min = 10, .max = 600000, .unit = "ms",
               .doc = "Between the comments that keep such a stream open."),
    CONFIG_INT("KITH_API_EVENT_CHECK_MS", struct api_config, event_check_ms, .fallback = "30000",
               .min = 10, .max = 600000, .unit = "ms",
               .doc = "How often it is asked anew whether such a client may listen."),
    CONFIG_INT("KITH_DB_CONNECTIONS", struct api_config, db_connections, .fallback = "4", .min = 1,
               .max = 64, .unit = "connections", .doc = "PostgreSQL connections of a process."),
    CONFIG_INT("KITH_DB_SLOW_CONNECTIONS", struct api_config, db_slow_connections, .fallback = "1",
               .min = 1, .max = 16, .unit = "connections",
               .doc = "Of a process, for what takes long: exports."),
    CONFIG_INT("KITH_DB_IN_FLIGHT", struct api_config, db_in_flight, .fallback = "8", .min = 1,
               .max = 64, .unit = "units", .doc = "Requests at work on one connection at once."),
    CONFIG_INT("KITH_DB_WAITING", struct api_config, db_waiting, .fallback = "256", .min = 1,
               .max = 65536, .unit = "units", .doc = "Requests that wait; past it: 503."),
    CONFIG_INT("KITH_RATE_WINDOW_S", struct api_config, rate_window_s, .fallback = "60", .min = 1,
               .max = 3600, .unit = "s", .doc = "In which a rate limit's whole quota comes back."),
    CONFIG_INT("KITH_RATE_READS", struct api_config, rate_reads, .fallback = "600", .min = 1,
               .max = RATE_QUOTA_MOST, .unit = "requests",
               .doc = "Reads of one token in a window; past it: 429."),
    CONFIG_INT("KITH_RATE_WRITES", struct api_config, rate_writes, .fallback = "120", .min = 1,
               .max = RATE_QUOTA_MOST, .unit = "requests", .doc = "Writes of one token."),
    CONFIG_INT("KITH_RATE_SIGN_INS", struct api_config, rate_sign_ins, .fallback = "30", .min = 1,
               .max = RATE_QUOTA_MOST, .unit = "requests", .doc = "Sign-ins from one address."),
    CONFIG_INT("KITH_RATE_ANONYMOUS", struct api_config, rate_anonymous, .fallback = "60", .min = 1,
               .max = RATE_QUOTA_MOST, .unit = "requests",
               .doc = "Requests without a verified token from one address (IPv6: /64 network)."),
    CONFIG_INT("KITH_SSO_MS", struct api_config, sso_ms, .fallback = "8000", .min = 100,
               .max = 60000, .unit = "ms",
               .doc = "How long an identity provider may take for all that one step asks of it."),
    CONFIG_INT("KITH_IMPORT_BYTES", struct api_config, import_bytes, .fallback = "67108864",
               .min = 1, .max = IMPORT_BYTES_MOST, .unit = "bytes",
               .doc = "Of a file to import; past it: 413."),
    CONFIG_INT("KITH_ATTACHMENT_BYTES", struct api_config, attachment_bytes, .fallback = "26214400",
               .min = 1, .max = ATTACHMENT_BYTES_MOST, .unit = "bytes",
               .doc = "Of a file to attach; past it: 413."),
    CONFIG_INT("KITH_SHEET_ROWS", struct api_config, sheet_rows, .fallback = "100000", .min = 1,
               .max = 1000000, .unit = "rows",
               .doc = "Of a list as a spreadsheet, which is written to disk first; past it: 406."),
    CONFIG_INT("KITH_SHEET_CELLS", struct api_config, sheet_cells, .fallback = "2000000",
               .min = 1000, .max = 100000000, .unit = "cells",
               .doc = "Of the same: fewer rows of a list that has many fields. A process packs one "
                      "at a time, and a million cells take it some seconds."),
    CONFIG_INT("KITH_IMPORT_ROWS", struct api_config, import_rows, .fallback = "1000000", .min = 1,
               .max = IMPORT_ROWS_MOST, .unit = "rows",
               .doc = "Of a file to import; past it the import fails before anything is written."),
    CONFIG_INT("KITH_IMPORT_STEP_ROWS", struct api_config, import_step_rows, .fallback = "5000",
               .min = 1, .max = IMPORT_STEP_ROWS_MOST, .unit = "rows",
               .doc = "Of an import that are written in one transaction."),
    CONFIG_INT("KITH_IMPORT_LEASE_MS", struct api_config, import_lease_ms, .fallback = "60000",
               .min = 100, .max = 3600000, .unit = "ms",
               .doc =
                   "After this long without a word of whoever is at an import, another goes on."),
    CONFIG_INT("KITH_HOUSEKEEPING_S", struct api_config, housekeeping_s, .fallback = "3600",
               .min = 1, .max = 86400, .unit = "s",
               .doc = "How often partitions are made ahead, and what is too old is removed."),
};

static void check(const void *owner, struct str *errors)
{
    const struct api_config *config = owner;
    struct peer_list list;
    struct cors cors;

    if (!peer_list_parse(sv_of(config->trusted_proxies), &list))
        config_fault(errors, "KITH_TRUSTED_PROXIES", "must be networks like 10.0.0.0/8,fd00::/8");
    if (!cors_parse(sv_of(config->cors_origins), &cors))
        config_fault(errors, "KITH_CORS_ORIGINS",
                     "must be at most 16 origins like https://app.example.org, without a path");
}

static const struct config_table tables[] = {
    SERVICE_CONFIG_TABLE,
    {.rows = rows, .row_count = COUNT_OF(rows), .offset = 0, .check = check},
};

const struct config_program api_config_program = {
    .name = "kith-api",
    .summary = "Kith's HTTP API.",
    .tables = tables,
    .table_count = COUNT_OF(tables),
};
