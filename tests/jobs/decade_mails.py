"""The mails in the model of a decade: which are decided, for when, and what becomes of them."""
import datetime as dt
from dataclasses import dataclass, field

from check_in_model import DAY, UTC
from decade_ledger import text
from decade_people import Person

WAITING = ("queued", "retry")
GONE = ("sent", "unknown")
LATE_DAYS = 14 # for a rule after the due date; and for what a calendar still holds
GAP_DAYS = 7
REACH_DAYS = 120
ATTEMPTS = {"sent": "sent", "deferred": "retry", "refused": "failed", "unknown": "retry"}


@dataclass(eq=False)
class Mail:
    kind: str
    person: Person
    occurrence: str
    side: str
    due: dt.date # what it says, with the sequence
    sequence: int
    decided_at: dt.datetime
    not_before: dt.datetime
    not_after: dt.datetime
    status: str = "queued"
    reason: str | None = None
    sent_at: dt.datetime | None = None
    attempts: list = field(default_factory=list)
    address: str | None = None # to which it goes
    is_reported: bool = False
    carrier: object = None # the mail that it goes in

    id: str | None = None # the message's, once the mailer has taken it

    @property
    def name(self):
        return self.kind, self.person.key, self.occurrence

    @property
    def gathers(self):
        return self.kind in ("check_in_reminder", "check_in_escalation") and not self.occurrence.startswith("sequence")

    def bounce(self):
        """What it went to is no address."""
        if self.address == self.person.address:
            self.person.has_bounced = True

    def withdraw(self, reason):
        if self.status in WAITING:
            self.status, self.reason = "suppressed", reason


@dataclass(eq=False)
class Bundle:
    """One mail for what somebody is reminded of on a day; each thing in it has its own reasons."""
    person: Person
    day: dt.date
    decided_at: dt.datetime
    not_after: dt.datetime
    address: str
    carried: list = field(default_factory=list) # [(check-in, mail)]
    not_before: dt.datetime | None = None
    status: str = "queued"
    attempts: list = field(default_factory=list)
    is_reported: bool = False
    gathers = False
    id: str | None = None

    @property
    def name(self):
        return "duties", self.person.key, str(self.day)

    def take(self, c, mail):
        mail.carrier = self
        self.carried.append((c, mail))
        self.not_after = max(self.not_after, mail.not_after)

    def left(self):
        return [(c, mail) for c, mail in self.carried if mail.status != "suppressed"]

    def follow(self, now):
        for _, mail in self.left():
            mail.status, mail.address, mail.sent_at = self.status, self.address, now if self.status == "sent" else mail.sent_at

    def bounce(self):
        if self.address == self.person.address:
            self.person.has_bounced = True


@dataclass(eq=False)
class Reminder:
    side: str
    key: str
    reason: str | None
    sends_on: dt.date
    decided_at: dt.datetime
    mail: Mail | None
    rule: dt.date | None # the first day of the one that decided; None: its person
    is_snoozed: bool = False # by its person, in the place of a rule
    is_last: bool = True # its last word

    @property
    def is_queued(self):
        return self.reason is None and not self.is_snoozed

    @property
    def decision(self):
        return "snoozed" if self.is_snoozed else "queued" if self.is_queued else "suppressed"


class Mailroom:
    """What time decides about the mails of a district's check-ins, and what its mailer does with them."""

    def __init__(self, days, round_, posts):
        self.days = days
        self.round = round_
        self.posts = posts
        self.is_held = False
        self.mails = []  # [(check-in, mail)]: those that wait, and perhaps others
        self.bundles = []
        self.snoozes = self.snoozed_away = 0

    # ---- Deciding ------------------------------------------------------------------------------------

    def queue(self, c, kind, person, occurrence, side, now, not_before, not_after, reason=None):
        """Once: what was decided before stays. A duty that cannot go is somebody's task."""
        for mail in c.mails:
            if mail.name == (kind, person.key, occurrence):
                return mail
        mail = Mail(kind, person, occurrence, side, c.due, c.sequence, now, not_before, not_after,
                    address=person.address)
        c.mails.append(mail)
        self.mails.append((c, mail))
        task = None
        if reason is None:
            reason, task = person.stops(c.partnership, self.days.today(now))
        if reason is None and not_after <= now:
            reason = "stale"
        if reason:
            mail.withdraw(reason)
        if task:
            c.calls.setdefault(person.key, [task, reason])
        return mail

    def slots(self, c):
        """Of each day of the rules: from which day until which it reminds, on which it would, at which instant, by which
        rule: that of the day."""
        found = []
        for number in sorted({n for rule in (*c.partnership.own_rules, *c.partnership.districts_rules) for n in rule.days}):
            first = max(c.due + number * DAY, c.opens) if number <= 0 else c.due + number * DAY
            last = c.due if number <= 0 else first + LATE_DAYS * DAY
            rule = c.partnership.rule_on(first)
            if number in rule.days:
                day = self.days.first_mail_day(first, last, c.place)
                found.append((number, first, last, day, self.days.mail_hour(day or first, c.place), rule))
        return found

    def remind(self, now):
        for c in self.round.alive():
            if not c.partnership.is_running() or abs((c.due - now.astimezone(UTC).date()).days) > REACH_DAYS:
                continue
            today = self.days.today(now, c.place)
            slots = self.slots(c)
            for place, (number, first, last, day, at, rule) in enumerate(slots):
                if c.dated_at <= at <= now:
                    following = slots[place + 1][3] if place + 1 < len(slots) else None
                    sends = self.days.first_mail_day(max(today, first), last, c.place)
                    why = ("blackout" if day is None else
                           "stale" if sends is None or following and following <= sends else None)
                    for side, person, key in c.partnership.recipients(today, rule):
                        if (c.due, number, side, key) not in c.reminders:
                            self.remind_one(c, (number, first, last, sends, why, rule), side, person, key, now)

    def remind_one(self, c, slot, side, person, key, now):
        number, first, last, sends, why, rule = slot
        if why != "blackout" and side in c.halves:
            why = "already_done"
        if why is None and any(r.is_snoozed and r.is_last and (r.side, r.key) == (side, key) and due == c.due and r.sends_on >= sends
                               for (due, _, _, _), r in c.reminders.items()):
            why = "snoozed"
            self.snoozed_away += 1
        if why is None and any(
                r.is_queued and of_number == number and (r.side, r.key) == (side, key) and r.mail.status != "suppressed"
                and r.sends_on > sends - GAP_DAYS * DAY for (_, of_number, _, _), r in c.reminders.items()):
            why = "rate_limited"
        not_before = self.days.mail_hour(sends or first, c.place)
        not_after = self.days.instant(last + DAY, 0, c.place)
        mail = person and self.queue(c, "check_in_reminder", person, f"{c.due} {number} {side}", side, now,
                                     not_before, not_after, why)
        c.reminders[c.due, number, side, key] = Reminder(
            side, key, mail.reason if mail else why or "no_lead", sends or first, now, mail or None, rule.first)
        if side == "district" and person and number > 0 and why in (None, "rate_limited", "snoozed"):
            self.escalate(c, number, rule, person, now, not_before, not_after)

    def snooze(self, c, side, person, until, now):
        """What would come until that day gives way to one mail of it, or of the next day of mail; None where none is left."""
        today = self.days.today(now, c.place)
        last = c.due if today < c.due else max(c.due, today) + LATE_DAYS * DAY
        day = self.days.first_mail_day(until, last, c.place)
        if until <= today or day is None:
            return None
        for mail in c.mails:
            if mail.person is person and mail.kind == "check_in_reminder" and mail.gathers:
                mail.withdraw("snoozed")
        mail = self.queue(c, "check_in_reminder", person, f"{c.due} snoozed {day} {side} {text(now)}", side, now,
                          self.days.mail_hour(day, c.place), self.days.instant(last + DAY, 0, c.place))
        for (due, *_), r in c.reminders.items():
            r.is_last &= (due, r.side, r.key) != (c.due, side, person.key)
        c.reminders[c.due, (day - c.due).days, side, person.key] = Reminder(
            side, person.key, None, day, now, mail, None, is_snoozed=True)
        self.snoozes += 1
        return day

    def escalate(self, c, number, rule, lead, now, not_before, not_after):
        """By the first day of the rule that is late enough to the first above the lead, by the second one to the next. Who
        only helps to lead has nobody above."""
        today = self.days.today(now, c.place)
        place = sum(rule.escalation_days <= other <= number for other in rule.days)
        leads = c.partnership.leading("district", today)
        if not rule.escalates or lead not in leads and c.partnership.leading("district", today, rule.roles):
            return
        for person in c.partnership.above(lead, self.posts, today)[max(place - 1, 0):place]:
            self.queue(c, "check_in_escalation", person, f"{c.due} {number} escalation", "district", now,
                       not_before, not_after)

    def withdraw(self, now):
        """What has become needless since the last look."""
        for c, mail in self.waiting():
            if mail.kind == "check_in_cancelled":
                if c.is_alive():
                    mail.withdraw("cancelled")
            elif mail.side in c.halves:
                mail.withdraw("already_done")

    def notify(self, now):
        """Whoever was told of a day that no longer holds is told so."""
        for c in (c for p in self.round.partnerships for c in p.check_ins):
            is_over = c.status in ("cancelled", "skipped")
            if (c.sequence == 0 or not (is_over or c.is_alive())
                    or c.due < now.astimezone(UTC).date() - LATE_DAYS * DAY):
                continue
            for person in list(dict.fromkeys(mail.person for mail in c.mails)):
                self.notify_one(c, person, is_over, now)

    def notify_one(self, c, person, is_over, now):
        about = [m for m in c.mails if m.person is person and m.kind != "check_in_escalation"]
        told = max((m for m in about if m.status in GONE),
                   key=lambda m: (m.sequence, m.sent_at or dt.datetime.min.replace(tzinfo=UTC)), default=None)
        if told is None or told.sequence >= c.sequence:
            return
        was_over = told.kind == "check_in_cancelled"
        today = self.days.today(now, c.place)
        if is_over:
            needs = not was_over
        else:
            needs = ((was_over or told.due != c.due) and told.side not in c.halves
                     and any(one is person for _, one, _ in c.partnership.recipients(today)))
        kind = "check_in_cancelled" if is_over else "check_in_reminder"
        if not needs or any(m.occurrence == f"sequence {c.sequence}"
                            or m.kind == kind and m.status != "suppressed" and m.sequence >= c.sequence for m in about):
            return
        day = self.days.first_mail_day(today, today + LATE_DAYS * DAY, c.place)
        self.queue(c, kind, person, f"sequence {c.sequence}", told.side, now,
                   max(now, self.days.mail_hour(day or today, c.place)),
                   self.days.instant(max(c.due, day or today, today) + DAY, 0, c.place), None if day else "blackout")

    def told(self):
        """How often something happened that would prove nothing if it did not."""
        return {"gathered": sum(b.status == "sent" and len(b.left()) > 1 for b in self.bundles), "alone": sum(
            b.status == "sent" and len(b.left()) == 1 for b in self.bundles), "none left": sum(
            b.status == "suppressed" for b in self.bundles), "snoozed": self.snoozes, "left out for it": self.snoozed_away}

    def waiting(self):
        self.mails = [(c, mail) for c, mail in self.mails if mail.status in WAITING]
        return self.mails

    # ---- Sending -------------------------------------------------------------------------------------

    def due(self, now):
        """What the mailer has to look at: held mails only when they are worth nothing any more."""
        lone = [(c, m) for c, m in self.waiting() if m.carrier is None]
        bundles = [(None, b) for b in self.bundles if b.status in WAITING]
        return [(c, m) for c, m in lone + bundles if m.not_before <= now and (not self.is_held or m.not_after <= now)]

    def look(self, c, mail, now):
        """What the mailer does with one: suppressed, waits, again (the address is another one now), gathered (it goes in
        another one) or send."""
        for of, one in mail.carried if c is None else [(c, mail)]:
            if one.status != "suppressed":
                self.sift(of, one, now)
        if c is None and not mail.left():
            mail.status = "suppressed"
        if mail.status == "suppressed":
            return "suppressed"
        is_moved, mail.address = mail.address != mail.person.address, mail.person.address
        later = self.later(c and c.place, mail, now)
        if later is None or later > now:
            mail.not_before = min(later or mail.not_after, mail.not_after)
            return "waits"
        if is_moved:
            return "again"
        return "gathered" if mail.gathers and not mail.attempts and self.gather(c, mail, now) else "send"

    def sift(self, c, mail, now):
        reason, task = self.needless(c, mail, now)
        if reason:
            mail.withdraw(reason)
        if task:
            c.calls.setdefault(mail.person.key, [task, reason])

    def needless(self, c, mail, now):
        reason, task = self.obstacle(c, mail), None
        if reason is None:
            reason, task = mail.person.stops(c.partnership, self.days.today(now))
        if reason is None and mail.not_after <= now:
            reason = "stale"
        return reason, task

    def gather(self, c, mail, now):
        """What else goes to its person before the night, into one mail: a new one, or the one that waits since this morning
        in another zone. Once the day's has gone there is no other."""
        today = self.days.today(now)
        night = self.days.instant(today + DAY, 0)
        found = [(of, m) for of, m in self.waiting()
                 if m is not mail and m.person is mail.person and m.gathers and m.status == "queued" and not m.carrier
                 and not m.attempts and m.not_before < night and not self.needless(of, m, now)[0]
                 and (self.later(of.place, m, now) or night) < night]
        bundle = next((b for b in self.bundles if b.person is mail.person and b.day == today), None)
        if bundle is None and found:
            bundle = Bundle(mail.person, today, now, mail.not_after, mail.address, not_before=now)
            self.bundles.append(bundle)
        elif bundle is None or bundle.status != "queued" or bundle.attempts:
            return False
        for of, m in [(c, mail), *found]:
            bundle.take(of, m)
        return True

    @staticmethod
    def obstacle(c, mail):
        is_over = c.status in ("cancelled", "skipped")
        if mail.kind == "check_in_cancelled":
            return None if is_over else "cancelled"
        if is_over or not c.partnership.is_running():
            return "cancelled"
        if not c.is_alive():
            return "already_done"
        if mail.due != c.due:
            return "moved"
        return "already_done" if mail.side in c.halves else None

    def later(self, place, mail, now):
        """When it may go: now, between two hours of a day of mail; else at the first of them on the next one. A day for
        which it was decided has been looked at, but for a blackout or a closed day that is younger. Who has had the
        day's mail gets the rest on the next one, if that is in time."""
        today = self.days.today(now, place)
        until = self.days.instant(today, max(self.days.until_hour, self.days.hour + 1), place)
        since = mail.decided_at if mail.attempts else mail.not_before
        if self.days.today(min(since, mail.not_before), place) == today:
            may_go = not self.days.is_blackout(today, place) and not self.days.is_closed_since(today, place, mail.decided_at)
        else:
            may_go = self.days.is_mail_day(today, place)
        day = self.days.first_mail_day(today + DAY if now >= until else today, today + 60 * DAY, place)
        if not (may_go and self.days.mail_hour(today, place) <= now < until):
            return day and self.days.mail_hour(day, place)
        if mail.gathers and any(at >= self.days.instant(today, 0) for at in mail.person.reminded):
            day = self.days.first_mail_day(today + DAY, today + 61 * DAY, place)
            later = day and self.days.mail_hour(day, place)
            return later if later and later < mail.not_after else now
        return now

    @staticmethod
    def end(c, mail, outcome, now, wait):
        """What the mail server said; of what nobody knows there is one more attempt."""
        mail.attempts.append(outcome)
        mail.status = ATTEMPTS[outcome]
        if mail.attempts.count("unknown") == 2 and outcome == "unknown":
            mail.status = "unknown"
        if mail.status == "retry":
            mail.not_before = now + wait
        if c is None:
            mail.follow(now)
        elif outcome == "sent":
            mail.sent_at = now
        if outcome == "sent" and (c is None or mail.gathers):
            mail.person.reminded.append(now)
        elif outcome == "refused":
            mail.bounce()
            for of, _ in [(c, mail)] if c else mail.left():
                of.calls.setdefault(mail.person.key, ["call", "bounced"])
