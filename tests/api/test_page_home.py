"""Signing in and out by a page, a new password by a link, and the first page of whoever is signed in."""

import re

import pytest
from check_ins import NOW, SAID, running
from pages import Browser, message, signed_in, state, values_of

from api_world import Tenant, running_api
from releasing import released
from world import insert, roll_up, uuid7

PASSWORD = "tangerine bicycle quartz"


@pytest.fixture(scope="module")
def person(ours):
    """Somebody with a password: the address."""
    answer = ours.admin.created("users", {"email": "pat@example.org", "name": "Pat Lee"})
    assert ours.admin.created("grants", {"user_id": answer.id, "role": "director", "scope_kind": "district",
                                         "from_date": "2020-01-01"})
    link = ours.admin.post(f"/v1/users/{answer.id}/password_reset", {}).json["link"]
    browser = Browser(ours.api)
    page = browser.get("/r/" + link.rpartition("/")[2])
    assert browser.submit(page, new_password=PASSWORD).path.startswith("/login?said=password")
    return answer.id


@pytest.fixture
def browser(api):
    return Browser(api)


# ---- Signing in ----------------------------------------------------------------------------------


def test_a_person_signs_in_and_out(browser, person, ours):
    page = browser.get("/")
    assert page.path == "/login" and page.heading == "Sign in"
    page = browser.submit(page, email=" Pat@Example.org ", password=PASSWORD, district=ours.district.slug)
    assert (page.path, page.heading) == ("/", "Today") and "Pat Lee" in page.text
    assert set(browser.cookies) == {"kith"}, "the form's cookie goes"
    out = browser.post("/logout", values_of(page.forms[0]))
    assert out.status == 303 and out.field("Clear-Site-Data") == '"cache", "storage"'
    assert browser.cookies == {} and browser.get("/").path == "/login"


def test_the_district_is_asked_for_where_the_address_does_not_say_it(browser, ours, theirs):
    page = browser.get("/login")
    assert page.by_id("district"), "there are two, and the host is none"
    page = browser.get(f"/login?district={ours.district.slug}")
    assert not page.by_id("district") and page.title.endswith("A district")
    assert page.value("district") == ours.district.slug


@pytest.mark.parametrize("email, password", [
    ("pat@example.org", "wrong"), ("nobody@example.org", PASSWORD), ("pat", PASSWORD), ("", ""),
    ("pat@example.org", ""), ("pat@example.org", "p" * 257),
], ids=["password", "nobody", "no address", "nothing", "no password", "too long"])
def test_what_is_wrong_is_not_told(browser, person, ours, email, password):
    page = browser.get(f"/login?district={ours.district.slug}")
    again = browser.submit(page, email=email, password=password)
    assert again.status == 422
    assert again.by_id("errors").text == "That did not work The e-mail address or the password is wrong."
    assert again.value("email") == email and again.value("password") == ""
    assert "kith" not in browser.cookies


def test_after_some_failures_it_takes_longer(database, ours, person):
    with running_api(database) as api:
        browser = Browser(api)
        page = browser.get(f"/login?district={ours.district.slug}")
        for _ in range(6):
            page = browser.submit(page, email="slow@example.org", password="wrong")
        assert page.status == 429 and page.field("Retry-After") and "wait a minute" in page.text


def test_another_site_signs_nobody_in(browser, person, ours):
    """Without the cookie of the form, or with another's, its token is worth nothing."""
    page = browser.get(f"/login?district={ours.district.slug}")
    values = {**values_of(page.form()), "email": "pat@example.org", "password": PASSWORD}
    nonce = browser.cookies.pop("kith-form")
    assert browser.post("/login", values).status == 403
    browser.cookies["kith-form"] = "A" * len(nonce)
    assert browser.post("/login", values).status == 403
    browser.cookies["kith-form"] = nonce
    assert browser.post("/login", values, Sec_Fetch_Site="cross-site").status == 403
    assert browser.post("/login", values).status == 303


def test_a_sign_in_has_at_most_four_kibibytes(browser, ours):
    page = browser.get(f"/login?district={ours.district.slug}")
    values = {n: v for n, v in values_of(page.form()).items() if n != "password"}
    body = "&".join(f"{n}={v}" for n, v in values.items()) + "&password="
    most = body + "p" * (4096 - len(body))
    assert browser.ask("POST", "/login", most.encode()).status == 422
    assert browser.ask("POST", "/login", (most + "p").encode()).status == 413


def test_nobody_is_signed_out_by_another_site(ours):
    browser = signed_in(ours)
    assert browser.ask("POST", "/logout", b"form_token=x").status == 403
    assert browser.get("/").path == "/"


def test_a_session_that_is_over_is_sent_to_sign_in(ours, migrate):
    browser = signed_in(ours)
    page = browser.get("/")
    migrate.execute("UPDATE access_token SET revoked_at = now() WHERE kind = 'session'")
    ours.api.move_clock(minutes=1)
    assert browser.post("/logout", values_of(page.forms[0])).field("Location") == "/login?said=signed_out"
    browser = signed_in(ours)
    browser.cookies["kith"] = browser.cookies["kith"][:-4] + "AAAA"
    assert browser.get("/").path == "/login"
    ours.api.set_clock(NOW)


def test_signing_in_speaks_spanish(api, ours):
    browser = Browser(api, "es")
    page = browser.get(f"/login?district={ours.district.slug}")
    page = browser.get(page.path + "&lang=es")
    assert page.heading == "Iniciar sesión"
    page = browser.submit(page, email="pat@example.org", password="wrong")
    assert "no es correcta" in page.by_id("errors").text


# ---- A forgotten password ------------------------------------------------------------------------


def asked(ours, user):
    with ours.api.database.connect("kith_migrate") as connection:
        return connection.execute(
            "SELECT status, class, locale FROM message WHERE kind = 'password_reset' AND user_id = %s", (user,)
        ).fetchall()


def test_who_forgot_the_password_gets_one_mail_an_hour(browser, ours):
    person = ours.admin.created("users", {"email": "kim@example.org", "name": "Kim Ray"}).id
    page = browser.get(f"/login?district={ours.district.slug}")
    page = browser.get(page.links()["Forgot your password?"])
    again = browser.submit(page, email=" Kim@Example.org ")
    assert again.notices()[0].startswith("If there is an account with that address")
    assert asked(ours, person) == [("queued", "account", "en")]
    browser.submit(page, email="kim@example.org")
    assert len(asked(ours, person)) == 1
    ours.api.move_clock(hours=1)
    browser.submit(page, email="kim@example.org")
    assert len(asked(ours, person)) == 2
    ours.api.set_clock(NOW)


def test_whether_there_is_an_account_is_not_told(browser, person, ours):
    page = browser.get(f"/forgot?district={ours.district.slug}")
    pages = [browser.submit(page, email=email) for email in ("nobody@example.org", "pat@example.org")]
    assert pages[0].body == pages[1].body
    before = state(ours)
    browser.submit(page, email="nobody@example.org")
    browser.submit(page, email="pat@example.org", district="no-district")
    assert state(ours) == before


def test_what_is_no_address_is_told(browser, ours):
    page = browser.get(f"/forgot?district={ours.district.slug}&lang=es")
    again = browser.submit(page, email="pat")
    assert again.status == 422 and again.value("email") == "pat"
    assert "no es una dirección" in again.errors()["email"]


# ---- A new password ------------------------------------------------------------------------------


@pytest.fixture
def reset(ours, person):
    link = ours.admin.post(f"/v1/users/{person}/password_reset", {}).json["link"]
    return "/r/" + link.rpartition("/")[2]


@pytest.mark.parametrize("password, says", [
    ("", "this needs an answer"), ("elevenchars", "this is too short"), ("a" * 257, "this is too long; please shorten it"),
    ("aaaaaaaaaaaa", "it has too few different characters"), ("password1234", "it is one of the passwords"),
    ("pat tangerine quartz", "your e-mail address must not be in it"),
], ids=["none", "11", "257", "simple", "common", "address"])
def test_a_password_that_is_not_fit_is_not_set(browser, reset, password, says, ours):
    page = browser.get(reset)
    assert page.heading == "Choose a new password" and "pat@example.org" in page.text
    again = browser.submit(page, new_password=password)
    assert again.status == 422 and says in again.errors()["new_password"]
    assert again.value("new_password") == "" and password[:11] not in again.body or not password
    assert browser.get(reset).status == 200, "the link is not spent by that"


def test_a_link_sets_one_password(browser, reset, ours):
    page = browser.get(reset)
    values = {**values_of(page.form()), "new_password": PASSWORD}
    done = browser.post(page.path + "/password", values)
    assert done.field("Location") == "/login?said=password" and not browser.cookies
    assert browser.get("/login?said=password").notices() == ["Your new password is set. Please sign in with it."]
    assert browser.post(page.path + "/password", values).status == 403, "the cookie is gone with it"
    assert browser.get(reset).heading.startswith("This link does not open")


def test_a_link_of_a_day_before_sets_none(browser, reset, ours):
    page = browser.get(reset)
    ours.api.move_clock(hours=24)
    assert browser.submit(page, new_password=PASSWORD).heading.startswith("This link does not open")
    ours.api.set_clock(NOW)


def test_the_page_of_a_new_password_speaks_spanish(browser, reset, migrate, person):
    migrate.execute("UPDATE app_user SET locale = 'es' WHERE id = %s", (person,))
    page = browser.get(reset)
    assert page.heading == "Elija una nueva contraseña"
    assert "es demasiado corto" in browser.submit(page, new_password="corta").errors()["new_password"]
    migrate.execute("UPDATE app_user SET locale = 'en' WHERE id = %s", (person,))


# ---- The first page ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def world(api, database):
    """A district of its own, with something in every part of the page."""
    tenant = Tenant(api, database)
    rows = {"district_id": tenant.id, **SAID}
    mine = running(tenant, name="Reading partners")
    overdue = running(tenant, name="Chess club")
    late = overdue.check_in(due_on="2026-11-13", opens_on="2026-11-01")
    soon = mine.check_in()
    mine.check_in(number=3, due_on="2026-12-22")
    overdue.check_in(number=3, due_on="2026-12-18", opens_on="2026-11-27", status="scheduled")
    with database.connect("kith_migrate") as connection, connection.transaction():
        insert(connection, "check_in_half", {**rows, "id": uuid7(), "check_in_id": late, "side": "partner",
                                             "status": "submitted", "submitted_at": NOW})
        insert(connection, "check_in_half", {**rows, "id": uuid7(), "check_in_id": soon, "side": "district"})
        for status, name in (("exploring", "E"), ("paused", "Q"), ("ended", "Z")):
            insert(connection, "partnership", {**rows, "id": uuid7(), "partner_id": mine.partner, "name": name,
                                               "arrangement": "gift", "status": status})
        insert(connection, "action_item",
               {**rows, "id": uuid7(), "partnership_id": mine.id, "description": "Call <the> bank",
                "due_on": "2026-11-20", "owner_user_id": tenant.users["director"]})
    mail = message(tenant, contact_id=mine.contact, status="failed", occurrence="2")
    message(tenant, contact_id=mine.contact, status="queued", occurrence="3")
    with database.connect("kith_migrate") as connection:
        insert(connection, "call_task",
               {**rows, "id": uuid7(), "kind": "call", "reason": "bounced", "subject_id": uuid7(),
                "recipient_key": f"contact:{mine.contact}", "contact_id": mine.contact,
                "partnership_id": mine.id, "message_id": mail, "owner_id": tenant.users["director"]})
    tenant.soon = soon
    return tenant


def tiles(page):
    found = next(ul for ul in page.root.all("ul") if ul.get("class") == "tiles")
    return {li.first("span").text: li.first("b").text for li in found.all("li")}


def test_it_shows_how_the_district_stands(world):
    page = signed_in(world).get("/")
    assert page.title == "Today – A district"
    assert tiles(page) == {
        "Active partnerships": "2", "Check-ins due": "2", "Check-ins overdue": "1", "Halves missing": "5",
        "Mail waiting": "1", "Mail failed": "1"}
    assert "exploring 1" in page.text and "paused 1" in page.text and "ended" not in page.text
    assert "on hold until you go live" in page.text


def test_it_lists_what_is_to_be_done(world):
    page = signed_in(world).get("/")
    assert page.links()["Reading partners"] == f"/check_ins/{world.soon}"
    assert "Chess club" in page.text and "due November 13, 2026 Overdue" in page.text
    assert "our half missing their half in" in page.text and "our half in draft" in page.text
    assert "due December 18, 2026 opens November 27, 2026" in page.text, "and not whose half is missing"
    assert "December 22" not in page.text, "further away than 30 days"
    assert "Call: mail does not arrive · Reading partners" in page.text
    assert "Call <the> bank" in page.text


def test_what_is_done_is_ticked_off(world, migrate):
    browser = signed_in(world)
    page = browser.get("/")
    for kind, table in (("call", "call_task"), ("action", "action_item")):
        form = next(f for f in page.forms if values_of(f).get("kind") == kind)
        reply = browser.post("/done", values_of(form))
        assert reply.field("Location") == "/today?said=action_done"
        status = migrate.execute(f"SELECT status FROM {table} WHERE district_id = %s", (world.id,)).fetchone()
        assert status == ("done",)
        before = state(world)
        assert browser.post("/done", values_of(form)).status == 303, "twice done is done"
        assert state(world) == before
        migrate.execute(f"UPDATE {table} SET status = 'open', done_at = NULL WHERE district_id = %s", (world.id,))


@pytest.mark.shows("district.home")
def test_of_long_lists_the_first_are_shown_and_the_rest_when_asked_for(world, migrate):
    """Without a script: a phone's first screen is not one list."""
    before = signed_in(world).get("/")
    assert not list(before.root.all("details")), "as long as they are short"
    partnership = migrate.execute("SELECT partnership_id FROM action_item WHERE district_id = %s", (world.id,)).fetchone()[0]
    for number in range(5):
        insert(migrate, "action_item", {
            "district_id": world.id, **SAID, "id": uuid7(), "partnership_id": partnership,
            "description": f"Item {number}", "due_on": f"2026-12-0{number + 1}", "owner_user_id": world.users["director"]})
    migrate.commit()
    [more] = signed_in(world).get("/").root.all("details")
    assert more.first("summary").text == "Show 2 more"
    assert "Item 3" in more.text and "Item 4" in more.text and "Item 2" not in more.text
    assert len(list(more.all("form"))) == 2, "and are ticked off there"
    migrate.execute("DELETE FROM action_item WHERE district_id = %s AND description LIKE 'Item %%'", (world.id,))
    migrate.commit()


@pytest.mark.parametrize("values", [{"kind": "partner"}, {"item": "x"}, {"item": ""}], ids=str)
def test_what_is_no_task_is_not_done(world, values):
    browser = signed_in(world)
    form = next(f for f in browser.get("/").forms if values_of(f).get("kind"))
    before = state(world)
    assert browser.post("/done", {**values_of(form), **values}).status == 422
    assert state(world) == before


def test_a_viewer_sees_no_mail_and_no_calls_and_ticks_nothing_off(world):
    browser = signed_in(world, "viewer")
    page = browser.get("/")
    assert "Mail failed" not in tiles(page) and "mail does not arrive" not in page.text
    token = values_of(page.forms[0])["form_token"]
    assert browser.post("/done", {"form_token": token, "kind": "call", "item": uuid7()}).status == 403


def test_who_reads_nothing_of_the_district_has_no_first_page(world):
    page = signed_in(world, "nobody").get("/")
    assert (page.status, page.heading) == (403, "This is not open to you")


def test_another_districts_tasks_are_not_done(world, theirs):
    browser = signed_in(theirs)
    form = next(f for f in signed_in(world).get("/").forms if values_of(f).get("kind"))
    token = values_of(browser.get("/").forms[0])["form_token"]
    before = state(world)
    assert browser.post("/done", {**values_of(form), "form_token": token}).status == 404
    assert state(world) == before


def observe(tenant, cohorts):
    """Attendance of a school year at two like sites, published."""
    with tenant.api.database.connect("kith_migrate") as connection:
        connection.execute("SELECT seed_indicators(%s)", (tenant.id,))
    indicator = next(i["id"] for i in tenant.admin.get("/v1/indicators", {"limit": 200}).json["data"]
                     if i["code"] == "attendance_rate")
    for site in (tenant.admin.site().id, tenant.admin.site().id):
        for cohort, (numerator, denominator) in cohorts.items():
            tenant.data_steward.created("observations", {
                "indicator_id": indicator, "site_id": site, "cohort": cohort, "school_year": 2027,
                "period_kind": "school_year", "period_start": "2026-07-01", "numerator": numerator,
                "denominator": denominator})
    with tenant.api.database.connect("kith_migrate") as connection:
        while roll_up(connection):
            pass
    released(tenant.admin, 2027)


def row_of(page, name):
    row = next(tr for tr in page.root.all("tr") if tr.first("th").text == name)
    return [td.text for td in row.all("td")]


def test_served_stands_beside_not_served(api, database):
    tenant = Tenant(api, database)
    observe(tenant, {"all": ("460", "500"), "served": ("190", "200"), "not_served": ("270", "300")})
    page = signed_in(tenant).get("/")
    cells = row_of(page, "Attendance rate")
    assert cells[:3] == ["92.0%", "95.0%", "90.0%"], cells


def test_a_small_group_is_hidden(api, database):
    tenant = Tenant(api, database)
    observe(tenant, {"all": ("460", "500"), "served": ("4", "5"), "not_served": ("456", "495")})
    cells = row_of(signed_in(tenant).get("/"), "Attendance rate")
    assert cells[1] == "hidden" and not re.search(r"\d", cells[1] + cells[2].replace("hidden", "")), cells


def test_a_district_without_anything_has_a_page_too(api, database):
    page = signed_in(Tenant(api, database)).get("/")
    assert tiles(page)["Active partnerships"] == "0"
    assert "No check-in is due in the next 30 days." in page.text and "There are no figures yet." in page.text


def test_invented_data_says_so_on_every_page(api, database):
    tenant = Tenant(api, database)
    words = "Demonstration data: people and amounts are invented"
    browser = signed_in(tenant)
    assert words not in browser.get("/").body
    with database.connect("kith_migrate") as connection:
        connection.execute("UPDATE district SET is_synthetic = true WHERE id = %s", (tenant.id,))
    for path in ("/", f"/login?district={tenant.district.slug}"):
        assert words in browser.get(path).body, path
    assert "son inventadas" in browser.get("/?lang=es").body


def test_the_first_page_speaks_spanish(world):
    page = signed_in(world).get("/?lang=es")
    assert page.heading == "Hoy" and tiles(page)["Revisiones vencidas"] == "1"
    assert "para el 13 de noviembre de 2026 Vencida" in page.text
