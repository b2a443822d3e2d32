"""Observations by the million: a CSV file of new daily figures until its import is done, against a bare COPY of the same rows
into a table with the same columns, checks, indexes and foreign keys; kith-kpi, which computes them; and kith rebuild against
the bare aggregates. How many is said by --rows."""
import csv
import datetime
import http.client
import io
import json
import os
import time

import kpi_suite
import psycopg
import world
from bench_world import Program, processor_s

COPY_GATE = 0.5
REBUILD_GATE = 1 / 1.5
MEMORY_MOST_MB = 50
FIRST = datetime.date(2026, 7, 1)  # of the school year
DAYS = 365
COHORTS = ("all", "served", "not_served")
HEADER = ("indicator", "site", "cohort", "school_year", "period_kind", "period_start", "numerator", "denominator")
ENDS_WITHIN_S = 3600

# The same sums as tallies are, each by one statement: by school, network and district, of months, quarters and the year; and of
# the schools where a partnership works, for it, its partner and the kind of that, each school once.
AGGREGATES = """
    CREATE TABLE bare_tally AS
    SELECT o.indicator_id, o.school_year, o.cohort, s.id AS site_id, s.network_id, date_trunc('month', o.period_start) AS month,
           q.number AS quarter, sum(o.numerator) AS numerator, sum(o.denominator) AS denominator, count(*) AS n,
           min(o.as_of) AS observed_from, max(o.as_of) AS as_of
    FROM observation o
    JOIN site s ON s.district_id = o.district_id AND s.id = o.site_id
    JOIN reporting_quarter q ON q.district_id = o.district_id AND o.period_start BETWEEN q.starts_on AND q.ends_on
    WHERE o.superseded_by IS NULL AND o.archived_at IS NULL
    GROUP BY o.indicator_id, o.school_year, o.cohort, GROUPING SETS ((s.id), (s.network_id), ()),
             GROUPING SETS ((date_trunc('month', o.period_start)), (q.number), ());
    CREATE TABLE bare_where_it_works AS
    SELECT t.indicator_id, t.school_year, w.kind, w.id, t.month, t.quarter, sum(t.numerator) AS numerator,
           sum(t.denominator) AS denominator, sum(t.n) AS n, min(t.observed_from) AS observed_from, max(t.as_of) AS as_of
    FROM bare_tally t
    JOIN (SELECT DISTINCT v.kind, v.id, l.site_id
          FROM partnership_site l
          JOIN partnership p ON p.district_id = l.district_id AND p.id = l.partnership_id
          JOIN partner r ON r.district_id = p.district_id AND r.id = p.partner_id
          CROSS JOIN LATERAL (VALUES ('partnership', p.id::text), ('partner', r.id::text), ('kind', r.kind)) AS v (kind, id)) AS w
        ON w.site_id = t.site_id
    WHERE t.cohort = 'all'
    GROUP BY t.indicator_id, t.school_year, w.kind, w.id, t.month, t.quarter"""


def file_of(rows):
    """New figures: as many indicators as that takes, each of all cohorts, days and schools."""
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow(HEADER)
    for n in range(rows):
        day, site = divmod(n, 120)
        cohort, day = divmod(day, DAYS)
        number, cohort = divmod(cohort, len(COHORTS))
        lines.writerow((f"bulk_{number}", f"School {site + 1:03}", COHORTS[cohort], 2027, "day",
                        FIRST + datetime.timedelta(day), 300 + n % 90, 400))
    return out.getvalue().encode(), number + 1


def make_indicators(of_world, count):
    with of_world.database.connect("postgres") as connection:
        connection.execute(
            "INSERT INTO indicator (district_id, id, code, name, family, unit, aggregation, periods, suppression, created_at, "
            "updated_at) SELECT %s, uuid7(), 'bulk_' || n, 'Bulk ' || n, 'attendance', 'percent', 'ratio_of_sums', '{day,month}', "
            "'none', now(), now() FROM generate_series(0, %s) n", (of_world.district.id, count - 1))


def imported(of_world, body):
    """Seconds from the request until the import is done."""
    client = http.client.HTTPConnection("127.0.0.1", of_world.api.port, timeout=ENDS_WITHIN_S)
    fields = {"Authorization": f"Bearer {of_world.district.token}", "Content-Type": "text/csv"}

    def said(method, path, sent=None):
        client.request(method, path, sent, fields)
        answer = client.getresponse()
        told = json.loads(answer.read())
        assert answer.status in (200, 202), told
        return told

    began = time.monotonic()
    report = said("POST", "/v1/imports?kind=observations", body)
    while report["status"] in ("received", "running"):
        time.sleep(0.1)
        report = said("GET", f"/v1/imports/{report['id']}")
        assert time.monotonic() - began < ENDS_WITHIN_S, report
    took_s = time.monotonic() - began
    assert (report["status"], report["created"], report["rejected"]) == ("done", body.count(b"\n") - 1, 0), report
    return took_s


def copied(of_world, name, query, rows, has_keys):
    """Seconds of a COPY of what a query of observations finds, and how many microseconds of a processor a row; with foreign
    keys, or without."""
    with psycopg.connect(of_world.database.uri("postgres"), autocommit=True) as connection:
        path = os.path.join(of_world.folder, f"{name}.copy")
        connection.execute(f"CREATE TABLE {name} (LIKE observation INCLUDING ALL)")
        for key, said in connection.execute("SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
                                            "WHERE conrelid = 'observation'::regclass AND contype = 'f'").fetchall():
            if has_keys:
                connection.execute(f"ALTER TABLE {name} ADD CONSTRAINT {key} {said}")
        connection.execute(f"COPY ({query}) TO '{path}'")
        before, began = processor_s(connection.info.backend_pid), time.monotonic()
        assert connection.execute(f"COPY {name} FROM '{path}'").rowcount == rows
        return time.monotonic() - began, (processor_s(connection.info.backend_pid) - before) / rows * 1e6


def sessions_s(of_world):
    """Seconds of a processor of kith-api, and of each kind of session that is there."""
    found = {"kith-api itself": sum(map(processor_s, of_world.api.pids()))}
    for name, pid in of_world.rows("SELECT application_name, pid FROM pg_stat_activity WHERE application_name LIKE 'kith%'"):
        found[name] = found.get(name, 0) + processor_s(pid)
    return found


def verdict(kept):
    return "kept" if kept else "MISSED"


def load(of_world, rows):
    body, indicators = file_of(rows)
    make_indicators(of_world, indicators)
    before = sessions_s(of_world)
    ours_s = imported(of_world, body)
    after = sessions_s(of_world)
    days = "SELECT * FROM observation WHERE period_kind = 'day'"
    copy_s, copy_us = copied(of_world, "bare", days, rows, True)
    bare_s, _ = copied(of_world, "barer", days, rows, False)
    ratio = copy_s / ours_s
    print(f"{rows} new rows by POST /v1/imports {ours_s:.1f} s, {ours_s / rows * 1e6:.0f} µs a row; "
          f"COPY {copy_s:.1f} s, {copy_s / rows * 1e6:.0f} µs ({copy_us:.0f} of a processor); ratio {ratio:.2f}, "
          f"gate {COPY_GATE}: {verdict(ratio >= COPY_GATE)}; COPY without foreign keys {bare_s / rows * 1e6:.0f} µs, ratio "
          f"{bare_s / ours_s:.2f}; load average {os.getloadavg()[0]:.1f}", flush=True)
    for name, took_s in after.items():
        if took_s - before.get(name, 0) >= 0.1:
            print(f"    {name} took {(took_s - before.get(name, 0)) / rows * 1e6:.0f} µs of a processor a row", flush=True)
    return ratio >= COPY_GATE


def peak_mb(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM:")) / 1024


def computed(of_world):
    kpi = Program("kith-kpi", of_world.database.uri("kith_kpi"), of_world.redis.uri)
    try:
        began = time.monotonic()
        world.wait_until(lambda: of_world.waiting() == 0, "all is computed", ENDS_WITHIN_S)
        took_s, most = time.monotonic() - began, max(map(peak_mb, kpi.pids()))
    finally:
        kpi.stop()
    print(f"kith-kpi computed what is new in {took_s:.1f} s; its largest process held {most:.1f} MB at most, "
          f"gate {MEMORY_MOST_MB} MB: {verdict(most < MEMORY_MOST_MB)}", flush=True)
    return most < MEMORY_MOST_MB


def rebuilt(of_world, rows):
    of_world.vacuum()
    began = time.monotonic()
    differed = world.run(os.path.join(world.BUILD, "bin", "kith"), "rebuild", KITH_MIGRATE_URL=of_world.database.uri("kith_migrate"))
    ours_s = time.monotonic() - began
    assert "bulk_" not in differed, differed
    with of_world.database.connect("postgres") as connection:
        began = time.monotonic()
        connection.execute(AGGREGATES)
        connection.commit()
        bare_s = time.monotonic() - began
    ratio = bare_s / ours_s
    print(f"kith rebuild {ours_s:.1f} s, of {rows} rows and what else there is; the bare aggregates {bare_s:.1f} s; "
          f"ratio {ratio:.2f}, gate {REBUILD_GATE:.2f}: {verdict(ratio >= REBUILD_GATE)}", flush=True)
    return ratio >= REBUILD_GATE


def run(options):
    """True when every gate is kept."""
    with kpi_suite.World() as of_world:
        kept = [load(of_world, options.rows), computed(of_world), rebuilt(of_world, options.rows)]
        return all(kept)
