"""A partner's own year by a mail's link: what both sides put in, what came of it, the schools, stories and thanks."""

import pytest
from administering import owns
from pages import Browser, make_link, message, signed_in, state
from test_api_dashboard import Story

from world import NOW, insert, uuid7

SAID = {"created_at": NOW, "updated_at": NOW}


class Told(Story):
    """The dashboard's partner, whose partnership has run since the year before."""

    def __init__(self, tenant, connection):
        super().__init__(tenant, connection)
        self.connection = connection
        self.contact = tenant.director.created("contacts", {"name": "Ann", "email": f"{uuid7()}@example.org"}).id
        connection.execute("UPDATE partnership SET status = 'active', activated_at = '2025-09-01', updated_at = %s WHERE id = %s",
                           (NOW, self.partnership))
        self.goal(statement="More <take> part", target="0.9")
        self.browser = Browser(tenant.api)
        self.link = make_link(tenant, "partner_year", self.partner, contact_id=self.contact)

    def insert(self, table, **fields):
        one = uuid7()
        with self.connection.transaction():
            self.connection.execute("SELECT kith_context(%s, '', '', %s, '')", (self.tenant.id, NOW))
            insert(self.connection, table, {"district_id": self.tenant.id, "id": one, **SAID, **fields})
        return one

    def opened(self):
        return self.browser.get(f"/r/{self.link}")

    def page(self):
        """Of the year that runs."""
        return self.browser.get(f"{self.opened().path}/2027")


@pytest.fixture(scope="module")
def told(ours, database):
    with database.connect("kith_migrate") as connection:
        yield Told(ours, connection)


def table(page, name):
    """The rows of the table with that caption, as texts."""
    found = next(one for one in page.root.all("table") if one.first("caption").text == name)
    return [[cell.text for cell in row.all("th", "td")] for row in found.all("tr")][1:]


@pytest.mark.shows("kpis.partner_year")
def test_a_partner_without_an_account_reads_its_own_year(ours, told):
    before = state(ours)
    page = told.page()
    assert state(ours) == before, "to look changes nothing"
    assert (page.status, page.heading) == (200, "Your year with us, 2026–2027 Y") and "The school year is not over" in page.text
    glance = dict(table(page, "At a glance"))
    assert "Partners" not in glance and {name: glance[name] for name in (
        "Partnerships", "Sites", "People served, each time counted", "Sessions", "Value from partners",
        "Value from the district", "Partners’ share")} == {
        "Partnerships": "1", "Sites": "1", "People served, each time counted": "45", "Sessions": "12",
        "Value from partners": "$4,000.00", "Value from the district": "$1,000.00", "Partners’ share": "80.0 %"}
    assert table(page, "What was put in") == [["Money", "$4,000.00", "$1,000.00", "$0.00", "$0.00", "$0.00"]]
    assert [row[:2] for row in table(page, "Schools where you worked")] == [["S0", "1"]]
    assert ["Sessions", "2.40"] in table(page, "For each $1,000 of both sides")
    assert table(page, "Goals and where they are")[0][0] == "More <take> part"


@pytest.mark.shows("kpis.partner_year_hides")
def test_what_was_published_of_a_school_is_hidden_there_too(ours, told):
    """S2 has nine children and S0 is the next smallest; the whole of their network is not told by this page."""
    page = told.page()
    captions = [one.first("caption").text for one in page.root.all("table")]
    rows = [table(page, name) for name in captions if name.startswith("Engagement")]
    assert rows == [[["S0", "hidden", "–"]]]
    assert "0.65" not in page.text and "65.6" not in page.text
    cell = told.connection.execute(
        "UPDATE rollup SET is_suppressed = false, value = 0.7 WHERE district_id = %s AND scope_id = %s AND cohort = 'all' "
        "AND period_kind = 'school_year' AND indicator_code = 'engagement' RETURNING id", (ours.id, told.sites[0])).fetchone()
    assert cell and table(told.page(), next(name for name in captions if name.startswith("Engagement"))) == [["S0", "70.0 %", "–"]]
    told.connection.execute("UPDATE rollup SET is_suppressed = true, value = NULL WHERE id = %s", cell)


def test_only_its_own(ours, theirs, told):
    other = ours.director.partner(name="Other").id
    link = make_link(ours, "partner_year", other, contact_id=told.contact)
    page = Browser(ours.api).get(f"/r/{link}")
    assert "Other" in page.heading and "$4,000.00" not in page.text and "S0" not in page.text
    foreign = make_link(theirs, "partner_year", told.partner, contact_id=theirs.director.created("contacts", {"name": "Eve"}).id)
    assert "$4,000.00" not in Browser(ours.api).get(f"/r/{foreign}").text


@pytest.mark.shows("kpis.partner_year")
def test_confirmed_and_disputed_entries_stories_thanks_and_awards(ours, told):
    fields = {"partnership_id": told.partnership, "side": "partner", "kind": "in_kind", "status": "delivered",
              "from_date": "2026-10-01", "until_date": "2026-10-31"}
    told.insert("investment", **fields, amount_cents=50000, confirmed="confirmed", confirmed_at=NOW)
    told.insert("investment", **fields, amount_cents=70000, confirmed="disputed", confirmed_at=NOW)
    told.insert("investment", **{**fields, "status": "pledged"}, amount_cents=90000)
    story = told.insert("story", title="The <garden>", text="It grows.", locale="en")
    told.insert("story_subject", story_id=story, partnership_id=told.partnership)
    told.connection.execute("UPDATE story SET status = 'published', published_at = %s, names_attested_at = %s WHERE id = %s",
                            (NOW, NOW, story))
    told.insert("story", title="Another", text="Not of it.", locale="en", status="published", published_at=NOW)
    for title, status in (("Thank you for the piano", "sent"), ("A draft", "draft")):
        told.insert("thank_you", occasion="other", partner_id=told.partner, locale="en", subject=title, text="Thanks.",
                    status=status, given_on="2026-10-10" if status == "sent" else None)
    told.insert("award", kind="award", partner_id=told.partner, title="Partner of the year", school_year=2027,
                given_on="2026-11-01", locale="en")
    told.insert("award", kind="award", partner_id=told.partner, title="Of long ago", school_year=2020,
                given_on="2020-01-01", locale="en")
    page = told.page()
    assert ["Goods or services", "$500.00", "$0.00", "$0.00", "$500.00", "$700.00"] in table(page, "What was put in")
    assert page.links()["The <garden>"] == f"/d/{ours.district.slug}/stories/{story}" and "Another" not in page.text
    assert "Thank you for the piano" in page.text and "Partner of the year" in page.text
    assert "A draft" not in page.text and "Of long ago" not in page.text


def test_other_years_that_there_are_and_no_others(ours, told):
    page = told.opened()
    assert "2025–2026" in page.heading and page.links()["2026–2027"] == f"{page.path}/2027"
    assert told.page().links()["2025–2026"] == f"{page.path}/2026"
    earlier = told.browser.get(f"{page.path}/2026")
    assert "2025–2026" in earlier.heading and "$4,000.00" not in earlier.text and "is not over" not in earlier.text
    for year in ("2019", "2099", "x"):
        assert told.browser.get(f"{page.path}/{year}").status == 200
        assert "2025–2026" in told.browser.get(f"{page.path}/{year}").heading, "the last that has ended"
    mail = message(ours, contact_id=told.contact, topic="thank_yous", kind="partner_year", subject_id=told.partner,
                   variables='{"school_year": 2027}')
    link = make_link(ours, "partner_year", told.partner, contact_id=told.contact, message_id=mail)
    assert "2026–2027" in told.browser.get(f"/r/{link}").heading, "what the mail was about"


def test_in_spanish_and_signed_in(ours, told, migrate):
    page = told.browser.get(f"{told.opened().path}?lang=es")
    assert page.lang == "es" and page.heading == "Su año con nosotros, 2025–2026 Y"
    owns(ours, told.partner, "partner")
    migrate.execute("UPDATE app_user SET contact_id = %s WHERE id = %s", (told.contact, ours.users["partner"]))
    browser = signed_in(ours, "partner")
    home = browser.get("/organization")
    assert home.links()["our years: Y"] == f"/years/{told.partner}"
    mine = browser.get(f"/years/{told.partner}")
    assert mine.heading == "Your year with us, 2025–2026 Y" and mine.links()["2026–2027"] == f"/years/{told.partner}/2027"
    assert browser.get(f"/years/{told.partner}/2027").heading == "Your year with us, 2026–2027 Y"
    assert browser.get(f"/years/{ours.director.partner(name='Other').id}").status == 404
    assert signed_in(ours).get(f"/years/{told.partner}").status == 404, "staff has the dashboard"
    migrate.execute("UPDATE app_user SET contact_id = NULL WHERE id = %s", (ours.users["partner"],))
