"""What schools want and what comes of it, made up: visions, priorities, needs, asks and pledges, a call to action, what the
landscape was, roll calls, check-ins, convenings, and what goes on between the two sides."""

from maker import Maker

DISTRICT_PRIORITIES = (  # statement, focus area, indicator, direction, baseline, target
    ("Nine in ten of our students are in school on every day", "Academics", "attendance_rate", "up", "0.86", "0.90"),
    ("A third fewer of our students miss a tenth of the year", "Family stability", "chronic_absence", "down", "0.42", "0.28"),
    ("Every senior has worked for pay before graduation", "Careers and work-based learning", None, "up", None, None),
    ("Every ninth grader knows an adult to turn to", "Mentoring", None, "up", None, None),
    ("Families decide with us who comes into a school, and for what", "Family engagement", None, "up", None, None))
NETWORK_PRIORITIES = (("A clinic or a nurse within reach of every school", "Health care"),
                      ("Robotics, code or a laboratory after the last bell", "STEM"))
SCHOOL_PRIORITIES = (
    ("A tutor for whoever failed a course", "Academics"), ("Somebody to talk to on the day it is needed", "Mental health"),
    ("A college list by October", "College access"), ("A laptop that works at home", "Technology access"),
    ("Breakfast and something to take home on Fridays", "Food security"), ("Artists in every grade", "Arts"),
    ("A place to be until six", "After school"), ("Reading for pleasure", "Literacy"))
NEXT_YEAR = (("Every student can name a next step", "College access"), ("No family without a doctor", "Health care"),
             ("A quiet hour for reading, each day", "Literacy"))
VISION = ("Our school is a house with open doors: whoever comes in knows what for, stays long enough to matter, and hears from us what "
          "came of it. By June every student here is known by name to one adult from outside.")
NEEDS = (  # title, focus area, kind, quantity, unit, text, people
    ("Laptops to take home", "Technology access", "equipment", 40, "laptops", "For juniors who write applications at night.", 160),
    ("Groceries for Fridays", "Food security", "food", 60, "bags", "Packed by the student council and handed out at the last bell.", 60),
    ("Paid internships in spring", "Careers and work-based learning", "internships", 12, "places", "Six weeks, two afternoons each.", 12),
    ("A stage for the winter show", "Arts", "space", 2, "evenings", "With light, sound and room for three hundred people.", 300),
    ("Licenses for a math program", "Academics", "software", 120, "licenses", "For those who repeat algebra.", 120),
    ("Money for a robotics season", "STEM", "money", 3500, "dollars", "Parts, entry fees, and a bus to the finals.", 18),
    ("Glasses for those who were tested", "Health care", "equipment", 35, "pairs", "The test is done; a third need them.", 35),
    ("Rooms for a Saturday school", "After school", "space", 10, "Saturdays", "Two rooms, ten until one.", 50),
    ("Bus passes for interviews", "Transportation", "money", 600, "dollars", "So that nobody misses a first day of work.", 80),
    ("Books that students choose", "Literacy", "equipment", 400, "books", "A shelf in each ninth-grade room.", 210),
    ("A course in first aid for staff", "Staff development", "training", 24, "seats", "One afternoon before the trip season.", 24),
    ("Winter clothes", "Family stability", "equipment", 80, "coats", "In all sizes, asked for by nobody and taken by many.", 80))
# How far each goes, in turn: a share of what is wanted that is promised, and whether it is there; None: not yet open.
FATES = ("open", "matched", "partly", "met", "capacity_review", "open", "partly", "draft", "met", "open", "matched", "partly")
SCHOOLS = 24  # of the 64 whose year is told
OFFERS = (("Refurbished laptops", "equipment", 60, "laptops", "Technology access"), ("A hall on weekends", "space", 20, "days", "Arts"),
          ("Internships for juniors", "internships", 15, "places", "Careers and work-based learning"),
          ("A shelf of new books", "equipment", 500, "books", "Literacy"), ("Vegetables from our gardens", "food", 80, "bags", "Food security"),
          ("First aid for adults", "training", 30, "seats", "Staff development"))
SAID = ("We met twice and agreed on who calls whom.", "Attendance of the group is better on days with a session.",
        "The room was taken twice.", "We move to Wednesdays.")
HEARD = ("Dates for the spring are fixed.", "Two thirds come each week, which is fewer than we hoped.",
         "The bus comes late on Fridays.", "We start fifteen minutes later.")


class Community(Maker):
    def __init__(self, demo, users, each):
        super().__init__(demo, users)
        self.each = each
        self.schools = self.sites[:: max(1, len(self.sites) // SCHOOLS)][:SCHOOLS]
        self.partners = list(dict.fromkeys(row["partner_id"] for row in self.partnerships))

    def by_school(self, work):
        """A school's own things are its leader's, all schools at a time."""
        for site in self.schools:
            self.leader(site)
        self.each(lambda numbered: work(*numbered), enumerate(self.schools))

    # ---- What is wanted --------------------------------------------------------------------------

    def priority(self, statement, area, by=None, adopt=True, school_year=None, **fields):
        row = self.made("priorities", "statement school_year site_id network_id", by, statement=statement, focus_area_id=self.areas[area],
                        school_year=school_year or self.year, **fields)
        return self.moved("priorities", row, *[("draft", "adopt", {})] * adopt, by=by)

    def priorities(self):
        codes = {row["code"]: row["id"] for row in self.client.all("indicators")}
        for statement, area, code, direction, baseline, target in DISTRICT_PRIORITIES:
            self.priority(statement, area, indicator_id=codes[code] if code else None, direction=direction if code else None,
                          baseline=baseline, target=target)
        for network in self.client.all("networks"):
            for statement, area in NETWORK_PRIORITIES:
                self.priority(statement, area, network_id=network["id"])
        for statement, area in NEXT_YEAR:
            self.priority(statement, area, school_year=self.year + 1, adopt=False)

        def of_school(number, site):
            for statement, area in (SCHOOL_PRIORITIES * 2)[number % 8:number % 8 + 2]:
                self.priority(statement, area, self.leader(site), adopt=number % 6 != 5, site_id=site["id"])

        self.by_school(of_school)

    def visions(self):
        conditions = self.client.all("readiness_conditions")
        for plural in ("site_visions", "site_vision_authors", "readiness_ratings"):
            self.all(plural)

        def of_school(number, site):
            own = self.leader(site)
            row = self.made("site_visions", "site_id school_year", own, site_id=site["id"], school_year=self.year, text=VISION)
            self.made("site_vision_authors", "site_vision_id", own, site_vision_id=row["id"], role="family", name="The family association")
            self.moved("site_visions", row, ("draft", "adopt", {}), by=own)
            for place, condition in enumerate(conditions):
                self.made("readiness_ratings", "site_id readiness_condition_id", own, site_id=site["id"], school_year=self.year,
                          readiness_condition_id=condition["id"], rating=1 + (number * 3 + place * 5) % 4)

        self.by_school(of_school)

    # ---- Needs, and who meets them ---------------------------------------------------------------

    def offers(self):
        for number, (name, kind, quantity, unit, area) in enumerate(OFFERS * 2):
            self.made("offers", "name partner_id", name=name, kind=kind, quantity=quantity, unit=unit, focus_area_id=self.areas[area],
                      partner_id=self.partners[number * 3], reach="district", from_date=self.day(-40), until_date=self.day(200))

    def needs(self):
        self.all("needs")

        def of_school(number, site):
            title, area, kind, quantity, unit, text, people = NEEDS[number % len(NEEDS)]
            own, fate = self.leader(site), FATES[(number * 5 + number // 12) % len(FATES)]
            need = self.made("needs", "title site_id", own, title=title, site_id=site["id"], focus_area_id=self.areas[area],
                             resource_kinds=[kind], quantity=quantity, unit=unit, description=text, people_affected=people,
                             needed_by=self.day(14 + number * 5), urgency="urgent" if number % 7 == 0 else "routine", is_public=number % 3 == 0)
            if fate == "draft":
                return
            self.moved("needs", need, ("draft", "submit", {}), by=own)

        self.by_school(of_school)
        needs = {(row["title"], row["site_id"]): row for row in self.client.all("needs")}
        for number, site in enumerate(self.schools):
            need, fate = needs[NEEDS[number % len(NEEDS)][0], site["id"]], FATES[(number * 5 + number // 12) % len(FATES)]
            if fate in ("draft", "capacity_review"):
                continue
            if need["resource_kinds"] == ["training"]:
                self.cleared(need)
            need = self.moved("needs", need, ("capacity_review", "review", {"internal_capacity": "none", "reason": "The district has none to spare."}),
                              ("capacity_review", "open", {}))
            if fate == "open":
                self.ask(number, need)
            else:
                self.pledge(number, need, fate)

    def cleared(self, need):
        """Nobody's work is taken away by it."""
        row = self.made("displacement_reviews", "need_id", need_id=need["id"], proposal=need["description"], done_by_employees=False)
        if row["kind"] is None:
            self.write(f"/v1/displacement_reviews/{row['id']}/decide", {"kind": "new", "reason": "Nobody among our staff teaches it."})

    def ask(self, number, need):
        row = self.made("asks", "need_id partner_id", need_id=need["id"], partner_id=self.partners[number * 2 + 1], quantity=need["quantity"],
                        message="You know our school. Would this be something for you?", respond_by=self.day(12))
        if number % 4 and row["submitted_at"] is None:
            row = self.write(f"/v1/asks/{row['id']}/submit", {})
        if number % 2 and row["status"] == "draft":
            for verb in ("clear", "send"):
                row = self.write(f"/v1/asks/{row['id']}/{verb}", {}, self.demo.person(row["owner_id"]) if verb == "clear" else None)

    def pledge(self, number, need, fate):
        share = need["quantity"] if fate in ("matched", "met") else max(1, need["quantity"] // 2)
        row = self.made("pledges", "need_id partner_id", need_id=need["id"], partner_id=self.partners[number * 2], quantity=share,
                        starts_on=self.day(0), ends_on=self.day(150))
        self.moved("pledges", row, *[("offered", "accept", {})] * (number % 5 != 2), *[("accepted", "deliver", {})] * (fate == "met"))

    def call(self):
        """One that runs, with what was promised so far."""
        row = self.made("calls_to_action", "title", title="A coat for every child before the frost", quantity=200, unit="coats",
                        situation="Two shelters near our schools have opened. Some two hundred of our students came without winter clothes.",
                        message="Can you give or collect coats this month?", focus_area_id=self.areas["Family stability"],
                        resource_kinds=["equipment"], deadline=self.day(17), is_public=True)
        row = self.moved("calls_to_action", row, ("draft", "open", {}))
        needs = [one for one in self.client.all("needs") if one["call_to_action_id"] == row["id"]]
        for number, (site, quantity) in enumerate(zip(self.sites[1:6:2], (90, 70, 40))):
            if not any(one["site_id"] == site["id"] for one in needs):
                self.write(f"/v1/calls_to_action/{row['id']}/allocate", {"site_id": site["id"], "quantity": quantity})
        needs = sorted((one for one in self.client.all("needs") if one["call_to_action_id"] == row["id"]), key=lambda one: -one["quantity"])
        for number, (need, quantity) in enumerate(zip(needs, (90, 25, 15))):
            pledge = self.made("pledges", "need_id partner_id", need_id=need["id"], partner_id=self.partners[number + 40], quantity=quantity,
                               starts_on=self.day(0), ends_on=self.day(17))
            self.moved("pledges", pledge, ("offered", "accept", {}), *[("accepted", "deliver", {})] * (number == 0))

    # ---- What the office keeps -------------------------------------------------------------------

    def snapshot(self, term, name):
        self.made("landscape_snapshots", "term school_year", school_year=self.year, term=term, name=name)

    def roll_calls(self):
        self.all("roll_calls")

        def of_school(number, site):
            own = self.leader(site)
            row = self.made("roll_calls", "site_id school_year", own, site_id=site["id"], school_year=self.year, due_on=self.day(20 - number % 3))
            if number % 3 == 2 or row["status"] != "open":
                return
            for place, mark in enumerate(own.all("roll_call_marks", roll_call_id=row["id"])):
                if mark["mark"] is None:
                    self.demo.changed += 1
                    own.change(f"/v1/roll_call_marks/{mark['id']}", {"mark": "ended" if (number + place) % 7 == 6 else "still_here"})
            self.moved("roll_calls", row, ("open", "submit", {}), by=own)

        self.by_school(of_school)

    # ---- Between the two sides -------------------------------------------------------------------

    def check_ins(self):
        """Some are held early: of a few both sides have spoken, of a few one."""
        due = {}
        for row in sorted(self.client.all("check_ins"), key=lambda one: one["due_on"]):
            if row["status"] in ("scheduled", "open"):
                due.setdefault(row["partnership_id"], row)
        leads = {row["partnership_id"]: row["user_id"] for row in self.client.all("partnership_roles") if row["role"] == "lead" and row["user_id"]}
        chosen = [row for row in self.partnerships if row["id"] in due and leads[row["id"]]][:18]
        for row in chosen:
            self.demo.person(leads[row["id"]])

        def hold(numbered):
            number, partnership = numbered
            row, own = due[partnership["id"]], self.demo.person(leads[partnership["id"]])
            if row["status"] != "scheduled":
                return
            path = f"/v1/check_ins/{row['id']}"
            goals = [goal["id"] for goal in own.all("goals", partnership_id=partnership["id"])]
            self.write(f"{path}/open", {}, own)
            for side, texts in (("district", SAID), ("partner", HEARD))[:2 if number % 3 else 1]:
                who = {"on_behalf_of": self.leads[partnership["id"]]} if side == "partner" else {}
                progress = "on_track" if side == "district" or number % 4 else "behind"
                self.write(f"{path}/save_half", {
                    "side": side, **who, **dict(zip(("goals_set", "progress_assessed", "challenges", "adjustments"), texts)),
                    "goals": [{"goal_id": goal, "progress": progress} for goal in goals]}, own)
                self.write(f"{path}/submit_half", {"side": side}, own)

        self.each(hold, enumerate(chosen))

    def convenings(self):
        places = ("The library", "The gymnasium", "Room 104", "The auditorium")
        for number, site in enumerate(self.schools[:8]):
            kind = ("middle", "start", "middle", "end")[number % 4]
            title = {"start": "Meet and greet with the principal", "middle": "All hands: where we are at mid-year", "end": "A year to celebrate"}[kind]
            at = f"{self.day(9 + number * 6)}T{21 if number % 2 else 14}:00:00Z"
            row = self.made("convenings", "title site_id", title=title, site_id=site["id"], school_year=self.year, kind=kind, starts_at=at,
                            ends_at=at.replace("T21", "T23").replace("T14", "T16"), location=places[number % 4], capacity=40)
            if number < 4:
                for partnership in [one for one in self.partnerships if one["lead_site_id"] == site["id"]][:3]:
                    self.made("action_items", "partnership_id description", partnership_id=partnership["id"],
                              description="Bring figures of the fall.", owner_user_id=self.users["coordinator.district@example.org"], due_on=self.day(5 + number))

    def imported(self):
        """What happened between them, and papers of partners: as files, as it is much."""
        names = {row["id"]: row["name"] for row in self.client.all("partners")}
        ids = {row["id"]: row["local_id"] for row in self.sites}
        kinds = (("one_to_one", "Plans for the fall"), ("visit", "A walk through the building"), ("call", "Who comes on Tuesdays"),
                 ("community_meeting", "Families ask, partners answer"), ("mail", "Dates for the winter"))
        audiences = (("session", "A weekly session", "students", 18, 24), ("event", "An open evening", "families", 35, 60),
                     ("training", "An afternoon for staff", "staff", 12, 9), ("lab_visit", "A day in the laboratory", "students", 22, 30))
        interactions, activities, credentials = [], [], []
        for number, row in enumerate(self.partnerships[:60]):
            kind, subject = kinds[number % 5]
            interactions.append({"partner": names[row["partner_id"]], "partnership": row["name"], "kind": kind, "subject": subject,
                                 "on_date": self.day(-3 - number % 70), "site": ids[row["lead_site_id"]]})
            kind, title, audience, count, hours = audiences[number % 4]
            activities.append({"partnership": row["name"], "site": ids[row["lead_site_id"]], "kind": kind, "title": title,
                               "on_date": self.day(-5 - number % 60), "audience": audience, "head_count": count + number % 11, "hours": hours})
        for number, partner in enumerate(self.partners[:30]):
            kind = ("liability_insurance", "clearance_attestation", "w9")[number % 3]
            credentials.append({"partner": names[partner], "kind": kind, "issued_on": self.day(-300 + number),
                                "expires_on": "" if kind == "w9" else self.day(20 + number * 12)})
        for kind, rows in (("interactions", interactions), ("activities", activities), ("credentials", credentials)):
            if not self.client.get(f"/v1/{kind}", limit=1)["data"]:
                self.demo.load(kind, rows)

    def inquiries(self):
        for number, (organization, name, message, kind) in enumerate((
                ("Harborview Dental (made up)", "Ines Marin", "We would like to look at teeth, one morning a month.", "business"),
                ("Friends of the Old Mill (made up)", "Samir Haddad", "We have a hall, and nobody in it before four.", "civic"),
                ("Northside Coders (made up)", "Mei Chan", "Ten of us can teach on Saturdays.", "nonprofit"))):
            row = self.made("inquiries", "organization", organization=organization, name=name, message=message, kind=kind, locale="en",
                            email=f"{name.lower().replace(' ', '.')}@example.org")
            if number:
                self.moved("inquiries", row, ("new", "assign", {"owner_id": self.users["coordinator.district@example.org"]}))

    def tags(self):
        for name, rows in (("Board member knows them", self.partners[:9]), ("Bilingual staff", self.partners[4:40:4]), ("Visit in spring", self.partners[10:30:5])):
            tag = self.made("tags", "name", name=name)
            for partner in rows:
                self.made("taggings", "tag_id partner_id", tag_id=tag["id"], partner_id=partner)

    # ---- What a year has besides -------------------------------------------------------------------

    def families(self):
        for plural in ("family_plans", "family_events", "posts", "post_holders", "assessments"):
            self.all(plural)

        def of_school(number, site):
            own, email = self.leader(site), f"leader.{site['local_id'].lower()}@example.org"
            post = self.made("posts", "site_id kind", own, site_id=site["id"], kind="principal", title="Principal")
            self.made("post_holders", "post_id", own, post_id=post["id"], user_id=self.users[email],
                      from_date=f"{self.year - 3}-08-01", is_acting=number % 9 == 4)
            plan = self.made("family_plans", "site_id school_year", own, site_id=site["id"], school_year=self.year,
                             statement="Families meet us four times a year, in their language, and choose what we talk about.")
            self.made("family_events", "site_id name", own, site_id=site["id"], family_plan_id=plan["id"], name="Dinner with families",
                      on_date=self.day(-8 - number), languages=["en", "es"], families_reached=24 + number * 3)
            if number % 3 == 0:
                self.made("assessments", "site_id school_year audience", own, site_id=site["id"], school_year=self.year, source="meeting",
                          audience=("families", "students", "staff")[number % 9 // 3], asked_on=self.day(-50 + number), people=30 + number,
                          summary="A place to be after school, help with applications, and somebody to talk to.")

        self.by_school(of_school)

    def work(self):
        for number, row in enumerate(self.partnerships[:12]):
            one = self.made("milestones", "partnership_id name", partnership_id=row["id"], due_on=self.day(-20 + number * 12),
                            name=("First group has begun", "Half of the year", "A show for families")[number % 3])
            self.moved("milestones", one, *[("planned", "reach", {})] * (number < 3))
            if number % 2:
                self.made("partnership_changes", "partnership_id kind", partnership_id=row["id"], kind=("lesson", "adjustment")[number % 4 // 2],
                          on_date=self.day(-15), description="Sessions before noon are missed less.", response="We asked for mornings in spring.")
            if number % 3 == 0:
                self.made("partnership_reviews", "partnership_id school_year", partnership_id=row["id"], school_year=self.year, due_on=self.day(40 + number),
                          user_id=self.users["deputy@example.org"], quality=2 + number % 3, sustainability=1 + number % 4)
            if number % 4 == 0:
                self.made("placements", "partnership_id title", partnership_id=row["id"], site_id=row["lead_site_id"], title="Counselor of the partner",
                          fte="0.50", funder="partner", annual_cost_cents=3800000, from_date=f"{self.year - 1}-09-01", until_date=f"{self.year}-06-30")

    def office(self):
        if self.demo.district["reply_to"] is None:
            self.demo.changed += 1
            self.demo.admin.change(f"/v1/districts/{self.demo.district['id']}", {"reply_to": "partnerships@example.org"})
        self.made("school_years", "school_year", self.demo.admin, school_year=self.year)
        policy = self.made("policies", "title", title="How we work with partners", statement_by="Dr. Althea Simms, Superintendent",
                           statement="No school does it alone, and none has to.",
                           text="Every partnership has a purpose, a lead on both sides, and a paper that says what each side gives. "
                           "Families have a say. We end well what does not help.")
        self.moved("policies", policy, ("draft", "adopt", {}))
        self.made("renewal_campaigns", "name", name="Agreements that end in June", expires_from=f"{self.year}-05-01",
                  expires_until=f"{self.year}-07-31", board_on=f"{self.year}-04-20")
        self.made("portfolio_reviews", "school_year planned_on", school_year=self.year, planned_on=self.day(45),
                  findings="Arts and mentoring are many; health care and mental health are few.")
        self.made("reports", "name", name="For the board, each quarter", school_year=self.year, period="quarter",
                  parts=["summary", "indicators", "goals"])
        for number, partnership in enumerate(self.partnerships[:3]):
            self.made("champions", "contact_id", contact_id=self.leads[partnership["id"]], owner_id=self.users["director@example.org"],
                      influence=("Sits on the board of two foundations.", "Knows every principal in the borough.", "Writes for the paper.")[number],
                      support_asked="A word to the right people", milestone="A second school", milestone_due_on=self.day(90))


def tell(demo, users, each):
    before, there = demo.changed, Community(demo, users, each)
    there.priorities()
    there.snapshot(1, "Before the winter's needs were written down")
    for step in (there.visions, there.offers, there.needs, there.call, there.roll_calls, there.check_ins,
                 there.convenings, there.imported, there.inquiries, there.tags, there.families, there.work, there.office):
        step()
    there.snapshot(2, "With the winter's needs and offers")
    if demo.changed > before:
        demo.say(f"visions, priorities, needs, pledges, roll calls, check-ins, convenings: {demo.changed - before} steps")
