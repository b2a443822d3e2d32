"""What time does to agreements: told of before they expire, expired, and what comes of it when one lapses."""
import os
import sys

import pytest

from world import insert, uuid7

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "api"))
from check_ins import Running  # noqa: E402  pylint: disable=wrong-import-position


class Story:
    """A running partnership of both leads, and an agreement of it that is in force to the end of June."""

    def __init__(self, database, migrate, **fields):
        self.migrate = migrate
        self.district = database.district()
        self.partnership = Running(database, self.district.id, self.district.user)
        self.agreement = self.signed(**fields)

    def signed(self, **fields):
        one = uuid7()
        at = {"district_id": self.district.id, "created_at": "2026-01-01T00:00:00Z",
              "updated_at": "2026-01-01T00:00:00Z"}
        insert(self.migrate, "agreement", {
            **at, "id": one, "kind": "mou", "title": "MOU", "status": "in_force",
            "effective_on": "2026-07-01", "expires_on": "2027-06-30", **fields})
        insert(self.migrate, "agreement_partnership", {
            **at, "id": uuid7(), "agreement_id": one, "partnership_id": self.partnership.id})
        insert(self.migrate, "agreement_item", {
            **at, "id": uuid7(), "agreement_id": one, "name": "All of it", "position": 1, "status": "finalized"})
        return one

    def on(self, day, hour=16):
        return self.partnership.work("agreements_advance", f"{day}T{hour}:00:00Z")

    def state(self):
        return self.migrate.execute(
            "SELECT p.status, p.agreement_lapsed_on::text, a.status, a.expires_on::text "
            "FROM partnership p, agreement a WHERE p.id = %s AND a.id = %s",
            (self.partnership.id, self.agreement)).fetchone()

    def told(self):
        return self.migrate.execute(
            "SELECT occurrence, count(contact_id), count(user_id) FROM message "
            "WHERE district_id = %s AND kind = 'agreement_notice' GROUP BY 1 ORDER BY min(created_at), 1",
            (self.district.id,)).fetchall()


@pytest.fixture
def story(database, migrate):
    return Story(database, migrate)


@pytest.mark.shows("partnerships.expiry")
def test_the_districts_lead_is_told_at_each_lead_time_once(story):
    for day in ("2026-12-31", "2027-01-01", "2027-01-01", "2027-02-01", "2027-06-20", "2027-06-23", "2027-06-30"):
        assert story.on(day) == 0
    assert story.told() == [(f"expires 2027-06-30, {lead}", 0, 1) for lead in (180, 30, 7)]
    assert story.state() == ("active", None, "in_force", "2027-06-30")


@pytest.mark.shows("partnerships.amendments")
def test_an_amendment_changes_the_last_day_from_its_first_on_and_ends_with_what_it_amends(story):
    later = story.signed(kind="amendment", amends_id=story.agreement, effective_on="2027-01-01", expires_on="2028-06-30")
    assert story.on("2026-12-31") == 0 and story.state()[3] == "2027-06-30"
    assert story.on("2027-01-01") == 1 and story.state()[3] == "2028-06-30"
    assert story.on("2027-07-01") == 0 and story.state() == ("active", None, "in_force", "2028-06-30")
    assert story.on("2028-07-01") == 2, "it expires, and the partnership is flagged"
    assert story.migrate.execute("SELECT status FROM agreement WHERE id = %s", (later,)).fetchone() == ("expired",)


@pytest.mark.shows("partnerships.lapse")
def test_what_lapses_is_flagged_told_of_and_paused_after_the_grace(story):
    assert story.on("2027-07-01") == 2, "the agreement expires, and the partnership is flagged"
    assert story.state() == ("active", "2027-07-01", "expired", "2027-06-30")
    assert story.on("2027-07-31") == 0, "30 days of grace"
    assert story.on("2027-08-01") == 1
    assert story.state()[:2] == ("paused", "2027-07-01")
    assert story.on("2027-09-01") == 0
    assert story.told() == [("lapsed 2027-07-01", 1, 1), ("paused 2027-08-01", 1, 1)]


@pytest.mark.shows("partnerships.lapse")
def test_what_is_renewed_on_time_goes_on_without_a_gap(story):
    following = story.signed(effective_on="2027-07-01", expires_on="2028-06-30", supersedes_id=story.agreement)
    for day in ("2027-05-15", "2027-06-30"):
        assert story.on(day) == 0, day
        assert story.state() == ("active", None, "in_force", "2027-06-30")
    assert story.told() == [], "the next one is signed"
    assert story.on("2027-07-01") == 1, "it takes the place of the other one, which does not expire"
    assert story.state() == ("active", None, "superseded", "2027-06-30")
    assert story.on("2027-08-15") == 0
    assert story.state()[:2] == ("active", None)
    story.agreement = following
    assert story.state()[2] == "in_force"


def test_a_round_locks_nothing_that_stays_as_it_is(story, database, migrate):
    running = story.partnership
    with database.connect("kith_checkin") as round_:
        with round_.transaction():
            round_.execute("SELECT agreements_advance(%s, %s)", (story.district.id, "2026-12-01T16:00:00Z"))
            for table, one in (("partnership", running.id), ("agreement", story.agreement)):
                with migrate.transaction():
                    migrate.execute(f"SELECT FROM {table} WHERE id = %s FOR UPDATE NOWAIT", (one,))


def test_a_day_is_the_districts(story):
    assert story.on("2027-07-01", hour="03") == 0, "still June in Chicago"
    assert story.state()[2] == "in_force"


def test_another_agreement_ends_the_lapse(story):
    story.on("2027-07-01")
    story.agreement = story.signed(effective_on="2027-07-02", expires_on="2028-06-30")
    assert story.on("2027-07-01") == 0
    assert story.on("2027-07-02") == 1
    assert story.state()[:2] == ("active", None)
    assert story.on("2027-09-01") == 0


@pytest.mark.parametrize("other", ({"kind": "site_plan"}, {"kind": "amendment"}, {"kind": "provisional"},
                                   {"data_flows": True}))
def test_what_is_no_agreement_of_its_own_or_lets_data_flow_on_no_basis_does_not_end_it(story, other):
    story.signed(expires_on="2028-06-30", **other)
    story.on("2027-07-01")
    assert story.state()[:3] == ("active", "2027-07-01", "expired")


def test_data_that_one_lets_flow_on_no_basis_no_other_one_covers(story):
    story.signed(kind="amendment", data_flows=True)
    assert story.on("2026-12-01") == 1
    assert story.state()[:2] == ("active", "2026-12-01")


def test_what_renews_itself_goes_on_for_a_year(database, migrate):
    story = Story(database, migrate, auto_renew=True, notice_days=30)
    assert [story.on(day) for day in ("2027-05-30", "2027-06-01")] == [0, 0]
    about = migrate.execute("SELECT variables ->> 'is_renewing', variables ->> 'notice' FROM message WHERE district_id = %s "
                            "AND kind = 'agreement_notice' ORDER BY id", (story.district.id,)).fetchall()
    assert about == [("true", "2027-05-31"), ("true", None)], "a lead time of 90 days, and of 30"
    assert story.on("2027-07-01") == 1
    assert story.state() == ("active", None, "in_force", "2028-06-30")


@pytest.mark.shows("partnerships.lapse")
def test_one_that_is_being_renewed_lapses_as_well(story, migrate):
    migrate.execute("UPDATE partnership SET status = 'renewing' WHERE id = %s", (story.partnership.id,))
    assert [story.on(day) for day in ("2027-07-01", "2027-07-31", "2027-08-01")] == [2, 0, 1]
    assert story.state()[:2] == ("paused", "2027-07-01")
    event, = migrate.execute("SELECT type FROM outbox WHERE aggregateid = %s ORDER BY sequence DESC LIMIT 1",
                             (story.partnership.id,)).fetchone()
    assert event == "org.kith.partnership.paused.v1"


@pytest.mark.shows("partnerships.lapse_light")
@pytest.mark.parametrize("change", (
    "UPDATE partnership SET purpose = NULL WHERE id = %s",
    "UPDATE partnership_role SET until_date = '2026-11-30' WHERE partnership_id = %s AND user_id IS NOT NULL",
    "INSERT INTO required_credential (district_id, id, kind, created_at, updated_at) "
    "SELECT district_id, id, 'w9', now(), now() FROM partnership WHERE id = %s"))
def test_a_supporters_lapses_without_its_lead_its_purpose_or_a_credential(story, migrate, change):
    migrate.execute("UPDATE partnership SET tier = 'supporter', purpose = 'Backpacks' WHERE id = %s",
                    (story.partnership.id,))
    assert story.on("2026-12-01") == 0
    migrate.execute(change, (story.partnership.id,))
    assert [story.on(day) for day in ("2026-12-01", "2026-12-31")] == [1, 0]
    assert story.state()[:2] == ("active", "2026-12-01")
    assert story.on("2027-01-01") == 1
    assert story.state()[:2] == ("paused", "2026-12-01")
    assert [row[:2] for row in story.told() if not row[0].startswith("expires")] == [
        ("lapsed 2026-12-01", 1), ("paused 2027-01-01", 1)]


@pytest.mark.shows("partnerships.gate_lapse")
def test_what_lacks_something_when_its_gate_is_due_is_told_of_before_and_lapses_after(database, migrate):
    story = Story(database, migrate)
    migrate.execute("UPDATE agreement_partnership SET archived_at = now() WHERE district_id = %s", (story.district.id,))
    migrate.execute("UPDATE partnership SET gate_due = '2026-12-31' WHERE id = %s", (story.partnership.id,))
    for day in ("2026-12-01", "2026-12-02", "2026-12-24", "2026-12-31"):
        assert story.on(day) == 0
    assert story.told() == [(f"gate 2026-12-31, {lead}", 0, 1) for lead in (30, 7)]
    assert [story.on(day) for day in ("2027-01-01", "2027-01-31", "2027-02-01")] == [1, 0, 1]
    assert story.state()[:2] == ("paused", "2027-01-01")
    assert story.told()[2:] == [("lapsed 2027-01-01", 1, 1), ("paused 2027-02-01", 1, 1)]


@pytest.mark.shows("partnerships.gate_lapse")
def test_what_has_all_of_it_by_then_is_done_with_that(story, migrate):
    migrate.execute("UPDATE partnership SET tier = 'supporter', purpose = 'Backpacks', gate_due = '2026-12-31' "
                    "WHERE id = %s", (story.partnership.id,))
    assert [story.on(day) for day in ("2026-12-31", "2027-01-01", "2027-01-01")] == [0, 1, 0]
    assert [row for row in story.told() if not row[0].startswith("expires")] == []
    assert story.state()[:2] == ("active", None)
    assert migrate.execute("SELECT gate_due FROM partnership WHERE id = %s", (story.partnership.id,)).fetchone() == (None,)


@pytest.mark.parametrize("change", (
    "UPDATE partnership SET tier = 'supporter', purpose = 'Backpacks' WHERE id = %s",
    "UPDATE partnership SET arrangement = 'gift', purpose = 'Backpacks' WHERE id = %s",
    "UPDATE partnership SET gate_due = '2027-12-31' WHERE id = %s",
    "UPDATE partnership SET archived_at = now() WHERE id = %s",
    "UPDATE partnership SET status = 'paused' WHERE id = %s",
    "UPDATE agreement_partnership SET archived_at = now() WHERE partnership_id = %s",
))  # fmt: skip
def test_of_some_no_agreement_is_asked(story, migrate, change):
    migrate.execute(change, (story.partnership.id,))
    story.on("2027-07-01")
    assert story.state()[1:3] == (None, "expired")


def test_a_checklist_that_is_opened_again_lapses_too(story, migrate):
    insert(migrate, "agreement_item", {
        "district_id": story.district.id, "id": uuid7(), "agreement_id": story.agreement, "name": "Insurance",
        "position": 1, "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"})
    assert story.on("2026-12-01") == 1
    assert story.state() == ("active", "2026-12-01", "in_force", "2027-06-30")


# ---- Credentials ---------------------------------------------------------------------------------


class Papers(Story):
    """The same, of a partner that is approved and whose owner is the district's user; and its insurance."""

    def __init__(self, database, migrate):
        super().__init__(database, migrate)
        self.partner, = migrate.execute(
            "UPDATE partner SET owner_id = %s, stage = 'active' FROM partnership p "
            "WHERE p.id = %s AND partner.id = p.partner_id RETURNING partner.id",
            (self.district.user, self.partnership.id)).fetchone()
        self.paper = self.credential()

    def row(self, table, **fields):
        one = uuid7()
        insert(self.migrate, table, {"district_id": self.district.id, "id": one, "created_at": "2026-01-01T00:00:00Z",
                                     "updated_at": "2026-01-01T00:00:00Z", **fields})
        return one

    def credential(self, expires="2027-01-31"):
        return self.row("credential", partner_id=self.partner, kind="liability_insurance", status="verified",
                        expires_on=expires, verified_by=self.district.user, verified_at="2026-01-01T00:00:00Z")

    def reminded(self):
        return self.migrate.execute(
            "SELECT occurrence, count(contact_id), count(*) FROM message "
            "WHERE district_id = %s AND kind = 'credential_notice' GROUP BY 1 ORDER BY min(created_at), 1",
            (self.district.id,)).fetchall()


@pytest.fixture
def papers(database, migrate):
    return Papers(database, migrate)


@pytest.mark.shows("partnerships.credential_reminders")
def test_a_partner_is_told_before_a_credential_ends_and_when_it_has(papers):
    for day in ("2026-12-01", "2026-12-02", "2026-12-02", "2027-01-10", "2027-01-17", "2027-01-31", "2027-02-01",
                "2027-02-20"):
        papers.on(day)
    assert papers.reminded() == [
        ("expires 2027-01-31, 60", 1, 1), ("expires 2027-01-31, 30", 1, 1), ("expires 2027-01-31, 14", 1, 1),
        ("expired 2027-01-31", 1, 1)]


def test_of_what_is_renewed_nobody_is_told(papers):
    papers.on("2026-12-02")
    papers.credential("2028-01-31")
    papers.on("2027-01-10")
    assert [row[0] for row in papers.reminded()] == ["expires 2027-01-31, 60"]


def test_without_a_lead_the_partners_other_people_are_told(papers, migrate):
    migrate.execute("UPDATE partnership_role SET archived_at = now() WHERE district_id = %s", (papers.district.id,))
    people = [papers.row("contact", name=name, email=f"{name}@example.org") for name in ("a", "b", "c")]
    for person, until in zip(people, (None, None, "2026-11-30"), strict=True):
        papers.row("affiliation", contact_id=person, partner_id=papers.partner, role="Office", until_date=until)
    papers.on("2026-12-02")
    assert papers.reminded() == [("expires 2027-01-31, 60", 2, 2)]


@pytest.mark.shows("partnerships.credential_lapse")
def test_a_partnership_lapses_with_a_credential_that_is_asked_for(papers):
    papers.row("required_credential", kind="liability_insurance", arrangement="program")
    assert papers.on("2027-01-31") == 0
    assert papers.on("2027-02-01") == 1
    assert papers.state() == ("active", "2027-02-01", "in_force", "2027-06-30")
    papers.credential("2028-01-31")
    assert papers.on("2027-02-02") == 1
    assert papers.state()[:2] == ("active", None)


@pytest.mark.shows("partnerships.milestones_missed")
def test_a_milestone_is_missed_when_its_day_is_over(papers, migrate):
    one, other = (papers.row("milestone", partnership_id=papers.partnership.id, name="M", due_on=day)
                  for day in ("2026-12-01", "2026-12-31"))
    assert [papers.on(day) for day in ("2026-12-01", "2026-12-02", "2026-12-02")] == [0, 1, 0]
    assert dict(migrate.execute("SELECT id::text, status FROM milestone WHERE district_id = %s",
                                (papers.district.id,)).fetchall()) == {one: "missed", other: "open"}
