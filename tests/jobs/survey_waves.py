"""Surveys of a small district, made as time makes them: by the functions of the survey worker."""
import os
import sys

from world import insert, uuid7

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "api"))
from check_ins import NOW, Running  # noqa: E402  pylint: disable=wrong-import-position

ZONE = "America/Chicago"
OPENS, CLOSES = "2026-12-01", "2026-12-11" # a Tuesday, and a Friday
MORNING = "2026-12-01T15:00:00Z"           # 09:00 of the day on which it opens
STEPS = ("surveys_advance", "surveys_invite", "survey_mails_withdraw", "survey_invitations_decide",
         "survey_reminders_decide")


class Wave:
    """A survey of a district with one partnership, of which it asks both leads."""

    def __init__(self, database, migrate, zone=ZONE, hour=9, **fields):
        self.database = database
        self.migrate = migrate
        self.district = database.district(zone=zone)
        migrate.execute("UPDATE district SET mail_hour = %s, mail_until_hour = greatest(mail_until_hour, %s + 1) WHERE id = %s",
                        (hour, hour, self.district.id))
        self.partnership = Running(database, self.district.id, self.district.user)
        self.id = uuid7()
        [instrument] = migrate.execute("SELECT id FROM instrument WHERE code = 'relationship' AND district_id = %s",
                                       (self.district.id,)).fetchone()
        insert(migrate, "survey", {
            "district_id": self.district.id, "id": self.id, "name": "Fall", "instrument_id": instrument,
            "status": "scheduled", "school_year": 2027, "opens_on": OPENS, "closes_on": CLOSES,
            "introduction": "Please tell us.", "created_at": NOW, "updated_at": NOW, **fields})

    def round(self, now=MORNING, connection=None):
        """What a turn of the worker does, step by step: how much each did."""
        if connection is None:
            with self.database.connect("kith_survey") as connection:
                return self.round(now, connection)
        with connection.transaction():
            return tuple(connection.execute(f"SELECT {step}(%s, %s)", (self.district.id, now)).fetchone()[0]
                         for step in STEPS)

    def act(self, sql, *parameters, now=MORNING):
        with self.database.connect("kith_api") as connection, connection.transaction():
            connection.execute("SELECT * FROM kith_enter(%s, %s, 'director', %s, '')",
                               (self.district.id, self.district.token_hash, now))
            return connection.execute(sql, parameters).fetchone()

    def status(self):
        return self.migrate.execute("SELECT status FROM survey WHERE id = %s", (self.id,)).fetchone()[0]

    def mails(self, kind="survey_invitation"):
        """{(contact or user, occurrence): what became of it}"""
        return {(key.partition(":")[0], occurrence): how for key, occurrence, how in self.migrate.execute(
            "SELECT recipient_key, occurrence, coalesce(reason, status) FROM message "
            "WHERE district_id = %s AND kind = %s", (self.district.id, kind)).fetchall()}

    def invitation(self, who="contact"):
        return self.migrate.execute(f"SELECT id FROM survey_invitation WHERE survey_id = %s "
                                    f"AND {who}_id IS NOT NULL", (self.id,)).fetchone()[0]

    def answered(self, who="contact", status="answered"):
        self.migrate.execute("UPDATE survey_invitation SET status = %s, updated_at = %s WHERE id = %s",
                             (status, MORNING, self.invitation(who)))

    def deliver(self):
        self.migrate.execute("UPDATE message SET status = 'sent', sent_at = not_before, "
                             "updated_at = not_before WHERE district_id = %s AND status = 'queued'",
                             (self.district.id,))

    def days_without_mail(self, table, *ranges):
        for first, last in ranges:
            insert(self.migrate, table, {
                "district_id": self.district.id, "id": uuid7(), "starts_on": first, "ends_on": last,
                "reason": "x", "created_at": NOW, "updated_at": NOW})
