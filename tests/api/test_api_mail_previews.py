"""Mails to be looked at before anybody gets them: a sample of each kind. That a message's preview is the mail itself,
tests/jobs/test_mail_preview.py asks."""
import glob
import os
import re

import pytest

from world import ROOT, uuid7


def kinds():
    for path in sorted(glob.glob(f"{ROOT}/services/mailer/templates/*.mail")):
        with open(path, encoding="utf-8") as file:
            if file.read().startswith("Subject: "):
                yield os.path.basename(path).removesuffix(".mail")


def preview(caller, **query):
    return caller.get("/v1/mail_previews?" + "&".join(f"{name}={value}" for name, value in query.items()))


@pytest.mark.shows("district.mail_previews")
@pytest.mark.parametrize("locale", ["en", "es"])
@pytest.mark.parametrize("kind", kinds())
def test_a_sample_of_each_kind_is_shown_in_each_language(ours, kind, locale):
    answer = preview(ours.director, kind=kind, locale=locale)
    assert answer.status == 200, answer
    shown = answer.json
    assert (shown["kind"], shown["locale"], shown["is_sample"]) == (kind, locale, True)
    assert f'<html lang="{locale}" dir="ltr">' in shown["html"] and shown["subject"]
    assert ours.director.get("/v1/districts").json["data"][0]["name"] in shown["text"]
    links = set(re.findall(r"https?://[^\s\"<]+", shown["text"]))
    assert not any("kith_" in link for link in links), "no token is made"


def test_a_kind_may_have_several_samples(ours):
    subjects = {preview(ours.director, kind="check_in_reminder", sample=i).json["subject"] for i in range(1, 5)}
    assert len(subjects) == 4
    past = preview(ours.director, kind="check_in_reminder", sample=5)
    assert (past.status, past.faults) == (400, {"/sample": "invalid_parameter"}), past


def test_an_unknown_language_is_shown_in_one_that_there_is(ours):
    assert preview(ours.director, kind="sign_in", locale="fr").json["locale"] == "en"
    assert preview(ours.director, kind="sign_in", locale="es-MX").json["locale"] == "es"


@pytest.mark.parametrize("query, pointer", [
    ({}, "/kind"), ({"kind": "sign_in", "message_id": uuid7()}, "/kind"), ({"kind": "head"}, "/kind"),
    ({"kind": "nothing"}, "/kind"), ({"message_id": "x"}, "/message_id"), ({"kind": "sign_in", "sample": 0}, "/sample"),
    ({"kind": "sign_in", "more": 1}, "/more")])
def test_what_is_asked_for_wrongly_is_told(ours, query, pointer):
    answer = preview(ours.director, **query)
    assert answer.status == 400 and list(answer.faults) == [pointer], answer


def test_a_message_that_is_not_there_is_not_found(ours):
    assert preview(ours.director, message_id=uuid7()).status == 404
