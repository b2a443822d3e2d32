/* Metrics in cells. A cell is one relaxed 64-bit atomic; a slot is METRICS_CELL_LIMIT cells; what
 * the cells mean is ordinary memory that was written before the forks and is the same in each
 * process. */
#include "base/metrics.h"

#include <assert.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "cells are shared between processes");

/* A histogram's cells: a bucket each (not cumulative), the rest above the last, the sum in us. */
#define CELL_ABOVE      METRIC_BUCKET_COUNT
#define CELL_SUM        (METRIC_BUCKET_COUNT + 1)
#define HISTOGRAM_CELLS (METRIC_BUCKET_COUNT + 2)

static const struct {
    int64_t us;
    const char *seconds;
} buckets[METRIC_BUCKET_COUNT] = {
    {1000, "0.001"},  {2500, "0.0025"}, {5000, "0.005"},  {10000, "0.01"},  {25000, "0.025"},
    {50000, "0.05"},  {100000, "0.1"},  {250000, "0.25"}, {500000, "0.5"},  {1000000, "1"},
    {2500000, "2.5"}, {5000000, "5"},   {10000000, "10"}, {30000000, "30"},
};

struct slot {
    _Atomic int pid; /* 0: no living process */
    _Atomic int64_t cells[METRICS_CELL_LIMIT];
};

struct series {
    const struct metric_spec *spec;
    const char *labels; /* name="value",... escaped */
    struct metric metric;
};

static struct slot alone; /* before metrics_start */

/* Where the series are by their labels: open addressing, more than half of it empty. */
#define PLACES (2 * METRICS_SERIES_LIMIT)

static struct {
    struct series series[METRICS_SERIES_LIMIT]; /* in order of registration */
    uint32_t places[PLACES];                    /* the number of a series from 1; 0: empty */
    size_t series_count;
    uint32_t cell_count;
    struct slot *slots;
    unsigned slot_count;
    struct slot *mine;
    bool frozen;
} metrics = {.slots = &alone, .slot_count = 1, .mine = &alone};

static bool is_name(const char *name, bool colons)
{
    if (!name[0] || char_is_digit(name[0]))
        return false;
    for (; *name; name++) {
        if (!char_is_alpha(*name) && !char_is_digit(*name) && *name != '_' &&
            !(colons && *name == ':'))
            return false;
    }
    return true;
}

static void check_spec(const struct metric_spec *spec)
{
    struct sv name = sv_of(spec->name);

    if (!is_name(spec->name, true) || !spec->help)
        die("metric \"%s\" has no fit name or no help", spec->name);
    if ((spec->type == METRIC_COUNTER) != sv_ends_with(name, SV("_total")) ||
        (spec->type == METRIC_HISTOGRAM && !sv_ends_with(name, SV("_seconds"))))
        die("metric %s: its name does not end as its type asks", spec->name);
    if (spec->is_sparse && spec->type == METRIC_GAUGE)
        die("metric %s: a gauge is always shown", spec->name);
    for (size_t i = 0; spec->labels[i]; i++) {
        if (i == METRIC_LABEL_LIMIT || !is_name(spec->labels[i], false) ||
            sv_starts_with(sv_of(spec->labels[i]), SV("__")) || strcmp(spec->labels[i], "le") == 0)
            die("metric %s: label %zu is too many or has no fit name", spec->name, i);
    }
}

static void add_escaped(struct str *out, const char *text, bool quotes)
{
    for (; *text; text++) {
        if (*text == '\n')
            STR_ADD(out, "\\n");
        else if (*text == '\\' || (*text == '"' && quotes))
            str_addf(out, "\\%c", *text);
        else
            str_add_char(out, *text);
    }
}

static void add_labels(struct str *out, const struct metric_spec *spec, const char *const *values)
{
    for (size_t i = 0; spec->labels[i]; i++) {
        if (!values || !values[i])
            die("metric %s: no value for the label %s", spec->name, spec->labels[i]);
        str_addf(out, "%s%s=\"", i ? "," : "", spec->labels[i]);
        add_escaped(out, values[i], true);
        str_add_char(out, '"');
    }
    if (str_failed(out))
        die("metric %s: its label values are too long", spec->name);
}

/* FNV-1a. */
static uint32_t hash_of(const char *text)
{
    uint32_t hash = 2166136261U;

    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 16777619U;
    return hash;
}

/* The place of the series, or the empty one where it belongs. */
static uint32_t *place_of(const struct metric_spec *spec, const char *labels)
{
    for (uint32_t at = hash_of(labels);; at++) {
        uint32_t *place = &metrics.places[at % PLACES];
        const struct series *s = *place ? &metrics.series[*place - 1] : NULL;

        if (!s || (s->spec == spec && strcmp(s->labels, labels) == 0))
            return place;
    }
}

static void check_is_specified_once(const struct metric_spec *spec)
{
    for (size_t i = 0; i < metrics.series_count && metrics.series[i].spec != spec; i++) {
        if (strcmp(metrics.series[i].spec->name, spec->name) == 0)
            die("metric %s is specified twice", spec->name);
    }
}

static void add_series(const struct metric_spec *spec, const char *labels)
{
    uint32_t cells = spec->type == METRIC_HISTOGRAM ? HISTOGRAM_CELLS : 1;
    struct series *s = &metrics.series[metrics.series_count];

    if (metrics.frozen)
        die("metric %s is registered after the fork", spec->name);
    if (metrics.series_count == METRICS_SERIES_LIMIT ||
        metrics.cell_count + cells > METRICS_CELL_LIMIT)
        die("metric %s: there are too many series", spec->name);
    *s = (struct series){spec, x_strdup(labels), {spec->type, metrics.cell_count}};
    metrics.series_count++;
    metrics.cell_count += cells;
}

struct metric metric_register(const struct metric_spec *spec, const char *const *label_values)
{
    char buffer[512];
    struct str labels;
    uint32_t *place;

    check_spec(spec);
    str_init_in(&labels, buffer, sizeof buffer);
    add_labels(&labels, spec, label_values);
    place = place_of(spec, str_cstr(&labels));
    if (*place == 0) {
        check_is_specified_once(spec);
        add_series(spec, str_cstr(&labels));
        *place = (uint32_t)metrics.series_count;
    }
    return metrics.series[*place - 1].metric;
}

static void add_to_cell(uint32_t cell, int64_t n)
{
    atomic_fetch_add_explicit(&metrics.mine->cells[cell], n, memory_order_relaxed);
}

void metric_add(struct metric m, int64_t n)
{
    ENSURE(m.type != METRIC_HISTOGRAM && (n >= 0 || m.type == METRIC_GAUGE));
    add_to_cell(m.cell, n);
}

void metric_set(struct metric gauge, int64_t value)
{
    ENSURE(gauge.type == METRIC_GAUGE);
    atomic_store_explicit(&metrics.mine->cells[gauge.cell], value, memory_order_relaxed);
}

void metric_observe_us(struct metric histogram, int64_t duration_us)
{
    int64_t us = duration_us > 0 ? duration_us : 0;
    uint32_t i = 0;

    ENSURE(histogram.type == METRIC_HISTOGRAM);
    while (i < METRIC_BUCKET_COUNT && us > buckets[i].us)
        i++;
    add_to_cell(histogram.cell + i, 1);
    add_to_cell(histogram.cell + CELL_SUM, us);
}

static int64_t sum_of_cell(uint32_t cell)
{
    int64_t sum = 0;

    for (unsigned i = 0; i < metrics.slot_count; i++)
        sum += atomic_load_explicit(&metrics.slots[i].cells[cell], memory_order_relaxed);
    return sum;
}

int64_t metric_value(struct metric m)
{
    int64_t sum = 0;

    if (m.type != METRIC_HISTOGRAM)
        return sum_of_cell(m.cell);
    for (uint32_t i = 0; i <= CELL_ABOVE; i++)
        sum += sum_of_cell(m.cell + i);
    return sum;
}

void metrics_start(const char *service, const char *version, unsigned slot_count)
{
    static const struct metric_spec build_info = {.name = "kith_build_info",
                                                  .type = METRIC_GAUGE,
                                                  .help = "Always 1; the labels say what runs.",
                                                  .labels = {"service", "version"}};
    void *shared;

    ENSURE(metrics.slots == &alone && slot_count > 0 && slot_count <= METRICS_SLOT_LIMIT);
    metric_set(metric_register(&build_info, METRIC_LABELS(service, version)), 1);
    shared = mmap(NULL, slot_count * sizeof(struct slot), PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        die("no shared memory for %u slots of metrics", slot_count);
    metrics.slots = metrics.mine = shared;
    metrics.slot_count = slot_count;
    for (uint32_t i = 0; i < metrics.cell_count; i++)
        add_to_cell(i, atomic_load_explicit(&alone.cells[i], memory_order_relaxed));
    atomic_store_explicit(&metrics.mine->pid, (int)getpid(), memory_order_relaxed);
}

void metrics_use_slot(unsigned slot)
{
    ENSURE(slot < metrics.slot_count);
    metrics.frozen = true;
    metrics.mine = &metrics.slots[slot];
    atomic_store_explicit(&metrics.mine->pid, (int)getpid(), memory_order_relaxed);
}

void metrics_reset_gauges(unsigned slot)
{
    struct slot *gone = &metrics.slots[slot];

    ENSURE(slot < metrics.slot_count);
    for (size_t i = 0; i < metrics.series_count; i++) {
        struct metric m = metrics.series[i].metric;

        if (m.type == METRIC_GAUGE)
            atomic_store_explicit(&gone->cells[m.cell], 0, memory_order_relaxed);
    }
    atomic_store_explicit(&gone->pid, 0, memory_order_relaxed);
}

static void add_value(struct str *out, const struct series *s)
{
    str_add(out, sv_of(s->spec->name));
    if (s->labels[0])
        str_addf(out, "{%s}", s->labels);
    str_addf(out, " %" PRId64 "\n", sum_of_cell(s->metric.cell));
}

/* _count is the last bucket's sum, not a cell of its own, so that the two agree in each scrape. */
static void add_histogram(struct str *out, const struct series *s)
{
    const char *name = s->spec->name;
    const char *comma = s->labels[0] ? "," : "";
    const char *open = s->labels[0] ? "{" : "";
    const char *close = s->labels[0] ? "}" : "";
    int64_t sum_us = sum_of_cell(s->metric.cell + CELL_SUM);
    int64_t count = 0;

    for (uint32_t i = 0; i <= CELL_ABOVE; i++) {
        count += sum_of_cell(s->metric.cell + i);
        str_addf(out, "%s_bucket{%s%sle=\"%s\"} %" PRId64 "\n", name, s->labels, comma,
                 i < METRIC_BUCKET_COUNT ? buckets[i].seconds : "+Inf", count);
    }
    str_addf(out, "%s_sum%s%s%s %" PRId64 ".%06" PRId64 "\n", name, open, s->labels, close,
             sum_us / 1000000, sum_us % 1000000);
    str_addf(out, "%s_count%s%s%s %" PRId64 "\n", name, open, s->labels, close, count);
}

static bool is_shown(const struct series *s)
{
    return !s->spec->is_sparse || metric_value(s->metric) > 0;
}

/* The series of one metric, all in one group, however they were registered. */
static void add_group(struct str *out, size_t first)
{
    static const char *const type_names[] = {"counter", "gauge", "histogram"};
    const struct metric_spec *spec = metrics.series[first].spec;

    str_addf(out, "# HELP %s ", spec->name);
    add_escaped(out, spec->help, false);
    str_addf(out, "\n# TYPE %s %s\n", spec->name, type_names[spec->type]);
    for (size_t i = first; i < metrics.series_count; i++) {
        if (metrics.series[i].spec != spec || !is_shown(&metrics.series[i]))
            continue;
        if (spec->type == METRIC_HISTOGRAM)
            add_histogram(out, &metrics.series[i]);
        else
            add_value(out, &metrics.series[i]);
    }
}

static bool is_first_of_spec(size_t place)
{
    for (size_t i = 0; i < place; i++) {
        if (metrics.series[i].spec == metrics.series[place].spec)
            return false;
    }
    return true;
}

void metrics_add_text(struct str *out)
{
    int pids[METRICS_SLOT_LIMIT];
    size_t pid_count = 0;

    for (size_t i = 0; i < metrics.series_count; i++) {
        if (is_first_of_spec(i))
            add_group(out, i);
    }
    for (unsigned i = 0; i < metrics.slot_count; i++) {
        int pid = atomic_load_explicit(&metrics.slots[i].pid, memory_order_relaxed);

        if (pid)
            pids[pid_count++] = pid;
    }
    if (pid_count == 0)
        pids[pid_count++] = (int)getpid();
    metrics_add_process(out, pids, pid_count);
}
