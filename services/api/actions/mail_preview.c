/* A mail to be looked at: one statement, which tells what it would be made of, or a sample of its
 * kind → the letter, by the code that the mailer writes it with. Nothing is sent and no link is
 * made: those that it shows open nothing. */
#include "mail_preview.h"

#include "call.h"
#include "gen/stmt.h"
#include "gen/templates.h"
#include "letter/letter.h"
#include "parameter.h"
#include "query.h"
#include "resources.h"
#include "json/emit.h"

#define PREVIEW_BYTES KB(768)
#define SAMPLES_MOST  20

enum { BY_KIND, BY_MESSAGE, IN_LOCALE, WHICH_SAMPLE, PARAMETERS };

static const struct json_field query_fields[] = {
    [BY_KIND] = JSON_FIELD("kind", FIELD_TEXT, .min = 1, .max = CODE_LONGEST,
                           .doc = "Shows a sample of such a mail, to whoever asks."),
    [BY_MESSAGE] =
        JSON_FIELD("message_id", FIELD_UUID,
                   .doc = "Shows this message, as it would be written now; in place of kind."),
    [IN_LOCALE] = JSON_FIELD("locale", FIELD_TEXT, .min = 2, .max = CODE_LONGEST,
                             .doc = "In this language; otherwise in that of whoever gets it."),
    [WHICH_SAMPLE] = JSON_FIELD("sample", FIELD_INT, .min = 1, .max = SAMPLES_MOST,
                                .doc = "Which sample of the kind; 1, if left out."),
};
const struct json_table mail_preview_query = JSON_TABLE("mail_preview_query", query_fields);

static const char *const methods[] = {"REQUEST", "CANCEL", NULL};
static const struct json_field calendar_fields[] = {
    JSON_FIELD("method", FIELD_ENUM, .values = methods, .doc = "RFC 5546."),
    JSON_FIELD("uid", FIELD_TEXT, .doc = "What stays the same when the day is another one."),
    JSON_FIELD("sequence", FIELD_INT, .doc = "Counts the changes of the day."),
    JSON_FIELD("starts_on", FIELD_DATE, .doc = "The local day."),
    JSON_FIELD("starts_at", FIELD_INSTANT, FIELD_NULLABLE, .doc = "null: it takes the whole day."),
    JSON_FIELD("ends_at", FIELD_INSTANT, FIELD_NULLABLE),
    JSON_FIELD("zone", FIELD_ZONE, FIELD_NULLABLE),
    JSON_FIELD("location", FIELD_TEXT, FIELD_NULLABLE),
    JSON_FIELD("organizer", FIELD_EMAIL, .doc = "Who gets the answers."),
};
static const struct json_table calendar_table = JSON_TABLE("mail_calendar", calendar_fields);
static const struct json_field calendar_item =
    JSON_FIELD(NULL, FIELD_OBJECT, .table = &calendar_table);

static const struct json_field preview_fields[] = {
    JSON_FIELD("kind", FIELD_TEXT),
    JSON_FIELD("locale", FIELD_TEXT, .doc = "In which it is written."),
    JSON_FIELD("is_sample", FIELD_BOOL, .doc = "What it is about is made up."),
    JSON_FIELD("subject", FIELD_LONG_TEXT),
    JSON_FIELD("text", FIELD_LONG_TEXT, .doc = "As clients show it that show no HTML."),
    JSON_FIELD("html", FIELD_LONG_TEXT,
               .doc = "A whole page, which fetches nothing but the district's logo."),
    JSON_FIELD("calendars", FIELD_LIST, .item = &calendar_item,
               .doc = "What calendars make of it; of several things, each is a file of its own."),
};
const struct json_table mail_preview_table = JSON_TABLE("mail_preview", preview_fields);

static struct templates *templates;

void mail_preview_prepare(void)
{
    struct str why;

    str_init(&why, KB(1));
    templates = templates_load(&templates_mailer, &why);
    if (!templates)
        die("a mail's template is at fault: %s", str_cstr(&why));
    str_fini(&why);
}

/* ---- The letter ---- */

static struct sv read(struct req *r, size_t row, const char *column)
{
    return db_text(call_of(r)->unit, 1, row, column);
}

static void read_links(struct req *r, struct letter *letter, bool has_stop)
{
    const char *origin = call_of(r)->api->origin;

    letter->home_url = arena_printf(r->arena, "%s/", origin);
    letter->task_url = arena_printf(r->arena, "%s/r/preview", origin);
    if (has_stop)
        letter->stop_url = arena_printf(r->arena, "%s/u/preview", origin);
}

static void read_letter(struct req *r, size_t row, struct letter *out)
{
    const struct db_unit *unit = call_of(r)->unit;

    *out = (struct letter){
        .kind = read(r, row, "kind"),
        .locale = read(r, row, "locale"),
        .own_locale = read(r, row, "own_locale"),
        .to_name = read(r, row, "to_name"),
        .district = read(r, row, "district"),
        .about = read(r, row, "about"),
        .has_task = db_bool(unit, 1, row, "has_task"),
    };
    read_links(r, out, db_bool(unit, 1, row, "has_stop"));
}

static void read_message(struct req *r, struct letter *out)
{
    size_t rows = db_row_count(call_of(r)->unit, 1);

    read_letter(r, 0, out);
    out->thing_count = rows - 1;
    out->things = ARENA_ARRAY(r->arena, struct letter, rows);
    for (size_t i = 1; i < rows; i++)
        read_letter(r, i, &out->things[i - 1]);
}

/* ---- The reply ---- */

static void emit_calendars(struct emit *e, struct req *r)
{
    size_t rows = db_row_count(call_of(r)->unit, 1);

    emit_key(e, SV("calendars"));
    emit_array_begin(e);
    for (size_t i = 0; i < rows; i++) {
        struct sv calendar = read(r, i, "calendar");

        if (calendar.n)
            emit_raw(e, calendar);
    }
    emit_array_end(e);
}

static struct sv preview_json(struct req *r, const struct letter *letter,
                              const struct letter_parts *parts)
{
    struct str *json = str_new_in(r->arena, PREVIEW_BYTES);
    const struct {
        const char *name;
        struct sv text;
    } texts[] = {{"kind", letter->kind},
                 {"locale", parts->locale},
                 {"subject", parts->subject},
                 {"text", parts->text},
                 {"html", parts->html}};
    struct emit e;

    emit_init(&e, json);
    emit_object_begin(&e);
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        emit_key(&e, sv_of(texts[i].name));
        emit_text(&e, texts[i].text);
    }
    emit_key(&e, SV("is_sample"));
    emit_bool(&e, letter->sample.n > 0);
    emit_calendars(&e, r);
    emit_object_end(&e);
    return emit_finish(&e) ? str_view(json) : SV_NONE;
}

static struct plan *show(struct req *r, const struct letter *letter)
{
    struct letter_opts opts = {.templates = templates};
    struct letter_parts parts;
    struct sv json;

    if (!letter_parts(letter, &opts, r->arena, &parts))
        return fail_why(r, ERR_INTERNAL, "The mail cannot be written.");
    json = preview_json(r, letter, &parts);
    if (!json.n)
        return fail_why(r, ERR_INTERNAL, "The mail came out too large.");
    reply_field(r, "Cache-Control", SV("private, no-store"));
    return reply_json(r, 200, json);
}

static STEP(preview_found)
{
    const char *const *asked = call_of(r)->state;
    struct letter letter;

    if (db_row_count(call_of(r)->unit, 1) == 0)
        return fail(r, ERR_NOT_FOUND);
    read_message(r, &letter);
    if (asked[BY_KIND]) {
        letter.kind = sv_of(asked[BY_KIND]);
        letter.sample =
            template_set_text(&templates_mailer, arena_printf(r->arena, "%s.sample%s",
                                                              asked[BY_KIND], asked[WHICH_SAMPLE]));
        read_links(r, &letter, true);
    }
    if (asked[IN_LOCALE])
        letter.locale = sv_of(asked[IN_LOCALE]);
    return show(r, &letter);
}

/* NULL, or 400: one of both is asked for, a kind that there is, in a language that there is. */
static struct plan *check(struct req *r, const char **asked)
{
    if (!asked[BY_KIND] == !asked[BY_MESSAGE])
        return query_refuse(r, SV("kind"), JSON_FAULT_INVALID_PARAMETER,
                            SV("or \"message_id\" must be there, and not both"));
    if (!asked[WHICH_SAMPLE])
        asked[WHICH_SAMPLE] = "1";
    if (asked[BY_KIND] &&
        !template_set_text(&templates_mailer, arena_printf(r->arena, "%s.sample1", asked[BY_KIND]))
             .n)
        return query_refuse(r, SV("kind"), JSON_FAULT_INVALID_PARAMETER, SV("is no kind of mail"));
    if (asked[BY_KIND] &&
        !template_set_text(&templates_mailer, arena_printf(r->arena, "%s.sample%s", asked[BY_KIND],
                                                           asked[WHICH_SAMPLE]))
             .n)
        return query_refuse(r, SV("sample"), JSON_FAULT_INVALID_PARAMETER,
                            SV("is past the last sample of that kind"));
    return NULL;
}

STEP(mail_preview_get)
{
    const char **asked = arena_zalloc(r->arena, PARAMETERS * sizeof *asked);
    struct plan *refused = parameters_read(r, &mail_preview_query, asked);

    if (!refused)
        refused = check(r, asked);
    if (refused)
        return refused;
    call_of(r)->state = asked;
    call_begin(r, CALL_LIST, SV(ROLES_PROGRAM));
    call_add(call_of(r), STMT(mail_preview), asked[BY_MESSAGE]);
    return call_run(r, preview_found);
}

/* ---- Of a bulletin, before there is a message ---- */

static const struct json_field bulletin_fields[] = {
    JSON_FIELD("locale", FIELD_LOCALE, .doc = "In this language; the district's, if left out."),
};
const struct json_table bulletin_mail_query = JSON_TABLE("bulletin_mail_query", bulletin_fields);

static STEP(bulletin_found)
{
    struct letter letter;

    if (db_row_count(call_of(r)->unit, 1) == 0)
        return fail(r, ERR_NOT_FOUND);
    read_message(r, &letter);
    return show(r, &letter);
}

STEP(bulletin_mail_get)
{
    const char **asked = arena_zalloc(r->arena, COUNT_OF(bulletin_fields) * sizeof *asked);
    struct uuid *id = ARENA_NEW(r->arena, uuid);
    struct plan *refused = parameters_read(r, &bulletin_mail_query, asked);

    if (refused)
        return refused;
    if (!uuid_parse(r->captures[0], id))
        return fail(r, ERR_NOT_FOUND);
    call_begin(r, CALL_LIST, sv_of(res_bulletin.readers));
    call_add(call_of(r), STMT(bulletin_mail), id->text, asked[0]);
    return call_run(r, bulletin_found);
}
