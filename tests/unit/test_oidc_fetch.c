/* Which addresses of identity providers are asked at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "oidc/fetch.h"

static void test_https_alone_is_asked_and_this_machine_where_that_is_said(void **state)
{
    static const struct {
        const char *url;
        bool always;
        bool with_loopback;
    } rows[] = {
        {"https://id.example.org", true, true},
        {"https://id.example.org/a/b?c=d", true, true},
        {"https://user@id.example.org/", false, false},
        {"https://id.example.org/#a", false, false},
        {"https://id.example.org/ a", false, false},
        {"https://id.example.org/\r\nHost: x", false, false},
        {"https://id.example.org\\@x", false, false},
        {"HTTPS://id.example.org", false, false},
        {"http://id.example.org", false, false},
        {"http://localhost", false, true},
        {"http://localhost:8080/a", false, true},
        {"http://127.0.0.1:80", false, true},
        {"http://[::1]:80/a", false, true},
        {"http://localhost.example.org/", false, false},
        {"http://127.0.0.1.example.org/", false, false},
        {"http://127.0.0.1:80x.example.org/", false, false},
        {"http://127.0.0.1:80@example.org/", false, false},
        {"http://localhost?x", false, false},
        {"file:///etc/passwd", false, false},
        {"gopher://localhost/", false, false},
        {"", false, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (oidc_may_fetch(sv_of(rows[i].url), false) != rows[i].always ||
            oidc_may_fetch(sv_of(rows[i].url), true) != rows[i].with_loopback)
            fail_msg("%s", rows[i].url);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_https_alone_is_asked_and_this_machine_where_that_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
