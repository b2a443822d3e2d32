"""PostgreSQL restarted, and crashed, under load."""

import pytest
from chaos_world import Load
from invariants import healed, nothing_is_wrong

pytestmark = pytest.mark.timeout(150)

WRITES = 30  # accepted before and after, at least


def restart(chaos):
    chaos.cluster.stop()


def crash(chaos):
    chaos.crash_postgres()


@pytest.mark.parametrize("end", [restart, crash])
def test_postgres_goes_and_comes_back_under_load(chaos, end):
    district = chaos.district()
    with Load(chaos, district) as load:
        load.goes_on(WRITES)
        end(chaos)
        load.ending.wait(0.5)
        chaos.cluster.start()
        load.goes_on(WRITES)
    healed(chaos, district)
    nothing_is_wrong(chaos, district, load)
