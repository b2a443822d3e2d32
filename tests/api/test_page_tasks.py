"""All that waits for somebody, by the one link of the day's mail: each thing opens its own page, without an account."""

import pytest
from check_ins import running
from pages import Browser, make_link, message, state
from test_page_tell import Told


OVER = "This link does not open anything any more"


class Waiting:
    """A contact that leads two partnerships with a check-in each, whom a mail told of both, and of an agreement's vision."""

    def __init__(self, tenant):
        self.tenant = tenant
        self.first, self.other = running(tenant, name="Reading"), running(tenant, name="Swimming")
        self.contact = self.first.contact
        self.do("UPDATE partnership_role SET contact_id = %s WHERE partnership_id = %s AND contact_id IS NOT NULL",
                self.contact, self.other.id)
        self.checks = [self.first.check_in(due_on="2026-12-11"), self.other.check_in(due_on="2026-11-20")]
        self.carrier = message(tenant, contact_id=self.contact, subject_id=self.contact, kind="duties", **{"class": "duty"})
        self.mails = [message(tenant, contact_id=self.contact, partnership_id=p.id, subject_id=one, kind="check_in_reminder",
                              carried_by=self.carrier) for p, one in zip((self.first, self.other), self.checks)]
        self.links = [make_link(tenant, "check_in", one, contact_id=self.contact, message_id=mail)
                      for one, mail in zip(self.checks, self.mails)]
        self.all = make_link(tenant, "tasks", contact_id=self.contact, message_id=self.carrier)
        self.browser = Browser(tenant.api)

    def do(self, statement, *values):
        with self.tenant.api.database.connect("kith_migrate") as connection:
            return connection.execute(statement, values)

    def page(self):
        return self.browser.get(f"/r/{self.all}")

    def things(self):
        return [link for link in self.page().links().values() if link.count("/") == 4]


@pytest.fixture
def waiting(ours):
    return Waiting(ours)


@pytest.mark.shows("administration.tasks_page")
def test_all_that_waits_is_listed_and_each_opens_its_own_page(ours, waiting):
    before = state(ours)
    page = waiting.page()
    assert page.heading == "What waits for you" and "Check-in: Swimming" in page.text and "overdue" in page.text.lower()
    swimming, reading = waiting.things()
    assert (swimming.rpartition("/")[2], reading.rpartition("/")[2]) == (waiting.checks[1], waiting.checks[0]), "the first is due first"
    opened = waiting.browser.get(reading)
    assert opened.heading == "Check-in Reading" and state(ours) == before, "nothing is written by looking"
    other = waiting.browser.get(swimming)
    assert other.heading == "Check-in Swimming" and other.path != opened.path
    assert waiting.browser.get(opened.path).heading == "Check-in Reading", "both are open"
    assert waiting.browser.get(f"/r/{waiting.links[1]}").heading == "Check-in Swimming", "its own link opens it, too"


def test_what_is_done_is_listed_no_more_and_can_still_be_opened(waiting):
    reading = waiting.things()[1]
    for one in waiting.checks:
        waiting.do("INSERT INTO check_in_half (district_id, id, check_in_id, side, status, submitted_at, created_at, updated_at) "
                   "SELECT district_id, uuid7(), id, 'partner', 'submitted', opened_at, opened_at, opened_at FROM check_in WHERE id = %s",
                   one)
    assert waiting.things() == [] and "Nothing waits for you" in waiting.page().text
    assert waiting.browser.get(reading).heading == "Check-in Reading"


def test_a_form_of_a_thing_works_from_there(waiting):
    page = waiting.browser.get(waiting.things()[1])
    page = waiting.browser.submit(page, "check_in_save", challenges="None.")
    assert page.notices()[0].startswith("Saved")
    found = waiting.do("SELECT challenges FROM check_in_half WHERE check_in_id = %s", waiting.checks[0]).fetchall()
    assert found == [("None.",)]


def test_nobody_opens_what_no_mail_has_told_him_of(ours, theirs, waiting):
    base = waiting.page().path
    another = running(ours)
    strange = another.check_in()
    make_link(ours, "check_in", strange, contact_id=another.contact)
    of_others = Waiting(theirs)
    for purpose, subject in (("check_in", strange), ("check_in", of_others.checks[0]), ("agreement", waiting.checks[0]),
                             ("tasks", waiting.contact), ("password", waiting.contact)):
        page = waiting.browser.get(f"{base}/{purpose}/{subject}")
        assert page.status == 404, (purpose, page)
    assert waiting.browser.get(f"{base}/check_in/x").status == 404


def test_a_link_that_is_taken_back_opens_nothing_from_there_either(waiting):
    swimming, reading = waiting.things()
    waiting.do("UPDATE link SET revoked_at = created_at WHERE subject_id = %s", waiting.checks[0])
    assert waiting.things() == [swimming]
    assert OVER in waiting.browser.get(reading).text
    waiting.do("UPDATE link SET revoked_at = created_at WHERE purpose = 'tasks' AND contact_id = %s", waiting.contact)
    assert OVER in waiting.browser.get(swimming).text


def test_whoever_it_came_to_by_mistake_says_so_of_all_of_it(waiting):
    page = waiting.browser.submit(waiting.page(), "tell", tell_reason="pass_on", tell_note="Bob")
    assert page.notices()[0].startswith("Thank you for telling us.")
    found = waiting.do("SELECT kind, reason, subject_id::text, partnership_id::text, note FROM call_task WHERE contact_id = %s",
                       waiting.contact).fetchall()
    assert sorted(found) == sorted([("hand_over", "pass_on", one, p.id, "Bob")
                                    for p, one in zip((waiting.first, waiting.other), waiting.checks)])


def test_the_districts_people_have_such_a_page(ours, waiting):
    user = waiting.first.user
    make_link(ours, "check_in", waiting.checks[0], user_id=user)
    page = Browser(ours.api).get(f"/r/{make_link(ours, 'tasks', user_id=user)}")
    assert page.heading == "What waits for you" and "Reading" in page.text


@pytest.mark.parametrize("purpose", ["agreement", "investments", "acknowledgment", "credential", "record"])
def test_each_kind_of_thing_is_listed_while_it_waits(ours, purpose):
    told = Told(ours, purpose)
    if purpose == "credential":
        with ours.api.database.connect("kith_migrate") as connection:
            connection.execute("UPDATE partner SET stage = 'active' WHERE id = %s", (told.ready.partner,))
        ours.director.created("credentials", {"partner_id": told.ready.partner, "kind": "license", "expires_on": "2026-12-31"})
    page = told.browser.get(f"/r/{make_link(ours, 'tasks', contact_id=told.contact, message_id=told.mail)}")
    thing, = [link for link in page.links().values() if link.count("/") == 4]
    assert f"/{purpose}/" in thing
    assert told.browser.get(thing).status == 200
