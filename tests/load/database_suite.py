"""The API with its database, against pgbench doing the same statements without any API: pgbench
over the Unix socket with eight connections, wrk over loopback, both on the cores that the server
has too."""
import http.client
import json
import os
import secrets
from functools import partial

import world
from bench_world import FIRST, ID_PREFIX, LAST, RESIDENT_MOST_MB, World
from compare import Figure, compare, pgbench, wrk
from statements import Script, StatementLog

GET_GATE, POST_GATE, LIST_GATE = 0.55, 0.7, 0.5
MORE_CONNECTIONS = 64
REQUESTS = 1_000_000  # over which memory must stay where it is
GROWTH_MOST_MB = 1
POSTS_PER_SECOND = 20000  # more than any machine does: each needs a key of its own
HERE = os.path.dirname(os.path.abspath(__file__))
QUERY = "kind=nonprofit&stage=approved&limit=50"
PARTNER = json.dumps({
    "name": "Northside Reading Friends", "kind": "nonprofit",
    "website": "https://reading.example.org/", "email": "office@reading.example.org",
    "phone": "+1 312 555 0100", "street": "1 Main Street", "city": "Springfield", "state": "IL",
    "postal_code": "62701", "description": "Tutors and mentors for the schools nearby.",
})
# pgbench cannot put texts together, but the server can: a loaded partner's id from its number, and
# an id for a new one that rises with time as UUIDv7 does, the same in the whole transaction.
LOADED_ID = f"('{ID_PREFIX}' || :n::text)"
NEW_ID = ("('0' || to_hex((extract(epoch FROM now()) * 1000)::bigint) || '7' || :a::text"
          " || '8' || :b::text)")


class Client:
    """Asks the API on one connection, and so one child."""

    def __init__(self, api, token):
        self.connection = http.client.HTTPConnection("127.0.0.1", api.port, timeout=30)
        self.fields = {"Authorization": f"Bearer {token}"}

    def ask(self, method, path, body=None, **fields):
        self.connection.request(method, path, body, {**self.fields, **fields})
        reply = self.connection.getresponse()
        text = reply.read()
        assert 200 <= reply.status < 300, f"{method} {path}: {reply.status} {text}"
        return json.loads(text)

    def get(self, number):
        path = f"/v1/partners/{ID_PREFIX}{number}"
        got = self.ask("GET", path)
        assert got["id"] == path.split("/")[-1] and got["ein"] == f"{number:09}", got

    def list(self):
        got = self.ask("GET", f"/v1/partners?{QUERY}")
        names = [one["name"] for one in got["data"]]
        assert len(names) == 50 and names == sorted(names) and got["page"]["has_more"], got
        assert {(one["kind"], one["stage"]) for one in got["data"]} == {("nonprofit", "approved")}

    def post(self):
        got = self.ask("POST", "/v1/partners", PARTNER, **{
            "Content-Type": "application/json", "Idempotency-Key": secrets.token_hex(16)})
        assert got.items() >= json.loads(PARTNER).items(), got


def named(statements, *names):
    """The statements, which must be these, in this order; the record of private reads stands apart, as whoever
    measures here reads nothing private."""
    statements = [one for one in statements if not one.name.startswith("record_read")]
    found = [one.name for one in statements]
    assert [name if name else found[i] for i, name in enumerate(names)] == found, found
    return statements


class Scripts:
    """The reference's side, made of what the API was seen to send."""

    def __init__(self, of_world):
        self.world = of_world
        self.made = {}
        with of_world.database.connect("postgres") as connection:
            connection.execute("ALTER ROLE kith_api SET log_statement = 'all'")
        self._capture(Client(of_world.start_api(), of_world.district.token))
        of_world.stop_api()
        with of_world.database.connect("postgres") as connection:
            connection.execute("ALTER ROLE kith_api RESET log_statement")

    def _capture(self, client):
        log = StatementLog(self.world.cluster.log, self.world.database.uri("postgres"))
        enter, get = named(log.of(lambda: client.get(FIRST)), "enter", "partner_get")
        context, _ = named(log.of(lambda: client.get(LAST)), "context", "partner_get")
        list_unit = log.of(client.list)
        assert list_unit[0].name == "context_for_list" and len(list_unit) in (2, 3), list_unit
        post_unit = named(log.of(client.post), "enter", "idem_begin", "partner_create",
                          "partner_get_and_keep")
        self._make_get("select", [], get)
        self._make_get("context", [context], get)
        self._make_get("enter", [enter], get)
        script = self._new("list")
        script.pipeline(*((one,) for one in list_unit))
        self._make_post(*post_unit)

    def _new(self, name):
        self.made[name] = Script()
        return self.made[name]

    def _make_get(self, name, before, get):
        script = self._new(name)
        script.set_random("n", FIRST, LAST)
        if before:
            script.pipeline(*((one,) for one in before), (get, {1: LOADED_ID}))
            return
        # Nobody's policy names the district here, and the primary key begins with it.
        assert get.text.endswith(" WHERE t.id = $1::uuid"), get.text
        script.add(get, {1: LOADED_ID}, " AND t.district_id = :district::uuid")
        script.variables["district"] = self.world.district.id

    def _make_post(self, enter, idem_begin, create, get_and_keep):
        script = self._new("post")
        script.set_random("a", 100, 999)
        script.set_random("b", 10 ** 14, 10 ** 15 - 1)
        script.pipeline((enter,), (idem_begin, {1: ":b::text"}), (create, {1: NEW_ID}),
                        (get_and_keep, {1: NEW_ID, 2: ":b::text"}))

    def run(self, name, role, options, **environment):
        script = self.made[name]
        path = script.write(os.path.join(self.world.folder, f"{name}.sql"))
        return pgbench(self.world.database.uri(role), path, script.variables, options,
                       **environment)


class Suite:
    def __init__(self, of_world, options):
        self.world = of_world
        self.options = options
        self.scripts = Scripts(of_world)
        self.api = of_world.start_api()
        print(f"kith-api is ready after {self.api.ready_ms:.0f} ms")

    def wrk(self, *args, connections=None):
        kind, *rest = args
        return wrk(self.api.url, self.options, script=os.path.join(HERE, "requests.lua"),
                   args=[kind, self.world.district.token, *rest], connections=connections)

    def wrk_post(self, connections=None):
        """Only what left all its rows counts."""
        before = self.rows()
        rate = self.wrk("post", secrets.token_hex(8), str(POSTS_PER_SECOND * self.options.seconds),
                        PARTNER, connections=connections)
        written = [now - then for now, then in zip(self.rows(), before)]
        assert len(set(written)) == 1 and written[0] >= rate * self.options.seconds * 0.9, written
        return rate

    def rows(self):
        """Of one snapshot: requests that wrk left behind may still be at work."""
        return self.world.row("SELECT (SELECT count(*) FROM partner), (SELECT count(*) FROM audit),"
                              " (SELECT count(*) FROM outbox), (SELECT count(*) FROM idempotency)")

    def after_checkpoint(self, measure):
        """The first write to a page after a checkpoint costs more: each side begins with one."""
        self.world.cluster.execute("CHECKPOINT")
        return measure()

    def figures(self):
        pgbench_api = partial(self.scripts.run, role="kith_api", options=self.options)
        wrk_get = partial(self.wrk, "get", ID_PREFIX, str(FIRST), str(LAST))
        wrk_list = partial(self.wrk, "list", QUERY)
        yield Figure(
            "GET /v1/partners/{id}; reference: its SELECT by primary key, no policy, no context",
            GET_GATE, wrk_get,
            partial(self.scripts.run, "select", "postgres", self.options,
                    PGOPTIONS=f"-c kith.roles={self.world.district.role} -c kith.district={self.world.district.id}"
                    f" -c kith.now={world.NOW}"),
            {"reference with the context, one pipeline": partial(pgbench_api, "context"),
             "reference with kith_enter, one pipeline": partial(pgbench_api, "enter"),
             f"ours -c{MORE_CONNECTIONS}": partial(wrk_get, connections=MORE_CONNECTIONS)})
        yield Figure(
            f"GET /v1/partners?{QUERY}; reference: its unit in a pipeline",
            LIST_GATE, wrk_list, partial(pgbench_api, "list"),
            {f"ours -c{MORE_CONNECTIONS}": partial(wrk_list, connections=MORE_CONNECTIONS)})
        yield Figure(
            "POST /v1/partners with an Idempotency-Key; reference: its unit in a pipeline",
            POST_GATE, partial(self.after_checkpoint, self.wrk_post),
            partial(self.after_checkpoint, partial(pgbench_api, "post")),
            {f"ours -c{MORE_CONNECTIONS}": partial(
                self.after_checkpoint, partial(self.wrk_post, connections=MORE_CONNECTIONS))})


    def memory_is_flat(self):
        """Resident memory before and after a million requests, in MB of each process."""
        before, asked = self.api.memory(), 0
        while asked < REQUESTS:
            asked += self.wrk("get", ID_PREFIX, str(FIRST), str(LAST)) * self.options.seconds
        kept = True
        for number, (was, now) in enumerate(zip(before, self.api.memory())):
            print(f"kith-api {f'child {number}' if number else 'parent'}: resident "
                  f"{now.resident:.1f} MB, of that its own {now.own:.1f} MB; "
                  f"{asked:,.0f} requests ago {was.resident:.1f} MB")
            kept = kept and now.resident < RESIDENT_MOST_MB and now.resident - was.resident < GROWTH_MOST_MB
        return kept


def run(options):
    """True when every gate is kept."""
    with World() as of_world:
        suite = Suite(of_world, options)
        kept = [compare(figure, options) for figure in suite.figures()]
        return suite.memory_is_flat() and all(kept)
