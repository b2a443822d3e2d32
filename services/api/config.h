/* The API's configuration. */
#ifndef KITH_API_CONFIG_H
#define KITH_API_CONFIG_H

#include "http/peer.h"
#include "svc/service.h"

struct api_config {
    struct service_config service; /* first: see svc/service.h */
    const char *publisher_url;
    const char *listen;
    const char *trusted_proxies;
    const char *cors_origins;
    const char *web_path;
    int64_t children;
    int64_t linger_ms;
    int64_t drain_ms;
    int64_t unit_ms;
    int64_t connections;
    int64_t sheet_rows;
    int64_t sheet_cells;
    int64_t event_streams;
    int64_t event_ping_ms;
    int64_t event_check_ms;
    int64_t connections_per_address;
    int64_t db_connections;
    int64_t db_slow_connections;
    int64_t db_in_flight;
    int64_t db_waiting;
    int64_t rate_window_s;
    int64_t rate_reads;
    int64_t rate_writes;
    int64_t rate_sign_ins;
    int64_t rate_anonymous;
    int64_t sso_ms;
    int64_t import_bytes;
    int64_t attachment_bytes;
    int64_t import_rows;
    int64_t import_step_rows;
    int64_t import_lease_ms;
    int64_t housekeeping_s;
};

extern const struct config_program api_config_program;

#endif
