"""Each list of the API's document in a district as large as any: its first page, and its thousandth or last one. A
page is a time and not a ratio, as it is a promise; beside it stands what a bare SELECT of as many of the table's rows
by its key takes, over the same number of requests."""
import json
import os
import statistics
import time

import psycopg

import world
from bench_world import HERE, World
from database_suite import Client

GATE_P99_MS = 50
PAGE = 50
DEEP = 1000  # pages
ASKED = 60  # times
QUERIES = {"search": "?q=community"}
APART = {"audit"}  # whose rows are of the day


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


class Lists:
    def __init__(self, of_world, api):
        self.world = of_world
        self.client = Client(api, of_world.district.token)

    def get(self, path):
        """(status, the body)"""
        connection = self.client.connection
        connection.request("GET", path, headers=self.client.fields)
        reply = connection.getresponse()
        return reply.status, json.loads(reply.read() or b"null")

    def paths(self):
        """Of the lists that this reader may ask for."""
        document = self.get("/openapi.json")[1]
        for path, methods in sorted(document["paths"].items()):
            if "{" not in path and "cursor" in json.dumps(methods.get("get", {}).get("parameters", ())):
                yield path

    def deep(self, path):
        """The query of the thousandth page, or of the last one: and how many rows are before it."""
        query, before = QUERIES.get(path.rpartition("/")[2], "?") + "&limit=200", 0
        cursor = ""
        while before < DEEP * PAGE:
            page = self.get(path + query + cursor)[1]["page"]
            if not page["has_more"]:
                break
            cursor = f"&cursor={page['next_cursor']}"
            before += 200
        return cursor, before

    def p99_ms(self, target):
        times = []
        for _ in range(ASKED):
            began = time.monotonic()
            status, _ = self.get(target)
            times.append((time.monotonic() - began) * 1000)
            assert status == 200, (target, status)
        return percentile(times, 0.99)


def bare_ms(of_world):
    """The reference: 50 rows of the largest table by its key."""
    with psycopg.connect(of_world.database.uri("postgres"), autocommit=True) as connection:
        times = []
        for _ in range(ASKED):
            began = time.monotonic()
            connection.execute("SELECT to_jsonb(i) FROM interaction i WHERE district_id = %s ORDER BY id LIMIT 50",
                               (of_world.district.id,)).fetchall()
            times.append((time.monotonic() - began) * 1000)
        return statistics.median(times)


def run(_options):
    """True when the gate is kept."""
    with World() as of_world:
        world.run("psql", of_world.database.uri("postgres"), "-qX", "-v", "ON_ERROR_STOP=1",
                  "-v", f"district={of_world.district.id}", "-v", f"now={world.NOW}",
                  "-f", os.path.join(HERE, "lists.sql"))
        lists = Lists(of_world, of_world.start_api())
        print(f"GET of each list, {PAGE} rows, its first page and its {DEEP}th or last one: 99th percentile of {ASKED}")
        late = []
        for path in lists.paths():
            query = QUERIES.get(path.rpartition("/")[2], "?") + f"&limit={PAGE}"
            if lists.get(path + query)[0] == 403:
                continue
            first = lists.p99_ms(path + query)
            cursor, before = lists.deep(path)
            deep = lists.p99_ms(path + query + cursor) if cursor else first
            if max(first, deep) > GATE_P99_MS and path.rpartition("/")[2] not in APART:
                late.append(path)
            if before >= 200 or max(first, deep) > GATE_P99_MS / 2:
                print(f"  {path}: {first:.1f} ms, after {before} rows {deep:.1f} ms", flush=True)
        print(f"  a bare SELECT of {PAGE} interactions by their key: {bare_ms(of_world):.1f} ms, median")
        print(f"  gate {GATE_P99_MS} ms: {'MISSED by ' + ', '.join(late) if late else 'kept'}", flush=True)
        return not late
