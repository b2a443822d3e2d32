"""Files that are kept with whatever they belong to."""

import hashlib
import os

import pytest
from api_world import ROLES, Tenant, running_api
from partnering import agreement
from permissions import PERMISSIONS
from test_api_life_cycles import plural_of

from world import uuid7

PDF = b"%PDF-1.7\n\x01\x02 rest\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
PIECE = 128 << 10
MOST = 4 * PIECE


def attach(caller, body=PDF, said="application/pdf", name="a.pdf", **query):
    asked = "&".join(f"{k}={v}" for k, v in {"name": name, **query}.items())
    return caller.call("POST", f"/v1/attachments?{asked}", body, Content_Type=said)


def content(caller, one):
    return caller.get(f"/v1/attachments/{one}/content")


@pytest.mark.shows("partnerships.attachments")
@pytest.mark.parametrize("size", (0, 1, PIECE - len(PDF), PIECE - len(PDF) + 1, 3 * PIECE))
def test_a_file_comes_back_as_it_was_sent(ours, size):
    body = PDF + os.urandom(size)
    one = agreement(ours.director).id
    made = attach(ours.director, body, name="El%20a%C3%B1o.pdf", subject_kind="agreement", subject_id=one)
    assert made.status == 201, made
    assert made.field("Location") == f"/v1/attachments/{made.id}"
    assert (made.json["bytes"], made.json["sha256"]) == (len(body), hashlib.sha256(body).hexdigest())
    assert (made.json["media_type"], made.json["uploaded_by"]) == ("application/pdf", ours.users["director"])
    got = content(ours.data_steward, made.id)
    assert (got.status, got.reply.body, got.field("Content-Type")) == (200, body, "application/pdf")
    assert got.field("Content-Disposition") == "attachment; filename*=UTF-8''El%20a%C3%B1o.pdf"
    assert got.field("X-Content-Type-Options") == "nosniff"
    [listed] = ours.viewer.get("/v1/attachments", {"subject_id": one}).json["data"]
    assert listed["id"] == made.id
    assert content(ours.viewer, made.id).status == 403


@pytest.mark.shows("partnerships.attachments_private")
def test_a_file_of_nothing_yet_is_its_senders_and_those_who_run_the_program(ours):
    made = attach(ours.coordinator).id
    for caller, wanted in ((ours.coordinator, 200), (ours.director, 200), (ours.admin, 200), (ours.school_leader, 404),
                           (ours.viewer, 404), (ours.executive, 404)):
        assert caller.get(f"/v1/attachments/{made}").status == wanted, caller.role
        listed = {one["id"] for one in caller.get("/v1/attachments", {"limit": 200}).json["data"]}
        assert (made in listed) == (wanted == 200), caller.role
    assert content(ours.school_leader, made).status == 404
    partner = ours.director.partner().id
    path = f"/v1/attachments/{made}"
    put = ours.coordinator.patch(path, {"subject_kind": "partner", "subject_id": partner}, ours.coordinator.get(path).etag)
    assert put.status == 200 and ours.viewer.get(path).status == 200, "it belongs to something now"


@pytest.mark.shows("partnerships.attachments_private")
def test_a_file_is_as_private_as_what_it_belongs_to(ours):
    contact = ours.director.created("contacts", {"name": "A champion"}).id
    champion = ours.director.created("champions", {"contact_id": contact, "milestone": "A new library"}).id
    step = ours.director.created("champion_steps", {"champion_id": champion, "on_date": "2026-12-01",
                                                    "kind": "meeting"}).id
    partner = ours.director.partner().id
    form = ours.director.created("credentials", {"partner_id": partner, "kind": "w9"}).id
    other = ours.director.created("contacts", {"name": "Another"}).id
    owned = ours.director.created("champions", {"contact_id": other, "milestone": "A gym",
                                                "owner_id": ours.users["coordinator"]}).id
    files = {kind: attach(ours.director, subject_kind=kind, subject_id=one).id
             for kind, one in (("champion", champion), ("champion_step", step), ("credential", form))}
    mine = attach(ours.coordinator, subject_kind="champion", subject_id=owned).id
    for reader, seen in ((ours.director, {*files, "owned"}), (ours.coordinator, {"credential", "owned"}),
                         (ours.school_leader, set()), (ours.data_steward, set())):
        for kind, one in {**files, "owned": mine}.items():
            wanted = 200 if kind in seen else 404
            assert reader.get(f"/v1/attachments/{one}").status == wanted, (reader.role, kind)
            assert content(reader, one).status == wanted, (reader.role, kind)
    listed = {one["id"] for one in ours.viewer.get("/v1/attachments", {"limit": 200}).json["data"]}
    assert not listed & {*files.values(), mine}


@pytest.mark.shows("partnerships.attachments_private")
def test_a_file_is_read_by_who_reads_its_subject(ours):
    partner = ours.director.partner().id
    hold = ours.director.created("legal_holds", {"partner_id": partner, "matter": "A suit", "reason": "To keep"}).id
    inquiry = ours.director.created("inquiries", {"organization": "O", "name": "N", "email": "n@example.org",
                                                  "message": "Hello"}).id
    for kind, one, readers in (("legal_hold", hold, {"admin", "director", "reviewer"}),
                               ("inquiry", inquiry, set(ROLES) - {"viewer"})):
        file = attach(ours.director, subject_kind=kind, subject_id=one).id
        for role in ROLES:
            caller = getattr(ours, role)
            wanted = 200 if role in readers else 404
            assert caller.get(f"/v1/attachments/{file}").status == wanted, (role, kind)
            assert content(caller, file).status == (403 if role == "viewer" else wanted), (role, kind)
            listed = caller.get("/v1/attachments", {"subject_id": one}).json["data"]
            assert len(listed) == (role in readers), (role, kind)
    refused = attach(ours.data_steward, subject_kind="legal_hold", subject_id=hold)
    assert (refused.status, refused.faults) == (422, {"/subject_id": "not_allowed"}), refused


def test_the_readers_of_files_are_those_of_their_subjects(database):
    with database.connect("postgres") as connection:
        kinds = {kind for (kind,) in connection.execute("SELECT attachment_kinds()").fetchall()}
        told = dict(connection.execute("SELECT kind, roles FROM attachment_readers()").fetchall())
    everybody = PERMISSIONS["GET /v1/attachments/{id}"]
    told = {kind: everybody if roles == "*" else frozenset(roles.split(",")) for kind, roles in told.items()}
    assert told.pop("credential") < PERMISSIONS["GET /v1/credentials/{id}"]
    assert told == {kind: PERMISSIONS[f"GET /v1/{plural_of(kind)}/{{id}}"] for kind in kinds - {"credential"}}


@pytest.mark.shows("partnerships.attachment_types")
@pytest.mark.parametrize("body, said, found", (
    (PDF, "application/octet-stream", "application/pdf"),
    (PNG, "image/png", "image/png"),
    (b"name,kind\r\n", "text/csv", "text/csv"),
    (b"name,kind\r\n", "application/octet-stream", "text/plain"),
    (PNG, "application/pdf", None),
    (PDF, "image/png", None),
    (b"MZ\x90\x00", "application/octet-stream", None),
    (b"<script>", "text/html", None),
    (b"text\x00", "text/plain", None),
    (b"", "text/plain", None),
    (b"", "application/octet-stream", None),
))  # fmt: skip
def test_what_a_file_is_its_bytes_say(ours, body, said, found):
    answer = attach(ours.director, body, said)
    if found:
        assert (answer.status, answer.json["media_type"]) == (201, found), answer
    else:
        assert answer.status == 415, answer


def test_a_file_at_the_limit_is_taken_and_one_past_it_is_413(database):
    with running_api(database, KITH_API_CHILDREN=1, KITH_ATTACHMENT_BYTES=MOST) as api:
        tenant = Tenant(api, database)
        caller = tenant.director
        body = PDF + b"x" * (MOST - len(PDF))
        kept = attach(caller, body)
        assert kept.status == 201
        refused = attach(caller, body + b"x")
        assert (refused.status, refused.type) == (413, "body_too_large"), refused
        with database.connect("kith_migrate") as connection:
            lost = ("SELECT count(*) FROM attachment_piece p WHERE p.district_id = %s AND NOT EXISTS "
                    "(SELECT FROM attachment a WHERE a.id = p.attachment_id)")
            of = (tenant.id,)
            assert connection.execute(lost, of).fetchone()[0] >= 1, "waits to be swept away"
            connection.execute("UPDATE attachment_piece SET stored_at = stored_at - interval '2 hours' "
                               "WHERE district_id = %s", of)
            connection.execute("SELECT attachment_sweep()")
            assert connection.execute(lost, of).fetchone()[0] == 0
            assert content(caller, kept.id).reply.body == body


@pytest.mark.shows("partnerships.attachment_audit")
def test_whoever_takes_a_file_is_recorded(ours):
    made = attach(ours.director, subject_kind="partner", subject_id=ours.director.partner().id)
    assert content(ours.reviewer, made.id).status == 200
    taken = ours.admin.get("/v1/audit", {"aggregateid": made.id, "action": "downloaded"}).json["data"]
    assert [row["actor"] for row in taken] == [ours.users["reviewer"]]


def test_a_file_belongs_to_what_is_there_and_may_be_written(ours, theirs):
    site, other = ours.director.site().id, ours.director.site().id
    leader = ours.scoped(("school_leader", "site", site))
    assert attach(leader, subject_kind="site", subject_id=site).status == 201
    assert attach(leader, subject_kind="site", subject_id=other).status == 403
    for kind, one in (("site", uuid7()), ("site", theirs.director.site().id)):
        answer = attach(ours.director, subject_kind=kind, subject_id=one)
        assert (answer.status, answer.faults) == (422, {"/subject_id": "not_allowed"}), answer
    for kind in ("app_user", "audit", "nothing", "attachment"):
        answer = attach(ours.director, subject_kind=kind, subject_id=site)
        assert (answer.status, answer.faults) == (422, {"/subject_kind": "not_allowed"}), answer
    for query in ({"subject_kind": "site"}, {"subject_id": site}, {"nam": "x"}, {"subject_id": "x"}):
        assert attach(ours.director, **query).status == 400


def test_what_is_attached_is_moved_by_who_may_write_both(ours):
    site, other = ours.director.site().id, ours.director.site().id
    leader = ours.scoped(("school_leader", "site", site))
    made = attach(ours.director, subject_kind="site", subject_id=other)
    path = f"/v1/attachments/{made.id}"
    assert leader.patch(path, {"subject_id": site}, made.etag).status == 403
    assert leader.archive(path, made.etag).status == 403
    moved = ours.director.patch(path, {"subject_id": site, "name": "b.pdf"}, made.etag)
    assert (moved.json["subject_id"], moved.json["name"]) == (site, "b.pdf"), moved
    assert leader.archive(path, leader.get(path).etag).status == 204


def test_the_same_file_under_a_key_is_taken_once(ours):
    def send(body):
        return ours.director.call("POST", "/v1/attachments?name=a.pdf", body,
                                  Content_Type="application/pdf", Idempotency_Key=key)

    key = str(uuid7())
    first, again = send(PDF), send(PDF)
    assert (first.status, again.status, again.json) == (201, 201, first.json)
    assert again.field("Idempotent-Replayed") == "true"
    assert send(PDF + b"x").status == 422


def test_an_unknown_one_has_no_content(ours, theirs):
    assert content(ours.director, uuid7()).status == 404
    assert content(ours.director, attach(theirs.director).id).status == 404
    assert ours.director.get(f"/v1/attachments/{attach(ours.director).id}/content", {"x": "1"}).status == 400
