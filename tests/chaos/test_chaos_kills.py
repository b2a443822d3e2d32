"""Programs of ours killed where it matters most and at random, sixteen schedulers and four mailers at once, Redis emptied in
between, while people write: seeds of plans. Each named point is in them, at its first passage and at its second."""

import contextlib
import os

import pytest
from chaos_world import World
from invariants import healed, nothing_is_wrong
from mail_server import MailServer
from kill_plans import LEASE_S, OF_PROGRAM, PASSAGES, Disasters, Plan

pytestmark = pytest.mark.timeout(300)

FIRST, LAST = map(int, os.environ.get("KITH_CHAOS_SEEDS", "0:32").split(":"))
TOGETHER = 8  # seeds that heal together, which takes some seconds however many they are
SEEDS = [range(first, min(first + TOGETHER, LAST)) for first in range(FIRST, LAST, TOGETHER)]


@pytest.fixture(scope="module")
def disasters():
    server = MailServer()
    with contextlib.ExitStack() as ends:
        server.start()
        ends.callback(server.stop)
        chaos = ends.enter_context(World(server.url, checkin={"KITH_WORKERS": "16"}, mailer={
            "KITH_WORKERS": "4", "KITH_MAIL_LEASE_MS": str(LEASE_S * 1000), "KITH_MAIL_TIMEOUT_MS": "3000",
            "KITH_MAIL_DOMAIN_PER_MINUTE": "100000", "KITH_MAIL_REST_MOST_MS": "100"}))
        yield Disasters(chaos, server)


def test_the_seeds_of_every_day_are_all_points_there_are():
    planned = {point for seed in range(32) for point in Plan(seed).points.values()}
    assert planned == set(PASSAGES) and set(OF_PROGRAM) == set(Plan(0).points)
    assert [str(Plan(seed)) for seed in range(32)] == [str(Plan(seed)) for seed in range(32)], "a seed replays"


@pytest.mark.parametrize("seeds", SEEDS, ids=lambda seeds: f"{seeds[0]}-{seeds[-1]}")
def test_what_is_killed_loses_nothing_and_does_nothing_twice(disasters, seeds):
    lived = []
    for plan in map(Plan, seeds):
        print(plan)
        lived.append(disasters.live(plan))
    for district in disasters.districts:
        healed(disasters.chaos, district)
    for district, load in lived:
        nothing_is_wrong(disasters.chaos, district, load, disasters.server.taken)
    disasters.rest()
