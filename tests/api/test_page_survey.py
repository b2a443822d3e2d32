"""The page of a survey: the relationships that a person is asked about, part by part, kept as it goes,
sent once each."""

import pytest
from administering import owns
from check_ins import NOW, SAID
from fields import least
from pages import Browser, make_link, message, signed_in, state, values_of

from world import insert, uuid7

RATINGS = {"trust": ("trust_word", "trust_open"), "value": ("value_worth", "value_need"),
           "quality": ("alignment", "coordination", "leadership", "accountability", "results",
                       "communication", "sustainability")}  # fmt: skip


class Asked:
    """A contact who leads two partnerships on the partner's side, and the survey that asks about them."""

    def __init__(self, tenant, mode="confidential", closes_on="2026-12-18", **fields):
        self.tenant = tenant
        rows = {"district_id": tenant.id, **SAID}
        self.contact = uuid7()
        with tenant.api.database.connect("kith_migrate") as connection, connection.transaction():
            partner = uuid7()
            insert(connection, "partner", {**rows, "id": partner, "name": "City Arts", "kind": "nonprofit"})
            insert(connection, "contact", {**rows, "id": self.contact, "name": "Ann",
                                           "email": f"{self.contact}@example.org"})
            for name in ("Dance", "Choir"):
                one = uuid7()
                insert(connection, "partnership",
                       {**rows, "id": one, "partner_id": partner, "name": name, "arrangement": "program",
                        "status": "active", "activated_at": "2026-10-01T12:00:00Z"})
                insert(connection, "partnership_role",
                       {**rows, "id": uuid7(), "partnership_id": one, "side": "partner", "role": "lead",
                        "contact_id": self.contact})
        body = {**least(tenant.admin, "surveys"), "name": "How is it going?", "mode": mode,
                "opens_on": "2026-11-01", "closes_on": closes_on, "asks_district": False,
                "partner_id": partner, **fields}
        self.id = tenant.admin.created("surveys", body).id
        assert tenant.admin.post(f"/v1/surveys/{self.id}/open", {}).status == 200
        self.invitation = self.row("SELECT id FROM survey_invitation WHERE survey_id = %s", self.id)[0]
        self.link = make_link(tenant, "survey", self.invitation, contact_id=self.contact)
        self.browser = Browser(tenant.api)

    def page(self):
        return self.browser.get(f"/r/{self.link}")

    def row(self, sql, *values):
        with self.tenant.api.database.connect("kith_migrate") as connection:
            return connection.execute(sql, values).fetchone()

    def answers(self, name):
        return self.row("SELECT w.answers, w.status FROM survey_answer w JOIN partnership p "
                        "ON p.id = w.partnership_id WHERE w.survey_invitation_id = %s AND p.name = %s",
                        self.invitation, name)

    def status(self):
        return self.row("SELECT status FROM survey_invitation WHERE id = %s", self.invitation)[0]

    def act(self, verb, **fields):
        answer = self.tenant.admin.post(f"/v1/surveys/{self.id}/{verb}", fields)
        assert answer.status == 200, answer

    def answer_all(self, page, rating="4"):
        """All parts of the relationship whose first page that is; the page behind the last."""
        while "survey_next" in page.buttons():
            page = self.browser.submit(page, "survey_next", **rated(page, rating))
        return self.browser.submit(page, "survey_send", **rated(page, rating))


def rated(page, rating):
    """A rating for each question of the page, and no more."""
    return {node.get("name").replace(".", "__"): rating for node in page.root.all("input")
            if node.get("type") == "radio"}


@pytest.fixture
def asked(ours):
    return Asked(ours, introduction="Please take <five> minutes.")


def test_the_first_page_says_what_it_is_and_about_whom(asked):
    page = asked.page()
    assert page.heading == "How is it going?" and "Please take <five> minutes." in page.text
    assert "Friday, December 18, 2026, 11:59 p.m. (Central Time)" in page.text
    assert "Your name is not shown with your answers" in page.text and "at least 5 answers" in page.text
    assert [text for text in page.links() if text.startswith("Begin")] == ["Begin: Choir", "Begin: Dance"]


def test_an_attributed_one_says_who_can_read_it(ours):
    text = Asked(ours, mode="attributed").page().text
    assert "Your name stands with your answers, and both sides of the partnership can read them." in text
    assert "They are public records of the district as far as the law says so." in text
    assert "is not shown" not in text


@pytest.mark.shows("partnerships.survey_attributed")
def test_whoever_sends_an_attributed_one_is_told_there_under_which_name_and_who_reads_it(ours):
    asked = Asked(ours, mode="attributed")
    page = asked.browser.get(asked.page().links()["Begin: Choir"])
    assert "You send these answers as" not in page.text, "nothing is sent from here"
    while "survey_next" in page.buttons():
        page = asked.browser.submit(page, "survey_next", **rated(page, "4"))
    assert "You send these answers as Ann. Your name stands with your answers, and both sides" in page.text
    assert [b.text for b in page.root.all("button") if b.get("value") == "survey_send"] == ["Send my answers with my name"]
    asked.browser.submit(page, "survey_send", **rated(page, "4"))
    assert asked.answers("Choir")[1] == "submitted"


def test_answers_are_kept_part_by_part_and_taken_up_again(asked, api):
    page = asked.browser.get(asked.page().links()["Begin: Choir"])
    assert page.heading == "Choir City Arts" and "Part 1 of 4" in page.text
    page = asked.browser.submit(page, "survey_next", a__trust_word="5", a__trust_open="3")
    assert "Part 2 of 4" in page.text
    assert asked.answers("Choir") == ({"trust_word": 5, "trust_open": 3}, "partial")
    again = Browser(api)  # another day, another browser
    page = again.get(f"/r/{asked.link}")
    assert "begun" in page.text
    page = again.get(page.links()["Go on: Choir"])
    chosen = {n.get("name"): n.get("value") for n in page.root.all("input") if "checked" in n.attributes}
    assert chosen == {"a.trust_word": "5", "a.trust_open": "3"}
    assert asked.status() == "partial"


def test_all_of_it_is_sent_once(asked, ours):
    page = asked.answer_all(asked.browser.get(asked.page().links()["Begin: Choir"]))
    assert page.notices() == ["Sent. Thank you."]
    assert "sent on November 21, 2026" in page.text and list(page.links()).count("Begin: Dance") == 1
    answers, status = asked.answers("Choir")
    assert status == "submitted" and set(answers.values()) == {4}
    assert set(answers) == {code for codes in RATINGS.values() for code in codes}
    page = asked.answer_all(asked.browser.get(page.links()["Begin: Dance"]), "2")
    assert "Everything is answered. Thank you." in page.notices()
    assert asked.status() == "answered"


def test_a_form_that_comes_twice_changes_nothing_the_second_time(asked, ours):
    page = asked.browser.get(asked.page().links()["Begin: Choir"])
    while "survey_next" in page.buttons():
        page = asked.browser.submit(page, "survey_next", **rated(page, "4"))
    values = {**values_of(page.form("survey_send")), "do": "survey_send", "a.comment": "Once"}
    assert asked.browser.post("/" + "/".join(page.path.split("/")[1:3]), values).status == 303
    before = state(ours)
    address = page.form("survey_send").get("action")
    assert asked.browser.post(address, values).status == 303
    assert asked.browser.post(address, {**values, "a.comment": "Other words"}).status == 303
    assert state(ours) == before
    assert asked.answers("Choir")[0]["comment"] == "Once"


def test_what_is_not_answered_is_asked_for_and_nothing_is_lost(asked):
    base = asked.page().path
    page = asked.browser.get(f"{base}/1/4")
    again = asked.browser.submit(page, "survey_send", a__comment="More <mentors>")
    assert again.status == 422 and again.title.startswith("Error: ")
    assert "Part 1 of 4" in again.text, "the part of the first that lacks"
    assert set(again.errors()) == {f"a.{code}" for codes in RATINGS.values() for code in codes}
    links = {a.get("href").partition("#")[0] for a in again.by_id("errors").all("a")}
    assert links == {"", f"{base}/1/2", f"{base}/1/3"}, "and those of the others on theirs"
    assert again.by_id("a.trust_word").get("type") == "radio", "the link leads to where it is answered"
    assert asked.answers("Choir") == ({"comment": "More <mentors>"}, "partial")


def test_a_text_has_at_most_two_thousand_characters(asked):
    base = asked.page().path
    page = asked.browser.get(f"{base}/1/4")
    again = asked.browser.submit(page, "survey_save", a__comment="ñ" * 2001)
    assert again.status == 422 and again.value("a.comment") == "ñ" * 2001
    assert list(again.errors()) == ["a.comment"]
    assert asked.browser.submit(page, "survey_save", a__comment="ñ" * 2000).status == 200
    assert asked.answers("Choir")[0]["comment"] == "ñ" * 2000


def test_an_answer_can_be_taken_back_before_it_is_sent(asked):
    base = asked.page().path
    page = asked.browser.submit(asked.browser.get(f"{base}/1/4"), "survey_save", a__comment="Words")
    asked.browser.submit(page, "survey_save", a__comment="")
    assert asked.answers("Choir")[0] == {}


def test_one_can_go_back_a_part(asked):
    base = asked.page().path
    page = asked.browser.submit(asked.browser.get(f"{base}/1/2"), "survey_back", a__value_worth="1")
    assert "Part 1 of 4" in page.text and asked.answers("Choir")[0] == {"value_worth": 1}


@pytest.mark.parametrize("values", [
    {"a.trust_word": "6"}, {"a.trust_word": "0"}, {"a.trust_word": "yes"},
], ids=str)
def test_an_answer_that_is_none_is_refused(asked, ours, values):
    base = asked.page().path
    page = asked.browser.get(f"{base}/1")
    before = state(ours)
    form = {**values_of(page.form("survey_save")), **values, "do": "survey_save"}
    assert asked.browser.post(page.form("survey_save").get("action"), form).status == 422
    assert state(ours) == before


@pytest.mark.parametrize("place", ["3", "9999"])
def test_a_relationship_that_is_not_asked_about_is_none(asked, ours, place):
    base = asked.page().path
    page = asked.browser.get(f"{base}/1")
    before = state(ours)
    form = {**values_of(page.form("survey_save")), "place": place, "do": "survey_save"}
    assert asked.browser.post(base, form).status == 404
    assert state(ours) == before
    assert asked.browser.get(f"{base}/{place}").heading == "How is it going?", "the first page instead"


@pytest.mark.parametrize("path", ["/0", "/x", "/1/99", "/1/x", "/99999"])
def test_an_address_that_is_not_there_shows_what_there_is(asked, path):
    assert asked.browser.get(asked.page().path + path).status == 200


def test_taking_part_is_voluntary(asked, ours):
    page = asked.browser.submit(asked.page(), "survey_decline")
    assert page.notices() == ["You take no part, and are not reminded."] and asked.status() == "declined"
    assert not [text for text in page.links() if text.startswith("Begin")]
    page = asked.browser.submit(page, "survey_accept")
    assert asked.status() == "invited" and "Begin: Choir" in page.links()


@pytest.mark.parametrize("verb, says", [
    ("pause", "The survey is paused."), ("close", "This survey is not open."),
    ("cancel", "This survey is not open."),
])
def test_one_that_is_not_open_takes_no_answers_and_gives_them_back(asked, ours, verb, says):
    base = asked.page().path
    page = asked.browser.get(f"{base}/1/4")
    asked.act(verb, **({} if verb == "close" else {"reason": "Because."}))
    before = state(ours)
    again = asked.browser.submit(page, "survey_save", a__comment="Words that are not lost")
    assert again.status == 409 and says in again.text
    assert "single students. Words that are not lost" in again.text, "with their question"
    assert state(ours) == before
    assert not asked.browser.get(base).root.first("textarea")


def test_it_speaks_spanish(asked, migrate):
    migrate.execute("UPDATE contact SET locale = 'es' WHERE id = %s", (asked.contact,))
    page = asked.page()
    assert page.lang == "es" and "viernes 18 de diciembre de 2026, 11:59 p. m. (hora del Centro)" in page.text
    page = asked.browser.get(page.links()["Empezar: Choir"])
    assert "La otra parte cumple lo que promete." in page.text and "Parte 1 de 4" in page.text
    english = asked.browser.submit(page, "survey_save:en", a__trust_word="5")
    assert english.lang == "en" and "The other side does what it says it will do." in english.text
    assert asked.answers("Choir")[0] == {"trust_word": 5}, "the switch loses nothing"


def test_a_user_is_asked_by_link_too(ours, migrate):
    asked = Asked(ours)
    user = ours.users["coordinator"]
    migrate.execute("UPDATE survey_invitation SET user_id = %s, contact_id = NULL WHERE id = %s",
                    (user, asked.invitation))
    browser = Browser(ours.api)
    page = browser.get(f"/r/{make_link(ours, 'survey', asked.invitation, user_id=user)}")
    assert "Begin: Choir" in page.links()
    assert browser.submit(browser.get(page.links()["Begin: Choir"]), "survey_next",
                          a__trust_word="5").status == 200


def test_no_session_opens_it(asked, ours):
    assert signed_in(ours).get(asked.page().path).status == 404
    assert NOW


@pytest.mark.shows("partnerships.wrong_person")
def test_whoever_is_the_wrong_person_says_so(ours):
    asked = Asked(ours)
    mail = asked.row("SELECT id FROM message WHERE subject_id = %s", asked.invitation)
    mail = mail[0] if mail else message(ours, contact_id=asked.contact, subject_id=asked.invitation)
    link = make_link(ours, "survey", asked.invitation, contact_id=asked.contact, message_id=mail)
    page = asked.browser.submit(asked.browser.get(f"/r/{link}"), "tell", tell_reason="not_me")
    assert page.notices()[0].startswith("Thank you for telling us.")
    assert asked.row("SELECT kind, reason FROM call_task WHERE contact_id = %s", asked.contact) == ("hand_over", "not_me")


@pytest.mark.shows("registry.own_waiting")
def test_who_is_signed_in_finds_the_survey_on_its_first_page_and_answers_it_there(ours, migrate):
    asked, other = Asked(ours), Asked(ours)
    partner, = asked.row("SELECT partner_id FROM partnership_role r JOIN partnership p ON p.id = r.partnership_id "
                         "WHERE r.contact_id = %s LIMIT 1", asked.contact)
    owns(ours, str(partner), "partner")
    migrate.execute("UPDATE app_user SET contact_id = %s WHERE id = %s", (asked.contact, ours.users["partner"]))
    asked.browser = browser = signed_in(ours, "partner")
    link = browser.get("/organization").links()["Survey: How is it going?"]
    assert link == f"/surveys/{asked.invitation}"
    assert browser.get(f"/surveys/{other.invitation}").status == 404, "it asks another"
    page = asked.answer_all(browser.get(f"{link}/1"))
    assert asked.answers("Choir")[1] == "submitted" and "Dance" in page.text
    assert "you have begun" in browser.get("/organization").text
    assert browser.submit(browser.get(link), "survey_decline").status == 200
    assert "Survey: How is it going?" not in browser.get("/organization").links()
    migrate.execute("UPDATE app_user SET contact_id = NULL WHERE id = %s", (ours.users["partner"],))
