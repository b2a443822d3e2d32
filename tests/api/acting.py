"""What tests of actions share: to ask for one, and for many at once."""

from concurrent.futures import ThreadPoolExecutor


def act(caller, plural, one, verb, **body):
    return caller.post(f"/v1/{plural}/{one}/{verb}", body)


def done(answer):
    assert answer.status == 200, answer
    return answer.json


def at_once(count, ask):
    """What each of so many askers at once gets."""
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(ask, range(count)))
