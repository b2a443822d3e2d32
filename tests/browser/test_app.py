"""The web app, by whoever works with it: what is looked for, read, made, changed, and put back."""

import pytest
from app import App
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from api_world import Tenant

SCREENS = ["/app", "/app/dashboard", "/app/partners", "/app/partners/{partner}", "/app/partners/{partner}/related", "/app/partners/{partner}/history",
           "/app/partners/{partner}/edit", "/app/partners/new", "/app/everything", "/app/search?q=harbor", "/app/nothing", "/app/partnerships", "/app/messages",
           "/app/pipeline", "/app/partnerships/{partnership}", "/app/partnerships/{partnership}/gives", "/app/dashboard?scope=partner&scope_id={partner}"]


@pytest.fixture(scope="module")
def ours(api, database):
    tenant = Tenant(api, database)
    tenant.partner_id = tenant.director.created("partners", {"name": "Harbor Trust", "kind": "nonprofit", "city": "Baltimore"}).id
    tenant.partnership_id = tenant.director.created(
        "partnerships", {"partner_id": tenant.partner_id, "name": "Harbor mentors", "arrangement": "program"}).id
    for n in range(3):
        tenant.director.created("partners", {"name": f"Grocer {n}", "kind": "business"})
    return tenant


@pytest.fixture
def app(screen, ours):
    return App(screen, ours)


@pytest.mark.shows("web.sign_in")
def test_who_is_not_signed_in_comes_back_to_where_they_wanted_to_go(app):
    app.screen.driver.get(f"http://{app.screen.api.host}:8080/app/partners?kind=civic")
    app.until(lambda: app.screen.path.startswith("/login"), "the sign-in")
    assert app.screen.find("input[name=to]").get_attribute("value") == "/app/partners?kind=civic"


@pytest.mark.shows("web.records")
def test_a_list_is_searched_and_filtered_and_its_address_says_so(app):
    app.sign_in().open("/app/partners")
    assert "Harbor Trust" in app.screen.text and "Grocer 1" in app.screen.text
    app.screen.find("main input[type=search]").send_keys("harb")
    app.until(lambda: "Grocer 1" not in app.screen.text, "others are gone")
    assert "Harbor Trust" in app.screen.text and "q=harb" in app.screen.path
    app.open("/app/partners?kind=business")
    assert "Harbor Trust" not in app.screen.text and "Grocer 2" in app.screen.text
    app.screen.find(".chip button").click()
    app.wait_for("Harbor Trust")
    assert app.screen.path == "/app/partners"


@pytest.mark.shows("web.records", "web.faults")
def test_a_partner_is_made_and_what_is_wrong_stands_beside_its_field(app):
    app.sign_in().open("/app/partners").click("New partner")
    app.type("EIN", "12")
    app.button("Create", "main").click()
    app.until(lambda: app.screen.all(".summary"), "what is wrong")
    assert app.focused == app.screen.find(".summary") and "Name" in app.focused.text
    assert app.field("Name").get_attribute("aria-invalid") == "true"
    app.type("Name", "Bakers Guild")
    Select(app.field("Kind")).select_by_visible_text("Business")
    app.button("Create", "main").click()
    app.until(lambda: app.field("EIN").get_attribute("aria-invalid") == "true", "the API's word on the EIN")
    app.screen.driver.refresh()
    app.wait()
    assert app.field("Name").get_attribute("value") == "Bakers Guild", "what was typed is kept"
    app.type("EIN", "123456789")
    app.button("Create", "main").click()
    app.until(lambda: "/new" not in app.screen.path, "its page")
    app.at("Bakers Guild")
    assert app.tenant.director.get("/v1/partners?q=Bakers").json["data"][0]["ein"] == "123456789"


@pytest.mark.shows("web.conflicts")
def test_who_was_overtaken_chooses_field_by_field(app):
    one = app.tenant.director.created("partners", {"name": "Old Mill", "kind": "civic", "city": "Dover"})
    app.sign_in().open(f"/app/partners/{one.id}/edit")
    app.type("City", "Salem").type("Phone", "555 0100")
    theirs = app.tenant.director.get(f"/v1/partners/{one.id}")
    assert app.tenant.director.patch(f"/v1/partners/{one.id}", {"city": "Newark", "website": "https://mill.example.org/"}, theirs.etag).status == 200
    app.button("Save", "main").click()
    app.wait_for("Somebody else changed this")
    assert "Salem" in app.screen.text and "Newark" in app.screen.text and "Phone" not in [one.text for one in app.screen.all("legend")]
    app.screen.find(".merge label:nth-of-type(2) input").click()
    app.button("Save", "main").click()
    app.until(lambda: not app.screen.path.endswith("/edit"), "it is saved")
    now = app.tenant.director.get(f"/v1/partners/{one.id}").json
    assert (now["city"], now["phone"], now["website"]) == ("Newark", "555 0100", "https://mill.example.org/")


@pytest.mark.shows("web.undo")
def test_what_is_archived_comes_back_by_one_button(app):
    one = app.tenant.director.created("partners", {"name": "Passing Cloud", "kind": "civic"})
    app.sign_in().open(f"/app/partners/{one.id}")
    app.screen.find(".title .menu:last-of-type summary").click()
    app.button("Archive").click()
    app.wait_for("archived")
    assert app.tenant.director.get(f"/v1/partners/{one.id}").json["archived_at"]
    app.button("Undo").click()
    app.wait_for("restored")
    assert app.tenant.director.get(f"/v1/partners/{one.id}").json["archived_at"] is None


@pytest.mark.shows("web.records")
def test_a_partner_is_told_what_to_do_and_its_history_says_it(app):
    one = app.tenant.director.created("partners", {"name": "Corner Store", "kind": "business"})
    app.sign_in().open(f"/app/partners/{one.id}")
    app.click("Record a contact", "main")
    app.button("Record a contact", "dialog").click()
    app.wait_for("Contacted")
    assert app.tenant.director.get(f"/v1/partners/{one.id}").json["stage"] == "contacted"
    app.click("History", "main")
    app.wait_for("Prospect")
    assert "Contacted" in app.screen.text


@pytest.mark.shows("web.live")
def test_who_comes_back_to_a_window_sees_what_others_have_changed(app):
    one = app.tenant.director.created("partners", {"name": "Changing Name", "kind": "civic"})
    app.sign_in().open(f"/app/partners/{one.id}")
    etag = app.tenant.director.get(f"/v1/partners/{one.id}").etag
    app.tenant.director.patch(f"/v1/partners/{one.id}", {"name": "Changed Name"}, etag)
    app.screen.run("dispatchEvent(new Event('focus'))")
    app.until(lambda: app.screen.heading.startswith("Changed Name"), "the new name")


@pytest.mark.shows("web.permissions")
def test_a_viewer_sees_no_button_that_would_be_refused(app):
    app.sign_in("viewer").open("/app/partners")
    assert "New partner" not in app.buttons()
    app.open(f"/app/partners/{app.tenant.partner_id}")
    parts = {one.text for one in app.screen.all(".tabs a")}
    assert len(parts) >= 5 and [one for one in app.buttons() if one not in parts and "blank" not in one] == []
    app.open(f"/app/partners/{app.tenant.partner_id}/edit").at("Harbor Trust")
    assert "Your roles do not allow this" in app.screen.text
    app.open("/app/partners/new").at("Partners")
    assert "Your roles do not allow this" in app.screen.text


@pytest.mark.shows("web.permissions")
def test_who_coordinates_a_school_sees_buttons_on_what_is_its_alone(app):
    tenant = app.tenant
    here, there = (tenant.director.site().id for _ in "ab")
    ours, theirs = (tenant.director.created("partners", {"name": f"Of school {n}", "kind": "civic", "lead_site_id": site})
                    for n, site in enumerate((here, there)))
    app.sign_in_as(tenant.scoped(("coordinator", "site", here)).user)
    for one, sees in ((ours, True), (theirs, False)):
        app.open(f"/app/partners/{one.id}").at("Of school")
        assert [text in app.buttons() for text in ("Edit", "Record a contact")] == [sees] * 2, app.buttons()
        assert "Add" in app.open(f"/app/partners/{one.id}").buttons(), "a partnership is of its own school, whose partner it may be"
        app.open(f"/app/partners/{one.id}/people")
        if sees:
            app.until(lambda: "Add" in app.buttons(), "a person is the partner’s")
        else:
            assert "Add" not in app.buttons()
    app.open(f"/app/partners/{theirs.id}/edit").at("Of school 1")
    assert "Your roles do not allow this" in app.screen.text and not app.screen.all("form.form")


@pytest.mark.shows("web.keyboard")
def test_by_keyboard_alone_from_search_to_a_saved_change(app):
    one = app.tenant.director.created("partners", {"name": "Keyboard Makers", "kind": "business"})
    app.sign_in().open("/app")
    app.screen.press("/")
    assert app.focused.get_attribute("type") == "search"
    app.screen.press("keyboard mak")
    app.until(lambda: "Keyboard Makers" in app.screen.find(".search-box [role=listbox]").text, "it is found")
    app.screen.press(Keys.ARROW_DOWN, Keys.ENTER)
    app.until(lambda: app.screen.path == f"/app/partners/{one.id}", "its page")
    app.at("Keyboard Makers")
    assert app.focused == app.screen.find("h1"), "the focus goes where one goes"
    app.screen.tab_to(f"main a[href='/app/partners/{one.id}/edit']")
    app.screen.press(Keys.ENTER)
    app.until(lambda: app.screen.all("form.form"), "the form")
    app.screen.tab_to("input[name=website]")
    app.screen.press("https://keys.example.org/")
    app.screen.tab_to("main button[type=submit]")
    app.screen.press(Keys.ENTER)
    app.until(lambda: not app.screen.path.endswith("/edit"), "it is saved")
    assert app.tenant.director.get(f"/v1/partners/{one.id}").json["website"] == "https://keys.example.org/"


@pytest.mark.shows("web.records")
def test_partnerships_stand_on_a_board_by_how_far_they_have_come(app):
    app.sign_in().open("/app/pipeline")
    columns = [one.text for one in app.screen.all(".column")]
    assert len(columns) >= 5 and columns[0].startswith("Exploring") and "Harbor mentors" in columns[0]
    app.screen.find(".ticket").click()
    app.until(lambda: app.screen.path == f"/app/partnerships/{app.tenant.partnership_id}", "its page")
    app.at("Harbor mentors")


@pytest.mark.shows("web.languages")
def test_whoever_reads_spanish_reads_it_and_others_choose_it(app):
    app.sign_in(language="es").open("/app/partners")
    assert app.at("Aliados").screen.find("html").get_attribute("lang") == "es"
    app.sign_in().open("/app/partners")
    app.screen.find(".top .menu summary").click()
    app.button("español").click()
    app.until(lambda: app.screen.heading == "Aliados", "the other language")
    app.until(lambda: app.tenant.director.get("/v1/me").json["user"]["locale"] == "es", "it is kept")
    app.sign_in(language="en")


@pytest.mark.shows("web.axe")
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(app, width):
    app.screen.width(width)
    app.sign_in()
    found = []
    for path in SCREENS:
        app.open(path.format(partner=app.tenant.partner_id, partnership=app.tenant.partnership_id))
        app.screen.picture(f"app-{path}-{width}")
        found += [f"{path}: {line}" for line in app.screen.axe()]
        if app.screen.run("return document.documentElement.scrollWidth") > width:
            found.append(f"{path}: wider than {width}")
        with app.dark():
            app.screen.picture(f"app-{path}-{width}-dark")
            found += [f"{path} (dark): {line}" for line in app.screen.axe() if "color-contrast" in line]
    assert found == []


@pytest.mark.shows("web.offline")
def test_what_was_open_can_be_read_without_a_network_and_not_after_signing_out(app):
    driver = app.screen.driver
    app.sign_in().open("/app")
    driver.execute_async_script("navigator.serviceWorker.ready.then(arguments[0])")
    app.open(f"/app/partners/{app.tenant.partner_id}").open("/app")
    offline = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
    driver.execute_cdp_cmd("Network.enable", {})
    driver.execute_cdp_cmd("Network.emulateNetworkConditions", offline)
    try:
        app.open(f"/app/partners/{app.tenant.partner_id}")
        app.at("Harbor Trust")
    finally:
        driver.execute_cdp_cmd("Network.emulateNetworkConditions", {**offline, "offline": False, "downloadThroughput": -1, "uploadThroughput": -1})
    app.open("/app")
    app.screen.find(".top .menu summary").click()
    app.button("Sign out").click()
    app.until(lambda: app.screen.path.startswith("/login"), "the sign-in")
    assert app.screen.run("return caches.keys().then(names => names.filter(name => name.startsWith('kith-read')))") == []

