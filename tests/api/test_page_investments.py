"""The page on which a partner says whether what both sides put in is so, and the mail that asks for it."""

import pytest
from operations import Subjects
from pages import Browser, make_link, state, values_of
from partnering import Ready


class Asked:
    """Two entries of a partnership, one of each side, and a link of its lead on the partner's side."""

    def __init__(self, tenant):
        self.tenant = tenant
        self.ready = Ready(tenant)
        self.ours, self.theirs = (self.entry(side=side, amount_cents=cents)
                                  for side, cents in (("district", 123450), ("partner", 50000)))
        self.link = make_link(tenant, "investments", self.ready.id, contact_id=self.ready.contact)
        self.browser = Browser(tenant.api)

    def entry(self, **fields):
        return self.ready.made("investments", **{"kind": "cash", "from_date": "2026-09-01", "until_date": "2026-12-31",
                                                 "purpose": "Books & <pens>", **fields})

    def page(self):
        return self.browser.get(f"/r/{self.link}")

    def values(self, page, one, **fields):
        """What the form of an entry would send."""
        form = next(f for f in page.forms if values_of(f).get("item") == one)
        return {**values_of(form), **fields}

    def json(self, one):
        return self.tenant.director.get(f"/v1/investments/{one}").json

    def post(self, page, one, verb, **fields):
        return self.browser.post(page.path, self.values(page, one, do=f"investment_{verb}", **fields))


@pytest.fixture
def asked(ours):
    return Asked(ours)


@pytest.mark.shows("partnerships.confirmation_link", "partnerships.confirmation")
def test_a_partner_confirms_and_disputes_by_link_and_the_api_tells(asked, ours):
    beside = ours.director.partner(name="Helpers").id
    ours.director.created("partnership_partners", {"partnership_id": asked.ready.id, "partner_id": beside})
    asked.entry(side="partner", partner_id=beside, amount_cents=100)
    page = asked.page()
    assert "Helpers: Money · $1.00" in page.text, "whose it is, of several"
    assert page.heading == "What both sides put in A partnership · A partner"
    assert "From the district: Money · $1,234.50" in page.text and "Books & <pens>" in page.text
    assert "September 1, 2026 – December 31, 2026" in page.text
    assert asked.post(page, asked.ours, "confirm").status == 303
    told = asked.json(asked.ours)
    assert (told["confirmed"], told["confirmed_contact_id"], told["confirmed_by"]) == (
        "confirmed", asked.ready.contact, None)
    before = state(ours)
    assert asked.post(page, asked.ours, "confirm").status == 303
    assert state(ours) == before, "twice is once"
    empty = asked.post(page, asked.theirs, "dispute")
    assert empty.status == 422 and list(empty.errors()) == [f"reason.{asked.theirs}"]
    assert asked.post(page, asked.theirs, "dispute", **{f"reason.{asked.theirs}": "It was <half> of it"}).status == 303
    told = asked.json(asked.theirs)
    assert (told["confirmed"], told["dispute_reason"]) == ("disputed", "It was <half> of it")
    page = asked.page()
    assert "Confirmed: Ann, November 21, 2026" in page.text and "It was <half> of it" in page.text


@pytest.mark.shows("partnerships.disputes")
def test_what_is_disputed_is_a_task_until_it_is_changed(asked, ours):
    def tasks():
        told = ours.coordinator.get("/v1/me/tasks").json["data"]
        return {t["subject_id"] for t in told if t["kind"] == "investment_dispute"}

    asked.post(asked.page(), asked.ours, "dispute", **{f"reason.{asked.ours}": "No"})
    assert asked.ours in tasks()
    path = f"/v1/investments/{asked.ours}"
    assert ours.director.patch(path, {"amount_cents": 1}, ours.director.get(path).etag).json["confirmed"] is None
    assert asked.ours not in tasks()


def test_an_entry_that_changed_meanwhile_is_looked_at_again(asked, ours):
    page, path = asked.page(), f"/v1/investments/{asked.ours}"
    ours.director.patch(path, {"amount_cents": 999900}, ours.director.get(path).etag)
    again = asked.post(page, asked.ours, "confirm")
    assert again.status == 422 and "somebody changed it" in again.notices()[0] and "$9,999.00" in again.text
    assert asked.json(asked.ours)["confirmed"] is None


def test_a_link_reaches_no_other_partnership_and_ends_with_the_lead(asked, ours):
    page, other = asked.page(), Asked(ours)
    values = {**asked.values(page, asked.ours), "item": other.ours, "do": "investment_confirm"}
    assert asked.browser.post(page.path, values).status == 404
    assert other.json(other.ours)["confirmed"] is None
    asked.ready.archive("partner")
    assert asked.post(page, asked.ours, "confirm").status == 409
    again = asked.page()
    assert again.buttons() == [] and "do not lead" in again.text
    assert asked.json(asked.ours)["confirmed"] is None


@pytest.mark.shows("partnerships.confirmation_link")
def test_the_partners_leads_are_asked_once_a_day_as_long_as_something_waits(asked, ours, migrate):
    path = f"/v1/partnerships/{asked.ready.id}"
    for _ in range(2):
        assert ours.coordinator.post(f"{path}/ask_investments", {}).status == 200
    found = migrate.execute(
        "SELECT contact_id::text, class, variables FROM message WHERE kind = 'investment_confirmation' "
        "AND subject_id = %s", (asked.ready.id,)).fetchall()
    assert found == [(asked.ready.contact, "duty", {"count": 2, "partnership": "A partnership"})]
    for one in (asked.ours, asked.theirs):
        asked.post(asked.page(), one, "confirm")
    assert ours.director.post(f"{path}/ask_investments", {}).status == 409
    assert Subjects(ours).caller.post(f"/v1/partnerships/{Ready(ours).id}/ask_investments", {}).status == 409


def test_it_speaks_spanish(asked, migrate):
    migrate.execute("UPDATE contact SET locale = 'es' WHERE id = %s", (asked.ready.contact,))
    page = asked.page()
    assert page.lang == "es" and "Del distrito: Dinero" in page.text and "Así es" in page.text
