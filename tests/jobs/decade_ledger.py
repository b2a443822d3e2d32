"""The database's side of a decade: what people do goes through the functions of the API, time through those of the
workers, each as its own role; and what the tables say in the end."""
import contextlib

from check_in_model import UTC
from claims import claim
from world import insert, unit, uuid7

STEPS = ("turn_begin", "check_in_plan", "check_in_replan", "check_in_advance", "check_in_mails_withdraw", "reminders_decide",
         "check_in_notices_decide")
CODES = {"sent": "250", "deferred": "451", "refused": "550", "unknown": None}
MOST_A_DAY = 100000


def text(now):
    return now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Ledger:
    """One district of a database that nobody else is in."""

    def __init__(self, database, zone, begins):
        self.stack = contextlib.ExitStack()
        self.admin, self.api, self.worker, self.mailer = (
            self.stack.enter_context(database.connect(f"kith_{role}")) for role in ("migrate", "api", "checkin", "mailer"))
        self.district = database.district(role="director", zone=zone)
        self.id = self.district.id
        self.ids = {}  # of check-ins by their key
        self.hashes = {}  # of the links in mails, by the message
        self.said = {"district_id": self.id, "created_at": begins, "updated_at": begins}
        self.admin.execute("UPDATE district SET go_live_at = %s WHERE id = %s", (begins, self.id))

    # ---- What people do ------------------------------------------------------------------------------

    def insert(self, table, **values):
        """As it was when all began."""
        row = {**self.said, "id": uuid7(), **values}
        insert(self.admin, table, row)
        return row["id"]

    @contextlib.contextmanager
    def acting(self, now):
        with unit(self.api, self.district, "admin,director", text(now)):
            yield self.api

    def add(self, now, table, **values):
        row = {"district_id": self.id, "id": uuid7(), **values}
        with self.acting(now) as connection:
            insert(connection, table, row)
        return row["id"]

    def put(self, now, table, one, **values):
        """By whoever may: it is what follows of it that counts."""
        places = ", ".join(f"{name} = %({name})s" for name in values)
        with self.admin.transaction():
            self.admin.execute("SELECT kith_context(%s, '', 'admin', %s, '')", (self.id, text(now)))
            done = self.admin.execute(f"UPDATE {table} SET {places} WHERE id = %(the_id)s", {**values, "the_id": one})
            assert done.rowcount == 1, (table, one)

    def check_in(self, c):
        if c.key not in self.ids:
            self.ids[c.key] = str(self.admin.execute(
                "SELECT id FROM check_in WHERE partnership_id = %s AND school_year = %s AND number = %s",
                c.key).fetchone()[0])
        return self.ids[c.key]

    def act(self, now, c, action, *fields):
        """An action of the API, of whatever version the check-in is."""
        with self.acting(now) as connection:
            places = ", ".join(["%s", "NULL"] + ["%s"] * len(fields))
            connection.execute(f"SELECT check_in_{action}({places})", (self.check_in(c), *fields))

    def submit(self, now, c, side, contact):
        self.act(now, c, "save_half", side, contact, "We read.", None, None, None, None)
        self.act(now, c, "submit_half", side)

    def snooze(self, now, c, person, until):
        self.act(now, c, "snooze", *((person.id, None) if person.kind == "contact" else (None, person.id)), until)

    def tell(self, now, message, reason):
        """By the link in a mail that ends mails: not me, I have left, a colleague does it."""
        with self.api.transaction():
            self.api.execute("SELECT link_enter(%s, %s, 'preferences', %s, '')",
                             (self.id, self.hashes[message], text(now)))
            self.api.execute("SELECT task_put('tell', jsonb_build_object('tell_reason', %s::text, 'tell_note', 'Bo'))",
                             (reason,))

    def report(self, now, message, kind):
        """Of a mail that had gone: another mail system says that there is no such address, or whoever got it complains."""
        attempt = self.admin.execute("SELECT id FROM message_attempt WHERE message_id = %s ORDER BY number DESC LIMIT 1",
                                     (message,)).fetchone()[0]
        with self.admin.transaction():
            assert self.admin.execute("SELECT mail_report_take(%s, %s, '5.1.1', %s)",
                                       (attempt, kind, text(now))).fetchone() == ("taken",)

    # ---- What time does ------------------------------------------------------------------------------

    def tick(self, now):
        with self.worker.transaction():
            for step in STEPS:
                self.worker.execute(f"SELECT {step}(%s, %s)", (self.id, now))

    def take(self, now):
        """The next mail that is due, and what became of it: (id, verdict), or None."""
        with self.mailer.transaction():
            claimed = claim(self.mailer, now, most_a_day=MOST_A_DAY)
        if claimed is None:
            return None
        _, message, verdict, stop_hash = claimed
        if verdict == "send":
            self.hashes[str(message)] = stop_hash
        return str(message), verdict

    def end(self, now, message, number, outcome, wait):
        with self.mailer.transaction():
            self.mailer.execute("SELECT message_end(%s, %s, %s, %s, %s, %s, %s, NULL, %s)",
                                (self.id, message, number, now, outcome, outcome == "refused", CODES[outcome],
                                 int(wait.total_seconds())))

    def message_key(self, message):
        """As the model knows it: check-in (none of one that carries others), kind, recipient, occurrence."""
        *key, kind, recipient, occurrence = self.admin.execute(
            "SELECT m.partnership_id::text, c.school_year, c.number, m.kind, m.recipient_key, m.occurrence "
            "FROM message m LEFT JOIN check_in c ON c.district_id = m.district_id AND c.id = m.subject_id WHERE m.id = %s",
            (message,)).fetchone()
        return None if kind == "duties" else tuple(key), (kind, recipient, occurrence)

    # ---- What there is -------------------------------------------------------------------------------

    def rows(self, since):
        """{what: its values}, of check-ins that are due since that day: themselves, their reminders, mails and tasks."""
        found = {}
        for what, columns, source in (
                ("check_in", "c.due_on, c.planned_on, c.opens_on, c.dated_at, c.status, c.sequence, c.opened_at, c.closed_at, "
                 "c.answered_at, c.reopened_at IS NOT NULL, c.is_cancelled_by_plan, c.is_cancelled_with", ""),
                ("reminder", "r.due_on, r.offset_days, r.side, r.recipient_key, '|', r.reason, r.sends_on, r.decided_at, "
                 "r.decision, r.message_id IS NOT NULL, o.effective_from",
                 "JOIN reminder r ON r.district_id = c.district_id AND r.check_in_id = c.id "
                 "LEFT JOIN reminder_rule o ON o.district_id = r.district_id AND o.id = r.reminder_rule_id"),
                ("mail", "m.kind, m.recipient_key, m.occurrence, '|', m.status, m.reason, m.not_before, m.not_after, "
                 "m.sent_at, m.created_at, m.attempt_count, (m.variables ->> 'sequence')::integer",
                 "JOIN message m ON m.district_id = c.district_id AND m.subject_id = c.id"),
                ("task", "k.recipient_key, '|', k.kind, k.reason",
                 "JOIN call_task k ON k.district_id = c.district_id AND k.subject_id = c.id")):
            for row in self.admin.execute(
                    f"SELECT c.partnership_id::text, c.school_year, c.number, {columns} FROM check_in c {source} "
                    "WHERE c.district_id = %s AND c.archived_at IS NULL AND c.due_on >= %s", (self.id, since)):
                at = 3 + (row[3:].index("|") if "|" in row else 0)
                found[(what, *row[:at])] = row[at:]
        return found
