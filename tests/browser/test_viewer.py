"""Whoever only reads walks through the whole app: each list, each form for something new, a row of each resource with its parts, and
each screen of its own. Nothing can be pressed there that the API would refuse; GET /v1/me/rights and its document say what it takes."""

import json
import os

import pytest
from app import App
from operations import Subjects
from test_own_screens import OTHERS, READS, YEAR

from api_world import Tenant
from world import ROOT

MODEL = os.path.join(ROOT, "services/web/src/gen")
OWN = OTHERS + ["/app/setup", "/app/recognition", "/app/recognition/stories", "/app/recognition/bulletins", "/app/recognition/awards", "/app/funding", "/app/development",
                "/app/development/coaching", "/app/access", "/app/access/keys", "/app/access/settings"]
PARTS = 4  # workers share the walk
SHOWS = READS | {"Show more", "Try again", "Clear the filters", "Further actions", "Actions"}


def index():
    with open(os.path.join(MODEL, "index.json"), encoding="utf-8") as file:
        return sorted(json.load(file))


def resource(plural):
    with open(os.path.join(MODEL, "resources", f"{plural}.json"), encoding="utf-8") as file:
        return json.load(file)


def takes(way):
    return bool(way) and ("viewer" in way["roles"] if way.get("roles") else True)


@pytest.fixture(scope="module")
def world(api, database):
    tenant = Tenant(api, database)
    tenant.subjects = Subjects(tenant)
    return tenant


@pytest.fixture
def app(screen, world):
    return App(screen, world)


def pressable(app):
    """What is neither a way to elsewhere nor only shows, as it is written on it."""
    ways = {one.text.strip() for one in app.screen.all("main .tabs a, main .sort, main .crumbs a, main [aria-pressed]")} | {
        one.text.strip() for one in app.screen.all("main a.button") if not (one.get_attribute("href") or "").split("?")[0].endswith(("/new", "/edit"))}
    ways |= {app.says(f"instrument.{key}") for key in ("preview", "back", "next", "again")}
    return [one for one in app.buttons() if one not in ways | SHOWS and "blank detail" not in one and not YEAR.fullmatch(one)]


def permitted(app, one, row):
    """The words of all that the API would take of a viewer, of a row and beside it."""
    rights = app.tenant.viewer.get("/v1/me/rights", {"resource": one["plural"], "id": row}).json
    return {app.deed(verb) for verb in rights.get("actions", ())} | {app.says(key) for key, told in (
        ("edit_it", rights.get("update") or rights.get("update_private")), ("archive", rights.get("archive")), ("restore", rights.get("restore")), ("add", rights.get("adds"))) if told}


@pytest.mark.shows("web.viewer")
@pytest.mark.timeout(400)
@pytest.mark.parametrize("part", range(PARTS))
def test_a_viewer_can_press_nothing_that_would_be_refused_on_any_screen(app, world, part):
    found, rows = {}, 0
    app.sign_in("viewer")
    for plural in index()[part::PARTS]:
        one = resource(plural)
        is_maker = takes(one.get("create"))
        for path in (f"/app/{plural}", f"/app/{plural}/new") if one.get("create") else (f"/app/{plural}",):
            app.open(path)
            wrong = [said for said in pressable(app) if not is_maker]
            if wrong:
                found[path] = wrong
        row = world.subjects.kept(plural).id
        if world.viewer.get(f"/v1/{plural}/{row}").status != 200:
            continue
        rows += 1
        may = permitted(app, one, row)
        app.open(f"/app/{plural}/{row}")
        for path in dict.fromkeys([f"/app/{plural}/{row}"] + [tab.get_attribute("href").partition(":8080")[2] for tab in app.screen.all("main .tabs a")]):
            app.open(path)
            wrong = [said for said in pressable(app) if said not in may]
            if wrong:
                found[path] = wrong
    for path in OWN[part::PARTS]:
        app.open(path)
        if pressable(app):
            found[path] = pressable(app)
    assert found == {} and rows > 10
