"""The other story that make demo tells: what becomes of a letter to the district. An inquiry is vetted and becomes a
partner, a call to action finds it, and what it pledges becomes a partnership that is signed and active, meets, gives, is thanked,
reviewed and renewed."""

from client import Client
from stage import Browser, link_in, verify

ORGANIZATION = "Bronx Reuse Works"
WRITER = "Marisol Vega"
ADDRESS = "marisol.vega@example.org"
LAPTOPS = 40


class Chain:
    """Steps of tell's Story, which brings make(), act(), say(), the people and the world."""

    def inquiry_becomes_a_partner(self):
        """Anybody may write; an office that checks them, and who cares for them, is the district's."""
        told = Client(self.url).post("/v1/public_inquiries", {
            "district": self.slug, "organization": ORGANIZATION, "name": WRITER, "email": ADDRESS,
            "message": "We repair laptops of companies. Who needs them?", "kind": "nonprofit",
            "offer_kind": "equipment"})
        verify(told["answer_by"], "who writes is told by when to hear from us")
        self.world.settle()  # mails go before what they announce is over
        inquiry = next(i for i in self.director.all("inquiries", source="public")
                       if i["organization"] == ORGANIZATION)
        path = f"/v1/inquiries/{inquiry['id']}"
        self.act(f"{path}/assign", owner_id=self.person_id("coordinator@example.org"))
        self.act(f"{path}/answer", answer="Thank you. A school will be glad of them.")
        done = self.act(f"{path}/convert", offer_name="Repaired laptops", quantity=LAPTOPS, unit="laptops")
        self.donor, self.writer = done["partner_id"], done["contact_id"]
        for verb in ("contact", "vet"):
            self.act(f"/v1/partners/{self.donor}/{verb}")
        self.make("credentials", partner_id=self.donor, kind="liability_insurance", expires_on="2027-12-31")
        stage = self.act(f"/v1/partners/{self.donor}/approve")["stage"]
        verify(stage == "approved", f"the partner is approved: {stage}")
        self.say(f"{ORGANIZATION} wrote, was vetted, and is a partner with an offer of {LAPTOPS} laptops")

    def call_finds_it(self):
        """Needs of two schools that are open at once, and who could meet them."""
        area = next(a for a in self.director.all("focus_areas") if a["name"] == "Technology access")
        self.call = self.make(
            "calls_to_action", title="Laptops before the winter break", quantity=LAPTOPS, unit="laptops",
            situation="The carts of two schools were stolen.", focus_area_id=area["id"],
            resource_kinds=["equipment"], deadline="2027-01-15")
        path = f"/v1/calls_to_action/{self.call['id']}"
        self.act(f"{path}/open")
        schools = sorted(self.director.all("sites"), key=lambda s: s["local_id"] or "")[:2]
        for school in schools:
            self.act(f"{path}/allocate", site_id=school["id"], quantity=LAPTOPS // 2)
        self.needs = sorted(self.director.all("needs", call_to_action_id=self.call["id"]),
                            key=lambda need: need["site_id"])
        verify({need["status"] for need in self.needs} == {"open"}, f"its needs are open at once: {self.needs}")
        for need in self.needs:
            found = self.director.get(f"/v1/needs/{need['id']}/matches")["matches"]
            verify(any(m["partner_id"] == self.donor for m in found), f"the partner could meet it: {found[:2]}")
        self.say(f"a call to action for {len(schools)} schools is open, and the partner is among its matches")

    def pledge_becomes_a_partnership(self):
        for need in self.needs:
            ask = self.make("asks", need_id=need["id"], partner_id=self.donor, contact_id=self.writer,
                            quantity=need["quantity"], message="Would you?")
            for verb in ("submit", "clear", "send"):
                self.act(f"/v1/asks/{ask['id']}/{verb}")
            self.world.settle()
            self.act(f"/v1/asks/{ask['id']}/pledge", quantity=need["quantity"], starts_on="2026-12-01")
            pledge = self.director.all("pledges", ask_id=ask["id"])[0]
            self.act(f"/v1/pledges/{pledge['id']}/accept")
        one = self.act(f"/v1/pledges/{pledge['id']}/convert", name="Laptops that work again",
                       arrangement="program", lead_user_id=self.person_id("coordinator@example.org"))
        self.laptops = one["partnership_id"]
        needs = self.director.all("needs", call_to_action_id=self.call["id"])
        verify({need["status"] for need in needs} == {"matched"}, f"the needs are matched: {needs}")
        self.say("both schools' needs are pledged, and the pledge is a partnership")

    def it_is_signed_and_active(self):
        """As its gate says what is missing, step by step."""
        path = f"/v1/partnerships/{self.laptops}"
        self.change(path, tier="partner", vision="No student is without a computer.",
                    expectations="They work for two years.", processes="One list, one delivery a month.",
                    desired_outcomes="Homework is done at home.")
        goal = self.make("goals", partnership_id=self.laptops, statement="All carts are full", due_on="2027-06-30")
        for one in (path, f"/v1/goals/{goal['id']}"):
            self.act(f"{one}/acknowledge")
            self.act(f"{one}/acknowledge", on_behalf_of=self.writer)
        for verb in ("align", "agree"):
            self.act(f"{path}/{verb}")
        missing = next(t["missing"] for t in self.director.get(f"{path}/transitions")["possible"]
                       if t["action"] == "activate")
        verify("agreement" in missing, f"the gate asks for an agreement: {missing}")
        self.contract = self.make("agreements", kind="mou", title="Laptops: memorandum of understanding",
                                  text="We repair them, you use them.", effective_on="2026-11-01",
                                  expires_on="2027-06-30")
        self.make("agreement_partnerships", partnership_id=self.laptops, agreement_id=self.contract["id"])
        self.make("agreement_items", agreement_id=self.contract["id"], name="Who repairs and who delivers", position=1,
                  status="finalized")
        of_it = f"/v1/agreements/{self.contract['id']}"
        self.act(f"{of_it}/submit")
        self.director.review(self.contract["id"], self.director)
        self.world.settle()
        for side, signer in (("district", "Dana Whitfield, Director"), ("partner", WRITER)):
            self.director.sign(self.contract["id"], side, signer)
        verify(self.act(f"{path}/activate")["status"] == "active", "it is active")
        for pledge in self.director.all("pledges", partner_id=self.donor):
            self.act(f"/v1/pledges/{pledge['id']}/deliver")
        closed = self.act(f"/v1/calls_to_action/{self.call['id']}/close", resolution="All carts are full again.")
        verify(closed["status"] == "closed", "the call is closed")
        report = self.director.get(f"/v1/calls_to_action/{self.call['id']}/report")
        self.say(f"it is signed and active, the laptops are there, and the call is closed: {report['delivered']} of "
                 f"{report['quantity']} delivered")

    # ---- What comes of it ----------------------------------------------------------------------------

    def convening_meets(self):
        """All hands at the school: the agenda fills itself, the partner answers by link, a decision is written back."""
        partnership = self.director.get(f"/v1/partnerships/{self.laptops}")
        meeting = self.make("convenings", school_year=2027, site_id=partnership["lead_site_id"], kind="middle",
                            title="All hands before the break", starts_at="2026-12-15T20:00:00Z",
                            ends_at="2026-12-15T21:30:00Z", location="Library")
        path = f"/v1/convenings/{meeting['id']}"
        self.act(f"{path}/invite")
        self.world.settle()
        page = self.open_mail(ADDRESS, "All hands before the break")
        form = page.form("^answer$")
        form.fill("^answer$", "accepted")
        self.browser.send(page, form, "convening_answer")
        self.world.go_on_to("2026-12-16T14:00:00Z")
        invitees = self.director.all("convening_invitees", convening_id=meeting["id"])
        came = [one["id"] for one in invitees if one["status"] == "accepted"]
        verify(len(came) == 1, f"the partner has accepted by link: {invitees}")
        self.act(f"{path}/hold")
        self.act(f"{path}/attend", present=came)
        self.make("convening_decisions", convening_id=meeting["id"], kind="action", partnership_id=self.laptops,
                  decision="Collect the old chargers", due_on="2027-01-29")
        self.act(f"{path}/apply")
        self.change(path, notes="Two carts are full, and the repair club has begun.")
        closed = self.act(f"{path}/close")["status"]
        verify(closed == "closed", f"the convening is closed: {closed}")
        actions = self.director.all("action_items", partnership_id=self.laptops)
        verify([one["description"] for one in actions] == ["Collect the old chargers"], f"it is an action: {actions}")
        self.say(f"a convening is held: {len(invitees)} invited, the partner came, and what was decided is an action")

    def gift_is_thanked(self):
        """A check, accepted by whoever may, received, thanked for by mail, and acknowledged for taxes."""
        donee = self.make("donees", name="Bronx Schools Foundation", kind="foundation", ein="123456789")
        gift = self.make("gifts", donee_id=donee["id"], partner_id=self.donor, contact_id=self.writer,
                         partnership_id=self.laptops, title="For the repair club", kind="cash", amount_cents=50000)
        path = f"/v1/gifts/{gift['id']}"
        self.act(f"{path}/accept")
        self.act(f"{path}/receive")
        thanks = self.director.all("thank_yous", gift_id=gift["id"])
        verify(len(thanks) == 1, f"it is to be thanked for, once: {thanks}")
        self.act(f"/v1/thank_yous/{thanks[0]['id']}/send")
        self.world.settle()
        verify(self.world.mail_to(ADDRESS, thanks[0]["subject"]), "the thanks have gone")
        letter = self.act(f"{path}/acknowledge")
        verify(letter["tax_document_id"], f"a single gift of $250 or more has its letter: {letter}")
        self.say("a gift of $500 is accepted, received, thanked for, and acknowledged for taxes")

    def it_is_reviewed_and_renewed(self):
        """The evidence gathers itself; the campaign drafts the next agreement."""
        review = self.make("partnership_reviews", partnership_id=self.laptops, school_year=2027,
                           due_on="2027-02-26")
        path = f"/v1/partnership_reviews/{review['id']}"
        evidence = self.act(f"{path}/draft")["evidence"]
        self.change(path, quality=4, sustainability=3, findings="What was promised is there.")
        self.act(f"{path}/decide", decision="renew")
        self.act(f"{path}/approve")
        campaign = self.make("renewal_campaigns", name="June 2027", expires_from="2027-06-01",
                             expires_until="2027-06-30")
        self.act(f"/v1/renewal_campaigns/{campaign['id']}/select")
        chosen = next(one for one in self.director.all("renewals", renewal_campaign_id=campaign["id"])
                      if one["agreement_id"] == self.contract["id"])
        verify(chosen["suggestion"] == "renew", f"the review speaks for it: {chosen}")
        self.act(f"/v1/renewals/{chosen['id']}/decide", decision="renew")
        told = self.act(f"/v1/renewals/{chosen['id']}/prefill")
        verify(told["successor_status"] == "draft", f"the next agreement is drafted: {told}")
        self.act(f"/v1/partnerships/{self.laptops}/renew")
        self.say(f"the partnership is reviewed ({evidence['open_actions']} open action in the evidence), and its next "
                 "agreement is drafted")

    def open_mail(self, address, what):
        """The page that the mail's link opens; the browser stays for what is sent."""
        self.browser = Browser(self.url)
        return self.browser.open(link_in(self.world.mail_to(address, what)))
