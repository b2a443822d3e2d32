"""What is taken of an offer: never more than there is, whoever comes at once."""
import json
import threading

import pytest
from psycopg import errors

from world import insert, unit, uuid7

CLIENTS = 32


def offer(connection, district, **fields):
    with unit(connection, district):
        ids = {name: uuid7() for name in ("partner", "offer")}
        insert(connection, "partner", {"district_id": district.id, "id": ids["partner"], "name": "P",
                                       "kind": "civic"})
        insert(connection, "offer", {"district_id": district.id, "id": ids["offer"], "name": "O",
                                     "partner_id": ids["partner"], "kind": "food", **fields})
    return ids["offer"]


def counts(connection, district, one):
    with unit(connection, district):
        return connection.execute("SELECT taken, remaining FROM offer WHERE id = %s", (one,)).fetchone()


@pytest.mark.shows("registry.offers")
def test_of_32_who_take_at_once_as_many_get_something_as_there_is(database, api, ours):
    one = offer(api, ours, quantity=50)
    barrier = threading.Barrier(CLIENTS)
    got = []

    def run(number):
        with database.connect() as connection:
            connection.execute("SET lock_timeout = 0")
            connection.commit()
            barrier.wait(30)
            quantity = number % 4 + 1
            try:
                with unit(connection, ours):
                    connection.execute("SELECT offer_take(%s, %s)", (one, quantity))
                got.append(quantity)
            except errors.DatabaseError as refused:
                assert refused.sqlstate == "KI490", refused
                assert json.loads(refused.diag.message_detail)["remaining"] < quantity

    threads = [threading.Thread(target=run, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    taken, remaining = counts(api, ours, one)
    assert (taken, remaining) == (sum(got), 50 - sum(got))
    assert 0 <= remaining < 4 and len(got) < CLIENTS
    with unit(api, ours):
        for quantity in got:
            api.execute("SELECT offer_give_back(%s, %s)", (one, quantity))
    assert counts(api, ours, one) == (0, 50)


REFUSED = [
    # fields, quantity, sqlstate
    ({"quantity": 5}, 6, "KI490"),
    ({"quantity": 5}, 0, "KI491"),
    ({"quantity": 5}, -1, "KI491"),
    ({"quantity": 5, "status": "withdrawn"}, 1, "KI490"),
    ({"quantity": 5, "until_date": "2026-11-20"}, 1, "KI490"),
    ({"quantity": 5, "from_date": "2026-11-22"}, 1, "KI490"),
]


@pytest.mark.parametrize("fields, quantity, state", REFUSED)
def test_what_cannot_be_taken(api, ours, fields, quantity, state):
    one = offer(api, ours, **fields)
    with pytest.raises(errors.DatabaseError) as refused, unit(api, ours):
        api.execute("SELECT offer_take(%s, %s)", (one, quantity))
    assert refused.value.sqlstate == state
    assert counts(api, ours, one) == (0, 5)


def test_an_offer_without_a_quantity_has_no_end_and_no_more_comes_back_than_was_taken(api, ours, theirs):
    one = offer(api, ours)
    with unit(api, ours):
        api.execute("SELECT offer_take(%s, 1000000)", (one,))
    assert counts(api, ours, one) == (1000000, None)
    with pytest.raises(errors.DatabaseError) as refused, unit(api, ours):
        api.execute("SELECT offer_give_back(%s, 1000001)", (one,))
    assert refused.value.sqlstate == "KI490"
    with pytest.raises(errors.DatabaseError) as refused, unit(api, theirs):
        api.execute("SELECT offer_take(%s, 1)", (one,))
    assert refused.value.sqlstate == "KI404"
