"""What people of the demo district made up besides: gifts and thanks, stories, awards, a bulletin, money from
elsewhere, training, coaching, examples."""

from maker import Maker

DONEE = "Demo Schools Fund"
GIFTS = (  # title, kind, cents, received so many days ago (None: it is only offered), thanked
    ("For the robotics team", "cash", 250000, 48, True), ("Forty winter coats", "goods", 120000, 41, True),
    ("A hall for the science fair", "space", None, 34, True), ("For books in three languages", "cash", 40000, 27, False),
    ("A piano", "goods", 85000, 20, False), ("Two days of a carpenter", "services", None, 13, False),
    ("For a trip to the harbor", "cash", 150000, None, False))
STORIES = (
    ("A team that builds its own robot", "Every Tuesday twelve of them stay until six. In the spring the robot drove by "
     "itself, and the whole school came to see it.", "published"),
    ("Breakfast before the first bell", "Volunteers of our partner open the kitchen at seven. Since then more of us are "
     "there when school begins.", "published"),
    ("Mural on the north wall", "Families, artists and the class of next year painted it together in one weekend.", "review"))
NEEDS = (  # of things, so that nobody's work has to be asked about; the public reads of them
    ("Warm coats in children's sizes", "Family stability", "equipment", 120, "coats",
     "New or as good as new, before the cold weeks. Two schools hand them out, and nobody has to ask for one."),
    ("Books in three languages", "Literacy", "equipment", 300, "books",
     "For the shelves of eight classrooms: picture books and first chapter books, in English and two more languages."),
    ("A hall for the spring concert", "Arts", "space", 1, "evening",
     "For three hundred people, with a stage, on one evening in spring."))
EXAMPLES = (
    ("A walk to school together", "Neighbors walk with twenty children on two routes.", "A route a week, then two.", True),
    ("One page for each partner", "The office keeps one page a partner: who, what, when.", "A shared folder is enough.",
     True),
    ("Lunch with an engineer", "Once a month somebody from a firm eats with ten students.", None, False))


class Recognition(Maker):
    # ---- Gifts, thanks, awards -------------------------------------------------------------------

    def gifts(self):
        donee = self.made("donees", "name", name=DONEE, kind="foundation", ein="000000001",
                          signer="Dana Whitfield, Director")
        for number, (title, kind, cents, days, is_thanked) in enumerate(GIFTS):
            of = self.partnerships[number]
            gift = self.made(
                "gifts", "title donee_id", title=title, donee_id=donee["id"], kind=kind, partner_id=of["partner_id"],
                partnership_id=of["id"], contact_id=self.leads[of["id"]], offered_on=self.day(-60),
                amount_cents=cents if kind == "cash" else None, value_cents=cents if kind == "goods" else None,
                description=None if kind == "cash" else title)
            if days is None:
                continue
            gift = self.moved("gifts", gift, ("offered", "accept", {}),
                              ("accepted", "receive", {"on_date": self.day(-days)}))
            for thanks in self.client.all("thank_yous", gift_id=gift["id"]) if is_thanked else ():
                self.moved("thank_yous", thanks, ("draft", "give", {"way": "call", "on_date": self.day(7 - days)}))
            if is_thanked and kind == "cash" and gift["tax_document_id"] is None:
                self.write(f"/v1/gifts/{gift['id']}/acknowledge", {})

    def awards(self):
        for number, (kind, title) in enumerate((("award", "Partner of the year"), ("certificate", "Thank you for a year"),
                                                ("certificate", "Thank you for a year"))):
            of = self.partnerships[number]
            self.made("awards", "title partner_id", kind=kind, title=title, partner_id=of["partner_id"],
                      school_year=self.year, given_on=self.day(-10), citation="For all that it did with our schools.")

    # ---- Stories, a bulletin ---------------------------------------------------------------------

    def stories(self):
        for number, (title, text, becomes) in enumerate(STORIES):
            of = self.partnerships[number]
            story = self.made("stories", "title", title=title, text=text, site_id=of["lead_site_id"],
                              shows_people=False)
            subject = self.made("story_subjects", "story_id partnership_id", story_id=story["id"],
                                partnership_id=of["id"])
            if subject["consent_on"] is None:
                self.write(f"/v1/story_subjects/{subject['id']}/consent", {"contact_id": self.leads[of["id"]]})
            steps = [("draft", "submit", {"no_student_name": True})]
            if becomes == "published":
                steps += [("review", "approve", {"no_student_name": True}), ("approved", "publish", {})]
            self.moved("stories", story, *steps)

    def needs(self):
        for number, (title, area, kind, quantity, unit, text) in enumerate(NEEDS):
            need = self.made("needs", "title", title=title, description=text, focus_area_id=self.areas[area],
                             site_id=self.sites[number]["id"], resource_kinds=[kind], quantity=quantity, unit=unit,
                             needed_by=self.day(60), is_public=True)
            self.moved("needs", need, ("draft", "submit", {}),
                       ("capacity_review", "review", {"internal_capacity": "none", "reason": "The district has none."}),
                       ("capacity_review", "open", {}))

    def bulletin(self):
        """A draft: nobody gets it until somebody schedules it."""
        segment = self.made("saved_filters", "name", name="All contacts", resource="contacts", criteria=[], is_shared=True)
        self.made("bulletins", "name", name="What our schools need this winter", saved_filter_id=segment["id"], texts=[
            {"locale": "en", "subject": "What our schools need this winter", "introduction": "Can you help with one of these?"},
            {"locale": "es", "subject": "Lo que necesitan nuestras escuelas este invierno",
             "introduction": "¿Puede ayudarnos con algo de esto?"}])

    # ---- Money from elsewhere, training, coaching, examples ----------------------------------------

    def funding(self):
        first, last = f"{self.year - 1}-07-01", f"{self.year + 1}-06-30"
        for number, (name, cents, outcome) in enumerate((
                ("Out-of-school time grant", 9000000, "award"), ("Science in the neighborhood", 3000000, "decline"),
                ("Healthy mornings", 4500000, None))):
            of = self.partnerships[number]
            opportunity = self.made("funding_opportunities", "name", name=name, funder="A made-up foundation",
                                    kind="foundation", due_on=self.day(45), most_cents=cents)
            one = self.made("funding_applications", "title", title=f"{name}: our application", partner_id=of["partner_id"],
                            funding_opportunity_id=opportunity["id"], requested_cents=cents, due_on=self.day(45),
                            owner_id=self.users["deputy@example.org"], purpose=of["purpose"])
            self.made("funding_applicants", "funding_application_id partner_id", funding_application_id=one["id"],
                      partner_id=self.partnerships[number + 3]["partner_id"], share_cents=cents // 3)
            if outcome is None:
                continue
            one = self.moved("funding_applications", one, ("planned", "begin", {}),
                             ("drafting", "submit", {"on_date": self.day(-40)}))
            if outcome == "decline":
                self.moved("funding_applications", one, ("submitted", "decline", {"reason": "There were too many."}))
                continue
            self.moved("funding_applications", one, ("submitted", "award", {
                "awarded_cents": cents, "from_date": first, "until_date": last, "award_number": "DEMO-1"}))
            for each in (of, self.partnerships[number + 3]):
                self.made("funding_partnerships", "funding_application_id partnership_id", partnership_id=each["id"],
                          funding_application_id=one["id"], share_cents=cents // 3)

    def training(self):
        contacts = sorted(set(self.leads.values()))
        for title, audience, days, seats in (("Working with partners", "staff", -24, 30),
                                             ("How a school day runs", "partners", -17, 20),
                                             ("Families in the lead", "all", 33, 40)):
            one = self.made("trainings", "title", title=title, audience=audience, on_date=self.day(days), hours="3.00",
                            seats=seats, owner_id=self.users["deputy@example.org"])
            status = "attended" if days < 0 else "registered"
            people = [{"user_id": self.users[email]} for email in sorted(self.users)[:5]] if audience == "staff" else [
                {"contact_id": contact} for contact in contacts[:4]]
            for person in people:
                self.made("training_seats", "training_id " + " ".join(person), training_id=one["id"], **person,
                          status=status)

    def coaching(self):
        leaders = [(self.users[email], email) for email in sorted(self.users) if email.startswith("leader.")]
        for number, ((user, _), site) in enumerate(zip(leaders[:5], self.sites)):
            self.made("coachings", "user_id school_year", user_id=user, site_id=site["id"], school_year=self.year,
                      coach_id=self.users["deputy@example.org"], on_date=self.day(-30 + number),
                      sourcing=1 + number % 4, tracking=2 + number % 3, communication=3, evaluation=1 + (number + 1) % 4,
                      next_steps="Write down who the partners are, and call two of them.")

    def examples(self):
        for number, (title, what, how, is_shared) in enumerate(EXAMPLES):
            of = self.partnerships[number]
            one = self.made("examples", "title", title=title, what=what, how=how, site_id=of["lead_site_id"],
                            partnership_id=of["id"])
            if is_shared:
                self.moved("examples", one, ("draft", "share", {}))
                for site in [site for site in self.sites if site["id"] != of["lead_site_id"]][number:number + 2]:
                    self.made("example_copies", "example_id site_id", example_id=one["id"], site_id=site["id"])


def tell(demo, users):
    before, there = demo.changed, Recognition(demo, users)
    for step in (there.gifts, there.awards, there.stories, there.needs, there.bulletin, there.funding, there.training,
                 there.coaching, there.examples):
        step()
    if demo.changed > before:
        demo.say(f"gifts, thanks, stories, awards, needs, funding, training, coaching, examples: {demo.changed - before} steps")
