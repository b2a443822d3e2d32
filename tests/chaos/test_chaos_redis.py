"""Redis killed, emptied, and absent for a minute: it is a doorbell, and nobody needs it to be let in."""

import pytest
from chaos_world import Load
from invariants import count, healed, nothing_is_wrong

pytestmark = pytest.mark.timeout(150)
ABSENT_S = 60
WRITES = 30  # accepted before and after, at least


def kill(chaos, load):
    chaos.redis.kill()
    load.ending.wait(0.5)
    chaos.redis.start()


def flush(chaos, load):
    for _ in range(3):
        chaos.redis.ask("flushall")
        load.ending.wait(0.2)


@pytest.mark.parametrize("disaster", [kill, flush])
def test_redis_loses_what_it_had(chaos, disaster):
    district = chaos.district()
    with Load(chaos, district) as load:
        load.goes_on(WRITES)
        disaster(chaos, load)
        load.goes_on(WRITES)
    healed(chaos, district)
    nothing_is_wrong(chaos, district, load)


def test_redis_is_absent_for_a_minute(chaos):
    """The work goes on without it: mails go, rollups are computed, writes are accepted."""
    district = chaos.district()
    chaos.redis.kill()
    with Load(chaos, district, writers=1, pause_s=0.05) as load:
        load.ending.wait(ABSENT_S)
        written = len(load.accepted)
        assert not load.refused and written > 300
        assert count(chaos, "SELECT count(*) FROM message WHERE district_id = %s AND status = 'sent'"
                     " AND kind = 'check_in_reminder'",
                     district.id) == 2 * len(district.partnerships)
        assert count(chaos, "SELECT count(*) FROM rollup WHERE district_id = %s", district.id) > 0
        chaos.redis.start()
        load.ending.wait(0.5)
    healed(chaos, district)
    nothing_is_wrong(chaos, district, load)
