"""Releases of a large district's students, one after the other: a year of months, of which one runs, so that each night
has other figures of all schools; and of the others a share is corrected."""
import os
import time

import world
from bench_world import HERE, Program, Stage, processor_s

MEMORY_MOST_MB = 50
MONTH = "2027-03-01"  # that runs
LONGEST_S = 300  # of a night's
ENDS_WITHIN_S = 3600
KEPT = """SELECT (SELECT count(*) FROM release_count WHERE is_current), (SELECT count(*) FROM release_count WHERE NOT is_current),
                 (SELECT count(*) FROM release_count WHERE NOT is_known), (SELECT count(*) FROM release_sum)"""


class World(Stage):
    role = "data_steward"

    def __init__(self, schools):
        super().__init__()
        self.schools = schools

    def _start(self, ends):
        super()._start(ends)
        self.cluster.execute("ALTER SYSTEM SET autovacuum = on")  # rows are written again and again
        self.cluster.execute("SELECT pg_reload_conf()")
        world.run("psql", self.database.uri("kith_migrate"), "-qX", "-o", "/dev/null", "-v", "ON_ERROR_STOP=1",
                  "-v", f"district={self.district.id}", "-v", f"now={world.NOW}", "-v", f"schools={self.schools}",
                  "-f", os.path.join(HERE, "releases.sql"))
        self.vacuum()

    def write(self, sql):
        """As the owner, within the district."""
        with self.database.connect("kith_migrate") as connection, connection.transaction():
            connection.execute("SELECT kith_context(%s, '', '', %s, '')", (self.district.id, world.NOW))
            return connection.execute(sql).fetchone()[0]

    def settle(self):
        world.wait_until(lambda: not self.rows("SELECT EXISTS (SELECT FROM rollup_mark) OR EXISTS (SELECT FROM tally_crossing)")[0][0],
                         "all is computed", ENDS_WITHIN_S)

    def release(self):
        """Its row, when it is made."""
        one = self.write(f"INSERT INTO release (district_id, id, school_year) VALUES ('{self.district.id}', uuid7(), 2027) RETURNING id")
        found = f"SELECT to_jsonb(r) FROM release r WHERE id = '{one}'"
        world.wait_until(lambda: self.rows(found)[0][0]["status"] != "asked", "it is made", ENDS_WITHIN_S)
        row = self.rows(found)[0][0]
        assert row["status"] == "published", row
        return row


def most_resident_mb(pid):
    """That it ever had."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM:")) / 1024


def worked_s(kpi):
    return sum(map(processor_s, kpi.pids()))


def night(of_world, kpi, number, share):
    """Seconds that its release took, and the most memory of any process by then."""
    changed = of_world.write(f"SELECT bench_day({share}, '{MONTH}')") if number else 0
    began = time.monotonic()
    of_world.settle()
    settled_s = time.monotonic() - began
    before = worked_s(kpi)
    began = time.monotonic()
    row = of_world.release()
    took_s = time.monotonic() - began
    memory = max(map(most_resident_mb, kpi.pids()))
    current, old, unknown, sums = of_world.rows(KEPT)[0]
    print(f"  {number + 1:3}  {changed} observations anew, computed in {settled_s:.1f} s; {row['cells']} cells, {row['hidden_cells']} hidden, "
          f"{row['coarsened_cells']} of them by the proof: {took_s:.1f} s, of which kith-kpi's {worked_s(kpi) - before:.1f}; "
          f"kept: {current} counts of now, {old} of before, {unknown} of both unknown, {sums} sums; {memory:.0f} MB", flush=True)
    return took_s, memory


def run(options):
    """True when the gates are kept."""
    with World(options.schools) as of_world:
        kpi = Program("kith-kpi", of_world.database.uri("kith_kpi"), of_world.redis.uri)
        try:
            print(f"releases of {options.schools} schools, whose month that runs changes each day, and of the others {options.share:.0%}")
            nights = [night(of_world, kpi, number, options.share) for number in range(options.releases)]
        finally:
            kpi.stop()
    longest, memory = max(n[0] for n in nights), max(n[1] for n in nights)
    kept = longest <= LONGEST_S and memory <= MEMORY_MOST_MB
    print(f"the longest {longest:.1f} s, gate {LONGEST_S} s, {memory:.0f} MB, gate {MEMORY_MOST_MB} MB: {'kept' if kept else 'MISSED'}")
    return kept
