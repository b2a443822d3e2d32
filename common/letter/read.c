/* Letters from the rows of mail_claim. */
#include "base/date.h"
#include "letter/letter.h"

static void read_invitation(struct arena *arena, const struct db_result *rows, size_t row,
                            struct letter *out)
{
    const struct {
        const char *column;
        struct sv *text;
    } texts[] = {
        {"uid", &out->uid},
        {"location", &out->location},
        {"zone", &out->zone},
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
        {"class", &out->class},
        {"topic", &out->topic},
        {"kind", &out->kind},
        {"locale", &out->locale},
        {"own_locale", &out->own_locale},
        {"to_name", &out->to_name},
        {"to_address", &out->to_address},
        {"from_name", &out->from_name},
        {"own_from", &out->own_from},
        {"reply_to", &out->reply_to},
        {"slug", &out->slug},
        {"series_id", &out->series_id},
        {"district", &out->district},
        {"about", &out->about},
    };

    for (size_t i = 0; i < COUNT_OF(texts); i++)
        *texts[i].text = arena_copy(arena, db_result_text(rows, row, texts[i].column));
    out->message_id = arena_cstr(arena, db_result_text(rows, row, "message_id"));
    out->number = db_result_int(rows, row, "number");
    out->has_task = sv_eq(db_result_text(rows, row, "has_task"), SV("t"));
    out->has_stop = sv_eq(db_result_text(rows, row, "has_stop"), SV("t"));
    read_invitation(arena, rows, row, out);
}
