"""A district of a decade, in the database and in the model side by side: how it begins, and what is compared."""
import datetime as dt
import itertools
import random
from collections import Counter

from check_in_model import DAY, UTC
from decade_check_ins import Round
from decade_days import Days, Span
from decade_ledger import Ledger
from decade_mails import Mailroom
from decade_people import Partnership, Person, Post, Rule, Serving, Site
from world import uuid7

RULES = (-14, -3, 0, 3, 10)
BEGINS = dt.datetime(2026, 7, 1, 12, tzinfo=UTC)
SITES = 3
HISTORY = 40


def clock_changes(year):
    """Of a school year: the first Sunday of November, the second one of March."""
    return [next(day for day in (first + n * DAY for n in range(7)) if day.weekday() == 6)
            for first in (dt.date(year - 1, 11, 1), dt.date(year, 3, 8))]


class Town:
    def __init__(self, database, seed, zone, site_zone, partnerships):
        self.seed = seed
        self.chance = random.Random(seed)
        self.numbers = itertools.count(1)
        self.log = []  # (instant, whom it is about or None, what)
        self.ledger = Ledger(database, zone, BEGINS)
        self.days = Days(zone)
        self.rules = [Rule(dt.date(2000, 1, 1), RULES)]
        self.posts, self.partnerships, self.users, self.contacts = [], [], [], []
        self.quarter_ids = {}
        self.round = Round(self.days, self.partnerships)
        self.mailroom = Mailroom(self.days, self.round, self.posts)
        self.network = self.ledger.insert("network", name="North")
        network_lead = self.post("network_lead", None, network_id=self.network)
        self.sites = [self.site(network_lead, site_zone if n == 0 else None) for n in range(SITES)]
        self.users += [self.person("user") for _ in range(2)]  # without a post
        self.year(2027, BEGINS)
        for _ in range(partnerships):
            self.partnership(BEGINS)

    def tell(self, now, about, what):
        self.log.append((now, about, what))

    # ---- Who and what is there -----------------------------------------------------------------------

    def person(self, kind, now=BEGINS):
        one = Person(kind, uuid7(), next(self.numbers))
        if kind == "user" or self.chance.random() > 0.08:
            one.address = f"{one.id}@example.org"
        said = {"id": one.id, "name": "A person", "created_at": now, "updated_at": now,
                "email": one.address}
        self.ledger.insert("app_user" if kind == "user" else "contact", **said)
        return one

    def hold(self, post, person, first):
        """Since that day."""
        post.holders.append(Serving(self.ledger.insert(
            "post_holder", post_id=post.id, user_id=person.id, from_date=first), person, first))

    def post(self, kind, above, **place):
        one = Post(self.ledger.insert("post", kind=kind, title=kind, reports_to_id=above and above.id, **place), above)
        person = self.person("user")
        self.users.append(person)
        self.hold(one, person, BEGINS.date())
        self.posts.append(one)
        return one

    def site(self, network_lead, zone):
        one = self.ledger.insert("site", name="Lincoln", kind="school", network_id=self.network, zone=zone)
        if zone:
            self.days.zones[one] = zone
        principal = self.post("principal", None, site_id=one)
        return Site(one, zone, self.post("partnership_lead", principal, site_id=one), network_lead)

    def lead(self, partnership, person, now, role="lead"):
        """From today on; a contact belongs to the partner then."""
        today = self.days.today(now, partnership.place)
        one = self.ledger.insert("partnership_role", partnership_id=partnership.id, side="district", role=role,
                                 from_date=today, **{f"{person.kind}_id": person.id})
        partnership.leads.append(Serving(one, person, today, role=role))
        if person.kind == "contact" and partnership not in person.places:
            person.places[partnership] = dt.date.max
            self.ledger.insert("affiliation", contact_id=person.id, partner_id=partnership.partner, role="Director")

    def partnership(self, now):
        chance = self.chance
        site = chance.choice([*self.sites, None])
        tier, partner_tier = (chance.choice([None, "anchor", "anchor", "partner", "supporter"]) for _ in range(2))
        partner = self.ledger.insert("partner", name="P", kind="civic", tier=partner_tier)
        one = Partnership(uuid7(), partner, site, tier, partner_tier, now)
        self.ledger.insert("partnership", id=one.id, partner_id=partner, name="A partnership", arrangement="program",
                           status="active", activated_at=now, lead_site_id=site and site.id, tier=tier,
                           created_at=now, updated_at=now)
        one.districts_rules = self.rules
        self.partnerships.append(one)
        known = chance.random() < 0.8 and [c for c in self.contacts if not c.has_left]
        contact = chance.choice(known) if known else self.person("contact", now)
        self.contacts += [] if contact in self.contacts else [contact]
        self.lead(one, chance.choice(self.users[:3] if chance.random() < 0.9 else self.users), now)
        self.lead(one, contact, now)
        self.tell(now, one, f"it runs, at {site and site.id}, tiers {tier}, {partner_tier}")

    def year(self, year, now):
        """Its quarters, from some day in August to one in June; and the holidays that everybody has."""
        chance = self.chance
        begins, ends = dt.date(year - 1, 8, 3) + chance.randrange(28) * DAY, dt.date(year, 5, 25) + chance.randrange(28) * DAY
        cuts = [dt.date(year - 1, 10, 20), dt.date(year - 1, 12, 18), dt.date(year, 3, 10)]
        cuts = [day + chance.randrange(-8, 9) * DAY for day in cuts]
        for number, (first, last) in enumerate(zip([begins, *(c + DAY for c in cuts)], [*cuts, ends]), 1):
            self.days.quarters[year, number] = first, last
            self.quarter_ids[year, number] = self.ledger.add(
                now, "reporting_quarter", school_year=year, number=number, starts_on=first, ends_on=last)
        site = chance.choice(self.sites).id
        first, last = self.days.quarters[year, 4]
        self.days.site_quarters[site, year, 4] = first, last + chance.randrange(1, 9) * DAY
        self.ledger.add(now, "site_quarter", site_id=site, school_year=year, number=4, starts_on=first,
                        ends_on=self.days.site_quarters[site, year, 4][1])
        for first, last in ((dt.date(year - 1, 11, 25), dt.date(year - 1, 11, 29)),
                            (dt.date(year - 1, 12, 21), dt.date(year, 1, 3))):
            self.close(now, Span(first, last))
        for sunday in clock_changes(year):
            if chance.random() < 0.5:  # a school day all the same, so that something falls on it
                self.close(now, Span(sunday, sunday, is_open=True))
        self.days.changed()
        self.tell(now, None, f"the school year {year}: {self.days.quarters}")

    def close(self, now, span, table="closed_day"):
        span.at = now
        more = {"is_open": span.is_open} if table == "closed_day" else {}
        one = self.ledger.add(now, table, starts_on=span.first, ends_on=span.last, site_id=span.site, reason="x", **more)
        (self.days.closures if table == "closed_day" else self.days.blackouts)[one] = span
        self.days.changed()
        self.tell(now, None, f"{table} {span}")

    # ---- Time ----------------------------------------------------------------------------------------

    def work(self, now):
        """The worker looks at the district."""
        self.ledger.tick(now)
        self.round.plan(now)
        self.round.replan(now)
        self.round.advance(now)
        self.mailroom.withdraw(now)
        self.mailroom.remind(now)
        self.mailroom.notify(now)

    def send(self, now):
        """The mailer takes what is due, in whatever order; the model says of each what becomes of it."""
        while taken := self.ledger.take(now):
            message, verdict = taken
            key, name = self.ledger.message_key(message)
            if name[0] == "address_changed":  # of no check-in: whoever has another address is told at the old one
                if verdict == "send":
                    self.ledger.end(now, message, 1, "sent", DAY)
                continue
            c, mail = next(((c, m) for c, m in self.mailroom.due(now) if (c and c.key) == key and m.name == name), (None, None))
            expected = mail and self.mailroom.look(c, mail, now)
            if verdict != expected:
                self.differ(("mail", key, *name), f"{verdict} at {now}", f"{expected}: {mail}", 1)
            mail.id = message
            if verdict == "send":
                self.attempt(c, mail, now)
        for c, mail in self.mailroom.due(now):
            self.differ(("mail", c and c.key, *mail.name), f"not taken at {now}", mail, 1)

    def attempt(self, c, mail, now):
        """Whatever comes first: at one instant the same becomes of all that somebody gets."""
        chance = random.Random(f"{self.seed} {mail.person.number} {now}")
        outcome, = chance.choices(("sent", "deferred", "unknown", "refused"), (92, 4, 2, 2))
        wait = dt.timedelta(minutes=chance.choice((5, 60, 600)))
        self.ledger.end(now, mail.id, len(mail.attempts) + 1, outcome, wait)
        self.mailroom.end(c, mail, outcome, now, wait)
        self.tell(now, c and c.partnership, f"{outcome}: {' '.join(mail.name)}")

    # ---- What is compared ----------------------------------------------------------------------------

    def rows(self, since):
        """As Ledger.rows has them."""
        found = {}
        for c in (c for p in self.partnerships for c in (*p.past, *p.check_ins) if c.due >= since):
            found["check_in", *c.key] = (
                c.due, c.planned, c.opens, c.dated_at, c.status, c.sequence, c.opened_at, c.closed_at, c.answered_at,
                c.is_reopened, c.by_plan, c.by_pause)
            for key, r in c.reminders.items():
                found["reminder", *c.key, *key] = (
                    "|", r.reason, r.sends_on, r.decided_at, r.decision, r.mail is not None, r.rule)
            for m in c.mails:
                found["mail", *c.key, *m.name] = (
                    "|", m.status, m.reason, m.not_before, m.not_after, m.sent_at, m.decided_at, len(m.attempts), m.sequence)
            for person, (kind, reason) in c.calls.items():
                found["task", *c.key, person] = ("|", kind, reason)
        return found

    def compare(self, since):
        """They agree on all; else the first difference, with what has happened to its partnership."""
        said, expected = self.ledger.rows(since), self.rows(since)
        if said == expected:
            return
        different = [key for key in said.keys() | expected.keys() if said.get(key) != expected.get(key)]
        first = min(different, key=lambda key: (self.since(said.get(key), expected.get(key)), str(key)))
        self.differ(first, said.get(first), expected.get(first), len(different))

    def reasons(self):
        """Why mails did not go, and how often."""
        return Counter(row[1 + (what[0] == "mail")] for what, row in self.rows(dt.date.min).items()
                       if what[0] in ("reminder", "mail"))

    def on_clock_changes(self):
        """How many mails were for a day on which the clocks of their place change."""
        days = [(self.days.today(m.not_before, c.place), c.place) for p in self.partnerships for c in (*p.past, *p.check_ins)
                for m in c.mails]
        return sum(self.days.instant(day + DAY, 0, place) - self.days.instant(day, 0, place) != DAY for day, place in days)

    def differ(self, what, said, expected, count):
        told = [f"{now:%F %T} {event}" for now, about, event in self.log if about is None or about.id in (what[1], what[1] and what[1][0])]
        raise AssertionError("\n".join([
            f"{count} differences; the first: {what}", f"  the database: {said}", f"  the model:    {expected}",
            f"  zones: {self.days.zone} {self.days.zones}", *told[-HISTORY:]]))

    @staticmethod
    def since(*rows):
        """The last instant that a row knows of."""
        return max((v for row in rows for v in row or () if isinstance(v, dt.datetime)), default=BEGINS)
