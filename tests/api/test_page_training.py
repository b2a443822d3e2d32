"""A training by a mail's link: who is invited registers, or waits, and moves up in order when a seat becomes free."""

import pytest
from acting import at_once
from needing import changed
from pages import Browser, make_link, signed_in, state
from test_page_ask import tasks

from world import uuid7


class Training:
    def __init__(self, tenant, **fields):
        self.tenant, self.caller = tenant, tenant.director
        self.id = self.caller.created("trainings", {
            "title": "Working <together>", "audience": "partners", "on_date": "2026-12-10", "seats": 1, **fields}).id
        self.path = f"/v1/trainings/{self.id}"

    def invite(self, name, **fields):
        contact = self.caller.created("contacts", {"name": name, "email": f"{uuid7()}@example.org"}).id
        return Invited(self, contact, self.caller.created("training_seats", {
            "training_id": self.id, "contact_id": contact, "status": "invited", **fields}).id)


class Invited:
    def __init__(self, training, contact, seat):
        self.caller, self.contact, self.seat = training.caller, contact, seat
        self.browser = Browser(training.tenant.api)
        self.link = make_link(training.tenant, "training", seat, contact_id=contact)

    def page(self):
        return self.browser.get(f"/r/{self.link}")

    def does(self, verb):
        assert self.browser.send(self.page(), verb).status == 303
        return self

    @property
    def status(self):
        return self.caller.get(f"/v1/training_seats/{self.seat}").json["status"]

    def mails(self):
        rows = self.caller.get("/v1/messages", {"subject_id": self.seat}).json["data"]
        return {row["kind"]: row for row in rows}


@pytest.mark.shows("development.training_link")
def test_who_is_invited_registers_by_the_link_and_others_wait_and_move_up_in_order(ours):
    training = Training(ours)
    ann, bo, cy, dee = (training.invite(name) for name in ("Ann", "Bo", "Cy", "Dee"))
    mail = ann.mails()["training_invitation"]
    assert (mail["class"], mail["topic"], mail["status"]) == ("program", "trainings", "queued")
    before = state(ours)
    page = ann.page()
    assert page.heading == "Working <together>" and page.buttons() == ["training_register", "training_withdraw"]
    assert state(ours) == before, "to look changes nothing"
    for _ in range(2):
        assert ann.browser.send(page, "training_register").status == 303
    assert ann.status == "registered" and "You have a seat." in ann.page().text
    for who in (cy, bo):
        assert who.does("training_register").status == "waiting"
    assert "Before you: 1" in bo.page().text
    ann.does("training_withdraw")
    assert [who.status for who in (ann, bo, cy, dee)] == ["cancelled", "waiting", "registered", "invited"]
    told = cy.mails()["training_seat"]
    assert (told["class"], told["contact_id"]) == ("duty", cy.contact) and "training_seat" not in bo.mails()
    assert ann.does("training_register").status == "waiting", "behind who waits already"
    cy.does("training_withdraw")
    assert [who.status for who in (bo, ann)] == ["registered", "waiting"]


@pytest.mark.shows("development.training_link")
def test_more_seats_are_for_who_waits_and_so_is_one_that_staff_frees(ours):
    training = Training(ours)
    people = [training.invite(f"P {n}").does("training_register") for n in range(4)]
    assert [who.status for who in people] == ["registered", *["waiting"] * 3]
    changed(ours.director, training.path, seats=2)
    assert [who.status for who in people[1:]] == ["registered", "waiting", "waiting"]
    path = f"/v1/training_seats/{people[0].seat}"
    assert ours.director.archive(path, ours.director.get(path).etag).status == 204
    assert [who.status for who in people[2:]] == ["registered", "waiting"]
    assert people[0].browser.send(people[1].page(), "training_withdraw").status != 303, "a form of another's page"
    changed(ours.director, f"/v1/training_seats/{people[1].seat}", status="attended")
    assert people[1].page().buttons() == [] and "You were there." in people[1].page().text


@pytest.mark.shows("development.training_link")
def test_whom_no_mail_reaches_is_called_by_who_sees_to_the_training(ours):
    training = Training(ours, owner_id=ours.users["coordinator"])
    ann = training.invite("Ann").does("training_register")
    mute = ours.director.created("contacts", {"name": "Mute"}).id
    seat = ours.director.created("training_seats", {"training_id": training.id, "contact_id": mute, "status": "waiting"}).id
    ann.does("training_withdraw")
    call, = [row for row in ours.director.get("/v1/call_tasks", {"contact_id": mute}).json["data"]]
    assert (call["owner_id"], call["reason"], call["subject_id"]) == (ours.users["coordinator"], "no_email", seat)
    assert ("call_task", call["id"]) in tasks(ours.coordinator)


@pytest.mark.shows("development.training_link")
def test_no_more_register_at_once_than_there_are_seats(ours):
    training = Training(ours, seats=2)
    people = [training.invite(f"Q {n}") for n in range(6)]
    pages = [who.page() for who in people]
    answers = at_once(6, lambda n: people[n].browser.send(pages[n], "training_register").status)
    for who, answer in zip(people, answers):
        if answer != 303:  # somebody else was at it
            who.does("training_register")
    assert sorted(who.status for who in people) == [*["registered"] * 2, *["waiting"] * 4]


@pytest.mark.shows("development.training_link")
def test_what_is_over_takes_nobody_and_mail_that_is_not_wanted_does_not_go(ours, migrate):
    training = Training(ours)
    late = training.invite("Eve")
    page = late.page()
    migrate.execute("UPDATE training SET on_date = '2026-11-01' WHERE id = %s", (training.id,))
    assert late.browser.send(page, "training_register").status == 409 and late.page().buttons() == []
    shy = ours.director.created("contacts", {"name": "Shy", "email": f"{uuid7()}@example.org", "locale": "es"}).id
    ours.director.created("preferences", {"contact_id": shy, "topic": "trainings"})
    other = Training(ours)
    seat = Invited(other, shy, ours.director.created("training_seats", {
        "training_id": other.id, "contact_id": shy, "status": "invited"}).id)
    assert seat.mails()["training_invitation"]["reason"] == "opted_out"
    assert seat.page().lang == "es" and "Lugares libres" in seat.page().text


def test_a_contact_that_is_signed_in_finds_it_on_its_first_page(ours, migrate):
    from administering import owns  # pylint: disable=import-outside-toplevel
    owns(ours, ours.director.partner().id, "partner")
    one = Training(ours).invite("Fay")
    migrate.execute("UPDATE app_user SET contact_id = %s WHERE id = %s", (one.contact, ours.users["partner"]))
    browser = signed_in(ours, "partner")
    link = browser.get("/organization").links()["Training: Working <together>"]
    assert browser.send(browser.get(link), "training_register").status == 303
    assert one.status == "registered" and "you have a seat" in browser.get("/organization").text
    migrate.execute("UPDATE app_user SET contact_id = NULL WHERE id = %s", (ours.users["partner"],))
