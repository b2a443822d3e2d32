"""Gifts: who accepts them, what they become, the thanks and the letters for taxes that they are due."""

import pytest
from acting import act, at_once, done
from fields import APART, LEAST
from importing import load, rows, unique
from operations import Subjects
from partnering import Ready

TODAY = "2026-11-21"
MONDAY = "2026-11-23T15:00:00.000Z"  # the first hour of mails, in Chicago
LIMITS = ((100_000, "principal"), (500_000, "director"), (2_000_000, "superintendent"))
BOARD = {"board_on": "2026-11-01", "board_item": "1"}


@pytest.fixture(scope="module")
def subjects(ours):
    return Subjects(ours)


@pytest.fixture(scope="module")
def limits(theirs):
    """A district that has limits; the other one has none."""
    for cents, signer in LIMITS:
        theirs.admin.created("signing_authorities", {"subject": "gift", "up_to_cents": cents, "signer": signer})
    return theirs


def made(subjects, plural, **fields):
    row = APART.get(plural) or LEAST[plural]
    return subjects.caller.created(plural, subjects.filled({**row, **fields}))


def gift(subjects, *verbs, **fields):
    """Its id, after what was done with it."""
    one = made(subjects, "gifts", **fields).id
    for verb in verbs:
        body = BOARD if verb == "accept" else {}
        done(act(subjects.caller, "gifts", one, verb, **body))
    return one


def told(caller, plural, one):
    return caller.get(f"/v1/{plural}/{one}").json


def thanks_of(caller, one):
    [found] = caller.get("/v1/thank_yous", {"gift_id": one}).json["data"]
    return found


def refused(answer, *missing):
    assert answer.status == 409 and answer.json["state"]["missing"] == [*missing], answer


# ---- Gifts ---------------------------------------------------------------------------------------


@pytest.mark.shows("recognition.donees", "recognition.gifts", "recognition.lists")
def test_a_gift_is_offered_accepted_and_received_or_ends_before(ours, subjects):
    donee = made(subjects, "donees", ein="123456789", signer="Ann Lee, Treasurer", street="1 Main St")
    one = made(subjects, "gifts", donee_id=donee.id, site_id=ours.director.site().id, purpose="Books",
               restricted_until="2027-06-30", return_description="A dinner", return_cents=4000)
    shown = one.json
    assert (shown["status"], shown["offered_on"], shown["thanked"], shown["tax_letter"]) == (
        "offered", TODAY, None, "none")
    hidden = told(ours.viewer, "gifts", one.id)
    assert (hidden["amount_cents"], hidden["return_cents"], hidden["title"]) == (None, None, "A check")
    assert act(ours.director, "gifts", one.id, "receive").status == 409, "nobody accepted it"
    waits = {(task["kind"], task["subject_id"]) for task in ours.director.get("/v1/me/tasks").json["data"]}
    assert ("gift_acceptance", one.id) in waits
    assert done(act(ours.director, "gifts", one.id, "accept"))["accepted_by"] == ours.users["director"]
    waits = {(task["kind"], task["subject_id"]) for task in ours.director.get("/v1/me/tasks").json["data"]}
    assert ("gift_acceptance", one.id) not in waits
    late = act(ours.director, "gifts", one.id, "receive", on_date="2026-11-22")
    assert (late.status, late.faults) == (422, {"/on_date": "not_allowed"}), late
    got = done(act(ours.director, "gifts", one.id, "receive", on_date="2026-11-20"))
    assert (got["status"], got["received_on"], got["thanked"], got["unthanked_days"]) == (
        "received", "2026-11-20", False, 1)
    other = gift(subjects)
    assert done(act(ours.director, "gifts", other, "refuse", reason="Not ours"))["status_reason"] == "Not ours"
    done(act(ours.director, "gifts", other, "reopen"))
    done(act(ours.director, "gifts", other, "accept"))
    ended = done(act(ours.director, "gifts", other, "withdraw", reason="No longer"))
    assert (ended["status"], ended["accepted_by"], ended["accepted_on"], ended["accepted_as"]) == (
        "withdrawn", ours.users["director"], TODAY, "director"), "that it was accepted stays"
    again = done(act(ours.director, "gifts", other, "reopen"))
    assert (again["status"], again["accepted_by"], again["accepted_on"]) == ("offered", None, None)
    for wrong, member in (({"partner_id": None}, "partner_id"), ({"amount_cents": None}, "amount_cents"),
                          ({"kind": "space"}, "amount_cents"), ({"return_cents": 1}, "return_cents")):
        answer = ours.director.post("/v1/gifts", subjects.filled({**APART["gifts"], **wrong}))
        assert (answer.status, [*answer.faults]) == (422, [f"/{member}"]), answer


@pytest.mark.shows("recognition.acceptance")
def test_who_accepts_a_gift_is_said_by_the_limits_and_the_board_has_day_and_item(limits):
    district, subjects = limits, Subjects(limits)
    site = district.director.site().id
    principal = district.scoped(("school_leader", "site", site))
    small, middle, large, huge = (
        gift(subjects, site_id=site, amount_cents=cents) for cents in (100_000, 500_000, 2_000_000, 2_000_001))
    for one, signer in ((middle, "director"), (large, "superintendent"), (huge, "board")):
        refused(act(principal, "gifts", one, "accept"), signer)
    assert done(act(principal, "gifts", small, "accept"))["accepted_as"] == "principal"
    refused(act(district.director, "gifts", large, "accept"), "superintendent")
    ready = {one["action"]: one["missing"] for one in district.executive.get(
        f"/v1/gifts/{huge}/transitions").json["possible"]}
    assert ready["accept"] == ["board"]
    assert done(act(district.executive, "gifts", large, "accept"))["accepted_as"] == "superintendent"
    refused(act(district.executive, "gifts", huge, "accept"), "board")
    half = act(district.director, "gifts", huge, "accept", board_on=TODAY)
    assert (half.status, half.faults) == (422, {"/board_item": "not_allowed"}), half
    board = {"board_on": "2026-11-10", "board_item": "7.b"}
    for caller in (principal, district.coordinator):
        assert act(caller, "gifts", huge, "accept", **board).status == 409, "who says what the board decided"
    told_ = done(act(district.director, "gifts", huge, "accept", **board))
    assert (told_["accepted_as"], told_["accepted_on"], told_["board_item"]) == ("board", "2026-11-10", "7.b")
    unknown = gift(subjects, site_id=site, kind="space", amount_cents=None)
    refused(act(district.executive, "gifts", unknown, "accept"), "value")
    path = f"/v1/gifts/{small}"
    for change in ({"amount_cents": 10**9}, {"purpose": "Chairs"}, {"restricted_until": "2030-01-01"},
                   {"return_description": "A dinner", "return_cents": 10}, {"return_is_religious": True},
                   {"site_id": None}):
        answer = district.coordinator.patch(path, change, district.director.get(path).etag)
        assert answer.status == 409, "it was accepted as it stood"
    assert principal.patch(path, {"amount_cents": 1}, principal.get(path).etag).status == 409
    assert district.director.patch(path, {"amount_cents": 99_000}, district.director.get(path).etag).status == 200


@pytest.mark.shows("recognition.acceptance")
def test_of_a_partner_that_is_barred_no_gift_is_accepted_not_even_by_the_board(ours, subjects):
    one = gift(subjects)
    partner = told(ours.director, "gifts", one)["partner_id"]
    assert act(ours.director, "partners", partner, "bar", reason="A complaint.").status == 200
    for board in ({}, BOARD):
        refused(act(ours.director, "gifts", one, "accept", **board), "partner")


@pytest.mark.shows("recognition.once")
def test_of_many_at_once_one_accepts_receives_invests_and_acknowledges(ours, subjects):
    partnership = Ready(ours)
    one = gift(subjects, partner_id=partnership.partner, partnership_id=partnership.id)
    for verb in ("accept", "receive", "invest", "acknowledge"):
        body = BOARD if verb == "accept" else {}
        answers = at_once(8, lambda _, verb=verb, body=body: act(ours.director, "gifts", one, verb, **body).status)
        assert sorted(answers) == [200] + [409] * 7, verb
    entries = ours.viewer.get("/v1/investments", {"partnership_id": partnership.id}).json["data"]
    [entry] = [entry for entry in entries if entry["kind"] == "cash"]
    assert (entry["side"], entry["status"], entry["amount_cents"]) == ("partner", "delivered", 50000)
    assert told(ours.director, "gifts", one)["investment_id"] == entry["id"]
    assert len(ours.director.get("/v1/tax_documents", {"gift_id": one}).json["data"]) == 1
    assert len(ours.director.get("/v1/thank_yous", {"gift_id": one}).json["data"]) == 1


@pytest.mark.shows("recognition.imports")
def test_gifts_come_by_a_file_as_they_were_and_follow_a_partner_that_is_merged(ours, subjects):
    partnership = Ready(ours)
    names = [unique("P"), unique("Foundation")]
    partner = ours.admin.partner(name=names[0]).id
    ours.admin.created("donees", {"name": names[1], "kind": "foundation"})
    report = load(ours.admin, "gifts", "donee,partner,title,kind,amount_cents,offered_on,status,received_on\n"
                  f"{names[1]},{names[0]},Check,cash,30000,2025-03-01,received,2025-03-02\n"
                  f"{names[1]},{names[0]},Chairs,goods,,2025-03-01,offered,\n"
                  f"{names[1]},{names[0]},Nothing,cash,,2025-03-01,offered,\n")
    assert (report["created"], report["rejected"]) == (2, 1), rows(ours.admin, report)
    found = ours.director.get("/v1/gifts", {"partner_id": partner, "sort": "offered_on"}).json["data"]
    [check] = [one for one in found if one["kind"] == "cash"]
    assert (check["status"], check["received_on"], check["thanked"]) == ("received", "2025-03-02", None)
    assert ours.director.get("/v1/thank_yous", {"gift_id": check["id"]}).json["data"] == [], "nobody knows"
    one = gift(subjects, partner_id=partnership.partner, partnership_id=partnership.id)
    done(act(ours.director, "partners", partner, "merge", partner_ids=[partnership.partner]))
    shown = told(ours.director, "gifts", one)
    assert (shown["partner_id"], shown["archived_at"]) == (partner, None)


@pytest.mark.shows("recognition.investment")
def test_a_gift_of_a_partnership_becomes_an_investment_if_that_is_asked(ours, subjects):
    partnership = Ready(ours)
    alone = gift(subjects, "accept", "receive")
    refused(act(ours.director, "gifts", alone, "invest"), "partnership")
    goods = gift(subjects, "accept", partner_id=None, partnership_id=partnership.id, kind="goods", amount_cents=None)
    assert told(ours.director, "gifts", goods)["partner_id"] == partnership.partner
    refused(act(ours.director, "gifts", goods, "receive", invest=True), "value")
    path = f"/v1/gifts/{goods}"
    assert ours.director.patch(path, {"value_cents": 700}, ours.director.get(path).etag).status == 200
    got = done(act(ours.director, "gifts", goods, "receive", invest=True))
    entry = told(ours.viewer, "investments", got["investment_id"])
    assert (entry["kind"], entry["value_cents"], entry["from_date"]) == ("in_kind", 700, TODAY)
    assert entry["partner_id"] is None, "the partnership's own partner's"
    beside = ours.director.partner().id
    ours.director.created("partnership_partners", {"partnership_id": partnership.id, "partner_id": beside})
    other = gift(subjects, "accept", partner_id=beside, partnership_id=partnership.id)
    got = done(act(ours.director, "gifts", other, "receive", invest=True))
    assert told(ours.viewer, "investments", got["investment_id"])["partner_id"] == beside
    answer = ours.director.post("/v1/gifts", subjects.filled(
        {**APART["gifts"], "partnership_id": partnership.id}))
    assert (answer.status, answer.faults) == (422, {"/partnership_id": "not_allowed"}), answer


def test_each_says_what_its_status_allows_and_lists_are_files_too(ours, subjects):
    for plural, verbs in (("gifts", {"accept", "refuse", "withdraw"}), ("thank_yous", {"send", "give", "drop"}),
                          ("stories", {"submit"}), ("bulletins", {"schedule", "cancel"}),
                          ("tax_documents", {"send", "reissue"})):
        told_ = ours.director.get(f"/v1/{plural}/{subjects.fresh(plural).id}/transitions").json
        assert {one["action"] for one in told_["possible"]} == verbs, plural
    file = ours.director.get("/v1/gifts", {"thanked": "false"}, Accept="text/csv")
    assert file.status == 200 and b"unthanked_days" in file.reply.body.splitlines()[0]


# ---- Thanks --------------------------------------------------------------------------------------


@pytest.mark.shows("recognition.thank_yous", "recognition.unthanked", "recognition.tasks",
                   "administration.personal_mail_hours")
def test_each_gift_is_thanked_for_by_its_owner_in_the_donors_language(ours, subjects):
    donor = ours.director.created("contacts", {"name": "Ana <b>& 🎁", "email": "ana@example.org", "locale": "es"}).id
    one = gift(subjects, "accept", "receive", partner_id=None, contact_id=donor, title="Un piano")
    thanks = thanks_of(ours.director, one)
    assert (thanks["status"], thanks["locale"], thanks["owner_id"], thanks["due_on"]) == (
        "draft", "es", ours.users["admin"], "2026-12-05")
    assert "Ana <b>& 🎁" in thanks["text"] and "Un piano" in thanks["text"] and "Gracias" in thanks["subject"]
    waiting = ours.viewer.get("/v1/gifts", {"thanked": "false", "contact_id": donor}).json["data"]
    assert [(row["id"], row["unthanked_days"]) for row in waiting] == [(one, 0)]
    tasks = {task["subject_id"] for task in ours.admin.get("/v1/me/tasks").json["data"]
             if task["kind"] == "thank_you"}
    assert thanks["id"] in tasks
    sent = done(act(ours.director, "thank_yous", thanks["id"], "send"))
    assert (sent["status"], sent["way"], sent["given_on"]) == ("sent", "mail", TODAY)
    mail = told(ours.director, "messages", sent["message_id"])
    assert (mail["class"], mail["topic"], mail["status"], mail["locale"]) == ("program", "thank_yous", "queued", "es")
    assert mail["not_before"] == MONDAY, "it is Saturday"
    shown = told(ours.director, "gifts", one)
    assert (shown["thanked"], shown["unthanked_days"]) == (True, None)
    assert act(ours.director, "thank_yous", thanks["id"], "send").status == 409, "once"
    path = f"/v1/thank_yous/{thanks['id']}"
    assert ours.director.patch(path, {"text": "Other"}, ours.director.get(path).etag).status == 409
    assert ours.director.post("/v1/thank_yous", {"occasion": "gift", "gift_id": one}).status == 409, "one a gift"


def test_a_mail_that_does_not_go_leaves_the_thanks_to_be_said(ours, subjects, migrate):
    """Whoever declined such mail is thanked by hand; what the mailer gives up is a draft again."""
    donor = ours.director.created("contacts", {"name": "Bo"}).id
    one = gift(subjects, "accept", "receive", partner_id=None, contact_id=donor)
    thanks = thanks_of(ours.director, one)["id"]
    answer = act(ours.director, "thank_yous", thanks, "send")
    assert (answer.status, answer.json["state"]["reason"]) == (409, "no_email"), answer
    path = f"/v1/contacts/{donor}"
    ours.director.patch(path, {"email": "bo@example.org"}, ours.director.get(path).etag)
    done(act(ours.director, "thank_yous", thanks, "send"))
    with migrate.transaction():
        migrate.execute("SELECT kith_context(%s, '', '', %s, '')", (ours.id, f"{TODAY}T18:00:00Z"))
        migrate.execute("UPDATE message SET status = 'failed' WHERE subject_id = %s", (thanks,))
    shown = told(ours.director, "thank_yous", thanks)
    assert (shown["status"], shown["status_reason"], told(ours.director, "gifts", one)["thanked"]) == (
        "draft", "failed", False)
    given = done(act(ours.director, "thank_yous", thanks, "give", way="call", note="She was glad"))
    assert (given["status"], given["way"], given["note"]) == ("given", "call", "She was glad")
    assert told(ours.director, "gifts", one)["thanked"] is True
    nobody = made(subjects, "thank_yous").id
    refused(act(ours.director, "thank_yous", nobody, "send"), "contact")
    assert done(act(ours.director, "thank_yous", nobody, "drop", reason="No need"))["status"] == "dropped"
    assert done(act(ours.director, "thank_yous", nobody, "reopen"))["status"] == "draft"


@pytest.mark.shows("recognition.milestones", "recognition.years")
def test_milestones_and_years_are_thanked_for_once_and_by_the_districts_template(ours, subjects, migrate):
    ready = Ready(ours)
    ours.director.created("templates", {
        "kind": "thank_you", "name": "milestone", "subject": "{{milestone.name}}!",
        "text": "Dear {{contact.name}}: {{partner.name}} did it. {{me.name}}"})
    milestone = ready.made("milestones", name="100 readers", due_on="2027-01-31")
    early = ours.director.post("/v1/thank_yous", {"occasion": "milestone", "milestone_id": milestone})
    assert early.status == 409, early
    done(act(ours.director, "milestones", milestone, "reach"))
    [thanks] = ours.director.get("/v1/thank_yous", {"milestone_id": milestone}).json["data"]
    partner = told(ours.viewer, "partners", ready.partner)["name"]
    assert thanks["subject"] == "100 readers!"
    assert thanks["text"].startswith(f"Dear Ann: {partner} did it. ") and "{{" not in thanks["text"]
    assert (thanks["contact_id"], thanks["owner_id"]) == (ready.contact, ready.lead)
    done(act(ours.director, "milestones", milestone, "reopen"))
    done(act(ours.director, "milestones", milestone, "reach"))
    assert len(ours.director.get("/v1/thank_yous", {"milestone_id": milestone}).json["data"]) == 1
    migrate.execute("UPDATE partnership SET status = 'active', starts_on = '2061-07-01' WHERE id = %s", (ready.id,))
    migrate.commit()
    year = ours.director.created("school_years", {"school_year": 2062}).id
    done(act(ours.director, "school_years", year, "open"))
    for _ in range(2):
        done(act(ours.director, "school_years", year, "thank"))
    [thanks] = ours.director.get("/v1/thank_yous", {"partnership_id": ready.id, "occasion": "year"}).json["data"]
    assert (thanks["school_year"], thanks["status"]) == (2062, "draft")


# ---- Letters for taxes ---------------------------------------------------------------------------


def letter(caller, one):
    [found] = [d for d in caller.get("/v1/tax_documents", {"gift_id": one}).json["data"] if d["status"] != "replaced"]
    return found


@pytest.mark.shows("recognition.tax_letters", "recognition.quid_pro_quo")
@pytest.mark.parametrize("fields, verdict", (
    ({"amount_cents": 24_999}, "tax_amount"),
    ({"amount_cents": 25_000}, None),
    ({"kind": "goods", "amount_cents": None}, None),
    ({"kind": "goods", "amount_cents": None, "value_cents": 24_999}, "tax_amount"),
    ({"kind": "services", "amount_cents": None, "value_cents": 90_000}, "tax_kind"),
    ({"kind": "staff_time", "amount_cents": None}, "tax_kind"),
    ({"kind": "space", "amount_cents": None}, "tax_kind"),
    ({"amount_cents": 7_500, "return_description": "A dinner", "return_cents": 3_000}, "tax_amount"),
    ({"amount_cents": 7_501, "return_description": "A dinner", "return_cents": 3_000}, None),
    ({"amount_cents": 30_000, "return_description": "A dinner"}, "return_value"),
), ids=lambda value: "" if isinstance(value, str) or value is None else "-".join(map(str, value.values())))
def test_which_single_contributions_get_a_letter(ours, subjects, fields, verdict):
    one = gift(subjects, "accept", "receive", **fields)
    assert told(ours.director, "gifts", one)["tax_letter"] == ("none" if verdict in ("tax_amount", "tax_kind") else "due")
    waits = {(task["kind"], task["subject_id"]) for task in ours.reviewer.get("/v1/me/tasks").json["data"]}
    assert (("tax_letter", one) in waits) == (verdict not in ("tax_amount", "tax_kind"))
    answer = act(ours.reviewer, "gifts", one, "acknowledge")
    if verdict:
        refused(answer, verdict)
    else:
        assert (done(answer)["tax_letter"], answer.json["tax_document_id"]) == ("issued", letter(ours.director, one)["id"])


@pytest.mark.shows("recognition.letter_text", "recognition.reissue")
def test_a_letter_says_what_the_law_asks_and_never_changes(ours, subjects):
    donee = made(subjects, "donees", ein="987654321", signer="Ann Lee, Treasurer", street="1 Main St", city="Town").id
    donor = ours.director.created("contacts", {"name": "Zoë مرحبا", "email": "zoe@example.org"}).id
    body = {"donee_id": donee, "partner_id": None, "contact_id": donor}
    cash = gift(subjects, "accept", "receive", "acknowledge", amount_cents=123_456, **body)
    text = letter(ours.director, cash)["text"]
    name = told(ours.viewer, "donees", donee)["name"]
    for part in (name, "EIN 98-7654321", "1 Main St\nTown", "Zoë مرحبا", "November 21, 2026", "$1,234.56 in cash",
                 "provided no goods or services", "Ann Lee, Treasurer"):
        assert part in text, part
    goods = gift(subjects, "accept", "receive", "acknowledge", kind="goods", amount_cents=None, value_cents=999_99,
                 title="20 laptops", description="Used, <working>", return_description="A plaque", return_cents=2_500,
                 **body)
    text = letter(ours.director, goods)["text"]
    assert "20 laptops. Used, <working>" in text and "999" not in text, "a description without a value"
    assert "its value at $25.00" in text and "$0.00" not in text
    dinner = gift(subjects, "accept", "receive", "acknowledge", amount_cents=10_000, return_description="A dinner",
                  return_cents=4_000, **body)
    text = letter(ours.director, dinner)["text"]
    assert "provided: A dinner. In good faith we estimate its value at $40.00" in text and ": $60.00" in text
    path = f"/v1/gifts/{cash}"
    assert ours.director.patch(path, {"amount_cents": 654_321}, ours.director.get(path).etag).status == 200
    old = letter(ours.director, cash)
    assert "$1,234.56" in old["text"], "as it was issued"
    refused(act(ours.director, "gifts", cash, "acknowledge"), "letter")
    done(act(ours.director, "tax_documents", old["id"], "reissue", reason="The amount was wrong"))
    new = letter(ours.director, cash)
    assert "$6,543.21" in new["text"] and new["replaces_id"] == old["id"]
    numbers = [d["number"] for d in ours.director.get("/v1/tax_documents", {"donee_id": donee}).json["data"]]
    assert sorted(numbers) == [f"2026-000{n}" for n in range(1, 5)]
    sent = done(act(ours.reviewer, "tax_documents", new["id"], "send"))
    mail = told(ours.director, "messages", sent["message_id"])
    assert (mail["class"], mail["kind"], mail["status"]) == ("duty", "tax_document", "queued")
    assert mail["not_before"] == MONDAY
    assert act(ours.director, "tax_documents", new["id"], "send").status == 409, "once"
    document = ours.reviewer.get(f"/v1/tax_documents/{new['id']}/content")
    assert document.status == 200 and document.field("Content-Disposition").endswith("2026-0004.html")
    page = document.reply.body.decode()
    assert "$6,543.21" in page and "Zoë مرحبا" in page and "No. 2026-0004" in page and "no longer valid" not in page
    assert "no longer valid" in ours.reviewer.get(f"/v1/tax_documents/{old['id']}/content").reply.body.decode()
    taken = ours.admin.get("/v1/audit", {"aggregateid": new["id"], "action": "downloaded"}).json["data"]
    assert len(taken) == 1, "whoever takes one leaves a record"
    again = act(ours.director, "tax_documents", old["id"], "reissue", reason="Twice")
    assert again.status == 409, again


@pytest.mark.shows("recognition.summaries", "recognition.donee_number")
def test_each_donors_year_is_summed_up_once_for_review(ours, subjects, migrate):
    donee = made(subjects, "donees").id
    spanish = ours.director.created("contacts", {"name": "Luz", "locale": "es-MX"}).id
    both = {"donee_id": donee, "partner_id": None, "contact_id": spanish}
    gifts = [gift(subjects, "accept", "receive", **both, **fields) for fields in (
        {"amount_cents": 10_000}, {"amount_cents": 20_050}, {"kind": "space", "amount_cents": None, "title": "El salón"})]
    other = gift(subjects, "accept", "receive", donee_id=donee)
    migrate.execute("UPDATE gift SET received_on = '2025-05-05' WHERE id = ANY (%s)", ([*gifts, other],))
    migrate.commit()
    where = f"/v1/donees/{donee}"
    assert ours.director.patch(where, {"ein": None}, ours.director.get(where).etag).status == 200
    early = act(ours.director, "donees", donee, "summarize", year=2026)
    assert (early.status, early.faults) == (422, {"/year": "not_allowed"}), early
    for _ in range(2):
        done(act(ours.director, "donees", donee, "summarize", year=2025))
    documents = ours.director.get("/v1/tax_documents", {"donee_id": donee, "kind": "summary"}).json["data"]
    assert len(documents) == 2, "one a donor"
    [mine] = [d for d in documents if d["contact_id"] == spanish]
    assert (mine["status"], mine["number"], mine["total_cents"], mine["year"]) == ("draft", None, 30_050, 2025)
    for part in ("Luz", "5 de mayo de 2025: $100.00 en efectivo", "$200.50 en efectivo", "El salón"):
        assert part in mine["text"], part
    waits = {(task["kind"], task["subject_id"]) for task in ours.reviewer.get("/v1/me/tasks").json["data"]}
    assert ("tax_summary", mine["id"]) in waits
    refused(act(ours.director, "tax_documents", mine["id"], "issue"), "donee_ein")
    assert ours.director.patch(where, {"ein": "123456789"}, ours.director.get(where).etag).status == 200
    issued = done(act(ours.director, "tax_documents", mine["id"], "issue"))
    assert (issued["status"], issued["number"]) == ("issued", "2026-0001") and "EIN 12-3456789" in issued["text"]
    for where in documents:
        if where["id"] != mine["id"]:
            done(act(ours.director, "tax_documents", where["id"], "discard", reason="Written by hand"))
    migrate.execute("UPDATE gift SET received_on = '2024-05-05' WHERE id = %s", (gifts[0],))
    migrate.commit()
    done(act(ours.director, "donees", donee, "summarize", year=2025))
    assert told(ours.director, "tax_documents", mine["id"])["total_cents"] == 30_050, "what was issued stays"
    done(act(ours.director, "tax_documents", mine["id"], "reissue", reason="One was of another year"))
    [new] = ours.director.get("/v1/tax_documents", {"donee_id": donee, "status": "issued"}).json["data"]
    assert (new["total_cents"], new["number"], new["replaces_id"]) == (20_050, "2026-0002", mine["id"])


@pytest.mark.shows("recognition.january")
def test_in_january_the_worker_drafts_the_summaries_of_the_year_before(ours, subjects):
    donee = made(subjects, "donees").id
    gift(subjects, "accept", "receive", donee_id=donee)

    def turn(instant):
        with ours.api.database.connect("kith_checkin") as connection:
            return connection.execute("SELECT giving_summaries_make(%s, %s)", (ours.id, instant)).fetchone()[0]

    assert turn("2026-12-31T18:00:00Z") == 0 and turn("2027-02-01T18:00:00Z") == 0
    assert turn("2027-01-04T18:00:00Z") >= 1 and turn("2027-01-04T18:15:00Z") == 0
    [found] = ours.director.get("/v1/tax_documents", {"donee_id": donee}).json["data"]
    assert (found["kind"], found["year"], found["status"], found["version"]) == ("summary", 2026, "draft", 1)


# ---- Awards --------------------------------------------------------------------------------------


@pytest.mark.shows("recognition.awards", "recognition.years_of_service")
def test_years_of_service_are_counted_from_the_first_active_partnership(ours, subjects, migrate):
    ready = Ready(ours)
    early = ours.director.post("/v1/awards", {**APART["awards"], "partner_id": ready.partner, "kind": "service"})
    assert (early.status, early.faults) == (422, {"/given_on": "not_allowed"}), early
    migrate.execute("UPDATE partnership SET status = 'active', starts_on = '2016-11-21' WHERE id = %s", (ready.id,))
    migrate.commit()
    body = {"title": "Ten years", "school_year": 2027, "kind": "service"}
    ten = ours.director.created("awards", {**body, "partner_id": ready.partner}).json
    nine = ours.director.created("awards", {**body, "contact_id": ready.contact, "given_on": "2026-11-20"}).json
    assert (ten["years"], nine["years"]) == (10, 9)
    spanish = ours.director.created("awards", {**APART["awards"], "partner_id": ready.partner, "locale": "es",
                                              "title": "<Aliado>", "citation": "Por todo.\n\nGracias."})
    page = ours.viewer.get(f"/v1/awards/{spanish.id}/certificate").reply.body.decode()
    assert '<html lang="es" dir="ltr">' in page and "&lt;Aliado&gt;" in page and "21 de noviembre de 2026" in page
    served = {row["id"]: row for row in ours.viewer.get("/v1/years_of_service", {"at_least": 10}).json["data"]}
    assert (served[ready.partner]["years"], served[ready.partner]["awarded_years"]) == (10, 10)
    assert served[ready.contact]["awarded_years"] == 9, "ten years are due"
    assert ours.viewer.get("/v1/years_of_service", {"at_least": 0}).status == 400


@pytest.mark.shows("recognition.gift_review")
def test_a_gift_of_so_much_is_reviewed_before_it_is_accepted(limits):
    director, subjects = limits.director, Subjects(limits)
    rules = [limits.admin.created("review_rules", {"subject": "gift", **fields}) for fields in (
        {"step": "legal", "from_cents": 500_00, "due_days": 10}, {"step": "finance", "from_cents": 5_000_000_00})]
    small, large = (made(subjects, "gifts", kind="cash", amount_cents=cents).id for cents in (499_99, 500_00))

    def steps(one):
        return {row["kind"]: row for row in limits.viewer.get("/v1/gift_steps", {"gift_id": one}).json["data"]}

    def waits(who):
        return {(task["kind"], task["subject_id"], task["due_on"]) for task in who.get("/v1/me/tasks").json["data"]
                if task["kind"] in ("gift_step", "gift_acceptance")}

    legal = steps(large)["legal"]
    assert (steps(small), set(steps(large)), legal["due_on"]) == ({}, {"legal"}, "2026-12-01")
    assert waits(limits.reviewer) == {("gift_step", legal["id"], "2026-12-01")}
    signers = (director, limits.executive)
    assert not any(one == large for who in signers for _, one, _ in waits(who)), "it is reviewed first"
    for body in ({}, BOARD):
        answer = act(limits.executive, "gifts", large, "accept", **body)
        assert (answer.status, answer.json["state"]["missing"]) == (409, ["steps"]), answer
    path = f"/v1/gift_steps/{legal['id']}"
    assert limits.coordinator.archive(path, limits.coordinator.get(path).etag).status == 409
    assert act(limits.executive, "gift_steps", legal["id"], "approve").status == 409, "a reviewer does"
    decided = done(act(limits.reviewer, "gift_steps", legal["id"], "approve", comment="No strings"))
    assert (decided["status"], decided["comment"], decided["decided_by"]) == (
        "approved", "No strings", limits.users["reviewer"])
    assert waits(limits.reviewer) == set() and any(one == large for who in signers for _, one, _ in waits(who))
    assert done(act(limits.executive, "gifts", large, "accept", **BOARD))["status"] == "accepted"
    assert act(limits.reviewer, "gift_steps", legal["id"], "reject", reason="No").status == 409
    no = made(subjects, "gifts", kind="cash", amount_cents=500_00).id
    step = steps(no)["legal"]["id"]
    done(act(limits.reviewer, "gift_steps", step, "reject", reason="Strings"))
    assert act(limits.executive, "gifts", no, "accept", **BOARD).json["state"]["missing"] == ["steps"]
    done(act(director, "gifts", no, "refuse", reason="Strings"))
    done(act(director, "gifts", no, "reopen"))
    assert steps(no)["legal"]["status"] == "pending", "offered anew, it is reviewed anew"
    for rule in rules:
        limits.admin.archive(f"/v1/review_rules/{rule.id}", rule.etag)
