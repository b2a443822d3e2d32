"""Chromium, and the servers and districts of tests/api."""

import os
import sys
import tempfile

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "api"))
from api_world import Tenant, running_api  # noqa: E402  pylint: disable=wrong-import-position
from app import running_web  # noqa: E402  pylint: disable=wrong-import-position
from days import begun  # noqa: E402  pylint: disable=wrong-import-position
from hands import WAYS  # noqa: E402  pylint: disable=wrong-import-position
from screen import Screen  # noqa: E402  pylint: disable=wrong-import-position
from world import cluster, database  # noqa: E402, F401  pylint: disable=wrong-import-position


@pytest.fixture(scope="module")
def api(request, database):  # noqa: F811  pylint: disable=redefined-outer-name
    """With the app, unless the module is WITHOUT_APP. Browsers call 127.0.0.1 and its neighbors trustworthy, as localhost."""
    running = running_api if getattr(request.module, "WITHOUT_APP", False) else running_web
    with running(database) as one:
        yield one


@pytest.fixture(scope="module")
def ours(api, database):  # noqa: F811  pylint: disable=redefined-outer-name
    return Tenant(api, database)


@pytest.fixture(scope="module")
def chromium():
    with tempfile.TemporaryDirectory(prefix="kith-chromium-") as folder:
        one = Screen(folder)
        yield one
        one.quit()


@pytest.fixture
def screen(chromium, api):  # pylint: disable=redefined-outer-name
    """A desktop's width, by day, without a cookie."""
    chromium.api = api
    chromium.forget()
    chromium.theme("light")
    chromium.width(1280)
    return chromium


@pytest.fixture
def phone(screen):  # pylint: disable=redefined-outer-name
    screen.width(375)
    return screen


@pytest.fixture
def hand(screen, ours, request):  # pylint: disable=redefined-outer-name
    """Whoever goes through a day, as hands.by_hand has it."""
    way, language = request.param
    one = begun(screen, ours, language=language, way=WAYS[way])
    yield one
    screen.letters(1)
    if language != "en":
        one.sign_in()
