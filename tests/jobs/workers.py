"""Programs around a database: a private Redis, kith-api in front, workers behind, each from boot to a
clean exit. In a test:

    with Redis.private() as redis, running_api(database, KITH_REDIS_URL=redis.uri) as api, \\
            Worker("kith-checkin", database, KITH_REDIS_URL=redis.uri, KITH_CLOCK=f"@{api.clock}"):
        tenant = Tenant(api, database)
        tenant.director.partner()

Without KITH_REDIS_URL a program has no Redis, and must do without.
"""
import json
import os
import socket
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "api"))
# pylint: disable=wrong-import-position,unused-import
import world  # noqa: E402
from api_world import Api, Caller, Tenant, running_api  # noqa: E402, F401
from program import Program  # noqa: E402
from world import wait_until  # noqa: E402, F401


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Redis(world.Redis):
    def events(self):
        """What is in the stream: each entry a dict of its fields, and its id as "entry"."""
        lines = self.ask("--json", "xrange", "kith:events", "-", "+")
        return [{"entry": entry, **dict(zip(fields[::2], fields[1::2]))}
                for entry, fields in json.loads(lines)]

    def pending(self, group):
        """How many entries the group has given to its consumers and not got back."""
        return int(json.loads(self.ask("--json", "xpending", "kith:events", group))[0])


@pytest.fixture(scope="module")
def redis():
    """A module's own."""
    with Redis.private() as one:
        yield one


class Worker(Program):
    """kith-checkin connects as kith_checkin, and so on, but for those with a role of their own."""

    def __init__(self, name, database, role=None, **settings):
        role = role or name.replace("-", "_")
        super().__init__(name, **{"KITH_DATABASE_URL": database.uri(role), **settings})
