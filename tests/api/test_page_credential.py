"""Papers of a partner: asked for by mail, sent by its link with a file, and looked at by the district."""

import pytest
from administering import owns
from needing import did
from pages import Browser, make_link, signed_in, state, values_of
from partnering import Ready

from world import uuid7

PDF = b"%PDF-1.7\r\n--x\r\n%%EOF\n" + b"0123456789abcdef" * 20000  # of three pieces


def multipart(values, name, content, boundary="----kith"):
    """What a browser sends of a form with a file."""
    parts = [f'Content-Disposition: form-data; name="{key}"\r\n\r\n{value}'.encode() for key, value in values.items()]
    if name is not None:
        parts.append(f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n'
                     f'Content-Type: application/octet-stream\r\n\r\n'.encode() + content)
    return b"".join(b"--" + boundary.encode() + b"\r\n" + part + b"\r\n" for part in parts) + f"--{boundary}--\r\n".encode()


class Asked:
    """A partner that lacks its form W-9, and the link of its lead."""

    def __init__(self, tenant):
        self.tenant, self.ready = tenant, Ready(tenant)
        path = f"/v1/contacts/{self.ready.contact}"
        tenant.director.patch(path, {"email": f"{uuid7()}@example.org"}, tenant.director.get(path).etag)
        self.partner = self.ready.partner
        self.link = make_link(tenant, "credential", self.partner, contact_id=self.ready.contact)
        self.browser = Browser(tenant.api)

    def become(self, migrate, contact):
        """From now on the tenant's user of the role partner is that contact, and its browser is signed in."""
        migrate.execute("UPDATE app_user SET contact_id = %s WHERE id = %s", (contact, self.tenant.users["partner"]))
        self.browser = signed_in(self.tenant, "partner")

    def page(self):
        return self.browser.get(f"/r/{self.link}")

    def send(self, page=None, name="w-9 & co.pdf", content=PDF, **changes):
        page = page or self.page()
        form = page.form("credential_send")
        values = {n: v for n, v in values_of(form).items() if n != "file"} | {"do": "credential_send", **changes}
        assert form.get("enctype") == "multipart/form-data"
        return self.browser.ask("POST", form.get("action"), multipart(values, name, content),
                                Content_Type="multipart/form-data; boundary=----kith")

    def papers(self):
        return self.tenant.director.get("/v1/credentials", {"partner_id": self.partner}).json["data"]


@pytest.fixture(scope="module")
def asked(ours):
    return Asked(ours)


def tasks(caller):
    return {(t["kind"], t["subject_id"]) for t in caller.get("/v1/me/tasks").json["data"]}


@pytest.mark.shows("registry.credential_link")
def test_a_partner_sends_a_paper_by_link_and_the_district_looks_at_it(ours):
    asked = Asked(ours)
    before = state(ours)
    page = asked.page()
    assert state(ours) == before, "to look changes nothing"
    assert page.heading == "Papers A partner" and "Nothing yet." in page.text
    sent = asked.send(page, kind="w9", expires_on="2027-11-21")
    assert (sent.status, sent.field("Location")) == (303, f"{page.path}?said=credential_send"), sent
    assert asked.send(page, kind="w9", expires_on="2027-11-21").status == 303, "twice is once"
    one, = asked.papers()
    assert (one["kind"], one["status"], one["expires_on"], one["submitted_contact_id"]) == (
        "w9", "submitted", "2027-11-21", asked.ready.contact)
    file, = ours.director.get("/v1/attachments", {"subject_id": one["id"]}).json["data"]
    assert (file["name"], file["media_type"], file["bytes"], file["uploaded_contact_id"], file["uploaded_by"]) == (
        "w-9 & co.pdf", "application/pdf", len(PDF), asked.ready.contact, None)
    got = ours.director.get(f"/v1/attachments/{file['id']}/content")
    assert got.reply.body == PDF
    assert ("credential_review", one["id"]) in tasks(ours.reviewer)
    assert did(ours.reviewer, "credentials", one["id"], "verify")["status"] == "verified"
    assert ("credential_review", one["id"]) not in tasks(ours.reviewer)
    assert "Form W-9 good · through November 21, 2027" in asked.page().text


@pytest.mark.shows("registry.credential_link")
def test_what_is_no_paper_comes_back_with_what_was_typed(asked, ours):
    page = asked.page()
    before = state(ours)
    for fields, faults in (({"name": None}, ["file"]), ({"name": "x.pdf", "content": b""}, ["file"]),
                           ({"name": "x.pdf", "content": b"MZ\x90\0"}, ["file"]),
                           ({"name": "x.txt", "content": b"text"}, ["file"]),
                           ({"name": "x.pdf", "content": b"%PDF-" + b"0" * (5 << 20)}, ["file"]),
                           ({"expires_on": "soon"}, ["expires_on"]), ({"expires_on": "2026-11-20"}, ["expires_on"]),
                           ({"kind": "other"}, ["label"]), ({"kind": "x", "name": None}, ["kind", "file"])):
        wrong = asked.send(page, **{"label": "Kept" if fields.get("kind") != "other" else "", **fields})
        assert wrong.status == 422 and list(wrong.errors()) == faults, (fields, wrong)
        assert fields.get("kind") == "other" or wrong.value("label") == "Kept"
    assert {k: v for k, v in state(ours).items() if k != "attachment_piece"} == {
        k: v for k, v in before.items() if k != "attachment_piece"}


def test_a_form_of_another_page_and_what_is_no_form_are_refused(asked):
    page = asked.page()
    path = page.form("credential_send").get("action")
    assert asked.send(page, form_token="x").status == 403
    assert asked.send(page, do="ask_pledge").status == 400
    assert asked.send(page, more="1").status == 400
    values = {n: v for n, v in values_of(page.form("credential_send")).items() if n != "file"} | {"do": "credential_send"}
    assert asked.browser.post(path, values).status == 415
    for body in (b"", b"----kith\r\n", multipart(values, "a", b"b").replace(b"----kith--", b"----kith")):
        assert asked.browser.ask("POST", path, body,
                                 Content_Type="multipart/form-data; boundary=----kith").status == 400
    assert asked.browser.post(page.path, values).status == 400, "without a file"


@pytest.mark.shows("registry.credential_request")
def test_a_partner_is_asked_for_what_its_partnerships_lack(ours):
    asked = Asked(ours)
    path = f"/v1/partners/{asked.partner}/ask_credentials"
    assert ours.coordinator.post(path, {}).status == 409, "nothing is lacking"
    for _ in range(2):
        assert ours.coordinator.post(path, {"kinds": ["license", "w9"]}).status == 200
    mail, = ours.director.get("/v1/messages", {"subject_id": asked.partner}).json["data"]
    assert (mail["kind"], mail["class"], mail["contact_id"], mail["variables"]["kinds"]) == (
        "credential_request", "duty", asked.ready.contact, [{"code": "license"}, {"code": "w9"}])
    page = asked.page()
    asked.ready.archive("partner")
    assert asked.send(page).status == 409 and asked.papers() == []
    assert asked.page().buttons() == []
    assert ours.coordinator.post(path, {"kinds": ["w9"]}).status == 409, "nobody is left to write to"


@pytest.mark.shows("registry.own_pages", "registry.credential_own")
def test_who_is_signed_in_sends_papers_from_its_organizations_page(ours, migrate):
    asked, stranger = Asked(ours), Asked(ours)
    owns(ours, asked.partner, "partner")
    ours.director.created("required_credentials", {"kind": "license", "arrangement": "research"})
    asked.ready.change("partnerships", arrangement="research")
    asked.become(migrate, asked.ready.contact)
    shown = asked.browser.get("/organization")
    assert "Needed now: License" in shown.text
    page = asked.browser.get(shown.links()["Papers of A partner"])
    assert page.path == f"/papers/{asked.partner}" and page.value("kind") == "license" and page.buttons() == ["credential_send"]
    assert list(asked.send(page, content=b"MZ").errors()) == ["file"], "the same checks"
    assert asked.send(page, form_token="x").status == 403
    sent = asked.send(page, expires_on="2027-11-21")
    assert (sent.status, sent.field("Location")) == (303, f"{page.path}?said=credential_send"), sent
    one, = asked.papers()
    assert (one["kind"], one["status"], one["submitted_contact_id"]) == ("license", "submitted", asked.ready.contact)
    file, = ours.director.get("/v1/attachments", {"subject_id": one["id"]}).json["data"]
    assert ours.director.get(f"/v1/attachments/{file['id']}/content").reply.body == PDF
    assert "Needed now" not in asked.browser.get("/organization").text
    assert asked.browser.get(f"/papers/{stranger.partner}").status == 404, "another organization's"
    assert asked.send(page.__class__(page.path.replace(asked.partner, stranger.partner), 200, page.fields,
                                     page.body.replace(asked.partner, stranger.partner).encode())).status == 404
    assert signed_in(ours).get(page.path).status == 404, "staff has the API"
    page = asked.browser.get(page.path)
    asked.become(migrate, stranger.ready.contact)
    assert asked.browser.get(page.path).buttons() == [], "somebody else speaks for it"
    asked.become(migrate, None)
    assert stranger.papers() == []


def test_it_speaks_spanish(asked, migrate):
    migrate.execute("UPDATE contact SET locale = 'es' WHERE id = %s", (asked.ready.contact,))
    page = asked.page()
    assert page.lang == "es" and "Documentos" in page.heading
