"""How releases of students' figures come about: asked for, made by any of several workers, seen when published."""
from kpis import Counted
from program import Program
from releasing import made
from world import NOW

CODE = "attendance_rate"


def kpi(database, **settings):
    return Program("kith-kpi", KITH_DATABASE_URL=database.uri("kith_kpi"), KITH_CLOCK=NOW, **settings)


def test_readers_see_what_is_published_alone(database, migrate):
    counted = Counted(database, [None] * 2)
    counted.observe_many((CODE, site, 10, 20, {}) for site in counted.sites)
    counted.work(migrate)
    one = counted.ask()
    assert counted.shown(migrate, CODE) == {}
    with kpi(database, KITH_WORKERS=3):
        more = [counted.ask() for _ in range(4)]
        rows = made(migrate, one, *more)
    assert {row["status"] for row in rows} == {"published"} and rows[0]["cells"] > 0
    assert {row["release_id"] for row in counted.shown(migrate, CODE).values()} <= {one, *more}


def test_a_worker_that_dies_when_it_has_made_one_leaves_it_to_another(database, migrate, tmp_path):
    at = tmp_path / "fail"
    at.write_text("turn_before:1", encoding="ascii")
    counted = Counted(database, [None] * 3)
    counted.observe_many((CODE, site, 10, 20, {}) for site in counted.sites)
    one = counted.ask()
    with kpi(database, KITH_FAIL_AT=str(at)):
        made(migrate, one)
    assert at.read_text(encoding="ascii") != "turn_before:1", "it died"
    assert len(counted.shown(migrate, CODE)) > 0


def test_a_release_that_fails_is_refused_and_holds_up_no_other(database, migrate):
    counted = Counted(database, [None] * 2)
    counted.observe_many((CODE, site, 10, 20, {}) for site in counted.sites)
    counted.work(migrate)
    with kpi(database):
        made(migrate, counted.ask())
        before = counted.shown(migrate, CODE)
        migrate.execute(f"ALTER TABLE release_count ADD CONSTRAINT broken CHECK (district_id <> '{counted.id}') NOT VALID")
        try:
            counted.observe_many([(CODE, counted.sites[0], 1, 3, {})])
            counted.work(migrate)
            refused = made(migrate, counted.ask(), status="refused")[0]
            assert refused["reason"] == "failed" and refused["finished_at"]
            assert counted.shown(migrate, CODE) == before
        finally:
            migrate.execute("ALTER TABLE release_count DROP CONSTRAINT broken")
        made(migrate, counted.ask())
        assert counted.shown(migrate, CODE) != before
