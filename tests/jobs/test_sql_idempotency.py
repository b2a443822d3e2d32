"""A request that comes twice has one effect and one reply."""
import time

import pytest
from psycopg import errors

from world import insert, unit, uuid7

FIRST = "2026-11-21T15:00:00.000Z"
A_DAY_LATER = "2026-11-22T15:00:00.000Z"
PAST_A_DAY = "2026-11-22T15:00:00.001Z"


def begin(connection, key, fingerprint="same", principal="somebody"):
    connection.execute("SELECT idem_begin(%s, %s, %s)", (principal, key, fingerprint))


def keep(connection, district, key, fingerprint="same", principal="somebody"):
    insert(connection, "idempotency", {"district_id": district.id, "principal": principal, "key": key,
                                       "fingerprint": fingerprint, "status": 201, "body": "{}"})


def request(connection, district, key, fingerprint="same", principal="somebody", now=FIRST):
    """A whole unit; its SQLSTATE when it was refused."""
    try:
        with unit(connection, district, now=now):
            begin(connection, key, fingerprint, principal)
            keep(connection, district, key, fingerprint, principal)
    except errors.Error as refused:
        return refused.sqlstate
    return None


@pytest.fixture
def key():
    return uuid7()


def test_a_fresh_key_is_taken_and_a_replay_told(api, ours, key):
    assert request(api, ours, key) is None
    assert request(api, ours, key) == "KI208"


def test_another_fingerprint_under_the_same_key_is_refused(api, ours, key):
    assert request(api, ours, key) is None
    assert request(api, ours, key, fingerprint="other") == "KI422"


def test_keys_are_by_principal_and_district(api, ours, theirs, key):
    assert request(api, ours, key) is None
    assert request(api, ours, key, principal="somebody else", fingerprint="other") is None
    assert request(api, theirs, key, fingerprint="other") is None


def test_a_request_at_work_is_told_at_once_and_not_waited_for(database, api, ours, key):
    with database.connect() as other:
        with unit(api, ours):
            begin(api, key)
            keep(api, ours, key)
            started = time.monotonic()
            assert request(other, ours, key) == "KI409"
            assert request(other, ours, key, fingerprint="other") == "KI409"
            assert time.monotonic() - started < 0.2  # lock_timeout is 0.25 s
            assert request(other, ours, key + "x") is None
        assert request(other, ours, key) == "KI208"


def test_keys_last_a_day_to_the_millisecond(api, ours, key):
    assert request(api, ours, key) is None
    assert request(api, ours, key, now=A_DAY_LATER) == "KI208"
    assert request(api, ours, key, fingerprint="other", now=PAST_A_DAY) is None
    with unit(api, ours):
        assert api.execute("SELECT fingerprint FROM idempotency WHERE key = %s", (key,)).fetchall() == [
            ("other",)]


def test_what_was_rolled_back_never_was(api, ours, key):
    with pytest.raises(errors.CheckViolation), unit(api, ours):
        begin(api, key)
        keep(api, ours, key)
        insert(api, "network", {"district_id": ours.id, "id": uuid7(), "name": ""})
    with unit(api, ours):
        assert api.execute("SELECT 1 FROM idempotency WHERE key = %s", (key,)).fetchall() == []
    assert request(api, ours, key, fingerprint="other") is None


@pytest.mark.parametrize("status", [199, 300, 409])
def test_only_what_went_well_is_kept(api, ours, key, status):
    with pytest.raises(errors.CheckViolation), unit(api, ours):
        insert(api, "idempotency", {"district_id": ours.id, "principal": "p", "key": key,
                                    "fingerprint": "f", "status": status})
