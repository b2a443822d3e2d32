"""Fixtures of the suites that talk to running programs. Each module has a server of its own."""

import os
import sys

import pytest

from probe import running

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import contract  # noqa: E402  pylint: disable=wrong-import-position
from api_world import Tenant, running_api  # noqa: E402  pylint: disable=wrong-import-position
from operations import Subjects  # noqa: E402  pylint: disable=wrong-import-position
from world import cluster, database  # noqa: E402, F401  pylint: disable=wrong-import-position


@pytest.fixture(scope="module")
def server():
    """A server with room for everything: its deadlines are longer than any test."""
    with running(
        header_ms=60000,
        body_ms=60000,
        idle_ms=60000,
        request_ms=60000,
        drain_ms=1000,
        connections=10000,
        connections_per_address=10000,
        body_bytes=1048576,
        arena_bytes=67108864,
    ) as probe:
        yield probe


@pytest.fixture
def connection(server):
    with server.wire() as one:
        yield one


@pytest.fixture(scope="module")
def api(database):  # noqa: F811  pylint: disable=redefined-outer-name
    """kith-api with its usual settings."""
    with running_api(database) as one:
        yield one


@pytest.fixture(scope="module")
def ours(api, database):  # noqa: F811  pylint: disable=redefined-outer-name
    return Tenant(api, database)


@pytest.fixture(scope="module")
def theirs(api, database):  # noqa: F811  pylint: disable=redefined-outer-name
    return Tenant(api, database)


@pytest.fixture(scope="module")
def subjects(ours):
    """What generated requests are about; see operations.py."""
    return Subjects(ours)


@pytest.fixture(scope="module")
def foreign(theirs):
    return Subjects(theirs)


@pytest.fixture
def migrate(database):  # noqa: F811  pylint: disable=redefined-outer-name
    """A connection that sees all districts."""
    with database.connect("kith_migrate") as connection:
        yield connection


# ---- At the end: every operation of the API's document was asked by some test --------------------

ASKED = set()  # by the workers


def is_whole(config):
    """The run has all tests of this folder."""
    here = os.path.dirname(os.path.abspath(__file__))
    chosen = [os.path.abspath(argument) for argument in config.args]
    return not (config.option.keyword or config.option.markexpr) and any(
        os.path.commonpath([one, here]) == one for one in chosen if os.path.isdir(one)
    )


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node, error):  # pylint: disable=unused-argument
    ASKED.update(getattr(node, "workeroutput", {}).get("operations", ()))


def pytest_sessionfinish(session, exitstatus):
    config = session.config
    if hasattr(config, "workeroutput"):
        config.workeroutput["operations"] = sorted(contract.hits)
        return
    if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED) and is_whole(config):
        missing = contract.never_hit(ASKED | contract.hits)
        if missing:
            reporter = config.pluginmanager.get_plugin("terminalreporter")
            reporter.write_line(f"\nno test asks for {', '.join(missing)}", red=True)
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
