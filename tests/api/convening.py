"""Convenings, and places where they are, made through the API as tests want them."""

import itertools

from acting import act
from fields import APART, LEAST
from partnering import Ready

YEARS = itertools.count(2051)
BEGUN = {"starts_at": "2026-11-20T21:00:00.000Z", "ends_at": "2026-11-20T22:30:00.000Z"}


def made(subjects, plural, **fields):
    row = APART.get(plural) or LEAST[plural]
    return subjects.caller.created(plural, subjects.filled({**row, **fields}))


class Place:
    """A site with its principal, and a running partnership with a lead on each side."""

    def __init__(self, ours, subjects, migrate, **fields):
        self.subjects = subjects
        self.site = ours.director.site(**fields).id
        self.ready = Ready(ours, lead_site_id=self.site)
        migrate.execute("UPDATE partnership SET status = 'active', activated_at = '2026-09-01T12:00:00Z' WHERE id = %s",
                        (self.ready.id,))
        migrate.commit()
        post = made(subjects, "posts", site_id=self.site, kind="principal", title="Principal").id
        made(subjects, "post_holders", post_id=post, user_id=ours.users["school_leader"])

    def convening(self, **fields):
        return made(self.subjects, "convenings", site_id=self.site, **fields).id


def listed(caller, plural, one, **filters):
    return caller.get(f"/v1/{plural}", {"convening_id": one, "limit": 200, **filters}).json["data"]


def agenda(caller, one, **filters):
    return [(item["kind"], item["title"]) for item in listed(caller, "agenda_items", one, **filters)]


def refused(caller, plural, one, verb, **body):
    answer = act(caller, plural, one, verb, **body)
    assert (answer.status, answer.type) == (409, "conflict"), answer
    return answer.json["state"]
