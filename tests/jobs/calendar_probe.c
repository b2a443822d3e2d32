/* One invitation: its fields on standard input, each ended by a NUL: method, uid, sequence, stamp
 * in ms, due date, begin and end in ms, zone, organizer and address, attendee and address, summary,
 * description, url; its text on standard output, or nothing when there is none. */
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "calendar/invitation.h"

#define FIELDS 15

static struct sv next(struct sv *rest)
{
    struct sv field = SV_NONE;

    if (!sv_split(rest, '\0', &field))
        die("a field is missing");
    return field;
}

static int64_t number(struct sv text)
{
    int64_t value;

    if (!sv_to_i64(text, 0, INT64_MAX, &value))
        die("no number: %.*s", SV_ARG(text));
    return value;
}

static int64_t day(struct sv text)
{
    int64_t days;

    if (!date_parse(text, &days))
        die("no date: %.*s", SV_ARG(text));
    return days;
}

int main(void)
{
    static char input[KB(64)];
    struct sv rest = {input, fread(input, 1, sizeof input, stdin)};
    struct arena *arena = arena_new(MB(1));
    struct sv field[FIELDS];
    struct sv text;

    for (size_t i = 0; i < FIELDS; i++)
        field[i] = next(&rest);
    text = calendar_invitation(
        arena, &(struct calendar_invitation_opts){
                   .method = sv_eq(field[0], SV("CANCEL")) ? INVITATION_CANCEL : INVITATION_REQUEST,
                   .uid = field[1],
                   .sequence = number(field[2]),
                   .stamped_at_ms = number(field[3]),
                   .due_on = day(field[4]),
                   .starts_at_ms = number(field[5]),
                   .ends_at_ms = number(field[6]),
                   .zone = field[7],
                   .organizer = {field[8], field[9]},
                   .attendee = {field[10], field[11]},
                   .summary = field[12],
                   .description = field[13],
                   .url = field[14],
               });
    if (text.n)
        fwrite(text.p, 1, text.n, stdout);
    arena_free(arena);
    return 0;
}
