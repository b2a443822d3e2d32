"""Needs, asks and pledges, made through the API as tests want them."""

from fields import least


def did(caller, plural, one, verb, **body):
    """An action, which must go well."""
    answer = caller.post(f"/v1/{plural}/{one}/{verb}", body)
    assert answer.status == 200, answer
    return answer.json


def refused(caller, plural, one, verb, **body):
    """The state of one that must not."""
    answer = caller.post(f"/v1/{plural}/{one}/{verb}", body)
    assert (answer.status, answer.type) == (409, "conflict"), answer
    return answer.json["state"]


def changed(caller, path, **fields):
    answer = caller.patch(path, fields, caller.get(path).etag)
    assert answer.status == 200, answer
    return answer.json


def staged(tenant, partner, stage):
    """Past the actions that lead there."""
    with tenant.api.database.connect("kith_migrate") as connection:
        connection.execute("UPDATE partner SET stage = %s, barred_reason = 'Bad' WHERE id = %s",
                           (stage, partner))


def made_need(tenant, **fields):
    body = {**least(tenant.director, "needs"), "resource_kinds": ["money"], **fields}
    return tenant.director.created("needs", body).id


def open_need(tenant, **fields):
    """Of money, so that nobody's work is asked about."""
    caller, one = tenant.director, made_need(tenant, **fields)
    did(caller, "needs", one, "submit")
    did(caller, "needs", one, "review", internal_capacity="none", reason="We have none.")
    did(caller, "needs", one, "open")
    return one


def pledge(tenant, need, quantity=1, **fields):
    body = {"need_id": need, "partner_id": tenant.director.partner().id, "quantity": quantity}
    return tenant.director.created("pledges", {**body, **fields}).id


def transitions(caller, plural, one):
    """{action: missing} as the API tells."""
    told = caller.get(f"/v1/{plural}/{one}/transitions").json
    return {each["action"]: each["missing"] for each in told["possible"]}
