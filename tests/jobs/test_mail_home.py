"""A database that was restored or copied sends nothing by itself."""
import contextlib
import secrets

import pytest

from mailing import NOW, Office, mailer
from mailing import clock, sink  # noqa: F401  pylint: disable=unused-import
from workers import wait_until
from world import Database

LATER = "2026-11-21T15:30:00.000Z"


@contextlib.contextmanager
def copy_of(database):
    """Another database with what is in that one, as a restored dump is."""
    name = "kith_" + secrets.token_hex(6)
    database.cluster.execute(f"CREATE DATABASE {name} TEMPLATE {database.name} STRATEGY file_copy")
    yield Database(database.cluster, name)
    database.cluster.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.shows("administration.restored_hold")
def test_what_is_queued_waits_and_what_may_have_been_sent_is_left_out(cluster, sink, clock):  # noqa: F811
    with Database.fresh(cluster) as database:
        office, other = Office(database), Office(database)
        with mailer(database, sink.url, clock):
            office.wait(office.queue(), "sent")
        waiting = [office.queue(contact=office.person("Bo")), other.queue("survey_invitation")]
        with copy_of(database) as copy:
            here = [Office.__new__(Office) for _ in range(2)]
            for mine, theirs in zip(here, (office, other)):
                mine.__dict__.update(theirs.__dict__, database=copy)
            with mailer(copy, sink.url, clock) as program:
                here[0].wait(here[0].queue("password_reset"), "sent")
                wait_until(lambda: program.metric("kith_mail_held") == 2, "both are held")
                assert [one.status(m) for one, m in zip(here, waiting)] == ["queued", "queued"]
                clock.set(LATER)
                fresh = here[0].queue(at=LATER, contact=here[0].person("Cy"))
                with copy.connect("kith_migrate") as connection, connection.transaction():
                    held = connection.execute(
                        "SELECT mail_hold_reason, mail_held_by, rfc3339(mail_held_at) FROM district").fetchall()
                    assert held == [("The database was restored or copied: what is queued may have been sent before.",
                                     None, NOW)] * 2
                    connection.execute("SELECT kith_context(%s, '', '', %s, '')", (office.id, LATER))
                    connection.execute("SELECT district_release_mail(%s, version) FROM district WHERE id = %s",
                                       (office.id, office.id))
                here[0].wait(fresh, "sent")
                assert here[0].message(waiting[0])["reason"] == "stale"
                assert here[1].status(waiting[1]) == "queued"
            with mailer(copy, sink.url, clock):  # it knows now where it is
                here[0].wait(here[0].queue(at=LATER, contact=here[0].person("Di")), "sent")
        with mailer(database, sink.url, clock):
            office.wait(waiting[0], "sent")
            other.wait(waiting[1], "sent")
        assert len(sink.arrived) == 6
