"""What belongs to partnerships, calendars and accounts, as files."""

import pytest
from importing import counts, faults, load, revert, rows, send, unique
from partnering import signed_file


@pytest.fixture
def joined(ours):
    """A partner, a school, a contact and a user, and a partnership of theirs by its name."""
    admin = ours.admin

    class Joined:
        partner = admin.partner(name=unique("Partner")).json
        site = admin.site(name=unique("School"), local_id=unique("L")).json
        contact = admin.created("contacts", {
            "name": unique("Ann"), "email": unique("ann").replace(" ", "-") + "@example.org"}).json
        user = admin.get(f"/v1/users/{ours.users['coordinator']}").json
        partnership = admin.created("partnerships", {
            "name": unique("Together"), "partner_id": partner["id"], "arrangement": "program"}).json

    return Joined


FILES = {
    "partnerships": "name,partner,arrangement,lead_site,purpose\n{new},{partner},service,{site},Why\n",
    "partnership_sites": "partnership,site,from_date\n{partnership},{site},2026-09-01\n",
    "partnership_roles": "partnership,role,user,contact\n{partnership},lead,{user},\n"
                         "{partnership},lead,,{contact}\n{partnership},sponsor,{user},\n",
    "goals": "partnership,statement,due_on,target,baseline\n{partnership},All read,2027-06-30,90,80\n"
             "{partnership},All write,2027-06-30,,\n",
    "agreements": "title,kind,effective_on,text\n{new},mou,2026-09-01,We agree.\n",
    "investments": "partnership,side,kind,status,amount_cents,from_date,until_date,site,purpose\n"
                   "{partnership},partner,cash,delivered,100000,2026-09-01,2026-09-30,{site},Books\n"
                   "{partnership},partner,cash,pledged,100000,2026-09-01,2026-09-30,,Books\n"
                   "{partnership},partner,cash,,100000,2026-09-01,2026-09-30,,\n",
    "site_quarters": "school_year,number,site,starts_on,ends_on\n2061,1,{site},2060-07-15,2060-10-01\n",
    "closed_days": "starts_on,ends_on,reason,site\n2031-11-26,2031-11-27,Holiday,\n"
                   "2031-11-26,,Heating,{site}\n",
    "users": "email,name\n{address},Somebody\n",
}


def text_of(kind, joined):
    return FILES[kind].format(
        new=unique("New"), address=unique("u").replace(" ", "-") + "@example.org",
        partner=joined.partner["name"], site=joined.site["local_id"], contact=joined.contact["email"],
        user=joined.user["email"], partnership=joined.partnership["name"].upper())


@pytest.mark.parametrize("kind", FILES)
def test_each_kind_is_loaded_found_again_and_taken_back(ours, joined, kind):
    file = text_of(kind, joined)
    report = load(ours.admin, kind, file)
    assert report["created"] == report["rows_read"] > 0, rows(ours.admin, report)
    made = {row["id"] for row in rows(ours.admin, report)}
    again = load(ours.admin, kind, file)
    assert again["unchanged"] == again["rows_read"]
    assert {row["id"] for row in rows(ours.admin, again)} == made
    assert revert(ours.admin, report)["reverted"] == len(made)
    for one in made:
        assert ours.admin.get(f"/v1/{kind}/{one}").status == 404
    assert load(ours.admin, kind, file)["created"] == len(made)


def test_an_agreement_covers_partnerships_by_its_title(ours, joined):
    title = unique("Master")
    load(ours.admin, "agreements", f"title,kind\n{title},master\n")
    file = f"agreement,partnership\n{title},{joined.partnership['name']}\n"
    assert counts(load(ours.admin, "agreement_partnerships", file)) == (1, 0, 0, 0)
    assert counts(load(ours.admin, "agreement_partnerships", file)) == (0, 0, 1, 0)


def test_people_are_named_by_their_addresses(ours, joined):
    file = f"name,kind,owner\n{joined.partner['name']},nonprofit,{joined.user['email']}\n"
    assert counts(load(ours.director, "partners", file)) == (0, 1, 0, 0)
    assert ours.viewer.get(f"/v1/partners/{joined.partner['id']}").json["owner_id"] == joined.user["id"]
    file = f"partnership,role,user\n{joined.partnership['name']},lead,nobody@example.org\n"
    report = load(ours.director, "partnership_roles", file)
    assert faults(ours.director, report) == {2: [("user", "unknown_id")]}


def test_a_role_is_somebodys_of_one_side(ours, joined):
    head = f"partnership,role,user,contact\n{joined.partnership['name']},lead,"
    report = load(ours.director, "partnership_roles", head + ",\n")
    assert counts(report) == (0, 0, 0, 1)
    report = load(ours.director, "partnership_roles",
                  head + f"{joined.user['email']},{joined.contact['email']}\n")
    assert counts(report) == (0, 0, 0, 1)


def test_a_file_says_a_status_of_what_it_makes_and_actions_change_it(ours, joined):
    name = unique("Running")
    head = "name,partner,arrangement,status,gate_due\n"
    line = f"{name},{joined.partner['name']},service,"
    report = load(ours.director, "partnerships", head + line + "active,\n" + line.replace(
        name, unique("Paused")) + "paused,2027-06-30\n")
    assert faults(ours.director, report) == {
        2: [("gate_due", "not_allowed")], 3: [("status", "not_allowed")]}
    file = head + line + "active,2027-06-30\n"
    report = load(ours.director, "partnerships", file)
    assert counts(report) == (1, 0, 0, 0)
    path = f"/v1/partnerships/{rows(ours.director, report)[0]['id']}"
    assert ours.director.get(path).json["status"] == "active"
    assert counts(load(ours.director, "partnerships", file)) == (0, 0, 1, 0)
    assert ours.director.post(path + "/pause", {"reason": "Summer"}).status == 200
    report = load(ours.director, "partnerships", file)
    assert faults(ours.director, report) == {2: [("status", "not_allowed")]}
    assert counts(load(ours.director, "partnerships", head + line + ",2027-06-30\n")) == (0, 0, 1, 0)


@pytest.mark.shows("partnerships.ended_import")
def test_a_file_brings_what_ended_with_its_day(ours, joined):
    head, end = "name,partner,arrangement,status,starts_on,ended_on\n", f",{joined.partner['name']},service,"
    report = load(ours.director, "partnerships", head + "".join(f"{unique('Past')}{end}{rest}\n" for rest in (
        "ended,2024-09-01,", "ended,2024-09-01,2099-06-30", "exploring,2024-09-01,2025-06-30")))
    assert faults(ours.director, report) == {line: [("ended_on", "not_allowed")] for line in (2, 3, 4)}
    report = load(ours.director, "partnerships", f"{head}{unique('Past')}{end}ended,2024-09-01,2025-06-30\n")
    one = ours.director.get(f"/v1/partnerships/{rows(ours.director, report)[0]['id']}").json
    assert (one["status"], one["ended_on"], one["activated_at"]) == ("ended", "2025-06-30", None)


def test_an_investment_was_delivered_or_is_pledged(ours, joined):
    head = "partnership,side,kind,amount_cents,from_date,until_date,status\n"
    line = f"{joined.partnership['name']},district,staff_fte,5000,2026-09-01,2026-12-31,"
    report = load(ours.director, "investments", head + line + "pledged\n")
    one = rows(ours.director, report)[0]["id"]
    report = load(ours.director, "investments", head + line + "delivered\n")
    assert faults(ours.director, report) == {2: [("status", "not_allowed")]}
    assert ours.director.post(f"/v1/investments/{one}/deliver", {}).status == 200
    assert counts(load(ours.director, "investments", head + line + "delivered\n")) == (0, 0, 1, 0)
    beside = ours.director.partner(name=unique("Beside"))
    ours.director.created("partnership_partners", {
        "partnership_id": joined.partnership["id"], "partner_id": beside.id})
    head, line = head.replace("status", "partner"), line + beside.json["name"] + "\n"
    for told in ((1, 0, 0, 0), (0, 0, 1, 0)):
        assert counts(load(ours.director, "investments", head + line)) == told, "a co-partner's is another"


def test_what_an_action_has_settled_a_file_does_not_change(ours):
    title = unique("Signed")
    file = f"title,kind,effective_on,text\n{title},mou,2026-01-01,We agree.\n"
    one = rows(ours.director, load(ours.director, "agreements", file))[0]["id"]
    for verb, body in (("submit", {}), ("approve", {}), *(
            ("sign", {"side": side, "signer": "Dr. Who", "attachment_id": signed_file(ours.director, one)}) for side in ("district", "partner"))):
        assert ours.director.post(f"/v1/agreements/{one}/{verb}", body).status == 200
    assert counts(load(ours.director, "agreements", file)) == (0, 0, 1, 0)
    report = load(ours.director, "agreements", file.replace("We agree", "We do not agree"))
    assert faults(ours.director, report) == {2: [(None, "conflict")]}
    assert "amendment" in rows(ours.director, report)[0]["errors"][0]["detail"]


def test_accounts_are_an_administrators_to_load(ours):
    file = "email,name,locale\n" + unique("new").replace(" ", "-") + "@example.org,A New One,es\n"
    assert send(ours.director, "users", file).status == 403
    report = load(ours.admin, "users", file)
    assert counts(report) == (1, 0, 0, 0)
    made = ours.admin.get(f"/v1/users/{rows(ours.admin, report)[0]['id']}").json
    assert (made["locale"], made["status"], made["has_password"]) == ("es", "active", False)
    assert ours.director.post(f"/v1/imports/{report['id']}/revert", {}).status == 403


# ---- Agreements with their documents -------------------------------------------------------------


def sent_file(caller, name):
    return caller.call("POST", f"/v1/attachments?name={name}", b"%PDF-1.7\n%%EOF\n",
                       Content_Type="application/pdf").id


@pytest.mark.shows("partnerships.import_files", "partnerships.checklist_upgrade")
def test_agreements_come_with_their_documents_and_every_row_is_accounted_for(ours, joined):
    names = [unique("mou").replace(" ", "-") + ".pdf" for _ in range(4)]
    files = [sent_file(ours.director, name) for name in (*names[:2], names[2], names[2])]
    titles = [unique("Title") for _ in range(7)]
    head = ("title,kind,status,effective_on,attachment,district_signed_on,district_signer,partner_signed_on,"
            "partner_signer\n")
    signed = "2026-08-20,Dr. Who,2026-08-21,\"Ann Lee, CEO\"\n"
    file = head + "".join((
        f"{titles[0]},mou,in_force,2026-09-01,{names[0].upper()},{signed}",
        f"{titles[1]},mou,draft,,{names[1]},,,,\n",
        f"{titles[2]},mou,in_force,2026-09-01,{names[2]},{signed}",  # two files are called so
        f"{titles[3]},mou,in_force,2026-09-01,{names[3]},{signed}",  # none is
        f"{titles[4]},mou,in_force,,{names[1]},{signed}",
        f"{titles[5]},mou,in_force,2026-09-01,,{signed}",
        f"{titles[6]},mou,expired,2020-09-01,{names[1]},{signed}"))
    wrong = {4: [("attachment", "ambiguous")], 5: [("attachment", "unknown_id")],
             6: [("effective_on", "not_allowed")], 7: [("attachment", "not_allowed")],
             8: [("status", "not_allowed")]}
    for how in ({"dry_run": "true"}, {}):
        report = load(ours.director, "agreements", file, **how)
        assert counts(report) == (2, 0, 0, 5), report
        assert faults(ours.director, report) == wrong
        belongs = [ours.director.get(f"/v1/attachments/{one}").json["subject_id"] for one in files[:2]]
        assert (belongs == [None, None]) == bool(how)
    made = [row["id"] for row in rows(ours.director, report, outcome="created")]
    assert belongs == made
    first = ours.viewer.get(f"/v1/agreements/{made[0]}", {"expand": "attachment"}).json
    assert (first["status"], first["is_valid"], first["attachment_id"]) == ("in_force", True, files[0])
    items = ours.viewer.get("/v1/agreement_items", {"agreement_id": made[0]}).json["data"]
    assert [(item["status"], item["note"]) for item in items] == [("finalized", "Signed before it had a checklist.")] * 30
    assert (first["partner_signer"], first["partner_signed_on"]) == ("Ann Lee, CEO", "2026-08-21")
    kept = ours.viewer.get("/v1/agreement_signatures", {"agreement_id": made[0]}).json["data"]
    assert {(row["side"], row["method"], row["signer"], row["signed_on"], row["attachment_id"]) for row in kept} == {
        ("district", "imported", "Dr. Who", "2026-08-20", files[0]),
        ("partner", "imported", "Ann Lee, CEO", "2026-08-21", files[0])}, "as the file says, and no more than that"
    assert first["attachment"]["name"] == names[0]
    assert ours.viewer.call("GET", f"/v1/attachments/{files[0]}/content").status in (200, 403)
    assert counts(load(ours.director, "agreements", file)) == (0, 0, 2, 5)
    taken = ours.director.post("/v1/agreements", {"title": "X", "kind": "mou", "attachment_id": files[0]})
    assert taken.status in (409, 422), "a document is of one agreement"
    assert revert(ours.director, report)["reverted"] == 2
    assert ours.director.get(f"/v1/attachments/{files[0]}").json["subject_id"] is None
    assert counts(load(ours.director, "agreements", file)) == (2, 0, 0, 5)


@pytest.mark.shows("partnerships.amendments")
def test_an_amendment_by_a_file_covers_what_its_agreement_covers(ours, joined):
    base, late, title = unique("Base"), unique("Late"), unique("Longer")
    head = "title,kind,effective_on,text\n"
    for one in (base, late):
        made = rows(ours.director, load(ours.director, "agreements", head + f"{one},mou,2026-01-01,We agree.\n"))[0]["id"]
        if one == base:
            ours.director.created("agreement_partnerships", {"agreement_id": made, "partnership_id": joined.partnership["id"]})
    report = load(ours.director, "agreements", "title,kind,effective_on,text,amends\n" + "".join(
        f"{title} {one},amendment,2026-02-01,Longer.,{one}\n" for one in (base, late)))
    assert counts(report) == (2, 0, 0, 0), rows(ours.director, report)
    first, second = (row["id"] for row in rows(ours.director, report))

    def covered(one):
        return [row["partnership_id"] for row in ours.viewer.get("/v1/agreement_partnerships", {"agreement_id": one}).json["data"]]

    assert (covered(first), covered(second)) == ([joined.partnership["id"]], [])
    links = load(ours.director, "agreement_partnerships", f"agreement,partnership\n{late},{joined.partnership['name']}\n")
    assert counts(links) == (1, 0, 0, 0), rows(ours.director, links)
    assert covered(second) == [joined.partnership["id"]], "it comes with the agreement's own"
    assert revert(ours.director, links)["reverted"] == 1 and covered(second) == []
    assert revert(ours.director, report)["reverted"] == 2
