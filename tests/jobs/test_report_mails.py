"""Reports that go by themselves: on their day, once, to whoever holds their roles; and the mail of one."""

import re

import pytest

from mailing import clock, mailer, office, sink  # noqa: F401  pylint: disable=unused-import
from world import insert, uuid7

# pylint: disable=redefined-outer-name

SAID = {"created_at": "2026-11-20T15:00:00Z", "updated_at": "2026-11-20T15:00:00Z"}
MONDAY = "2026-11-23"


def in_context(connection, office, now="2026-11-20T15:00:00Z"):
    connection.execute("SELECT set_config('kith.district', %s, false), set_config('kith.user', '', false), "
                       "set_config('kith.roles', 'admin', false), set_config('kith.now', %s, false)", (office.id, now))


def report(office, every="week", next_on=MONDAY, **fields):
    one = uuid7()
    with office.migrate() as connection:
        in_context(connection, office)
        insert(connection, "report", {"district_id": office.id, "id": one, "name": "For the <board>", "owner_id": office.user,
                                      "every": every, **SAID, **fields})
        connection.execute("UPDATE report SET next_on = %s WHERE id = %s", (next_on, one))
    return one


def somebody(office, role="executive", **grant):
    user = uuid7()
    with office.migrate() as connection:
        office.database.user(connection, office.id, user)
        office.database.grant(connection, office.id, user, role, **grant)
    return user


def send(office, day, hour="16:00"):
    with office.database.connect("kith_checkin") as connection:
        return connection.execute("SELECT reports_send(%s, %s)", (office.id, f"{day}T{hour}:00Z")).fetchone()[0]


def mails(office, one):
    return {str(m["user_id"]): m for m in office.read("message", "kind = 'report' AND subject_id = %s", one)}


@pytest.mark.shows("kpis.report_mails")
def test_it_goes_on_its_day_once_in_mail_hours_of_a_school_day(office):
    chief = somebody(office)
    one = report(office)
    assert send(office, "2026-11-22") == 0, "not before its day"
    assert send(office, MONDAY, "13:00") == 0, "before the mail hour"
    assert [send(office, MONDAY), send(office, MONDAY, "16:15")] == [1, 0]
    mail = mails(office, one)[str(chief)]
    assert (mail["class"], mail["topic"], mail["status"], mail["occurrence"]) == ("program", "reports", "queued", MONDAY)
    row, = office.read("report", "id = %s", one)
    assert (str(row["last_on"]), str(row["next_on"])) == (MONDAY, "2026-11-30")


@pytest.mark.parametrize("next_on, tried, goes", (("2026-11-21", "2026-11-21", None), ("2026-11-21", MONDAY, 1)))
def test_what_falls_on_a_weekend_goes_on_the_next_school_day(office, next_on, tried, goes):
    somebody(office)
    report(office, "month", next_on)
    assert send(office, tried) == (goes or 0)


def test_16_at_once_decide_each_mail_once(office):
    import threading  # pylint: disable=import-outside-toplevel
    people = {str(somebody(office)) for _ in range(5)}
    one = report(office)
    made = []
    threads = [threading.Thread(target=lambda: made.append(send(office, MONDAY))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(made) == 5 and set(mails(office, one)) == people


def test_who_gets_it(office):
    """By the roles of the day: over the district, or over the place that it is of."""
    with office.migrate() as connection:
        network, site, other = uuid7(), uuid7(), uuid7()
        insert(connection, "network", {"district_id": office.id, "id": network, "name": "N", **SAID})
        for place, home in ((site, network), (other, None)):
            insert(connection, "site", {"district_id": office.id, "id": place, "name": "S", "kind": "school", "network_id": home, **SAID})
    wanted = {str(somebody(office)), str(somebody(office, "school_leader", scope_kind="site", scope_id=site)),
              str(somebody(office, "coordinator", scope_kind="network", scope_id=network))}
    somebody(office, "school_leader", scope_kind="site", scope_id=other)
    somebody(office, "executive", until_date="2026-11-22")
    somebody(office, "executive", from_date="2026-11-24")
    somebody(office, "viewer")
    one = report(office, site_id=site, recipient_roles=["executive", "school_leader", "coordinator"])
    send(office, MONDAY)
    assert {user for user in mails(office, one) if user != str(office.user)} == wanted


@pytest.mark.parametrize("preference, reason", (("reports", "opted_out"), ("all", "opted_out")))
def test_who_wants_none_gets_none_and_the_ledger_says_why(office, preference, reason):
    chief = somebody(office)
    with office.migrate() as connection:
        insert(connection, "preference", {"district_id": office.id, "id": uuid7(), "user_id": chief, "topic": preference,
                                          "channel": "email", "opted_out": True, "source": "staff", **SAID})
    one = report(office)
    send(office, MONDAY)
    mail = mails(office, one)[str(chief)]
    assert (mail["status"], mail["reason"]) == ("suppressed", reason)


def test_no_more_reports_than_a_turn_takes(office):
    """Fifty in a turn; what is left is decided in the next. (Of most somebody had enough mail in the week, which is a decision.)"""
    somebody(office)
    for _ in range(51):
        report(office)
    assert [send(office, MONDAY), send(office, MONDAY, "16:15"), send(office, MONDAY, "16:30")] == [50, 1, 0]


@pytest.mark.parametrize("change", ("archived_at = now()", "every = NULL, next_on = NULL", None))
def test_what_is_kept_no_more_is_not_sent(office, database, sink, clock, change):
    chief = somebody(office)
    one = report(office)
    send(office, MONDAY)
    with office.migrate() as connection:
        if change:
            in_context(connection, office)
            connection.execute(f"UPDATE report SET {change} WHERE id = %s", (one,))
        else:
            connection.execute("UPDATE user_grant SET until_date = '2026-11-22' WHERE user_id = %s", (chief,))
    clock.set("2026-11-23T16:05:00.000Z")
    mail = mails(office, one)[str(chief)]
    with mailer(database, sink.url, clock):
        office.wait(str(mail["id"]), "cancelled")
    assert mails(office, one)[str(chief)]["reason"] == "cancelled"


@pytest.mark.shows("kpis.report_mail")
@pytest.mark.parametrize("locale, words", (("en", ("Report: For the <board>", "Open the report")),
                                           ("es", ("Informe: For the <board>", "Abrir el informe"))))
def test_the_mail_says_what_comes_first_and_leads_to_the_report(office, database, sink, clock, locale, words):
    chief = somebody(office)
    with office.migrate() as connection:
        connection.execute("UPDATE app_user SET locale = %s WHERE id = %s", (locale, chief))
    one = report(office)
    send(office, MONDAY)
    clock.set("2026-11-23T16:05:00.000Z")
    mail = mails(office, one)[str(chief)]
    with mailer(database, sink.url, clock):
        office.wait(str(mail["id"]), "sent")
    got, = (m for m in sink.arrived if str(mail["id"]) in m["Message-ID"])
    text = got.part("text/plain")
    assert got["Subject"] == words[0] and words[1] in text
    assert re.search(rf"/reports/{one}\?school_year=2027\b", text) and got["List-Unsubscribe"]
    assert not re.search(r"\{\{|None|null", text), text


def test_what_goes_after_a_year_tells_of_that_year(office):
    one = report(office, "school_year", "2027-07-01")
    with office.migrate() as connection:
        in_context(connection, office)
        years = connection.execute("SELECT report_year(r, '2027-07-01'), report_year(r, '2027-07-02') FROM report r "
                                   "WHERE r.id = %s", (one,)).fetchone()
    assert years == (2027, 2028)
