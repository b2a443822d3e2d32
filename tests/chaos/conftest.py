"""Each module has a world of its own."""

import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from chaos_world import World  # noqa: E402  pylint: disable=wrong-import-position


@pytest.fixture(scope="module")
def chaos():
    with World() as one:
        yield one
