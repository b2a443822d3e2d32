"""What happens in a decade to a district's calendar, settings and posts, and to its partnerships: each event is drawn,
and done to the database and to the model."""
from check_in_model import DAY
from decade_days import Span
from decade_people import ALWAYS, Rule


def of_nobody(town, now):
    """The district's calendar and settings."""
    event, = town.chance.choices((close, reopen, black_out, clear, move_quarter, set_hour, set_rules, set_opening,
                                  set_holidays, hold, vacate, settle), (12, 4, 5, 3, 5, 2, 2, 1, 1, 4, 3, 6))
    event(town, now)


def of_partnership(town, now):
    one = town.chance.choice(town.partnerships)
    event, = town.chance.choices((pause, resume, end, until, tier, cadence, own_rules, new_lead, no_lead, two_leads),
                                 (5, 8, 1, 2, 4, 4, 3, 6, 2, 2))
    event(town, now, one)


# ---- The district --------------------------------------------------------------------------------

def span(town, now, longest):
    first = town.days.today(now) + town.chance.randrange(50) * DAY
    site = town.chance.choice((None, None, town.chance.choice(town.sites).id))
    return Span(first, first + town.chance.randrange(longest) * DAY, site)


def close(town, now):
    one = span(town, now, 6)
    if town.chance.random() < 0.3: # for snow
        one = Span(town.days.today(now), town.days.today(now), one.site)
    one.is_open = town.chance.random() < 0.15
    town.close(now, one)


def black_out(town, now):
    town.close(now, span(town, now, 9), "blackout")


def put_away(town, now, table, spans):
    if spans:
        one = town.chance.choice(list(spans))
        town.ledger.put(now, table, one, archived_at=now)
        town.tell(now, None, f"no {table} any more: {spans.pop(one)}")
        town.days.changed()


def reopen(town, now):
    put_away(town, now, "closed_day", town.days.closures)


def clear(town, now):
    put_away(town, now, "blackout", town.days.blackouts)


def move_quarter(town, now):
    """The day on which one ends and the next one begins, of those to come."""
    today = town.days.today(now)
    keys = [key for key, (_, last) in town.days.quarters.items() if last > today and (key[0], key[1] + 1) in town.days.quarters]
    if not keys:
        return
    year, number = town.chance.choice(keys)
    (first, last), (_, end_) = town.days.quarters[year, number], town.days.quarters[year, number + 1]
    ends = max(today, first, last + town.chance.randrange(-7, 8) * DAY)
    if ends >= end_:
        return
    steps = [((year, number), (first, ends)), ((year, number + 1), (ends + DAY, end_))]
    for key, (starts_on, ends_on) in steps if ends <= last else reversed(steps):
        town.ledger.put(now, "reporting_quarter", town.quarter_ids[key], starts_on=starts_on, ends_on=ends_on)
        town.days.quarters[key] = starts_on, ends_on
    town.days.changed()
    town.tell(now, None, f"quarter {number} of {year} ends {ends}")


def setting(town, now, **values):
    town.ledger.put(now, "district", town.ledger.id, **values)
    town.days.changed()
    town.tell(now, None, f"{values}")


def set_hour(town, now):
    town.days.hour = town.chance.choice((1, 2, 6, 8, 9, 9, 10))
    town.days.until_hour = town.chance.choice((12, 17, 18, 18))
    setting(town, now, mail_hour=town.days.hour, mail_until_hour=town.days.until_hour)


def rule(town, now, rules, **more):
    """Another one, from some day to come on, in whatever order."""
    chance = town.chance
    days = chance.sample((-30, -21, -14, -10, -7, -3, -1, 0, 1, 3, 7, 10, 20), chance.randrange(1, 6))
    one = Rule(town.days.today(now) + chance.choice((1, 1, 2, 9, 30)) * DAY, tuple(sorted(days)),
               chance.choice(("leads", "leads", "co_leads", "coordinators")), chance.random() < 0.8, chance.choice((1, 1, 3, 8)),
               bool(more) and chance.random() < 0.4)
    if all(other.first != one.first for other in rules):
        town.ledger.add(now, "reminder_rule", effective_from=one.first, reminder_days=days, recipients=one.recipients,
                        language="person", escalates=one.escalates, escalation_days=one.escalation_days,
                        follows_district=one.follows_district, **more)
        rules.append(one)
    return one


def set_rules(town, now):
    town.tell(now, None, f"{rule(town, now, town.rules)}")


def set_opening(town, now):
    town.round.opening_days = town.chance.choice((14, 21, 28))
    setting(town, now, check_in_opening_days=town.round.opening_days)


def set_holidays(town, now):
    town.days.opens_on_holidays = not town.days.opens_on_holidays
    setting(town, now, opens_on_holidays=town.days.opens_on_holidays)


def hold(town, now):
    town.mailroom.is_held = not town.mailroom.is_held and town.chance.random() < 0.4
    setting(town, now, mail_held_at=now if town.mailroom.is_held else None,
            mail_hold_reason="x" if town.mailroom.is_held else None)


def vacate(town, now):
    """Somebody gives up a post, today or in a while."""
    today = town.days.today(now)
    held = [holder for post in town.posts for holder in post.holders if holder.on(today)]
    if held:
        holder = town.chance.choice(held)
        holder.last = today + town.chance.randrange(20) * DAY
        town.ledger.put(now, "post_holder", holder.id, until_date=holder.last)
        town.tell(now, None, f"{holder.person.key} holds a post until {holder.last}")


def settle(town, now):
    """A post that nobody holds gets somebody."""
    today = town.days.today(now)
    free = [post for post in town.posts if all(holder.last < today for holder in post.holders)]
    if free:
        post, person = town.chance.choice(free), town.person("user", now)
        town.users.append(person)
        town.hold(post, person, today)
        town.tell(now, None, f"{person.key} holds a post from {today}")


# ---- Partnerships --------------------------------------------------------------------------------

def pause(town, now, one, status="paused"):
    if one.is_running():
        town.ledger.put(now, "partnership", one.id, status=status)
        town.round.stop(one, status, now)
        town.tell(now, one, status)


def resume(town, now, one):
    if one.status == "paused":
        town.ledger.put(now, "partnership", one.id, status="active")
        town.round.resume(one, now)
        town.tell(now, one, "it runs again")


def end(town, now, one):
    """Another one takes its place."""
    if one.is_running():
        pause(town, now, one, "ended")
        town.partnership(now)


def change(town, now, one, **values):
    town.ledger.put(now, "partnership", one.id, **values)
    town.tell(now, one, f"{values}")


def until(town, now, one):
    one.ends_on = town.chance.choice((ALWAYS, town.days.today(now) + town.chance.randrange(20, 300) * DAY))
    change(town, now, one, ends_on=None if one.ends_on == ALWAYS else one.ends_on)


def tier(town, now, one):
    if town.chance.random() < 0.5:
        one.tier = town.chance.choice((None, "anchor", "partner", "supporter"))
        change(town, now, one, tier=one.tier)
    else:
        one.partner_tier = town.chance.choice((None, "anchor", "partner", "supporter"))
        town.ledger.put(now, "partner", one.partner, tier=one.partner_tier)
        town.tell(now, one, f"its partner's tier is {one.partner_tier}")


def cadence(town, now, one):
    one.cadence = town.chance.choice((None, "quarterly", "twice_a_year", "none", "quarterly"))
    change(town, now, one, cadence=one.cadence)


def own_rules(town, now, one):
    town.tell(now, one, f"{rule(town, now, one.own_rules, partnership_id=one.id)}")


def end_lead(town, now, one, lead, last):
    if last < lead.first: # of the same day: it never was
        town.ledger.put(now, "partnership_role", lead.id, archived_at=now)
        one.leads.remove(lead)
    else:
        lead.last = last
        town.ledger.put(now, "partnership_role", lead.id, until_date=last)
    town.tell(now, one, f"{lead.person.key} leads until {last}")


def no_lead(town, now, one):
    """Whoever leads a side does not any more."""
    today = town.days.today(now, one.place)
    leads = [lead for lead in one.leads if lead.last >= today]
    if leads:
        end_lead(town, now, one, town.chance.choice(leads), today - DAY)


def new_lead(town, now, one):
    """In the place of those who led the side."""
    today = town.days.today(now, one.place)
    kind = town.chance.choice(("user", "contact"))
    for lead in [lead for lead in one.leads if lead.person.kind == kind and lead.last >= today]:
        end_lead(town, now, one, lead, today - DAY)
    two_leads(town, now, one, kind)


def two_leads(town, now, one, kind=None):
    """Beside them."""
    kind = kind or town.chance.choice(("user", "contact"))
    if kind == "user":
        person = town.chance.choice([user for user in town.users if not user.has_left])
    else:
        person = town.person("contact", now)
        town.contacts.append(person)
    if not any(lead.person is person and lead.last >= town.days.today(now, one.place) for lead in one.leads):
        role = town.chance.choice(("lead", "lead", "co_lead", "coordinator"))
        town.lead(one, person, now, role)
        town.tell(now, one, f"{person.key} is {role} from now on")
