/* What `kith doctor` reads from the environment: what the programs read of the same names. */
#include "doctor.h"
#include "mail/relay.h"

static const struct config_row rows[] = {
    CONFIG_TEXT("KITH_MAIL_URL", struct doctor_config, mail_url, .secret = true,
                .doc = "The mail server, as kith-mailer has it."),
    CONFIG_TEXT("KITH_MAIL_FROM", struct doctor_config, mail_from, .max = 254,
                .doc = "The address that sends; its domain is asked about."),
    CONFIG_TEXT("KITH_MAIL_CA_FILE", struct doctor_config, mail_ca_file,
                .doc = "Certificates that TLS trusts; those of the system otherwise."),
    CONFIG_TEXT("KITH_MAIL_DKIM_SELECTORS", struct doctor_config, dkim_selectors,
                .doc = "By which names the relay signs, separated by commas: the first parts of "
                       "NAME._domainkey.DOMAIN."),
    CONFIG_TEXT("KITH_DOCTOR_RESOLVER", struct doctor_config, resolver,
                .doc = "ADDRESS[:PORT] of the name server that is asked; the system's otherwise."),
    CONFIG_INT("KITH_DOCTOR_MS", struct doctor_config, within_ms, .fallback = "10000", .min = 100,
               .max = 600000, .unit = "ms", .doc = "How long one check may take."),
};

static void check(const void *owner, struct str *errors)
{
    const struct doctor_config *config = owner;
    const char *trouble = config->mail_url ? mail_relay_trouble(config->mail_url) : NULL;

    if (trouble)
        config_fault(errors, "KITH_MAIL_URL", "%s", trouble);
    if (config->mail_from && !mail_sender_is_good(config->mail_from))
        config_fault(errors, "KITH_MAIL_FROM", "is no plain address, as name@example.org");
}

void doctor_config_main(int argc, char **argv, struct doctor_config *out)
{
    struct config_row base[MIGRATE_CONFIG_ROWS];
    const struct config_table tables[] = {
        {.rows = base, .row_count = COUNT_OF(base)},
        {.rows = rows, .row_count = COUNT_OF(rows), .check = check},
    };
    const struct config_program program = {
        .name = "kith doctor",
        .summary = "says what keeps Kith from working, or its mails from arriving; with --json as "
                   "JSON; it fails if that is anything",
        .tables = tables,
        .table_count = COUNT_OF(tables),
    };

    migrate_config_rows(base);
    config_main(&program, argc, argv, out);
}
