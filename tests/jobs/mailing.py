"""Districts with mails to send, and kith-mailer that sends them.

`Office` is a district with a partnership that runs, led by a user on its side and a contact on the
partner's; `queue` decides a mail as the workers do, `message` is what the ledger says of it.
"""
import contextlib
import hashlib
import itertools
import json
import os

import pytest

from mails import Sink
from workers import Worker, wait_until
from world import NOW, insert, uuid7

FROM = "kith@mail.example.org"
SAID = {"created_at": NOW, "updated_at": NOW}
EXPIRES_ON = "2027-06-30"
CLASSES = {"check_in_reminder": ("duty", "check_ins"), "check_in_cancelled": ("duty", "check_ins"),
           "check_in_escalation": ("duty", "check_ins"),
           "survey_invitation": ("program", "surveys"), "survey_reminder": ("program", "surveys"),
           "agreement_acknowledgment": ("duty", "agreements"), "agreement_notice": ("duty", "agreements"),
           "credential_notice": ("duty", "agreements"), "agreement_copy": ("duty", "agreements"),
           "investment_confirmation": ("duty", "confirmations"), "ask": ("program", "asks"),
           "credential_request": ("duty", "agreements"), "record_check": ("duty", "confirmations"),
           "partnership_acknowledgment": ("duty", "agreements"), **dict.fromkeys(
               ("inquiry_receipt", "inquiry_answer"), ("duty", "inquiries")),
           "convening_invitation": ("duty", "convenings"), "convening_cancelled": ("duty", "convenings"),
           "introduction_letter": ("duty", "introductions"), "remedy": ("duty", "asks"),
           "remedy_notice": ("duty", "introductions"), "records_request_due": ("duty", "records"),
           "digest": ("duty", "digest"),
           "address_changed": ("account", "account"),
           "mail_check": ("account", "account"), "password_reset": ("account", "account"),
           "user_invitation": ("account", "account"), "sign_in": ("account", "account")}

CLASSES |= {"training_invitation": ("program", "trainings"), "training_seat": ("duty", "trainings"),
            "story_consent": ("program", "stories"), "thank_you": ("program", "thank_yous"), "tax_document": ("duty", "confirmations"),
            "partner_year": ("program", "thank_yous"), "bulletin": ("bulletin", "needs")}

# What mails say that take all of it from whoever decides them.
ABOUT = {
    "check_in_escalation": {"lead": "Kim"},
    "introduction_letter": {
        "follows": True, "leaver": "Kim", "person": "Dana Lee", "lead": "Dana Lee", "address": "dana@rio.example.org",
        "phone": "555-0100", "partnerships": ["Reading Buddies"], "has_partnerships": True, "paragraphs": [],
        "is_usual": True},
    "investment_confirmation": {"partnership": "Reading Buddies", "count": 1},
    "record_check": {"partner": "Bay Bank"},
    "partner_year": {"partner": "Bay Bank", "school_year": 2026, "year_from": "2025", "year_to": "2026"},
    "credential_request": {"partner": "Bay Bank", "kinds": [{"code": "w9"}, {"code": "license"}]},
    "partnership_acknowledgment": {"partnership": "Reading Buddies", "is_changed": False},
    "credential_notice": {"is_expiring": True, "credential": "liability_insurance", "label": None,
                          "partner": "Bay Bank", "on": EXPIRES_ON},
    "digest": {"on": EXPIRES_ON},
    "address_changed": {"on": EXPIRES_ON},
    "story_consent": {"story": "The <garden>", "of": "Bay Bank"},
    "records_request_due": {"on": EXPIRES_ON, "is_overdue": False},
    **dict.fromkeys(("remedy", "remedy_notice"), {
        "partner": "Bay Bank", "contact": "Ana López", "on": EXPIRES_ON, "paragraphs": ["We like it."],
        "needs": [{"title": "Ten tutors", "place": "Lincoln"}, {"title": "Books", "place": None}]}),
}


class Clock:
    """A file that business time is read from."""

    def __init__(self, path):
        self.path = path
        self.set(NOW)

    def set(self, instant):
        with open(f"{self.path}.new", "w", encoding="ascii") as file:
            file.write(instant)
        os.replace(f"{self.path}.new", self.path)
        self.now = instant

    def __str__(self):
        return f"@{self.path}"


class Office:
    def __init__(self, database, is_live=True, **fields):
        self.database = database
        one = database.district(zone="America/Chicago")
        self.id, self.slug, self.user = one.id, one.slug, one.user
        self.years = itertools.count(2027)
        self.partner, self.contact, self.partnership, self.survey = (uuid7() for _ in range(4))
        rows = {"district_id": self.id, **SAID}
        with self.migrate() as connection, connection.transaction():
            self.update("district", self.id, connection, mail_from_name="Río Vista Schools",
                        reply_to="office@rio.example.org", phone="555-0100",
                        website="https://rio.example.org", go_live_at=NOW if is_live else None,
                        **fields)
            self.update("app_user", self.user, connection, name="Dana Lee",
                        email=f"dana.{self.user}@rio.example.org")
            insert(connection, "partner", {**rows, "id": self.partner, "name": "Bay Bank",
                                           "kind": "business", "tier": "anchor"})
            insert(connection, "contact", {**rows, "id": self.contact, "name": "Ana López",
                                           "email": f"ana.{self.contact}@example.org"})
            insert(connection, "partnership",
                   {**rows, "id": self.partnership, "partner_id": self.partner,
                    "name": "Reading Buddies", "arrangement": "program", "status": "active",
                    "activated_at": "2026-10-01T12:00:00Z"})
            for side, person in (("district", {"user_id": self.user}),
                                 ("partner", {"contact_id": self.contact})):
                insert(connection, "partnership_role",
                       {**rows, "id": uuid7(), "partnership_id": self.partnership, "side": side,
                        "role": "lead", **person})

    def migrate(self):
        return self.database.connect("kith_migrate")

    @staticmethod
    def update(table, one, connection, **fields):
        places = ", ".join(f"{name} = %({name})s" for name in fields)
        connection.execute(f"UPDATE {table} SET {places} WHERE id = %(id)s", {**fields, "id": one})

    def change(self, table, one, **fields):
        with self.migrate() as connection, connection.transaction():
            connection.execute("SELECT kith_context(%s, '', '', %s, '')", (self.id, NOW))
            self.update(table, one, connection, **fields)

    def row(self, table, **fields):
        one = uuid7()
        with self.migrate() as connection:
            insert(connection, table, {"district_id": self.id, "id": one, **SAID, **fields})
        return one

    def named(self):
        """That a story names the partner."""
        story, one = uuid7(), uuid7()
        with self.migrate() as connection, connection.transaction():
            connection.execute("SELECT kith_context(%s, '', '', %s, '')", (self.id, NOW))
            insert(connection, "story", {"district_id": self.id, "id": story, "title": "The <garden>", "text": "It grows."})
            insert(connection, "story_subject", {"district_id": self.id, "id": one, "story_id": story,
                                                 "partnership_id": self.partnership})
        return one

    def person(self, name, **fields):
        """Another contact."""
        one = self.row("contact", name=name)
        self.change("contact", one, **{"email": f"{one}@example.org", **fields})
        return one

    # ---- What mails are about ----

    def check_in(self, due_on="2026-12-11", **fields):
        """Each of a year of its own, as there is one a quarter."""
        one = uuid7()
        with self.migrate() as connection:
            insert(connection, "check_in",
                   {"district_id": self.id, **SAID, "id": one, "partnership_id": self.partnership,
                    "school_year": next(self.years), "number": 2, "due_on": due_on,
                    "opens_on": "2026-11-20", "dated_at": NOW, "uid": one, "status": "open",
                    "opened_at": NOW, **fields})
        return one

    def invitation(self, contact=None, is_of_partnership=True, **fields):
        """To a survey of its own."""
        with self.migrate() as connection:
            instrument = connection.execute("SELECT id FROM instrument WHERE code = 'relationship' AND district_id = %s",
                                            (self.id,)).fetchone()[0]
        self.survey = self.row("survey", **{
            "name": "Spring survey", "instrument_id": instrument, "status": "open",
            "school_year": 2027, "opens_on": "2026-11-20", "closes_on": "2026-12-04",
            "opened_at": NOW, **fields})
        one = self.row("survey_invitation", survey_id=self.survey, address=f"{uuid7()}@example.org",
                       contact_id=contact or self.contact)
        about = {"partnership_id": self.partnership, "side": "partner"} if is_of_partnership else {}
        self.row("survey_answer", survey_id=self.survey, survey_invitation_id=one, **about)
        return one

    def agreement(self, status="out_for_signature"):
        one = self.row("agreement", kind="mou", title="Reading agreement", text="We read.", status=status,
                       expires_on=EXPIRES_ON)
        self.row("agreement_partnership", agreement_id=one, partnership_id=self.partnership)
        return one

    def invitee(self, status="invited", answer="invited"):
        """Somebody who is invited to a convening."""
        one = self.row("convening", school_year=2027, kind="other", title="Meet us", starts_at="2026-12-10T21:00:00Z",
                       ends_at="2026-12-10T22:30:00Z", status="invited", location="Library", host_id=self.user)
        self.row("agenda_item", convening_id=one, position=1, title="Welcome", titles='{"es": "Bienvenidos"}')
        self.row("agenda_item", convening_id=one, position=2, title="Half read", source="system", kind="goal_behind",
                 subject_kind="goal", subject_id=uuid7(), partnership_id=self.partnership)
        invitee = self.row("convening_invitee", convening_id=one, contact_id=self.contact, status=answer)
        if status != "invited":
            self.change("convening", one, status=status)
        return invitee

    def told_row(self, table, **fields):
        """The same as row(), of what looks around when it is written."""
        one = uuid7()
        with self.migrate() as connection, connection.transaction():
            connection.execute("SELECT kith_context(%s, '', '', %s, '')", (self.id, NOW))
            insert(connection, table, {"district_id": self.id, "id": one, **SAID, **fields})
        return one

    def recognition(self, kind):
        """A thank-you, a letter for taxes or a bulletin, as it is when its mail is decided."""
        if kind == "thank_you":
            return self.told_row("thank_you", occasion="other", partner_id=self.partner, status="sent",
                                 subject="Thank you <all>", text="Dear Ana,\n\nthank you & more.")
        if kind == "tax_document":
            donee = self.row("donee", name=f"Donee {uuid7()}", kind="foundation")
            return self.row("tax_document", kind="summary", donee_id=donee, contact_id=self.contact, year=2025,
                            number="2026-0001", status="sent", locale="en", donor="Ana", text="You gave.",
                            total_cents=1, issued_on="2026-01-05")
        area = self.row("focus_area", name=f"Area {uuid7()}")
        need = self.row("need", title="Ten tutors", focus_area_id=area, needed_by="2027-01-15", status="open",
                        is_public=True, description="On Mondays", internal_capacity="none", opened_at=NOW)
        segment = self.told_row("saved_filter", name=f"F {uuid7()}", resource="contacts", criteria="[]",
                                owner_id=self.user)
        return self.told_row("bulletin", name="November", saved_filter_id=segment, status="sent", need_ids=[need],
                             texts=json.dumps([{"locale": "en", "subject": "Needs", "introduction": "Can you help?"}]))

    def inquiry_mail(self, kind):
        """To somebody who wrote by the public form in the contact's language, and who is no contact."""
        contact, = self.read("contact", "id = %s", self.contact)
        one = self.row("inquiry", organization="Kind <Hearts>", name="Bo", email=f"{uuid7()}@example.org",
                       message="Hello!\n\nCan we help?", source="public", answer_by="2026-11-28",
                       locale=contact["locale"], owner_id=self.user)
        if kind == "inquiry_answer":
            self.change("inquiry", one, status="answered", answer="Gladly.\n\nLet us talk.", answered_at=NOW)
        with self.database.connect("kith_api") as connection, connection.transaction():
            connection.execute("SELECT kith_context(%s, '', '', %s, '')", (self.id, NOW))
            connection.execute("SELECT set_config('kith.scope', '*', true)")
            return str(connection.execute("SELECT inquiry_mail(%s, %s, 'once')", (kind, one)).fetchone()[0])

    def ask(self):
        """One that was sent, with words of its own."""
        area = self.row("focus_area", name=f"Area {uuid7()}")
        need = self.row("need", title="Ten tutors", focus_area_id=area, needed_by="2027-01-15", status="open", unit="hours",
                        quantity=1200, description="On <Mondays>.\n\nIn the library.", internal_capacity="none", opened_at=NOW)
        return self.row("ask", need_id=need, partner_id=self.partner, contact_id=self.contact, status="sent",
                        sent_at=NOW, sent_by=self.user, respond_by="2026-12-11", message="You were great & kind.")

    def subject(self, kind):
        if kind in ("thank_you", "tax_document", "bulletin"):
            return self.recognition(kind)
        if kind.startswith("check_in"):
            return self.check_in()
        if kind.startswith("survey"):
            return self.invitation()
        if kind.startswith("convening"):
            return self.invitee("cancelled" if kind == "convening_cancelled" else "invited")
        if kind == "credential_notice":
            return self.row("credential", partner_id=self.partner, kind="liability_insurance", expires_on=EXPIRES_ON)
        if kind == "agreement_copy":
            return self.row("agreement_signature", agreement_id=self.agreement("in_force"), side="partner",
                            method="typed", signer="Ana <CEO>", signed_on="2026-11-20", consent="I agree.",
                            document_sha256=hashlib.sha256(b"We read.").hexdigest())
        if kind == "investment_confirmation":
            self.row("investment", partnership_id=self.partnership, side="district", kind="cash", amount_cents=1,
                     from_date="2026-11-01", until_date="2026-11-30")
            return self.partnership
        if kind == "partnership_acknowledgment":
            self.change("partnership", self.partnership, vision="Everybody reads.")
            return self.partnership
        if kind in ("credential_request", "record_check", "partner_year"):
            return self.partner
        if kind.startswith("training"):
            training = self.row("training", title="Ten <tutors>", audience="partners", on_date="2026-12-10", hours="1.50",
                                location="Room 4")
            return self.row("training_seat", training_id=training, contact_id=self.contact,
                            status="invited" if kind == "training_invitation" else "registered")
        if kind == "story_consent":
            return self.named()
        if kind == "ask":
            return self.ask()
        if kind == "agreement_notice":
            return self.agreement("in_force")
        return self.agreement() if kind.startswith("agreement") else self.user

    # ---- Mails ----

    def queue(self, kind="check_in_reminder", subject=None, contact=None, user=None, at=NOW,
              until="2026-12-31T00:00:00Z", **variables):
        """The message's id. To the partner's lead, if nobody else is named."""
        if user is None and contact is None:
            is_account = CLASSES.get(kind, ("",))[0] == "account"
            contact, user = (None, self.user) if is_account else (self.contact, None)
        if kind.startswith("inquiry"):
            return self.inquiry_mail(kind)
        subject = subject or self.subject(kind)
        if kind.startswith("check_in"):
            variables = {"due_on": "2026-12-11", "offset_days": -14,
                         "side": "district" if user else "partner",
                         "organizer": {"name": "Dana Lee", "address": "dana@rio.example.org"},
                         **variables}
        if kind.startswith("convening"):
            variables = {"when": "invited", "day": "2026-12-10", "sequence": 0, "was": None, **variables}
        if kind == "agreement_notice":
            variables = {"is_expiring": True, "agreement": "Reading agreement", "on": EXPIRES_ON,
                         "partnership": "Reading Buddies", **variables}
        variables = {**ABOUT.get(kind, {}), **variables}
        with self.deciding() as connection:
            return self.decide(connection, kind, subject, contact, user, at, until, variables)

    @contextlib.contextmanager
    def deciding(self):
        with self.database.connect("kith_checkin") as connection, connection.transaction():
            connection.execute("SELECT kith_context(%s, '', '', %s, '')", (self.id, NOW))
            yield connection

    def decide(self, connection, kind, subject, contact, user, at, until, variables):
        mail_class, topic = CLASSES.get(kind, ("duty", "check_ins"))
        return str(connection.execute(
            "SELECT message_queue(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (mail_class, topic, kind, subject, contact, user, uuid7(), json.dumps(variables), at,
             until, self.partnership if kind.startswith("check_in") else None)).fetchone()[0])

    def queue_many(self, count):
        """The ids of messages to so many people."""
        people, agreement = [uuid7() for _ in range(count)], self.agreement()
        with self.migrate() as connection, connection.transaction():
            for one in people:
                insert(connection, "contact", {"district_id": self.id, "id": one, **SAID,
                                               "name": "P", "email": f"{one}@example.org"})
        with self.deciding() as connection:
            return [self.decide(connection, "agreement_acknowledgment", agreement, one, None, NOW,
                                "2026-12-31T00:00:00Z", {}) for one in people]

    def read(self, table, where, *params):
        """Rows as dicts."""
        with self.migrate() as connection:
            cursor = connection.execute(f"SELECT * FROM {table} WHERE {where}", params)
            names = [column.name for column in cursor.description]
            return [dict(zip(names, row)) for row in cursor.fetchall()]

    def message(self, one):
        return self.read("message", "id = %s", one)[0]

    def status(self, one):
        """"claimed" while a mailer has it."""
        found = self.message(one)
        return found["reason"] or ("claimed" if found["claimed_until"] else found["status"])

    def attempts(self, one):
        """The outcomes, in order."""
        found = self.read("message_attempt", "message_id = %s ORDER BY number", one)
        assert [a["number"] for a in found] == list(range(1, len(found) + 1))
        return [a["outcome"] for a in found]

    def links(self, one):
        """By purpose; the token that ends mails is one of another's link."""
        found = {}
        for link in self.read("link", "message_id = %s", one):
            found[link["purpose"]] = link
            if link["stop_hash"]:
                found["preferences"] = {**link, "purpose": "preferences", "subject_id": None, "token_hash": link["stop_hash"],
                                        "expires_at": link["stop_expires_at"]}
        return found

    def tasks(self):
        return [(t["kind"], t["reason"]) for t in self.read("call_task", "district_id = %s", self.id)]

    def end_leases(self):
        """Of whatever is claimed, as if their time had passed."""
        with self.migrate() as connection:
            connection.execute("UPDATE message SET claimed_until = clock_timestamp(), updated_at = %s "
                               "WHERE district_id = %s AND claimed_until IS NOT NULL", (NOW, self.id))

    def wait(self, one, *statuses):
        """Until the message has one of them, which it gives. An end that is none of them is a failure at
        once."""
        def found():
            status = self.status(one)
            assert status in statuses or status in ("queued", "claimed", "retry"), (status, statuses)
            return status in statuses and status
        return wait_until(found, f"one of {statuses}", 20)


class Mailer(Worker):
    """Impatient, so that a test does not wait; a lease cannot be shorter than two dialogs."""

    def __init__(self, database, url, clock, **settings):
        super().__init__("kith-mailer", database, **{
            "KITH_MAIL_URL": url, "KITH_MAIL_FROM": FROM, "KITH_CLOCK": str(clock),
            "KITH_PUBLIC_URL": "https://kith.example.org", "KITH_MAIL_TIMEOUT_MS": 5000,
            "KITH_MAIL_LEASE_MS": 11000, "KITH_MAIL_REST_MOST_MS": 10, **settings})


@pytest.fixture
def clock(tmp_path):
    return Clock(str(tmp_path / "clock"))


@pytest.fixture
def sink():
    with Sink() as one:
        yield one


@pytest.fixture
def office(database):
    """Whatever waits at the end of a test waits no longer: the next one's mailer works for all."""
    yield Office(database)
    with database.connect("kith_migrate") as connection:
        connection.execute("UPDATE message SET status = 'failed', claimed_until = NULL "
                           "WHERE status IN ('queued', 'retry')")


@contextlib.contextmanager
def mailer(database, url, clock, **settings):
    with Mailer(database, url, clock, **settings) as one:
        yield one
