/* Metrics: the text parses by the rules of Prometheus 0.0.4, sums go over processes, limits hold.
 */
#include "base/metrics.h"

#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"

static const struct metric_spec requests = {.name = "kith_try_requests_total",
                                            .type = METRIC_COUNTER,
                                            .help = "Requests \\ answered\nhere \"now\".",
                                            .labels = {"route", "method", "status"}};
static const struct metric_spec seconds = {.name = "kith_try_duration_seconds",
                                           .type = METRIC_HISTOGRAM,
                                           .help = "Durations.",
                                           .labels = {"route"}};
static const struct metric_spec bare = {
    .name = "kith_try_bare_seconds", .type = METRIC_HISTOGRAM, .help = "Without labels."};
static const struct metric_spec level = {
    .name = "kith_try_level", .type = METRIC_GAUGE, .help = "A level."};

static struct str text;

static int setup(void **state)
{
    (void)state;
    str_init(&text, MB(1));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    str_fini(&text);
    return 0;
}

static const char *exposition(void)
{
    str_clear(&text);
    metrics_add_text(&text);
    assert_false(str_failed(&text));
    return str_cstr(&text);
}

/* Runs fn in a child and gives its exit status. */
static int status_of(void (*fn)(void *arg), void *arg)
{
    int status;
    pid_t child = fork();

    if (child == 0) {
        if (freopen("/dev/null", "w", stderr))
            fn(arg);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* --- The format. ------------------------------------------------------------------------------ */

/* The state of one walk over the text. */
struct walk {
    char metric[128]; /* of the last # TYPE */
    char kind[16];
    char seen[4096]; /* " name name " of all groups so far */
    double bucket_le;
    double bucket_value;
    size_t samples;
};

static void walk_comment(struct walk *w, const char *line)
{
    char name[128];
    char marked[132];

    if (sscanf(line, "# HELP %127s", name) == 1) {
        snprintf(marked, sizeof marked, " %s ", name);
        assert_null(strstr(w->seen, marked)); /* one group a metric */
        snprintf(w->seen + strlen(w->seen), sizeof w->seen - strlen(w->seen), "%s", marked);
        snprintf(w->metric, sizeof w->metric, "%s", name);
        w->kind[0] = '\0';
        return;
    }
    assert_int_equal(sscanf(line, "# TYPE %127s %15s", name, w->kind), 2);
    assert_string_equal(name, w->metric); /* HELP comes right before */
}

/* Reads {name="value",...}; returns what follows, and the value of le. */
static const char *walk_labels(const char *at, char *le, size_t le_bytes)
{
    le[0] = '\0';
    if (*at != '{')
        return at;
    do {
        bool is_le = strncmp(at + 1, "le=\"", 4) == 0;
        size_t n = 0;

        at++;
        assert_true(char_is_alpha(*at) || *at == '_');
        while (char_is_alpha(*at) || char_is_digit(*at) || *at == '_')
            at++;
        assert_int_equal(*at++, '=');
        assert_int_equal(*at++, '"');
        for (; *at != '"'; at++) {
            assert_true(*at != '\0' && *at != '\n');
            if (*at == '\\') {
                at++;
                assert_true(*at == 'n' || *at == '"' || *at == '\\');
            }
            if (is_le && n + 1 < le_bytes)
                le[n++] = *at;
        }
        if (is_le)
            le[n] = '\0';
        at++;
    } while (*at == ',');
    assert_int_equal(*at, '}');
    return at + 1;
}

static void walk_histogram(struct walk *w, const char *suffix, const char *le, double value)
{
    if (strcmp(suffix, "_bucket") == 0) {
        double bound = strcmp(le, "+Inf") == 0 ? (double)INFINITY : strtod(le, NULL);

        if (isinf(w->bucket_le)) /* a new series */
            w->bucket_le = w->bucket_value = 0;
        assert_true(bound > w->bucket_le);
        assert_true(value >= w->bucket_value);
        w->bucket_le = bound;
        w->bucket_value = value;
    } else if (strcmp(suffix, "_count") == 0) {
        assert_true(isinf(w->bucket_le));
        assert_true(value >= w->bucket_value && value <= w->bucket_value);
    } else {
        assert_string_equal(suffix, "_sum");
    }
}

static void walk_sample(struct walk *w, const char *line)
{
    size_t n = strcspn(line, "{ ");
    char suffix[16];
    char le[32];
    const char *at;
    char *end;
    double value;

    assert_int_equal(strncmp(line, w->metric, strlen(w->metric)), 0);
    snprintf(suffix, sizeof suffix, "%.*s", (int)(n - strlen(w->metric)), line + strlen(w->metric));
    at = walk_labels(line + n, le, sizeof le);
    assert_int_equal(*at, ' ');
    value = strtod(at + 1, &end);
    assert_int_equal(*end, '\0');
    w->samples++;
    if (strcmp(w->kind, "histogram") == 0) {
        walk_histogram(w, suffix, le, value);
    } else {
        assert_true(strcmp(w->kind, "counter") == 0 || strcmp(w->kind, "gauge") == 0);
        assert_string_equal(suffix, "");
    }
}

/* Fails on any breach of the format; returns how many samples there were. */
static size_t walk_text(const char *exposed)
{
    struct walk w = {.seen = " ", .bucket_le = (double)INFINITY};
    char *copy = x_strdup(exposed);
    size_t n = strlen(copy);

    assert_true(n > 0 && copy[n - 1] == '\n');
    for (char *line = copy; *line;) {
        char *end = strchr(line, '\n');

        *end = '\0';
        if (line[0] == '#')
            walk_comment(&w, line);
        else
            walk_sample(&w, line);
        line = end + 1;
    }
    x_free(copy);
    return w.samples;
}

static void test_counters_and_gauges(void **state)
{
    struct metric a = metric_register(&requests, METRIC_LABELS("/v1/a", "GET", "2xx"));
    struct metric again = metric_register(&requests, METRIC_LABELS("/v1/a", "GET", "2xx"));
    struct metric b = metric_register(&requests, METRIC_LABELS("/v1/\"b\\\n", "GET", "5xx"));
    struct metric g = metric_register(&level, METRIC_NO_LABELS);

    (void)state;
    assert_int_equal(a.cell, again.cell);
    assert_int_not_equal(a.cell, b.cell);
    metric_add(a, 2);
    metric_add(again, 1);
    metric_add(b, INT64_MAX);
    metric_set(g, 5);
    metric_add(g, -7);
    assert_int_equal(metric_value(a), 3);
    exposition();
    assert_non_null(strstr(str_cstr(&text), "# HELP kith_try_requests_total Requests \\\\ "
                                            "answered\\nhere \"now\".\n"
                                            "# TYPE kith_try_requests_total counter\n"));
    assert_non_null(
        strstr(str_cstr(&text),
               "\nkith_try_requests_total{route=\"/v1/a\",method=\"GET\",status=\"2xx\"} 3\n"
               "kith_try_requests_total{route=\"/v1/\\\"b\\\\\\n\",method=\"GET\",status=\"5xx\"} "
               "9223372036854775807\n"));
    assert_non_null(strstr(str_cstr(&text), "\nkith_try_level -2\n"));
    assert_true(walk_text(str_cstr(&text)) >= 7);
}

static void test_observations_fall_into_their_buckets(void **state)
{
    struct metric m = metric_register(&seconds, METRIC_LABELS("/v1/a"));
    struct metric other = metric_register(&seconds, METRIC_LABELS("/v1/b"));

    (void)state;
    metric_observe_us(m, -1);
    metric_observe_us(m, 1000);     /* at the bound: in */
    metric_observe_us(m, 1001);     /* one past it: the next */
    metric_observe_us(m, 30000000); /* the last bound */
    metric_observe_us(m, 30000001);
    metric_observe_us(other, 1500000);
    assert_int_equal(metric_value(m), 5);
    exposition();
#define SERIES "kith_try_duration_seconds_bucket{route=\"/v1/a\",le="
    assert_non_null(strstr(str_cstr(&text), SERIES "\"0.001\"} 2\n" SERIES "\"0.0025\"} 3\n"));
    assert_non_null(strstr(str_cstr(&text),
                           SERIES "\"10\"} 3\n" SERIES "\"30\"} 4\n" SERIES "\"+Inf\"} 5\n"
                                  "kith_try_duration_seconds_sum{route=\"/v1/a\"} "
                                  "60.002002\n"
                                  "kith_try_duration_seconds_count{route="
                                  "\"/v1/a\"} 5\n"));
    assert_non_null(strstr(str_cstr(&text), "_sum{route=\"/v1/b\"} 1.500000\n"));
    walk_text(str_cstr(&text));
}

static void test_a_histogram_without_labels(void **state)
{
    metric_observe_us(metric_register(&bare, METRIC_NO_LABELS), 7);
    (void)state;
    exposition();
    assert_non_null(strstr(str_cstr(&text), "kith_try_bare_seconds_bucket{le=\"0.001\"} 1\n"));
    assert_non_null(strstr(str_cstr(&text), "\nkith_try_bare_seconds_sum 0.000007\n"
                                            "kith_try_bare_seconds_count 1\n"));
    walk_text(str_cstr(&text));
}

static void test_series_of_a_metric_stand_together(void **state)
{
    const char *group;

    (void)state;
    metric_register(&requests, METRIC_LABELS("/v1/late", "GET", "2xx"));
    group = strstr(exposition(), "# TYPE kith_try_requests_total");
    assert_non_null(group);
    assert_non_null(strstr(group, "/v1/late"));
    assert_true(strstr(group, "/v1/late") < strstr(group, "# HELP"));
    walk_text(str_cstr(&text)); /* asserts that each sample follows its own # TYPE */
}

static double sample(const char *name)
{
    const char *at = exposition();
    size_t n = strlen(name);

    for (; at; at = strchr(at, '\n'), at = at ? at + 1 : NULL) {
        if (strncmp(at, name, n) == 0 && at[n] == ' ')
            return strtod(at + n, NULL);
    }
    fail_msg("no sample %s", name);
    return 0;
}

static void test_the_process_is_told(void **state)
{
    double fds = sample("process_open_fds");
    int fd = open("/dev/null", O_RDONLY);
    double age = (double)clock_real_ms() / 1000 - sample("process_start_time_seconds");

    (void)state;
    assert_true(fd >= 0);
    assert_true(sample("process_open_fds") > fds + 0.5 && sample("process_open_fds") < fds + 1.5);
    close(fd);
    assert_true(sample("process_resident_memory_bytes") > 100000);
    assert_true(sample("process_cpu_seconds_total") >= 0);
    assert_true(age > -1 && age < 600);
}

/* --- Processes: in a child, as metrics_start is once for a process. --------------------------- */

#define CHECK(condition)               \
    do {                               \
        if (!(condition))              \
            _exit(__LINE__ % 200 + 1); \
    } while (0)

static void child_counts(unsigned slot, struct metric counter, struct metric gauge,
                         struct metric histogram)
{
    pid_t child = fork();
    int status;

    if (child == 0) {
        metrics_use_slot(slot);
        for (int i = 0; i < 1000; i++)
            metric_add(counter, 1);
        metric_set(gauge, 10);
        metric_observe_us(histogram, 2000);
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child && status == 0);
}

static void prefork_family(void *arg)
{
    static const struct metric_spec done = {
        .name = "kith_try_done_total", .type = METRIC_COUNTER, .help = "Done."};
    struct metric counter = metric_register(&done, METRIC_NO_LABELS);
    struct metric gauge = metric_register(&level, METRIC_NO_LABELS);
    struct metric histogram = metric_register(&bare, METRIC_NO_LABELS);
    int64_t observed = metric_value(histogram);

    (void)arg;
    metric_add(counter, 5);
    metric_set(gauge, 1);
    metrics_start("try", "1.2.3", 3);
    child_counts(1, counter, gauge, histogram);
    child_counts(2, counter, gauge, histogram);
    CHECK(metric_value(counter) == 2005);
    CHECK(metric_value(gauge) == 21);
    CHECK(metric_value(histogram) == observed + 2);
    metrics_reset_gauges(1);
    CHECK(metric_value(counter) == 2005); /* what was counted stays */
    CHECK(metric_value(gauge) == 11);
    CHECK(metric_value(histogram) == observed + 2);
    child_counts(1, counter, gauge, histogram); /* its successor goes on in its place */
    CHECK(metric_value(counter) == 3005);
    CHECK(metric_value(gauge) == 21);
    str_clear(&text);
    metrics_add_text(&text);
    CHECK(strstr(str_cstr(&text), "\nkith_build_info{service=\"try\",version=\"1.2.3\"} 1\n"));
    CHECK(strstr(str_cstr(&text), "\nkith_try_done_total 3005\n"));
    CHECK(walk_text(str_cstr(&text)) > 0);
}

static void test_a_preforked_family_is_summed(void **state)
{
    (void)state;
    assert_int_equal(status_of(prefork_family, NULL), 0);
}

static void register_after_fork(void *arg)
{
    static const struct metric_spec late = {
        .name = "kith_try_late_total", .type = METRIC_COUNTER, .help = "Late."};

    (void)arg;
    metrics_start("try", "1", 2);
    metrics_use_slot(1);
    metric_register(&level, METRIC_NO_LABELS); /* known: fine */
    metric_register(&late, METRIC_NO_LABELS);
}

static void use_slot_past_the_last(void *arg)
{
    unsigned slot = *(unsigned *)arg;

    metrics_start("try", "1", 2);
    metrics_use_slot(slot);
}

/* --- Limits and misuse: each ends the process. ------------------------------------------------ */

static void register_spec(void *arg)
{
    const struct metric_spec *spec = arg;

    metric_register(spec, METRIC_LABELS("a", "b", "c", "d", "e"));
}

static void fill_series(void *arg)
{
    size_t count = *(size_t *)arg;
    char label[32];

    for (size_t i = 0; i < count; i++) {
        snprintf(label, sizeof label, "%zu", i);
        metric_register(&requests, METRIC_LABELS(label, "fill", ""));
    }
}

static void fill_histograms(void *arg)
{
    size_t count = *(size_t *)arg;
    char label[32];

    for (size_t i = 0; i < count; i++) {
        snprintf(label, sizeof label, "fill %zu", i);
        metric_register(&seconds, METRIC_LABELS(label));
    }
}

static void decrease_counter(void *arg)
{
    (void)arg;
    metric_add(metric_register(&requests, METRIC_LABELS("a", "b", "c")), -1);
}

static void miss_a_label(void *arg)
{
    (void)arg;
    metric_register(&requests, METRIC_LABELS("a", "b"));
}

static void test_limits(void **state)
{
    size_t fits = METRICS_SERIES_LIMIT; /* this test comes first: none is taken */
    size_t over = METRICS_SERIES_LIMIT + 1;
    size_t histograms_fit = METRICS_CELL_LIMIT / (METRIC_BUCKET_COUNT + 2);
    size_t histograms_over = METRICS_CELL_LIMIT / (METRIC_BUCKET_COUNT + 2) + 1;
    unsigned last = 1;
    unsigned past = 2;

    (void)state;
    assert_int_equal(status_of(fill_series, &fits), 0);
    assert_int_equal(status_of(fill_series, &over), EXIT_STATUS_CRASH);
    assert_int_equal(status_of(fill_histograms, &histograms_fit), 0);
    assert_int_equal(status_of(fill_histograms, &histograms_over), EXIT_STATUS_CRASH);
    assert_int_equal(status_of(use_slot_past_the_last, &last), 0);
    assert_int_equal(status_of(use_slot_past_the_last, &past), EXIT_STATUS_CRASH);
}

static void test_what_is_sparse_is_shown_once_it_counted(void **state)
{
    static const struct metric_spec sparse = {.name = "kith_try_sparse_total",
                                              .type = METRIC_COUNTER,
                                              .help = "Few of many.",
                                              .labels = {"route"},
                                              .is_sparse = true};
    static const struct metric_spec times = {.name = "kith_try_sparse_seconds",
                                             .type = METRIC_HISTOGRAM,
                                             .help = "Few of many.",
                                             .labels = {"route"},
                                             .is_sparse = true};
    struct metric asked = metric_register(&sparse, METRIC_LABELS("/asked"));
    struct metric took = metric_register(&times, METRIC_LABELS("/asked"));

    (void)state;
    metric_register(&sparse, METRIC_LABELS("/never"));
    metric_register(&times, METRIC_LABELS("/never"));
    assert_null(strstr(exposition(), "/asked"));
    metric_add(asked, 1);
    metric_observe_us(took, 0);
    assert_non_null(strstr(exposition(), "kith_try_sparse_total{route=\"/asked\"} 1\n"));
    assert_non_null(strstr(exposition(), "kith_try_sparse_seconds_count{route=\"/asked\"} 1\n"));
    assert_null(strstr(exposition(), "/never"));
}

static void test_misuse_is_a_bug(void **state)
{
    static struct metric_spec good = {"kith_x_total", METRIC_COUNTER, "X.", {"a", "b", "c", "d"}};
    static struct metric_spec bad[] = {
        {"kith_x", METRIC_COUNTER, "X.", {NULL}},
        {"kith_x_total", METRIC_GAUGE, "X.", {NULL}},
        {"kith_x_ms", METRIC_HISTOGRAM, "X.", {NULL}},
        {"1kith_total", METRIC_COUNTER, "X.", {NULL}},
        {"kith-x_total", METRIC_COUNTER, "X.", {NULL}},
        {"kith_x", METRIC_GAUGE, NULL, {NULL}},
        {"kith_x", METRIC_GAUGE, "X.", {"le"}},
        {"kith_x", METRIC_GAUGE, "X.", {"__a"}},
        {"kith_x", METRIC_GAUGE, "X.", {"a:b"}},
        {"kith_x", METRIC_GAUGE, "X.", {"a"}, .is_sparse = true},
        {"", METRIC_GAUGE, "X.", {NULL}},
        {"kith_x", METRIC_GAUGE, "X.", {"a", "b", "c", "d", "e"}},
        {"kith_try_level", METRIC_GAUGE, "Another of that name.", {NULL}},
    };

    (void)state;
    assert_int_equal(status_of(register_spec, &good), 0);
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_int_equal(status_of(register_spec, &bad[i]), EXIT_STATUS_CRASH);
    assert_int_equal(status_of(decrease_counter, NULL), EXIT_STATUS_CRASH);
    assert_int_equal(status_of(miss_a_label, NULL), EXIT_STATUS_CRASH);
    assert_int_equal(status_of(register_after_fork, NULL), EXIT_STATUS_CRASH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_counters_and_gauges, setup, teardown),
        cmocka_unit_test_setup_teardown(test_observations_fall_into_their_buckets, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_histogram_without_labels, setup, teardown),
        cmocka_unit_test_setup_teardown(test_series_of_a_metric_stand_together, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_is_sparse_is_shown_once_it_counted, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_the_process_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_preforked_family_is_summed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_misuse_is_a_bug, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
