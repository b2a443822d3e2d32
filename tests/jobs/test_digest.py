"""One mail a day tells each of the district's people what waits."""
import json

import pytest

from mailing import clock, mailer, office, sink  # noqa: F401  pylint: disable=unused-import
from world import ROOT, insert, uuid7

# pylint: disable=redefined-outer-name

SAID = {"created_at": "2026-11-20T15:00:00Z", "updated_at": "2026-11-20T15:00:00Z"}


def action(office, due_on, description="Call the bank", owner=None):
    one = uuid7()
    with office.migrate() as connection:
        insert(connection, "action_item", {
            "district_id": office.id, "id": one, "partnership_id": office.partnership, "description": description,
            "owner_user_id": owner or office.user, "due_on": due_on, **SAID})
    return one


def on(office, day, hour=16):
    """How many mails that morning's round has decided, and how many the next one."""
    with office.database.connect("kith_checkin") as connection:
        return [connection.execute("SELECT digests_decide(%s, %s)", (office.id, f"2026-{day}T{hour}:{minute}:00Z"))
                .fetchone()[0] for minute in ("00", "15")]


def told(office):
    return [(str(d["on_date"])[5:], d["tasks"], d["overdue"], d["message_id"] is not None)
            for d in sorted(office.read("digest", "user_id = %s", office.user), key=lambda d: d["on_date"])]


@pytest.mark.shows("administration.digest")
def test_it_comes_when_something_is_new_due_or_a_week_old_and_once_a_day(office):
    with office.migrate() as connection: # nothing waits but what is made here
        connection.execute("UPDATE partnership SET status = 'ended' WHERE district_id = %s", (office.id,))
    assert on(office, "11-20", 14) == [0, 0], "before the morning's hour"
    assert on(office, "11-20") == [0, 0], "nothing waits"
    first = action(office, "2026-12-10")
    assert on(office, "11-21") == [0, 0] == on(office, "11-22"), "a weekend"
    assert on(office, "11-23") == [1, 0]
    assert on(office, "11-24") == [0, 0], "nothing new"
    action(office, "2026-12-11")
    assert on(office, "11-25") == [1, 0]
    assert [on(office, f"12-0{day}") for day in (1, 2, 3)] == [[0, 0], [1, 0], [0, 0]], "a week"
    assert [on(office, day) for day in ("12-09", "12-10", "12-11")] == [[1, 0]] * 3, "due"
    with office.migrate() as connection:
        connection.execute("UPDATE action_item SET status = 'done', done_at = now() WHERE id = %s", (first,))
        insert(connection, "preference", {
            "district_id": office.id, "id": uuid7(), "user_id": office.user, "topic": "digest", "channel": "email",
            "opted_out": True, "source": "staff", **SAID})
    assert on(office, "12-14") == [1, 0]
    mails = office.read("message", "kind = 'digest' AND user_id = %s", office.user)
    assert [(m["status"], m["reason"]) for m in mails if m["occurrence"] == "2026-12-14"] == [("suppressed", "opted_out")]
    assert told(office)[0] == ("11-20", 0, 0, False) and told(office)[-2:] == [("12-11", 2, 1, True), ("12-14", 1, 1, True)]


def test_the_mail_says_what_waits_when_it_is_sent_in_the_persons_language(office, database, sink, clock):
    action(office, "2026-11-20", "Call <the> bank")
    with office.migrate() as connection:
        connection.execute("UPDATE app_user SET locale = 'es' WHERE id = %s", (office.user,))
    assert on(office, "11-23") == [1, 0]
    one, = office.read("message", "kind = 'digest' AND user_id = %s", office.user)
    action(office, "2026-12-01", "Added later")
    clock.set("2026-11-23T16:05:00.000Z")
    with mailer(database, sink.url, clock):
        office.wait(str(one["id"]), "sent")
    mail, = (m for m in sink.arrived if str(one["id"]) in m["Message-ID"])
    text = mail.part("text/plain")
    assert "Acción: Call <the> bank" in text and "Added later" in text and "vencida" in text, text
    assert "Abrir mis tareas: http" in text and "href" in mail.part("text/html"), text


@pytest.mark.parametrize("language", ("en", "es"))
def test_each_kind_of_task_has_a_name_in_each_language(migrate, language):
    kinds = {kind for kind, in migrate.execute("SELECT kind FROM my_task_kinds()")}
    with open(f"{ROOT}/services/mailer/templates/texts.{language}.json", encoding="utf-8") as file:
        assert kinds - set(json.load(file)["digest"]["kinds"]) == set()
