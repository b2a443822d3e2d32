/* The mailer's rows of configuration. */
#include "config.h"

#include "mail/relay.h"
#include "json/emit.h"

static const struct config_row rows[] = {
    CONFIG_TEXT("KITH_MAIL_URL", struct mailer_config, url, .required = true, .secret = true,
                .doc = "Where mails go: smtp://[USER:PASSWORD@]HOST[:PORT], smtps://…, or "
                       "maildir:PATH. Over smtp:// TLS is required but on this machine; "
                       "?tls=required, ?tls=optional and ?tls=off say otherwise."),
    CONFIG_TEXT("KITH_MAIL_FROM", struct mailer_config, from, .required = true, .max = 254,
                .doc = "The address that sends; its domain is that of Message-ID."),
    CONFIG_TEXT("KITH_MAIL_FROM_DOMAINS", struct mailer_config, from_domains,
                .doc = "Domains that vouch for this server's mails (SPF, DKIM), separated by "
                       "commas: a district with an address there is the sender itself. Any other "
                       "address of a district's gets the answers."),
    CONFIG_TEXT("KITH_MAIL_BOUNCE", struct mailer_config, bounce, .max = 190,
                .doc = "The address whose mail goes to kith bounce. Each attempt is sent from it, "
                       "with + and an id before the @, so that bounces and complaints are known; "
                       "otherwise from KITH_MAIL_FROM."),
    CONFIG_TEXT("KITH_MAIL_CA_FILE", struct mailer_config, ca_file,
                .doc = "Certificates that TLS trusts; those of the system otherwise."),
    CONFIG_TEXT("KITH_MAIL_ONLY_TO", struct mailer_config, only_to,
                .doc = "For a copy that must not write to real people: addresses and domains to "
                       "which alone mails go, separated by commas. All others stay queued."),
    CONFIG_BOOL("KITH_MAIL_HOLD", struct mailer_config, hold, .fallback = "false",
                .doc = "Sends nothing at all; what is due stays queued."),
    CONFIG_INT("KITH_MAIL_CONNECT_MS", struct mailer_config, connect_ms, .fallback = "10000",
               .min = 100, .max = 60000, .unit = "ms",
               .doc = "How long connecting to the mail server may take."),
    CONFIG_INT("KITH_MAIL_TIMEOUT_MS", struct mailer_config, timeout_ms, .fallback = "50000",
               .min = 100, .max = 600000, .unit = "ms",
               .doc = "How long one dialog about a mail may take."),
    CONFIG_INT("KITH_MAIL_LEASE_MS", struct mailer_config, lease_ms, .fallback = "15000",
               .min = 3000, .max = 3600000, .unit = "ms",
               .doc = "An attempt of which nothing is heard for so long counts as unknown; while "
                      "the mail server talks, it is heard of."),
    CONFIG_INT("KITH_MAIL_RETRY_S", struct mailer_config, retry_s, .fallback = "60", .min = 1,
               .max = 86400, .unit = "s",
               .doc = "Until the second attempt, and how long a domain rests that wants none of "
                      "ours for now (4.7.x); doubled for each one after it."),
    CONFIG_INT("KITH_MAIL_RETRY_MOST_S", struct mailer_config, retry_most_s, .fallback = "3600",
               .min = 1, .max = 86400, .unit = "s",
               .doc = "The longest time between two attempts."),
    CONFIG_INT("KITH_MAIL_REST_MOST_MS", struct mailer_config, rest_most_ms, .fallback = "15000",
               .min = 10, .max = 600000, .unit = "ms",
               .doc = "The longest time for which nothing is sent after the mail server could not "
                      "be used, or said 421."),
    CONFIG_INT("KITH_MAIL_DOMAIN_PER_MINUTE", struct mailer_config, domain_a_minute,
               .fallback = "120", .min = 1, .max = 100000, .unit = "mails",
               .doc = "To one domain in a minute, by all processes of this program."),
    CONFIG_INT("KITH_MAIL_DISTRICT_PER_DAY", struct mailer_config, district_a_day,
               .fallback = "5000", .min = 1, .max = 1000000, .unit = "mails",
               .doc = "Of one district in a day; what is over it goes on the next one."),
};

const char *mailer_only_to(struct arena *arena, const char *only_to)
{
    struct str *json = str_new_in(arena, KB(32));
    struct sv rest = sv_of(only_to);
    struct sv one;
    struct emit e;

    if (!only_to)
        return NULL;
    emit_init(&e, json);
    emit_array_begin(&e);
    while (sv_split(&rest, ',', &one))
        emit_text(&e, sv_trim(one));
    emit_array_end(&e);
    ENSURE(emit_finish(&e));
    return str_cstr(json);
}

static bool is_list(struct sv list)
{
    struct sv one;
    size_t n = 0;

    while (sv_split(&list, ',', &one)) {
        if (sv_trim(one).n == 0 || ++n > MAILER_ONLY_TO)
            return false;
    }
    return true;
}

static void check(const void *owner, struct str *errors)
{
    const struct mailer_config *config = owner;
    const char *why = mail_relay_trouble(config->url);

    if (why)
        config_fault(errors, "KITH_MAIL_URL", "%s", why);
    if (!mail_sender_is_good(config->from))
        config_fault(errors, "KITH_MAIL_FROM", "must be a plain address such as kith@example.org");
    if (config->bounce && !mail_sender_is_good(config->bounce))
        config_fault(errors, "KITH_MAIL_BOUNCE",
                     "must be a plain address such as bounce@example.org");
    if (!is_list(sv_of(config->only_to)))
        config_fault(errors, "KITH_MAIL_ONLY_TO", "must be at most %d addresses and domains",
                     MAILER_ONLY_TO);
    if (!is_list(sv_of(config->from_domains)))
        config_fault(errors, "KITH_MAIL_FROM_DOMAINS", "must be at most %d domains",
                     MAILER_ONLY_TO);
    if (config->retry_most_s < config->retry_s)
        config_fault(errors, "KITH_MAIL_RETRY_MOST_S", "must not be less than KITH_MAIL_RETRY_S");
}

static const struct config_table tables[] = {
    WORKER_CONFIG_TABLES,
    {.rows = rows, .row_count = COUNT_OF(rows), .offset = 0, .check = check},
};

const struct config_program mailer_config_program = {
    .name = "kith-mailer",
    .summary = "Sends Kith's mails.",
    .tables = tables,
    .table_count = COUNT_OF(tables),
};
