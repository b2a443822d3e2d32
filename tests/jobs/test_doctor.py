"""kith doctor: what it says of a database, a Redis, a relay and a sender's domain, each of them real."""
import json
import os
import subprocess

import pytest

from mails import Sink, loopback, sign_in_as
from name_server import NameServer
from world import BUILD, Redis, environment_with

KITH = os.path.join(BUILD, "bin/kith")
DOMAIN = "kith.example.org"
FROM = f"partners@{DOMAIN}"
GOOD = {
    (DOMAIN, "TXT"): ["v=spf1 include:relay.example.net ~all", "something=else"],
    (f"s1._domainkey.{DOMAIN}", "TXT"): ["v=DKIM1; k=ed25519; p=" + "A" * 300],
    ("_dmarc.example.org", "TXT"): ["v=DMARC1; p=quarantine; rua=mailto:x@example.org"],
    (DOMAIN, "MX"): ["mx.example.org"],
}


@pytest.fixture(scope="module")
def sink():
    with Sink() as one:
        yield one


@pytest.fixture(scope="module")
def names():
    with NameServer() as one:
        yield one


@pytest.fixture(scope="module")
def redis():
    with Redis.private() as one:
        yield one


@pytest.fixture
def empty_database(cluster):
    cluster.execute("CREATE DATABASE kith_without_anything")
    yield cluster.uri("kith_without_anything", "postgres")
    cluster.execute("DROP DATABASE kith_without_anything WITH (FORCE)")


def doctor(*words, **settings):
    given = environment_with(**{name: value for name, value in settings.items() if value is not None})
    done = subprocess.run([KITH, "doctor", *words], check=False, text=True, capture_output=True, env=given)
    return done


def told(**settings):
    """{check: [(verdict, what it says)]}, and whether the exit status fits."""
    done = doctor("--json", **settings)
    found = {}
    for one in json.loads(done.stdout):
        found.setdefault(one["check"], []).append((one["verdict"], one["says"]))
    verdicts = [verdict for rows in found.values() for verdict, _ in rows]
    assert done.returncode == (1 if "bad" in verdicts else 0), done
    return found


def sender(names, records, selectors="s1"):
    names.records = records
    found = told(KITH_MAIL_FROM=FROM, KITH_DOCTOR_RESOLVER=names.place, KITH_MAIL_DKIM_SELECTORS=selectors)
    return {check: found[check] for check in ("spf", "dkim", "dmarc", "mx")}


@pytest.mark.shows("administration.doctor")
def test_of_what_is_well_it_says_so(database, redis, sink, names):  # pylint: disable=redefined-outer-name
    names.records = GOOD
    settings = {"KITH_MIGRATE_URL": database.uri("kith_migrate"), "KITH_REDIS_URL": redis.uri,
                "KITH_MAIL_URL": sink.url, "KITH_MAIL_FROM": FROM, "KITH_DOCTOR_RESOLVER": names.place,
                "KITH_MAIL_DKIM_SELECTORS": "s1", "KITH_PUBLIC_URL": "https://kith.example.org"}
    before = len(sink.arrived)
    found = told(**settings)
    assert {check: [verdict for verdict, _ in rows] for check, rows in found.items() if check != "hold"} == {
        check: ["ok"] for check in ("database", "clock", "schema", "zones", "redis", "address", "relay", "spf", "dkim",
                                    "dmarc", "mx")}
    assert len(sink.arrived) == before and sink.greeted[-1] == DOMAIN
    assert found["dkim"] == [("ok", f"s1._domainkey.{DOMAIN}: a key of ed25519")]
    assert found["dmarc"][0][1].startswith("_dmarc.example.org: v=DMARC1"), "of the domain above"
    lines = doctor(**settings).stdout.splitlines()
    assert len(lines) == sum(map(len, found.values())) and all(line.split()[0] in ("ok", "warning") for line in lines)


def test_what_is_not_configured_is_skipped_and_said():
    found = told(KITH_REDIS_URL="unix:/nowhere/redis")
    assert [found[check][0][0] for check in ("database", "relay", "sender")] == ["skipped"] * 3
    assert found["redis"][0][0] == "bad" and "nothing is lost" in found["redis"][0][1]


def test_a_database_that_is_not_there_or_not_ours_is_bad(database, empty_database):
    away = told(KITH_MIGRATE_URL=f"postgresql://kith@{loopback()}:1/kith", KITH_DOCTOR_MS="2000")["database"]
    assert away[0][0] == "bad"
    found = told(KITH_MIGRATE_URL=empty_database)
    assert found["schema"][0][0] == "bad" and "kith migrate" in found["schema"][0][1]
    assert "hold" not in found, "nothing is asked of tables that are not there"
    assert told(KITH_MIGRATE_URL=database.uri("kith_migrate"))["hold"][0][0] in ("ok", "warning")


def test_a_relay_that_does_not_let_us_in_is_bad(sink, tmp_path):
    def relay(url, **more):
        return told(KITH_MAIL_URL=url, KITH_MAIL_FROM=FROM, KITH_DOCTOR_RESOLVER=f"{loopback()}:9",
                    KITH_DOCTOR_MS="2000", **more)["relay"][0]
    sink.on("EHLO", "421 4.7.0 not now")
    assert relay(sink.url)[0] == "bad"
    sink.hooks.clear()
    assert relay(f"smtp://{loopback()}:2525")[0] == "bad"
    assert relay(sink.url + "?tls=required")[0] == "bad", "it offers no TLS"
    with Sink(authenticator=sign_in_as("kith", "secret"), auth_require_tls=False) as closed:
        assert relay(closed.url.replace("//", "//kith:secret@"))[0] == "ok"
        verdict, says = relay(closed.url.replace("//", "//kith:wrong@"))
        assert verdict == "bad" and "wrong" not in says
    assert relay(f"maildir:{tmp_path}/mail") == ("warning", "mails go into a folder, and to nobody")
    assert relay("maildir:/proc/mail")[0] == "bad"


@pytest.mark.parametrize("texts, verdict, word", [
    ([], "bad", "no SPF"),
    (["v=spf10 -all"], "bad", "no SPF"),
    (["v=spf1 -all", "V=SPF1 ~all"], "bad", "several"),
    (["v=spf1 mx +all"], "bad", "everybody"),
    (["v=spf1 mx all"], "bad", "everybody"),
    (["v=spf1 mx ?all"], "warning", "~all"),
    (["v=spf1 mx"], "warning", "~all"),
    (["v=spf1 redirect=_spf.example.net"], "ok", "redirect"),
    (["v=spf1 " + "include:a.example " * 10 + "-all"], "ok", "-all"),
    (["v=spf1 " + "include:a.example " * 11 + "-all"], "bad", "10 lookups"),
])
def test_who_may_send_is_read_from_the_spf_record(names, texts, verdict, word):
    got = sender(names, {**GOOD, (DOMAIN, "TXT"): texts})["spf"][0]
    assert got[0] == verdict and word in got[1]


def test_keys_policies_and_where_replies_go(names):
    def of(check, name, kind, values, selectors="s1"):
        return sender(names, {**GOOD, (name, kind): values}, selectors)[check][0]
    key = f"s1._domainkey.{DOMAIN}"
    assert of("dkim", key, "TXT", [])[0] == "bad"
    assert of("dkim", key, "TXT", ["v=DKIM1; p="]) == ("bad", f"{key}: the DKIM key is revoked")
    assert of("dkim", key, "TXT", ["p=AA", "p=BB"])[0] == "bad"
    assert of("dkim", key, "TXT", ["p=AA"]) == ("ok", f"{key}: a key of rsa")
    assert of("dkim", key, "TXT", ["p=AA"], None)[0] == "skipped"
    assert [row[0] for row in sender(names, GOOD, "s1, s2")["dkim"]] == ["ok", "bad"]
    own = f"_dmarc.{DOMAIN}"
    assert of("dmarc", own, "TXT", ["v=DMARC1; p=none"])[0] == "warning"
    assert of("dmarc", own, "TXT", ["v=DMARC1; p = reject ; pct=100"])[0] == "ok"
    assert of("dmarc", own, "TXT", ["v=DMARC1; rua=mailto:x@example.org"])[0] == "bad"
    assert of("dmarc", own, "TXT", ["v=DMARC1; p=none", "v=DMARC1; p=reject"])[0] == "bad"
    assert of("dmarc", "_dmarc.example.org", "TXT", [])[0] == "warning"
    assert of("mx", DOMAIN, "MX", [""])[0] == "bad", "it says that it takes none"
    assert of("mx", DOMAIN, "MX", [])[0] == "bad"
    names.records = {**GOOD, (DOMAIN, "MX"): [], (DOMAIN, "AAAA"): ["2001:db8::1"]}
    assert told(KITH_MAIL_FROM=FROM, KITH_DOCTOR_RESOLVER=names.place)["mx"][0][0] == "warning"


def test_a_name_server_that_is_silent_is_no_answer(sink):
    found = told(KITH_MAIL_FROM=FROM, KITH_DOCTOR_RESOLVER=f"{loopback()}:9")
    assert [found[check][0][0] for check in ("spf", "dmarc", "mx")] == ["bad"] * 3
    assert "no name server answers" in found["spf"][0][1]
    assert told(KITH_MAIL_FROM=FROM, KITH_DOCTOR_RESOLVER="nobody")["sender"][0][0] == "bad"


def test_what_is_configured_wrongly_is_refused(sink):
    done = doctor(KITH_MAIL_URL="http://x", KITH_MAIL_FROM="nobody")
    assert done.returncode == 78 and "KITH_MAIL_URL" in done.stderr and "KITH_MAIL_FROM" in done.stderr
    assert doctor("--check-config", KITH_MAIL_URL=sink.url, KITH_MAIL_FROM=FROM).returncode == 0
