"""The dashboard's document against pgbench reading the rows that it is made of, on a usual district: of a school, and of
the district. Both know the figures; the reference sends them as rows, ours as one document."""
import http.client
import json
import os

import world
from bench_world import HERE
from compare import Figure, compare, pgbench, wrk
from kpi_suite import World as Kpis

GATE = 0.5
CONNECTIONS = 8  # as pgbench has
YEAR = 2027
CONTEXT = ("SELECT set_config('kith.district', :district, true), set_config('kith.user', :user, true), "
           "set_config('kith.roles', 'data_steward', true), set_config('kith.now', :now, true);")
WORKS = "SELECT l.partnership_id FROM partnership_site l WHERE l.site_id = :site::uuid"
# What is read, of partnerships and places that a condition chooses: of a school those that work there, of the district all.
ROWS = (
    "SELECT r.*, i.* FROM rollup r JOIN indicator i ON i.id = r.indicator_id WHERE r.scope_id = :scope::uuid "
    f"AND r.school_year = {YEAR} AND r.period_start <= :now::date AND r.period_kind IN ('month', 'ytd', 'school_year')",
    "SELECT p.*, q.kind FROM partnership p JOIN partner q ON q.id = p.partner_id WHERE p.archived_at IS NULL AND {partnership}",
    "SELECT p.* FROM partnership_site p WHERE {member}",
    "SELECT p.* FROM investment p WHERE {member}",
    "SELECT g.*, r.* FROM (SELECT p.* FROM goal p WHERE {member} ORDER BY p.due_on, p.id LIMIT 50) g "
    "JOIN rollup r ON r.indicator_id = g.indicator_id AND r.scope_kind = 'partnership' AND r.scope_id = g.partnership_id "
    f"AND r.school_year = {YEAR}",
    f"SELECT p.* FROM priority p WHERE p.school_year IN ({YEAR}, {YEAR + 1}) AND {{place}}",
    "SELECT s.*, y.* FROM site s JOIN site_year y ON y.site_id = s.id",  # students, of the district to compare with, too
    "SELECT p.partner_id, p.status, p.starts_on, p.ended_on FROM partnership p WHERE p.archived_at IS NULL",  # and partners
    "SELECT f.* FROM focus_area f",
)
OF = {"site": {"partnership": f"p.id IN ({WORKS})", "member": f"p.partnership_id IN ({WORKS})", "place": "p.site_id = :site::uuid"},
      "district": dict.fromkeys(("partnership", "member", "place"), "true")}


class World(Kpis):
    """With partnerships that run, goals, priorities and what both sides gave."""

    def _compute(self):
        world.run("psql", self.database.uri("kith_migrate"), "-qX", "-v", "ON_ERROR_STOP=1",
                  "-v", f"district={self.district.id}", "-v", f"now={world.NOW}",
                  "-f", os.path.join(HERE, "dashboard.sql"))
        super()._compute()

    def document(self, query):
        """Looked at before it is measured."""
        connection = http.client.HTTPConnection("127.0.0.1", self.api.port, timeout=30)
        connection.request("GET", f"/v1/dashboard?{query}", headers={"Authorization": f"Bearer {self.district.token}"})
        reply = connection.getresponse()
        text = reply.read()
        assert reply.status == 200, text
        found = json.loads(text)
        assert found["indicators"] and found["goals"] and found["portfolio"]["partnerships"] and found["equity"]["here"]["students"]
        return len(text)


def script(of_world, kind):
    path = os.path.join(of_world.folder, f"dashboard-{kind}.sql")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(("\\startpipeline", CONTEXT, *(row.format(**OF[kind]) + ";" for row in ROWS), "\\endpipeline", "")))
    return path


def figure(of_world, options, kind):
    site = of_world.sites[1]
    query = f"scope={'district' if kind == 'district' else f'site:{site}'}&school_year={YEAR}&period=month"
    size = of_world.document(query)
    variables = {"district": of_world.district.id, "user": str(of_world.district.user), "now": world.NOW, "site": site,
                 "scope": of_world.district.id if kind == "district" else site}
    path = script(of_world, kind)
    return Figure(
        f"GET /v1/dashboard of a {kind}, {size:,} bytes; reference: its rows in a pipeline", GATE,
        lambda: wrk(of_world.api.url, options, script=os.path.join(HERE, "requests.lua"),
                    args=["dashboard", of_world.district.token, query], connections=CONNECTIONS),
        lambda: pgbench(of_world.database.uri("kith_api"), path, variables, options))


def run(options):
    """True when both gates are kept."""
    with World() as of_world:
        return all([compare(figure(of_world, options, kind), options) for kind in OF])
