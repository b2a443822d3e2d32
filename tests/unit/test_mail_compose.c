/* A mail as bytes: one whole example, and what is refused. */
#include "mail/compose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct str out;

static const struct mail example = {
    .id = {"0198c0a2-0000-7000-8000-000000000001", 36},
    .series_id = {"0198c0a2-0000-7000-8000-000000000000", 36},
    .written_at_ms = 1795273200000,
    .from = {{"Riverside Schools", 17}, {"partners@kith.example.org", 25}},
    .to = {{"Ana López", 10}, {"ana@example.com", 15}},
    .reply_to = {{"", 0}, {"office@example.org", 18}},
    .subject = {"Check-in due Friday", 19},
    .language = {"es-MX", 5},
    .list = {"check_ins.riverside", 19},
    .unsubscribe_url = {"https://kith.example.org/u/kith_x", 33},
    .text = {"Hello\n.\n", 8},
    .html = {"<p>Hello</p>", 12},
    .calendar = {{"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", 32}, "REQUEST"},
};

static const char expected[] =
    "Date: Sat, 21 Nov 2026 15:00:00 +0000\r\n"
    "From: Riverside Schools <partners@kith.example.org>\r\n"
    "Reply-To: <office@example.org>\r\n"
    "To: =?UTF-8?Q?Ana_L=C3=B3pez?= <ana@example.com>\r\n"
    "Subject: Check-in due Friday\r\n"
    "Message-ID: <0198c0a2-0000-7000-8000-000000000001@kith.example.org>\r\n"
    "In-Reply-To: <0198c0a2-0000-7000-8000-000000000000@kith.example.org>\r\n"
    "References: <0198c0a2-0000-7000-8000-000000000000@kith.example.org>\r\n"
    "List-Id: <check_ins.riverside.kith.example.org>\r\n"
    "List-Unsubscribe:\r\n"
    " <https://kith.example.org/u/kith_x>\r\n"
    "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    "Auto-Submitted: auto-generated\r\n"
    "X-Auto-Response-Suppress: All\r\n"
    "Content-Language: es-MX\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: multipart/alternative;\r\n"
    " boundary=\"=_0198c0a2-0000-7000-8000-000000000001\"\r\n"
    "\r\n"
    "--=_0198c0a2-0000-7000-8000-000000000001\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n"
    "Content-Transfer-Encoding: quoted-printable\r\n"
    "\r\n"
    "Hello\r\n"
    "=2E\r\n"
    "\r\n"
    "--=_0198c0a2-0000-7000-8000-000000000001\r\n"
    "Content-Type: text/html; charset=utf-8\r\n"
    "Content-Transfer-Encoding: quoted-printable\r\n"
    "\r\n"
    "<p>Hello</p>\r\n"
    "\r\n"
    "--=_0198c0a2-0000-7000-8000-000000000001\r\n"
    "Content-Type: text/calendar; charset=utf-8; method=REQUEST; component=VEVENT\r\n"
    "Content-Transfer-Encoding: quoted-printable\r\n"
    "\r\n"
    "BEGIN:VCALENDAR\r\n"
    "END:VCALENDAR\r\n"
    "\r\n"
    "--=_0198c0a2-0000-7000-8000-000000000001--\r\n";

static int setup(void **state)
{
    (void)state;
    str_init(&out, MAIL_BYTES);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    str_fini(&out);
    return 0;
}

static void test_a_whole_mail(void **state)
{
    const char *why;

    (void)state;
    str_clear(&out);
    assert_true(mail_compose(&example, &out, &why));
    assert_null(why);
    assert_string_equal(str_cstr(&out), expected);
}

static void test_what_is_empty_has_no_header(void **state)
{
    struct mail mail = example;
    const char *why;

    (void)state;
    mail.series_id = mail.unsubscribe_url = mail.calendar.text = mail.reply_to.address = SV_NONE;
    str_clear(&out);
    assert_true(mail_compose(&mail, &out, &why));
    assert_null(strstr(str_cstr(&out), "References"));
    assert_null(strstr(str_cstr(&out), "In-Reply-To"));
    assert_null(strstr(str_cstr(&out), "List-Unsubscribe"));
    assert_null(strstr(str_cstr(&out), "Reply-To"));
    assert_null(strstr(str_cstr(&out), "text/calendar"));
}

static void assert_refused(const struct mail *mail, const char *what)
{
    const char *why;

    str_clear(&out);
    STR_ADD(&out, "before");
    assert_false(mail_compose(mail, &out, &why));
    assert_non_null(strstr(why, what));
    assert_string_equal(str_cstr(&out), "before");
}

static void test_nothing_that_could_make_a_second_header(void **state)
{
    static const char *const texts[] = {"x\r\nBcc: y@z", "x\ny", "x\ry", "x\x7f", "\xff"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct sv text = sv_of(texts[i]);
        struct mail mail = example;

        mail.subject = text;
        assert_refused(&mail, "subject");
        mail = example;
        mail.from.name = text;
        assert_refused(&mail, "sender");
        mail = example;
        mail.to.name = text;
        assert_refused(&mail, "recipient");
        mail.to = (struct mail_person){SV_NONE, text};
        assert_refused(&mail, "recipient");
        mail = example;
        mail.reply_to.address = text;
        assert_refused(&mail, "answers");
        mail = example;
        mail.language = text;
        assert_refused(&mail, "language");
        mail = example;
        mail.list = text;
        assert_refused(&mail, "list");
        mail = example;
        mail.unsubscribe_url = text;
        assert_refused(&mail, "ends it");
        mail = example;
        mail.id = text;
        assert_refused(&mail, "id");
        mail = example;
        mail.series_id = text;
        assert_refused(&mail, "id");
    }
}

static void test_a_mail_has_a_longest_length(void **state)
{
    struct mail mail = example;
    char *text = x_malloc(MAIL_BYTES);

    (void)state;
    memset(text, 'x', MAIL_BYTES);
    mail.text = (struct sv){text, MAIL_BYTES};
    assert_refused(&mail, "too long");
    x_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_whole_mail),
        cmocka_unit_test(test_what_is_empty_has_no_header),
        cmocka_unit_test(test_nothing_that_could_make_a_second_header),
        cmocka_unit_test(test_a_mail_has_a_longest_length),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
