/* Languages: which one stands in for another, and in which direction one is written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "template/template.h"

static void what_a_language_lacks_is_said_in_one_that_has_it(void **state)
{
    static const char text[] = "<title>{{t.a}}</title><p title=\"{{t.a}}\">{{t.a}} {{t.b}} "
                               "{{t.s[k]}} {{t.s[l]}} {{t.s[m]}}</p>";
    const struct template_file files[] = {{"main", {text, sizeof text - 1}}};
    const struct template_texts texts[] = {
        {"en", SV("{\"a\":\"A {{t.b}}\",\"b\":\"B\",\"s\":{\"x\":\"X\",\"y\":\"Y\"}}")},
        {"ar", SV("{\"b\":\"b\"}")},
        {"es", SV("{\"b\":\"be\",\"s\":{\"x\":\"equis {{t.a}}\"}}")},
    };
    const struct template_set set = {"unit", files, 1, texts, 3};
    struct arena *arena = arena_new(KB(64));
    struct templates *templates;
    struct str out;
    const struct sv data = SV("{\"k\":\"x\",\"l\":\"y\",\"m\":\"z\"}");

    (void)state;
    str_init(&out, KB(4));
    templates = templates_load(&set, &out);
    assert_non_null(templates);
    assert_true(template_render(templates, arena, &out, SV("main"), TEMPLATE_HTML, SV("ar,es-MX"),
                                template_data(arena, data)));
    assert_string_equal(
        str_cstr(&out),
        "<title>A B</title><p title=\"A B\"><span lang=\"en\" dir=\"ltr\">A B</span> b "
        "<span lang=\"es\" dir=\"ltr\">equis <span lang=\"en\" dir=\"ltr\">A B</span></span> "
        "<span lang=\"en\" dir=\"ltr\">Y</span> z</p>");
    str_clear(&out);
    assert_true(template_render(templates, arena, &out, SV("main"), TEMPLATE_TEXT, SV("ar"),
                                template_data(arena, data)));
    assert_string_equal(str_cstr(&out), "<title>A B</title><p title=\"A B\">A B b X Y z</p>");
    templates_free(templates);
    arena_free(arena);
    str_fini(&out);
}

static void some_languages_are_written_from_right_to_left(void **state)
{
    static const char *const rightward[] = {"en", "es-MX", "ks-Deva", "uz-Cyrl", "a", "", "ara"};
    static const char *const leftward[] = {"ar", "AR-XB", "he", "fa-AF", "ur", "pa-Arab", "yi"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rightward); i++) {
        assert_true(sv_eq(template_direction(sv_of(rightward[i])), SV("ltr")));
        assert_true(sv_eq(template_direction(sv_of(leftward[i])), SV("rtl")));
    }
}

/* UAX #9: within a sentence from right to left the signs of a phone number would take another
 * order. */
static void values_are_isolated_in_a_mail_from_right_to_left(void **state)
{
    static const char text[] = "<p title=\"{{t.call}}\">{{t.call}} {{phone}}</p>";
    const struct template_file files[] = {{"main", {text, sizeof text - 1}}};
    const struct template_texts texts[] = {{"en", SV("{\"call\":\"Call {{phone}}: {{url}}\"}")},
                                           {"ar", SV("{\"call\":\"C {{phone}}: {{url}}\"}")}};
    const struct template_set set = {"unit", files, 1, texts, 2};
    const struct sv data = SV("{\"phone\":\"(1) 2\",\"url\":\"https://a.example\"}");
    const struct {
        enum template_mode mode;
        const char *locale;
        const char *out;
    } cases[] = {
        {TEMPLATE_MAIL, "ar",
         "<p title=\"C \u2068(1) 2\u2069: https://a.example\">"
         "C <bdi>(1) 2</bdi>: https://a.example (1) 2</p>"},
        {TEMPLATE_TEXT, "ar",
         "<p title=\"C \u2068(1) 2\u2069: https://a.example\">"
         "C \u2068(1) 2\u2069: https://a.example (1) 2</p>"},
        {TEMPLATE_MAIL, "en",
         "<p title=\"Call (1) 2: https://a.example\">Call (1) 2: https://a.example (1) 2</p>"},
        {TEMPLATE_HTML, "ar",
         "<p title=\"C (1) 2: https://a.example\">C (1) 2: https://a.example (1) 2</p>"},
    };
    struct arena *arena = arena_new(KB(64));
    struct templates *templates;
    struct str out;

    (void)state;
    str_init(&out, KB(4));
    templates = templates_load(&set, &out);
    assert_non_null(templates);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        str_clear(&out);
        assert_true(template_render(templates, arena, &out, SV("main"), cases[i].mode,
                                    sv_of(cases[i].locale), template_data(arena, data)));
        assert_string_equal(str_cstr(&out), cases[i].out);
    }
    templates_free(templates);
    arena_free(arena);
    str_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_language_lacks_is_said_in_one_that_has_it),
        cmocka_unit_test(values_are_isolated_in_a_mail_from_right_to_left),
        cmocka_unit_test(some_languages_are_written_from_right_to_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
