"""A running kith-api on a database of its own, and people of two districts who use it.

`Api` is the program from boot to a clean exit; `Tenant` a district with a user and an API key for
each role; `Caller` one of them, who sends requests. Every reply is checked against what each reply
of ours must be (`wire.check_reply`) and what the API's document says of it (`contract.check`), so that a test asks only for what is particular.
"""

import contextlib
import http.client
import json
import os
import tempfile
import threading
from datetime import datetime, timedelta, timezone
from urllib.parse import urlencode

import contract
from wire import Reply, check_reply

from program import Program
from world import NOW, insert, uuid7

ROLES = (
    "admin",
    "director",
    "executive",
    "coordinator",
    "school_leader",
    "reviewer",
    "data_steward",
    "viewer",
)
# Tests ask faster than people do; those of the rate limits set their own.
UNLIMITED = {
    f"KITH_RATE_{name}": "1000000" for name in ("READS", "WRITES", "SIGN_INS", "ANONYMOUS")
}


class Api(Program):
    """kith-api, with a clock that tests move and nobody who limits how fast they ask."""

    def __init__(self, database, **settings):
        self.database = database
        self.clock_folder = tempfile.TemporaryDirectory(prefix="kith-clock-")
        self.clock = os.path.join(self.clock_folder.name, "clock")
        self.set_clock(NOW)
        self.local = threading.local()
        self.counts = True  # what is asked here counts as a test of the operation
        super().__init__("kith-api", **{
            "KITH_CLOCK": f"@{self.clock}",
            "KITH_DATABASE_URL": database.uri("kith_api"),
            "KITH_PUBLISHER_URL": database.uri("kith_publisher"),
            **UNLIMITED,
            **settings,
        })

    def set_clock(self, instant):
        """Moves business time; in one step, as readers may come at any time."""
        with open(f"{self.clock}.new", "w", encoding="ascii") as file:
            file.write(instant)
        os.replace(f"{self.clock}.new", self.clock)

    def move_clock(self, **by):
        """Moves business time on, and gives the instant."""
        with open(self.clock, encoding="ascii") as file:
            now = datetime.fromisoformat(file.read()) + timedelta(**by)
        self.set_clock(rfc3339(now))
        return rfc3339(now)

    def connection(self):
        """This thread's connection, kept open from request to request."""
        if not hasattr(self.local, "connection"):
            self.local.connection = http.client.HTTPConnection(self.host, 8080, timeout=30)
        return self.local.connection

    def send(self, method, target, body, headers):
        """One request, on a fresh connection when the kept one was closed meanwhile."""
        connection = self.connection()
        fresh = connection.sock is None
        try:
            return self._ask(connection, method, target, body, headers)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            connection.close()
            if fresh:
                raise
            return self._ask(connection, method, target, body, headers)
        except BaseException:
            connection.close()
            raise

    def _ask(self, connection, method, target, body, headers):
        connection.request(method, target, body=body, headers=headers)
        got = connection.getresponse()
        reply = Reply(got.status, got.reason, got.getheaders())
        if (got.getheader("Content-Type") or "").startswith("text/event-stream"):
            connection.close()  # it has no end
        else:
            reply.body = got.read()
        check_reply(reply, method == "HEAD")
        contract.check(method, target, reply, self.counts)
        return reply


@contextlib.contextmanager
def running_api(database, **settings):
    api = Api(database, **settings)
    try:
        yield api.wait_ready()
    finally:
        api.stop()


def rfc3339(instant):
    text = instant.astimezone(timezone.utc).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


class Answer:
    """A reply as tests ask for it."""

    def __init__(self, reply):
        self.reply = reply
        self.status = reply.status
        self.field = reply.field
        is_json = (reply.field("Content-Type") or "").endswith("json")
        self.json = reply.json() if reply.body and is_json else None

    @property
    def etag(self):
        return self.reply.field("ETag")

    @property
    def id(self):
        return self.json["id"]

    @property
    def type(self):
        """The problem's type, without the address that it begins with."""
        return self.json["type"].rpartition("/")[2]

    @property
    def faults(self):
        """{pointer: code}; a pointer that stands twice would be lost, so it may not."""
        errors = self.json.get("errors", [])
        found = {error["pointer"]: error["code"] for error in errors}
        assert len(found) == len(errors), errors
        assert all(error["detail"] for error in errors), errors
        return found

    def __repr__(self):
        return repr(self.reply)


class Caller:
    """Somebody with a token, or without."""

    def __init__(self, api, token, role=None):
        self.api = api
        self.token = token
        self.role = role

    def call(self, method, target, body=None, **headers):
        """Header names are written with "_" for "-"; None leaves one out. A body that is not bytes
        becomes JSON."""
        fields = {"Authorization": f"Bearer {self.token}" if self.token is not None else None}
        fields |= {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        fields = {name: value for name, value in fields.items() if value is not None}
        return Answer(self.api.send(method, target, body, fields))

    def get(self, target, parameters=None, **headers):
        query = "?" + urlencode(parameters) if parameters else ""
        return self.call("GET", target + query, **headers)

    def post(self, target, body, **headers):
        return self.call("POST", target, body, **{"Content_Type": "application/json", **headers})

    def patch(self, target, body, etag, **headers):
        named = {"Content_Type": "application/merge-patch+json", "If_Match": etag}
        return self.call("PATCH", target, body, **{**named, **headers})

    def archive(self, target, etag):
        return self.call("DELETE", target, If_Match=etag)

    def restore(self, target, etag):
        return self.call("POST", f"{target}/restore", If_Match=etag)

    def created(self, plural, body, **headers):
        """Makes one, which must go well."""
        answer = self.post(f"/v1/{plural}", body, **headers)
        assert answer.status == 201, answer
        return answer

    def partner(self, **fields):
        return self.created("partners", {"name": "A partner", "kind": "nonprofit", **fields})

    def site(self, **fields):
        return self.created("sites", {"name": "A site", "kind": "school", **fields})


class Tenant:
    """A district with a person of each role: tenant.director.get(…)."""

    def __init__(self, api, database):
        self.api = api
        self.district = database.district(role=None)
        self.id = self.district.id
        self.users = {}
        self.token_hashes = {}
        with database.connect("kith_migrate") as connection, connection.transaction():
            self.unreviewed = uuid7()  # agreements need no review, but where a test archives this
            insert(connection, "review_rule", {"district_id": self.id, "id": self.unreviewed, "step": "none",
                                               "created_at": NOW, "updated_at": NOW})
            for role in (*ROLES, "partner", "nobody"):
                user = database.user(connection, self.id, uuid7())
                if role != "nobody":
                    database.grant(connection, self.id, user, role)
                token, self.token_hashes[role] = database.token(connection, self.id, user)
                self.users[role] = user
                setattr(self, role, Caller(api, token, role))

    @property
    def path(self):
        return f"/v1/districts/{self.id}"

    def person(self, *roles, **token_fields):
        """One more person: the caller, its user and its token's hash."""
        database = self.api.database
        with database.connect("kith_migrate") as connection, connection.transaction():
            user = database.user(connection, self.id, uuid7())
            for role in roles:
                database.grant(connection, self.id, user, role)
            token, token_hash = database.token(connection, self.id, user, **token_fields)
        return Caller(self.api, token, ",".join(roles)), user, token_hash

    def scoped(self, *grants):
        """Somebody whose grants are over a part of the district, or for a time: each is a role, the
        kind and the id of its scope, and other fields of user_grant."""
        database = self.api.database
        with database.connect("kith_migrate") as connection, connection.transaction():
            user = database.user(connection, self.id, uuid7())
            for role, kind, one, *more in grants:
                fields = {"scope_kind": kind, "scope_id": one, **(more[0] if more else {})}
                database.grant(connection, self.id, user, role, **fields)
            token, _ = database.token(connection, self.id, user)
        caller = Caller(self.api, token, ",".join(grant[0] for grant in grants))
        caller.user = user
        return caller
