"""Every kind of mail, of its samples, in every language there is and in two that there are not: one whose texts are long
and accented, and one that is written from right to left."""
import glob
import json
import os
import re
import subprocess
import sys

import pytest

from mail_looks import Painted, contrast
from mail_words import of_page, of_text
from world import BUILD, ROOT

sys.path.insert(0, f"{ROOT}/common/template")
import blocks  # noqa: E402  pylint: disable=wrong-import-position

TEMPLATES = f"{ROOT}/services/mailer/templates"
DISTRICT = {"name": "Río Vista Schools", "slug": "rio-vista", "sender": "Río Vista Partnerships", "phone": "555-0100",
            "website": "https://rio.example.org", "reply_to": "office@rio.example.org", "accent": "#0b5d4e"}
LONG, LEFTWARD = "en-XA", "ar-XB"
HOLE = re.compile(r"(\{\{[^{}]*\}\})")


def samples():
    """{kind and number: (kind, sample)}"""
    found = {}
    for path in sorted(glob.glob(f"{TEMPLATES}/*.mail")):
        with open(path, encoding="utf-8") as file:
            _, _, text = file.read().partition("\nSamples:\n")
        kind = os.path.basename(path).removesuffix(".mail")
        for i, sample in enumerate(blocks.samples_of(path, text or "[]")):
            found[f"{kind} {i}"] = (kind, sample)
    return found


SAMPLES = samples()


def accented(text):
    """Each letter with a sign on it, the whole between brackets and longer by more than two fifths."""
    changed = text.translate(str.maketrans("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
                                           "àƀçđéƒĝĥîĵķļɱñöþɋŕšţûṽŵẋýžÀƁÇĐÉƑĜĤÎĴĶĻṀÑÖÞɊŔŠŢÛṼŴẊÝŽ"))
    return f"⟦{changed} {'öñé ' * (1 + len(text) // 8)}⟧"


def leftward(text):
    return text.translate(str.maketrans("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
                                        "ابتثجحخدذرزسشصضطظعغفقكلمنهابتثجحخدذرزسشصضطظعغفقكلمنه"))


def pseudo(entry, change):
    """A catalog of texts whose words are changed, and their holes not."""
    if isinstance(entry, dict):
        return {key: pseudo(one, change) for key, one in entry.items()}
    return "".join(piece if i % 2 or not piece.strip(" .,:;()“”–?!") else change(piece)
                   for i, piece in enumerate(HOLE.split(entry)))


def catalog(locale):
    with open(f"{TEMPLATES}/texts.{locale}.json", encoding="utf-8") as file:
        return json.load(file)


class Letters:
    """letter_probe with catalogs beside the mailer's own."""

    def __init__(self, folder, catalogs):
        arguments = []
        for locale, texts in catalogs.items():
            path = folder / f"{locale}.json"
            path.write_text(json.dumps(texts), encoding="utf-8")
            arguments += [locale, path]
        self.process = subprocess.Popen([f"{BUILD}/tests/letter_probe", *arguments], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)

    def write(self, kind, sample, locale, own="en", district=None):
        fields = [kind, locale, own, json.dumps(district or DISTRICT), json.dumps(sample)]
        for field in fields:
            self.process.stdin.write(b"%d\n" % len(field.encode()) + field.encode())
        self.process.stdin.flush()
        found = [self.process.stdout.read(int(self.process.stdout.readline())).decode() for _ in range(4)]
        return dict(zip(("locale", "subject", "text", "html"), found))

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        assert self.process.wait(30) == 0


@pytest.fixture(scope="module")
def letters(tmp_path_factory):
    one = Letters(tmp_path_factory.mktemp("letters"),
                  {LONG: pseudo(catalog("en"), accented), LEFTWARD: pseudo(catalog("en"), leftward)})
    yield one
    one.close()


def strings(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [text for one in value for text in strings(one)]
    return [value] if isinstance(value, str) else []


def without_data(text, sample):
    """What is left of a mail's text when its data and its addresses are taken out."""
    text = re.sub(r"https?://\S+", "", text)
    known = [part for one in strings([DISTRICT, sample, "Ana López"]) for part in one.split("\n")]
    for one in sorted(known, key=len, reverse=True):
        text = text.replace(one, "")
    return text


@pytest.mark.shows("everywhere.mail_parts")
@pytest.mark.parametrize("locale", ["en", "es", LONG, LEFTWARD])
@pytest.mark.parametrize("name", SAMPLES)
def test_both_parts_say_the_same_in_the_same_order(letters, name, locale):
    mail = letters.write(*SAMPLES[name], locale)
    assert mail["locale"] == locale
    assert of_text(mail["text"]) == of_page(mail["html"])
    for part in (mail["subject"], mail["text"], mail["html"]):
        assert not re.search(r"\{\{|\}\}|None|null", part)


@pytest.mark.parametrize("locale", ["en", "es"])
@pytest.mark.parametrize("name", SAMPLES)
def test_no_sentence_ends_twice(letters, name, locale):
    """As after "3:00 p.m."."""
    text = letters.write(*SAMPLES[name], locale)["text"]
    assert not re.search(r"(?<!\.)\.\.(?!\.)|[,;:]\.", text), text


@pytest.mark.parametrize("locale", [LONG, LEFTWARD])
@pytest.mark.parametrize("name", SAMPLES)
def test_no_word_stands_outside_the_catalogs(letters, name, locale):
    kind, sample = SAMPLES[name]
    mail = letters.write(kind, sample, locale)
    for part in (mail["subject"], mail["text"]):
        assert not re.search("[A-Za-z]{2}", without_data(part, sample)), part
    direction = {LONG: "ltr", LEFTWARD: "rtl"}[locale]
    assert f'<html lang="{locale}" dir="{direction}">' in mail["html"] and "<span lang" not in mail["html"]
    assert ("left" in mail["html"]) == (locale == LONG) and ("right" in mail["html"]) == (locale == LEFTWARD)


@pytest.mark.shows("everywhere.mail_looks")
@pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("kind", sorted({kind for kind, _ in SAMPLES.values()}))
@pytest.mark.parametrize("accent", ["#0b5d4e", "#000000", "#6b6b6b", "#c2185b"])
def test_colors_differ_enough_and_styles_stand_in_the_elements(letters, kind, is_dark, accent):
    """WCAG 2.2, SC 1.4.3, for text of any size, of any color that a district may choose; and nothing is fetched."""
    page = letters.write(kind, SAMPLES[f"{kind} 0"][1], "en", district={**DISTRICT, "accent": accent})["html"]
    for words, color, behind, size, family in Painted(page, is_dark).seen:
        assert contrast(color, behind) >= 4.5, (words, color, behind)
        assert size and family, f"{words}: its style stands in a sheet alone"
    assert not re.search(r"<img|<link|(src|background)=|url\(|@import|@font-face", page)


@pytest.mark.shows("everywhere.mail_looks")
@pytest.mark.parametrize("locale, begin, end", [("en", "", ""), (LEFTWARD, "\u2068", "\u2069")])
def test_a_number_in_a_line_from_right_to_left_keeps_its_signs_in_order(letters, locale, begin, end):
    """Else "(970) 555-0100" is read as "555-0100 (970)"; in one from left to right there is nothing to keep."""
    district = {**DISTRICT, "phone": "(970) 555-0100", "address": "12 Main St., Río Vista"}
    mail = letters.write(*SAMPLES["check_in_reminder 0"], locale, district=district)
    for value in (district["phone"], district["address"]):
        assert f"<bdi>{value}</bdi>" in mail["html"] and f"{begin}{value}{end}" in mail["text"]
    assert ("\u2068" in mail["text"]) == bool(begin)
    called = letters.write(*SAMPLES["address_changed 0"], locale, district=district)
    assert f"{begin}{district['phone']}{end}" in called["text"]
    assert (f"<bdi>{district['phone']}</bdi>." in called["html"]) == bool(begin), "in a sentence of the catalog"
    assert not begin or f"{begin}http" not in called["text"], "a link ends where it ends"


def test_a_persons_lines_end_where_they_were_ended(letters):
    """By <br>: Outlook knows no white-space, and ran them together."""
    kind, sample = SAMPLES["thank_you 0"]
    page = letters.write(kind, {**sample, "about": {**sample["about"], "body": "One\nTwo <b>", "paragraphs": ["One\nTwo <b>"]}}, "en")["html"]
    assert "One<br>\nTwo &lt;b&gt;" in page and "white-space" not in page


@pytest.mark.shows("everywhere.languages")
def test_what_a_language_lacks_stands_there_in_the_districts_own(tmp_path):
    """A language is a file, which may have as little as it likes."""
    letters = Letters(tmp_path, {"ar": {"check_in": {"what": "أربعة أجزاء قصيرة"}}})
    mail = letters.write(*SAMPLES["check_in_reminder 0"], "ar", "es-MX")
    letters.close()
    assert '<html lang="ar" dir="rtl">' in mail["html"] and ">أربعة أجزاء قصيرة<" in mail["html"]
    assert '<span lang="es" dir="ltr">Por favor, llene' in mail["html"] and '<span lang="en"' not in mail["html"]
    assert mail["subject"].startswith("Revisión de Reading Buddies") and "أربعة أجزاء قصيرة" in mail["text"]


@pytest.mark.parametrize("locale", ["es"])
def test_the_languages_that_are_supplied_lack_nothing(locale):
    def keys(entry, path=""):
        return {path} if isinstance(entry, str) else set().union(*(keys(one, f"{path}.{key}") for key, one in entry.items()))
    for folder in (TEMPLATES, f"{ROOT}/services/api/pages"):
        with open(f"{folder}/texts.en.json", encoding="utf-8") as english, \
                open(f"{folder}/texts.{locale}.json", encoding="utf-8") as other:
            assert keys(json.load(english)) == keys(json.load(other))
