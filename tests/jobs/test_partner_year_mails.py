"""What a school year came to, sent to the partners that worked in it: by the district's rule, once, and what stops it."""

import re
import threading

import pytest

from mailing import SAID, clock, mailer, office, sink  # noqa: F401  pylint: disable=unused-import
from world import insert, uuid7

# pylint: disable=redefined-outer-name

DAY = "2027-07-14"  # a Wednesday, 14 days after June 30


def send(office, day=DAY, hour="16:00"):
    with office.database.connect("kith_checkin") as connection:
        return connection.execute("SELECT partner_years_send(%s, %s)", (office.id, f"{day}T{hour}:00Z")).fetchone()[0]


def mails(office):
    return {str(m["contact_id"]): m for m in office.read("message", "kind = 'partner_year' AND district_id = %s", office.id)}


def other(office, **fields):
    """One more partner, and the lead of its own."""
    partner, contact, partnership = uuid7(), uuid7(), uuid7()
    with office.migrate() as connection:
        rows = {"district_id": office.id, **SAID}
        insert(connection, "partner", {**rows, "id": partner, "name": "Other", "kind": "civic"})
        insert(connection, "contact", {**rows, "id": contact, "name": "Bo", "email": f"{contact}@example.org"})
        insert(connection, "partnership", {
            **rows, "id": partnership, "partner_id": partner, "name": "Other", "arrangement": "program", "status": "active",
            "activated_at": "2026-10-01T12:00:00Z", **fields})
        insert(connection, "partnership_role", {**rows, "id": uuid7(), "partnership_id": partnership, "side": "partner",
                                                "role": "lead", "contact_id": contact})
    return partner, contact


@pytest.mark.shows("kpis.partner_year_mail")
def test_it_goes_on_its_day_once_in_mail_hours_of_a_business_day(office):
    assert send(office, "2027-07-13") == 0, "not before its day"
    assert send(office, DAY, "13:00") == 0, "before the mail hour"
    assert [send(office), send(office, DAY, "16:15"), send(office, "2027-07-15")] == [1, 0, 0]
    mail = mails(office)[str(office.contact)]
    assert (mail["class"], mail["topic"], mail["status"], mail["occurrence"], str(mail["subject_id"])) == (
        "program", "thank_yous", "queued", "2027", str(office.partner))
    assert mail["variables"]["school_year"] == 2027 and send(office, "2028-07-14") == 1, "and next year again"


@pytest.mark.parametrize("days, day, goes", (
    (0, "2027-06-30", 1), (17, "2027-07-17", 0), (17, "2027-07-19", 1), (5, "2027-07-05", 0), (5, "2027-07-06", 1),
    (14, "2027-07-27", 1), (14, "2027-07-28", 0), (None, DAY, 0)))
def test_the_district_says_when_and_weekends_holidays_and_two_weeks_bound_it(office, days, day, goes):
    office.change("district", office.id, partner_year_days=days)
    assert send(office, day) == goes


def test_a_year_that_the_district_ends_itself_and_a_blackout(office):
    office.row("school_year", school_year=2027, starts_on="2026-08-15", ends_on="2027-06-01", status="open")
    assert [send(office, "2027-06-14"), send(office, "2027-06-15")] == [0, 1]
    assert send(office) == 0


def test_whom_it_goes_to(office):
    _, joined = other(office)
    barred, _ = other(office)
    office.change("partner", barred, stage="barred", barred_reason="A reason")
    other(office, status="exploring", activated_at=None)
    other(office, activated_at="2027-07-05T12:00:00Z")
    partner, ended = other(office, status="ended", ended_on="2027-05-01", status_reason="Done")
    assert send(office) == 2 and set(mails(office)) == {str(office.contact), str(joined)}, "the lead of what ended is none"
    office.row("affiliation", partner_id=partner, contact_id=ended, role="director")
    assert send(office, DAY, "16:15") == 1 and str(ended) in mails(office), "but a contact of the partner"


def test_16_at_once_decide_each_mail_once(office):
    people = {str(other(office)[1]) for _ in range(5)} | {str(office.contact)}
    made = []
    threads = [threading.Thread(target=lambda: made.append(send(office))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(made) == 6 and set(mails(office)) == people


def test_who_wants_no_thanks_gets_none_and_the_ledger_says_why(office):
    office.row("preference", contact_id=office.contact, topic="thank_yous", channel="email", opted_out=True, source="staff")
    send(office)
    mail = mails(office)[str(office.contact)]
    assert (mail["status"], mail["reason"]) == ("suppressed", "opted_out")


@pytest.mark.parametrize("table, change", (("partner", {"stage": "barred", "barred_reason": "A reason"}),
                                           ("district", {"partner_year_days": None})))
def test_what_is_no_partner_any_more_is_not_written_to(office, database, sink, clock, table, change):
    send(office)
    office.change(table, office.partner if table == "partner" else office.id, **change)
    clock.set(f"{DAY}T16:05:00.000Z")
    mail = mails(office)[str(office.contact)]
    with mailer(database, sink.url, clock):
        office.wait(str(mail["id"]), "cancelled")


@pytest.mark.shows("kpis.partner_year_mail")
@pytest.mark.parametrize("locale, words", (("en", ("What the school year came to: Bay Bank", "Your year with us, 2026–2027")),
                                           ("es", ("En qué resultó el año escolar: Bay Bank", "Su año con nosotros, 2026–2027"))))
def test_the_mail_leads_to_the_year(office, database, sink, clock, locale, words):
    office.change("contact", office.contact, locale=locale)
    send(office)
    clock.set(f"{DAY}T16:05:00.000Z")
    mail = mails(office)[str(office.contact)]
    with mailer(database, sink.url, clock):
        office.wait(str(mail["id"]), "sent")
    got, = (m for m in sink.arrived if str(mail["id"]) in m["Message-ID"])
    text = got.part("text/plain")
    assert got["Subject"] == words[0] and words[1] in text and re.search(r"/r/\S{40,}", text) and got["List-Unsubscribe"]
    link, = office.read("link", "message_id = %s", mail["id"])
    assert (link["purpose"], str(link["subject_id"]), str(link["expires_at"])[:10]) == (
        "partner_year", str(office.partner), "2027-11-12")
    assert not re.search(r"\{\{|None|null", text), text
