/* Relays of all kinds. */
#include "mail/relay.h"

#include "mail/address.h"
#include "mail/header.h"
#include "mail/relay_parts.h"

struct mail_relay {
    struct arena *arena;
    struct relay_place place;
    const char *from;
    struct smtp *smtp; /* NULL: a folder */
};

const char *mail_relay_trouble(const char *url)
{
    struct arena *arena = arena_new(KB(16));
    struct relay_place place;
    const char *why = relay_place_parse(arena, sv_of(url), &place);

    arena_free(arena);
    return why;
}

bool mail_sender_is_good(const char *address)
{
    return mail_address_is_good(sv_of(address));
}

struct mail_relay *mail_relay_new(const struct mail_relay_opts *opts)
{
    struct arena *arena = arena_new(KB(16));
    struct mail_relay *relay = ARENA_NEW(arena, mail_relay);

    relay->arena = arena;
    relay->from = opts->from;
    if (relay_place_parse(arena, sv_of(opts->url), &relay->place) != NULL)
        die("mails cannot go there");
    if (!relay->place.maildir)
        relay->smtp = smtp_new(opts, &relay->place);
    return relay;
}

void mail_relay_free(struct mail_relay *relay)
{
    if (!relay)
        return;
    smtp_free(relay->smtp);
    arena_free(relay->arena);
}

void mail_relay_send(struct mail_relay *relay, const char *id, const char *from, const char *to,
                     struct sv bytes, struct mail_result *out)
{
    *out = (struct mail_result){.outcome = MAIL_DEFERRED};
    if (!mail_address_is_good(sv_of(to))) {
        out->outcome = MAIL_REFUSED;
        out->cause = MAIL_CAUSE_ADDRESS;
        relay_detail(out, SV("This is no address."));
    } else if (relay->smtp) {
        smtp_send(relay->smtp, from ? from : relay->from, to, bytes, out);
    } else {
        maildir_send(relay->place.maildir, id, bytes, out);
    }
}

void mail_relay_check(struct mail_relay *relay, struct mail_result *out)
{
    if (relay->smtp)
        smtp_check(relay->smtp, out);
    else
        maildir_check(relay->place.maildir, out);
}

bool mail_relay_is_folder(const struct mail_relay *relay)
{
    return relay->place.maildir != NULL;
}

struct sv mail_sender_domain(const char *address)
{
    return mail_address_domain(sv_of(address));
}

void relay_detail(struct mail_result *result, struct sv text)
{
    struct str detail;

    str_init_in(&detail, result->detail, sizeof result->detail);
    text = sv_head_utf8(text, detail.limit);
    if (header_is_clean(text)) {
        str_add(&detail, text);
        return;
    }
    for (size_t i = 0; i < text.n; i++)
        str_add_char(&detail, text.p[i] >= ' ' && text.p[i] < 0x7f ? text.p[i] : '?');
}
