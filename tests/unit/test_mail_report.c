/* Bounces and complaints as other mail systems write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "mail/report.h"

#define TO       "bounce+0198c0a200007000800000000000000a@mail.example.org"
#define ATTEMPT  "0198c0a2-0000-7000-8000-00000000000a"
#define HEAD     "To: " TO "\r\nContent-Type: multipart/report;\r\n\tBOUNDARY=\"a b\"\r\n\r\n--a b\r\n"
#define DELIVERY "content-type: Message/Delivery-Status\r\n\r\nReporting-MTA: dns; x\r\n\r\n"
#define TAIL     "\r\n--a b--\r\n"

static void test_what_is_a_report(void **state)
{
    static const struct {
        const char *mail;
        enum mail_report_kind kind;
        const char *status;
    } cases[] = {
        {HEAD DELIVERY "Action: failed\r\nStatus: 5.1.1\r\n" TAIL, MAIL_REPORT_HARD, "5.1.1"},
        {HEAD DELIVERY "Action: Failed\r\nStatus: 5.1.10 (null MX)\r\n" TAIL, MAIL_REPORT_HARD,
         "5.1.10"},
        {HEAD DELIVERY "Action: failed\r\nStatus: 4.2.2\r\n" TAIL, MAIL_REPORT_SOFT, "4.2.2"},
        {HEAD DELIVERY "Action: failed\r\nStatus: 5.2.2\r\n" TAIL, MAIL_REPORT_SOFT, "5.2.2"},
        {HEAD DELIVERY "Action: failed\r\nStatus: 5.7.26\r\n" TAIL, MAIL_REPORT_POLICY, "5.7.26"},
        {HEAD DELIVERY "Action: failed\r\nStatus: 5.0.0\r\nDiagnostic-Code: SMTP; 550\r\n 5.1.1 no"
                       "body\r\n" TAIL,
         MAIL_REPORT_HARD, "5.1.1"},
        {HEAD DELIVERY "Action: failed\r\nStatus: 5.0.0\r\nDiagnostic-Code: x-unix; 550 5.1.1\r\n"
                       "" TAIL,
         MAIL_REPORT_SOFT, "5.0.0"},
        {HEAD DELIVERY "Action: relayed\r\nStatus: 2.0.0\r\n\r\nAction: failed\r\n" TAIL,
         MAIL_REPORT_SOFT, ""},
        {HEAD "\r\nwe are sorry\r\n--a b\r\n" DELIVERY "Action: failed\nStatus: 5.1.1\n" TAIL,
         MAIL_REPORT_HARD, "5.1.1"},
        {HEAD "Content-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n" TAIL,
         MAIL_REPORT_COMPLAINT, ""},
    };
    struct mail_report report;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_true(mail_report_parse(sv_of(cases[i].mail), SV_NONE, &report));
        assert_int_equal(report.kind, cases[i].kind);
        assert_string_equal(report.status, cases[i].status);
        assert_string_equal(report.attempt.text, ATTEMPT);
    }
}

static void test_what_is_none(void **state)
{
    static const char *const mails[] = {
        "",
        "To: " TO "\r\n\r\nI am away.\r\nAction: failed\r\nStatus: 5.1.1\r\n",
        "To: " TO "\r\nContent-Type: multipart/report\r\n\r\nno boundary",
        HEAD DELIVERY "Action: delayed\r\nStatus: 4.4.1\r\n" TAIL,
        HEAD DELIVERY "Action: delivered\r\nStatus: 2.1.5\r\n" TAIL,
        HEAD "Content-Type: text/plain\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n" TAIL,
        HEAD "Content-Type: message/rfc822\r\n\r\n" DELIVERY "Action: failed\r\n" TAIL,
        HEAD "Content-Type: message/feedback-report\r\n\r\nFeedback-Type: not-spam\r\n" TAIL,
        "Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\n" DELIVERY
        "Action: failed\r\n\r\nFinal-Recipient: rfc822; a+0198c0a2@example.org\r\n--b--\r\n",
    };
    struct mail_report report;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(mails); i++)
        assert_false(mail_report_parse(sv_of(mails[i]), SV_NONE, &report));
}

static void test_whose_it_is(void **state)
{
    struct arena *arena = arena_new(KB(16));
    struct mail_report report;
    struct uuid attempt;

    (void)state;
    assert_true(uuid_parse(SV("0198c0a2-0000-7000-8000-00000000000b"), &attempt));
    assert_true(mail_report_parse(sv_of(HEAD DELIVERY "Action: failed\r\n" TAIL),
                                  mail_report_address(arena, SV("b@example.org"), &attempt),
                                  &report));
    assert_string_equal(report.attempt.text,
                        attempt.text); /* to whom it came, before what it says */
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_a_report),
        cmocka_unit_test(test_what_is_none),
        cmocka_unit_test(test_whose_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
