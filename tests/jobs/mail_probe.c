/* common/mail for the tests: what it is told comes on standard input, as fields of
 * "<length>\n<bytes>", and what it found goes to standard output in the same form.
 *
 *     mail_probe compose                      16 fields a mail (see read_mail); "" or why not, the
 * mail mail_probe send URL FROM CA CONNECT_MS TOTAL_MS   id, address, mail; outcome, cause, code,
 *                                             status, detail */
#include <stdlib.h>

#include "mail/compose.h"
#include "mail/relay.h"
#include "probe_fields.h"

static bool read_mail(struct mail *mail)
{
    struct sv written_at;
    struct sv method;
    struct sv *const fields[] = {
        &mail->id,
        &mail->series_id,
        &written_at,
        &mail->from.name,
        &mail->from.address,
        &mail->to.name,
        &mail->to.address,
        &mail->reply_to.name,
        &mail->reply_to.address,
        &mail->subject,
        &mail->language,
        &mail->list,
        &mail->unsubscribe_url,
        &mail->text,
        &mail->html,
        &mail->calendar.text,
        &method,
    };

    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        if (!read_field(fields[i]))
            return false;
    }
    mail->calendar.method = method.p;
    return sv_to_i64(written_at, INT64_MIN, INT64_MAX, &mail->written_at_ms);
}

static void compose(void)
{
    struct mail mail;
    struct str out;
    const char *why;

    str_init(&out, MAIL_BYTES);
    while (read_mail(&mail)) {
        str_clear(&out);
        if (mail_compose(&mail, &out, &why))
            why = "";
        write_field(sv_of(why));
        write_field(str_view(&out));
        fflush(stdout);
        arena_reset(arena);
    }
    str_fini(&out);
}

static void send_all(const struct mail_relay_opts *opts)
{
    static const char *const outcomes[] = {"accepted", "deferred", "refused", "unknown"};
    static const char *const causes[] = {"", "address", "policy", "relay", "other"};
    struct mail_relay *relay = mail_relay_new(opts);
    struct mail_result result;
    char code[16];
    struct sv id;
    struct sv to;
    struct sv bytes;

    while (read_field(&id) && read_field(&to) && read_field(&bytes)) {
        mail_relay_send(relay, id.p, NULL, to.p, bytes, &result);
        snprintf(code, sizeof code, "%d", result.code);
        write_field(sv_of(outcomes[result.outcome]));
        write_field(sv_of(causes[result.cause]));
        write_field(sv_of(code));
        write_field(sv_of(result.status));
        write_field(sv_of(result.detail));
        fflush(stdout);
        arena_reset(arena);
    }
    mail_relay_free(relay);
}

int main(int argc, char **argv)
{
    arena = arena_new(4 * FIELD_BYTES);
    if (argc == 2 && strcmp(argv[1], "compose") == 0)
        compose();
    else if (argc == 7 && strcmp(argv[1], "send") == 0)
        send_all(&(struct mail_relay_opts){.url = argv[2],
                                           .from = argv[3],
                                           .ca_file = argv[4][0] ? argv[4] : NULL,
                                           .connect_ms = strtol(argv[5], NULL, 10),
                                           .total_ms = strtol(argv[6], NULL, 10)});
    else
        die("usage: mail_probe compose | send URL FROM CA CONNECT_MS TOTAL_MS");
    arena_free(arena);
    return 0;
}
