"""How releases of students' figures come about: asked for, made by any of several workers, seen when published."""
import pytest

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


OTHER = "engagement"


def other(code):
    return OTHER if code == CODE else CODE


def of_two(database):
    """A district with figures of two indicators of students, and a release of it that is asked for."""
    counted = Counted(database, [None] * 3)
    counted.observe_many((code, site, 10, 20, {}) for site in counted.sites for code in (CODE, OTHER))
    return counted, counted.ask()


def next_step(connection, counted):
    """As kith-kpi takes it, and leaves off: the indicator."""
    found = connection.execute("SELECT release_next(t.district_id, t.school_year) FROM release_take(%s) AS t "
                               "WHERE t.district_id = %s", (NOW, counted.id)).fetchone()
    return found and found[0]


def proved(connection, counted, one):
    """A step of the release that hides nothing else: the indicator, by its id."""
    found = next_step(connection, counted)
    connection.execute("SELECT release_prove(%s, %s, 2027, '{}', '{}', '[]', '{}', 0)", (one, found))
    return found


@pytest.mark.parametrize("at", ["turn_before:1", "turn_after:1", "turn_before:2", "turn_after:2", "turn_before:3", "turn_after:3"])
def test_whoever_dies_at_a_step_of_a_release_leaves_the_rest_to_another(database, migrate, tmp_path, at):
    fail = tmp_path / "fail"
    fail.write_text(at, encoding="ascii")
    counted, one = of_two(database)
    with kpi(database, KITH_FAIL_AT=str(fail)):
        made(migrate, one)
    assert fail.read_text(encoding="ascii") != at, "it died"
    for code in (CODE, OTHER):
        assert {row["release_id"] for row in counted.shown(migrate, code).values()} == {one}
    assert migrate.execute("SELECT count(*) FROM release_step WHERE district_id = %s", (counted.id,)).fetchone() == (0,)


def test_what_is_proved_stays_as_it_is_until_the_release_is_published(database, migrate):
    counted, one = of_two(database)
    counted.work(migrate)
    with database.connect("kith_kpi") as worker:
        with worker.transaction():
            first = proved(worker, counted, one)
        code = next(c for c, i in counted.indicators.items() if i == str(first))
        assert counted.shown(migrate, CODE) == counted.shown(migrate, OTHER) == {}
        before = counted.stored(migrate, code)
        counted.observe_many((code, site, 15, 30, {}) for site in counted.sites)
        counted.observe_many((other(code), site, 15, 30, {}) for site in counted.sites)
        counted.work(migrate)
        assert counted.stored(migrate, code) == before, "its marks wait"
        assert migrate.execute("SELECT count(*) > 0 FROM rollup_mark WHERE district_id = %s AND indicator_id = %s",
                               (counted.id, first)).fetchone()[0]
    with kpi(database):
        made(migrate, one)
        site = ("site", counted.sites[0], "all", "month", "2026-10-01")
        assert counted.shown(migrate, code)[site]["denominator"] == 20
        assert counted.shown(migrate, other(code))[site]["denominator"] == 30
        made(migrate, counted.ask())
        assert counted.shown(migrate, code)[site]["denominator"] == 30, "then they are computed"


def test_what_is_computed_anew_meanwhile_is_proved_again(database, migrate):
    counted, one = of_two(database)
    counted.work(migrate)
    with database.connect("kith_kpi") as worker, worker.transaction():
        first = proved(worker, counted, one)
    counted.observe_many((code, counted.sites[0], 1, 3, {}) for code in (CODE, OTHER))
    migrate.execute("SELECT rollup_rebuild(%s, %s, 2027, %s)", (counted.id, first, NOW))
    with kpi(database):
        made(migrate, one)
    for code in (CODE, OTHER):
        row = counted.shown(migrate, code)["site", counted.sites[0], "all", "month", "2026-10-01"]
        assert row["is_suppressed"], "three are few"
    assert counted.differences(migrate) == []


def test_releases_of_a_district_are_made_one_after_the_other(database, migrate):
    counted, one = of_two(database)
    theirs, _ = of_two(database)
    counted.ask()
    with database.connect("kith_kpi") as worker, worker.transaction():
        taken = worker.execute("SELECT release_id::text FROM release_take(%s)", (NOW,)).fetchone()[0]
        with database.connect("kith_kpi") as another, another.transaction():
            found = another.execute("SELECT district_id::text FROM release_take(%s)", (NOW,)).fetchone()[0]
    assert taken == one and found == theirs.id, "whoever comes second goes on with another district"


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


def blocks(connection, counted, most):
    """Of what the release proves at once: {partnerships}, as numbers; None is what is of no partnership."""
    number = {str(one): n for n, one in enumerate(counted.works_at)}
    with connection.transaction():
        connection.execute("SELECT kith_context(%s, '', '', %s, '')", (counted.id, NOW))
        rows = connection.execute("SELECT is_split, partnerships::text[] FROM release_blocks(%s, 2027, %s)",
                                  (counted.indicators[CODE], most)).fetchall()
    assert [row for row in rows if row[1] is None] == [(False, None), (True, None)]
    assert all(is_split for is_split, of in rows if of)
    return sorted(sorted(number[one] for one in of) for _, of in rows if of)


def test_no_sum_has_counts_of_two_blocks_that_are_proved_by_themselves(database, migrate):
    """Of a partner all is together, and of partners that share a sum, as a partnership has gone from one to the other."""
    counted = Counted(database, [None] * 2, [("A", [0]), ("A", [1]), ("B", [0]), ("C", [1]), ("D", [0, 1])])
    counted.observe_many((CODE, site, 10, 20, {"cohort": "served", "partnership": one})
                         for one, sites in counted.works_at.items() for site in sites)
    counted.work(migrate)
    with kpi(database):
        made(migrate, counted.ask())
    assert blocks(migrate, counted, 1000) == [[0, 1, 2, 3, 4]]
    assert blocks(migrate, counted, 1) == [[0, 1], [2], [3], [4]]
    first, *_, last = counted.works_at
    with migrate.transaction():
        migrate.execute("SELECT kith_context(%s, '', '', %s, '')", (counted.id, NOW))
        migrate.execute("UPDATE partnership SET partner_id = %s WHERE id = %s", (counted.partner_of[last], first))
    assert blocks(migrate, counted, 1) == [[0, 4], [1], [2], [3]]
    migrate.execute("INSERT INTO release_sum (district_id, indicator_id, school_year, parts) SELECT %s, %s, 2027, array_agg(id) "
                    "FROM release_count WHERE partnership_id = ANY (%s)",
                    (counted.id, counted.indicators[CODE], list(counted.works_at)[:2]))
    assert blocks(migrate, counted, 1) == [[0, 1, 4], [2], [3]]


def test_what_is_proved_in_blocks_is_what_is_proved_at_once(database, migrate):
    """Each count, each sum that was shown and each cell is of one block."""
    counted = Counted(database, ["n", "n", None], [("A", [0, 1]), ("B", [1, 2]), ("C", [0, 2])])
    counted.observe_many((CODE, site, 3 * number, 4 + 9 * number, {"cohort": cohort, "partnership": one})
                         for number, site in enumerate(counted.sites)
                         for cohort, one in [("all", None), ("served", None)]
                         + [("served", one) for one, sites in counted.works_at.items() if site in sites])
    counted.work(migrate)
    with kpi(database):
        made(migrate, counted.ask())
    whole = ("", "NULL, NULL", ())
    by_blocks = ("release_blocks(%s, 2027, 1) AS b,", "b.is_split, b.partnerships", (counted.indicators[CODE],))
    for what in ("release_unknown", "release_sums", "release_cells"):
        found = []
        for source, block, more in (whole, by_blocks):
            with migrate.transaction():
                migrate.execute("SELECT kith_context(%s, '', '', %s, '')", (counted.id, NOW))
                found.append(migrate.execute(f"SELECT f::text FROM {source} {what}(%s, 2027, {block}) AS f ORDER BY 1",
                                             (*more, counted.indicators[CODE])).fetchall())
        if what == "release_unknown":  # what stands by itself is numbered within a block
            assert len(found[0]) == len(found[1]) > 0
        else:
            assert found[0] == found[1] and found[0], what
