"""A mail server that refuses, for now, and then does not."""

import contextlib

import pytest
from chaos_world import Load, World
from invariants import healed, nothing_is_wrong
from mail_server import MailServer
from world import wait_until

pytestmark = pytest.mark.timeout(150)


@pytest.fixture(scope="module")
def posted():
    """A world whose mail goes to a server of ours."""
    server = MailServer()
    with contextlib.ExitStack() as ends:
        chaos = ends.enter_context(World(server.url))
        server.start()
        ends.callback(server.stop)
        yield chaos, server


def test_a_server_that_cannot_take_mail_now_gets_each_once_later(posted):
    chaos, server = posted
    server.answer = "450 4.2.1 come back later"
    server.asked.clear()
    district = chaos.district()
    with Load(chaos, district, writers=1, pause_s=0.01) as load:
        assert server.asked.wait(20), "no mail was tried"
        load.ending.wait(1)
        assert not server.taken
        server.answer = None
    pass_the_time(chaos)
    healed(chaos, district)
    nothing_is_wrong(chaos, district, load, server.taken)


def test_nobody_listens_and_then_somebody_does(posted):
    chaos, server = posted
    server.stop()
    district = chaos.district()
    with Load(chaos, district, writers=1, pause_s=0.01) as load:
        wait_until(lambda: tried(chaos, district), "a mail was tried", 20)
        server.start()
    pass_the_time(chaos)
    healed(chaos, district)
    nothing_is_wrong(chaos, district, load, server.taken)


def tried(chaos, district):
    with chaos.connect() as connection:
        return connection.execute(
            "SELECT count(*) FROM message_attempt WHERE district_id = %s AND outcome = 'deferred'",
            (district.id,)).fetchone()[0]


def pass_the_time(chaos):
    """Until what was put off is to be tried again; still the same day."""
    chaos.move_clock(hours=1)
