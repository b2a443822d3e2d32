"""Fixtures of the suites that talk to running programs. Each module has a server of its own."""

import pytest

from probe import running


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
