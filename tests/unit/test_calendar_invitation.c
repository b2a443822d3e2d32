/* Invitations: the text of one, what cancels it, and texts that would break it. */
#include "calendar/invitation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/date.h"

#define UID "019ab000-0000-7000-8000-000000000001"

static int setup(void **state)
{
    *state = arena_new(MB(1));
    return 0;
}

static int teardown(void **state)
{
    arena_free(*state);
    return 0;
}

static struct calendar_invitation_opts usual(void)
{
    return (struct calendar_invitation_opts){
        .uid = SV(UID),
        .sequence = 2,
        .stamped_at_ms = INT64_C(1795273200123),
        .due_on = days_from_date(2026, 12, 31),
        .organizer = {SV("Lee Director"), SV("lee@district.example")},
        .attendee = {SV("Ann"), SV("ann@partner.example")},
        .summary = SV("Check-in due"),
        .description = SV("Say how it goes."),
        .url = SV("https://kith.example/r/token"),
    };
}

/* With the folds taken back, as a reader does it. */
static const char *unfolded(struct arena *arena, struct sv text)
{
    char *out = arena_alloc(arena, text.n + 1);
    size_t n = 0;

    for (size_t i = 0; i < text.n; i++) {
        if (sv_starts_with(sv_skip(text, i), SV("\r\n ")))
            i += 2;
        else
            out[n++] = text.p[i];
    }
    out[n] = '\0';
    return out;
}

static const char *written(struct arena *arena, const struct calendar_invitation_opts *opts)
{
    struct sv text = calendar_invitation(arena, opts);

    assert_true(text.n > 0);
    return unfolded(arena, text);
}

static void assert_has(const char *text, const char *line)
{
    if (!strstr(text, line))
        fail_msg("there is no %s in:\n%s", line, text);
}

static void assert_lacks(const char *text, const char *line)
{
    if (strstr(text, line))
        fail_msg("there is %s in:\n%s", line, text);
}

static void test_a_request_is_this_text(void **state)
{
    struct calendar_invitation_opts opts = usual();

    assert_string_equal(written(*state, &opts),
                        "BEGIN:VCALENDAR\r\n"
                        "VERSION:2.0\r\n"
                        "PRODID:-//Kith//Kith//EN\r\n"
                        "METHOD:REQUEST\r\n"
                        "BEGIN:VEVENT\r\n"
                        "UID:" UID "\r\n"
                        "SEQUENCE:2\r\n"
                        "DTSTAMP:20261121T150000Z\r\n"
                        "STATUS:CONFIRMED\r\n"
                        "ORGANIZER;CN=Lee Director:mailto:lee@district.example\r\n"
                        "ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN=Ann:"
                        "mailto:ann@partner.example\r\n"
                        "SUMMARY:Check-in due\r\n"
                        "DESCRIPTION:Say how it goes.\\n\\nhttps://kith.example/r/token\r\n"
                        "URL:https://kith.example/r/token\r\n"
                        "DTSTART;VALUE=DATE:20261231\r\n"
                        "DTEND;VALUE=DATE:20270101\r\n"
                        "TRANSP:TRANSPARENT\r\n"
                        "END:VEVENT\r\n"
                        "END:VCALENDAR\r\n");
    assert_string_equal(calendar_invitation_method(INVITATION_REQUEST), "REQUEST");
}

static void test_a_cancellation_needs_no_link(void **state)
{
    struct calendar_invitation_opts opts = usual();
    const char *text;

    opts.method = INVITATION_CANCEL;
    opts.sequence = 3;
    opts.url = SV_NONE;
    text = written(*state, &opts);
    assert_has(text, "\r\nMETHOD:CANCEL\r\n");
    assert_has(text, "\r\nSTATUS:CANCELLED\r\n");
    assert_has(text, "\r\nUID:" UID "\r\nSEQUENCE:3\r\n");
    assert_has(text, "\r\nDESCRIPTION:Say how it goes.\r\n");
    assert_lacks(text, "\r\nURL");
    assert_string_equal(calendar_invitation_method(INVITATION_CANCEL), "CANCEL");
}

static void test_who_invites_himself_has_accepted(void **state)
{
    struct calendar_invitation_opts opts = usual();
    const char *text;

    opts.attendee.address = SV("Lee@District.example");
    text = written(*state, &opts);
    assert_has(text, "PARTSTAT=ACCEPTED;RSVP=FALSE;CN=Ann:mailto:Lee@District.example\r\n");
}

static void test_the_days_of_a_year_and_the_next_one(void **state)
{
    static const struct {
        int year, month, day;
        const char *lines;
    } cases[] = {
        {2027, 3, 14, "DTSTART;VALUE=DATE:20270314\r\nDTEND;VALUE=DATE:20270315\r\n"},
        {2028, 2, 28, "DTSTART;VALUE=DATE:20280228\r\nDTEND;VALUE=DATE:20280229\r\n"},
        {2028, 2, 29, "DTSTART;VALUE=DATE:20280229\r\nDTEND;VALUE=DATE:20280301\r\n"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct calendar_invitation_opts opts = usual();

        opts.due_on = days_from_date(cases[i].year, cases[i].month, cases[i].day);
        assert_has(written(*state, &opts), cases[i].lines);
    }
}

static void test_what_has_hours_is_busy_and_in_utc(void **state)
{
    struct calendar_invitation_opts opts = usual();
    const char *text;

    opts.starts_at_ms = opts.stamped_at_ms;
    opts.ends_at_ms = opts.starts_at_ms + 5400000;
    opts.location = SV("Gym; door B");
    text = written(*state, &opts);
    assert_has(text, "\r\nDTSTART:20261121T150000Z\r\nDTEND:20261121T163000Z\r\nTRANSP:OPAQUE\r\n");
    assert_has(text, "\r\nLOCATION:Gym\\; door B\r\n");
}

static void test_texts_cannot_break_out_of_their_lines(void **state)
{
    struct calendar_invitation_opts opts = usual();
    const char *text;

    opts.summary = SV("A, B; C\\D\r\nX-EVIL:1\x7f\x01");
    opts.description = SV("one\r\ntwo\tthree\n\"four\"");
    opts.attendee.name = SV("Ann \"Q\" ^n O'Neil, Jr.; x:y\nBCC");
    opts.attendee.address = SV("a\r\nX-EVIL:1;b,c\"d%@partner.example");
    opts.url = SV("https://kith.example/r/a b\r\nX-EVIL:1");
    text = written(*state, &opts);
    assert_has(text, "\r\nSUMMARY:A\\, B\\; C\\\\D X-EVIL:1\r\n");
    assert_has(text,
               "\r\nDESCRIPTION:one\\ntwo three\\n\"four\"\\n\\nhttps://kith.example/r/a%20b");
    assert_has(text, ";CN=\"Ann 'Q'  n O'Neil, Jr.; x:y BCC\":");
    assert_has(text, "mailto:a%0D%0AX-EVIL%3A1%3Bb%2Cc%22d%25@partner.example\r\n");
    assert_has(text, "\r\nURL:https://kith.example/r/a%20b%0D%0AX-EVIL:1\r\n");
    assert_lacks(text, "\r\nX-EVIL");
}

static void test_lines_fold_at_75_octets_between_characters(void **state)
{
    struct calendar_invitation_opts opts = usual();
    struct sv rest;
    struct sv line;
    size_t longest = 0;

    opts.summary =
        SV("Reunión de seguimiento de la alianza — próxima fecha: “miércoles” 😀😀😀😀😀"
           "ñññññññññññññññññññññññññññññññññññññññññññññññññññññññññññññññññññññññññññññ");
    rest = calendar_invitation(*state, &opts);
    assert_true(sv_ends_with(rest, SV("\r\n")));
    while (sv_split(&rest, '\n', &line)) {
        assert_true(line.n == 0 || sv_ends_with(line, SV("\r")));
        assert_true(sv_is_utf8(line));
        longest = size_max(longest, line.n ? line.n - 1 : 0);
    }
    assert_in_range(longest, 70, 75);
    assert_has(written(*state, &opts), opts.summary.p);
}

static struct sv of_bytes(struct arena *arena, char c, size_t n)
{
    char *bytes = arena_alloc(arena, n);

    memset(bytes, c, n);
    return (struct sv){bytes, n};
}

static void test_texts_are_cut_at_their_limits(void **state)
{
    struct calendar_invitation_opts opts = usual();
    const char *text;

    opts.url = SV_NONE;
    for (size_t more = 0; more < 2; more++) {
        opts.summary = of_bytes(*state, 's', INVITATION_NAME_BYTES + more);
        opts.description = of_bytes(*state, 'd', INVITATION_DESCRIPTION_BYTES + more);
        opts.attendee.name = of_bytes(*state, 'n', INVITATION_NAME_BYTES + more);
        text = written(*state, &opts);
        assert_int_equal(strspn(strstr(text, "SUMMARY:") + 8, "s"), INVITATION_NAME_BYTES);
        assert_int_equal(strspn(strstr(text, "DESCRIPTION:") + 12, "d"),
                         INVITATION_DESCRIPTION_BYTES);
        assert_int_equal(strspn(strstr(text, "TRUE;CN=") + 8, "n"), INVITATION_NAME_BYTES);
    }
}

static void test_dates_that_libical_can_write(void **state)
{
    static const struct {
        int year, month, day;
        bool is_made;
    } cases[] = {
        {1969, 12, 31, false}, {1970, 1, 1, true},  {2999, 12, 30, true},
        {2999, 12, 31, false}, {3001, 1, 1, false},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct calendar_invitation_opts opts = usual();
        struct sv text;

        opts.due_on = days_from_date(cases[i].year, cases[i].month, cases[i].day);
        text = calendar_invitation(*state, &opts);
        assert_int_equal(text.n > 0, cases[i].is_made);
        if (text.n)
            assert_lacks(text.p, "DATE:0000");
    }
}

static void test_without_whom_there_is_none(void **state)
{
    static const char *const bad[] = {"", "ann", "@partner.example", "ann@"};
    struct calendar_invitation_opts opts;

    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        opts = usual();
        opts.attendee.address = sv_of(bad[i]);
        assert_int_equal(calendar_invitation(*state, &opts).n, 0);
        opts = usual();
        opts.organizer.address = sv_of(bad[i]);
        assert_int_equal(calendar_invitation(*state, &opts).n, 0);
    }
    opts = usual();
    opts.uid = SV_NONE;
    assert_int_equal(calendar_invitation(*state, &opts).n, 0);
    opts = usual();
    opts.organizer.name = SV_NONE;
    opts.attendee.name = SV_NONE;
    assert_has(written(*state, &opts), "ORGANIZER:mailto:lee@district.example\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_request_is_this_text, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_cancellation_needs_no_link, setup, teardown),
        cmocka_unit_test_setup_teardown(test_who_invites_himself_has_accepted, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_days_of_a_year_and_the_next_one, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_has_hours_is_busy_and_in_utc, setup, teardown),
        cmocka_unit_test_setup_teardown(test_texts_cannot_break_out_of_their_lines, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_lines_fold_at_75_octets_between_characters, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_texts_are_cut_at_their_limits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_dates_that_libical_can_write, setup, teardown),
        cmocka_unit_test_setup_teardown(test_without_whom_there_is_none, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
