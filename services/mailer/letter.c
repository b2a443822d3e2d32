/* Mails from their templates: services/mailer/templates/<kind>.mail. */
#include "letter.h"

#include "base/clock.h"
#include "base/date.h"
#include "calendar/invitation.h"
#include "mail/address.h"
#include "json/emit.h"

#define PART_BYTES    KB(256) /* of one rendered part */
#define DATA_BYTES    KB(256)
#define SUBJECT_BYTES 300

/* ---- Reading ----------------------------------------------------------------------------------
 */

static void read_invitation(struct arena *arena, const struct db_result *rows, size_t row,
                            struct letter *out)
{
    const struct {
        const char *column;
        struct sv *text;
    } texts[] = {
        {"uid", &out->uid},
        {"location", &out->location},
        {"organizer_name", &out->organizer_name},
        {"organizer_address", &out->organizer_address},
    };

    out->has_invitation = sv_eq(db_result_text(rows, row, "has_invitation"), SV("t"));
    if (!out->has_invitation)
        return;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        *texts[i].text = arena_copy(arena, db_result_text(rows, row, texts[i].column));
    out->is_cancelled = sv_eq(db_result_text(rows, row, "is_cancelled"), SV("t"));
    out->sequence = db_result_int(rows, row, "sequence");
    out->stamped_at_ms = db_result_int(rows, row, "stamped_at_ms");
    out->starts_at_ms = db_result_int(rows, row, "starts_at_ms");
    out->ends_at_ms = db_result_int(rows, row, "ends_at_ms");
    if (!date_parse(db_result_text(rows, row, "due_on"), &out->due_on))
        out->has_invitation = false;
}

void letter_read(struct arena *arena, const struct db_result *rows, size_t row, struct letter *out)
{
    const struct {
        const char *column;
        struct sv *text;
    } texts[] = {
        {"class", &out->class},         {"topic", &out->topic},
        {"kind", &out->kind},           {"locale", &out->locale},
        {"to_name", &out->to_name},     {"to_address", &out->to_address},
        {"from_name", &out->from_name}, {"own_from", &out->own_from},
        {"reply_to", &out->reply_to},   {"slug", &out->slug},
        {"series_id", &out->series_id}, {"district", &out->district},
        {"about", &out->about},
    };

    for (size_t i = 0; i < COUNT_OF(texts); i++)
        *texts[i].text = arena_copy(arena, db_result_text(rows, row, texts[i].column));
    out->number = db_result_int(rows, row, "number");
    out->has_task = sv_eq(db_result_text(rows, row, "has_task"), SV("t"));
    out->has_stop = sv_eq(db_result_text(rows, row, "has_stop"), SV("t"));
    read_invitation(arena, rows, row, out);
}

/* ---- Writing ----------------------------------------------------------------------------------
 */

struct writing {
    const struct letter *letter;
    const struct letter_opts *opts;
    struct arena *arena;
    struct sv locale; /* that of the texts */
    struct sv data;   /* JSON, for the templates */
};

static void emit_thing(struct emit *e, const struct letter *thing)
{
    emit_object_begin(e);
    emit_key(e, SV("kind"));
    emit_text(e, thing->kind);
    emit_key(e, SV("about"));
    emit_raw(e, thing->about);
    emit_key(e, SV("has_task"));
    emit_bool(e, thing->has_task);
    emit_key(e, SV("task_url"));
    emit_text(e, thing->task_url);
    emit_object_end(e);
}

/* What it carries, and the first of that by itself: of it the subject tells. */
static void emit_things(struct emit *e, const struct letter *letter)
{
    if (letter->thing_count) {
        emit_key(e, SV("first"));
        emit_thing(e, &letter->things[0]);
    }
    emit_key(e, SV("things"));
    emit_array_begin(e);
    for (size_t i = 0; i < letter->thing_count; i++)
        emit_thing(e, &letter->things[i]);
    emit_array_end(e);
}

static struct sv data_of(struct arena *arena, const struct letter *letter, struct sv locale)
{
    struct str *json = str_new_in(arena, DATA_BYTES);
    struct emit e;

    emit_init(&e, json);
    emit_object_begin(&e);
    emit_key(&e, SV("locale"));
    emit_text(&e, locale);
    emit_key(&e, SV("district"));
    emit_raw(&e, letter->district);
    emit_key(&e, SV("about"));
    emit_raw(&e, letter->about);
    emit_key(&e, SV("to_name"));
    emit_text(&e, letter->to_name);
    emit_key(&e, SV("kind"));
    emit_text(&e, letter->kind);
    emit_key(&e, SV("has_task"));
    emit_bool(&e, letter->has_task);
    emit_key(&e, SV("task_url"));
    emit_text(&e, letter->task_url);
    emit_key(&e, SV("stop_url"));
    emit_text(&e, letter->stop_url);
    emit_things(&e, letter);
    emit_object_end(&e);
    return emit_finish(&e) ? str_view(json) : SV_NONE;
}

/* One template; SV_NONE when it cannot be rendered. */
static struct sv render(const struct writing *w, struct sv base, const char *part,
                        enum template_mode mode)
{
    struct str *out = str_new_in(w->arena, PART_BYTES);
    struct sv name = arena_printf(w->arena, "%.*s.%s", SV_ARG(base), part);

    if (!templates_has(w->opts->templates, name) ||
        !template_render(w->opts->templates, w->arena, out, name, mode, w->locale, w->data))
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
        one.data = data_of(w->arena, &thing, w->locale);
        if (thing.has_invitation && one.data.n)
            files[mail->file_count++] = invitation(&one);
    }
    mail->files = files;
}

static bool write_parts(const struct writing *w, struct mail *mail)
{
    mail->subject =
        one_line(w->arena, render(w, w->letter->kind, "subject", TEMPLATE_TEXT), SUBJECT_BYTES);
    mail->text = render(w, w->letter->kind, "text", TEMPLATE_TEXT);
    mail->html = render(w, w->letter->kind, "html", TEMPLATE_HTML);
    write_invitations(w, mail);
    return mail->subject.n && mail->text.n && mail->html.n;
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
    w.locale = templates_locale(opts->templates, letter->locale);
    w.data = data_of(arena, letter, w.locale);
    mail.language = w.locale;
    mail.list = arena_printf(arena, "%.*s.%.*s", SV_ARG(letter->topic), SV_ARG(letter->slug));
    if (w.data.n && write_parts(&w, &mail))
        return mail_compose(&mail, out, why);
    *why = "there are no templates of its kind, or they cannot be filled";
    return false;
}
