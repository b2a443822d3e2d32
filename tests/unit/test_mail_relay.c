/* Where mails can go, and a folder of them. */
#include "mail/relay.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define ID "0198c0a2-0000-7000-8000-000000000001"

static char folder[] = "/tmp/kith-maildir-XXXXXX";

static int setup(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state)
{
    static const char *const parts[] = {("box/new/" ID), "box/new", "box/tmp",
                                        "box/cur",       "box",     ""};
    char path[200];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        snprintf(path, sizeof path, "%s/%s", folder, parts[i]);
        assert_int_equal(remove(path), 0); /* nothing else is there */
    }
    return 0;
}

static void test_urls_that_are_taken(void **state)
{
    static const char *const urls[] = {
        "smtp://relay.example.org",
        "smtp://relay.example.org:587",
        "smtp://user%40x:p%3Ass@relay.example.org:587?tls=required",
        "smtp://127.0.0.1:25?tls=off",
        "smtp://me:secret@localhost",
        "smtp://[::1]:2525/",
        "smtp://10.0.0.1?tls=optional",
        "smtps://u:p@relay.example.org",
        "maildir:/var/spool/kith",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(urls); i++)
        assert_null(mail_relay_trouble(urls[i]));
}

static void test_urls_that_are_refused(void **state)
{
    static const char *const urls[] = {
        "",
        "relay.example.org",
        "http://relay.example.org",
        "smtp://",
        "smtp://relay.example.org/path",
        "smtp://relay.example.org?starttls=no",
        "smtp://u:secret@relay.example.org?tls=optional",
        "smtp://u:secret@relay.example.org?tls=off",
        "smtp://relay.example.org:99999",
        "maildir:",
        "maildir:here",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        const char *why = mail_relay_trouble(urls[i]);

        assert_non_null(why);
        assert_null(strstr(why, "secret"));
    }
}

static struct mail_relay *open_box(char url[200])
{
    snprintf(url, 200, "maildir:%s/box", folder);
    return mail_relay_new(&(struct mail_relay_opts){.url = url, .from = "a@example.org"});
}

static void assert_kept(const char *text)
{
    char path[200];
    char found[100] = "";
    struct stat file;
    FILE *in;

    snprintf(path, sizeof path, "%s/box/new/" ID, folder);
    in = fopen(path, "r");
    assert_non_null(in);
    found[fread(found, 1, sizeof found - 1, in)] = '\0';
    assert_int_equal(fstat(fileno(in), &file), 0);
    assert_int_equal(file.st_mode & 0777, 0600);
    fclose(in);
    assert_string_equal(found, text);
}

static void test_a_mail_is_one_file_however_often_it_is_sent(void **state)
{
    char url[200];
    struct mail_relay *relay = open_box(url);
    struct mail_result result;

    (void)state;
    mail_relay_send(relay, ID, NULL, "b@example.org", SV("one\r\n"), &result);
    assert_int_equal(result.outcome, MAIL_ACCEPTED);
    mail_relay_send(relay, ID, NULL, "b@example.org", SV("two\r\n"), &result);
    assert_int_equal(result.outcome, MAIL_ACCEPTED);
    assert_kept("one\r\n");
    mail_relay_free(relay);
}

static void test_an_address_that_is_none_is_refused_before_it_is_said(void **state)
{
    char url[200];
    struct mail_relay *relay = open_box(url);
    struct mail_result result;

    (void)state;
    mail_relay_send(relay, ID, NULL, "b@example.org>\r\nRCPT TO:<c@example.org", SV("x"), &result);
    assert_int_equal(result.outcome, MAIL_REFUSED);
    assert_int_equal(result.cause, MAIL_CAUSE_ADDRESS);
    mail_relay_free(relay);
}

static void test_a_folder_that_cannot_be_made_is_for_later(void **state)
{
    struct mail_relay *relay = mail_relay_new(
        &(struct mail_relay_opts){.url = "maildir:/proc/none", .from = "a@example.org"});
    struct mail_result result;

    (void)state;
    mail_relay_send(relay, ID, NULL, "b@example.org", SV("x"), &result);
    assert_int_equal(result.outcome, MAIL_DEFERRED);
    assert_int_equal(result.cause, MAIL_CAUSE_RELAY);
    assert_string_not_equal(result.detail, "");
    mail_relay_free(relay);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_urls_that_are_taken),
        cmocka_unit_test(test_urls_that_are_refused),
        cmocka_unit_test(test_a_mail_is_one_file_however_often_it_is_sent),
        cmocka_unit_test(test_an_address_that_is_none_is_refused_before_it_is_said),
        cmocka_unit_test(test_a_folder_that_cannot_be_made_is_for_later),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
