"""Each list of the API's document in a district as large as any: its first page, and its thousandth or last one. A
page is a time and not a ratio, as it is a promise; beside it stands what a bare SELECT of as many of the table's rows
by its key takes, over the same number of requests. And the map of who works where, of a district of 5,000 partners."""
import json
import os
import statistics
import time

import psycopg

import world
from bench_world import HERE, World
from database_suite import Client

GATE_P99_MS = 50
MAP_GATE_MS = 1000
PAGE = 50
DEEP = 1000  # pages
ASKED = 60  # times
ASKED_CLOSELY = 300  # what is near the gate: of sixty the slowest one, a connection's first, would be the 99th percentile
# Of a path with several, each: a word that all have, slips of the pen, what is found nowhere.
QUERIES = {"search": ("?q=community", "?q=comunitty", "?q=comunity%20partnres%20of%20springfeild"),
           "partners": ("?", "?q=community", "?q=comunitty")}
APART = {"audit"}  # whose rows are of the day


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


class Lists:
    def __init__(self, api, reader):
        self.client = Client(api, reader.token)

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

    def deep(self, target):
        """The cursor of the thousandth page, or of the last one: and how many rows are before it."""
        cursor, before = "", 0
        while before < DEEP * PAGE:
            page = self.get(f"{target}&limit=200{cursor}")[1]["page"]
            if not page["has_more"]:
                break
            cursor = f"&cursor={page['next_cursor']}"
            before += 200
        return cursor, before

    def p99_closely_ms(self, target):
        found = self.p99_ms(target)
        return found if found < GATE_P99_MS / 2 else self.p99_ms(target, ASKED_CLOSELY)

    def p99_ms(self, target, times=ASKED):
        found = []
        for _ in range(times):
            began = time.monotonic()
            status, _ = self.get(target)
            found.append((time.monotonic() - began) * 1000)
            assert status == 200, (target, status)
        return percentile(found, 0.99)


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


def load(of_world, district, name):
    world.run("psql", of_world.database.uri("postgres"), "-qX", "-v", "ON_ERROR_STOP=1",
              "-v", f"district={district.id}", "-v", f"now={world.NOW}", "-f", os.path.join(HERE, name))


def late_lists(lists):
    """Those that miss the gate, and how long each takes."""
    for path in lists.paths():
        name = path.rpartition("/")[2]
        if lists.get(path)[0] == 403:
            continue
        for query in QUERIES.get(name, ("?",)):
            target = path + query
            first = lists.p99_closely_ms(f"{target}&limit={PAGE}")
            cursor, before = lists.deep(target)
            deep = lists.p99_closely_ms(f"{target}&limit={PAGE}{cursor}") if cursor else first
            if before >= 200 or max(first, deep) > GATE_P99_MS / 2:
                print(f"  {target.rstrip('?')}: {first:.1f} ms, after {before} rows {deep:.1f} ms", flush=True)
            if max(first, deep) > GATE_P99_MS and name not in APART:
                yield target


def run(_options):
    """True when the gates are kept."""
    with World() as of_world:
        mapped = of_world.database.district(role="coordinator")
        load(of_world, mapped, "network.sql")
        load(of_world, of_world.district, "lists.sql")
        lists = Lists(of_world.start_api(), of_world.district)
        print(f"GET of each list, {PAGE} rows, its first page and its {DEEP}th or last one: 99th percentile of {ASKED}, near "
              f"the gate of {ASKED_CLOSELY}")
        late = list(late_lists(lists))
        print(f"  a bare SELECT of {PAGE} interactions by their key: {bare_ms(of_world):.1f} ms, median")
        print(f"  gate {GATE_P99_MS} ms: {'MISSED by ' + ', '.join(late) if late else 'kept'}", flush=True)
        map_ms = Lists(of_world.api, mapped).p99_ms("/v1/network_map", times=10)
        print(f"  the network map of 5,000 partners: {map_ms:.0f} ms; "
              f"gate {MAP_GATE_MS} ms: {'kept' if map_ms <= MAP_GATE_MS else 'MISSED'}", flush=True)
        return not late and map_ms <= MAP_GATE_MS
