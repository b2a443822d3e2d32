/* A mail as bytes. */
#include "mail/compose.h"

#include "base/date.h"
#include "base/uuid.h"
#include "mail/address.h"
#include "mail/header.h"
#include "mail/quoted.h"

#define LIST_BYTES 200

/* ---- What may be sent -------------------------------------------------------------------------
 */

static bool is_person(const struct mail_person *person)
{
    return header_is_clean(person->name) && person->name.n <= MAIL_NAME_BYTES &&
           mail_address_is_good(person->address);
}

/* Letters, digits and what else RFC 2919's list labels and language tags have. */
static bool is_label(struct sv text, size_t most)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];

        if (!char_is_alpha(c) && !char_is_digit(c) && c != '.' && c != '-' && c != '_')
            return false;
    }
    return text.n > 0 && text.n <= most;
}

static bool is_url(struct sv url)
{
    for (size_t i = 0; i < url.n; i++) {
        if (url.p[i] <= ' ' || url.p[i] >= 0x7f || url.p[i] == '<' || url.p[i] == '>')
            return false;
    }
    return url.n + 2 <= HEADER_TOKEN_BYTES;
}

static bool is_id(struct sv id)
{
    struct uuid parsed;

    return uuid_parse(id, &parsed);
}

static const char *trouble(const struct mail *mail)
{
    if (!is_id(mail->id) || (mail->series_id.n && !is_id(mail->series_id)))
        return "an id is none";
    if (!is_person(&mail->from))
        return "the sender is none";
    if (mail->own_from.n && !is_person(&(struct mail_person){SV_NONE, mail->own_from}))
        return "the own sender is none";
    if (!is_person(&mail->to))
        return "the recipient is none";
    if (mail->reply_to.address.n && !is_person(&mail->reply_to))
        return "who gets the answers is none";
    if (!header_is_clean(mail->subject) || mail->subject.n > MAIL_SUBJECT_BYTES)
        return "the subject is none";
    if (!is_label(mail->language, LIST_BYTES) || !is_label(mail->list, LIST_BYTES))
        return "the language or the list is none";
    if (!is_url(mail->unsubscribe_url))
        return "the address that ends it is none";
    return NULL;
}

/* ---- Headers ----------------------------------------------------------------------------------
 */

static void add_person(struct str *out, const char *name, const struct mail_person *person)
{
    char address[MAIL_ADDRESS_BYTES + 3];
    struct header h;
    struct str text;

    str_init_in(&text, address, sizeof address);
    str_addf(&text, "<%.*s>", SV_ARG(person->address));
    header_begin(&h, out, name);
    header_phrase(&h, person->name);
    header_token(&h, str_view(&text));
    header_end(&h);
}

/* In brackets, as ids of messages ("@") and lists (".") are. */
static void add_id(struct str *out, const char *name, struct sv left, char joint, struct sv domain)
{
    char id[LIST_BYTES + MAIL_ADDRESS_BYTES + 4];
    struct str text;

    str_init_in(&text, id, sizeof id);
    str_addf(&text, "<%.*s%c%.*s>", SV_ARG(left), joint, SV_ARG(domain));
    header_add(out, name, str_view(&text));
}

/* RFC 5322 §3.3; instant_format_http writes all of it but the zone. */
static void add_date(struct str *out, int64_t ms)
{
    char date[INSTANT_TEXT_BYTES];

    instant_format_http(date, ms);
    str_addf(out, "Date: %.25s +0000\r\n", date);
}

static void add_subject(struct str *out, struct sv subject)
{
    struct header h;

    header_begin(&h, out, "Subject");
    header_text(&h, subject);
    header_end(&h);
}

static void add_unsubscribe(struct str *out, struct sv url)
{
    if (url.n == 0)
        return;
    str_addf(out, "List-Unsubscribe:\r\n <%.*s>\r\n", SV_ARG(url));
    STR_ADD(out, "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n");
}

static void add_headers(struct str *out, const struct mail *mail)
{
    struct sv domain = mail_address_domain(mail->from.address);
    struct sv shown = mail->own_from.n ? mail->own_from : mail->from.address;

    add_date(out, mail->written_at_ms);
    add_person(out, "From", &(struct mail_person){mail->from.name, shown});
    if (mail->reply_to.address.n)
        add_person(out, "Reply-To", &mail->reply_to);
    add_person(out, "To", &mail->to);
    add_subject(out, mail->subject);
    add_id(out, "Message-ID", mail->id, '@', domain);
    if (mail->series_id.n) {
        add_id(out, "In-Reply-To", mail->series_id, '@', domain);
        add_id(out, "References", mail->series_id, '@', domain);
    }
    add_id(out, "List-Id", mail->list, '.', domain);
    add_unsubscribe(out, mail->unsubscribe_url);
    STR_ADD(out, "Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\n");
    header_add(out, "Content-Language", mail->language);
}

/* ---- Parts ------------------------------------------------------------------------------------
 */

/* A boundary with "=_" in it stands in no quoted-printable line; that around files is another one.
 */
static void add_boundary(struct str *out, const struct mail *mail, const char *which,
                         const char *end)
{
    str_addf(out, "\r\n--=_%s%.*s%s\r\n", which, SV_ARG(mail->id), end);
}

static void add_multipart(struct str *out, const struct mail *mail, const char *kind,
                          const char *which)
{
    str_addf(out, "Content-Type: multipart/%s;\r\n boundary=\"=_%s%.*s\"\r\n", kind, which,
             SV_ARG(mail->id));
}

static void add_body(struct str *out, const char *type, struct sv body)
{
    str_addf(out, "Content-Type: %s\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n", type);
    quoted_add(out, body);
}

static void add_calendar(struct str *out, const struct mail_calendar *calendar)
{
    char type[128];
    struct str text;

    str_init_in(&text, type, sizeof type);
    str_addf(&text, "text/calendar; charset=utf-8; method=%s; component=VEVENT", calendar->method);
    add_body(out, str_cstr(&text), calendar->text);
}

static void add_alternatives(struct str *out, const struct mail *mail)
{
    add_multipart(out, mail, "alternative", "");
    add_boundary(out, mail, "", "");
    add_body(out, "text/plain; charset=utf-8", mail->text);
    add_boundary(out, mail, "", "");
    add_body(out, "text/html; charset=utf-8", mail->html);
    if (mail->calendar.text.n) {
        add_boundary(out, mail, "", "");
        add_calendar(out, &mail->calendar);
    }
    add_boundary(out, mail, "", "--");
}

static void add_parts(struct str *out, const struct mail *mail)
{
    STR_ADD(out, "MIME-Version: 1.0\r\n");
    if (!mail->file_count) {
        add_alternatives(out, mail);
        return;
    }
    add_multipart(out, mail, "mixed", "m_");
    add_boundary(out, mail, "m_", "");
    add_alternatives(out, mail);
    for (size_t i = 0; i < mail->file_count; i++) {
        add_boundary(out, mail, "m_", "");
        str_addf(out, "Content-Disposition: attachment; filename=\"event-%zu.ics\"\r\n", i + 1);
        add_calendar(out, &mail->files[i]);
    }
    add_boundary(out, mail, "m_", "--");
}

bool mail_compose(const struct mail *mail, struct str *out, const char **why)
{
    size_t before = out->n;

    *why = trouble(mail);
    if (*why)
        return false;
    add_headers(out, mail);
    add_parts(out, mail);
    if (!str_failed(out))
        return true;
    *why = "it is too long";
    str_cut(out, before);
    return false;
}
