"""Rate limits (draft-ietf-httpapi-ratelimit-headers-11): what each reply says, and what is refused.

The window is an hour, so that nothing comes back while a test runs; each test has people and
addresses of its own.
"""

import base64
import contextlib
import os
import re
import secrets
import signal
import socket
import threading
import uuid

import pytest
from api_world import Caller, Tenant, running_api
from wire import wait_until

READS, WRITES, SIGN_INS, ANONYMOUS, WINDOW_S = 6, 4, 3, 5, 3600
LEAST = {"name": "A partner", "kind": "nonprofit"}


@pytest.fixture(scope="module")
def api(database):
    with running_api(
        database,
        KITH_API_CHILDREN=2,
        KITH_RATE_WINDOW_S=WINDOW_S,
        KITH_RATE_READS=READS,
        KITH_RATE_WRITES=WRITES,
        KITH_RATE_SIGN_INS=SIGN_INS,
        KITH_RATE_ANONYMOUS=ANONYMOUS,
    ) as one:
        yield one


@pytest.fixture
def director(ours):
    return ours.person("director")[0]


@pytest.fixture
def address():
    """A client's, as the proxy in front (the test: the loopback network is trusted) tells it."""
    return f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}::1"


def structured_list(text):
    """RFC 8941 §3.1: a list of strings with integers as parameters, as [(string, {name: n})].
    Anything else is an error."""
    item = r'"([\x20\x21\x23-\x5b\x5d-\x7e]*)"((?:;[a-z*][a-z0-9_.*-]*=-?[0-9]{1,15})*)'
    assert re.fullmatch(f"{item}(?:,[ \\t]*{item})*", text), text
    return [
        (name, {key: int(n) for key, n in (p.split("=") for p in parameters.split(";")[1:])})
        for name, parameters in re.findall(item, text)
    ]


def limits(answer):
    """(policy, quota, remaining, seconds) of a reply, whose fields must agree."""
    ((policy, quota),) = structured_list(answer.field("RateLimit-Policy"))
    ((name, state),) = structured_list(answer.field("RateLimit"))
    assert name == policy and set(quota) == {"q", "w"} and set(state) == {"r", "t"}
    assert quota["w"] == WINDOW_S and 0 <= state["r"] <= quota["q"] and 0 < state["t"] <= WINDOW_S
    return policy, quota["q"], state["r"], state["t"]


def check_refused(answer, policy):
    assert (answer.status, answer.type) == (429, "too_many_requests"), answer
    name, _, remaining, reset_s = limits(answer)
    assert (name, remaining) == (policy, 0)
    assert int(answer.field("Retry-After")) >= reset_s > 0


def token_of(district_id):
    """Well-formed, and nobody's."""
    raw = uuid.UUID(district_id).bytes + secrets.token_bytes(32)
    return "kith_" + base64.urlsafe_b64encode(raw).decode()


def ask_raw(api, request):
    """The status and the names of the fields of a reply to bytes as they are."""
    with socket.create_connection((api.host, 8080), timeout=20) as one:
        one.sendall(request)
        got = b""
        while piece := one.recv(65536):
            got += piece
    head = got.partition(b"\r\n\r\n")[0].decode().split("\r\n")
    return int(head[0].split()[1]), {line.partition(":")[0].lower() for line in head[1:]}


REPLIES = [
    (200, "reads", lambda d: d.get("/v1/partners")),
    (200, "reads", lambda d: d.call("HEAD", "/v1/partners")),
    (400, "reads", lambda d: d.get("/v1/partners?nothing=1")),
    (400, "reads", lambda d: d.get("/v1/partners?name=%zz")),
    (404, "reads", lambda d: d.get(f"/v1/partners/{uuid.uuid4()}")),
    (404, "reads", lambda d: d.get("/nothing")),
    (204, "reads", lambda d: d.call("OPTIONS", "/v1/partners")),
    (201, "writes", lambda d: d.post("/v1/partners", LEAST)),
    (405, "writes", lambda d: d.call("DELETE", "/v1/partners")),
    (415, "writes", lambda d: d.post("/v1/partners", LEAST, Content_Type="text/plain")),
    (422, "writes", lambda d: d.post("/v1/partners", {})),
    (428, "writes", lambda d: d.patch(f"/v1/partners/{uuid.uuid4()}", {}, None)),
    (401, "anonymous", lambda d: Caller(d.api, None).get("/v1/partners")),
    (401, "anonymous", lambda d: Caller(d.api, "nonsense").post("/v1/partners", LEAST)),
    (404, "anonymous", lambda d: Caller(d.api, None).get("/nothing")),
]


@pytest.mark.parametrize(
    "status, policy, send", REPLIES, ids=[f"{row[0]}-{row[1]}-{n}" for n, row in enumerate(REPLIES)]
)
def test_every_reply_tells_its_policy_and_what_is_left(director, address, status, policy, send):
    quota = {"reads": READS, "writes": WRITES, "anonymous": ANONYMOUS}[policy]
    by_proxy = Forwarded(director, address)
    answer = send(by_proxy)
    assert answer.status == status, answer
    assert limits(answer)[:3] == (policy, quota, quota - 1)


class Forwarded(Caller):
    """Somebody behind the proxy; so is who borrows the api of it."""

    def __init__(self, caller, address):
        super().__init__(self, caller.token, caller.role)
        self.real, self.address = caller.api, address

    def send(self, method, target, body, headers):
        return self.real.send(method, target, body, {**headers, "X-Forwarded-For": self.address})


def test_a_reply_to_a_body_that_is_malformed_tells_too_and_one_to_no_request_does_not(api, director):
    head = (
        "POST /v1/partners HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {director.token}\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    status, fields = ask_raw(api, head.encode() + b"zz\r\n")
    assert status == 400 and {"ratelimit", "ratelimit-policy"} <= fields
    status, fields = ask_raw(api, b"GET /v1/partners HTTP/1.1\r\nHost : x\r\n\r\n")
    assert status == 400 and not {"ratelimit", "ratelimit-policy"} & fields


@pytest.mark.shows("administration.rate_limits")
def test_reads_pass_up_to_the_quota_and_not_one_past_it(director):
    for left in reversed(range(READS)):
        answer = director.get("/v1/partners")
        assert answer.status == 200 and limits(answer)[2] == left
    for _ in range(3):
        check_refused(director.get("/v1/partners"), "reads")


def test_writes_have_a_quota_of_their_own_and_a_refused_one_changes_nothing(director, migrate):
    name = secrets.token_hex(8)
    for _ in range(WRITES):
        director.partner(name=name)
    check_refused(director.post("/v1/partners", {**LEAST, "name": name}), "writes")
    assert director.get("/v1/partners").status == 200
    rows = migrate.execute("SELECT count(*) FROM partner WHERE name = %s", (name,)).fetchone()
    assert rows == (WRITES,)


def test_each_token_has_its_own_quota(ours, director):
    for _ in range(READS):
        director.get("/v1/partners")
    check_refused(director.get("/v1/partners"), "reads")
    other = ours.person("director")[0]
    assert limits(other.get("/v1/partners"))[:3] == ("reads", READS, READS - 1)


def test_who_has_no_token_is_counted_by_address(api, address):
    nobody = Caller(api, None)
    for left in reversed(range(ANONYMOUS)):
        answer = nobody.get("/v1/partners", X_Forwarded_For=address)
        assert answer.status == 401 and limits(answer)[2] == left
    check_refused(nobody.get("/v1/partners", X_Forwarded_For=address), "anonymous")
    other = address.replace("2001", "2002")
    assert nobody.get("/v1/partners", X_Forwarded_For=other).status == 401


def test_an_ipv6_network_of_64_bits_is_one_address_and_ipv4_ones_are_each_their_own(api, address):
    nobody = Caller(api, None)
    for host in range(ANONYMOUS):
        same = address.replace("::1", f":{host:x}:2:3:4")
        assert nobody.get("/v1/partners", X_Forwarded_For=same).status == 401
    check_refused(nobody.get("/v1/partners", X_Forwarded_For=address), "anonymous")
    for host in range(ANONYMOUS + 1):
        v4 = nobody.get("/v1/partners", X_Forwarded_For=f"198.51.100.{host}")
        assert v4.status == 401 and limits(v4)[2] == ANONYMOUS - 1


def test_invented_tokens_are_charged_to_their_address(api, ours, address):
    """One token each, so that each would have a quota of its own."""
    known, new = ours.person("director")[0], ours.person("director")[0]
    known.get("/v1/partners", X_Forwarded_For=address)
    for _ in range(ANONYMOUS):
        answer = Caller(api, token_of(ours.id)).get("/v1/partners", X_Forwarded_For=address)
        assert answer.status == 401, answer
    invented = Caller(api, token_of(ours.id))
    check_refused(invented.get("/v1/partners", X_Forwarded_For=address), "anonymous")
    assert known.get("/v1/partners", X_Forwarded_For=address).status == 200, "verified before"
    check_refused(new.get("/v1/partners", X_Forwarded_For=address), "anonymous")
    assert new.get("/v1/partners", X_Forwarded_For="2001:db9::1").status == 200


def test_a_token_that_is_never_verified_is_charged_to_its_address(api, ours, address):
    """Requests that are answered before the database is asked."""
    invented = Caller(api, token_of(ours.id))
    for left in range(ANONYMOUS):
        assert invented.get("/nothing", X_Forwarded_For=address).status == 404, left
    check_refused(invented.get("/nothing", X_Forwarded_For=address), "anonymous")


def test_verified_requests_cost_their_address_nothing(api, ours, address):
    for _ in range(2 * ANONYMOUS):
        one = ours.person("viewer")[0]
        assert one.get("/v1/partners", X_Forwarded_For=address).status == 200
    answer = Caller(api, None).get("/v1/partners", X_Forwarded_For=address)
    assert limits(answer)[2] == ANONYMOUS - 1


@pytest.mark.shows("administration.rate_limits")
def test_sign_ins_have_a_quota_of_their_own_by_address_whatever_token_comes_along(
    api, ours, director, address
):
    def sign_in(caller, number):
        body = {"email": f"{number}@example.org", "password": "a guess", "district": "d"}
        return caller.post("/v1/sessions", body, X_Forwarded_For=address)

    for left in reversed(range(SIGN_INS)):
        answer = sign_in(director if left % 2 else Caller(api, None), left)
        assert answer.status == 401, answer
        assert limits(answer)[:3] == ("sign_ins", SIGN_INS, left)
    check_refused(sign_in(Caller(api, None), SIGN_INS), "sign_ins")
    check_refused(sign_in(director, SIGN_INS), "sign_ins")
    answer = Caller(api, None).get("/v1/partners", X_Forwarded_For=address)
    assert limits(answer)[:3] == ("anonymous", ANONYMOUS, ANONYMOUS - 1)


def test_a_cookie_is_counted_as_the_token_in_it(director):
    cookie = Caller(director.api, None)
    for field in (f"kith={director.token}", f"__Host-kith={director.token}"):
        answer = cookie.get("/v1/partners", Cookie=field)
        if answer.status == 200:  # which of the names it is depends on KITH_PUBLIC_URL
            break
    assert limits(answer)[:3] == ("reads", READS, READS - 1)
    assert limits(director.get("/v1/partners"))[:3] == ("reads", READS, READS - 2)


def accepted_by(pid, api, others, count):
    """That many connections, all accepted by this child while the others stand still."""
    before = len(os.listdir(f"/proc/{pid}/fd"))
    for other in others:
        os.kill(other, signal.SIGSTOP)
    try:
        made = [socket.create_connection((api.host, 8080), timeout=20) for _ in range(count)]
        wait_until(
            lambda: len(os.listdir(f"/proc/{pid}/fd")) >= before + count, "all are accepted"
        )
    finally:
        for other in others:
            os.kill(other, signal.SIGCONT)
    return made


@pytest.mark.shows("administration.rate_limits")
def test_both_children_count_together(api, address):
    """Forty clients, half of them of each child, all at once: the quota passes, no more."""
    request = f"GET /nothing HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: {address}\r\n\r\n".encode()
    children, held, statuses = api.children(), [], []
    assert len(children) == 2

    def ask(one):
        one.sendall(request)
        statuses.append(int(one.recv(65536)[9:12]))

    with contextlib.ExitStack() as ends:
        for pid in children:
            for one in accepted_by(pid, api, children - {pid}, 20):
                held.append(ends.enter_context(one))
        threads = [threading.Thread(target=ask, args=(one,)) for one in held]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
    assert sorted(statuses) == [404] * ANONYMOUS + [429] * (40 - ANONYMOUS)


def test_refusals_are_counted_by_policy(api, director):
    before = api.metric("kith_rate_limited_total", policy="reads")
    for _ in range(READS + 2):
        director.get("/v1/partners")
    assert api.metric("kith_rate_limited_total", policy="reads") == before + 2


def test_a_quota_comes_back(database):
    with running_api(database, KITH_RATE_WINDOW_S=1, KITH_RATE_READS=1) as quick:
        viewer = Tenant(quick, database).viewer
        statuses = []

        def both_seen():
            statuses.append(viewer.get("/v1/partners").status)
            return 429 in statuses and statuses[-1] == 200

        wait_until(both_seen, "it is refused, and then served again")
        assert set(statuses) == {200, 429}


def test_of_many_changes_by_one_request_twenty_count_as_one_more_write(director):
    changes = [{"method": "DELETE", "path": f"/v1/partners/{uuid.uuid4()}"}]
    assert director.post("/v1/bulk", {"changes": changes * 59}).status == 200  # one, and two more
    assert director.post("/v1/bulk", {"changes": changes}).status == 200
    refused = director.post("/v1/bulk", {"changes": changes})
    assert refused.status == 429 and refused.field("Retry-After")
