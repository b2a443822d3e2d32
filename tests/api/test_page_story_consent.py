"""Whether a story may name somebody: asked by mail, answered by its link, taken back by the same page."""

import pytest
from acting import act, done
from api_world import Caller
from fields import APART
from operations import Subjects
from pages import Browser, make_link, signed_in, state
from partnering import Ready
from test_api_stories import attested, missing

from world import uuid7


class Told:
    """A story about one subject, which shows nobody; whom it names is asked."""

    def __init__(self, tenant, **subject):
        self.tenant, self.caller = tenant, tenant.director
        self.id = self.caller.created("stories", {**APART["stories"], "title": "The <garden>", "shows_people": False}).id
        self.about = self.caller.created("story_subjects", {"story_id": self.id, **subject}).id

    def ask(self):
        done(act(self.caller, "story_subjects", self.about, "ask"))
        rows = self.caller.get("/v1/messages", {"subject_id": self.about}).json["data"]
        return {row["contact_id"]: row for row in rows}

    def browse(self, contact):
        browser = Browser(self.tenant.api)
        link = make_link(self.tenant, "story_consent", self.about, contact_id=contact)
        return browser, browser.get(f"/r/{link}")

    def json(self):
        return self.caller.get(f"/v1/story_subjects/{self.about}").json

    def submitted(self):
        done(attested(self.caller, self.id, "submit"))
        return self

    def published(self):
        done(attested(self.tenant.executive, self.id, "approve"))
        done(act(self.caller, "stories", self.id, "publish"))

    @property
    def status(self):
        return self.caller.get(f"/v1/stories/{self.id}").json["status"]


def person(tenant, **fields):
    return tenant.director.created("contacts", {"name": "Ana", "email": f"{uuid7()}@example.org", **fields}).id


@pytest.mark.shows("recognition.consent_link")
def test_whom_a_story_names_is_asked_by_mail_and_answers_by_the_link(ours):
    ana = person(ours)
    told = Told(ours, contact_id=ana)
    mail = told.ask()[ana]
    assert (mail["kind"], mail["class"], mail["topic"]) == ("story_consent", "program", "stories")
    told.submitted()
    assert missing(attested(ours.executive, told.id, "approve")) == ["consent"]
    browser, page = told.browse(ana)
    before = state(ours)
    assert "The <garden>" in page.text and browser.get(page.path).status == 200
    assert state(ours) == before, "to look changes nothing"
    wrong = browser.send(page, "consent_give")
    assert wrong.status == 422 and list(wrong.errors()) == ["story_read"] and state(ours) == before
    for _ in range(2):
        assert browser.send(page, "consent_give", story_read="yes").status == 303
    said = told.json()
    assert (said["answer"], said["answered_by"], said["consent_contact_id"], said["consent_recorded_by"]) == (
        "consented", ana, ana, None)
    assert said["answered_at"] and said["asked_at"]
    told.published()
    slug = ours.director.get(ours.path).json["slug"]
    anybody = Caller(ours.api, None)
    public = f"/d/{slug}/stories/{told.id}"
    assert anybody.get(public).status == 200
    page = browser.get(page.path)
    assert browser.send(page, "consent_decline", why="Please not").status == 303
    assert told.status == "withdrawn" and anybody.get(public).status == 404
    said = told.json()
    assert (said["answer"], said["answer_note"], said["consent_on"]) == ("declined", "Please not", None)


@pytest.mark.shows("recognition.consent_link")
def test_who_declines_is_not_named(ours):
    ana = person(ours, locale="es")
    told = Told(ours, contact_id=ana)
    told.ask()
    browser, page = told.browse(ana)
    assert page.lang == "es" and page.heading.startswith("¿Podemos contarlo?")
    assert browser.send(page, "consent_decline").status == 303
    assert told.json()["answer"] == "declined"
    told.submitted()
    assert missing(attested(ours.executive, told.id, "approve")) == ["consent"]


@pytest.mark.shows("recognition.consent_refused_task")
def test_whoever_tells_the_story_is_told_that_somebody_does_not_want_to_be_named(ours):
    owner, ana = ours.scoped(("coordinator", "district", None)), person(ours)

    def tasks():
        return [task["subject_id"] for task in owner.get("/v1/me/tasks").json["data"] if task["kind"] == "story_refusal"]

    def owned():
        told = Told(ours, contact_id=ana)
        path = f"/v1/stories/{told.id}"
        done(ours.director.patch(path, {"owner_id": owner.user}, ours.director.get(path).etag))
        told.ask()
        return told, *told.browse(ana)

    told, browser, page = owned()
    assert tasks() == [] and browser.send(page, "consent_decline", why="No.").status == 303
    assert tasks() == [told.about]
    task, = [one for one in owner.get("/v1/me/tasks").json["data"] if one["kind"] == "story_refusal"]
    assert (task["title"], task["resource"]) == ("The <garden>: Ana", "story_subjects")
    done(act(owner, "story_subjects", told.about, "revoke"))
    assert tasks() == [], "to be asked again, or left out"
    told, browser, page = owned()
    assert browser.send(page, "consent_give", story_read="yes").status == 303
    told.submitted()
    told.published()
    assert tasks() == [] and browser.send(browser.get(page.path), "consent_decline").status == 303
    assert (told.status, tasks()) == ("withdrawn", [told.about])
    about = owner.get(f"/v1/story_subjects/{told.about}")
    assert owner.archive(f"/v1/story_subjects/{told.about}", about.etag).status in (204, 409)
    done(act(owner, "stories", told.id, "revise"))
    assert owner.archive(f"/v1/story_subjects/{told.about}",
                         owner.get(f"/v1/story_subjects/{told.about}").etag).status in (204, 404)
    assert tasks() == []


@pytest.mark.shows("recognition.consent_link")
def test_consent_is_to_what_was_read(ours):
    ana = person(ours)
    told = Told(ours, contact_id=ana)
    told.ask()
    browser, page = told.browse(ana)
    assert browser.send(page, "consent_give", story_read="yes").status == 303
    path = f"/v1/stories/{told.id}"
    done(ours.director.patch(path, {"text": "Another text."}, ours.director.get(path).etag))
    late = browser.send(page, "consent_give", story_read="yes")
    assert late.status == 422 and "Another text." in late.text
    told.submitted()
    assert missing(attested(ours.executive, told.id, "approve")) == ["consent"]
    assert browser.send(browser.get(page.path), "consent_give", story_read="yes").status == 303
    told.published()


@pytest.mark.shows("recognition.consent_link")
def test_who_gave_and_who_leads_are_asked_and_nobody_else_answers(ours):
    ready, ana = Ready(ours), person(ours)
    gift = Subjects(ours).fresh("gifts").id
    of = ours.director.get(f"/v1/gifts/{gift}").json
    told = Told(ours, partnership_id=ready.id)
    assert list(told.ask()) == [ready.contact]
    browser, page = told.browse(ana)
    assert page.buttons() == [] and "The <garden>" not in page.text, "it was not asked"
    site = Told(ours, site_id=ours.director.site().id)
    assert act(ours.director, "story_subjects", site.about, "ask").status == 409
    given = Told(ours, gift_id=gift)
    if of["contact_id"]:
        assert list(given.ask()) == [of["contact_id"]]
    given.submitted()
    assert missing(attested(ours.executive, given.id, "approve")) == ["consent"]
    silent = ours.director.created("contacts", {"name": "No mail"}).id
    mute = Told(ours, contact_id=silent)
    assert mute.ask()[silent]["reason"] == "no_email", "somebody tells the district, which records it"
    done(act(ours.director, "story_subjects", mute.about, "consent", contact_id=silent))
    assert mute.json()["answer"] == "consented"


@pytest.mark.shows("recognition.consent_link")
def test_who_wants_no_mail_about_stories_gets_none(ours):
    ana = person(ours)
    ours.director.created("preferences", {"contact_id": ana, "topic": "stories"})
    assert Told(ours, contact_id=ana).ask()[ana]["reason"] == "opted_out"


def test_a_contact_that_is_signed_in_answers_on_its_own_pages(ours, migrate):
    from administering import owns  # pylint: disable=import-outside-toplevel
    ready = Ready(ours)
    owns(ours, ready.partner, "partner")
    told = Told(ours, partnership_id=ready.id)
    told.ask()
    migrate.execute("UPDATE app_user SET contact_id = %s WHERE id = %s", (ready.contact, ours.users["partner"]))
    browser = signed_in(ours, "partner")
    page = browser.get(browser.get("/organization").links()["May we tell this?: The <garden>"])
    assert browser.send(page, "consent_give", story_read="yes").status == 303
    assert told.json()["answered_by"] == ready.contact
    assert "May we tell this?: The <garden>" not in browser.get("/organization").links()
    migrate.execute("UPDATE app_user SET contact_id = NULL WHERE id = %s", (ours.users["partner"],))


@pytest.mark.shows("recognition.consent_link")
def test_a_story_does_not_go_on_telling_of_whoever_is_erased(ours):
    ana, other = person(ours), person(ours)
    told, another = Told(ours, contact_id=ana), Told(ours, contact_id=other)
    for one, contact in ((told, ana), (another, other)):
        one.ask()
        one.submitted()
        browser, page = one.browse(contact)
        assert browser.send(page, "consent_give", story_read="yes").status == 303
        one.published()
    erasure = ours.admin.created("erasures", {"contact_id": ana, "reason": "As asked"}).id
    done(act(ours.admin, "erasures", erasure, "run"))
    assert (told.status, another.status) == ("withdrawn", "published")
    assert told.json()["consent_on"] is None
