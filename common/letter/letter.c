/* Mails from their templates: services/mailer/templates/<kind>.mail. */
#include "letter/letter.h"

#include "base/clock.h"
#include "calendar/invitation.h"
#include "letter/data.h"
#include "mail/address.h"

#define PART_BYTES    KB(256) /* of one rendered part */
#define SUBJECT_BYTES 300

struct writing {
    const struct letter *letter;
    const struct letter_opts *opts;
    struct arena *arena;
    struct sv locale;  /* that of the texts */
    struct sv locales; /* and what stands in for those that it lacks: the district's own */
    const json_t *data;
};

/* One template; SV_NONE when it cannot be rendered. */
static struct sv render(const struct writing *w, struct sv base, const char *part,
                        enum template_mode mode)
{
    struct str *out = str_new_in(w->arena, PART_BYTES);
    struct sv name = arena_printf(w->arena, "%.*s.%s", SV_ARG(base), part);

    if (!templates_has(w->opts->templates, name) ||
        !template_render(w->opts->templates, w->arena, out, name, mode, w->locales, w->data))
        return SV_NONE;
    return str_view(out);
}

/* Whether the text begins with a control character or white space, and how many bytes it has. */
static size_t blank_length(struct sv text)
{
    unsigned char c = (unsigned char)text.p[0];

    if (c <= ' ' || c == 0x7f)
        return 1;
    return c == 0xc2 && text.n > 1 && (unsigned char)text.p[1] < 0xa0 ? 2 : 0;
}

/* As much of the text, and a sign that there was more. */
static struct sv shortened(struct arena *arena, struct sv text, size_t most_bytes)
{
    const struct sv more = SV("…");

    if (text.n <= most_bytes)
        return text;
    return arena_printf(arena, "%.*s%.*s", SV_ARG(sv_head_utf8(text, most_bytes - more.n)),
                        SV_ARG(more));
}

/* The text on one line: what partners are called was typed by people. */
static struct sv one_line(struct arena *arena, struct sv text, size_t most_bytes)
{
    struct str *line = str_new_in(arena, text.n + 1);
    bool is_between = false;

    while (text.n) {
        size_t blank = blank_length(text);

        if (!blank && is_between && line->n)
            str_add_char(line, ' ');
        if (!blank)
            str_add_char(line, text.p[0]);
        is_between = blank > 0;
        text = sv_skip(text, blank ? blank : 1);
    }
    return shortened(arena, str_view(line), most_bytes);
}

/* A calendar's event, or what takes it back. */
static struct mail_calendar invitation(const struct writing *w)
{
    const struct letter *letter = w->letter;
    struct calendar_invitation_opts opts = {
        .method = letter->is_cancelled ? INVITATION_CANCEL : INVITATION_REQUEST,
        .uid = letter->uid,
        .sequence = letter->sequence,
        .stamped_at_ms = letter->stamped_at_ms,
        .due_on = letter->due_on,
        .starts_at_ms = letter->starts_at_ms,
        .ends_at_ms = letter->ends_at_ms,
        .zone = letter->zone,
        .location = letter->location,
        .organizer = {letter->organizer_name, letter->organizer_address},
        .attendee = {letter->to_name, letter->to_address},
        .url = letter->task_url,
    };

    opts.summary =
        one_line(w->arena, render(w, SV("event"), "summary", TEMPLATE_TEXT), SUBJECT_BYTES);
    opts.description = sv_trim(render(w, SV("event"), "description", TEMPLATE_TEXT));
    return (struct mail_calendar){calendar_invitation(w->arena, &opts),
                                  calendar_invitation_method(opts.method)};
}

/* Its own, or those of what it carries: then each is a file of its own, as no part holds two. */
static void write_invitations(const struct writing *w, struct mail *mail)
{
    const struct letter *letter = w->letter;
    struct mail_calendar *files;

    if (letter->has_invitation)
        mail->calendar = invitation(w);
    if (!letter->thing_count)
        return;
    files = ARENA_ARRAY(w->arena, struct mail_calendar, letter->thing_count);
    for (size_t i = 0; i < letter->thing_count && mail->file_count < MAIL_FILES; i++) {
        struct letter thing = letter->things[i];
        struct writing one = *w;

        thing.to_name = letter->to_name;
        thing.to_address = letter->to_address;
        thing.district = letter->district;
        one.letter = &thing;
        one.data = letter_data(w->arena, &thing, w->locale);
        if (thing.has_invitation && one.data)
            files[mail->file_count++] = invitation(&one);
    }
    mail->files = files;
}

/* A letter is written in one language, which its kind's templates have in the set. */
static bool begin(struct writing *w)
{
    w->locale = templates_locale(w->opts->templates, w->letter->locale);
    w->locales =
        arena_printf(w->arena, "%.*s,%.*s", SV_ARG(w->locale), SV_ARG(w->letter->own_locale));
    w->data = letter_data(w->arena, w->letter, w->locale);
    return w->data;
}

static bool write_parts(const struct writing *w, struct letter_parts *out)
{
    out->locale = w->locale;
    out->subject =
        one_line(w->arena, render(w, w->letter->kind, "subject", TEMPLATE_TEXT), SUBJECT_BYTES);
    out->text = render(w, w->letter->kind, "text", TEMPLATE_TEXT);
    out->html = render(w, w->letter->kind, "html", TEMPLATE_MAIL);
    return out->subject.n && out->text.n && out->html.n;
}

bool letter_parts(const struct letter *letter, const struct letter_opts *opts, struct arena *arena,
                  struct letter_parts *out)
{
    struct writing w = {.letter = letter, .opts = opts, .arena = arena};

    return begin(&w) && write_parts(&w, out);
}

/* Other mail servers take a mail for forged whose domain does not vouch for the one that sends it;
 * the operator knows of which that is true. */
static bool is_sender(const struct letter_opts *opts, struct sv address)
{
    struct sv rest = sv_of(opts->domains);
    struct sv domain = mail_address_domain(address);
    struct sv one;

    while (domain.n && sv_split(&rest, ',', &one)) {
        if (sv_eq_nocase(sv_trim(one), domain))
            return true;
    }
    return false;
}

bool letter_write(const struct letter *letter, const struct letter_opts *opts, struct arena *arena,
                  struct str *out, const char **why)
{
    struct writing w = {.letter = letter, .opts = opts, .arena = arena};
    struct letter_parts parts;
    struct mail mail = {
        .id = sv_of(letter->message_id),
        .series_id = letter->series_id,
        .written_at_ms = clock_now_ms(),
        .from = {one_line(arena, letter->from_name, MAIL_NAME_BYTES), sv_of(opts->from)},
        .to = {one_line(arena, letter->to_name, MAIL_NAME_BYTES), letter->to_address},
        .unsubscribe_url = letter->stop_url,
    };

    if (is_sender(opts, letter->own_from))
        mail.own_from = letter->own_from;
    mail.reply_to.address =
        letter->reply_to.n || mail.own_from.n ? letter->reply_to : letter->own_from;
    mail.list = arena_printf(arena, "%.*s.%.*s", SV_ARG(letter->topic), SV_ARG(letter->slug));
    if (begin(&w) && write_parts(&w, &parts)) {
        mail.language = parts.locale;
        mail.subject = parts.subject;
        mail.text = parts.text;
        mail.html = parts.html;
        write_invitations(&w, &mail);
        return mail_compose(&mail, out, why);
    }
    *why = "there are no templates of its kind, or they cannot be filled";
    return false;
}
