"""Who is there in the model of a decade: partnerships and who leads them, posts and who holds them, and what stops
somebody's mail."""
import datetime as dt
from dataclasses import dataclass, field

from check_in_model import CADENCES

ALWAYS = dt.date.max


@dataclass(eq=False)
class Person:
    """A contact of partners', or a user of the district's."""
    kind: str
    id: str
    number: int = 0  # what is drawn for it, whatever its id
    address: str | None = None
    has_left: bool = False
    has_bounced: bool = False # the address
    wants_none: bool = False
    no_topic: bool = False # of check-ins alone: a duty goes all the same
    reminded: list = field(default_factory=list) # when
    places: dict = field(default_factory=dict)  # partnership: the last day at its partner

    @property
    def key(self):
        return f"{self.kind}:{self.id}"

    @property
    def side(self):
        return "partner" if self.kind == "contact" else "district"

    def stops(self, partnership, today):
        """Why a duty does not go, and what somebody has to do instead."""
        if self.has_left or self.places.get(partnership, ALWAYS) < today:
            return "left_org", "hand_over"
        for reason, holds in (("no_email", self.address is None), ("bounced", self.has_bounced),
                              ("opted_out", self.wants_none)):
            if holds:
                return reason, "call"
        return None, None


@dataclass(eq=False)
class Serving:
    """Somebody in a post, or in the lead of a partnership; both days included."""
    id: str
    person: Person
    first: dt.date
    last: dt.date = ALWAYS
    role: str = "lead"

    def on(self, day):
        return self.first <= day <= self.last


@dataclass(frozen=True)
class Rule:
    """Who is reminded when, from a day on; of a partnership also that it has its district's again."""
    first: dt.date
    days: tuple
    recipients: str = "leads"
    escalates: bool = True
    escalation_days: int = 1
    follows_district: bool = False

    @property
    def roles(self):
        roles = ("lead", "co_lead", "coordinator")
        return roles[:1 + ("leads", "co_leads", "coordinators").index(self.recipients)]

    @staticmethod
    def on(rules, day):
        return max((rule for rule in rules if rule.first <= day), key=lambda rule: rule.first, default=None)


@dataclass(eq=False)
class Post:
    id: str
    above: "Post | None" = None
    holders: list = field(default_factory=list)

    def held_by(self, day):
        """Who has left holds nothing."""
        return next((one.person for one in self.holders if one.on(day) and not one.person.has_left), None)

    def is_of(self, person, day):
        return any(one.person is person and one.on(day) for one in self.holders)

    def supervisor(self, day):
        post = self.above
        while post and not post.held_by(day):
            post = post.above
        return post and post.held_by(day)


@dataclass(eq=False)
class Site:
    id: str
    zone: str | None = None
    lead: Post | None = None # who has partnerships for its task here
    network_lead: Post | None = None

    def answers(self, day):
        """Who does that: the holder of the post, else the network's lead, else the supervisor."""
        return (self.lead.held_by(day) or self.network_lead and self.network_lead.held_by(day)
                or self.lead.supervisor(day))


@dataclass(eq=False)
class Partnership:
    id: str
    partner: str
    site: Site | None
    tier: str | None
    partner_tier: str | None
    activated_at: dt.datetime
    cadence: str | None = None
    ends_on: dt.date = ALWAYS
    status: str = "active"
    own_rules: list = field(default_factory=list)
    districts_rules: list = field(default_factory=list)
    leads: list = field(default_factory=list)
    check_ins: list = field(default_factory=list)
    past: list = field(default_factory=list)  # those of which nothing can become any more

    @property
    def place(self):
        return self.site and self.site.id

    def is_running(self):
        return self.status in ("active", "renewing")

    def settle(self, before):
        """What was due before that day and is over is past."""
        self.past += [c for c in self.check_ins if c.due < before and not c.is_alive()]
        self.check_ins = [c for c in self.check_ins if c.due >= before or c.is_alive()]

    def wants(self, number):
        cadence = self.cadence or CADENCES[self.tier or self.partner_tier]
        return cadence == "quarterly" or cadence == "twice_a_year" and number in (2, 4)

    def rule_on(self, day):
        """Its own, or the district's: what a rule decides, it decides of the days that are its own."""
        own = Rule.on(self.own_rules, day)
        return own if own and not own.follows_district else Rule.on(self.districts_rules, day)

    def leading(self, side, day, roles=("lead",)):
        return list(dict.fromkeys(
            lead.person for lead in self.leads if lead.person.side == side and lead.role in roles and lead.on(day)))

    def recipients(self, day, rule=None):
        """[(side, who, key)]: those of both sides whom a rule names, that of the day; where the district has none whoever
        answers at the site; where there is nobody that is said, too."""
        found = []
        for side in ("district", "partner"):
            people = self.leading(side, day, (rule or self.rule_on(day)).roles)
            if not people and side == "district" and self.site and self.site.answers(day):
                people = [self.site.answers(day)]
            found += [(side, one, one.key) for one in people] or [(side, None, f"side:{side}")]
        return found

    def above(self, person, posts, day):
        """To whom goes on what this lead has not done, in this order: the supervisors of its posts, the network's lead."""
        found = [post.supervisor(day) for post in posts if post.is_of(person, day)]
        if self.site and self.site.network_lead:
            found.append(self.site.network_lead.held_by(day))
        return list(dict.fromkeys(one for one in found if one and one is not person))
