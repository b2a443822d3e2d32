"""What the office of the demo district keeps besides, made up: who is invited and comes, who leaves, what somebody complained about,
what it asks of its own, who has a word about a gift, how a grant is paid, and that the year has begun."""

from maker import Maker

ANSWERS = ("accepted", "accepted", "declined", "tentative", None)
COMPLAINTS = (  # what, who says so, on which day, what came of it
    ("The vans of a program stand in the fire lane at dismissal.", "A neighbor", -34, "They park on the east side now, and a sign says so."),
    ("Three sessions were cancelled on the same morning, and nobody told the families.", "The family association", -6, None))
FIELDS = (  # subject, code, name, type, choices, help
    ("partner", "languages", "Languages spoken", "text", None, "Of those who come into schools, as they name them."),
    ("partner", "background_checks_by", "Who pays for clearances", "choice", ["the partner", "the district"], None),
    ("site", "has_stage", "Has a stage", "yes_no", None, "One on which forty people can stand."))
LANGUAGES = ("Spanish, English", "English, Bengali", "English, Haitian Creole", "Spanish, Garifuna, English", "Arabic, English")


class Office(Maker):
    def invited(self):
        """To the next ones: those whom each is for, of whom some have answered."""
        coming = sorted((row for row in self.client.all("convenings") if row["status"] in ("planned", "invited") and row["site_id"] and row["capacity"]
                         and row["starts_at"] > self.day(1)), key=lambda row: (row["starts_at"], row["title"]))[:4]
        for row in coming:
            self.moved("convenings", row, ("planned", "invite", {}))
            invitees = sorted(self.client.all("convening_invitees", convening_id=row["id"]), key=lambda one: one["id"])
            for number, one in enumerate(invitees):
                answer = ANSWERS[number % len(ANSWERS)]
                if answer and one["status"] == "invited":
                    self.write(f"/v1/convening_invitees/{one['id']}/answer", {"answer": answer})

    def leaving(self):
        """Who goes in spring: a deputy, whose work has somebody already, and a contact."""
        self.made("departures", "user_id", self.demo.admin, user_id=self.users["deputy@example.org"], on_date=self.day(88),
                  reason="Goes to the state's department of education.", receiver_user_id=self.users["coordinator.district@example.org"])
        self.made("departures", "contact_id", contact_id=self.leads[self.partnerships[7]["id"]], partner_id=self.partnerships[7]["partner_id"],
                  on_date=self.day(95), reason="A new position elsewhere.")

    def complaints(self):
        for number, (what, who, days, outcome) in enumerate(COMPLAINTS):
            of = self.partnerships[number + 4]
            row = self.made("complaints", "complaint", complaint=what, complainant=who, partner_id=of["partner_id"], partnership_id=of["id"],
                            site_id=of["lead_site_id"], received_on=self.day(days), owner_id=self.users["director@example.org"])
            self.moved("complaints", row, *[("open", "resolve", {"outcome": outcome})] * bool(outcome))

    def fields(self):
        own = {code: self.made("custom_fields", "code", self.demo.admin, subject=subject, code=code, name=name, type=kind, choices=choices, help=text)
               for subject, code, name, kind, choices, text in FIELDS}
        for number, one in enumerate(self.partnerships[:30:2]):
            self.value(own["languages"], LANGUAGES[number % len(LANGUAGES)], partner_id=one["partner_id"])
            self.value(own["background_checks_by"], own["background_checks_by"]["choices"][number % 3 == 0], partner_id=one["partner_id"])
        for number, site in enumerate(self.sites[:16]):
            self.value(own["has_stage"], ("yes", "no")[number % 3 == 2], site_id=site["id"])

    def value(self, field, text, **of):
        self.made("custom_values", "custom_field_id " + " ".join(of), custom_field_id=field["id"], value=text, **of)

    def gift_steps(self):
        """Of the one that is only offered: the first who has a word about it agrees, the next is asked."""
        for gift in self.client.all("gifts", status="offered"):
            for kind, days in (("legal", 4), ("finance", 11)):
                self.made("gift_steps", "gift_id kind", gift_id=gift["id"], kind=kind, due_on=self.day(days))

    def periods(self):
        for one in self.client.all("funding_applications", status="awarded"):
            for name, first, last, report in (("First year", f"{self.year - 1}-07-01", f"{self.year}-06-30", f"{self.year}-08-31"),
                                              ("Second year", f"{self.year}-07-01", f"{self.year + 1}-06-30", f"{self.year + 1}-08-31")):
                self.made("funding_periods", "funding_application_id name", funding_application_id=one["id"], name=name, from_date=first,
                          until_date=last, report_due_on=report, awarded_cents=one["awarded_cents"] // 2)

    def year_begun(self):
        for row in self.client.all("school_years"):
            if row["school_year"] == self.year:
                self.moved("school_years", row, ("planned", "open", {"calendar": "none"}), by=self.demo.admin)


def tell(demo, users):
    before, there = demo.changed, Office(demo, users)
    for step in (there.invited, there.leaving, there.complaints, there.fields, there.gift_steps, there.periods, there.year_begun):
        step()
    if demo.changed > before:
        demo.say(f"invitations, departures, complaints, fields of its own, grants, the school year: {demo.changed - before} steps")
