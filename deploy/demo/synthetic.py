"""What no public file has, made up from a fixed seed: people at example.org, partnerships with their
goals, agreements and investments, and figures of those whom partners serve. Dates are those of the
school year of the attendance; the loader moves them all.

Which schools a partner works with is the directory's word; everything that is said of it here is not.
"""

import random
from collections import Counter
from datetime import date, timedelta

YEAR = 2015  # the school year of the dates
STATUSES = (["active"] * 104 + ["renewing"] * 6 + ["paused"] * 8 + ["ended"] * 6 + ["agreement"] * 8
            + ["aligning"] * 8 + ["exploring"] * 6 + ["declined"] * 4)
FIRST = ("Ada Alma Amara Andre Anita Arjun Beatriz Bilal Brianna Camila Carlos Chen Chloe Daniela "
         "Darnell Diego Elena Elijah Esther Fatima Felix Gabriel Grace Hannah Hector Imani Ines Isaac "
         "Jada Jamal Jasmine Jorge Julia Kaya Keisha Kenji Lamar Leila Lucia Luis Malik Maria Marisol "
         "Mateo Maya Mei Miguel Nadia Naomi Nia Noor Omar Paula Priya Rafael Rashid Rebecca Rosa Samir "
         "Sarah Sofia Tamika Tara Terrence Valentina Victor Wei Xavier Yara Yusuf Zoe").split()
LAST = ("Abbott Acosta Adeyemi Ahmed Alvarez Baker Banerjee Barnes Bauer Bennett Bianchi Brooks Burke "
        "Cabrera Campbell Castillo Chan Chowdhury Clarke Cohen Cruz Daniels Davila Delgado Diallo "
        "Douglas Edwards Espinal Farrell Fields Figueroa Fleming Flores Foster Garrett Gomez Greene "
        "Gupta Haddad Harris Hernandez Hughes Ibrahim Jackson Jimenez Johnson Kaplan Khan Kim Lawson "
        "Lewis Lopez Mahoney Marin Martinez Mbeki Medina Mensah Mitchell Morales Nguyen Novak Obi "
        "Okafor Ortiz Park Patel Perez Quinn Ramirez Reyes Rivera Robinson Rosario Russo Salazar "
        "Santos Shah Singh Soto Sullivan Tanaka Torres Turner Vargas Walker Washington Williams Wong "
        "Young Zhang").split()

# Of each focus: what the partnership is called, what both sides want, what is counted.
STORIES = {
    "college_access": ("college advising", "every senior applies to a college that fits",
                       "Seniors with a completed application", 60, 85),
    "careers": ("internships", "students know work from the inside before they graduate",
                "Students with a paid internship", 12, 30),
    "arts": ("teaching artists", "students make, show and judge art of their own",
             "Students in a public performance or show", 80, 140),
    "mentoring": ("mentors", "nobody starts high school without an adult to turn to",
                  "Ninth graders who meet a mentor twice a month", 20, 45),
    "academics": ("tutoring and advisory", "students pass the courses that they need to graduate",
                  "Students who pass all core courses", 55, 70),
    "health_care": ("a clinic", "students are seen by a nurse on the day they need one",
                    "Visits to the clinic in a month", 90, 130),
    "stem": ("a robotics team", "students build what they have thought out",
             "Students in a STEM club", 25, 60),
    "after_school": ("an after-school program", "students have a place to be until six",
                     "Students who come twice a week", 40, 75),
    "family_engagement": ("workshops for families", "families know what school asks and how to help",
                          "Families at a workshop", 30, 70),
}
FOCUS_OF_KIND = {"higher_ed": ("college_access", "academics", "stem"), "business": ("careers", "mentoring"),
                 "government": ("careers", "family_engagement"), "faith_based": ("family_engagement", "after_school"),
                 "nonprofit": ("mentoring", "after_school", "academics", "college_access")}
FOCUS_OF_COLUMN = {"hospital": ("health_care",), "cultural": ("arts",), "corporate": ("careers",),
                   "financial": ("careers", "mentoring"), "highered": ("college_access", "academics", "stem")}
TITLES = ("Program director", "School partnerships manager", "Site coordinator", "Director of education",
          "Community liaison", "Executive director")
OFFICE = (  # e-mail, name, locale, role, kind and name of the scope
    ("director@example.org", "Dana Whitfield", "en", "director", "district", ""),
    ("deputy@example.org", "Ruben Ocasio", "en", "director", "district", ""),
    ("superintendent@example.org", "Dr. Althea Simms", "en", "executive", "district", ""),
    ("coordinator@example.org", "Marisol Duarte", "es", "coordinator", "network", "Bronx"),
    ("coordinator.brooklyn@example.org", "Theo Lindqvist", "en", "coordinator", "network", "Brooklyn"),
    ("coordinator.district@example.org", "Priscilla Amoah", "en", "coordinator", "district", ""),
    ("agreements@example.org", "Wendell Kroll", "en", "coordinator", "district", ""),
    ("legal@example.org", "Noel Abernathy", "en", "reviewer", "district", ""),
    ("data@example.org", "Sunita Rao", "en", "data_steward", "district", ""),
    ("viewer@example.org", "Board Member", "en", "viewer", "district", ""),
)


LED_MOST = 5


def iso(day):
    return day.isoformat()


class Made:
    """Everything, as tables of rows."""

    def __init__(self, sites, partners, lists, seed):
        """`lists`: by partner's name, the schools (local ids) that list it and in which column."""
        self.random = random.Random(seed)
        self.sites = {row["local_id"]: row for row in sites}
        self.partners = {row["name"]: row for row in partners}
        self.lists = lists
        self.tables = {name: [] for name in (
            "users", "contacts", "affiliations", "partnerships", "partnership_sites", "partnership_roles", "goals",
            "agreements", "agreement_partnerships", "investments", "served", "survey_answers")}
        self.addresses = set()
        self.led = Counter()  # by school: a leader is asked about five partnerships at most
        self.people()
        self.partner_fields()
        for number, (name, focus, status) in enumerate(self.chosen()):
            self.partnership(number, name, focus, status)
        self.served()
        self.answers()

    def add(self, table, **fields):
        self.tables[table].append(fields)

    def person(self):
        """A name and an address that nobody else has."""
        while True:
            first, last = self.random.choice(FIRST), self.random.choice(LAST)
            address = f"{first}.{last}@example.org".lower()
            if address not in self.addresses:
                self.addresses.add(address)
                return f"{first} {last}", address

    def people(self):
        for address, name, locale, role, kind, scope in OFFICE:
            self.add("users", email=address, name=name, locale=locale, role=role, scope_kind=kind, scope=scope)
        for local_id in sorted(self.sites):
            name, _ = self.person()
            self.add("users", email=f"leader.{local_id.lower()}@example.org", name=name,
                     locale=self.random.choice(("en", "en", "es")), role="school_leader", scope_kind="site",
                     scope=local_id)

    def partner_fields(self):
        """How far the district has come with each partner, and who cares for it."""
        owners = [row[0] for row in OFFICE if row[3] in ("director", "coordinator")]
        for name in sorted(self.partners):
            count = len(self.lists.get(name, ()))
            row = self.partners[name]
            row["tier"] = "anchor" if count >= 12 else "partner" if count >= 3 else "supporter" if count == 2 else ""
            row["stage"] = ("approved" if count >= 3 else
                            self.random.choice(("prospect", "contacted", "vetting", "approved")))
            row["owner"] = self.random.choice(owners)

    # ---- Partnerships ----------------------------------------------------------------------------

    def chosen(self):
        """Partner, focus and status of each: the partners that most schools list, some twice."""
        ranked = sorted(self.lists, key=lambda name: (-len(self.lists[name]), name))
        names = ranked[:118] + ranked[:len(STATUSES) - 118]
        statuses = list(STATUSES)
        self.random.shuffle(statuses)
        seen = set()
        for name, status in zip(names, statuses):
            columns = {column for _, column in self.lists[name]}
            possible = [focus for column in sorted(columns) for focus in FOCUS_OF_COLUMN.get(column, ())]
            possible = possible or FOCUS_OF_KIND.get(self.partners[name]["kind"], FOCUS_OF_KIND["nonprofit"])
            focus = next((one for one in self.random.sample(possible, len(possible)) if (name, one) not in seen),
                         next(one for one in STORIES if (name, one) not in seen))
            seen.add((name, focus))
            yield name, focus, status

    def partnership(self, number, partner, focus, status):
        what, wish, measure, baseline, target = STORIES[focus]
        name = f"{partner}: {what}"[:200]
        schools = sorted({school for school, _ in self.lists[partner]})
        schools = self.random.sample(schools, min(len(schools), self.random.choice((1, 1, 2, 2, 3, 4))))
        schools.sort(key=lambda school: self.led[school] >= LED_MOST)  # stable
        lead = schools[0]
        if status in ("active", "renewing"):
            self.led[lead] += 1
            status = status if self.led[lead] <= LED_MOST else "exploring"
        light = number % 5 == 4 and status in ("active", "ended", "paused")  # a supporter's
        begins = date(YEAR - 1, 7, 1) + timedelta(days=self.random.randrange(0, 60))
        self.add("partnerships", name=name, partner=partner,
                 arrangement="service" if focus == "health_care" else "sponsorship" if light else "program",
                 focus_area=focus, lead_site=lead,
                 tier="supporter" if light else self.random.choice(("anchor", "partner", "partner")),
                 cadence="none" if status in ("paused", "ended") else "",  # it was active for a moment alone
                 starts_on=iso(begins), ends_on=iso(date(YEAR + 1, 6, 30)),
                 purpose=f"{partner} brings {what} to {len(schools)} of our schools.",
                 vision="" if light else f"Together we see to it that {wish}.",
                 expectations="" if light else "Both sides keep their dates, or say early why not.",
                 processes="" if light else "The leads speak monthly; figures are read each quarter.",
                 desired_outcomes="" if light else f"By June: {wish}.", becomes=status)
        for school in schools:
            self.add("partnership_sites", partnership=name, site=school, from_date=iso(begins))
        self.roles(name, partner, lead, begins)
        if not light and status not in ("exploring", "declined"):
            self.goals(name, focus, measure, baseline, target)
        if not light and status in ("active", "renewing", "paused", "ended", "agreement"):
            self.agreement(name, partner, status)
        if status in ("active", "renewing", "paused", "ended"):
            self.investments(name, lead, begins)

    def roles(self, name, partner, lead, begins):
        contact, address = self.person()
        self.add("contacts", name=contact, email=address, phone=f"212-555-{self.random.randrange(100, 200):04d}",
                 locale=self.random.choice(("en", "en", "en", "es")), notes="Made up for the demo.")
        self.add("affiliations", contact=address, partner=partner, role=self.random.choice(TITLES),
                 from_date=iso(date(YEAR - self.random.randrange(2, 7), 9, 1)))
        for role, user, who in (("lead", f"leader.{lead.lower()}@example.org", ""), ("lead", "", address),
                                ("coordinator", self.coordinator(lead), "")):
            self.add("partnership_roles", partnership=name, role=role, user=user, contact=who, from_date=iso(begins))

    def coordinator(self, school):
        return "coordinator@example.org" if self.sites[school]["network"] == "Bronx" else \
            "coordinator.brooklyn@example.org"

    def goals(self, name, focus, measure, baseline, target):
        self.add("goals", partnership=name, statement=f"{measure}: from {baseline} to {target}.", indicator="",
                 unit="people", direction="up", baseline=baseline, baseline_on=iso(date(YEAR - 1, 9, 30)), target=target,
                 due_on=iso(date(YEAR, 6, 15)))
        if focus in ("mentoring", "after_school", "health_care", "academics"):
            self.add("goals", partnership=name, statement="Attendance where we work rises to nine in ten.",
                     indicator="attendance_rate", unit="percent", direction="up", baseline="0.85",
                     baseline_on=iso(date(YEAR - 1, 9, 30)), target="0.90", due_on=iso(date(YEAR, 6, 15)))

    def agreement(self, name, partner, status):
        """One covers all that a partner does with the district."""
        title = f"Memorandum of understanding with {partner}"[:200]
        known = {row["title"]: row for row in self.tables["agreements"]}
        if title not in known:
            self.add("agreements", title=title, kind="mou", effective_on=iso(date(YEAR - 1, 7, 1)),
                     expires_on=iso(date(YEAR + self.random.choice((1, 1, 2)), 6, 30)),
                     text="Both sides do what their shared vision says, keep students' records private, and carry "
                          "their own insurance. Either may end this with ninety days' notice. "
                          "(Made up for the demo.)",
                     signer=self.tables["contacts"][-1]["name"], becomes="draft")
            known[title] = self.tables["agreements"][-1]
        if status != "agreement":
            known[title]["becomes"] = "in_force"
        self.add("agreement_partnerships", agreement=title, partnership=name)

    def investments(self, name, lead, begins):
        """Of both sides, half of it of the summer, half by the month until spring."""
        for side, kinds in (("partner", ("cash", "hours", "in_kind")), ("district", ("staff_fte", "space"))):
            for kind in self.random.sample(kinds, self.random.choice((1, 1, 2))):
                first = date(YEAR - 1, self.random.choice((7, 8, 9)), 1)
                last = self.random.choice((date(YEAR - 1, 9, 30), date(YEAR - 1, 10, 31), date(YEAR - 1, 12, 31),
                                           date(YEAR, 3, 31), date(YEAR, 6, 30)))
                amount = self.random.randrange(5, 120) * 25000
                hours = self.random.randrange(20, 400) if kind == "hours" else ""
                self.add("investments", partnership=name, site=lead, side=side, kind=kind,
                         amount_cents="" if hours else amount, hours=hours, rate_cents=3347 if hours else "",
                         from_date=iso(max(first, min(begins, last))), until_date=iso(last),
                         purpose={"cash": "Materials and stipends", "hours": "Volunteers", "in_kind": "Equipment",
                                  "staff_fte": "A coordinator's time", "space": "Rooms after hours"}[kind])

    # ---- Figures ---------------------------------------------------------------------------------

    MONTHS = [(YEAR - 1, month) for month in (10, 11, 12)] + [(YEAR, month) for month in (1, 2, 3, 4, 5, 6)]

    def figure(self, indicator, site, month, numerator, denominator, cohort, partnership):
        self.add("served", indicator=indicator, site=site, cohort=cohort, partnership=partnership, school_year=YEAR,
                 period_kind="month", period_start=f"{month[0]}-{month[1]:02d}-01", numerator=numerator,
                 denominator=denominator, source="Synthetic")

    def served(self):
        """Of some partnerships: people reached, sessions held, and how many of the served took part."""
        running = [row for row in self.tables["partnerships"] if row["becomes"] in ("active", "renewing")]
        for row in self.random.sample(running, 16):
            people = self.random.randrange(8, 90)
            share = self.random.uniform(0.55, 0.9)
            for month in self.MONTHS:
                came = max(0, people + self.random.randrange(-6, 7))
                one = row["lead_site"], month
                self.figure("reach", *one, came, "", "served", row["name"])
                self.figure("sessions", *one, self.random.randrange(4, 17), "", "served", row["name"])
                self.figure("engagement", *one, round(came * share), came, "served", row["name"])

    def answers(self):
        """How leaders of our side rate their partnerships: by leader and partnership, 1 to 5."""
        for row in self.tables["partnerships"]:
            if row["becomes"] not in ("active", "renewing") or self.random.random() < 0.25:
                continue
            mood = self.random.choice((3, 4, 4, 5))
            rate = [min(5, max(1, mood + self.random.choice((-1, 0, 0, 0, 1)))) for _ in range(11)]
            self.add("survey_answers", partnership=row["name"], ratings=" ".join(map(str, rate)),
                     comment=self.random.choice(("", "", "More time for the two leads to talk.",
                                                 "Tell us earlier when a session moves.",
                                                 "We would like this in a second grade.")))
