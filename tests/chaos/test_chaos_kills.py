"""Processes of ours, any of them, killed at any moment while people write: seeds of random schedules."""

import os
import random

import pytest
from chaos_world import Load
from invariants import healed, nothing_is_wrong

pytestmark = pytest.mark.timeout(150)

FIRST, LAST = map(int, os.environ.get("KITH_CHAOS_SEEDS", "0:30").split(":"))
KILLS = 4
KILLS_WITHIN_S = 1.5


@pytest.mark.parametrize("seed", range(FIRST, LAST))
def test_what_is_killed_at_random_loses_nothing_and_does_nothing_twice(chaos, seed):
    dice = random.Random(seed)
    district = chaos.district(partnerships=4)
    with Load(chaos, district, writers=2, pause_s=0.01) as load:
        for _ in range(KILLS):
            load.ending.wait(dice.uniform(0, 2 * KILLS_WITHIN_S / KILLS))
            program = dice.choice(list(chaos.programs.values()))
            program.kill_one(dice.choice(program.pids()))
    healed(chaos, district)
    nothing_is_wrong(chaos, district, load)
