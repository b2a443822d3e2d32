/* Counters, gauges and histograms for Prometheus (text format 0.0.4), without locks, over
 * processes.
 *
 *     static const struct metric_spec served = {
 *         .name = "kith_http_requests_total", .type = METRIC_COUNTER, .help = "Requests answered.",
 *         .labels = {"route", "method", "status"}};
 *     struct metric m = metric_register(&served, METRIC_LABELS("/v1/partners", "GET", "2xx"));
 *     metric_add(m, 1);
 *
 * Series are registered at start, before any fork, so that a preforked family agrees on their
 * places. metrics_start() puts the values into shared memory, a slot a process; any process of the
 * family shows the sum over the slots. A slot's counters outlive its process, so the sums never
 * fall; its gauges are reset by whoever reaps it. Without metrics_start all works within one
 * process. Labels are templates and small words, never a raw path or an id. */
#ifndef KITH_BASE_METRICS_H
#define KITH_BASE_METRICS_H

#include "base/str.h"

#define METRICS_SERIES_LIMIT 16384
#define METRICS_CELL_LIMIT   65536 /* 1 a counter or gauge, METRIC_BUCKET_COUNT + 2 a histogram */
#define METRICS_SLOT_LIMIT   128
#define METRIC_LABEL_LIMIT   4
#define METRIC_BUCKET_COUNT  14 /* from 1 ms to 30 s, and then all */

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

/* Static: it is kept by address. Counters end in _total, histograms in _seconds. */
struct metric_spec {
    const char *name;
    enum metric_type type;
    const char *help;
    const char *labels[METRIC_LABEL_LIMIT + 1];
    bool is_sparse; /* a counter or histogram of many series: those that counted nothing yet are not
                       shown, as clients do whose series are made when they are first used */
};

/* A series, to be kept and passed by value. */
struct metric {
    enum metric_type type;
    uint32_t cell;
};

#define METRIC_NO_LABELS   NULL
#define METRIC_LABELS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* One value for each label; they are copied. The same series again is the same handle. A bad name,
 * a missing value, a full table and a registration after metrics_use_slot are bugs: die(). */
struct metric metric_register(const struct metric_spec *spec, const char *const *label_values);

void metric_add(struct metric m, int64_t n); /* a counter takes no negative n */
void metric_set(struct metric gauge, int64_t value);
void metric_observe_us(struct metric histogram, int64_t duration_us); /* below 0 counts as 0 */

/* The sum over the slots; of a histogram, how many observations. For tests and decisions. */
int64_t metric_value(struct metric m);

/* Once, in the parent, before the forks: slot 0 is the parent's and keeps what was counted before.
 * Adds kith_build_info. */
void metrics_start(const char *service, const char *version, unsigned slot_count);

/* In a child, right after its fork. */
void metrics_use_slot(unsigned slot);

/* In the parent, when the slot's process is gone. */
void metrics_reset_gauges(unsigned slot);

/* The whole exposition, process_* of all living slots included. */
#define METRICS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"
void metrics_add_text(struct str *out);

/* The process_* part (metrics_process.c), of these processes and of the reaped children. */
void metrics_add_process(struct str *out, const int *pids, size_t pid_count);

#endif
