"""The check-ins in the model of a decade: what time and people do to them."""
import datetime as dt
from dataclasses import dataclass, field

from check_in_model import DAY
from decade_people import Partnership


@dataclass(eq=False)
class CheckIn:
    partnership: Partnership
    year: int
    number: int
    due: dt.date
    opens: dt.date
    dated_at: dt.datetime
    planned: dt.date | None = None
    status: str = "scheduled"
    sequence: int = 0
    opened_at: dt.datetime | None = None
    closed_at: dt.datetime | None = None
    answered_at: dt.datetime | None = None
    is_reopened: bool = False
    by_plan: bool = False # cancelled, as nothing wants it any more
    by_pause: bool = False # cancelled with its partnership
    halves: set = field(default_factory=set)  # sides whose half is in
    reminders: dict = field(default_factory=dict)  # (due, rule, side, recipient): Reminder
    mails: list = field(default_factory=list)
    calls: dict = field(default_factory=dict)  # recipient: [kind, reason]

    @property
    def key(self):
        return self.partnership.id, self.year, self.number

    @property
    def place(self):
        return self.partnership.place

    def is_alive(self):
        return self.status in ("scheduled", "open")

    def withdraw(self, reason):
        for mail in self.mails:
            mail.withdraw(reason)

    def move(self, due, now, opening_days):
        """To another day: it opens as long before, if it is not open yet, and reminds anew."""
        self.opens = due - opening_days * DAY if self.status == "scheduled" else min(self.opens, due)
        self.due, self.dated_at = due, now
        self.sequence += 1
        self.withdraw("moved")

    def open(self, now, today):
        self.status, self.opened_at, self.opens = "open", now, min(self.opens, today)

    def finish(self, now):
        self.status = ("missed", "closed_partial", "complete")[len(self.halves)]
        self.closed_at = now
        self.withdraw("already_done" if self.status == "complete" else "cancelled")

    def drop(self, status, now):
        self.status, self.closed_at = status, now
        self.sequence += 1
        self.withdraw("cancelled")

    def reopen(self, now, today):
        self.open(self.opened_at or now, today)
        self.closed_at = self.answered_at = None
        self.by_plan = self.by_pause = False
        self.is_reopened = True
        self.dated_at = now
        self.sequence += 1
        self.halves.clear()

    def submit(self, side, now):
        """The mails that its reminders have decided need not go; others see it when they look."""
        self.halves.add(side)
        for reminder in self.reminders.values():
            if reminder.side == side and reminder.mail:
                reminder.mail.withdraw("already_done")
        if len(self.halves) == 2:
            self.answered_at = now


class Round:
    """What time does to the check-ins of a district: planned, planned anew, opened and ended."""

    def __init__(self, days, partnerships):
        self.days = days
        self.partnerships = partnerships
        self.opening_days = 21

    def alive(self):
        return [c for p in self.partnerships for c in p.check_ins if c.is_alive()]

    def wanted_due(self, partnership, span, days_before=0):
        """The day on which a quarter's check-in is due, if the partnership runs then, and has run so many days before."""
        due = span and self.days.due_day(span, partnership.place)
        active_on = self.days.today(partnership.activated_at, partnership.place)
        return due if due and active_on + days_before * DAY <= due <= partnership.ends_on else None

    def plan(self, now):
        """Of running partnerships, for the quarter of today and the next one, what is missing; what would have been open
        when one began it does not get."""
        for one in self.partnerships:
            if not one.is_running():
                continue
            today = self.days.today(now, one.place)
            spans = self.days.spans(one.place)
            ahead = min((first for first, _ in spans.values() if first > today), default=None)
            there = {(c.year, c.number) for c in one.check_ins}
            for (year, number), span in sorted(spans.items()):
                if (year, number) in there or not (span[0] <= today <= span[1] or span[0] == ahead):
                    continue
                due = self.wanted_due(one, span, self.opening_days) if one.wants(number) else None
                if due:
                    one.check_ins.append(CheckIn(one, year, number, due, due - self.opening_days * DAY, now, due))

    def replan(self, now):
        """What nobody has touched, and has not opened, follows what it was planned by."""
        for one in self.partnerships:
            for c in one.check_ins if one.is_running() else ():
                if c.by_plan or c.status == "scheduled" and c.due == c.planned:
                    self.replan_one(c, now)

    def replan_one(self, c, now):
        one = c.partnership
        due = self.wanted_due(one, self.days.spans(one.place).get((c.year, c.number))) if one.wants(c.number) else None
        if c.by_plan and due and due < self.days.today(now, one.place):
            due = None # too late to come back
        if (due is None) != c.by_plan:
            c.by_plan = due is None
            c.status, c.closed_at = ("cancelled", now) if c.by_plan else ("scheduled", None)
            c.sequence += 1
            c.dated_at = now
            if c.by_plan:
                c.withdraw("cancelled")
        if due and due != c.due:
            c.move(due, now, self.opening_days)
            c.planned = due

    def advance(self, now):
        for c in self.alive():
            if c.status == "scheduled" and c.opens <= self.days.today(now, c.place):
                c.open(now, c.opens)
        for c in self.alive():
            if c.status == "open" and not c.is_reopened and self.is_over(c, self.days.today(now, c.place)):
                c.finish(now)

    def is_over(self, c, today):
        """The next one has come open; or both have answered a week ago; or the year is over and nobody is reminded."""
        others = c.partnership.check_ins
        if any(n.due > c.due and n.opened_at for n in others):
            return True
        if c.answered_at and max(self.days.today(c.answered_at, c.place) + 7 * DAY, c.due + DAY) <= today:
            return True
        last_rule = max([0, *c.partnership.rule_on(today).days])
        return (c.due < today - max(30, last_rule + 14) * DAY
                and not any(n.due > c.due and n.year == c.year and n.status == "scheduled" for n in others))

    def stop(self, partnership, status, now):
        """Paused or ended: what is to come is cancelled, and no mail goes."""
        was_running = partnership.is_running()
        partnership.status = status
        if not was_running:
            return
        for c in partnership.check_ins:
            if c.is_alive() and c.due >= self.days.today(now, partnership.place):
                c.status, c.closed_at, c.by_pause = "cancelled", now, True
                c.sequence += 1
            for mail in c.mails:
                if mail.kind != "check_in_cancelled":
                    mail.withdraw("cancelled")

    def resume(self, partnership, now):
        """What is not due yet is back."""
        partnership.status = "active"
        for c in partnership.check_ins:
            if c.by_pause and c.due >= self.days.today(now, partnership.place):
                c.status = "open" if c.opened_at else "scheduled"
                c.closed_at, c.by_pause, c.dated_at = None, False, now
                c.sequence += 1
