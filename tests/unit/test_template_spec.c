/* Each case of the mustache specification's core (github.com/mustache/spec 1.4: interpolation,
 * sections, inverted, comments, partials, delimiters), by its name there, with data and words of
 * our own where the case leaves them open. One is left out: the partial that is missing ("failed
 * lookup"), which is a fault here (template.h). Its optional modules are none of ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "template/template.h"

struct spec {
    const char *name;
    const char *data;
    const char *text;
    const char *expected;
    struct template_file partials[2];
};

#define PARTIAL(name, text)           \
    {                                 \
        name,                         \
        {                             \
            "" text, sizeof(text) - 1 \
        }                             \
    }

static const struct spec interpolation[] = {
    {"no interpolation", "{}", "Hello from {Mustache}!\n", "Hello from {Mustache}!\n"},
    {"basic", "{\"subject\":\"world\"}", "Hello, {{subject}}!\n", "Hello, world!\n"},
    {"no re-interpolation", "{\"template\":\"{{planet}}\",\"planet\":\"Earth\"}",
     "{{template}}: {{planet}}", "{{planet}}: Earth"},
    {"escaping", "{\"forbidden\":\"& \\\" < >\"}", "{{forbidden}}\n", "&amp; &quot; &lt; &gt;\n"},
    {"triple", "{\"forbidden\":\"& \\\" < >\"}", "{{{forbidden}}}\n", "& \" < >\n"},
    {"ampersand", "{\"forbidden\":\"& \\\" < >\"}", "{{&forbidden}}\n", "& \" < >\n"},
    {"integer", "{\"mph\":85}", "\"{{mph}} miles an hour!\"", "\"85 miles an hour!\""},
    {"triple integer", "{\"mph\":85}", "{{{mph}}}", "85"},
    {"ampersand integer", "{\"mph\":85}", "{{&mph}}", "85"},
    {"decimal", "{\"power\":1.21}", "\"{{power}} jiggawatts!\"", "\"1.21 jiggawatts!\""},
    {"triple decimal", "{\"power\":1.210}", "{{{power}}}", "1.21"},
    {"null", "{\"cannot\":null}", "I ({{cannot}}) be seen!", "I () be seen!"},
    {"triple null", "{\"cannot\":null}", "I ({{{cannot}}}) be seen!", "I () be seen!"},
    {"ampersand null", "{\"cannot\":null}", "I ({{&cannot}}) be seen!", "I () be seen!"},
    {"context miss", "{}", "I ({{cannot}}) be seen!", "I () be seen!"},
    {"triple miss", "{}", "I ({{{cannot}}}) be seen!", "I () be seen!"},
    {"ampersand miss", "{}", "I ({{&cannot}}) be seen!", "I () be seen!"},
    {"dotted", "{\"person\":{\"name\":\"Joe\"}}",
     "\"{{person.name}}\" == \"{{#person}}{{name}}{{/person}}\"", "\"Joe\" == \"Joe\""},
    {"dotted, triple", "{\"person\":{\"name\":\"Joe\"}}", "{{{person.name}}}", "Joe"},
    {"dotted, ampersand", "{\"person\":{\"name\":\"Joe\"}}", "{{&person.name}}", "Joe"},
    {"dotted, any depth", "{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":{\"name\":\"Phil\"}}}}}}",
     "\"{{a.b.c.d.e.name}}\" == \"Phil\"", "\"Phil\" == \"Phil\""},
    {"dotted, broken chain", "{\"a\":{}}", "\"{{a.b.c}}\" == \"\"", "\"\" == \"\""},
    {"dotted, chain resolution", "{\"a\":{\"b\":{}},\"c\":{\"name\":\"Jim\"}}",
     "\"{{a.b.c.name}}\" == \"\"", "\"\" == \"\""},
    {"dotted, initial resolution",
     "{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":{\"name\":\"Phil\"}}}}},"
     "\"b\":{\"c\":{\"d\":{\"e\":{\"name\":\"Wrong\"}}}}}",
     "\"{{#a}}{{b.c.d.e.name}}{{/a}}\" == \"Phil\"", "\"Phil\" == \"Phil\""},
    {"dotted, context precedence", "{\"a\":{\"b\":{}},\"b\":{\"c\":\"ERROR\"}}",
     "{{#a}}{{b.c}}{{/a}}", ""},
    {"dotted, never a single key", "{\"a.b\":\"c\"}", "{{a.b}}", ""},
    {"dotted, no masking", "{\"a.b\":\"c\",\"a\":{\"b\":\"d\"}}", "{{a.b}}", "d"},
    {"surrounding whitespace", "{\"string\":\"---\"}", "| {{string}} |", "| --- |"},
    {"triple, whitespace", "{\"string\":\"---\"}", "| {{{string}}} |", "| --- |"},
    {"ampersand, whitespace", "{\"string\":\"---\"}", "| {{&string}} |", "| --- |"},
    {"standalone", "{\"string\":\"---\"}", "  {{string}}\n", "  ---\n"},
    {"triple, standalone", "{\"string\":\"---\"}", "  {{{string}}}\n", "  ---\n"},
    {"ampersand, standalone", "{\"string\":\"---\"}", "  {{&string}}\n", "  ---\n"},
    {"implicit iterator, basic", "\"world\"", "Hello, {{.}}!\n", "Hello, world!\n"},
    {"implicit iterator, escaping", "\"& \\\" < >\"", "{{.}}\n", "&amp; &quot; &lt; &gt;\n"},
    {"implicit iterator, triple", "\"& \\\" < >\"", "{{{.}}}\n", "& \" < >\n"},
    {"implicit iterator, ampersand", "\"& \\\" < >\"", "{{&.}}\n", "& \" < >\n"},
    {"implicit iterator, integer", "85", "\"{{.}} miles an hour!\"", "\"85 miles an hour!\""},
    {"padding", "{\"string\":\"---\"}", "|{{ string }}|", "|---|"},
    {"triple, padding", "{\"string\":\"---\"}", "|{{{ string }}}|", "|---|"},
    {"ampersand, padding", "{\"string\":\"---\"}", "|{{& string }}|", "|---|"},
};

static const struct spec sections[] = {
    {"truthy", "{\"boolean\":true}", "\"{{#boolean}}This should be rendered.{{/boolean}}\"",
     "\"This should be rendered.\""},
    {"falsey", "{\"boolean\":false}", "\"{{#boolean}}No.{{/boolean}}\"", "\"\""},
    {"null is falsey", "{\"null\":null}", "\"{{#null}}No.{{/null}}\"", "\"\""},
    {"context", "{\"context\":{\"name\":\"Joe\"}}", "\"{{#context}}Hi {{name}}.{{/context}}\"",
     "\"Hi Joe.\""},
    {"parent contexts",
     "{\"a\":\"foo\",\"b\":\"wrong\",\"sec\":{\"b\":\"bar\"},\"c\":{\"d\":\"baz\"}}",
     "\"{{#sec}}{{a}}, {{b}}, {{c.d}}{{/sec}}\"", "\"foo, bar, baz\""},
    {"variable test", "{\"foo\":\"bar\"}", "\"{{#foo}}{{.}} is {{foo}}{{/foo}}\"",
     "\"bar is bar\""},
    {"list contexts",
     "{\"tops\":[{\"tname\":{\"upper\":\"A\",\"lower\":\"a\"},"
     "\"middles\":[{\"mname\":\"1\",\"bottoms\":[{\"bname\":\"x\"},{\"bname\":\"y\"}]}]}]}",
     "{{#tops}}{{#middles}}{{tname.lower}}{{mname}}."
     "{{#bottoms}}{{tname.upper}}{{mname}}{{bname}}.{{/bottoms}}{{/middles}}{{/tops}}",
     "a1.A1x.A1y."},
    {"deeply nested contexts",
     "{\"a\":{\"one\":1},\"b\":{\"two\":2},\"c\":{\"three\":3,\"d\":{\"four\":4,\"five\":5}}}",
     "{{#a}}\n{{one}}\n{{#b}}\n{{one}}{{two}}{{one}}\n{{#c}}\n"
     "{{one}}{{two}}{{three}}{{two}}{{one}}\n{{#d}}\n{{one}}{{two}}{{three}}{{four}}{{three}}\n"
     "{{#five}}\n{{one}}{{two}}{{three}}{{four}}{{five}}{{four}}\n"
     "{{one}}{{two}}{{three}}{{four}}{{.}}6{{.}}\n{{/five}}\n{{/d}}\n{{/c}}\n{{/b}}\n{{/a}}\n",
     "1\n121\n12321\n12343\n123454\n1234565\n"},
    {"list", "{\"list\":[{\"item\":1},{\"item\":2},{\"item\":3}]}",
     "\"{{#list}}{{item}}{{/list}}\"", "\"123\""},
    {"empty list", "{\"list\":[]}", "\"{{#list}}Yay lists!{{/list}}\"", "\"\""},
    {"doubled", "{\"bool\":true,\"two\":\"second\"}",
     "{{#bool}}\n* first\n{{/bool}}\n* {{two}}\n{{#bool}}\n* third\n{{/bool}}\n",
     "* first\n* second\n* third\n"},
    {"nested, truthy", "{\"bool\":true}", "| A {{#bool}}B {{#bool}}C{{/bool}} D{{/bool}} E |",
     "| A B C D E |"},
    {"nested, falsey", "{\"bool\":false}", "| A {{#bool}}B {{#bool}}C{{/bool}} D{{/bool}} E |",
     "| A  E |"},
    {"context miss", "{}", "[{{#missing}}Found key 'missing'!{{/missing}}]", "[]"},
    {"implicit iterator", "{\"list\":[\"a\",\"b\",\"c\"]}", "\"{{#list}}({{.}}){{/list}}\"",
     "\"(a)(b)(c)\""},
    {"implicit iterator, integers", "{\"list\":[1,2,3,4,5]}", "{{#list}}({{.}}){{/list}}",
     "(1)(2)(3)(4)(5)"},
    {"implicit iterator, decimals", "{\"list\":[1.1,2.2,3.3]}", "{{#list}}({{.}}){{/list}}",
     "(1.1)(2.2)(3.3)"},
    {"implicit iterator, lists", "{\"list\":[[1,2,3],[\"a\",\"b\",\"c\"]]}",
     "{{#list}}({{#.}}{{.}}{{/.}}){{/list}}", "(123)(abc)"},
    {"implicit iterator, root-level", "[{\"value\":\"a\"},{\"value\":\"b\"}]",
     "{{#.}}({{value}}){{/.}}", "(a)(b)"},
    {"implicit iterator, escaping", "{\"list\":[\"&\",\"<\"]}", "{{#list}}({{.}}){{/list}}",
     "(&amp;)(&lt;)"},
    {"implicit iterator, triple", "{\"list\":[\"&\",\"<\"]}", "{{#list}}({{{.}}}){{/list}}",
     "(&)(<)"},
    {"implicit iterator, ampersand", "{\"list\":[\"&\",\"<\"]}", "{{#list}}({{&.}}){{/list}}",
     "(&)(<)"},
    {"dotted, truthy", "{\"a\":{\"b\":{\"c\":true}}}", "{{#a.b.c}}Here{{/a.b.c}}", "Here"},
    {"dotted, falsey", "{\"a\":{\"b\":{\"c\":false}}}", "{{#a.b.c}}Here{{/a.b.c}}", ""},
    {"dotted, broken chain", "{\"a\":{}}", "{{#a.b.c}}Here{{/a.b.c}}", ""},
    {"surrounding whitespace", "{\"boolean\":true}", " | {{#boolean}}\t|\t{{/boolean}} | \n",
     " | \t|\t | \n"},
    {"internal whitespace", "{\"boolean\":true}",
     " | {{#boolean}} {{! Important Whitespace }}\n {{/boolean}} | \n", " |  \n  | \n"},
    {"indented inline", "{\"boolean\":true}",
     " {{#boolean}}YES{{/boolean}}\n {{#boolean}}GOOD{{/boolean}}\n", " YES\n GOOD\n"},
    {"standalone lines", "{\"boolean\":true}",
     "| This Is\n{{#boolean}}\n|\n{{/boolean}}\n| A Line\n", "| This Is\n|\n| A Line\n"},
    {"indented standalone lines", "{\"boolean\":true}",
     "| This Is\n  {{#boolean}}\n|\n  {{/boolean}}\n| A Line\n", "| This Is\n|\n| A Line\n"},
    {"standalone line endings", "{\"boolean\":true}", "|\r\n{{#boolean}}\r\n{{/boolean}}\r\n|",
     "|\r\n|"},
    {"standalone without previous line", "{\"boolean\":true}", "  {{#boolean}}\n#{{/boolean}}\n/",
     "#\n/"},
    {"standalone without newline", "{\"boolean\":true}", "#{{#boolean}}\n/\n  {{/boolean}}",
     "#\n/\n"},
    {"padding", "{\"boolean\":true}", "|{{# boolean }}={{/ boolean }}|", "|=|"},
};

static const struct spec inverted[] = {
    {"falsey", "{\"boolean\":false}", "\"{{^boolean}}Here{{/boolean}}\"", "\"Here\""},
    {"truthy", "{\"boolean\":true}", "\"{{^boolean}}Here{{/boolean}}\"", "\"\""},
    {"null", "{\"null\":null}", "\"{{^null}}Here{{/null}}\"", "\"Here\""},
    {"context", "{\"context\":{\"name\":\"Joe\"}}", "{{^context}}Hi {{name}}.{{/context}}", ""},
    {"list", "{\"list\":[{\"n\":1},{\"n\":2}]}", "{{^list}}{{n}}{{/list}}", ""},
    {"empty list", "{\"list\":[]}", "{{^list}}Yay lists!{{/list}}", "Yay lists!"},
    {"doubled", "{\"bool\":false,\"two\":\"second\"}",
     "{{^bool}}\n* first\n{{/bool}}\n* {{two}}\n{{^bool}}\n* third\n{{/bool}}\n",
     "* first\n* second\n* third\n"},
    {"nested, falsey", "{\"bool\":false}", "| A {{^bool}}B {{^bool}}C{{/bool}} D{{/bool}} E |",
     "| A B C D E |"},
    {"nested, truthy", "{\"bool\":true}", "| A {{^bool}}B {{^bool}}C{{/bool}} D{{/bool}} E |",
     "| A  E |"},
    {"context miss", "{}", "[{{^missing}}Cannot find key 'missing'!{{/missing}}]",
     "[Cannot find key 'missing'!]"},
    {"dotted, truthy", "{\"a\":{\"b\":{\"c\":true}}}", "{{^a.b.c}}Not Here{{/a.b.c}}", ""},
    {"dotted, falsey", "{\"a\":{\"b\":{\"c\":false}}}", "{{^a.b.c}}Not Here{{/a.b.c}}", "Not Here"},
    {"dotted, broken chain", "{\"a\":{}}", "{{^a.b.c}}Not Here{{/a.b.c}}", "Not Here"},
    {"surrounding whitespace", "{\"boolean\":false}", " | {{^boolean}}\t|\t{{/boolean}} | \n",
     " | \t|\t | \n"},
    {"internal whitespace", "{\"boolean\":false}",
     " | {{^boolean}} {{! Important Whitespace }}\n {{/boolean}} | \n", " |  \n  | \n"},
    {"indented inline", "{\"boolean\":false}",
     " {{^boolean}}NO{{/boolean}}\n {{^boolean}}WAY{{/boolean}}\n", " NO\n WAY\n"},
    {"standalone lines", "{\"boolean\":false}",
     "| This Is\n{{^boolean}}\n|\n{{/boolean}}\n| A Line\n", "| This Is\n|\n| A Line\n"},
    {"standalone line endings", "{\"boolean\":false}", "|\r\n{{^boolean}}\r\n{{/boolean}}\r\n|",
     "|\r\n|"},
    {"standalone without previous line", "{\"boolean\":false}", "  {{^boolean}}\n^{{/boolean}}\n/",
     "^\n/"},
    {"standalone without newline", "{\"boolean\":false}", "^{{^boolean}}\n/\n  {{/boolean}}",
     "^\n/\n"},
    {"padding", "{\"boolean\":false}", "|{{^ boolean }}={{/ boolean }}|", "|=|"},
};

static const struct spec comments[] = {
    {"inline", "{}", "12345{{! Comment Block! }}67890", "1234567890"},
    {"multiline", "{}", "12345{{!\n  This is a\n  multi-line comment...\n}}67890\n",
     "1234567890\n"},
    {"standalone", "{}", "Begin.\n{{! Comment Block! }}\nEnd.\n", "Begin.\nEnd.\n"},
    {"indented standalone", "{}", "Begin.\n  {{! Indented Comment Block! }}\nEnd.\n",
     "Begin.\nEnd.\n"},
    {"standalone line endings", "{}", "|\r\n{{! Standalone Comment }}\r\n|", "|\r\n|"},
    {"standalone without previous line", "{}", "  {{! I'm Still Standalone }}\n!", "!"},
    {"standalone without newline", "{}", "!\n  {{! I'm Still Standalone }}", "!\n"},
    {"multiline standalone", "{}", "Begin.\n{{!\nSomething's going on here...\n}}\nEnd.\n",
     "Begin.\nEnd.\n"},
    {"indented multiline standalone", "{}",
     "Begin.\n  {{!\n    Something's going on here...\n  }}\nEnd.\n", "Begin.\nEnd.\n"},
    {"indented inline", "{}", "  12 {{! 34 }}\n", "  12 \n"},
    {"surrounding whitespace", "{}", "12345 {{! Comment Block! }} 67890", "12345  67890"},
    {"variable name collision", "{\"! comment\":1,\"comment\":4}",
     "comments never show: >{{! comment }}<", "comments never show: ><"},
};

static const struct spec partials[] = {
    {"basic", "{}", "\"{{>text}}\"", "\"from partial\"", {PARTIAL("text", "from partial")}},
    {"context",
     "{\"text\":\"content\"}",
     "\"{{>partial}}\"",
     "\"*content*\"",
     {PARTIAL("partial", "*{{text}}*")}},
    {"recursion",
     "{\"content\":\"X\",\"nodes\":[{\"content\":\"Y\",\"nodes\":[]}]}",
     "{{>node}}",
     "X<Y<>>",
     {PARTIAL("node", "{{content}}<{{#nodes}}{{>node}}{{/nodes}}>")}},
    {"nested",
     "{\"a\":\"hello\",\"b\":\"world\"}",
     "{{>outer}}",
     "*hello world!*",
     {PARTIAL("outer", "*{{a}} {{>inner}}*"), PARTIAL("inner", "{{b}}!")}},
    {"surrounding whitespace",
     "{}",
     "| {{>partial}} |",
     "| \t|\t |",
     {PARTIAL("partial", "\t|\t")}},
    {"inline indentation",
     "{\"data\":\"|\"}",
     "  {{data}}  {{> partial}}\n",
     "  |  >\n>\n",
     {PARTIAL("partial", ">\n>")}},
    {"standalone line endings",
     "{}",
     "|\r\n{{>partial}}\r\n|",
     "|\r\n>|",
     {PARTIAL("partial", ">")}},
    {"standalone without previous line",
     "{}",
     "  {{>partial}}\n>",
     "  >\n  >>",
     {PARTIAL("partial", ">\n>")}},
    {"standalone without newline",
     "{}",
     ">\n  {{>partial}}",
     ">\n  >\n  >",
     {PARTIAL("partial", ">\n>")}},
    {"standalone indentation",
     "{\"content\":\"<\\n->\"}",
     "\\\n {{>partial}}\n/\n",
     "\\\n |\n <\n->\n |\n/\n",
     {PARTIAL("partial", "|\n{{{content}}}\n|\n")}},
    {"padding", "{\"boolean\":true}", "|{{> partial }}|", "|[]|", {PARTIAL("partial", "[]")}},
    {"indentation of partials within partials",
     "{}",
     " {{>outer}}\nz",
     " a\n  b\n  b\n c\nz",
     {PARTIAL("outer", "a\n {{>inner}}\nc\n"), PARTIAL("inner", "b\nb\n")}},
};

static const struct spec delimiters[] = {
    {"pair behavior", "{\"name\":\"Ann\"}", "{{=<% %>=}}<%name%> {{name}}", "Ann {{name}}"},
    {"special characters", "{\"name\":\"Ann\"}", "({{=[ ]=}}[name])", "(Ann)"},
    {"sections", "{\"s\":{\"a\":\"in\"}}",
     "{{#s}}\n{{a}} |a|\n{{/s}}\n{{= | | =}}\n|#s|\n{{a}} |a|\n|/s|\n.\n", "in |a|\n{{a}} in\n.\n"},
    {"inverted sections", "{\"s\":false,\"a\":\"in\"}",
     "{{^s}}\n{{a}} |a|\n{{/s}}\n{{= | | =}}\n|^s|\n{{a}} |a|\n|/s|\n.\n", "in |a|\n{{a}} in\n.\n"},
    {"partial inheritance",
     "{\"a\":1}",
     "{{>part}}\n{{= | | =}}\n[|>part|]",
     "(1)[(1)]",
     {PARTIAL("part", "({{a}})")}},
    {"post-partial behavior",
     "{\"a\":1}",
     "[{{>part}}] {{a}} |a|",
     "[1  1] 1 |a|",
     {PARTIAL("part", "{{a}} {{= | | =}} |a|")}},
    {"comments and raw values", "{\"a\":\"<\"}", "{{=| |=}}|! a comment ||&a||a|", "<&lt;"},
    {"surrounding whitespace", "{}", "| {{=@ @=}} |", "|  |"},
    {"outlying whitespace, inline", "{}", " | {{=@ @=}}\n", " | \n"},
    {"standalone", "{}", "One.\n{{=@ @=}}\nTwo.\n", "One.\nTwo.\n"},
    {"indented standalone", "{}", "One.\n  {{=@ @=}}\nTwo.\n", "One.\nTwo.\n"},
    {"standalone line endings", "{}", "|\r\n{{= @ @ =}}\r\n|", "|\r\n|"},
    {"standalone without previous line", "{}", "  {{=@ @=}}\n=", "="},
    {"standalone without newline", "{}", "=\n  {{=@ @=}}", "=\n"},
    {"padding", "{}", "|{{= @   @ =}}|", "||"},
};

static void try_spec(const char *group, const struct spec *spec)
{
    struct template_file files[3] = {
        {"main", sv_of(spec->text)}, spec->partials[0], spec->partials[1]};
    struct template_set set = {.service = "spec", .files = files, .file_count = 1};
    struct arena *arena = arena_new(KB(64));
    struct templates *templates;
    struct str out;

    while (set.file_count < 3 && files[set.file_count].name)
        set.file_count++;
    str_init(&out, KB(16));
    templates = templates_load(&set, &out);
    if (!templates)
        fail_msg("%s, %s: %s", group, spec->name, str_cstr(&out));
    if (!template_render(templates, arena, &out, SV("main"), TEMPLATE_HTML, SV("en"),
                         template_data(arena, sv_of(spec->data))))
        fail_msg("%s, %s: not rendered", group, spec->name);
    if (strcmp(str_cstr(&out), spec->expected) != 0)
        fail_msg("%s, %s: [%s], not [%s]", group, spec->name, str_cstr(&out), spec->expected);
    templates_free(templates);
    arena_free(arena);
    str_fini(&out);
}

#define SPEC_TEST(group)                             \
    static void group##_as_specified(void **state)   \
    {                                                \
        (void)state;                                 \
        for (size_t i = 0; i < COUNT_OF(group); i++) \
            try_spec(#group, &group[i]);             \
    }

SPEC_TEST(interpolation)
SPEC_TEST(sections)
SPEC_TEST(inverted)
SPEC_TEST(comments)
SPEC_TEST(partials)
SPEC_TEST(delimiters)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(interpolation_as_specified), cmocka_unit_test(sections_as_specified),
        cmocka_unit_test(inverted_as_specified),      cmocka_unit_test(comments_as_specified),
        cmocka_unit_test(partials_as_specified),      cmocka_unit_test(delimiters_as_specified),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
