"""How partnerships go from status to status, and one with all that the gate to active asks for, made
through the API."""

from fields import least

# By the status and the action: the status after it.
TRANSITIONS = {
    ("exploring", "align"): "aligning",
    ("aligning", "explore"): "exploring",
    ("aligning", "agree"): "agreement",
    ("agreement", "align"): "aligning",
    ("agreement", "activate"): "active",
    ("active", "pause"): "paused",
    ("paused", "resume"): "active",
    ("active", "renew"): "renewing",
    ("renewing", "activate"): "active",
    ("renewing", "pause"): "paused",
    ("renewing", "end"): "ended",
    ("paused", "end"): "ended",
    ("exploring", "decline"): "declined",
    ("aligning", "decline"): "declined",
    ("agreement", "decline"): "declined",
    ("ended", "reopen"): "exploring",
    ("declined", "reopen"): "exploring",
}
STATUSES = sorted({status for status, _ in TRANSITIONS} | set(TRANSITIONS.values()))
VERBS = sorted({verb for _, verb in TRANSITIONS})
BODIES = {verb: {"reason": "Because."} for verb in ("pause", "end", "decline")}

TEXTS = ("vision", "expectations", "processes", "desired_outcomes")


def vetted(tenant, partner):
    """The partner, which somebody has vetted."""
    with tenant.api.database.connect("kith_migrate") as connection:
        connection.execute("UPDATE partner SET stage = 'approved' WHERE id = %s", (partner,))
    return partner


class Ready:
    """Its parts are there to be taken away: ready.change("goals", progress="dropped")."""

    def __init__(self, tenant, **fields):
        self.caller = tenant.director
        self.tenant = tenant
        self.partner = vetted(tenant, self.caller.partner().id)
        body = {name: f"Our {name}." for name in TEXTS}
        body |= {"name": "A partnership", "partner_id": self.partner, "arrangement": "program"}
        self.id = self.caller.created("partnerships", {**body, **fields}).id
        self.path = f"/v1/partnerships/{self.id}"
        self.contact = self.caller.created("contacts", {"name": "Ann"}).id
        self.ids = {
            "partnerships": self.id,
            "district": self.made("partnership_roles", role="lead", user_id=self.lead),
            "partner": self.made("partnership_roles", role="lead", contact_id=self.contact),
            "goals": self.made("goals", statement="All read", due_on="2027-06-30"),
            "agreements": in_force(self.caller).id,
        }
        self.ids["links"] = self.made("agreement_partnerships", agreement_id=self.ids["agreements"])
        for plural in ("partnerships", "goals"):
            self.acknowledge(plural)
            self.acknowledge(plural, on_behalf_of=self.contact)

    @property
    def lead(self):
        return self.tenant.users["coordinator"]

    def made(self, plural, **fields):
        return self.caller.created(plural, {"partnership_id": self.id, **fields}).id

    def path_of(self, part):
        plural = {"district": "partnership_roles", "partner": "partnership_roles"}.get(part, part)
        return f"/v1/{plural.replace('links', 'agreement_partnerships')}/{self.ids[part]}"

    def acknowledge(self, plural, **fields):
        answer = self.caller.post(f"{self.path_of(plural)}/acknowledge", fields)
        assert answer.status == 200, answer
        return answer

    def change(self, part, **fields):
        path = self.path_of(part)
        answer = self.caller.patch(path, fields, self.caller.get(path).etag)
        assert answer.status == 200, answer
        return answer

    def archive(self, part):
        path = self.path_of(part)
        assert self.caller.archive(path, self.caller.get(path).etag).status == 204

    def act(self, verb, **fields):
        return self.caller.post(f"{self.path}/{verb}", fields)

    def transitions(self):
        """{action: (to, missing)} as the API tells."""
        told = self.caller.get(f"{self.path}/transitions").json
        return {one["action"]: (one["to"], one["missing"]) for one in told["possible"]}


def put(connection, table, one, status):
    """Sets a status past the actions."""
    connection.execute(f"UPDATE {table} SET status = %s WHERE id = %s", (status, one))
    connection.commit()


def agreement(caller, **fields):
    """With a checklist of its own, which is settled."""
    body = {"text": "We agree.", "effective_on": "2020-01-01", **fields}
    made = caller.created("agreements", {**least(caller, "agreements"), **body})
    item(caller, made.id)
    return made


def item(caller, one, **fields):
    body = {"agreement_id": one, "name": "All of it", "position": 100, "status": "finalized", **fields}
    return caller.created("agreement_items", body).id


def signed_file(caller, one):
    """The id of a file that shows a signature on an agreement."""
    return caller.call("POST", f"/v1/attachments?name=signed.pdf&subject_kind=agreement&subject_id={one}",
                       b"%PDF-1.7\n%%EOF\n", Content_Type="application/pdf").id


def act_on(caller, one, *verbs, **fields):
    """Asks for the actions one after the other, which must go well; the last takes the fields. A signature comes with its
    file."""
    for verb in verbs:
        body = fields if verb == verbs[-1] else {}
        if verb == "sign":
            body = {"attachment_id": signed_file(caller, one), **body}
        answer = caller.post(f"/v1/agreements/{one}/{verb}", body)
        assert answer.status == 200, answer
    return answer


def signed(caller, one):
    for side in ("district", "partner"):
        answer = act_on(caller, one, "sign", side=side, signer="Dr. Who, Superintendent")
    return answer


def in_force(caller, **fields):
    one = agreement(caller, **fields).id
    act_on(caller, one, "submit", "approve")
    return signed(caller, one)
