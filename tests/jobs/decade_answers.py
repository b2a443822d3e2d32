"""What people do in a decade about mails and check-ins: they opt out, leave, hand over, answer, move, skip. Each event is
drawn, and done to the database and to the model."""
from check_in_model import DAY
from decade_people import ALWAYS


def of_person(town, now):
    event, = town.chance.choices((opt_out, leave, leave_place, user_leaves, new_address, tell, report, forgive),
                                 (6, 2, 2, 1, 3, 5, 3, 4))
    event(town, now)


def of_check_in(town, now):
    alive = [c for p in town.partnerships for c in p.check_ins if c.status == "open"]
    if alive and town.chance.random() < 0.25:
        return snooze(town, now, town.chance.choice(alive))
    if alive and town.chance.random() < 0.75:
        return submit(town, now, town.chance.choice(alive))
    recent = [c for p in town.partnerships for c in p.check_ins
              if abs((c.due - town.days.today(now)).days) < 100]
    if recent:
        event, = town.chance.choices((move, skip, cancel, reopen_one, complete, close_one, open_one),
                                     (14, 2, 2, 4, 4, 2, 3))
        event(town, now, town.chance.choice(recent))
    return None


# ---- People --------------------------------------------------------------------------------------

def opt_out(town, now):
    """Of all mail, of the topic; and back."""
    one = town.chance.choice(town.contacts)
    topic = town.chance.choice(("all", "check_ins"))
    attribute = "wants_none" if topic == "all" else "no_topic"
    setattr(one, attribute, not getattr(one, attribute))
    with town.ledger.acting(now) as connection:
        connection.execute(
            "INSERT INTO preference (district_id, id, contact_id, topic, opted_out) VALUES (%s, uuid7(), %s, %s, %s) "
            "ON CONFLICT (district_id, coalesce(contact_id, user_id), topic, channel) WHERE archived_at IS NULL "
            "DO UPDATE SET opted_out = excluded.opted_out", (town.ledger.id, one.id, topic, getattr(one, attribute)))
    town.tell(now, None, f"{one.key} out of {topic}: {getattr(one, attribute)}")


def leave(town, now):
    one = town.chance.choice(town.contacts)
    one.has_left = not one.has_left and town.chance.random() < 0.6
    town.ledger.put(now, "contact", one.id, status="left" if one.has_left else "active")
    town.tell(now, None, f"{one.key} has left: {one.has_left}")


def leave_place(town, now):
    """One of the partners that somebody works for. Who has left does not get back what is over."""
    one = town.chance.choice(town.contacts)
    if one.places:
        today = town.days.today(now)
        partnership = town.chance.choice(list(one.places))
        last = town.chance.choice((ALWAYS, today + town.chance.randrange(-1, 20) * DAY))
        if one.has_left and one.places[partnership] < today <= last:
            return
        one.places[partnership] = last
        with town.ledger.acting(now) as connection:
            connection.execute("UPDATE affiliation SET until_date = %s WHERE contact_id = %s AND partner_id = %s",
                               (None if last == ALWAYS else last, one.id, partnership.partner))
        town.tell(now, partnership, f"{one.key} is at the partner's until {last}")


def user_leaves(town, now):
    there = [user for user in town.users if not user.has_left]
    if len(there) > 4:
        one = town.chance.choice(there)
        one.has_left = True
        town.ledger.put(now, "app_user", one.id, status="disabled")
        town.tell(now, None, f"{one.key} is no user any more")


def new_address(town, now):
    """Of another mailbox, which works."""
    one = town.chance.choice(town.contacts)
    one.address, one.has_bounced = f"{next(town.numbers)}.{one.id}@example.org", False
    town.ledger.put(now, "contact", one.id, email=one.address)
    town.tell(now, None, f"{one.key} is {one.address} now")


def gone_mails(town, now, days):
    return [(c, m) for p in town.partnerships for c in p.check_ins for m in c.mails
            if m.status == "sent" and m.sent_at > now - days * DAY and m.person.kind == "contact"]


def tell(town, now):
    """By a mail's link: a colleague does it, or it is not me."""
    if mails := gone_mails(town, now, 30):
        c, mail = town.chance.choice(mails)
        reason = town.chance.choice(("pass_on", "pass_on", "not_me", "left_org"))
        town.ledger.tell(now, (mail.carrier or mail).id, reason)
        for of, _ in mail.carrier.left() if mail.carrier else [(c, mail)]:
            of.calls[mail.person.key] = ["hand_over", reason]
        mail.person.wants_none |= reason != "pass_on"
        town.tell(now, c.partnership, f"{mail.person.key} says {reason}")


def report(town, now):
    """Another mail system says later that there is no such address, or whoever got it complains."""
    if mails := [(c, m) for c, m in gone_mails(town, now, 10) if not (m.carrier or m).is_reported]:
        c, mail = town.chance.choice(mails)
        gone, mail = mail.carrier.left() if mail.carrier else [(c, mail)], mail.carrier or mail
        mail.is_reported = True
        kind = town.chance.choice(("hard", "complaint"))
        town.ledger.report(now, mail.id, kind)
        if kind == "complaint":
            mail.person.wants_none = True
        else:
            mail.bounce()
            mail.status = "failed"
            for of, one in gone:
                one.status = "failed"
                of.calls.setdefault(mail.person.key, ["call", "bounced"])
        town.tell(now, c.partnership, f"reported of {mail.person.key}: {kind}")


def forgive(town, now):
    """An address works again."""
    bounced = [one for one in [*town.contacts, *town.users] if one.has_bounced]
    if bounced:
        one = town.chance.choice(bounced)
        one.has_bounced = False
        with town.ledger.acting(now) as connection:
            connection.execute("UPDATE address_suppression SET archived_at = %s WHERE address = %s AND archived_at IS NULL",
                               (now, one.address))
        town.tell(now, None, f"{one.key} has an address again")


# ---- Check-ins -----------------------------------------------------------------------------------

def done(town, now, c, what):
    town.tell(now, c.partnership, f"{what}: {c.year}/{c.number}, due {c.due}, {c.status}")


def submit(town, now, c):
    side = town.chance.choice(("district", "partner"))
    contacts = c.partnership.leading("partner", town.days.today(now, c.place))
    if side not in c.halves and (side == "district" or contacts):
        town.ledger.submit(now, c, side, contacts[0].id if side == "partner" else None)
        c.submit(side, now)
        done(town, now, c, f"the {side}'s half is in")


def move(town, now, c):
    due = max(c.due, town.days.today(now, c.place)) + town.chance.choice((-9, -4, -1, 1, 2, 5, 12, 30)) * DAY
    if c.is_alive() and due >= town.days.today(now, c.place) and due != c.due:
        town.ledger.put(now, "check_in", town.ledger.check_in(c), due_on=due)
        c.move(due, now, town.round.opening_days)
        done(town, now, c, "moved")


def drop(town, now, c, action, status):
    if c.is_alive() and town.chance.random() < 0.5:
        town.ledger.act(now, c, action, "x")
        c.drop(status, now)
        done(town, now, c, action)


def skip(town, now, c):
    drop(town, now, c, "skip", "skipped")


def cancel(town, now, c):
    drop(town, now, c, "cancel", "cancelled")


def reopen_one(town, now, c):
    if not c.is_alive():
        town.ledger.act(now, c, "reopen", "x")
        c.reopen(now, town.days.today(now, c.place))
        done(town, now, c, "reopened")


def complete(town, now, c):
    if c.status == "open" and len(c.halves) == 2:
        town.ledger.act(now, c, "complete")
        c.finish(now)
        done(town, now, c, "completed")


def close_one(town, now, c):
    if c.status == "open" and len(c.halves) < 2 and (c.is_reopened or c.due < town.days.today(now, c.place)):
        town.ledger.act(now, c, "close")
        c.finish(now)
        done(town, now, c, "closed")


def snooze(town, now, c):
    """In three days, a week, or on a day: not before tomorrow, and perhaps too late."""
    today = town.days.today(now, c.place)
    there = [(side, person) for side, person, _ in c.partnership.recipients(today) if person and side not in c.halves]
    if c.status == "open" and there:
        side, person = town.chance.choice(there)
        until = today + town.chance.choice((3, 3, 7, 7, 1, 12)) * DAY
        if town.mailroom.snooze(c, side, person, until, now):
            town.ledger.snooze(now, c, person, until)
            done(town, now, c, f"{person.key} is reminded again from {until} on")


def open_one(town, now, c):
    if c.status == "scheduled":
        town.ledger.act(now, c, "open")
        c.open(now, town.days.today(now, c.place))
        done(town, now, c, "opened")
