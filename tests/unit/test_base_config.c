/* Configuration: every type at its limits, secrets, unknown variables, all faults at once, flags.
 */
#include "base/config.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum colour { COLOUR_RED, COLOUR_GREEN, COLOUR_BLUE };
enum place { PLACE_PRODUCTION, PLACE_TEST };

struct common_config {
    enum place env;
    const char *clock;
};

struct own_config {
    const char *url;
    const char *key;
    const char *note;
    int64_t batch;
    bool eager;
    enum colour colour;
};

struct whole_config {
    int64_t before;
    struct common_config common;
    struct own_config own;
    int64_t after;
};

static const char *const colours[] = {"red", "green", "blue", NULL};
static const char *const places[] = {"production", "test", NULL};

static const struct config_row common_rows[] = {
    CONFIG_ENUM("KITH_ENV", struct common_config, env, .fallback = "production", .choices = places,
                .doc = "Where this runs."),
    CONFIG_TEXT("KITH_CLOCK", struct common_config, clock, .doc = "The injected clock."),
};

static void check_common(const void *owner, struct str *errors)
{
    const struct common_config *c = owner;

    if (c->clock && c->env != PLACE_TEST)
        config_fault(errors, "KITH_CLOCK", "it is only for KITH_ENV=test");
}

static const struct config_row own_rows[] = {
    CONFIG_TEXT("KITH_URL", struct own_config, url, .required = true, .doc = "The address."),
    CONFIG_TEXT("KITH_KEY", struct own_config, key, .secret = true, .required = true, .max = 16,
                .doc = "The key | of all."),
    CONFIG_TEXT("KITH_NOTE", struct own_config, note, .max = 4, .doc = "A note."),
    CONFIG_INT("KITH_BATCH", struct own_config, batch, .fallback = "50", .min = 1, .max = 500,
               .unit = "rows", .doc = "Rows at a time."),
    CONFIG_BOOL("KITH_EAGER", struct own_config, eager, .fallback = "true", .doc = "Starts early."),
    CONFIG_ENUM("KITH_COLOUR", struct own_config, colour, .fallback = "green", .choices = colours,
                .doc = "The colour."),
};

static const struct config_table tables[] = {
    {common_rows, COUNT_OF(common_rows), offsetof(struct whole_config, common), check_common},
    {own_rows, COUNT_OF(own_rows), offsetof(struct whole_config, own), NULL},
};

static const struct config_program program = {"kith-try", "Tries.", tables, COUNT_OF(tables)};

static struct whole_config config;
static struct str errors;

/* The smallest environment that is good. */
static int setup(void **state)
{
    (void)state;
    clearenv();
    setenv("PATH", "/bin", 1);
    setenv("KITH_URL", "http://localhost", 1);
    setenv("KITH_KEY", "hunter2", 1);
    config = (struct whole_config){0};
    str_init(&errors, KB(16));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    str_fini(&errors);
    return 0;
}

static bool load(void)
{
    str_clear(&errors);
    config = (struct whole_config){.before = -1, .after = -2};
    return config_load(&program, &config, &errors);
}

static size_t line_count(const char *text)
{
    size_t n = 0;

    for (; *text; text++)
        n += *text == '\n';
    return n;
}

/* One fault, which says all of `says`. */
static void assert_refused(const char *says)
{
    assert_false(load());
    assert_non_null(strstr(str_cstr(&errors), says));
    assert_int_equal(line_count(str_cstr(&errors)), 1);
}

static void test_defaults_hold_where_nothing_is_set(void **state)
{
    (void)state;
    assert_true(load());
    assert_string_equal(str_cstr(&errors), "");
    assert_string_equal(config.own.url, "http://localhost");
    assert_string_equal(config.own.key, "hunter2");
    assert_null(config.own.note);
    assert_int_equal(config.own.batch, 50);
    assert_true(config.own.eager);
    assert_int_equal(config.own.colour, COLOUR_GREEN);
    assert_int_equal(config.common.env, PLACE_PRODUCTION);
    assert_int_equal(config.before, -1);
    assert_int_equal(config.after, -2);
}

static void test_values_are_read(void **state)
{
    (void)state;
    setenv("KITH_BATCH", "7", 1);
    setenv("KITH_EAGER", "false", 1);
    setenv("KITH_COLOUR", "blue", 1);
    setenv("KITH_NOTE", "déf", 1);
    assert_true(load());
    assert_int_equal(config.own.batch, 7);
    assert_false(config.own.eager);
    assert_int_equal(config.own.colour, COLOUR_BLUE);
    assert_string_equal(config.own.note, "déf");
}

static void test_texts_outlive_the_environment(void **state)
{
    (void)state;
    assert_true(load());
    setenv("KITH_URL", "changed", 1);
    assert_string_equal(config.own.url, "http://localhost");
}

static void test_an_empty_variable_is_not_set(void **state)
{
    (void)state;
    setenv("KITH_BATCH", "", 1);
    setenv("KITH_NOTE", "", 1);
    assert_true(load());
    assert_int_equal(config.own.batch, 50);
    assert_null(config.own.note);
    setenv("KITH_URL", "", 1);
    assert_refused("KITH_URL: it must be set");
}

static void test_numbers_at_their_limits(void **state)
{
    static const char *const bad[] = {"0",  "501", "-1",   "1.5",
                                      "1k", " 1",  "0x10", "9223372036854775808"};

    (void)state;
    setenv("KITH_BATCH", "1", 1);
    assert_true(load());
    assert_int_equal(config.own.batch, 1);
    setenv("KITH_BATCH", "500", 1);
    assert_true(load());
    assert_int_equal(config.own.batch, 500);
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        setenv("KITH_BATCH", bad[i], 1);
        assert_refused("a whole number from 1 to 500 (rows)");
    }
    setenv("KITH_BATCH", "501", 1);
    assert_refused("KITH_BATCH: \"501\" is not allowed");
}

static void test_texts_at_their_limits(void **state)
{
    char text[CONFIG_TEXT_LIMIT_BYTES + 2];

    (void)state;
    setenv("KITH_NOTE", "1234", 1);
    assert_true(load());
    setenv("KITH_NOTE", "12345", 1);
    assert_refused("KITH_NOTE: \"12345\" is not allowed; allowed: text of at most 4 bytes");
    unsetenv("KITH_NOTE");
    memset(text, 'x', sizeof text);
    text[CONFIG_TEXT_LIMIT_BYTES] = '\0';
    setenv("KITH_URL", text, 1);
    assert_true(load());
    text[CONFIG_TEXT_LIMIT_BYTES] = 'x';
    text[CONFIG_TEXT_LIMIT_BYTES + 1] = '\0';
    setenv("KITH_URL", text, 1);
    assert_refused("KITH_URL: its value is not allowed");
    setenv("KITH_URL", "a\nb", 1);
    assert_refused("KITH_URL: its value is not allowed");
    setenv("KITH_URL", "a\xff", 1);
    assert_refused("KITH_URL: its value is not allowed");
}

static void test_words_are_exact(void **state)
{
    (void)state;
    setenv("KITH_EAGER", "yes", 1);
    assert_refused("KITH_EAGER: \"yes\" is not allowed; allowed: true or false");
    unsetenv("KITH_EAGER");
    setenv("KITH_COLOUR", "Red", 1);
    assert_refused("KITH_COLOUR: \"Red\" is not allowed; allowed: red, green or blue");
    setenv("KITH_COLOUR", "gree", 1);
    assert_refused("\"gree\"");
}

static void test_unknown_variables_are_refused(void **state)
{
    (void)state;
    setenv("KITH_BATHC", "very-private", 1);
    assert_refused("KITH_BATHC: kith-try does not know this variable");
    assert_null(strstr(str_cstr(&errors), "very-private"));
    unsetenv("KITH_BATHC");
    setenv("KITH_URL_FILE", "/x", 1); /* only of secrets */
    assert_refused("KITH_URL_FILE");
    unsetenv("KITH_URL_FILE");
    setenv("KITHLIKE", "1", 1);
    setenv("kith_batch", "1", 1);
    assert_true(load());
    setenv("KITH_", "1", 1);
    assert_refused("KITH_:");
}

static void test_what_orchestrators_inject_is_let_by(void **state)
{
    (void)state;
    setenv("KITH_API_SERVICE_HOST", "10.0.0.1", 1);
    setenv("KITH_API_SERVICE_PORT_HTTP", "8080", 1);
    setenv("KITH_API_PORT", "tcp://10.0.0.1:8080", 1);
    setenv("KITH_API_PORT_8080_TCP_ADDR", "10.0.0.1", 1);
    setenv("KITH_SERVICE_HOST", "10.0.0.1", 1);
    setenv("KITH_PORT", "tcp://10.0.0.1:8080", 1);
    assert_true(load());
    setenv("KITH_API_PORTS", "1", 1);
    assert_refused("KITH_API_PORTS");
    unsetenv("KITH_API_PORTS");
    setenv("KITH_API_SERVICE", "1", 1);
    assert_refused("KITH_API_SERVICE");
}

static void test_all_faults_come_at_once(void **state)
{
    (void)state;
    unsetenv("KITH_URL");
    setenv("KITH_KEY", "seventeen letters", 1);
    setenv("KITH_BATCH", "many", 1);
    setenv("KITH_ENV", "moon", 1);
    setenv("KITH_NO", "1", 1);
    assert_false(load());
    assert_int_equal(line_count(str_cstr(&errors)), 5);
    assert_non_null(strstr(str_cstr(&errors), "KITH_URL: "));
    assert_non_null(strstr(str_cstr(&errors), "KITH_BATCH: "));
    assert_non_null(strstr(str_cstr(&errors), "KITH_ENV: "));
    assert_non_null(strstr(str_cstr(&errors), "KITH_NO: "));
    assert_non_null(strstr(str_cstr(&errors), "KITH_KEY: its value is not allowed"));
    assert_null(strstr(str_cstr(&errors), "seventeen"));
}

static void test_a_rule_across_rows(void **state)
{
    (void)state;
    setenv("KITH_CLOCK", "2026-09-01T13:00:00Z", 1);
    assert_refused("KITH_CLOCK: it is only for KITH_ENV=test");
    setenv("KITH_ENV", "test", 1);
    assert_true(load());
    setenv("KITH_ENV", "moon", 1); /* the rule is not asked on a table with faults */
    assert_refused("KITH_ENV: ");
}

static void write_secret(const char *path, const char *bytes, size_t n)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, n), n);
    close(fd);
}

static void test_a_secret_from_a_file(void **state)
{
    char path[] = "/tmp/test_base_config.XXXXXX";
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    close(fd);
    unsetenv("KITH_KEY");
    setenv("KITH_KEY_FILE", path, 1);
    write_secret(path, "sixteen-letters!\n", 17);
    assert_true(load());
    assert_string_equal(config.own.key, "sixteen-letters!");
    write_secret(path, "a\r\n", 3);
    assert_true(load());
    assert_string_equal(config.own.key, "a");
    write_secret(path, "seventeen-letters\n", 18);
    assert_refused("KITH_KEY: its value is not allowed");
    write_secret(path, "a\0b", 3);
    assert_refused("KITH_KEY: its value is not allowed");
    write_secret(path, "\n", 1);
    assert_refused("KITH_KEY_FILE: the file is empty");
    setenv("KITH_KEY", "both", 1);
    assert_refused("KITH_KEY: it and KITH_KEY_FILE are both set");
    unsetenv("KITH_KEY");
    unlink(path);
    assert_refused("KITH_KEY_FILE: the file cannot be read: No such file or directory");
    setenv("KITH_KEY_FILE", "/tmp", 1);
    assert_refused("KITH_KEY_FILE: the file cannot be read: Is a directory");
}

static void test_what_is_shown_masks_secrets(void **state)
{
    struct str out;

    (void)state;
    str_init(&out, CONFIG_OUTPUT_LIMIT_BYTES);
    assert_true(load());
    config_add_effective(&program, &config, &out);
    assert_string_equal(str_cstr(&out), "KITH_ENV=production\n"
                                        "# KITH_CLOCK is not set\n"
                                        "KITH_URL=http://localhost\n"
                                        "KITH_KEY=********\n"
                                        "# KITH_NOTE is not set\n"
                                        "KITH_BATCH=50\n"
                                        "KITH_EAGER=true\n"
                                        "KITH_COLOUR=green\n");
    str_clear(&out);
    config_add_markdown(&program, &out);
    assert_int_equal(line_count(str_cstr(&out)), 2 + COUNT_OF(common_rows) + COUNT_OF(own_rows));
    assert_non_null(strstr(str_cstr(&out), "| `KITH_BATCH` | a whole number from 1 to 500 (rows) | "
                                           "`50` | Rows at a time. |\n"));
    assert_non_null(strstr(str_cstr(&out), "| `KITH_KEY` (secret) | text of at most 16 bytes | "
                                           "required | The key \\| of all. |\n"));
    str_clear(&out);
    config_add_help(&program, &out);
    for (size_t i = 0; i < COUNT_OF(own_rows); i++)
        assert_non_null(strstr(str_cstr(&out), own_rows[i].doc));
    assert_non_null(strstr(str_cstr(&out), "KITH_KEY_FILE"));
    str_fini(&out);
}

/* Runs config_main in a child; what it wrote to out or err is in `said`. */
static int run_main(const char *flag, int fd, char said[KB(8)])
{
    char name[] = "kith-try";
    char argument[64];
    char *argv[] = {name, argument, NULL};
    int pipes[2];
    int status;
    size_t n = 0;
    ssize_t got;
    pid_t child;

    snprintf(argument, sizeof argument, "%s", flag ? flag : "");
    if (!flag)
        argv[1] = NULL;
    assert_int_equal(pipe(pipes), 0);
    child = fork();
    if (child == 0) {
        dup2(pipes[1], fd);
        config_main(&program, flag ? 2 : 1, argv, &config);
        _exit(99); /* it returned: all is well */
    }
    close(pipes[1]);
    while ((got = read(pipes[0], said + n, KB(8) - 1 - n)) > 0)
        n += (size_t)got;
    said[n] = '\0';
    close(pipes[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void test_the_flags(void **state)
{
    char said[KB(8)];

    (void)state;
    assert_int_equal(run_main(NULL, STDERR_FILENO, said), 99);
    assert_string_equal(said, "");
    assert_int_equal(run_main("--help", STDOUT_FILENO, said), EXIT_STATUS_OK);
    assert_non_null(strstr(said, "usage: kith-try"));
    assert_int_equal(run_main("--config-markdown", STDOUT_FILENO, said), EXIT_STATUS_OK);
    assert_non_null(strstr(said, "| Variable |"));
    assert_int_equal(run_main("--check-config", STDOUT_FILENO, said), EXIT_STATUS_OK);
    assert_non_null(strstr(said, "KITH_KEY=********\n"));
    assert_null(strstr(said, "hunter2"));
    assert_int_equal(run_main("--chek-config", STDERR_FILENO, said), EXIT_STATUS_CONFIGURATION);
    assert_non_null(strstr(said, "see --help"));
    setenv("KITH_BATCH", "0", 1);
    assert_int_equal(run_main(NULL, STDERR_FILENO, said), EXIT_STATUS_CONFIGURATION);
    assert_non_null(strstr(said, "KITH_BATCH: \"0\""));
    assert_int_equal(run_main("--check-config", STDERR_FILENO, said), EXIT_STATUS_CONFIGURATION);
    assert_non_null(strstr(said, "KITH_BATCH: \"0\""));
    assert_int_equal(run_main("--help", STDOUT_FILENO, said), EXIT_STATUS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_defaults_hold_where_nothing_is_set, setup, teardown),
        cmocka_unit_test_setup_teardown(test_values_are_read, setup, teardown),
        cmocka_unit_test_setup_teardown(test_texts_outlive_the_environment, setup, teardown),
        cmocka_unit_test_setup_teardown(test_an_empty_variable_is_not_set, setup, teardown),
        cmocka_unit_test_setup_teardown(test_numbers_at_their_limits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_texts_at_their_limits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_words_are_exact, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unknown_variables_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_orchestrators_inject_is_let_by, setup, teardown),
        cmocka_unit_test_setup_teardown(test_all_faults_come_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_rule_across_rows, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_secret_from_a_file, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_is_shown_masks_secrets, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_flags, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
