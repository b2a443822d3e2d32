/* What a file is, by its bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../services/api/file_type.c"

static const char *told(struct sv head)
{
    const struct file_type *type = file_type_of(head, file_is_text(head));

    return type ? type->media_type : "none";
}

static void test_a_file_is_what_its_bytes_say(void **state)
{
    (void)state;
    assert_string_equal(told(SV("%PDF-1.7\n\x01")), "application/pdf");
    assert_string_equal(told(SV("\x89PNG\r\n\x1a\n....")), "image/png");
    assert_string_equal(told(SV("\xff\xd8\xff\xe0")), "image/jpeg");
    assert_string_equal(told(SV("PK\x03\x04....[Content_Types].xml....xl/workbook.xml")),
                        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
    assert_string_equal(told(SV("PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.textPK")),
                        "application/vnd.oasis.opendocument.text");
    assert_string_equal(told(SV("name,kind\r\n\xc3\xa9,1\r\n")), "text/plain");
}

static void test_what_is_none_of_them_is_not_taken(void **state)
{
    (void)state;
    assert_string_equal(told(SV("PK\x03\x04....evil.exe")), "none");
    assert_string_equal(told(SV("MZ\x90\x03")), "none");
    assert_string_equal(told(SV("text with a \x01")), "none");
    assert_string_equal(told(SV("text with a \0")), "none");
    assert_string_equal(told(SV("GIF89a\x01")), "none");
    assert_null(file_type_named(SV("text/html")));
    assert_non_null(file_type_named(SV("Text/CSV; charset=utf-8")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_file_is_what_its_bytes_say),
        cmocka_unit_test(test_what_is_none_of_them_is_not_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
