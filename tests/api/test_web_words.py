"""The words of the web app: a file a language, of the same sentences, with a word for every name that the API's document has."""

import json
import os
import re
import subprocess

import pytest

from world import BUILD, ROOT

WEB = os.path.join(ROOT, "services/web")
LANGUAGES = ["en", "es"]
# That people write alike in both.
ALIKE = {"Agenda", "EIN", "Error", "Factor", "JSON", "Medicaid", "No", "Supervisor", "UTF-16, big-endian", "UTF-16, little-endian",
         "UTF-8", "Windows-1252", "–"}


def read(path):
    def once(pairs):
        found = dict(pairs)
        assert len(found) == len(pairs), f"{path}: a key that is there twice, of {[key for key, _ in pairs][:3]} …"
        return found

    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return json.load(file, object_pairs_hook=once)


WORDS = {language: read(f"services/web/src/words/{language}.json") for language in LANGUAGES}


def forms(said):
    return said if isinstance(said, dict) else {"": said}


def sentences(language):
    """(where, what is read there)"""
    words = WORDS[language]
    return [(f"screen.{key}.{form}", text) for key, said in words["screen"].items() for form, text in forms(said).items()] + [
        (f"names.{name}", text) for name, text in words["names"].items()]


def places(said):
    return {form: set(re.findall(r"\{(\w+)\}", text)) for form, text in forms(said).items()}


def label(language, name):
    """As label() of src/lib/words.ts."""
    known = WORDS[language]["names"].get(name)
    if known:
        return known
    plain = re.sub(r"_ids$", "s", name)
    plain = re.sub(r"(_id|_cents)$", "", plain)
    plain = re.sub(r"_(at|on)$", "", plain).replace("_", " ")
    return plain[:1].upper() + plain[1:]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """What the app is made of, from the document of the API as it is built: (names, resources)."""
    folder = tmp_path_factory.mktemp("model")
    with open(folder / "openapi.json", "wb") as file:
        subprocess.run([f"{BUILD}/bin/kith-api", "--openapi"], stdout=file, check=True, timeout=50)
    made = ["node", f"{WEB}/build/model.mjs", folder / "openapi.json", folder / "gen"]
    subprocess.run(made, check=True, timeout=50, stdout=subprocess.DEVNULL)
    return json.loads((folder / "gen/names.json").read_text()), [
        json.loads(path.read_text()) for path in sorted((folder / "gen/resources").iterdir())]


@pytest.mark.shows("web.languages")
def test_both_languages_have_the_same_sentences_with_the_same_places():
    english, spanish = (WORDS[language]["screen"] for language in LANGUAGES)
    assert list(english) == list(spanish)
    for key, said in english.items():
        assert isinstance(said, dict) == isinstance(spanish[key], dict), key
        assert set().union(*places(said).values()) == set().union(*places(spanish[key]).values()), key


@pytest.mark.shows("web.languages")
def test_what_is_counted_has_all_plural_forms_of_its_language():
    for language in LANGUAGES:
        asked = f"console.log(JSON.stringify(new Intl.PluralRules('{language}-US').resolvedOptions().pluralCategories))"
        needed = set(json.loads(subprocess.run(["node", "-e", asked], check=True, timeout=50, capture_output=True).stdout))
        counted = [said for said in WORDS[language]["screen"].values() if isinstance(said, dict)]
        assert counted and all(set(said) >= needed for said in counted)
        assert all(len({frozenset(found) for form, found in places(said).items() if form != "one"}) == 1 for said in counted)


@pytest.mark.shows("web.languages")
def test_every_name_has_a_word_in_spanish(model):
    names, _ = model
    duties = read("services/mailer/templates/texts.en.json")["digest"]["kinds"]
    wanted = {*names, *duties, *WORDS["en"]["names"]}
    assert len(names) > 1000 and not sorted(wanted - set(WORDS["es"]["names"]))


@pytest.mark.shows("web.languages")
def test_no_word_is_english_by_mistake(model):
    names, _ = model
    spanish = WORDS["es"]["names"]
    alike = {spanish[name] for name in names if spanish[name].lower() == label("en", name).lower()}
    screens = [WORDS[language]["screen"] for language in LANGUAGES]
    alike |= {text for key, said in screens[0].items() for form, text in forms(said).items() if text == forms(screens[1][key]).get(form)}
    alike -= {"{name}: {what}."}
    assert alike == ALIKE


@pytest.mark.parametrize("language", LANGUAGES)
def test_actions_and_values_are_told_apart(model, language):
    _, resources = model
    names = WORDS[language]["names"]
    verbs = {action["verb"] for one in resources for action in one["actions"]}
    assert verbs >= {name.removeprefix("do.") for name in names if name.startswith("do.")}
    for one in resources:
        said = [names.get(f"do.{action['verb']}") or label(language, action["verb"]) for action in one["actions"]]
        assert len(set(said)) == len(said), one["plural"]
        for field in one["fields"]:
            values = [label(language, value) for value in field.get("values", [])]
            assert len(set(values)) == len(values), (one["plural"], field["name"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_are_written_as_the_others(language):
    assert (WORDS[language]["language"], WORDS[language]["dir"]) == (language, "ltr")
    assert list(WORDS[language]["names"]) == sorted(WORDS[language]["names"])
    for where, text in sentences(language):
        assert text and text == " ".join(text.split()), where
        if where.startswith("names."):
            assert text[0] == text[0].upper() and not text.endswith("."), where


HINTS = """
import fs from 'fs';
import { transformSync } from 'esbuild';
const { code } = transformSync(fs.readFileSync('src/lib/hint.ts', 'utf8'), { loader: 'ts', format: 'esm' });
const { hint } = await import('data:text/javascript,' + encodeURIComponent(code));
const { asked, names } = JSON.parse(fs.readFileSync(0, 'utf8'));
console.log(JSON.stringify(asked.map(([doc, kind]) => hint(doc, kind, name => names[name] ?? name.replaceAll('_', ' ')))));
"""


def fields_of_forms(resources):
    """(where, the field), of each form that the app makes."""
    def within(where, fields):
        for field in fields:
            yield f"{where}.{field['name']}", field
            yield from within(f"{where}.{field['name']}", [*field.get("fields", []), *field.get("item", {}).get("fields", [])])

    for one in resources:
        for way in ("create", "patch"):
            yield from within(f"{one['name']} {way}", one.get(way, {}).get("fields", []))
        for action in one["actions"]:
            yield from within(f"{one['name']} {action['verb']}", action["fields"])


@pytest.mark.shows("web.hints")
def test_hints_of_forms_are_for_people(model):
    """No null, no code but what is quoted to be typed so, and no cents where dollars are typed."""
    fields = [(where, field) for where, field in fields_of_forms(model[1]) if field.get("doc")]
    assert len(fields) > 500
    told = {"asked": [[field["doc"], field["kind"]] for _, field in fields], "names": {**{name: label("en", name) for name in model[0]}}}
    made = subprocess.run(["node", "--input-type=module", "-e", HINTS], cwd=WEB, input=json.dumps(told).encode(), check=True, timeout=50, capture_output=True)
    hints = dict(zip((where for where, _ in fields), json.loads(made.stdout)))
    wrong = {where: hint for where, hint in hints.items() if re.search(r"\bnull\b|undefined|NaN|\[object|[a-z]_[a-z]", re.sub(r'"[^"]*"|\{\{.*?\}\}|\w+\.\w+', "", hint), re.I)}
    assert wrong == {}
    kinds = dict((where, field["kind"]) for where, field in fields)
    assert [where for where, hint in hints.items() if kinds[where] == "money" and "cents" in hint] == []
    assert [where for where, hint in hints.items() if kinds[where] == "bool" and re.search(r"\b(true|false)\b", hint, re.I)] == []
    assert hints["convening create.capacity"] == "Seats; left empty: as many as come. Who accepts when none is left waits for one."
    assert hints["agreement_item create.note"] == "Needed with “Not applicable”."
