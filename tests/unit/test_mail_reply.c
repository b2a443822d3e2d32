/* What mail servers answer: codes, enhanced statuses, and whose fault it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "mail/reply.h"

static void test_answers(void **state)
{
    static const struct {
        const char *line;
        int code;
        bool is_last;
        const char *status;
        const char *text;
    } cases[] = {
        {"250 2.0.0 OK\r\n", 250, true, "2.0.0", "OK"},
        {"250-STARTTLS\r\n", 250, false, "", "STARTTLS"},
        {"550 5.1.1 <a@b>: no such user\n", 550, true, "5.1.1", "<a@b>: no such user"},
        {"550-5.7.26 unauthenticated", 550, false, "5.7.26", "unauthenticated"},
        {"421", 421, true, "", ""},
        {"451 ", 451, true, "", ""},
        {"354 go ahead", 354, true, "", "go ahead"},
        {"550 5.1.1", 550, true, "5.1.1", ""},
        {"550 4.1.1 another class", 550, true, "", "4.1.1 another class"},
        {"550 5.1.1x", 550, true, "", "5.1.1x"},
        {"550 5.1.1234 x", 550, true, "", "5.1.1234 x"},
        {"550 5..1 x", 550, true, "", "5..1 x"},
        {"550 5.01.001 x", 550, true, "5.1.1", "x"},
        {"354 3.0.0 none", 354, true, "", "3.0.0 none"},
    };
    struct mail_reply reply;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_true(mail_reply_parse(sv_of(cases[i].line), &reply));
        assert_int_equal(reply.code, cases[i].code);
        assert_int_equal(reply.is_last, cases[i].is_last);
        assert_string_equal(reply.status, cases[i].status);
        assert_int_equal(reply.text.n, strlen(cases[i].text));
        assert_memory_equal(reply.text.p ? reply.text.p : "", cases[i].text, reply.text.n);
    }
}

static void test_what_is_no_answer(void **state)
{
    static const char *const lines[] = {"",     "25",     "199 x", "600 x", "2x0 x",
                                        "250x", "-50 no", "\r\n",  " 250",  "250_x"};
    struct mail_reply reply;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(lines); i++)
        assert_false(mail_reply_parse(sv_of(lines[i]), &reply));
}

static void test_whose_fault_it_is(void **state)
{
    (void)state;
    assert_int_equal(mail_reply_cause("5.1.1"), MAIL_CAUSE_ADDRESS);
    assert_int_equal(mail_reply_cause("5.1.10"), MAIL_CAUSE_ADDRESS);
    assert_int_equal(mail_reply_cause("5.7.1"), MAIL_CAUSE_POLICY);
    assert_int_equal(mail_reply_cause("5.7.26"), MAIL_CAUSE_POLICY);
    assert_int_equal(mail_reply_cause("5.2.2"), MAIL_CAUSE_OTHER);
    assert_int_equal(mail_reply_cause("5.1.8"), MAIL_CAUSE_OTHER);
    assert_int_equal(mail_reply_cause(""), MAIL_CAUSE_OTHER);
    assert_true(mail_reply_is_policy_for_now("4.7.1"));
    assert_true(mail_reply_is_policy_for_now("4.7.650"));
    assert_false(mail_reply_is_policy_for_now("4.2.0"));
    assert_false(mail_reply_is_policy_for_now("5.7.1"));
    assert_false(mail_reply_is_policy_for_now(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_what_is_no_answer),
        cmocka_unit_test(test_whose_fault_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
