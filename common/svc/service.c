/* The common start of every program. */
#include "svc/service.h"

#include <unistd.h>

#include "base/clock.h"
#include "base/fail.h"
#include "base/metrics.h"
#include "bus/url.h"

#define SECRET_KEY_LEAST 32
#define IS_FOR_TESTS     "is for tests only: it needs KITH_ENV=test"

static const char *const envs[] = {"production", "development", "test", NULL};
static const char *const formats[] = {"text", "json", NULL};
static const char *const levels[] = {"debug", "info", "warn", "error", NULL};

const struct config_row service_config_rows[SERVICE_CONFIG_ROWS] = {
    CONFIG_ENUM("KITH_ENV", struct service_config, env, .fallback = "production", .choices = envs,
                .doc = "Where this runs; only a test may set the clock, or have a process die."),
    CONFIG_ENUM("KITH_LOG", struct service_config, log_format, .fallback = "text",
                .choices = formats, .doc = "Log lines for people or for machines."),
    CONFIG_ENUM("KITH_LOG_LEVEL", struct service_config, log_level, .fallback = "info",
                .choices = levels, .doc = "The least important lines that are written."),
    CONFIG_TEXT("KITH_CLOCK", struct service_config, clock,
                .doc = "The time in a test: an instant, or @PATH of a file that holds one."),
    CONFIG_TEXT("KITH_FAIL_AT", struct service_config, fail_at,
                .doc = "In a test, a file that says POINT:N: whoever passes that point "
                       "(common/base/fail_points.def) as the Nth is killed there."),
    CONFIG_TEXT("KITH_ADMIN_LISTEN", struct service_config, admin_listen,
                .doc = "HOST:PORT for /healthz, /readyz and /metrics; never public."),
    CONFIG_TEXT("KITH_DATABASE_URL", struct service_config, database_url, .required = true,
                .secret = true, .doc = "The PostgreSQL database (a libpq connection URI)."),
    CONFIG_TEXT("KITH_REDIS_URL", struct service_config, redis_url,
                .fallback = "redis://127.0.0.1:6379", .secret = true,
                .doc = "The Redis server for events: redis://[[USER]:PASSWORD@]HOST:PORT, or "
                       "unix:PATH."),
    CONFIG_TEXT("KITH_PUBLIC_URL", struct service_config, public_url,
                .fallback = "http://localhost:8080",
                .doc = "How browsers and mail links reach this Kith, without a slash at the end."),
    CONFIG_TEXT(
        "KITH_SECRET_KEY", struct service_config, secret_key, .required = true, .secret = true,
        .doc = "Signs cursors and links, and encrypts the secrets of identity providers: at "
               "least 32 random characters, kept for ever."),
};

static bool is_redis_url(const char *text)
{
    struct arena *arena = arena_new(KB(16));
    struct bus_url url;
    bool is_one = bus_url_parse(arena, sv_of(text), &url);

    arena_free(arena);
    return is_one;
}

void service_config_check(const void *owner, struct str *errors)
{
    const struct service_config *config = owner;

    if (config->clock && config->env != ENV_TEST)
        config_fault(errors, "KITH_CLOCK", IS_FOR_TESTS);
    if (config->fail_at && config->env != ENV_TEST)
        config_fault(errors, "KITH_FAIL_AT", IS_FOR_TESTS);
    if (sv_of(config->secret_key).n < SECRET_KEY_LEAST)
        config_fault(errors, "KITH_SECRET_KEY", "must have at least %d characters",
                     SECRET_KEY_LEAST);
    if (sv_ends_with(sv_of(config->public_url), SV("/")))
        config_fault(errors, "KITH_PUBLIC_URL", "must not end in a slash");
    if (!is_redis_url(config->redis_url))
        config_fault(errors, "KITH_REDIS_URL",
                     "must be redis://[[USER]:PASSWORD@]HOST:PORT or unix:PATH");
}

const char *service_test_means(const struct service_config *config)
{
    if (config->clock && config->env != ENV_TEST)
        return "KITH_CLOCK " IS_FOR_TESTS;
    if (config->fail_at && config->env != ENV_TEST)
        return "KITH_FAIL_AT " IS_FOR_TESTS;
    fail_watch(config->fail_at);
    if (config->clock && !clock_inject(config->clock))
        return "KITH_CLOCK is neither an instant nor @PATH of a file with one";
    return NULL;
}

void service_start(const char *name, const struct service_config *config, unsigned slots)
{
    const char *why = service_test_means(config);

    log_start(name, (enum log_format)config->log_format, (enum log_level)config->log_level);
    if (why) {
        log_error(why);
        _exit(EXIT_STATUS_CONFIGURATION);
    }
    metrics_start(name, KITH_VERSION, slots);
}
