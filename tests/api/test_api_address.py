"""Of a new address the old one is told: of whom, by whomever it was changed, and where it was never more than a mistake."""

import pytest
from needing import changed

from world import NOW, insert, uuid7

LONG_AGO = "2026-09-01T12:00:00Z"


class Person:
    """A contact, or a user, that has been there for long; `knows`: mail of ours has gone to it."""

    def __init__(self, ours, migrate, kind="contact", knows=True, since=LONG_AGO):
        self.ours, self.kind = ours, kind
        self.was = f"was-{uuid7()}@example.org"
        table = "contact"
        if kind == "contact":
            self.id = ours.director.created("contacts", {"name": "Ana", "email": self.was, "locale": "es"}).id
        else:
            table = "app_user"
            self.id = ours.admin.created("users", {"name": "Dana", "email": self.was}).id
        self.path = f"/v1/{kind}s/{self.id}"
        migrate.execute(f"UPDATE {table} SET created_at = %s WHERE id = %s", (since, self.id))
        if knows and kind == "contact":
            insert(migrate, "message", {
                "district_id": ours.id, "id": uuid7(), "class": "duty", "topic": "check_ins", "kind": "check_in_reminder",
                "subject_id": uuid7(), "recipient_key": f"contact:{self.id}", "occurrence": "1", "contact_id": self.id,
                "to_address": self.was, "locale": "es", "status": "sent", "sent_at": LONG_AGO, "not_before": LONG_AGO,
                "not_after": LONG_AGO, "created_at": LONG_AGO, "updated_at": LONG_AGO})
        elif knows:
            migrate.execute("UPDATE app_user SET password_hash = 'x' WHERE id = %s", (self.id,))

    def told(self):
        rows = self.ours.admin.get("/v1/messages", {"subject_id": self.id}).json["data"]
        return [row for row in rows if row["kind"] == "address_changed"]


def email():
    return f"{uuid7()}@example.org"


@pytest.mark.shows("administration.address_changed")
@pytest.mark.parametrize("kind", ("contact", "user"))
def test_the_old_address_is_told_once(ours, migrate, kind):
    one = Person(ours, migrate, kind)
    caller = ours.coordinator if kind == "contact" else ours.admin
    changed(caller, one.path, email=email())
    changed(caller, one.path, email=one.was)
    changed(caller, one.path, email=email())
    changed(caller, one.path, name="Another")
    first, *others = one.told()
    told = [row for row in (first, *others) if row["to_address"] == one.was]
    assert len(told) == 1, "once, however often it goes to and fro"
    assert (told[0]["class"], told[0]["status"], told[0]["locale"]) == (
        "account", "queued", "es" if kind == "contact" else "en")


@pytest.mark.shows("administration.address_changed")
def test_an_address_that_is_taken_away_is_told_too(ours, migrate):
    one = Person(ours, migrate)
    changed(ours.director, one.path, email=None)
    assert [row["to_address"] for row in one.told()] == [one.was]


@pytest.mark.shows("administration.address_changed")
@pytest.mark.parametrize("why", ("new", "unknown", "bounced", "left"))
@pytest.mark.parametrize("kind", ("contact", "user"))
def test_a_mistake_is_corrected_in_silence(ours, migrate, kind, why):
    one = Person(ours, migrate, kind, knows=why != "unknown", since=NOW if why == "new" else LONG_AGO)
    if why == "bounced":
        insert(migrate, "address_suppression", {
            "district_id": ours.id, "id": uuid7(), "address": one.was, "reason": "bounced",
            "created_at": LONG_AGO, "updated_at": LONG_AGO})
    if why == "left" and kind == "contact":
        changed(ours.director, one.path, status="left")
    elif why == "left":
        migrate.execute("UPDATE app_user SET status = 'disabled' WHERE id = %s", (one.id,))
    changed(ours.admin, one.path, email=email())
    assert one.told() == []


def test_a_user_that_follows_its_contact_is_told_as_the_contact(ours, migrate):
    one = Person(ours, migrate)
    ours.director.created("affiliations", {"contact_id": one.id, "partner_id": ours.director.partner().id, "role": "Chair"})
    with ours.api.database.connect("kith_migrate") as connection, connection.transaction():
        connection.execute("SELECT kith_context(%s, '', '', '2026-11-30T12:00:00Z', '')", (ours.id,))
        user, = connection.execute("SELECT contact_account(%s)", (one.id,)).fetchone()
        connection.execute("UPDATE app_user SET password_hash = 'x', created_at = %s WHERE id = %s", (LONG_AGO, user))
    changed(ours.director, one.path, email=email())
    assert len(one.told()) == 1
    rows = ours.admin.get("/v1/messages", {"subject_id": user}).json["data"]
    assert rows == []
