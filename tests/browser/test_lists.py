"""Lists of the app: many rows changed at once, with a preview, what was refused, and back again; long ones, of which what is far away
is not drawn; and what others change, while one looks and types."""

import pytest
from app import WEB, App
from selenium.webdriver.support.ui import Select

from api_world import Tenant, running_api
from world import NOW, Redis

LONG = 900


@pytest.fixture(scope="module")
def redis():
    with Redis.private() as one:
        yield one


@pytest.fixture(scope="module")
def api(database, redis):  # pylint: disable=redefined-outer-name
    with running_api(database, KITH_REDIS_URL=redis.uri, KITH_WEB_PATH=WEB, KITH_PUBLIC_URL="http://{host}:8080", KITH_RATE_READS="1000000", KITH_RATE_WRITES="1000000") as one:
        yield one


@pytest.fixture(scope="module")
def ours(api, database):
    return Tenant(api, database)


@pytest.fixture
def app(screen, ours):
    return App(screen, ours)


def partners(app, *names, **fields):
    return [app.tenant.director.created("partners", {"name": name, "kind": "civic", **fields}).id for name in names]


def choose(app, *names):
    for name in names:
        app.screen.find(f"input[aria-label='Choose {name}']").click()
    return app.wait_for(f"{len(names)} chosen")


def of(app, one):
    return app.tenant.director.get(f"/v1/partners/{one}").json


@pytest.mark.shows("web.bulk")
def test_a_field_of_many_rows_is_changed_after_a_preview_and_changed_back(app):
    first, second, third = partners(app, "Bulk one", "Bulk two", "Bulk three")
    app.tenant.director.patch(f"/v1/partners/{third}", {"tier": "anchor"}, app.tenant.director.get(f"/v1/partners/{third}").etag)
    app.sign_in().open("/app/partners?q=bulk")
    choose(app, "Bulk one", "Bulk two", "Bulk three").click("Change a field", ".bulk")
    Select(app.field("Which field")).select_by_visible_text("Tier")
    Select(app.field("Tier")).select_by_visible_text("Anchor")
    app.button("See what changes", "dialog").click()
    app.wait_for("2 rows change.")
    assert "1 row stays as it is: that is so already." in app.screen.find("dialog").text
    assert of(app, first)["tier"] is None, "so far it was a preview"
    app.button("Change 2 rows now", "dialog").click()
    app.wait_for("2 of 2 done.")
    assert [of(app, one)["tier"] for one in (first, second)] == ["anchor"] * 2
    app.button("Undo", "dialog").click()
    app.wait_for("2 rows are as before.")
    assert [of(app, one)["tier"] for one in (first, second, third)] == [None, None, "anchor"]


@pytest.mark.shows("web.bulk")
def test_a_row_that_was_changed_meanwhile_stays_and_says_why_while_others_go(app):
    first, second = partners(app, "Gone one", "Gone two")
    app.sign_in().open("/app/partners?q=gone")
    choose(app, "Gone one", "Gone two")
    app.tenant.director.patch(f"/v1/partners/{second}", {"city": "Dover"}, app.tenant.director.get(f"/v1/partners/{second}").etag)
    app.click("Archive", ".bulk")
    app.button("Change 2 rows now", "dialog").click()
    app.wait_for("1 of 2 done.")
    assert "Gone two: The resource has changed since you read it." in app.screen.find("dialog .bad").text
    assert of(app, first)["archived_at"] and of(app, second)["archived_at"] is None
    app.button("Undo", "dialog").click()
    app.wait_for("1 row is as before.")
    assert of(app, first)["archived_at"] is None


@pytest.mark.shows("web.bulk")
def test_all_that_a_list_finds_are_tagged_and_moved_on(app):
    names = [f"Taggable {n}" for n in range(3)]
    made = partners(app, *names)
    tag = app.tenant.director.created("tags", {"name": "Summer"}).id
    app.sign_in().open("/app/partners?q=taggable")
    choose(app, "Taggable 0").click("Choose all found, up to 500", ".bulk")
    app.wait_for("3 chosen").click("Tag", ".bulk")
    app.field("Tag").send_keys("summ")
    app.until(lambda: "Summer" in app.screen.find("dialog [role=listbox]").text, "the tag")
    app.screen.press("\ue007")
    app.button("See what changes", "dialog").click()
    app.wait_for("3 rows change.")
    app.button("Change 3 rows now", "dialog").click()
    app.wait_for("3 of 3 done.")
    assert {row["partner_id"] for row in app.tenant.director.get("/v1/taggings", {"tag_id": tag}).json["data"]} == set(made)
    app.button("Close", "dialog").click()
    choose(app, "Taggable 0", "Taggable 1")
    app.screen.find(".bulk .menu summary").click()
    app.button("Record a contact", ".bulk").click()
    app.button("See what changes", "dialog").click()
    app.wait_for("2 rows change.")
    app.button("Change 2 rows now", "dialog").click()
    app.wait_for("2 of 2 done.")
    assert [of(app, one)["stage"] for one in made] == ["contacted", "contacted", "prospect"]


@pytest.mark.shows("web.bulk")
def test_a_viewer_chooses_nothing(app):
    partners(app, "Bulk seen")
    app.sign_in("viewer").open("/app/partners?q=bulk")
    assert not app.screen.all("main input[type=checkbox]")


@pytest.mark.shows("web.long_lists")
def test_of_a_long_list_what_is_far_away_is_not_drawn_and_comes_back(app):
    with app.tenant.api.database.connect("kith_migrate") as connection:
        connection.execute(
            "INSERT INTO partner (district_id, id, name, kind, created_at, updated_at) SELECT %s, gen_random_uuid(), 'Long ' || lpad(n::text, 4, '0'), 'business', %s, %s "
            "FROM generate_series(1, %s) n", (app.tenant.id, NOW, NOW, LONG))
    app.sign_in().open("/app/partners?kind=business&sort=name")
    rows = "return document.querySelectorAll('main tbody tr:not(.far)').length"
    app.until(lambda: app.screen.run("scrollTo(0, 1e7); return document.querySelector('.end') !== null"), "the end of the list")
    assert f"{LONG}" in app.screen.find(".end").text
    app.until(lambda: app.screen.run(rows) < LONG, "what is far away is not drawn")
    height = app.screen.run("return document.documentElement.scrollHeight")
    app.screen.run("scrollTo(0, 0)")
    app.until(lambda: "Long 0001" in app.screen.find("main tbody").text, "the first rows again")
    app.until(lambda: app.screen.run("return document.querySelectorAll('main tr.far').length") > 0, "and the last are not drawn")
    assert abs(app.screen.run("return document.documentElement.scrollHeight") - height) < 200, "nothing jumps"


@pytest.mark.shows("web.live")
def test_what_somebody_else_does_shows_without_a_reload_and_takes_neither_focus_nor_text(app):
    one, = partners(app, "Live Wire")
    app.sign_in().open(f"/app/partners/{one}")
    box = app.screen.find(".search-box input")
    box.send_keys("half a wo")
    app.tenant.director.patch(f"/v1/partners/{one}", {"name": "Live Cable"}, app.tenant.director.get(f"/v1/partners/{one}").etag)
    app.until(lambda: app.screen.heading.startswith("Live Cable"), "the new name")
    assert app.focused == box and box.get_attribute("value") == "half a wo"
    app.open(f"/app/partners/{one}/edit").type("City", "Salem")
    app.tenant.director.patch(f"/v1/partners/{one}", {"phone": "555 0101"}, app.tenant.director.get(f"/v1/partners/{one}").etag)
    app.open("/app/partners?q=live")
    app.tenant.director.created("partners", {"name": "Live Music", "kind": "civic"})
    app.wait_for("Live Music")
