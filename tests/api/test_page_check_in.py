"""The page of a check-in, by a contact's link, by a user's, and by a session: each side writes its half,
sees the other's when both are in, and says whether it sees it the same way."""

import pytest
from check_ins import NOW, SAID, running
from pages import Browser, make_link, signed_in, state, values_of

from world import insert, uuid7

SECTIONS = ("goals_set", "progress_assessed", "challenges", "adjustments")


class Task:
    """An open check-in with a page for each side."""

    def __init__(self, tenant, **fields):
        self.tenant = tenant
        self.partnership = running(tenant)
        self.id = self.partnership.check_in(**fields)
        self.goal = self.partnership.goal
        self.partner = Browser(tenant.api)
        self.district = Browser(tenant.api)
        self.links = {
            "partner": make_link(tenant, "check_in", self.id, contact_id=self.partnership.contact),
            "district": make_link(tenant, "check_in", self.id, user_id=self.partnership.user),
        }

    def page(self, side="partner"):
        return getattr(self, side).get(f"/r/{self.links[side]}")

    def send(self, side="partner", **said):
        page = getattr(self, side).submit(self.page(side), "check_in_send", **said)
        assert page.status == 200, page
        return page

    def half(self, side="partner"):
        return self.row("SELECT * FROM check_in_half WHERE check_in_id = %s AND side = %s", self.id, side)

    def row(self, sql, *values):
        with self.tenant.api.database.connect("kith_migrate") as connection:
            cursor = connection.execute(sql, values)
            row = cursor.fetchone()
            return row and dict(zip([c.name for c in cursor.description], row))


@pytest.fixture
def task(ours):
    return Task(ours)


def test_a_contact_writes_saves_and_sends_its_half(task, ours):
    page = task.page()
    assert page.status == 200 and page.lang == "en"
    assert page.title == "Check-in: A partnership – A district"
    draft = task.partner.submit(page, "check_in_save", goals_set="Read <more> & \"better\"\n\nTogether")
    assert draft.notices()[0].startswith("Saved as a draft.")
    assert draft.value("goals_set") == 'Read <more> & "better"\n\nTogether'
    half = task.half()
    assert half["goals_set"] == 'Read <more> & "better"\n\nTogether', "lines end as everywhere"
    assert half["status"] == "draft" and str(half["contact_id"]) == task.partnership.contact
    assert half["recorded_by"] is None and half["on_behalf_of"] is None
    sent = task.partner.submit(draft, "check_in_send", challenges="None")
    assert sent.notices() == ["Sent. Thank you."] and "Your half is in" in sent.text
    assert task.half()["status"] == "submitted"
    assert not sent.root.first("textarea"), "what is in is there to be read"


def test_progress_is_told_goal_by_goal(task):
    goal = {f"progress__{task.goal}": "on_track", f"current__{task.goal}": " 12.50 ",
            f"note__{task.goal}": "Half way"}
    task.partner.submit(task.page(), "check_in_save", **goal)
    row = task.row("SELECT * FROM check_in_goal WHERE check_in_id = %s", task.id)
    assert (row["side"], row["progress"], str(row["current"]), row["note"]) == (
        "partner", "on_track", "12.500000", "Half way")
    page = task.page()
    assert page.value(f"progress.{task.goal}") == "on_track"
    assert page.value(f"current.{task.goal}") == "12.5"
    task.partner.submit(page, "check_in_save", **{f"progress__{task.goal}": "", f"current__{task.goal}": "",
                                                  f"note__{task.goal}": ""})
    assert task.row("SELECT 1 FROM check_in_goal WHERE check_in_id = %s", task.id) is None


@pytest.mark.shows("district.readiness_page")
def test_a_partner_says_there_how_ready_the_school_is(task, ours, migrate):
    mine, site = task.partnership, ours.admin.site(name="Elm School").id
    assert "How ready" not in task.page().text, "at no school"
    ours.admin.created("partnership_sites", {"partnership_id": mine.id, "site_id": site})
    room = ours.admin.created("readiness_conditions", {"name": f"Room {uuid7()}", "description": "A <place> to work"}).id
    assert "readiness_rate" not in task.page("district").buttons(), "the school has the API"
    page = task.page()
    assert "Elm School" in page.text and "A <place> to work" in page.text
    one = next(node.get("name") for node in page.form("readiness_rate").all("select")
               if node.get("aria-describedby", "").strip())
    remark = one.replace("rating", "remark")

    def rate(**values):
        return task.partner.send(page, "readiness_rate", **{name.replace(".", "__"): value for name, value in values.items()})

    def rows():
        return ours.viewer.get("/v1/readiness_ratings", {"site_id": site}).json["data"]

    wrong = rate(**{remark: "Why?"})
    assert wrong.status == 422 and list(wrong.errors()) == [one] and wrong.value(remark) == "Why?", wrong
    assert "(Room" in wrong.errors()[one]
    assert rate(**{one: "5"}).status == 422 and rate(**{f"rating.{uuid7()}": "1"}).status == 409 and rows() == []
    for _ in range(2):
        assert rate(**{one: "3", remark: "Mostly"}).field("Location") == f"{page.path}?said=readiness_rate"
    row, = rows()
    assert (row["readiness_condition_id"], row["partner_id"], row["rating"], row["note"], row["school_year"],
            row["contact_id"], row["recorded_by"], row["version"]) == (
        room, mine.partner, 3, "Mostly", 2027, mine.contact, None, 1), "twice is once"
    page = task.page()
    assert (page.value(one), page.value(remark)) == ("3", "Mostly") and task.half() is None, "apart from the half"
    assert rate(**{one: "1", remark: ""}).status == 303 and (rows()[0]["rating"], rows()[0]["note"]) == (1, None)
    insert(migrate, "affiliation", {**SAID, "district_id": ours.id, "id": uuid7(), "contact_id": mine.contact,
                                    "partner_id": ours.admin.partner().id, "role": "Lead"})
    migrate.commit()
    assert "readiness_rate" not in task.page().buttons(), "it speaks for a co-partner"
    assert rate(**{one: "4"}).status == 409 and rows()[0]["rating"] == 1


@pytest.mark.shows("partnerships.shared_goals_check_in")
def test_a_goal_that_another_partnership_shares_stands_there_once(task, ours, migrate):
    other = Task(ours)
    insert(migrate, "goal_partnership", {
        **SAID, "district_id": ours.id, "id": uuid7(), "goal_id": other.goal, "partnership_id": task.partnership.id})
    migrate.commit()
    for one in (task, other):
        assert one.page().text.count("Read") >= 1
        fields = [n.get("name") for n in one.page().root.all("select", "input") if n.get("name")]
        assert len([n for n in fields if n == f"progress.{other.goal}"]) in (1, 9), "once"
    task.partner.submit(task.page(), "check_in_save", **{f"progress__{other.goal}": "at_risk"})
    assert task.row("SELECT progress FROM check_in_goal WHERE check_in_id = %s", task.id)["progress"] == "at_risk"
    half = {"goals": [{"goal_id": Task(ours).goal, "progress": "met"}]}
    assert ours.director.post(f"/v1/check_ins/{task.id}/save_half", {"side": "district", **half}).status == 422


def test_what_is_wrong_is_told_with_all_that_was_typed(task, ours):
    before = state(ours)
    typed = {"goals_set": "g" * 10001, "progress_assessed": "Fine", "challenges": "a\x07b",
             f"progress.{task.goal}": "on_track", f"current.{task.goal}": "twelve",
             f"note.{task.goal}": "n" * 2001}
    page = task.page()
    again = task.partner.post(page.path, {**values_of(page.form("check_in_save")), **typed,
                                          "do": "check_in_send"})
    assert again.status == 422 and again.title.startswith("Error: ")
    assert again.errors() == {
        "goals_set": "Goals set: this is too long; please shorten it",
        "challenges": "Challenges: there is a character in it that cannot be kept",
        f"current.{task.goal}": "Where it stands now (Read): write a number such as 1234.5",
        f"note.{task.goal}": "Note (Read): this is too long; please shorten it",
    }
    for name, value in typed.items():
        assert again.value(name) == value, name
    for name in again.errors():
        field = again.by_id(name)
        assert field.get("aria-invalid") == "true" and f"{name}-error" in field.get("aria-describedby")
    assert state(ours) == before


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_has_at_most_ten_thousand_characters(task, section):
    assert task.partner.send(task.page(), "check_in_save", **{section: "ñ" * 10000}).status == 303
    assert task.half()[section] == "ñ" * 10000
    assert task.partner.send(task.page(), "check_in_save", **{section: "ñ" * 10001}).status == 422


def test_a_note_needs_to_say_how_far_the_goal_is(task):
    page = task.partner.submit(task.page(), "check_in_save", **{f"note__{task.goal}": "Half way"})
    assert page.errors() == {f"progress.{task.goal}": "How far it is (Read): this needs an answer"}
    assert page.value(f"note.{task.goal}") == "Half way"


def test_an_empty_half_is_not_sent_but_kept(task):
    page = task.partner.submit(task.page(), "check_in_send", goals_set="  \n ")
    assert page.status == 422
    assert page.errors() == {"goals_set": "Goals set: write something before you send it"}
    assert task.half()["status"] == "draft"


def test_a_form_that_comes_twice_changes_nothing_the_second_time(task, ours):
    page = task.page()
    values = {**values_of(page.form("check_in_send")), "goals_set": "Once", "do": "check_in_send"}
    assert task.partner.post(page.path, values).status == 303
    before = state(ours)
    assert task.partner.post(page.path, values).status == 303
    assert state(ours) == before
    task.send("district", goals_set="Theirs")
    before = state(ours)
    assert task.partner.post(page.path, values).status == 303, "also when the other side has seen it"
    assert state(ours) == before


def test_what_somebody_else_saved_meanwhile_is_not_written_over(task, ours):
    """A co-lead of the same side, with a link of its own."""
    other = Browser(ours.api)
    page = task.page()
    other.submit(other.get(f"/r/{task.links['partner']}"), "check_in_save", goals_set="Theirs")
    again = task.partner.submit(page, "check_in_save", goals_set="Mine")
    assert again.status == 422 and again.notices()[0].startswith("This was not kept yet: somebody changed")
    assert again.value("goals_set") == "Mine" and "Theirs" in again.text
    assert task.half()["goals_set"] == "Theirs"
    saved = task.partner.submit(again, "check_in_save")
    assert saved.value("goals_set") == "Mine" and task.half()["goals_set"] == "Mine"


def test_a_half_that_is_in_can_be_changed_until_the_other_side_has_seen_it(task):
    sent = task.send(goals_set="First")
    edit = task.partner.get(sent.links()["Change what I sent"])
    assert edit.value("goals_set") == "First" and "You have sent this half" in edit.text
    assert task.half()["status"] == "submitted", "looking at it changes nothing"
    assert "Sent. Thank you." in task.partner.submit(edit, "check_in_send", goals_set="Second").notices()
    assert task.half()["goals_set"] == "Second"
    task.send("district", goals_set="Theirs")
    page = task.partner.get(sent.path.partition("?")[0] + "/edit")
    assert not page.root.first("textarea") or "goals_set" not in page.body
    assert "Change what I sent" not in page.text


def test_each_side_sees_the_others_half_when_both_are_in(task):
    page = task.send(goals_set="A word of the partner")
    assert "A word of the partner" in page.text
    assert "A word of the partner" not in task.page("district").body
    both = task.send("district", goals_set="A word of the district")
    assert "What both sides say" in both.text and "A word of the partner" in both.text
    assert "A word of the district" in task.page().text


def test_the_others_half_shows_when_the_due_day_is_over(ours):
    """Due on the day before today: what the district said shows, and the own half can still be written."""
    task = Task(ours, due_on="2026-11-20", opens_on="2026-11-01")
    task.send("district", challenges="Too few mentors")
    page = task.page()
    assert "Overdue" in page.text and "Too few mentors" in page.text
    assert "check_in_send" in page.buttons()


def test_until_the_end_of_the_due_day_it_is_hidden(ours):
    task = Task(ours, due_on="2026-11-21", opens_on="2026-11-01")
    task.send("district", challenges="Too few mentors")
    assert "Too few mentors" not in task.page().body


def test_what_both_see_differently_is_marked(task):
    task.send(**{f"progress__{task.goal}": "met", f"current__{task.goal}": "90"})
    page = task.send("district", **{f"progress__{task.goal}": "behind", f"current__{task.goal}": "40"})
    assert "Seen differently" in page.text and "Met · 90" in page.text and "Behind · 40" in page.text


def seen_differently(task):
    task.send(**{f"progress__{task.goal}": "met", f"current__{task.goal}": "90"})
    task.send("district", **{f"progress__{task.goal}": "behind", f"current__{task.goal}": "40"})
    return task.page()


@pytest.mark.shows("partnerships.goal_disagreements")
def test_a_goal_that_both_see_differently_is_talked_of_until_they_agree(task, ours):
    """A task of both leads; nothing is taken over before; then the goal has what was agreed, and both see how."""
    def tasks():
        told = ours.director.get("/v1/me/tasks").json["data"]
        return {t["subject_id"] for t in told if t["kind"] == "goal_disagreement"}

    def thing():
        """On the partner's own page of what waits."""
        with ours.api.database.connect("kith_migrate") as connection, connection.transaction():
            connection.execute("SELECT kith_context(%s, '', '', %s, '')", (ours.id, NOW))
            return connection.execute("SELECT title FROM task_thing('check_in', %s, %s, NULL)",
                                      (task.id, task.partnership.contact)).fetchone()

    def goal():
        row = task.row("SELECT progress, current FROM goal WHERE id = %s", task.goal)
        return row["progress"], row["current"]

    path = f"/v1/check_ins/{task.id}"
    page = seen_differently(task)
    assert task.id in tasks() and thing() and "Please talk with the other side" in page.text
    assert ours.director.get(path).json["goals_open"] == 1
    assert ours.director.post(f"{path}/complete", {}).status == 200
    before, page = goal(), task.page()
    assert before not in (("met", 90), ("behind", 40)), "nothing is averaged"
    settled = f"settled.{task.goal}"
    page = task.partner.submit(page, "goal_settle")
    assert page.status == 422 and settled in page.errors()
    page = task.partner.submit(page, "goal_settle", **{settled: "on_track", f"amount.{task.goal}": "60"})
    assert page.status == 422 and f"how.{task.goal}" in page.errors() and goal() == before
    page = task.partner.submit(page, "goal_settle", **{f"how.{task.goal}": "We <counted> again"})
    assert page.notices() == ["What you agreed on is kept, and both sides see it."]
    for text in (page.text, task.page("district").text):
        assert "Agreed by both" in text and "On track · 60" in text and "We <counted> again" in text and "Behind · 40" in text
    assert goal() == ("on_track", 60) and task.id not in tasks() and thing() is None
    assert "goal_settle" not in page.buttons()
    said, = ours.director.get("/v1/goal_settlements", {"check_in_id": task.id}).json["data"]
    assert (said["side"], said["contact_id"], said["progress"], said["note"]) == (
        "partner", task.partnership.contact, "on_track", "We <counted> again")


@pytest.mark.shows("partnerships.goal_disagreements")
def test_a_side_takes_over_what_the_other_says_of_a_goal(task, ours):
    page = seen_differently(task)
    page = task.partner.submit(page, "goal_settle", **{f"settled.{task.goal}": "theirs"})
    assert page.status == 200 and "Agreed by both" in page.text
    path = f"/v1/check_ins/{task.id}"
    answer = ours.director.post(f"{path}/settle_goal", {"goal_id": task.goal, "progress": "missed"})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, "/note"), answer
    assert ours.director.post(f"{path}/settle_goal", {"goal_id": task.goal, "progress": "met", "current": "90"}).status == 200
    assert ours.director.post(f"{path}/complete", {}).status == 200
    row = task.row("SELECT progress, current FROM goal WHERE id = %s", task.goal)
    assert (row["progress"], row["current"]) == ("met", 90), "the last word"
    other = running(ours)
    assert ours.director.post(f"/v1/check_ins/{other.check_in()}/settle_goal",
                              {"goal_id": other.goal, "progress": "met"}).status == 409, "nothing to agree on"


@pytest.mark.shows("partnerships.check_in_sites")
def test_what_the_schools_add_shows_with_the_districts_half(task, ours, migrate):
    """Their own side sees it at once, the partner when both halves are in."""
    site = ours.admin.site(name="Lincoln High").id
    insert(migrate, "partnership_site", {"district_id": ours.id, "id": uuid7(), **SAID, "site_id": site,
                                         "partnership_id": task.partnership.id})
    ours.director.created("check_in_sites", {"check_in_id": task.id, "site_id": site, "rating": 3, "note": "Mondays <work>"})
    assert "Mondays <work>" in task.page("district").text and "Mondays" not in task.page().body
    page = both_in(task)
    assert "What the schools add" in page.text and "Lincoln High" in page.text and "It works well" in page.text


@pytest.mark.shows("partnerships.check_in_sites_page")
def test_whoever_may_write_for_a_school_says_there_how_it_goes(task, ours):
    here, there = ours.admin.site(name="Lincoln High").id, ours.admin.site(name="Elm <School>").id
    assert "site_rate" not in task.page("district").buttons(), "at no school"
    for site in (here, there):
        ours.admin.created("partnership_sites", {"partnership_id": task.partnership.id, "site_id": site})
    assert "site_rate" not in task.page().buttons(), "the partner has its half"
    page = task.page("district")
    assert "Lincoln High" in page.text and "Elm <School>" in page.text and page.value(f"site_rating.{here}") == ""

    def say(site, rating="", note="", page=page, browser=task.district):
        form = next(f for f in page.forms if any(n.get("value") == site for n in f.all("input")))
        typed = {f"site_rating.{site}": rating, f"site_note.{site}": note}
        return browser.post(form.get("action"), {**values_of(form), **typed, "do": "site_rate"})

    def rows():
        return {row["site_id"]: row for row in ours.viewer.get("/v1/check_in_sites", {"check_in_id": task.id}).json["data"]}

    wrong = say(here)
    assert wrong.status == 422 and wrong.errors() == {f"site_rating.{here}": "How it goes at this school (Lincoln High): this needs an answer"}
    assert say(here, "5").status == 422 and rows() == {}
    for _ in range(2):
        assert say(here, "3", "Mondays <work>").field("Location") == f"{page.path}?said=site_rate"
    assert [(r["site_id"], r["rating"], r["note"], r["version"]) for r in rows().values()] == [(here, 3, "Mondays <work>", 1)], "twice is once"
    assert task.district.get(f"{page.path}?said=site_rate").notices() == ["Kept. It stands beside your side’s half."]
    late = say(here, "1", page=page)
    assert late.status == 422 and late.notices()[0].startswith("This was not kept yet") and rows()[here]["rating"] == 3
    assert "Mondays <work>" in late.text and late.value(f"site_rating.{here}") == "1", "what stands there, and what was typed"
    assert say(here, "2", page=late).status == 303 and (rows()[here]["rating"], rows()[here]["note"]) == (2, None)
    assert say(here, page=task.page("district")).status == 303 and rows() == {}, "taken back"
    leader = signed_in(ours, "school_leader")
    with ours.api.database.connect("kith_migrate") as connection:
        connection.execute("UPDATE user_grant SET scope_kind = 'site', scope_id = %s WHERE district_id = %s AND user_id = %s",
                           (there, ours.id, ours.users["school_leader"]))
    page = leader.get(f"/check_ins/{task.id}")
    assert "Elm <School>" in page.text and "Lincoln High" not in page.text, "another school's"
    assert say(there, "4", page=page, browser=leader).status == 303 and rows()[there]["rating"] == 4
    assert ours.director.post(f"/v1/check_ins/{task.id}/skip", {"reason": "Snow"}).status == 200
    assert say(there, "1", page=page, browser=leader).status == 409 and "site_rate" not in task.page("district").buttons()


def test_what_is_wrong_with_another_form_leaves_the_drafts_words_on_the_page(task):
    draft = task.partner.submit(task.page(), "check_in_save", goals_set="Read more", **{f"progress.{task.goal}": "behind"})
    page = task.partner.submit(draft, "snooze")
    assert page.status == 422 and page.errors() and page.value("goals_set") == "Read more"
    assert page.value(f"progress.{task.goal}") == "behind"


def both_in(task):
    task.send(goals_set="Ours")
    task.send("district", goals_set="Theirs")
    return task.page()


def test_a_side_confirms_the_other_half(task, ours):
    page = task.partner.submit(both_in(task), "check_in_confirm")
    assert page.notices() == ["Your confirmation is kept."] and "You have confirmed" in page.text
    assert task.half()["verdict"] == "confirmed"
    before = state(ours)
    task.partner.submit(page, "check_in_confirm")
    assert state(ours) == before
    assert "The other side has confirmed your half." in task.page("district").text


def test_a_side_disputes_the_other_half_and_says_why(task):
    page = task.partner.submit(both_in(task), "check_in_dispute")
    assert page.status == 422
    assert page.errors() == {"reason": "Reason: this needs an answer"}
    page = task.partner.submit(page, "check_in_dispute", reason="We met <three> times")
    assert page.status == 200 and "We met <three> times" in page.text
    assert task.half()["verdict"] == "disputed"
    assert "We met <three> times" in task.page("district").text


@pytest.mark.shows("partnerships.disputes")
def test_what_the_partner_disputes_is_a_task_until_it_confirms(task, ours):
    def tasks():
        told = ours.director.get("/v1/me/tasks").json["data"]
        return {(t["subject_id"], t["title"]) for t in told if t["kind"] == "check_in_dispute"}

    page = task.partner.submit(both_in(task), "check_in_dispute", reason="We met three times")
    assert (task.id, "A partnership: We met three times") in tasks()
    task.partner.submit(page, "check_in_confirm")
    assert task.id not in {one for one, _ in tasks()}


def test_a_reason_has_at_most_two_thousand_characters(task):
    page = both_in(task)
    assert task.partner.send(page, "check_in_dispute", reason="r" * 2001).status == 422
    assert task.partner.send(page, "check_in_dispute", reason="r" * 2000).status == 303


def test_nothing_is_judged_before_it_shows(task, ours):
    page = task.send(goals_set="Ours")
    token = task.page("partner")
    values = {"form_token": values_of(task.partner.get(page.path.partition("?")[0] + "/edit")
                                      .form("check_in_save"))["form_token"], "do": "check_in_confirm"}
    assert token
    before = state(ours)
    reply = task.partner.post(page.path.partition("?")[0], values)
    assert reply.status == 409 and "no longer possible" in reply.notices()[0]
    assert state(ours) == before


def test_actions_have_owners_of_either_side(task, ours):
    page = both_in(task)
    assert "Nothing yet." in page.text
    owners = {option.text: option.get("value") for option in page.by_id("owner").all("option")}
    assert list(owners) == ["Nobody yet", "A person (for the district)", "Ann (for the partner)"]
    mine = task.partner.submit(page, "action_add", description="Call <the> principal",
                               owner=owners["Ann (for the partner)"], due_on="2027-01-15")
    assert "Call <the> principal" in mine.text and "due January 15, 2027" in mine.text
    row = task.row("SELECT * FROM action_item WHERE check_in_id = %s", task.id)
    assert str(row["owner_contact_id"]) == task.partnership.contact
    assert "action_done" not in task.page("district").buttons(), "one's own alone"
    done = task.partner.submit(mine, "action_done")
    assert "Done" in done.text
    assert task.row("SELECT status FROM action_item WHERE check_in_id = %s", task.id)["status"] == "done"


def test_an_action_is_added_once_however_often_its_form_comes(task, ours):
    page = both_in(task)
    values = {**values_of(page.form("action_add")), "description": "Call", "do": "action_add"}
    assert task.partner.post(page.path, values).status == 303
    before = state(ours)
    assert task.partner.post(page.path, values).status == 303
    assert state(ours) == before


@pytest.mark.parametrize("typed, errors", [
    ({"description": ""}, {"description"}),
    ({"description": "d" * 2001}, {"description"}),
    ({"description": "d", "due_on": "tomorrow"}, {"due_on"}),
    ({"description": "d", "owner": "contact:0197a3c2-5d1e-7b40-9c55-2f6d8e01a4b7"}, {"owner"}),
], ids=["nothing", "too long", "no date", "nobody's"])
def test_what_is_wrong_with_an_action_is_told(task, ours, typed, errors):
    page = both_in(task)
    before = state(ours)
    again = task.partner.submit(page, "action_add", **typed)
    assert again.status == 422 and set(again.errors()) == errors
    assert again.value("description") == typed["description"]
    assert state(ours) == before


def test_no_action_is_added_before_the_halves_show(task, ours):
    page = task.page()
    values = {"form_token": values_of(page.form("check_in_save"))["form_token"], "do": "action_add",
              "item": uuid7(), "description": "Too early"}
    before = state(ours)
    assert task.partner.post(page.path, values).status == 409
    assert state(ours) == before


def test_another_partnerships_action_is_not_done(task, ours):
    page = both_in(task)
    other = running(ours)
    item = uuid7()
    with ours.api.database.connect("kith_migrate") as connection:
        insert(connection, "action_item", {"district_id": ours.id, **SAID, "id": item, "description": "d",
                                           "partnership_id": other.id,
                                           "owner_contact_id": task.partnership.contact})
    values = {"form_token": values_of(page.form("check_in_confirm"))["form_token"], "do": "action_done",
              "item": item}
    before = state(ours)
    assert task.partner.post(page.path, values).status == 303
    assert state(ours) == before


# ---- Written down by staff -----------------------------------------------------------------------


def told_by_phone(task):
    answer = task.tenant.director.post(f"/v1/check_ins/{task.id}/save_half", {
        "side": "partner", "on_behalf_of": task.partnership.contact, "goals_set": "As told"})
    assert answer.status == 200, answer


def test_a_contact_confirms_what_staff_wrote_down_for_it(task, ours):
    told_by_phone(task)
    page = task.page()
    assert "A person wrote this half down for Ann." in page.text
    page = task.partner.submit(page, "check_in_own")
    assert "Confirmed on November 21, 2026." in page.text and "check_in_own" not in page.buttons()
    half = task.half()
    assert half["behalf_confirmed_at"] and half["on_behalf_of"]
    assert half["goals_set"] == "As told"


def test_a_contact_writes_on_where_staff_began(task):
    told_by_phone(task)
    task.partner.submit(task.page(), "check_in_save", goals_set="In my words")
    half = task.half()
    assert (half["on_behalf_of"], half["recorded_by"]) == (None, None)
    assert str(half["contact_id"]) == task.partnership.contact


# ---- States --------------------------------------------------------------------------------------


def put(task, **fields):
    names = ", ".join(f"{name} = %s" for name in fields)
    with task.tenant.api.database.connect("kith_migrate") as connection:
        connection.execute(f"UPDATE check_in SET {names} WHERE id = %s", (*fields.values(), task.id))


def test_before_it_opens_there_is_nothing_to_do(ours):
    task = Task(ours, status="scheduled", opened_at=None, opens_on="2026-11-30")
    page = task.page()
    assert "opens on Monday, November 30, 2026" in page.text
    assert not page.buttons()


@pytest.mark.parametrize("status, word", [("cancelled", "cancelled"), ("skipped", "skipped"),
                                          ("missed", "missed"), ("closed_partial", "closed with one half")])
def test_one_that_is_over_says_so(ours, status, word):
    task = Task(ours)
    put(task, status=status, reason="Because.")
    page = task.page()
    assert f"This check-in is {word}" in page.text and "check_in_save" not in page.buttons()


def test_what_was_typed_when_it_closed_can_be_copied(task, ours):
    page = task.page()
    put(task, status="cancelled", reason="Because.")
    before = state(ours)
    again = task.partner.submit(page, "check_in_save", goals_set="A long\n\ntext", challenges="More")
    assert again.status == 409 and "no longer possible" in again.notices()[0]
    assert "A long text" in again.text and "More" in again.text
    assert state(ours) == before


def test_a_goal_of_another_partnership_is_refused(task, ours):
    other = running(ours)
    page = task.page()
    values = {**values_of(page.form("check_in_save")), f"progress.{other.goal}": "met", "do": "check_in_save"}
    before = state(ours)
    assert task.partner.post(page.path, values).status == 422
    assert state(ours) == before


def test_the_page_is_as_whole_in_spanish(task, migrate):
    migrate.execute("UPDATE contact SET locale = 'es' WHERE id = %s", (task.partnership.contact,))
    task.partner.language = "es"
    page = task.page()
    assert page.lang == "es" and page.heading == "Revisión A partnership"
    assert "viernes 11 de diciembre de 2026" in page.text
    page = task.partner.submit(page, "check_in_send", goals_set="x" * 10001)
    assert page.errors()["goals_set"] == "Metas fijadas: es demasiado largo; por favor, acórtelo"
    page = task.partner.submit(page, "check_in_send", goals_set="Leer más")
    assert page.notices() == ["Enviado. Gracias."]
    task.send("district", goals_set="Theirs")
    assert "Lo que dicen ambas partes" in task.page().text


# ---- By a session --------------------------------------------------------------------------------


def test_a_user_who_is_signed_in_writes_the_districts_half(task, ours):
    browser = signed_in(ours, "director")
    page = browser.get(f"/check_ins/{task.id}")
    assert "for the district" in page.text
    page = browser.submit(page, "check_in_send", goals_set="Said by staff")
    assert page.notices() == ["Sent. Thank you."]
    half = task.half("district")
    assert str(half["recorded_by"]) == ours.users["director"] and half["contact_id"] is None
    assert "Said by staff" in browser.get(f"/check_ins/{task.id}/edit").body


def test_a_user_writes_what_the_grants_cover(task, ours, database):
    with database.connect("kith_migrate") as connection:
        site = uuid7()
        insert(connection, "site", {"district_id": ours.id, **SAID, "id": site, "name": "S", "kind": "school"})
        user = database.user(connection, ours.id, uuid7())
        database.grant(connection, ours.id, user, "coordinator", scope_kind="site", scope_id=site)
        text, _ = database.token(connection, ours.id, user, kind="session", last_used_at=NOW,
                                 expires_at="2026-11-22T03:00:00Z")
    browser = Browser(ours.api)
    browser.cookies["kith"] = text
    page = browser.get(f"/check_ins/{task.id}")
    assert page.status == 200
    before = state(ours)
    assert browser.send(page, "check_in_save", goals_set="No").status == 403
    assert state(ours) == before


def test_a_viewer_reads_and_writes_nothing(task, ours):
    browser = signed_in(ours, "viewer")
    page = browser.get(f"/check_ins/{task.id}")
    assert page.status == 200
    assert browser.send(page, "check_in_save", goals_set="No").status == 403
    assert task.half("district") is None


@pytest.mark.parametrize("one", ["0197a3c2-5d1e-7b40-9c55-2f6d8e01a4b7", "x", "theirs"])
def test_a_check_in_that_is_not_there_is_no_page(ours, theirs, one):
    if one == "theirs":
        one = running(theirs).check_in()
    page = signed_in(ours).get(f"/check_ins/{one}")
    assert (page.status, page.heading) == (404, "There is no such page")


def test_nobody_signed_in_is_sent_to_sign_in(task, api):
    assert Browser(api).get(f"/check_ins/{task.id}").path == "/login"
    assert Browser(api).ask("POST", f"/check_ins/{task.id}", b"do=check_in_save").status == 403
