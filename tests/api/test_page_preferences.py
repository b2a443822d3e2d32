"""Mail that one does not want: the one click of a mail program (RFC 8058), and the page."""

import pytest
from check_ins import running
from pages import Browser, make_link, message, state, values_of

ONE_CLICK = b"List-Unsubscribe=One-Click"


class Person:
    """A contact who leads a partnership and got a mail with a link to its preferences."""

    def __init__(self, tenant, topic="surveys", **fields):
        self.tenant = tenant
        self.partnership = running(tenant)
        self.contact = self.partnership.contact
        self.message = message(tenant, contact_id=self.contact, topic=topic,
                               partnership_id=self.partnership.id)
        self.link = make_link(tenant, "preferences", contact_id=self.contact, message_id=self.message,
                              **fields)
        self.browser = Browser(tenant.api)

    def page(self):
        return self.browser.get(f"/u/{self.link}")

    def rows(self, sql, *values):
        with self.tenant.api.database.connect("kith_migrate") as connection:
            return connection.execute(sql, values).fetchall()

    def opted_out(self):
        return {topic: source for topic, source in self.rows(
            "SELECT topic, source FROM preference WHERE contact_id = %s AND opted_out", self.contact)}

    def tasks(self):
        return self.rows("SELECT kind, reason, status, note, owner_id::text FROM call_task "
                         "WHERE contact_id = %s", self.contact)


@pytest.fixture
def person(ours):
    return Person(ours)


def click(person, body=ONE_CLICK, **headers):
    """As a mail provider does: no cookie, nothing of a browser."""
    fields = {"Accept": None, "Origin": None, "Sec_Fetch_Site": None, **headers}
    return Browser(person.tenant.api).ask("POST", f"/u/{person.link}", body, **fields)


# ---- One click -----------------------------------------------------------------------------------


def test_one_click_acts_at_once(person):
    reply = click(person)
    assert (reply.status, reply.body) == (200, "Unsubscribed.\n")
    assert reply.field("Set-Cookie") is None and reply.field("Location") is None
    assert person.opted_out() == {"surveys": "one_click"}


def test_twice_is_once(person, ours):
    click(person)
    before = state(ours)
    assert click(person).status == 200
    assert state(ours) == before


@pytest.mark.parametrize("topic", ["check_ins", "agreements", "surveys"])
def test_it_is_of_the_mails_own_topic(ours, topic):
    person = Person(ours, topic=topic)
    click(person)
    assert person.opted_out() == {topic: "one_click"}


def test_it_takes_up_what_was_wanted_again(person, migrate):
    click(person)
    migrate.execute("UPDATE preference SET opted_out = false WHERE contact_id = %s", (person.contact,))
    click(person)
    assert person.opted_out() == {"surveys": "one_click"}


@pytest.mark.parametrize("body, headers, status", [
    (b"List-Unsubscribe=Two-Clicks", {}, 422),
    (b"", {}, 422),
    (ONE_CLICK, {"Content_Type": "text/plain"}, 415),
    (ONE_CLICK + b"&List-Unsubscribe=One-Click", {}, 400),
    (b"--x\r\nContent-Disposition: form-data", {"Content_Type": "multipart/form-data; boundary=x"}, 415),
], ids=["another word", "nothing", "another type", "twice", "multipart"])
def test_anything_else_acts_on_nothing(person, ours, body, headers, status):
    before = state(ours)
    assert click(person, body, **headers).status == status
    assert state(ours) == before


def test_looking_acts_on_nothing(person, ours):
    before = state(ours)
    assert person.page().status == 200
    person.browser.ask("HEAD", f"/u/{person.link}")
    assert state(ours) == before


def test_who_has_left_can_be_rid_of_it_too(person, migrate):
    migrate.execute("UPDATE contact SET status = 'left' WHERE id = %s", (person.contact,))
    assert click(person).status == 200 and person.page().status == 200


def test_a_mail_program_has_a_quota_by_the_link(person, database):
    """Thousands of recipients, and one address of their provider."""
    from api_world import running_api  # pylint: disable=import-outside-toplevel

    with running_api(database, KITH_RATE_ANONYMOUS=2) as api:
        for _ in range(6):
            reply = Browser(api).ask("POST", f"/u/{person.link}", ONE_CLICK, Accept=None)
            assert reply.status == 200


# ---- The page ------------------------------------------------------------------------------------


def test_the_page_says_what_each_topic_means(person):
    page = person.page()
    assert page.heading == "Mail from us" and person.contact in page.text
    for word in ("Check-ins", "Agreements", "Surveys", "part of the partnership"):
        assert word in page.text
    boxes = [n.get("name") for n in page.root.all("input") if n.get("type") == "checkbox"]
    assert boxes == ["topic.asks", "topic.convenings", "topic.stories", "topic.surveys", "topic.thank_yous", "topic.trainings", "topic.needs"], "a duty is no choice"


def test_a_bulletin_comes_to_who_asks_for_it_alone(person):
    def ticked(page):
        return [n.get("name") for n in page.root.all("input") if "checked" in n.attributes]

    page = person.page()
    assert "topic.needs" not in ticked(page)
    page = person.browser.submit(page, "preferences_save", topic__needs="yes")
    assert "topic.needs" in ticked(page) and person.opted_out() == {}
    page = person.browser.submit(page, "preferences_save", topic__needs=None)
    assert "topic.needs" not in ticked(page) and person.opted_out() == {"needs": "link"}


def test_a_topic_is_declined_and_wanted_again(person):
    page = person.browser.submit(person.page(), "preferences_save", topic__surveys=None)
    assert page.notices() == ["Your choices are saved."] and person.opted_out() == {"surveys": "link"}
    page = person.browser.submit(page, "preferences_save", topic__surveys="yes")
    assert person.opted_out() == {}


def test_the_language_is_kept(person, migrate):
    page = person.browser.submit(person.page(), "preferences_save", locale="es")
    assert migrate.execute("SELECT locale FROM contact WHERE id = %s", (person.contact,)).fetchone() == ("es",)
    assert page.lang == "es" and page.value("locale") == "es"


def test_all_mail_stops_and_comes_again(person):
    page = person.browser.submit(person.page(), "preferences_none")
    assert person.opted_out() == {"all": "link"}
    assert page.notices() == ["You get no more mail from us."]
    assert "preferences_save" not in page.buttons()
    page = person.browser.submit(page, "preferences_some")
    assert person.opted_out() == {} and "preferences_save" in page.buttons()


@pytest.mark.parametrize("reason", ["left_org", "not_me"])
def test_the_wrong_person_is_told_to_the_districts_lead(person, ours, reason):
    page = person.browser.submit(person.page(), "tell", tell_reason=reason)
    assert page.notices()[0].startswith("Thank you for telling us.")
    assert person.tasks() == [("hand_over", reason, "open", None, ours.users["director"])]
    assert person.opted_out() == {"all": "link"}, "nothing more comes here"


def test_a_colleague_takes_over(person, ours):
    page = person.browser.submit(person.page(), "tell", tell_reason="pass_on")
    assert page.status == 422 and list(page.errors()) == ["tell_note"]
    assert page.root and [n.get("value") for n in page.root.all("input") if "checked" in n.attributes
                          and n.get("name") == "tell_reason"] == ["pass_on"], "what was chosen is not lost"
    page = person.browser.submit(page, "tell", tell_note="Bob, bob@example.org")
    assert page.status == 200
    assert person.tasks() == [("hand_over", "pass_on", "open", "Bob, bob@example.org",
                               ours.users["director"])]
    assert person.opted_out() == {}


def test_told_again_it_is_one_task(person, ours, migrate):
    page = person.page()
    values = {**values_of(page.form("tell")), "tell_reason": "pass_on", "tell_note": "Bob", "do": "tell"}
    assert person.browser.post(page.path, values).status == 303
    before = state(ours)
    assert person.browser.post(page.path, values).status == 303
    assert state(ours) == before
    migrate.execute("UPDATE call_task SET status = 'done', done_at = now() WHERE contact_id = %s",
                    (person.contact,))
    person.browser.post(page.path, {**values, "tell_note": "Carol"})
    assert person.tasks() == [("hand_over", "pass_on", "open", "Bob\nCarol", ours.users["director"])]


@pytest.mark.parametrize("values, errors", [
    ({"tell_reason": "other"}, {"tell_reason"}), ({}, {"tell_reason"}),
    ({"tell_reason": "pass_on", "tell_note": "n" * 2001}, {"tell_note"}),
], ids=["no such reason", "none", "a long note"])
def test_what_is_wrong_is_told(person, ours, values, errors):
    page = person.page()
    before = state(ours)
    form = {**values_of(page.form("tell")), **values, "do": "tell"}
    again = person.browser.post(page.path, form)
    assert again.status == 422 and set(again.errors()) == errors
    assert state(ours) == before


@pytest.mark.parametrize("values", [{"locale": ""}, {"locale": "english!"}, {"topic.surveys": "on"}], ids=str)
def test_what_no_form_of_ours_sends_is_refused(person, ours, values):
    page = person.page()
    before = state(ours)
    form = {**values_of(page.form("preferences_save")), **values, "do": "preferences_save"}
    assert person.browser.post(page.path, form).status == 422
    assert state(ours) == before


def test_a_user_has_the_page_too(ours, migrate):
    user = ours.users["coordinator"]
    mail = message(ours, user_id=user, topic="surveys")
    browser = Browser(ours.api)
    page = browser.get(f"/u/{make_link(ours, 'preferences', user_id=user, message_id=mail)}")
    page = browser.submit(page, "preferences_save", topic__surveys=None, locale="es")
    assert page.lang == "es"
    assert migrate.execute("SELECT topic FROM preference WHERE user_id = %s AND opted_out",
                           (user,)).fetchall() == [("surveys",)]
    assert migrate.execute("SELECT locale FROM app_user WHERE id = %s", (user,)).fetchone() == ("es",)


def test_of_a_duty_that_was_declined_the_page_says_that_it_comes_all_the_same(ours):
    person = Person(ours, topic="check_ins")
    click(person)
    assert "You asked us to leave these out." in person.page().text


def test_it_speaks_spanish(person, migrate):
    migrate.execute("UPDATE contact SET locale = 'es' WHERE id = %s", (person.contact,))
    page = person.page()
    assert page.heading == "Nuestros correos" and page.lang == "es"
    page = person.browser.submit(page, "preferences_none")
    assert page.notices() == ["Ya no recibirá correos nuestros."]


def test_the_districts_people_choose_whether_the_daily_digest_comes(ours):
    user = ours.users["viewer"]
    browser = Browser(ours.api)
    page = browser.get("/u/" + make_link(ours, "preferences", user_id=user))
    assert page.value("topic.digest") == "yes" and "Your tasks" in page.text
    assert browser.send(page, "preferences_save", topic__digest=None).status == 303
    rows = ours.admin.get("/v1/preferences", {"user_id": user, "topic": "digest"}).json["data"]
    assert [row["opted_out"] for row in rows] == [True]
    assert "topic.digest" not in Person(ours).page().body, "of partners nobody gets one"
