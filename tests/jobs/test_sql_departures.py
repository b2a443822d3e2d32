"""What carries a person, by the catalogue; and what time does to departures and remedies."""
import contextlib
import fnmatch
import json
import os
import sys

import pytest

from world import insert, uuid7

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "api"))
from check_ins import SAID, Running  # noqa: E402  pylint: disable=wrong-import-position


@pytest.mark.shows("succession.catalogue")
def test_each_column_that_names_a_person_is_handed_over_or_stays(migrate):
    found = set(migrate.execute(
        "SELECT c.conrelid::regclass::text, a.attname, CASE c.confrelid::regclass::text "
        "WHEN 'app_user' THEN 'user' ELSE 'contact' END FROM pg_constraint c "
        "JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[2] "
        "WHERE c.contype = 'f' AND c.conparentid = 0 "
        "AND c.confrelid IN ('app_user'::regclass, 'contact'::regclass)").fetchall())
    carried = migrate.execute("SELECT name, field, person, way, rival FROM person_columns()").fetchall()
    history = migrate.execute("SELECT name, field FROM person_history()").fetchall()
    for name, field, person, way, rival in carried:
        assert (name, field, person) in found, "no such column"
        assert (way == "dated") == (rival is not None)
    names = {row[:3] for row in carried}
    assert len(names) == len(carried)
    used = set()
    for name, field, person in found - names:
        why = [(table, column) for table, column in history
               if table in ("%", name) and fnmatch.fnmatch(field, column.replace("%", "*"))]
        assert why, f"{name}.{field}: a row of person_columns() or of person_history() must say what becomes of it"
        used |= set(why)
    assert used == set(history), "a row that is about no column"


class Office:
    """A district with a partnership that a user leads who leaves, and a colleague."""

    def __init__(self, database, migrate):
        self.migrate = migrate
        self.district = database.district()
        self.rows = {"district_id": self.district.id, **SAID}
        self.leaver = self.person(database, "coordinator")
        self.receiver = self.person(database, "coordinator")
        self.partnership = Running(database, self.district.id, self.leaver)

    def person(self, database, role):
        user = database.user(self.migrate, self.district.id, uuid7())
        database.grant(self.migrate, self.district.id, user, role)
        database.token(self.migrate, self.district.id, user)
        return user

    def row(self, table, **fields):
        one = uuid7()
        with self.within():
            insert(self.migrate, table, {**self.rows, "id": one, **fields})
        return one

    @contextlib.contextmanager
    def within(self, now=SAID["created_at"]):
        """A transaction in the district's context."""
        with self.migrate.transaction():
            self.migrate.execute("SELECT kith_context(%s, '', '', %s, '')", (self.district.id, now))
            yield

    def on(self, day, function="departures_advance"):
        return self.partnership.work(function, f"{day}T16:00:00Z")

    def one(self, sql, *values):
        return self.migrate.execute(sql, values).fetchone()

    def is_out(self):
        return self.one("SELECT u.archived_at IS NOT NULL, (SELECT count(*) FROM access_token t WHERE t.user_id = u.id "
                        "AND t.revoked_at IS NULL) FROM app_user u WHERE u.id = %s", self.leaver) == (True, 0)

    def leads(self):
        return self.migrate.execute(
            "SELECT user_id::text, from_date::text, until_date::text FROM partnership_role "
            "WHERE partnership_id = %s AND user_id IS NOT NULL ORDER BY from_date NULLS FIRST",
            (self.partnership.id,)).fetchall()


@pytest.fixture
def office(database, migrate):
    return Office(database, migrate)


@pytest.mark.shows("succession.on_its_day", "succession.new_links")
def test_a_departure_is_handed_over_on_its_day_and_mails_go_to_who_follows(office):
    check_in = office.partnership.check_in()
    assert office.on("2026-12-04", "reminders_decide") > 0
    link = uuid7()
    insert(office.migrate, "link", {
        "district_id": office.district.id, "id": link, "token_hash": "a" * 64, "purpose": "check_in",
        "subject_id": check_in, "user_id": office.leaver, "expires_at": "2027-06-30T00:00:00Z",
        "created_at": SAID["created_at"]})
    departure = office.row("departure", user_id=office.leaver, on_date="2026-12-07", receiver_user_id=office.receiver)
    assert (office.on("2026-12-06"), office.is_out()) == (0, False)
    assert (office.on("2026-12-07"), office.on("2026-12-07")) == (1, 0)
    assert office.is_out()
    assert office.one("SELECT revoked_at IS NOT NULL FROM link WHERE id = %s", link) == (True,)
    assert office.leads() == [(office.leaver, None, "2026-12-06"), (office.receiver, "2026-12-07", None)]
    waiting = office.one("SELECT count(*) FROM message WHERE user_id = %s AND status = 'queued'", office.leaver)
    assert waiting == (0,)
    office.on("2026-12-07", "reminders_decide")
    assert office.one("SELECT count(*) FROM message WHERE user_id = %s AND subject_id = %s AND status = 'queued'",
                      office.receiver, check_in) == (1,), "a reminder with a link of its own"
    assert office.one("SELECT count(*) FROM introduction_letter WHERE departure_id = %s", departure) == (1,)


@pytest.mark.shows("succession.large")
def test_what_a_leaver_carries_moves_by_the_table_and_not_row_by_row(office):
    """So that thousands of rows take no longer than a request may: each statement has its triggers, once."""
    owned = [office.row("partner", name=f"P {n}", kind="civic", owner_id=office.leaver) for n in range(20)]
    roles = [office.row("partnership_role", partnership_id=office.partnership.id, side="district", role="sponsor",
                        user_id=office.leaver, from_date=f"2026-0{n}-01", until_date=f"2026-0{n}-28") for n in (1, 2)]
    twice = [office.row("partnership_role", partnership_id=office.partnership.id, side="district", role="coordinator",
                        user_id=office.leaver, from_date=f"2026-11-0{n}") for n in (1, 2)]
    office.row("departure", user_id=office.leaver, on_date="2026-12-07", receiver_user_id=office.receiver)
    assert office.on("2026-12-07") == 1
    assert office.one("SELECT count(*) FROM partner WHERE id = ANY (%s) AND owner_id = %s", owned,
                      office.receiver) == (20,)
    assert office.one("SELECT count(*) FROM audit WHERE district_id = %s AND aggregatetype = 'partner' "
                      "AND detail ->> 'count' = '20'", office.district.id) == (1,)
    assert office.one("SELECT count(*) FROM partnership_role WHERE id = ANY (%s) AND until_date = '2026-12-06'",
                      twice) == (2,)
    assert office.one("SELECT count(*) FROM partnership_role WHERE user_id = %s AND role = 'coordinator' "
                      "AND from_date = '2026-12-07'", office.receiver) == (1,), "one of two that say the same"
    assert office.one("SELECT count(*) FROM partnership_role WHERE user_id = %s AND role = 'sponsor'",
                      office.receiver) == (0,), roles


def test_what_stands_in_the_way_is_said_and_access_ends_all_the_same(office):
    departure = office.row("departure", user_id=office.leaver, on_date="2026-12-07")
    assert (office.on("2026-12-07"), office.on("2026-12-08")) == (0, 0)
    assert office.one("SELECT status, problem FROM departure WHERE id = %s", departure) == (
        "planned", "Something that is carried has nobody who takes it over.")
    assert office.is_out() and office.leads() == [(office.leaver, None, None)]
    with office.within("2026-12-08T16:00:00Z"):
        office.migrate.execute("UPDATE departure SET receiver_user_id = %s WHERE id = %s",
                               (office.receiver, departure))
    assert office.on("2026-12-09") == 1
    assert office.leads() == [(office.leaver, None, "2026-12-06"), (office.receiver, "2026-12-09", None)]
    assert office.one("SELECT status, problem FROM departure WHERE id = %s", departure) == ("handed_over", None)


def test_a_remedy_goes_when_the_lead_has_let_the_days_pass_and_never_twice(office):
    area = office.row("focus_area", name="Reading")
    needs = [office.row("need", title=title, focus_area_id=area, needed_by="2027-06-30", status="open",
                        opened_at=SAID["created_at"]) for title in ("Tutors", "Books")]
    remedies = [office.row("remedy", partner_id=office.partnership.partner, need_ids=json.dumps(needs[:1]))]
    assert [office.on(f"2026-11-{day}", "remedies_advance") for day in (22, 25, 26, 26, 27)] == [0, 0, 1, 0, 0]
    remedies.append(office.row("remedy", partner_id=office.partnership.partner, need_ids=json.dumps(needs[1:])))
    with office.within():
        office.migrate.execute("UPDATE need SET status = 'withdrawn' WHERE id = %s", (needs[1],))
    assert office.on("2026-12-15", "remedies_advance") == 1
    told = office.migrate.execute("SELECT status, status_reason, message_id IS NULL FROM remedy WHERE id = ANY (%s) "
                                  "ORDER BY created_at, id", (remedies,)).fetchall()
    assert told == [("sent", None, False), ("cancelled", "None of the needs is open any more.", True)]
    assert office.one("SELECT count(*) FROM message WHERE kind = 'remedy' AND subject_id = ANY (%s)", remedies) == (1,)
