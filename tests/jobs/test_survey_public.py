"""Surveys by a public link: no account, no cookie, no name; what is against stuffing; and what students are asked."""
import json
import re

import pytest

from test_survey_anonymous import Ballot, Browser, Tenant, api, redis  # noqa: F401  pylint: disable=unused-import
from pages import values_of  # pylint: disable=wrong-import-order
from world import NOW, insert, uuid7

QUESTIONS = [
    {"code": "well", "kind": "rating", "section": "s", "factor": None, "required": True, "text": {"en": "Is it well?", "es": "¿Va bien?"}},
    {"code": "more", "kind": "text", "section": "t", "factor": None, "required": False, "text": {"en": "What more?", "es": "¿Qué más?"},
     "show_if": {"question": "well", "in": [1, 2]}}]


class Public(Ballot):
    """A survey of families by a public link, with a second page for who is not content."""

    def __init__(self, api, database, **fields):  # pylint: disable=super-init-not-called
        self.api, self.database = api, database
        self.tenant = Tenant(api, database)
        self.director = self.tenant.director
        api.set_clock(NOW)
        made = uuid7()
        with database.connect("kith_migrate") as connection:
            insert(connection, "instrument", {
                "district_id": self.tenant.id, "id": made, "code": f"p{str(made)[-12:]}", "edition": 1, "name": "Public",
                "locales": ["en", "es"], "subject": "none", "questions": json.dumps(QUESTIONS), "status": "published",
                "sections": json.dumps([{"code": "s", "title": {"en": "First", "es": "Uno"}}, {"code": "t", "title": {"en": "Then", "es": "Dos"}}]),
                "created_at": NOW, "updated_at": NOW})
            self.slug = connection.execute("SELECT slug FROM district WHERE id = %s", (self.tenant.id,)).fetchone()[0]
        self.id = self.director.created("surveys", {
            "name": "Families", "instrument_id": str(made), "mode": "anonymous", "audience": "family", "has_public_link": True,
            "school_year": 2027, "opens_on": "2026-11-01", "closes_on": "2026-12-18", **fields}).id

    def path(self):
        return f"/d/{self.slug}/survey/{self.director.get(f'/v1/surveys/{self.id}').json['public_code']}"

    def begin(self, browser=None):
        page = (browser or Browser(self.api)).get(self.path())
        self.api.move_clock(seconds=5)
        return page

    def send(self, well=4, browser=None):
        browser = browser or Browser(self.api)
        return self.finish(browser, self.begin(browser), well)

    @staticmethod
    def finish(browser, page, well=5, **changes):
        """Who is content is asked nothing more, and sends it all."""
        return browser.submit(browser.submit(page, "next", a__well=str(well)), "send", **changes)


@pytest.fixture
def public(api, database):
    one = Public(api, database)
    assert one.act("open").status == 200
    return one


@pytest.mark.shows("partnerships.survey_public")
def test_anybody_answers_page_by_page_without_a_cookie(public):
    browser = Browser(public.api)
    page = public.begin(browser)
    assert page.status == 200 and "Nobody asks who you are" in page.text and browser.cookies == {}
    page = browser.submit(page, "next", a__well="2")
    assert "What more?" in page.text
    page = browser.submit(page, "send", a__more="Buses")
    assert page.notices() == ["Sent. Thank you."]
    for _ in range(4):
        public.send()
    public.close()
    assert public.told() == sorted([json.dumps({"more": "Buses", "well": 2}), *[json.dumps({"well": 4})] * 4])
    assert public.rows("SELECT DISTINCT audience FROM survey_anonymous_answer WHERE survey_id = %s", public.id) == [("family",)]
    assert public.rows("SELECT count(*) FROM survey_public_use WHERE survey_id = %s", public.id) == [(0,)]


@pytest.mark.shows("partnerships.survey_public")
def test_the_language_changes_with_all_kept_and_without_a_cookie(public):
    browser = Browser(public.api)
    page = browser.submit(public.begin(browser), "next", a__well="2")
    spanish = browser.post(public.path(), {**values_of(page.form("send")), "do": "stay:es", "a.more": "Buses"})
    assert spanish.lang == "es" and spanish.value("a.more") == "Buses" and "Parte 2 de 2" in spanish.text
    back = browser.submit(spanish, "back")
    assert back.lang == "es" and back.by_id("a.well") and "¿Va bien?" in back.text
    sent = browser.submit(browser.submit(back, "next"), "send")
    assert sent.lang == "es" and sent.notices() == ["Enviado. Gracias."] and browser.cookies == {}
    assert not sent.root.first("form"), "it is not asked for once more"
    assert browser.get(sent.links()["Dejar que otra persona responda en este dispositivo"]).root.first("form")


@pytest.mark.shows("partnerships.survey_review")
def test_all_is_looked_over_and_changed_before_it_is_sent(public):
    browser = Browser(public.api)
    page = browser.submit(public.begin(browser), "next", a__well="2")
    page = browser.submit(page, "review", a__more="Buses")
    assert "Is it well? 2 a little" in page.text and "What more? Buses" in page.text
    page = browser.post(public.path(), {**values_of(page.form("send")), "go": "1"})
    assert page.by_id("a.well") and "review" in page.buttons()
    page = browser.submit(page, "review", a__well="1")
    assert "Is it well? 1 not at all" in page.text and browser.submit(page, "send").notices() == ["Sent. Thank you."]


@pytest.mark.shows("partnerships.survey_stuffing")
def test_a_form_is_good_for_one_answer(public):
    browser = Browser(public.api)
    page = public.begin(browser)
    for _ in range(3):
        assert public.finish(browser, page).notices() == ["Sent. Thank you."]
    assert public.rows("SELECT total FROM survey_public_use WHERE survey_id = %s", public.id) == [(1,)]


@pytest.mark.shows("partnerships.survey_stuffing")
def test_what_machines_do_is_not_taken(public):
    browser = Browser(public.api)
    page = browser.get(public.path())
    quick = public.finish(browser, page)
    assert quick.status == 422 and "That was quick!" in quick.text
    public.api.move_clock(seconds=3)
    assert browser.submit(quick, "send", website="https://spam.example").notices() == ["Sent. Thank you."]
    assert public.rows("SELECT count(*) FROM survey_public_use WHERE survey_id = %s", public.id) == [(0,)]
    assert browser.submit(quick, "send", form_token="1.a.b").status == 403
    public.api.move_clock(hours=24)
    assert browser.submit(quick, "send").status == 403, "a day old"


@pytest.mark.shows("partnerships.survey_stuffing")
@pytest.mark.parametrize("limit", ["public_hourly", "public_total"])
def test_so_many_and_no_more(api, database, limit):
    public = Public(api, database, **{limit: 2})
    assert public.act("open").status == 200
    for _ in range(2):
        assert public.send().notices() == ["Sent. Thank you."]
    third = public.send()
    assert third.status == 409 and "takes no more answers" in third.text
    api.move_clock(hours=1)
    assert public.send().status == (200 if limit == "public_hourly" else 409)


def test_a_link_that_is_taken_away_opens_nothing_and_another_is_another(public):
    path = public.path()
    for wanted in (False, True):
        etag = public.director.get(f"/v1/surveys/{public.id}").etag
        assert public.director.patch(f"/v1/surveys/{public.id}", {"has_public_link": wanted}, etag).status == 200
        assert Browser(public.api).get(path).status == 404
    assert re.fullmatch("[0-9a-f]{26}", public.path().rpartition("/")[2]) and public.path() != path
    assert Browser(public.api).get(public.path()).status == 200


@pytest.mark.parametrize("form", ["kept=%7B%22well%22%3A9%7D&page=1&do=send", "kept=x&page=2&do=send", "page=9999&do=back", "kept=%5B1%5D&page=1&do=send"])
def test_what_no_page_of_ours_sends_is_no_error_of_ours(public, form):
    page = public.begin()
    token = re.search('name="form_token" value="([^"]*)"', page.body).group(1)
    answer = Browser(public.api).ask("POST", public.path(), f"{form}&form_token={token}".encode())
    assert answer.status == 200, "the page again"
    assert public.rows("SELECT count(*) FROM survey_public_use WHERE survey_id = %s", public.id) == [(0,)]


@pytest.mark.shows("partnerships.survey_students")
def test_students_are_not_asked_of_what_is_protected_before_parents_were_told(api, database):
    public = Public(api, database, audience="student", is_sensitive=True)
    for verb in ("schedule", "open"):
        refused = public.act(verb)
        assert (refused.status, refused.json["state"]["missing"]) == (409, ["consent_note"]), refused
    etag = public.director.get(f"/v1/surveys/{public.id}").etag
    assert public.director.patch(f"/v1/surveys/{public.id}", {"consent_note": "A letter home on October 1."}, etag).status == 200
    assert public.act("open").status == 200


def test_a_public_link_is_of_an_anonymous_survey_and_students_have_no_other_way(api, database):
    named = Public(api, database, mode="confidential")
    assert named.act("open").json["state"]["missing"] == ["mode"]
    public = Public(api, database, audience="student")
    chosen = public.director.created("saved_filters", {"name": "X", "resource": "contacts", "criteria": []}).id
    users = public.director.created("saved_filters", {"name": "X", "resource": "users", "criteria": []}).id
    for field, wrong in (("contact_filter_id", users), ("user_filter_id", chosen)):
        etag = public.director.get(f"/v1/surveys/{public.id}").etag
        answer = public.director.patch(f"/v1/surveys/{public.id}", {field: wrong}, etag)
        assert (answer.status, answer.faults) == (422, {f"/{field}": "not_allowed"})
    assert public.director.patch(f"/v1/surveys/{public.id}", {"contact_filter_id": chosen}, etag).status == 200
    assert public.act("open").json["state"]["missing"] == ["audience"]
