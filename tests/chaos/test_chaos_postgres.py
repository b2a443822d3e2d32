"""PostgreSQL restarted, and crashed, under load."""

import pytest
from chaos_world import Load
from invariants import healed, nothing_is_wrong


def restart(chaos):
    chaos.cluster.stop()


def crash(chaos):
    chaos.crash_postgres()


@pytest.mark.parametrize("end", [restart, crash])
def test_postgres_goes_and_comes_back_under_load(chaos, end):
    district = chaos.district()
    with Load(chaos, district) as load:
        load.ending.wait(0.7)
        before = len(load.accepted)
        end(chaos)
        load.ending.wait(0.5)
        chaos.cluster.start()
        load.ending.wait(1.0)
    assert before and len(load.accepted) > before
    healed(chaos, district)
    nothing_is_wrong(chaos, district, load)
