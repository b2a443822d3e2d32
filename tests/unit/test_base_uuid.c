/* UUIDs: order, version and variant bits, uniqueness, the time inside; and the table of errors. */
#include "base/uuid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/errors.h"

#define MANY 100000

static int by_text(const void *a, const void *b)
{
    const struct uuid *left = a;
    const struct uuid *right = b;

    return strcmp(left->text, right->text);
}

static void test_version_7_ascends_and_holds_the_time(void **state)
{
    int64_t before_ms = clock_real_ms();
    struct uuid last = uuid7_new();
    char time[13];

    (void)state;
    memcpy(time, last.text, 8);
    memcpy(time + 8, last.text + 9, 4);
    time[12] = '\0';
    assert_true(strtoll(time, NULL, 16) >= before_ms);
    assert_true(strtoll(time, NULL, 16) <= clock_real_ms());
    for (int i = 0; i < MANY; i++) { /* far more than 4096 in a millisecond */
        struct uuid next = uuid7_new();
        struct uuid parsed;

        assert_true(strcmp(next.text, last.text) > 0);
        assert_int_equal(next.text[14], '7');
        assert_non_null(strchr("89ab", next.text[19]));
        assert_true(uuid_parse(uuid_view(&next), &parsed));
        last = next;
    }
}

static void test_version_4_is_unique(void **state)
{
    struct uuid *ids = x_calloc(MANY, sizeof *ids);

    (void)state;
    for (int i = 0; i < MANY; i++) {
        ids[i] = uuid4_new();
        assert_int_equal(ids[i].text[14], '4');
        assert_non_null(strchr("89ab", ids[i].text[19]));
    }
    qsort(ids, MANY, sizeof *ids, by_text);
    for (int i = 1; i < MANY; i++)
        assert_string_not_equal(ids[i - 1].text, ids[i].text);
    x_free(ids);
}

static void test_parsing(void **state)
{
    static const char *const bad[] = {
        "",
        "0190f5a0-7c00-7000-8000-00000000000",
        "0190f5a0-7c00-7000-8000-0000000000000",
        "0190f5a0-7c00-7000-8000-00000000000g",
        "0190f5a07c00-7000-8000-00000000-0000",
        "0190f5a0_7c00-7000-8000-000000000000",
        "0190f5a0-7c00-7000-8000 000000000000",
        "{0190f5a0-7c00-7000-8000-00000000000}",
    };
    struct uuid id;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(uuid_parse(sv_of(bad[i]), &id));
    assert_true(uuid_parse(SV("0190F5A0-7c00-7000-8000-00000000abCD"), &id));
    assert_string_equal(id.text, "0190f5a0-7c00-7000-8000-00000000abcd");
    assert_true(uuid_parse(SV("00000000-0000-0000-0000-000000000000"), &id));
}

static void test_the_table_of_errors_is_sane(void **state)
{
    (void)state;
    assert_true(ERROR_COUNT > 10);
    for (int i = 0; i < ERROR_COUNT; i++) {
        const struct error *e = error_of((enum error_code)i);
        size_t n = strlen(e->title);

        assert_true(e->status >= 400 && e->status <= 599);
        assert_true(n > 1 && e->title[n - 1] == '.');
        assert_true(e->title[0] >= 'A' && e->title[0] <= 'Z');
        assert_true(e->type[0] != '\0');
        assert_int_equal(strspn(e->type, "abcdefghijklmnopqrstuvwxyz0123456789_"), strlen(e->type));
        for (int j = 0; j < i; j++)
            assert_string_not_equal(e->type, error_of((enum error_code)j)->type);
    }
    assert_int_equal(error_of(ERR_NOT_FOUND)->status, 404);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_version_7_ascends_and_holds_the_time),
        cmocka_unit_test(test_version_4_is_unique),
        cmocka_unit_test(test_parsing),
        cmocka_unit_test(test_the_table_of_errors_is_sane),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
