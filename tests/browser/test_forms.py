"""Every form for something new, as it is made of the API's document: all that stands there is a word, in each language."""

import json
import os
import re

import pytest
from app import App

from world import ROOT

RAW = re.compile(r"\bnull\b|undefined|\[object|\bNaN\b|\b[a-z]+_[a-z_]+\b")
TYPED = re.compile(r"\"[^\"]*\"|\{\{.*?\}\}|\b\w+\.\w+\b")  # what is to be typed as it stands
SAID = """
return [...document.querySelectorAll('main h1, main .hint, main label, main legend, main option, main .optional, main button, main output')].map(one => one.textContent)
  .concat([...document.querySelectorAll('main input:not([type=radio], [type=checkbox]), main textarea')].map(one => one.value + ' ' + one.placeholder))
"""
FORMS = "services/web/src/gen/resources"


def made():
    """The resources of which one makes a new one."""
    for name in sorted(os.listdir(os.path.join(ROOT, FORMS))):
        with open(os.path.join(ROOT, FORMS, name), encoding="utf-8") as file:
            one = json.load(file)
        if one.get("create"):
            yield one["plural"]


@pytest.mark.shows("web.hints")
@pytest.mark.timeout(300)
@pytest.mark.parametrize("language", ["en", "es"])
def test_no_form_says_what_only_programs_read(screen, ours, language):
    app, wrong, seen = App(screen, ours).sign_in("admin", language), [], 0
    for plural in made():
        app.open(f"/app/{plural}/new")
        for said in app.screen.run(SAID):
            seen += 1
            if RAW.search(TYPED.sub("", said)):
                wrong.append(f"{plural}: {said}")
    app.sign_in()
    assert wrong == [] and seen > 2000
