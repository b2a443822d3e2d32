/* Pieces of a mail: quoted-printable, headers in lines and in encoded words, addresses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "mail/address.h"
#include "mail/header.h"
#include "mail/quoted.h"

static struct str out;

static int setup(void **state)
{
    (void)state;
    str_init(&out, KB(64));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    str_fini(&out);
    return 0;
}

static void assert_quoted(const char *text, const char *expected)
{
    str_clear(&out);
    quoted_add(&out, sv_of(text));
    assert_string_equal(str_cstr(&out), expected);
}

static void test_text_is_quoted(void **state)
{
    (void)state;
    assert_quoted("", "");
    assert_quoted("plain", "plain\r\n");
    assert_quoted("a=b\n", "a=3Db\r\n");
    assert_quoted("Niñas\n", "Ni=C3=B1as\r\n");
    assert_quoted("one\ntwo\rthree\r\nfour", "one\r\ntwo\r\nthree\r\nfour\r\n");
    assert_quoted("\n\n", "\r\n\r\n");
    assert_quoted("space \ntab\t", "space=20\r\ntab=09\r\n");
    assert_quoted(".\n..\nFrom here\nFrom: x\nx From \n",
                  "=2E\r\n=2E.\r\n=46rom here\r\nFrom: x\r\nx From=20\r\n");
}

static void test_a_quoted_line_has_76_characters_and_is_not_cut_in_a_byte(void **state)
{
    char text[400];
    char expected[500];

    (void)state;
    memset(text, 'x', 76);
    text[76] = '\0';
    snprintf(expected, sizeof expected, "%.75s=\r\nx\r\n", text);
    assert_quoted(text, expected);
    text[75] = '\0';
    snprintf(expected, sizeof expected, "%s\r\n", text);
    assert_quoted(text, expected);
    memcpy(text + 73, "=y", 3);
    snprintf(expected, sizeof expected, "%.73s=\r\n=3Dy\r\n", text);
    assert_quoted(text, expected);
    memset(text, 'x', 75);
    memcpy(text + 75, ".z", 3);
    snprintf(expected, sizeof expected, "%.75s=\r\n=2Ez\r\n", text);
    assert_quoted(text, expected);
}

static void assert_text(const char *text, const char *expected)
{
    struct header h;

    str_clear(&out);
    header_begin(&h, &out, "Subject");
    header_text(&h, sv_of(text));
    header_end(&h);
    assert_string_equal(str_cstr(&out), expected);
}

static void test_words_are_folded_where_they_can_be(void **state)
{
    (void)state;
    assert_text("Your check-in is due", "Subject: Your check-in is due\r\n");
    assert_text("A subject that is so long that it does not fit on one line, and is folded there",
                "Subject: A subject that is so long that it does not fit on one line, and is\r\n"
                " folded there\r\n");
}

static void test_what_is_not_ascii_is_encoded_readably_where_it_can_be(void **state)
{
    (void)state;
    assert_text("Revisión: mañana", "Subject: =?UTF-8?Q?Revisi=C3=B3n=3A_ma=C3=B1ana?=\r\n");
    assert_text("合作伙伴", "Subject: =?UTF-8?B?5ZCI5L2c5LyZ5Ly0?=\r\n");
    assert_text("é", "Subject: =?UTF-8?B?w6k=?=\r\n");
}

static void test_what_folding_would_change_is_encoded(void **state)
{
    (void)state;
    assert_text("two  spaces", "Subject: =?UTF-8?Q?two__spaces?=\r\n");
    assert_text(" first", "Subject: =?UTF-8?Q?_first?=\r\n");
    assert_text("=?UTF-8?Q?no?=", "Subject: =?UTF-8?Q?=3D=3FUTF-8=3FQ=3Fno=3F=3D?=\r\n");
}

static void test_encoded_words_end_between_characters_within_75_bytes(void **state)
{
    char text[] = "合合合合合合合合合合合合合合合合合合合合合";

    (void)state;
    assert_text(text,
                "Subject: =?UTF-8?B?5ZCI5ZCI5ZCI5ZCI5ZCI5ZCI5ZCI5ZCI5ZCI5ZCI5ZCI5ZCI5ZCI?=\r\n"
                " =?UTF-8?B?5ZCI5ZCI5ZCI5ZCI5ZCI5ZCI5ZCI5ZCI?=\r\n");
}

static void assert_phrase(const char *name, const char *expected)
{
    struct header h;

    str_clear(&out);
    header_begin(&h, &out, "To");
    header_phrase(&h, sv_of(name));
    header_token(&h, SV("<a@example.org>"));
    header_end(&h);
    assert_string_equal(str_cstr(&out), expected);
}

static void test_a_name_is_atoms_or_quoted_or_encoded(void **state)
{
    (void)state;
    assert_phrase("", "To: <a@example.org>\r\n");
    assert_phrase("Ana Lopez", "To: Ana Lopez <a@example.org>\r\n");
    assert_phrase("Lopez, Ana", "To: \"Lopez, Ana\" <a@example.org>\r\n");
    assert_phrase("A \"B\" \\C", "To: \"A \\\"B\\\" \\\\C\" <a@example.org>\r\n");
    assert_phrase("Ana López", "To: =?UTF-8?Q?Ana_L=C3=B3pez?= <a@example.org>\r\n");
    assert_phrase("=?x", "To: =?UTF-8?B?PT94?= <a@example.org>\r\n");
}

static void test_what_ends_a_line_is_not_clean(void **state)
{
    static const char *const dirty[] = {"a\nb",     "a\rb",     "a\tb", "\x7f",
                                        "\xc2\x85", "\xc2\x9f", "\x80", "\xed\xa0\x80"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(dirty); i++)
        assert_false(header_is_clean(sv_of(dirty[i])));
    assert_false(header_is_clean((struct sv){"a\0b", 3}));
    assert_true(header_is_clean(SV("Ana \xc2\xa0 López 合")));
    assert_true(header_is_clean(SV_NONE));
}

static void test_an_address_is_plain(void **state)
{
    static const char *const good[] = {"a@b", "o'neil+x@mail.example.org", "_@x-y.z"};
    static const char *const bad[] = {"",      "a",     "@b",      "a@",       "a@b@c",
                                      "a b@c", "<a@b>", "a@b\r\n", "\"a\"@b",  "a,b@c",
                                      "a@b;c", "é@b.c", "a@[1.2]", "a\x7f@b.c"};
    char longest[260];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++)
        assert_true(mail_address_is_good(sv_of(good[i])));
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(mail_address_is_good(sv_of(bad[i])));
    memset(longest, 'a', sizeof longest);
    longest[1] = '@';
    assert_true(mail_address_is_good((struct sv){longest, MAIL_ADDRESS_BYTES}));
    assert_false(mail_address_is_good((struct sv){longest, MAIL_ADDRESS_BYTES + 1}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_is_quoted),
        cmocka_unit_test(test_a_quoted_line_has_76_characters_and_is_not_cut_in_a_byte),
        cmocka_unit_test(test_words_are_folded_where_they_can_be),
        cmocka_unit_test(test_what_is_not_ascii_is_encoded_readably_where_it_can_be),
        cmocka_unit_test(test_what_folding_would_change_is_encoded),
        cmocka_unit_test(test_encoded_words_end_between_characters_within_75_bytes),
        cmocka_unit_test(test_a_name_is_atoms_or_quoted_or_encoded),
        cmocka_unit_test(test_what_ends_a_line_is_not_clean),
        cmocka_unit_test(test_an_address_is_plain),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
