"""Fixtures: each module has a database of its own, and two districts in it."""
import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from world import cluster, database  # noqa: E402, F401  pylint: disable=wrong-import-position


@pytest.fixture(scope="module")
def ours(database):  # noqa: F811  pylint: disable=redefined-outer-name
    return database.district()


@pytest.fixture(scope="module")
def theirs(database):  # noqa: F811  pylint: disable=redefined-outer-name
    return database.district()


@pytest.fixture
def api(database):  # noqa: F811  pylint: disable=redefined-outer-name
    """A fresh connection of kith_api."""
    with database.connect("kith_api") as connection:
        yield connection


@pytest.fixture
def migrate(database):  # noqa: F811  pylint: disable=redefined-outer-name
    """A connection that sees all districts."""
    with database.connect("kith_migrate") as connection:
        yield connection
