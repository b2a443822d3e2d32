"""Makes what people of the demo district made up: each row is looked for by its name first, so that whoever was stopped
goes on, and a second run changes nothing."""

import itertools
from datetime import timedelta

import schoolyear


class Maker:
    """By those who may do all of it, in turn, as each token has a limit of writes."""

    def __init__(self, demo, users):
        self.demo = demo
        self.client = demo.person(users["director@example.org"])
        self.writers = itertools.cycle((self.client, demo.person(users["deputy@example.org"]), demo.client, demo.admin))
        self.users = users
        self.year = schoolyear.of(demo.today)
        self.leads = {row["partnership_id"]: row["contact_id"] for row in self.client.all("partnership_roles")
                      if row["role"] == "lead" and row["contact_id"]}
        running = [row for row in self.client.all("partnerships", status="active") if row["id"] in self.leads]
        self.partnerships = sorted(running, key=lambda row: row["name"])
        self.sites = sorted((row for row in self.client.all("sites") if row["local_id"]), key=lambda row: row["local_id"])
        self.areas = {row["name"]: row["id"] for row in self.client.all("focus_areas")}
        self.there = {}

    def day(self, days):
        return (self.demo.today + timedelta(days=days)).isoformat()

    def leader(self, site):
        """Of that school, with a token of their own."""
        return self.demo.person(self.users[f"leader.{site['local_id'].lower()}@example.org"])

    def write(self, path, fields, by=None):
        self.demo.changed += 1
        return (by or next(self.writers)).post(path, fields)

    def all(self, plural):
        """As it was when it was first asked for, and what was made since."""
        if plural not in self.there:
            self.there[plural] = self.client.all(plural)
        return self.there[plural]

    def made(self, plural, key, by=None, **fields):
        """The one whose fields of that key are these, made if it is not there."""
        for row in self.all(plural):
            if all(row[name] == fields.get(name) for name in key.split()):
                return row
        row = self.write(f"/v1/{plural}", {name: value for name, value in fields.items() if value is not None}, by)
        self.there[plural].append(row)
        return row

    def moved(self, plural, row, *steps, by=None):
        """Through these actions, each (status that it is done in, verb, fields)."""
        for status, verb, fields in steps:
            if row["status"] == status:
                row = self.write(f"/v1/{plural}/{row['id']}/{verb}", fields, by)
        return row
