"""What dies while a mail is sent: one of its processes at any point, the connection to the database, the
whole program. What was promised holds: no mail is lost, and one comes twice only where nobody could
know."""
import os
import signal
import threading

import psycopg
import pytest

from mailing import clock, mailer, office, sink, wait_until  # noqa: F401
from test_mailer import arrived

# pylint: disable=redefined-outer-name


def test_many_at_once_send_each_mail_once(database, office, sink, clock):
    messages = office.queue_many(40)
    with mailer(database, sink.url, clock, KITH_WORKERS=4) as program:
        wait_until(lambda: program.metric("kith_mail_sent_total", result="sent") == len(messages),
                   "all are sent", 30)
    assert sorted(m["Message-ID"] for m in sink.arrived) == sorted(
        f"<{message}@mail.example.org>" for message in messages)
    assert all(office.attempts(m) == ["sent"] for m in messages)


def known(program):
    """A mail may be sent before the test has been told of who sends it."""
    return wait_until(lambda: program, "the program is known")[0]


def kill_children(program, office):
    """The parent starts others, which do not know of the first ones. Their leases are over at once."""
    for child in known(program).children():
        os.kill(child, signal.SIGKILL)
    office.end_leases()


@pytest.mark.parametrize("point, copies", [
    ("EHLO", 1), ("MAIL", 1), ("RCPT", 1), ("DATA", 1), ("REFUSE", 1), ("DOT", 2)])
def test_a_mailer_that_is_killed_has_its_mail_sent_by_the_next(
        database, office, sink, clock, point, copies):
    message = office.queue()
    program = []
    sink.on(point, lambda envelope: kill_children(program, office), times=1)
    if point == "REFUSE":  # the server has it all, and forgets it with the connection
        sink.on(point, lambda envelope: kill_children(program, office) or "451 4.3.0 lost", times=1)
    with mailer(database, sink.url, clock) as one:
        program.append(one)
        wait_until(lambda: sink.greeted, "it has connected")
        office.wait(message, "sent")
    assert office.attempts(message) == ["unknown", "sent"]
    found = arrived(sink, message)
    assert len(found) == len(sink.arrived) == copies
    assert len({m["Message-ID"] for m in found}) == 1


BEFORE_ALL_IS_SENT = ("smtp_greeted", "smtp_ehlo_said", "smtp_ehlo_answered", "smtp_mail_said", "smtp_mail_answered",
                      "smtp_rcpt_said", "smtp_rcpt_answered", "smtp_data_said", "smtp_data_answered", "smtp_body_said")


@pytest.mark.parametrize("point, copies", [*((point, 1) for point in BEFORE_ALL_IS_SENT),
                                           ("smtp_dot_said", 2), ("smtp_dot_answered", 2)])
def test_a_mailer_that_dies_at_a_point_of_the_dialog(database, office, sink, clock, tmp_path, point, copies):
    at = tmp_path / "fail"
    at.write_text(f"{point}:1\n", encoding="ascii")
    message = office.queue()
    with mailer(database, sink.url, clock, KITH_FAIL_AT=at):
        wait_until(lambda: at.read_text(encoding="ascii") == f"{point}:0\n", "it has come there", 20)
        office.end_leases()
        office.wait(message, "sent")
    assert office.attempts(message) == ["unknown", "sent"]
    found = arrived(sink, message)
    assert len(found) == len(sink.arrived) == copies
    assert len({m["Message-ID"] for m in found}) == 1


def test_a_mail_whose_mailer_dies_twice_is_not_tried_a_third_time(database, office, sink, clock):
    message = office.queue()
    program = []
    sink.on("DOT", lambda envelope: kill_children(program, office), times=2)
    with mailer(database, sink.url, clock) as one:
        program.append(one)
        office.wait(message, "unknown")
        wait_until(lambda: one.metric("kith_mail_sent_total", result="given_up") == 1, "it counts")
        office.wait(office.queue("agreement_acknowledgment"), "sent")
    assert office.attempts(message) == ["unknown", "unknown"]
    assert len(arrived(sink, message)) == 2


def test_the_whole_program_dies_and_comes_back(database, office, sink, clock):
    messages = office.queue_many(10)
    program = []
    sink.on("DATA", lambda envelope: known(program).kill(), times=1)
    with mailer(database, sink.url, clock, KITH_MAIL_TIMEOUT_MS=1000, KITH_MAIL_LEASE_MS=3000) as one:
        program.append(one)
        wait_until(lambda: one.stopped, "it was killed")
        one.start()
        for message in messages:
            office.wait(message, "sent")
    assert len(sink.arrived) == len(messages)


def test_who_comes_back_after_its_lease_changes_nothing_but_its_attempt(database, office, sink, clock):
    message = office.queue()
    stopped = []

    programs = []

    def stop_the_first(_envelope):
        stopped.extend(known(programs).children())
        for child in stopped:
            os.kill(child, signal.SIGSTOP)
        office.end_leases()

    sink.on("DOT", stop_the_first, times=1)
    with mailer(database, sink.url, clock) as program:
        programs.append(program)
        wait_until(lambda: stopped, "it is stopped")
        with mailer(database, sink.url, clock):
            office.wait(message, "sent")
        before = office.message(message)
        for child in stopped:
            os.kill(child, signal.SIGCONT)
        wait_until(lambda: "after another one had begun" in program.log_text(), "its end is told")
    assert office.message(message) == before and before["attempt_count"] == 2
    assert office.attempts(message)[1] == "sent"
    assert len(arrived(sink, message)) == 2


def test_an_end_that_the_database_did_not_take_is_told_when_it_is_back(database, office, sink, clock):
    message = office.queue()

    def cut(_envelope):
        with psycopg.connect(database.cluster.uri(database.name), autocommit=True) as connection:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                               "WHERE usename = 'kith_mailer' AND datname = %s", (database.name,))

    sink.on("DOT", cut, times=1)
    with mailer(database, sink.url, clock):
        office.wait(message, "sent")
    assert office.attempts(message) == ["sent"] and len(sink.arrived) == 1


def test_who_is_asked_to_stop_ends_its_mail_first(database, office, sink, clock):
    message = office.queue()
    asked = threading.Event()
    sink.on("DOT", lambda envelope: asked.wait(10) and None, times=1)
    with mailer(database, sink.url, clock) as program:
        wait_until(lambda: sink.arrived, "the mail is there")
        program.terminate()
        asked.set()
        assert program.process.wait(20) == 0
        program.stopped = True
    assert office.status(message) == "sent" and office.attempts(message) == ["sent"]

def test_a_server_that_takes_longer_than_the_lease_is_waited_for(database, office, sink, clock):
    message = office.queue()
    sink.on("DOT", lambda envelope: threading.Event().wait(4.5) and None, times=1)
    with mailer(database, sink.url, clock, KITH_WORKERS=2, KITH_MAIL_LEASE_MS=3000):
        office.wait(message, "sent")
    assert office.attempts(message) == ["sent"]
    assert len(arrived(sink, message)) == 1
