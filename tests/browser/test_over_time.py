"""An indicator over the years: a long series is drawn by uPlot and stands in a table, by day, by night, in Spanish and on paper; a short
one needs none of it."""

import pytest
from app import App
from days import clean

from api_world import Tenant
from world import roll_up

MONTHS = [f"{year}-{month:02}-01" for year in (2024, 2025, 2026) for month in range(1, 13)][:34]
CODED = "return performance.getEntriesByType('resource').some(one => /series-.*js/.test(one.name))"
# How many points of the canvas have the color of that token, or nearly.
PAINTED = """
const canvas = document.querySelector('.series canvas');
const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
const [r, g, b] = getComputedStyle(document.querySelector('.series-box')).getPropertyValue(arguments[0]).match(/[0-9a-f]{2}/g).map(one => parseInt(one, 16));
let count = 0;
for (let n = 0; n < pixels.length; n += 4)
  if (pixels[n + 3] > 200 && Math.abs(pixels[n] - r) + Math.abs(pixels[n + 1] - g) + Math.abs(pixels[n + 2] - b) < 12) count++;
return count
"""


@pytest.fixture(scope="module")
def ours(api, database):
    """What is counted each month of nearly three years, and what is counted since September."""
    tenant = Tenant(api, database)
    site = tenant.director.site(name="Oak High").id

    def counted(code, name, months):
        of = tenant.admin.created("indicators", {"code": code, "name": name, "family": "family", "unit": "count", "aggregation": "sum", "periods": ["month"],
                                                 "direction": "up", "suppression": "none"}).id
        for number, start in enumerate(months):
            year, month = int(start[:4]), int(start[5:7])
            tenant.data_steward.created("observations", {"indicator_id": of, "site_id": site, "school_year": year + (month > 6), "period_kind": "month",
                                                         "period_start": start, "numerator": str(1000 + number * 10)})
        return of

    tenant.many, tenant.few = counted("families", "Families reached", MONTHS), counted("dinners", "Dinners", MONTHS[-2:])
    with api.database.connect("kith_migrate") as connection:
        while roll_up(connection):
            pass
    return tenant


def drawn(app):
    app.until(lambda: app.screen.all(".series canvas") and app.screen.run(PAINTED, "--accent"), "it is drawn")
    return app


@pytest.mark.shows("web.over_time")
@pytest.mark.parametrize("width", [320, 1280])
def test_a_long_series_is_drawn_and_stands_in_a_table(screen, ours, width):
    app = App(screen, ours).sign_in("executive")
    screen.width(width)
    drawn(app.open(f"/app/indicators/{ours.many}"))
    clean(app, "over the years")
    said = screen.find(".series-box").get_attribute("aria-label")
    assert said == ("Families reached. All: from 1,000 (Jan 2024) to 1,330 (Oct 2026), least 1,000 (Jan 2024), most 1,330 (Oct 2026)")
    screen.find(".series summary").click()
    rows = [row.text for row in screen.all(".series tbody tr")]
    assert len(rows) == len(MONTHS) and (rows[0], rows[-1]) == ("Jan 2024 1,000", "Oct 2026 1,330")
    assert screen.find(".series canvas").rect["width"] <= width
    said = [entry["message"] for entry in screen.driver.get_log("browser") if "Content Security Policy" in entry["message"]]
    assert not said, "uPlot sets its styles one by one, which the policy lets it"


@pytest.mark.shows("web.over_time")
def test_it_is_drawn_anew_by_night_and_its_months_are_the_reader_s(screen, ours):
    app = App(screen, ours).sign_in("executive", "es")
    drawn(app.open(f"/app/indicators/{ours.many}"))
    by_day = screen.run("return getComputedStyle(document.querySelector('.series-box')).getPropertyValue('--accent')")
    screen.theme("dark")
    drawn(app)
    assert screen.run("return getComputedStyle(document.querySelector('.series-box')).getPropertyValue('--accent')") != by_day
    clean(app, "over the years by night")
    assert "Todos: de 1,000 (ene 2024) a 1,330 (oct 2026)" in screen.find(".series-box").get_attribute("aria-label")


@pytest.mark.shows("web.over_time")
def test_a_short_series_needs_no_uplot_and_the_scope_is_in_the_address(screen, ours):
    app = App(screen, ours).sign_in("executive").open(f"/app/indicators/{ours.few}?scope=district&period=month").wait_for("Over the years")
    app.until(lambda: screen.all(".chart .dot"), "the line is drawn")
    assert len(screen.all(".chart .dot")) == 2 and not screen.all(".series") and not screen.run(CODED)
    app.choose_in(screen.find("#period"), "School year")
    app.until(lambda: "period=school_year" in screen.path, "the address says it")
    app.until(lambda: len(screen.all(".chart .dot")) == 1 and "2026–27" in screen.find(".chart title").get_property("textContent"), "all of the year")
    app.open("/app/dashboard?period=month").click("Dinners", "main").at("Dinners")
