/* Ours on top of mustache: catalogs, modes, limits, faults; and every embedded set is whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gen/templates.h"

static const char english[] =
    "{\"hello\":\"Hello, {{name}} & all\","
    "\"bold\":\"<b>{{name}}</b>\","
    "\"status\":{\"open\":\"open & fresh\",\"closed\":\"closed\"},"
    "\"days\":\"{{#one}}1 day & night{{/one}}{{^one}}{{n}} days{{/one}}\"}";
static const char spanish[] = "{\"hello\":\"Hola, {{name}}\",\"bold\":\"<i>{{name}}</i>\","
                              "\"status\":{\"closed\":\"cerrado\",\"open\":\"abierto\"},"
                              "\"days\":\"{{n}} d\xc3\xad"
                              "as\"}";

struct outcome {
    struct arena *arena;
    struct str out;
    bool done;
};

static struct outcome outcome;

static int setup(void **state)
{
    (void)state;
    outcome.arena = arena_new(KB(64));
    str_init(&outcome.out, KB(4));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(outcome.arena);
    str_fini(&outcome.out);
    return 0;
}

/* What comes of the text, or of the fault in it. */
static const char *render_as(enum template_mode mode, const char *locale, const char *text,
                             const char *data)
{
    const struct template_file files[] = {{"main", sv_of(text)}};
    const struct template_texts texts[] = {{"en", sv_of(english)}, {"es", sv_of(spanish)}};
    const struct template_set set = {"unit", files, 1, texts, 2};
    struct templates *templates;

    str_clear(&outcome.out);
    templates = templates_load(&set, &outcome.out);
    outcome.done =
        templates && template_render(templates, outcome.arena, &outcome.out, SV("main"), mode,
                                     sv_of(locale), template_data(outcome.arena, sv_of(data)));
    templates_free(templates);
    return str_cstr(&outcome.out);
}

static const char *render(const char *text, const char *data)
{
    return render_as(TEMPLATE_HTML, "en", text, data);
}

static void a_text_is_a_template_of_the_same_data(void **state)
{
    (void)state;
    assert_string_equal(render("{{t.hello}}", "{\"name\":\"<Ann>\"}"),
                        "Hello, &lt;Ann&gt; &amp; all");
    assert_string_equal(
        render("{{#p}}{{t.hello}}{{/p}}", "{\"p\":{\"name\":\"B\"},\"name\":\"A\"}"),
        "Hello, B &amp; all");
    assert_string_equal(render("{{t.days}}", "{\"one\":true}"), "1 day &amp; night");
    assert_string_equal(render("{{t.days}}", "{\"n\":0}"), "0 days");
}

static void a_raw_text_shows_its_markup_and_no_value_s(void **state)
{
    (void)state;
    assert_string_equal(render("{{{t.bold}}}", "{\"name\":\"<Ann>\"}"), "<b>&lt;Ann&gt;</b>");
    assert_string_equal(render("{{t.bold}}", "{\"name\":\"<Ann>\"}"),
                        "&lt;b&gt;&lt;Ann&gt;&lt;/b&gt;");
}

static void a_value_chooses_a_text(void **state)
{
    (void)state;
    assert_string_equal(render("{{t.status[s]}}", "{\"s\":\"open\"}"), "open &amp; fresh");
    assert_string_equal(render("{{t.status[a.s]}}", "{\"a\":{\"s\":\"closed\"}}"), "closed");
    assert_string_equal(render("{{t.status[s]}}", "{\"s\":\"o<d\"}"), "o&lt;d");
    assert_string_equal(render("[{{t.status[s]}}]", "{}"), "[]");
}

static void texts_may_name_texts(void **state)
{
    const struct template_file files[] = {{"main", SV("{{t.due}}")}};
    struct template_texts texts[] = {
        {"en", SV("{\"due\":\"Due {{#on}}{{t.date}}{{/on}}.\",\"date\":\"{{t.months[m]}} {{d}}\","
                  "\"months\":{\"5\":\"May\",\"6\":\"<June>\"}}")},
        {"en", SV("{\"due\":\"{{t.a}}\",\"a\":\"{{t.b}}\",\"b\":\"{{t.c}}\",\"c\":\"{{t.d}}\","
                  "\"d\":\"\"}")},
    };
    struct template_set set = {"unit", files, 1, texts, 1};
    struct templates *templates = templates_load(&set, &outcome.out);

    (void)state;
    assert_non_null(templates);
    assert_true(template_render(templates, outcome.arena, &outcome.out, SV("main"), TEMPLATE_HTML,
                                SV("en"),
                                template_data(outcome.arena, SV("{\"on\":{\"m\":6,\"d\":12}}"))));
    assert_string_equal(str_cstr(&outcome.out), "Due &lt;June&gt; 12.");
    templates_free(templates);
    set.texts = &texts[1]; /* one more than TEMPLATE_TEXTS */
    assert_null(templates_load(&set, &outcome.out));
    assert_string_equal(str_cstr(&outcome.out), "unit/en:1: too deep a text of texts: a");
}

static void data_never_is_a_text(void **state)
{
    (void)state;
    assert_string_equal(render("{{t.hello}}", "{\"t\":{\"hello\":\"mine\"},\"name\":\"A\"}"),
                        "Hello, A &amp; all");
    assert_string_equal(render("{{name}}{{{name}}}", "{\"name\":\"{{t.hello}}\"}"),
                        "{{t.hello}}{{t.hello}}");
}

static void a_language_without_a_catalog_gets_the_first(void **state)
{
    const char *data = "{\"name\":\"Ann\",\"n\":2}";

    (void)state;
    assert_string_equal(render_as(TEMPLATE_HTML, "es", "{{t.hello}} {{t.days}}", data),
                        "Hola, Ann 2 d\xc3\xad"
                        "as");
    assert_string_equal(render_as(TEMPLATE_HTML, "es-MX", "{{t.hello}}", data), "Hola, Ann");
    assert_string_equal(render_as(TEMPLATE_HTML, "fr", "{{t.hello}}", data),
                        "Hello, Ann &amp; all");
    assert_string_equal(render_as(TEMPLATE_HTML, "", "{{t.hello}}", data), "Hello, Ann &amp; all");
}

static void text_mode_escapes_nothing(void **state)
{
    const char *data = "{\"name\":\"<A & 'B' \\\"C\\\">\"}";

    (void)state;
    assert_string_equal(render_as(TEMPLATE_TEXT, "en", "{{name}} {{t.hello}}", data),
                        "<A & 'B' \"C\"> Hello, <A & 'B' \"C\"> & all");
    assert_string_equal(render("<p title='{{name}}'>", data),
                        "<p title='&lt;A &amp; &#39;B&#39; &quot;C&quot;&gt;'>");
}

static void the_lines_of_a_value_end_in_a_mail_where_they_were_ended(void **state)
{
    const char *data = "{\"name\":\"<A>\\nB\\n\\nC\"}";

    (void)state;
    assert_string_equal(
        render_as(TEMPLATE_MAIL, "en", "<p title='{{name}}'>{{name}}</p>\n{{{t.bold}}}", data),
        "<p title='&lt;A&gt;\nB\n\nC'>&lt;A&gt;<br>\nB<br>\n<br>\nC</p>\n"
        "<b>&lt;A&gt;<br>\nB<br>\n<br>\nC</b>");
    assert_string_equal(render("{{name}}", data), "&lt;A&gt;\nB\n\nC");
}

static void zero_is_something_and_an_empty_text_is_not(void **state)
{
    (void)state;
    assert_string_equal(render("{{#n}}{{.}}{{/n}}{{^n}}none{{/n}}", "{\"n\":0}"), "0");
    assert_string_equal(render("{{#n}}some{{/n}}{{^n}}none{{/n}}", "{\"n\":\"\"}"), "none");
    assert_string_equal(render("{{n}}{{o}}", "{\"n\":[1],\"o\":{\"a\":1}}"), "");
    assert_string_equal(render("{{a}} {{b}}", "{\"a\":true,\"b\":-9223372036854775808}"),
                        "true -9223372036854775808");
}

static void data_that_is_no_json_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < 5; i++) {
        const char *data[] = {"", "[", "one", "{", "{\"n\":1e999}"};

        render("a", data[i]);
        assert_false(outcome.done);
    }
}

static void what_is_wrong_with_a_template_is_said_with_its_line(void **state)
{
    static const struct {
        const char *text;
        const char *why;
    } cases[] = {
        {"\n{{a", "unit/main:2: this tag has no end "},
        {"{{{a}}", "unit/main:1: this tag has no end "},
        {"\n\n{{=<%%>=}}", "unit/main:3: these are no two delimiters "},
        {"{{=<% %> %=}}", "unit/main:1: these are no two delimiters "},
        {"{{=<= %>=}}", "unit/main:1: these are no two delimiters "},
        {"{{=<% %>}}", "unit/main:1: this tag has no end "},
        {"{{=<% %>=}}<%a}}", "unit/main:1: this tag has no end "},
        {"{{}}", "unit/main:1: this is no name "},
        {"{{a b}}", "unit/main:1: this is no name "},
        {"{{a..b}}", "unit/main:1: this is no name "},
        {"{{t.}}", "unit/main:1: this is no name of a text "},
        {"{{t.status[s}}", "unit/main:1: a text's key has no end "},
        {"{{t.status[]}}", "unit/main:1: a text's key is no name "},
        {"{{#t.hello}}{{/t.hello}}", "unit/main:1: this is no name of a section "},
        {"{{#a}}\n{{/b}}", "unit/main:2: this closes another section than the one that is open "},
        {"{{/a}}", "unit/main:1: this closes another section than the one that is open "},
        {"{{#a}}\n", "unit/main:2: a section is open at the end "},
        {"{{> no.one}}", "unit/main:1: there is no template no.one"},
        {"a\n{{t.none}}", "unit/main:2: there is no text none"},
        {"{{t.status}}", "unit/main:1: there is no text status"},
        {"{{t.hello[a]}}", "unit/main:1: there is no text hello"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_string_equal(render(cases[i].text, "{}"), cases[i].why);
        assert_false(outcome.done);
    }
}

/* The fault in a Spanish catalog beside an English one of one text. */
static const char *catalog_fault(const char *json)
{
    const struct template_file files[] = {{"main", SV("a")}};
    const struct template_texts texts[] = {{"en", SV("{\"a\":{\"b\":\"c\"}}")},
                                           {"es", sv_of(json)}};
    const struct template_set set = {"unit", files, 1, texts, 2};
    struct templates *templates;

    str_clear(&outcome.out);
    templates = templates_load(&set, &outcome.out);
    assert_null(templates);
    return str_cstr(&outcome.out);
}

static void no_language_has_texts_that_the_first_lacks(void **state)
{
    (void)state;
    assert_string_equal(catalog_fault("{\"a\":{\"b\":\"c\",\"d\":\"\"}}"),
                        "unit/es:1: the first language lacks a.d");
    assert_string_equal(catalog_fault("{\"a\":\"b\"}"), "unit/es:1: the first language lacks a");
    assert_string_equal(catalog_fault("{\"a\":{\"b\":1}}"),
                        "unit/es:1: neither text nor object: a.b");
    assert_string_equal(catalog_fault("{\"a\":{\"b\":\"{{x\"}}"),
                        "unit/es:1: this tag has no end a.b");
    assert_string_equal(catalog_fault("{\"a\":{\"b\":\"{{>c}}\"}}"),
                        "unit/es:1: a template within a text: c");
    assert_string_equal(catalog_fault("{\"a\":{\"b\":\"{{#x}}{{t.a.b}}{{/x}}\"}}"),
                        "unit/es:1: too deep a text of texts: a.b");
    assert_string_equal(catalog_fault("{\"a\":{\"b\":\"{{t.a[x]}}\"}}"),
                        "unit/es:1: too deep a text of texts: a");
    assert_string_equal(catalog_fault("[]"), "unit/es:1: no JSON object of texts ");
    assert_string_equal(catalog_fault("{\"a\":{\"b\":\"c\",\"b\":\"c\"}}"),
                        "unit/es:1: no JSON object of texts ");
}

static void sections_nest_to_their_limit(void **state)
{
    struct str text;

    (void)state;
    str_init(&text, KB(4));
    for (int extra = 0; extra < 2; extra++) {
        str_clear(&text);
        for (int i = 0; i < TEMPLATE_SECTIONS + extra; i++)
            STR_ADD(&text, "{{#a}}");
        STR_ADD(&text, "x");
        for (int i = 0; i < TEMPLATE_SECTIONS + extra; i++)
            STR_ADD(&text, "{{/a}}");
        render(str_cstr(&text), "{\"a\":true}");
        assert_int_equal(outcome.done, extra == 0);
    }
    assert_string_equal(str_cstr(&outcome.out), "unit/main:1: too many sections are open ");
    str_fini(&text);
}

/* A partial of itself, as often as the data has a list within a list. */
static void partials_nest_to_their_limit(void **state)
{
    const struct template_file files[] = {{"main", SV("{{>in}}")},
                                          {"in", SV("x{{#a}}{{>in}}{{/a}}")}};
    const struct template_set set = {"unit", files, 2, NULL, 0};
    struct templates *templates = templates_load(&set, &outcome.out);

    (void)state;
    for (int extra = 0; extra < 2; extra++) {
        struct str data;

        str_init(&data, KB(4));
        for (int i = 1; i < TEMPLATE_PARTIALS + extra; i++)
            STR_ADD(&data, "{\"a\":");
        STR_ADD(&data, "{\"a\":null}");
        for (int i = 1; i < TEMPLATE_PARTIALS + extra; i++)
            STR_ADD(&data, "}");
        str_clear(&outcome.out);
        assert_int_equal(template_render(templates, outcome.arena, &outcome.out, SV("main"),
                                         TEMPLATE_HTML, SV("en"),
                                         template_data(outcome.arena, str_view(&data))),
                         extra == 0);
        assert_int_equal(outcome.out.n, TEMPLATE_PARTIALS);
        str_fini(&data);
    }
    templates_free(templates);
}

static void a_result_past_its_limit_is_refused(void **state)
{
    const struct template_file files[] = {{"main", SV("{{#a}}{{.}}{{/a}}")}};
    const struct template_set set = {"unit", files, 1, NULL, 0};
    struct templates *templates = templates_load(&set, &outcome.out);
    struct str out;

    (void)state;
    for (size_t limit = 5; limit < 8; limit++) {
        str_init(&out, limit);
        assert_int_equal(template_render(templates, outcome.arena, &out, SV("main"), TEMPLATE_HTML,
                                         SV("en"),
                                         template_data(outcome.arena, SV("{\"a\":[11,22,33]}"))),
                         limit >= 6);
        str_fini(&out);
    }
    templates_free(templates);
}

static void add_list(struct str *data, const char *name, int items)
{
    str_addf(data, "\"%s\":[0", name);
    for (int i = 1; i < items; i++)
        STR_ADD(data, ",0");
    STR_ADD(data, "],");
}

/* 1 + 500 * (1 + 998) pieces, and one and one for each c. */
static void a_result_of_too_many_pieces_is_refused(void **state)
{
    struct str data;

    (void)state;
    for (int items = 498; items <= 499; items++) {
        str_init(&data, KB(8));
        STR_ADD(&data, "{");
        add_list(&data, "a", 500);
        add_list(&data, "b", 998);
        add_list(&data, "c", items);
        STR_ADD(&data, "\"d\":0}");
        render("{{#a}}{{#b}}{{x}}{{/b}}{{/a}}{{#c}}{{x}}{{/c}}", str_cstr(&data));
        assert_int_equal(outcome.done, items == 498);
        str_fini(&data);
    }
}

static void embedded_sets_are_whole(void **state)
{
    (void)state;
    for (size_t i = 0; template_sets[i]; i++) {
        struct templates *templates;

        str_clear(&outcome.out);
        templates = templates_load(template_sets[i], &outcome.out);
        if (!templates)
            fail_msg("%s", str_cstr(&outcome.out));
        for (size_t k = 0; k < template_sets[i]->file_count; k++)
            assert_true(templates_has(templates, sv_of(template_sets[i]->files[k].name)));
        templates_free(templates);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_is_a_template_of_the_same_data),
        cmocka_unit_test(a_raw_text_shows_its_markup_and_no_value_s),
        cmocka_unit_test(a_value_chooses_a_text),
        cmocka_unit_test(texts_may_name_texts),
        cmocka_unit_test(data_never_is_a_text),
        cmocka_unit_test(a_language_without_a_catalog_gets_the_first),
        cmocka_unit_test(text_mode_escapes_nothing),
        cmocka_unit_test(the_lines_of_a_value_end_in_a_mail_where_they_were_ended),
        cmocka_unit_test(zero_is_something_and_an_empty_text_is_not),
        cmocka_unit_test(data_that_is_no_json_is_refused),
        cmocka_unit_test(what_is_wrong_with_a_template_is_said_with_its_line),
        cmocka_unit_test(no_language_has_texts_that_the_first_lacks),
        cmocka_unit_test(sections_nest_to_their_limit),
        cmocka_unit_test(partials_nest_to_their_limit),
        cmocka_unit_test(a_result_past_its_limit_is_refused),
        cmocka_unit_test(a_result_of_too_many_pieces_is_refused),
        cmocka_unit_test(embedded_sets_are_whole),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
