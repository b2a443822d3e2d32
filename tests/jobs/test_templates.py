"""Templates and texts: what common/template/generate makes of them, and that no text lies about unused. That
each template is whole, and each language has the same texts, tests/unit/test_template.c asks."""

import glob
import json
import os
import re
import subprocess

import pytest

from world import ROOT

SERVICES = sorted({path.split("/")[-3] for path in glob.glob(f"{ROOT}/services/*/*/texts.en.json")})
NAMED = re.compile(r"\{\{\{?&?\s*t\.([a-z0-9_.]+)(\[)?")


@pytest.fixture
def generate(tmp_path):
    def run(files):
        for name, text in files.items():
            path = tmp_path / "services" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        done = subprocess.run([f"{ROOT}/common/template/generate", "services", "gen"], cwd=tmp_path, text=True,
                              stderr=subprocess.PIPE, check=False)
        return done, tmp_path / "gen"
    return run


def compiled(folder, program):
    (folder / "main.c").write_text('#include <stdio.h>\n#include "gen/templates.h"\n' + program)
    subprocess.run(["gcc", "-std=gnu17", "-Wall", "-Wextra", "-Wpedantic", "-Werror", f"-I{ROOT}/common",
                    f"-I{folder.parent}", "-o", folder / "a.out", folder / "main.c", folder / "templates.c"],
                   check=True)
    return subprocess.run([folder / "a.out"], check=True, stdout=subprocess.PIPE).stdout


SHOW = """
int main(void)
{
    for (size_t i = 0; template_sets[i]; i++) {
        const struct template_set *set = template_sets[i];
        for (size_t k = 0; k < set->file_count; k++)
            printf("%s file %s [%.*s]\\n", set->service, set->files[k].name, SV_ARG(set->files[k].text));
        for (size_t k = 0; k < set->text_count; k++)
            printf("%s texts %s [%.*s]\\n", set->service, set->texts[k].locale, SV_ARG(set->texts[k].json));
    }
}
"""


def test_each_service_has_a_set_and_english_comes_first(generate):
    run, folder = generate({
        "api/pages/b.mustache": "two\nlines", "api/pages/a.mustache": "", "api/pages/style.css": "a{}",
        "api/pages/texts.ar.json": "{}", "api/pages/texts.en.json": '{ "a": "é" }', "api/main.c": "x",
        "mailer/templates/m.html.mustache": '"\\?%s\t', "cli/main.c": "x",
    })
    assert (run.returncode, run.stderr) == (0, "")
    assert compiled(folder, SHOW).decode() == (
        "api file a []\napi file b [two\nlines]\napi file style.css [a{}]\n"
        'api texts en [{"a":"é"}]\napi texts ar [{}]\n'
        'mailer file m.html ["\\?%s\t]\n')


def test_a_header_that_says_the_same_keeps_its_time(generate):
    _, folder = generate({"api/pages/a.mustache": "one"})
    before = os.stat(folder / "templates.h").st_mtime_ns
    generate({"api/pages/a.mustache": "two"})
    assert os.stat(folder / "templates.h").st_mtime_ns == before
    assert b"two" in compiled(folder, SHOW)


@pytest.mark.parametrize("files, says", [
    ({"api/pages/texts.en.json": "{"}, "services/api/pages/texts.en.json:1:"),
    ({"api/pages/a.mustache": "", "api/templates/a.mustache": ""}, "services/api/templates/a.mustache:1: a second a"),
    ({"api/pages/a.mustache": "a\0b"}, "services/api/pages/a.mustache:1: a NUL"),
], ids=["no JSON", "a name twice", "a NUL"])
def test_what_is_wrong_is_said_by_name(generate, files, says):
    run, _ = generate(files)
    assert run.returncode == 1 and run.stderr.startswith(says)


# ---- A mail's one source -----------------------------------------------------------------------

LOOKS = """
heading = {text = "@words@\\n\\n", html = "<h1>@words@</h1>\\n"}
paragraph = {text = "@words@\\n\\n", html = "<p>@words@</p>\\n"}
own = {text = "@words@\\n\\n", html = "<p dir=auto>@words@</p>\\n"}
lead = {text = "@words@\\n", html = "<p class=lead>@words@</p>\\n"}
quote = {text = "> @words@\\n\\n", html = "<q>@words@</q>\\n"}
small = {text = "@words@\\n\\n", html = "<small>@words@</small>\\n"}
link = {text = "@words@: @address@", html = "<a href=@address@>@words@</a>"}
bare = {text = "@address@", html = "<a href=@address@>@address@</a>"}
strong = {text = "@words@", html = "<b>@words@</b>"}
button = {text = "@words@: @address@\\n\\n", html = "<button href=@address@>@words@</button>\\n"}
fact = {text = "@words@: @address@\\n", html = "<b>@words@:</b> @address@<br>\\n"}
[list]
html = {begin = "<ul>\\n", end = "</ul>\\n"}
[item]
text = {begin = "@words@\\n", more = "  @words@\\n"}
html = {begin = "<li>@words@\\n", more = "<br>@words@\\n", end = "</li>\\n"}
[facts]
text = {end = "\\n"}
html = {begin = "<p>\\n", end = "</p>\\n"}
"""

SOURCE = """Subject: {{a}} & so

# {{t.title}} & <more>
{{#a}}
> {{.}}
{{/a}}
[{{t.b[kind]}}]({{url}})

{{own.words}}
{{t.words}}
One **{{b}}** and [there]({{url}}) or <{{site}}>

Before:
{{#c}}
- {{x}}
  {{#y}}
  [{{t.b[kind]}}]({{y}})
  {{/y}}
  {{#has_z}}
  {{#z}}
  - {{.}}
  {{/z}}
  {{/has_z}}
{{/c}}

When :: {{d}}
{{#e}}
Where :: {{e}}
{{/e}}
{{>part}}

Samples:
[{"about": {"on": "2026-12-06T00:05"}, "has_task": true}]
"""

SAMPLE = ('{"has_task":true,"has_stop":true,"things":[],"about":{"on":{"weekday":"7","day":6,"month":"12","year":2026,'
          '"hour":"12","minute":"05","half":"am"}}}')

TEXT = """{{t.title}} & <more>

{{#a}}
> {{.}}

{{/a}}
{{t.b[kind]}}: {{url}}

{{own.words}}

{{t.words}}

One {{isolate}}{{b}}{{isolate_end}} and there: {{url}} or {{site}}

Before:
{{#c}}
* {{isolate}}{{x}}{{isolate_end}}
{{#y}}
  {{t.b[kind]}}: {{y}}
{{/y}}
{{#has_z}}
{{#z}}
  - {{isolate}}{{.}}{{isolate_end}}
{{/z}}
{{/has_z}}

{{/c}}
When: {{isolate}}{{d}}{{isolate_end}}
{{#e}}
Where: {{isolate}}{{e}}{{isolate_end}}
{{/e}}

{{>part.text}}
{{>foot.text}}
"""

PAGE = """{{>head.html}}
<h1>{{t.title}} &amp; &lt;more&gt;</h1>
{{#a}}
<q>{{.}}</q>
{{/a}}
<button href={{url}}>{{t.b[kind]}}</button>
<p dir=auto>{{own.words}}</p>
<p>{{t.words}}</p>
<p>One <b><bdi>{{b}}</bdi></b> and <a href={{url}}>there</a> or <a href={{site}}>{{site}}</a></p>
<p class=lead>Before:</p>
<ul>
{{#c}}
<li><bdi>{{x}}</bdi>
{{#y}}
<br><a href={{y}}>{{t.b[kind]}}</a>
{{/y}}
{{#has_z}}
<ul>
{{#z}}
<li><bdi>{{.}}</bdi>
</li>
{{/z}}
</ul>
{{/has_z}}
</li>
{{/c}}
</ul>
<p>
<b>When:</b> <bdi>{{d}}</bdi><br>
{{#e}}
<b>Where:</b> <bdi>{{e}}</bdi><br>
{{/e}}
</p>
{{>part.html}}
{{>foot.html}}
"""


def test_one_source_becomes_a_mails_subject_text_and_page(generate):
    run, folder = generate({"mailer/templates/m.mail": SOURCE, "mailer/templates/part.mail": "~ {{w}}\n",
                            "mailer/templates/blocks.toml": LOOKS})
    assert (run.returncode, run.stderr) == (0, "")
    assert compiled(folder, SHOW).decode() == (
        f"mailer file m.sample1 [{SAMPLE}]\nmailer file m.subject [{{{{a}}}} & so\n]\nmailer file m.text [{TEXT}]\nmailer file m.html [{PAGE}]\n"
        "mailer file part.text [{{isolate}}{{w}}{{isolate_end}}\n\n]\nmailer file part.html [<small><bdi>{{w}}</bdi></small>\n]\n")


def test_what_belongs_to_no_item_is_told(generate):
    run, _ = generate({"mailer/templates/m.mail": "One\n  two\n", "mailer/templates/blocks.toml": LOOKS})
    assert run.returncode == 1
    assert run.stderr == "services/mailer/templates/m.mail: this is indented and belongs to no item:   two\n"


def leaves(catalog, path=""):
    for key, entry in catalog.items():
        if isinstance(entry, dict):
            yield from leaves(entry, f"{path}{key}.")
        else:
            yield path + key


@pytest.mark.parametrize("service", SERVICES)
def test_every_text_is_used(service):
    """By a template or by another text: as it is, or as one of its object."""
    named, objects = set(), set()
    for path in [path for what in ("*.mustache", "*.mail", "texts.en.json")
                 for path in glob.glob(f"{ROOT}/services/{service}/*/{what}")]:
        with open(path, encoding="utf-8") as file:
            for name, of_object in NAMED.findall(file.read()):
                (objects if of_object else named).add(name)
    path, = glob.glob(f"{ROOT}/services/{service}/*/texts.en.json")
    with open(path, encoding="utf-8") as file:
        unused = [leaf for leaf in leaves(json.load(file))
                  if leaf not in named and leaf.rpartition(".")[0] not in objects]
    assert unused == []
