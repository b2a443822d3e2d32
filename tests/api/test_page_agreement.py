"""The page of an agreement that waits for acknowledgment, and the mail that asks for it."""

import hashlib

import pytest
from pages import Browser, make_link, state, values_of
from partnering import Ready, act_on, agreement, signed

TEXT = "1. We <agree>.\n\n2. On both sides."


class Waiting:
    """An agreement out for signature with a link to it, of a partnership's lead on the partner's side."""

    def __init__(self, tenant, out=True, **fields):
        self.tenant = tenant
        self.ready = Ready(tenant)
        self.id = agreement(tenant.director, title="Reading partners", kind="mou", **{"text": TEXT, **fields}).id
        self.ready.made("agreement_partnerships", agreement_id=self.id)
        if out:
            act_on(tenant.director, self.id, "submit", "approve")
        self.link = make_link(tenant, "agreement", self.id, contact_id=self.ready.contact)
        self.browser = Browser(tenant.api)

    def page(self):
        return self.browser.get(f"/r/{self.link}")

    def json(self):
        return self.tenant.director.get(f"/v1/agreements/{self.id}").json

    def mails(self):
        with self.tenant.api.database.connect("kith_migrate") as connection:
            return connection.execute(
                "SELECT status, reason, class, topic, contact_id::text, variables FROM message "
                "WHERE kind = 'agreement_acknowledgment' AND subject_id = %s ORDER BY created_at, id",
                (self.id,)).fetchall()


@pytest.fixture
def waiting(ours):
    return Waiting(ours)


def test_it_shows_the_text_and_is_acknowledged(waiting):
    page = waiting.page()
    assert page.heading == "Reading partners Memorandum of understanding"
    assert "1. We <agree>." in page.text and "This is no signature" in page.text
    assert "A partnership · A partner" in page.text and "January 1, 2020" in page.text
    page = waiting.browser.submit(page, "agreement_acknowledge", read="yes")
    assert page.notices() == ["Thank you. Your acknowledgment is kept.",
                              "Acknowledged by Ann on November 21, 2026, 9:00 a.m."]
    assert "agreement_acknowledge" not in page.buttons()
    told = waiting.json()
    assert told["partner_at"] and told["partner_by"] == waiting.ready.contact
    assert told["partner_recorded_by"] is None


def test_it_has_to_be_ticked(waiting, ours):
    before = state(ours)
    page = waiting.browser.submit(waiting.page(), "agreement_acknowledge")
    assert page.status == 422 and list(page.errors()) == ["read"]
    assert page.by_id("read").get("aria-invalid") == "true"
    assert state(ours) == before


def test_twice_is_once(waiting, ours):
    page = waiting.page()
    values = {**values_of(page.form("agreement_acknowledge")), "read": "yes", "do": "agreement_acknowledge"}
    assert waiting.browser.post(page.path, values).status == 303
    before = state(ours)
    assert waiting.browser.post(page.path, values).status == 303
    assert state(ours) == before


def test_a_text_that_changed_meanwhile_is_read_again(waiting, ours, migrate):
    page = waiting.page()
    migrate.execute("UPDATE agreement SET text = 'Another text' WHERE id = %s", (waiting.id,))
    again = waiting.browser.submit(page, "agreement_acknowledge", read="yes")
    assert again.status == 422 and "somebody changed it" in again.notices()[0]
    assert "Another text" in again.text and waiting.json()["partner_at"] is None
    waiting.browser.submit(again, "agreement_acknowledge", read="yes")
    assert waiting.json()["partner_at"]


@pytest.mark.parametrize("verb", ["return", "withdraw"])
def test_one_that_is_out_no_more_is_not_acknowledged(waiting, ours, verb):
    page = waiting.page()
    act_on(ours.director, waiting.id, verb, reason="Not yet.")
    before = state(ours)
    again = waiting.browser.submit(page, "agreement_acknowledge", read="yes")
    assert again.status == 409 and "not out for signature" in again.text
    assert "agreement_acknowledge" not in again.buttons()
    assert state(ours) == before


def test_one_in_force_can_be_acknowledged_late(waiting, ours):
    signed(ours.director, waiting.id)
    waiting.browser.submit(waiting.page(), "agreement_acknowledge", read="yes")
    assert waiting.json()["partner_at"]


def test_what_staff_was_told_is_shown(waiting, ours):
    act_on(ours.director, waiting.id, "acknowledge", on_behalf_of=waiting.ready.contact)
    page = waiting.page()
    assert "Acknowledged by Ann" in page.text and "A person of the district was told so." in page.text


def test_a_document_elsewhere_and_the_data_are_told(ours):
    waiting = Waiting(ours, document_url="https://docs.example/a.pdf", data_flows=True,
                      data_basis="study", data_purpose="To <learn>", data_destroy_by="2030-06-30")
    page = waiting.page()
    assert page.links()["Open the document"] == "https://docs.example/a.pdf"
    assert "For a study" in page.text and "June 30, 2030" in page.text and "To <learn>" in page.text


def test_it_speaks_spanish(waiting, migrate):
    migrate.execute("UPDATE contact SET locale = 'es' WHERE id = %s", (waiting.ready.contact,))
    page = waiting.page()
    assert page.heading == "Reading partners Memorando de entendimiento" and page.lang == "es"
    page = waiting.browser.submit(page, "agreement_acknowledge")
    assert page.errors()["read"].endswith("falta una respuesta")
    page = waiting.browser.submit(page, "agreement_acknowledge", read="yes")
    assert "21 de noviembre de 2026" in page.notices()[1]


# ---- The mail ------------------------------------------------------------------------------------


@pytest.fixture(scope="module", autouse=True)
def addresses(ours, database):
    """Contacts of Ready have none."""
    with database.connect("kith_migrate") as connection:
        connection.execute(
            "CREATE FUNCTION give_address() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "NEW.email := coalesce(NEW.email, NEW.id || '@example.org'); RETURN NEW; END $$")
        connection.execute("CREATE TRIGGER give_address BEFORE INSERT ON contact FOR EACH ROW "
                           "EXECUTE FUNCTION give_address()")


def test_out_for_signature_it_is_laid_before_the_partners_leads(waiting, ours):
    contact = waiting.ready.contact
    assert waiting.mails() == [("queued", None, "duty", "agreements", contact,
                                {"agreement": "Reading partners", "partnership": "A partnership"})]


def test_who_leads_two_of_its_partnerships_gets_one_mail(ours):
    waiting = Waiting(ours, out=False)
    second = Ready(ours)
    second.made("agreement_partnerships", agreement_id=waiting.id)
    second.made("partnership_roles", role="lead", contact_id=waiting.ready.contact)
    act_on(ours.director, waiting.id, "submit", "approve")
    assert sorted(mail[4] for mail in waiting.mails()) == sorted([waiting.ready.contact, second.contact])


def test_once_acknowledged_what_was_not_sent_need_not_go(waiting):
    waiting.browser.submit(waiting.page(), "agreement_acknowledge", read="yes")
    assert [mail[:2] for mail in waiting.mails()] == [("suppressed", "already_done")]


def test_returned_it_is_withdrawn_and_out_again_asked_again(waiting, ours):
    act_on(ours.director, waiting.id, "return", reason="Not yet.")
    assert [mail[:2] for mail in waiting.mails()] == [("suppressed", "cancelled")]
    act_on(ours.director, waiting.id, "revise", "submit", "approve")
    assert [mail[0] for mail in waiting.mails()] == ["suppressed", "queued"]


def test_what_is_acknowledged_already_is_not_asked_for(ours):
    waiting = Waiting(ours, out=False)
    act_on(ours.director, waiting.id, "acknowledge", on_behalf_of=waiting.ready.contact)
    act_on(ours.director, waiting.id, "submit", "approve")
    assert waiting.mails() == []


def test_signed_it_is_asked_for_no_more(waiting, ours):
    signed(ours.director, waiting.id)
    assert [mail[:2] for mail in waiting.mails()] == [("suppressed", "cancelled")]


# ---- Signing -------------------------------------------------------------------------------------

WHOLE = {"signer": "Ann Lee, President", "consent": "yes", "authority": "yes"}


def signatures(waiting):
    return waiting.tenant.viewer.get("/v1/agreement_signatures", {"agreement_id": waiting.id}).json["data"]


def copies(waiting):
    with waiting.tenant.api.database.connect("kith_migrate") as connection:
        return connection.execute(
            "SELECT m.contact_id::text, m.user_id::text FROM message m "
            "JOIN agreement_signature s ON s.id = m.subject_id "
            "WHERE m.kind = 'agreement_copy' AND s.agreement_id = %s", (waiting.id,)).fetchall()


@pytest.mark.shows("partnerships.partner_signs")
def test_a_partner_signs_by_typing_its_name(waiting, ours):
    page = waiting.page()
    for name, left in (("signer", {"signer": ""}), ("consent", {"consent": None}), ("authority", {"authority": None})):
        again = waiting.browser.submit(page, "agreement_sign", **{**WHOLE, **left})
        assert again.status == 422 and list(again.errors()) == [name], again
    assert signatures(waiting) == [] and again.value("signer") == WHOLE["signer"], "what was typed stays"
    page = waiting.browser.submit(again, "agreement_sign", **WHOLE)
    assert "Signed for the partner by Ann Lee, President on November 21, 2026" in page.text
    assert page.buttons() == []
    [kept] = signatures(waiting)
    assert (kept["side"], kept["method"], kept["signer"], kept["contact_id"], kept["user_id"]) == (
        "partner", "typed", WHOLE["signer"], waiting.ready.contact, None)
    assert kept["document_sha256"] == hashlib.sha256(TEXT.encode()).hexdigest()
    assert "electronically" in kept["consent"] and "may sign" in kept["consent"]
    told = waiting.json()
    assert (told["partner_signer"], told["status"]) == (WHOLE["signer"], "out_for_signature")
    assert told["partner_by"] == waiting.ready.contact, "and has acknowledged it"
    assert set(copies(waiting)) == {(waiting.ready.contact, None), (None, ours.users["coordinator"])}
    act_on(ours.director, waiting.id, "type_signature", signer="Dr. Who", consent=True, authority=True)
    assert waiting.json()["status"] == "in_force"
    assert len(copies(waiting)) == 2 + 3, "of the other signature too, also to whoever typed it"


@pytest.mark.shows("partnerships.partner_signs")
def test_a_signature_is_neither_replayed_nor_of_another_text(waiting, ours, migrate):
    page = waiting.page()
    values = {**values_of(page.form("agreement_sign")), **WHOLE, "do": "agreement_sign"}
    migrate.execute("UPDATE agreement SET text = 'We owe you a million' WHERE id = %s", (waiting.id,))
    assert waiting.browser.post(page.path, values).status == 422, "it was another text"
    assert Browser(ours.api).post(page.path, values).status == 403, "without the link"
    assert waiting.browser.post(page.path, {**values, "form_token": "x"}).status == 403
    assert signatures(waiting) == []
    page = waiting.browser.get(page.path)
    values = {**values_of(page.form("agreement_sign")), **WHOLE, "do": "agreement_sign"}
    assert waiting.browser.post(page.path, values).status == 303
    before = state(ours)
    assert waiting.browser.post(page.path, {**values, "signer": "Somebody else"}).status == 303
    assert state(ours) == before
    # Drafted anew, it is out once more: what was sent then is of another text.
    act_on(ours.director, waiting.id, "return", reason="Not yet.")
    act_on(ours.director, waiting.id, "revise")
    path = f"/v1/agreements/{waiting.id}"
    ours.director.patch(path, {"text": "Another one"}, ours.director.get(path).etag)
    act_on(ours.director, waiting.id, "submit", "approve")
    assert waiting.browser.post(page.path, values).status == 422
    assert waiting.json()["partner_signer"] is None


@pytest.mark.parametrize("case", ["left", "document", "user"])
def test_who_may_not_sign_sees_no_form_and_signs_nothing(ours, migrate, case):
    waiting = Waiting(ours, **({"text": None, "document_url": "https://docs.example/a.pdf"}
                               if case == "document" else {}))
    page = waiting.page()
    if case != "document":
        values = {**values_of(page.form("agreement_sign")), **WHOLE, "do": "agreement_sign"}
    if case == "left":
        waiting.ready.archive("partner")
    if case == "user":
        migrate.execute("UPDATE link SET contact_id = NULL, user_id = %s WHERE subject_id = %s",
                        (ours.users["director"], waiting.id))
        migrate.commit()
    again = waiting.browser.get(page.path)
    assert "agreement_sign" not in again.buttons()
    if case != "document":
        assert waiting.browser.post(page.path, values).status == 409
    assert signatures(waiting) == []


def test_the_form_to_sign_speaks_spanish(waiting, migrate):
    migrate.execute("UPDATE contact SET locale = 'es' WHERE id = %s", (waiting.ready.contact,))
    page = waiting.browser.submit(waiting.page(), "agreement_sign", signer="Ana", authority="yes")
    assert page.errors()["consent"].endswith("falta una respuesta")
    page = waiting.browser.submit(page, "agreement_sign", consent="yes")
    assert "Firmado en nombre del aliado por Ana el 21 de noviembre de 2026" in page.text


@pytest.mark.shows("partnerships.partner_signs", "partnerships.attachment_audit")
def test_a_file_is_taken_by_the_link_and_signed_as_it_is(ours, migrate):
    bytes_of_file = b"%PDF-1.7\n" + b"x" * 300_000 + b"\n%%EOF\n"
    file = ours.director.call("POST", "/v1/attachments?name=Reading%20%26%20more.pdf", bytes_of_file,
                              Content_Type="application/pdf").id
    waiting = Waiting(ours, text=None, attachment_id=file)
    page = waiting.page()
    where = page.links()["Open the document: Reading & more.pdf"]
    got = waiting.browser.ask("GET", where)
    assert (got.status, got.field("Content-Type")) == (200, "application/pdf")
    assert got.body.encode() == bytes_of_file and "Reading%20%26%20more.pdf" in got.field("Content-Disposition")
    assert migrate.execute("SELECT count(*) FROM audit WHERE aggregateid = %s AND action = 'downloaded'",
                           (file,)).fetchone() == (1,)
    assert Browser(ours.api).ask("GET", where).status == 404, "without the link"
    waiting.browser.submit(page, "agreement_sign", **WHOLE)
    [kept] = signatures(waiting)
    assert (kept["attachment_id"], kept["document_sha256"]) == (file, hashlib.sha256(bytes_of_file).hexdigest())
    other = Waiting(ours)
    assert other.browser.get(other.page().path + "/document").status == 404, "it has no file"
