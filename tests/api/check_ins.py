"""Partnerships with check-ins, made as time makes them: by the functions of the check-in worker."""

from world import insert, uuid7

NOW = "2026-11-21T15:00:00.000Z"
SAID = {"created_at": NOW, "updated_at": NOW}
QUARTERS = (
    ("2026-07-01", "2026-09-30"),
    ("2026-10-01", "2026-12-31"),
    ("2027-01-01", "2027-03-31"),
    ("2027-04-01", "2027-06-30"),
)


class Running:
    """An active partnership of a district: a lead on each side, a goal, and no check-in yet."""

    def __init__(self, database, district, user, email="ann@example.org", **fields):
        self.database = database
        self.district = district
        self.user = user
        rows = {"district_id": district, **SAID}
        self.partner, self.contact, self.id, self.goal = (uuid7() for _ in range(4))
        with database.connect("kith_migrate") as connection, connection.transaction():
            insert(connection, "partner", {**rows, "id": self.partner, "name": "P",
                                           "kind": "civic", "tier": "anchor"})
            insert(connection, "contact", {**rows, "id": self.contact, "name": "Ann",
                                           "email": email and f"{self.contact}.{email}"})
            insert(connection, "partnership",
                   {**rows, "id": self.id, "partner_id": self.partner, "name": "A partnership",
                    "arrangement": "program", "status": "active",
                    "activated_at": "2026-10-01T12:00:00Z", **fields})
            for side in ({"user_id": user}, {"contact_id": self.contact}):
                insert(connection, "partnership_role",
                       {**rows, "id": uuid7(), "partnership_id": self.id, "side": "district",
                        "role": "lead", **side})
            insert(connection, "goal", {**rows, "id": self.goal, "partnership_id": self.id,
                                        "statement": "Read", "due_on": "2027-06-30"})

    def work(self, function, now=NOW, connection=None):
        """What the worker does at that instant, on a connection of its own or on that one."""
        if connection is None:
            with self.database.connect("kith_checkin") as connection:
                return self.work(function, now, connection)
        with connection.transaction():
            return connection.execute(
                f"SELECT {function}(%s, %s)", (self.district, now)).fetchone()[0]

    def check_in(self, number=2, **fields):
        """One of the quarter, as check_in_plan makes it, open."""
        one = uuid7()
        with self.database.connect("kith_migrate") as connection:
            insert(connection, "check_in",
                   {"district_id": self.district, **SAID, "id": one, "partnership_id": self.id,
                    "school_year": 2027, "number": number, "due_on": "2026-12-11",
                    "opens_on": "2026-11-20", "dated_at": NOW, "uid": one, "status": "open",
                    "opened_at": NOW, **fields})
        return one


def quarters(database, district):
    with database.connect("kith_migrate") as connection:
        for number, (starts_on, ends_on) in enumerate(QUARTERS, 1):
            insert(connection, "reporting_quarter",
                   {"district_id": district, **SAID, "id": uuid7(), "school_year": 2027,
                    "number": number, "starts_on": starts_on, "ends_on": ends_on})


def running(tenant, **fields):
    return Running(tenant.api.database, tenant.id, tenant.users["director"], **fields)


def at_a_site(tenant):
    """One of a partnership that a new site leads, which stands in tenant.check_in_site."""
    tenant.check_in_site = tenant.admin.site().id
    return running(tenant, lead_site_id=tenant.check_in_site).check_in()


def a_check_in(tenant):
    return running(tenant).check_in()


def a_row(table, **fields):
    """Of a table that only a unit's functions write, about a check-in of its own."""
    def make(tenant):
        partnership = running(tenant)
        one, check_in = uuid7(), partnership.check_in()
        values = {"district_id": tenant.id, **SAID, "id": one}
        with tenant.api.database.connect("kith_migrate") as connection:
            message = values["id"] if table == "message" else a_message(connection, partnership)
            row = {**values, **{name: value(partnership, check_in, message)
                                for name, value in fields.items()}}
            if table == "check_in_goal":
                insert(connection, "check_in_half", {**values, "id": uuid7(), "side": "district",
                                                     "check_in_id": check_in})
            insert(connection, table, row)
        return one
    return make


def a_message(connection, partnership):
    one = uuid7()
    insert(connection, "message",
           {"district_id": partnership.district, **SAID, "id": one,
            **{name: value(partnership, one, None) for name, value in MESSAGE.items()}})
    return one


MESSAGE = {
    "class": lambda *_: "duty", "topic": lambda *_: "check_ins",
    "kind": lambda *_: "check_in_reminder", "subject_id": lambda p, c, m: c,
    "recipient_key": lambda p, c, m: f"contact:{p.contact}",
    "contact_id": lambda p, c, m: p.contact, "partnership_id": lambda p, c, m: p.id,
    "occurrence": lambda *_: "1", "to_address": lambda *_: "ann@example.org",
    "locale": lambda *_: "en", "status": lambda *_: "queued",
    "not_before": lambda *_: NOW, "not_after": lambda *_: "2026-12-12T06:00:00Z",
}
THERE = {
    "check_ins": a_check_in,
    "check_in_halves": a_row("check_in_half", check_in_id=lambda p, c, m: c,
                             side=lambda *_: "district"),
    "check_in_goals": a_row("check_in_goal", check_in_id=lambda p, c, m: c,
                            side=lambda *_: "district", goal_id=lambda p, c, m: p.goal,
                            progress=lambda *_: "met"),
    "goal_settlements": a_row(
        "goal_settlement", check_in_id=lambda p, c, m: c, goal_id=lambda p, c, m: p.goal, progress=lambda *_: "met",
        side=lambda *_: "partner", contact_id=lambda p, c, m: p.contact, settled_at=lambda *_: NOW),
    "check_in_delegates": a_row(
        "check_in_delegate", check_in_id=lambda p, c, m: c, from_contact_id=lambda p, c, m: p.contact,
        to_contact_id=lambda p, c, m: p.contact, delegated_at=lambda *_: NOW),
    "messages": a_row("message", **MESSAGE),
    "reminders": a_row(
        "reminder", check_in_id=lambda p, c, m: c, due_on=lambda *_: "2026-12-11",
        offset_days=lambda *_: 0, side=lambda *_: "partner",
        recipient_key=lambda p, c, m: f"contact:{p.contact}", contact_id=lambda p, c, m: p.contact,
        sends_on=lambda *_: "2026-12-11", decided_at=lambda *_: NOW, decision=lambda *_: "queued",
        message_id=lambda p, c, m: m),
    "call_tasks": a_row(
        "call_task", kind=lambda *_: "call", reason=lambda *_: "no_email",
        subject_id=lambda p, c, m: c, recipient_key=lambda p, c, m: f"contact:{p.contact}",
        contact_id=lambda p, c, m: p.contact, partnership_id=lambda p, c, m: p.id,
        message_id=lambda p, c, m: m),
}
