"""Kith as an operator gets it: one command from a clean copy of the repository; what may be seen,
what may be broken, what may be restarted. The tests stand in the order in which they run."""

import email
import email.policy
import json
import re
import threading
import time

import pytest
import requests
from stack import LASTING, PROGRAMS, docker, wait_until

ONCE = ("init", "migrate")
OURS = ("migrate", *PROGRAMS)
YEAR = 2027
MONTH = "2026-09-01"


# ---- What is there after one command -------------------------------------------------------------


def test_a_clean_copy_comes_up_healthy_with_one_command(kith):
    for service in ONCE:
        assert kith.inspect(service)["State"]["ExitCode"] == 0, service
    for service in LASTING:
        assert kith.is_healthy(service), service
        assert kith.inspect(service)["RestartCount"] == 0, "nobody had to try twice"


def test_a_second_time_changes_nothing(kith):
    before = {service: kith.container(service) for service in LASTING}
    kith.up()
    assert {service: kith.container(service) for service in LASTING} == before


def test_only_the_proxy_can_be_reached(kith):
    for service in LASTING:
        published = kith.inspect(service)["NetworkSettings"]["Ports"] or {}
        addresses = [at["HostIp"] for bound in published.values() for at in bound or []]
        assert addresses == (["127.0.0.1"] if service == "proxy" else []), service


def test_only_who_must_reach_outside_can(kith):
    networks = {service: sorted(name.removeprefix(f"{kith.project}_") for name in
                                kith.inspect(service)["NetworkSettings"]["Networks"])
                for service in LASTING}
    outside = {service for service, names in networks.items() if "outside" in names}
    assert outside == {"proxy", "mailer"}
    assert all("inside" in names for names in networks.values())
    inside = json.loads(docker("network", "inspect", f"{kith.project}_inside"))[0]
    assert inside["Internal"]


@pytest.mark.parametrize("service", LASTING)
def test_a_container_has_no_right_that_it_does_not_need(kith, service):
    seen = kith.inspect(service)
    host = seen["HostConfig"]
    assert seen["Config"]["User"] not in ("", "0", "root", "0:0")
    assert host["ReadonlyRootfs"] and not host["Privileged"]
    assert host["CapDrop"] == ["ALL"]
    assert (host["CapAdd"] or []) == (["NET_BIND_SERVICE"] if service == "proxy" else [])
    assert "no-new-privileges:true" in host["SecurityOpt"]
    assert host["Memory"] > 0 and host["PidsLimit"] > 0
    assert host["LogConfig"]["Config"] == {"max-size": "10m", "max-file": "5"}
    assert host["RestartPolicy"]["Name"] == "unless-stopped"
    assert seen["Config"]["StopTimeout"] >= 30
    status = kith.execute(service, "cat", "/proc/1/status")
    assert re.search(r"^NoNewPrivs:\t1$", status, re.M)
    assert re.search(r"^CapEff:\t0000000000000000$", status, re.M)
    assert re.search(r"^Uid:\t[1-9]", status, re.M)
    written = kith.execute(service, "sh", "-c", "touch /here 2>&1 || true")
    assert "Read-only file system" in written


def test_the_image_has_no_compiler_and_runs_as_nobody_special(kith):
    found = kith.execute("api", "sh", "-c", "for c in cc gcc clang make ld as python3 perl; do "
                                            "command -v $c; done; true").split()
    assert set(found) <= {"/usr/bin/perl"}, "perl-base is a part of Debian"
    assert json.loads(docker("inspect", "kith:test"))[0]["Config"]["User"] == "10001:10001"


# ---- Secrets -------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def made(kith):
    """The secrets by their names: only root may read them."""
    told = kith.compose("run", "--rm", "-T", "init", "grep", "--no-messages", "-H", "", "-r", ".")
    lines = [line.removeprefix("./").split(":", 1) for line in told.splitlines()]
    return {name: value for name, value in lines if "/" not in name}


def test_secrets_stand_in_files_only(kith, made):
    assert len(set(made.values())) == len(made) >= 11, "each is another"
    assert all(len(value) >= 40 for value in made.values())
    for service in (*ONCE, *LASTING):
        text = json.dumps(kith.inspect(service)) + docker("logs", kith.container(service))
        assert not [name for name, value in made.items() if value in text], service


def test_who_holds_a_secret_is_only_who_needs_it(kith, made):
    knows = {service: kith.execute(service, "sh", "-c", "cat /run/secrets/* 2>/dev/null || true")
             for service in LASTING}
    for service in PROGRAMS:
        held = {name for name, value in made.items() if value in knows[service]}
        own = {f"password_kith_{service}", "password_redis", "secret_key"}
        assert held == own | ({"password_kith_publisher"} if service == "api" else set()), service
    assert {name for name, value in made.items() if value in knows["db"]} == {"password_postgres"}
    assert {name for name, value in made.items() if value in knows["redis"]} == {"password_redis"}
    assert not [name for name, value in made.items() if value in knows["proxy"]]
    assert knows["api"] not in kith.execute("api", "sh", "-c", "cat /proc/1/environ; true")


def test_nobody_gets_in_without_a_password(kith):
    asked = kith.execute("redis", "sh", "-c", "redis-cli XLEN kith:events 2>&1")
    assert "NOAUTH" in asked
    refused = kith.execute("db", "sh", "-c",
                           "PGPASSWORD=wrong psql -h \"$(hostname)\" -U kith_api -d kith "
                           "-c 'SELECT 1' 2>&1 || true")
    assert "password authentication failed" in refused


# ---- What it is for ------------------------------------------------------------------------------


class Figures:
    """A district's school, with figures that the dashboard shows."""

    def __init__(self, sign_in):
        self.admin = sign_in("admin")
        self.steward = sign_in("data_steward")
        (self.indicator,) = [one["id"] for one in self.admin.get("/v1/indicators", limit=200)["data"]
                             if one["code"] == "sessions"]
        self.site = self.admin.post("/v1/sites", {"name": "Lincoln", "kind": "school"})["id"]
        self.partner = self.admin.post(
            "/v1/partners", {"name": "Lakeside YMCA", "kind": "nonprofit"})["id"]
        self.partnership = self.admin.post("/v1/partnerships", {
            "name": "Reading", "partner_id": self.partner, "arrangement": "program"})["id"]
        self.admin.post("/v1/partnership_sites",
                        {"partnership_id": self.partnership, "site_id": self.site})
        self.observation = None

    def observe(self, count):
        """So many sessions in the month: what there was is superseded."""
        self.observation = self.steward.post("/v1/observations", {
            "indicator_id": self.indicator, "site_id": self.site, "school_year": YEAR,
            "period_kind": "month", "period_start": MONTH, "numerator": str(count),
            "cohort": "served", "partnership_id": self.partnership})

    def shown(self):
        board = self.admin.get("/v1/dashboard", scope=f"partnership:{self.partnership}",
                               school_year=YEAR)
        return board["outputs"]["sessions"]

    def reach_the_dashboard(self, count, seconds=60):
        self.observe(count)
        wait_until(lambda: float(self.shown() or 0) == count, f"{count} sessions are shown", seconds)


@pytest.fixture(scope="session")
def figures(sign_in):
    return Figures(sign_in)


def test_who_signs_in_through_the_proxy_sees_his_district(sign_in):
    assert sign_in("admin").me["district"]["slug"] == "lakeside"


def test_a_figure_reaches_the_dashboard(figures):
    figures.reach_the_dashboard(12)


class Letters:
    """Mails of accounts, which go on every day and in a district that is not live."""

    def __init__(self, kith, sign_in):
        self.kith = kith
        self.admin = sign_in("admin")

    def ask(self):
        """A mail to the administrator with a link to a new password: its id."""
        return self.admin.post(f"/v1/users/{self.admin.me['user']['id']}/password_reset",
                               {})["message_id"]

    def status(self, message):
        return self.admin.get(f"/v1/messages/{message}")["status"]

    def wait_sent(self, message, seconds=60):
        wait_until(lambda: self.status(message) == "sent", "the mail is sent", seconds)

    def delivered(self, message):
        """The mails of a message as their recipients would have them."""
        listed = self.kith.execute(
            "mailer", "sh", "-c", f"grep -rlF {message} /var/lib/kith/mail || true").split()
        return [email.message_from_string(self.kith.execute("mailer", "cat", one),
                                          policy=email.policy.default) for one in listed]


@pytest.fixture(scope="session")
def letters(kith, sign_in):
    return Letters(kith, sign_in)


def test_a_mail_reaches_the_mailbox_with_a_link_that_opens_here(kith, letters):
    message = letters.ask()
    letters.wait_sent(message)
    (mail,) = letters.delivered(message)
    assert mail["To"].addresses[0].addr_spec == "admin@lakeside.example"
    text = mail.get_body(("plain",)).get_content()
    link = re.search(r"http://localhost:\d+/\S+", text)[0]
    assert link.startswith(f"{kith.settings['KITH_PUBLIC_URL']}/r/")


# ---- What breaks, and heals ----------------------------------------------------------------------


@pytest.mark.parametrize("service", LASTING)
def test_a_container_that_dies_comes_back_and_nothing_is_lost(
        kith, sign_in, figures, letters, service):
    message = letters.ask()
    before = sign_in("admin").post("/v1/partners", {"name": f"Before {service}", "kind": "civic"})
    kith.kill(service)
    kith.wait_healthy()
    assert sign_in("admin").get(f"/v1/partners/{before['id']}")["name"] == f"Before {service}"
    figures.reach_the_dashboard(20 + LASTING.index(service))
    letters.wait_sent(message, seconds=120)
    assert len(letters.delivered(message)) == 1


def test_programs_wait_for_a_database_that_comes_later(kith, figures):
    """As when the machine starts, and Docker starts everything at once."""
    kith.compose("stop", "db", "redis")
    kith.compose("restart", "-t", "40", *PROGRAMS)
    kith.compose("start", "db", "redis")
    kith.wait_healthy()
    figures.reach_the_dashboard(30)


def test_without_redis_nobody_waits_and_it_may_lose_all_that_it_has(kith, figures):
    """Not even for a resolver that looks for it: a request or a worker that did would wait for 20 s."""
    kith.compose("stop", "redis")
    ends, longest = time.monotonic() + 20, 0.0
    while time.monotonic() < ends:
        began = time.monotonic()
        figures.admin.post("/v1/partners", {"name": f"At {began}", "kind": "civic"})
        longest = max(longest, time.monotonic() - began)
    assert longest < 4
    for count in (37, 38, 39):
        figures.reach_the_dashboard(count, seconds=10)
    figures.observe(40)
    kith.compose("rm", "-f", "redis")
    docker("volume", "rm", f"{kith.project}_redis")
    kith.up()
    wait_until(lambda: float(figures.shown() or 0) == 40, "40 sessions are shown", 90)


class Visitors:
    """People who read and write without a pause, and what went wrong for them."""

    def __init__(self, person, count):
        self.person = person
        self.answered, self.failed, self.longest = [], [], 0.0
        self.ends = threading.Event()
        self.threads = [threading.Thread(target=self.work, args=(number,))
                        for number in range(count)]

    def work(self, number):
        asked = 0
        while not self.ends.is_set():
            asked += 1
            began = time.monotonic()
            try:
                if asked % 2:
                    made = self.person.post("/v1/partners", {
                        "name": f"Visitor {number} {asked}", "kind": "business"})
                    self.answered.append(made["id"])
                else:
                    self.person.get("/v1/partners", limit=5)
                    self.answered.append(None)
            except Exception as error:  # pylint: disable=broad-exception-caught
                self.failed.append(repr(error)[:500])
            self.longest = max(self.longest, time.monotonic() - began)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ends.set()
        for thread in self.threads:
            thread.join(90)

    def wait_for_more(self, count=100):
        seen = len(self.answered)
        wait_until(lambda: len(self.answered) >= seen + count or self.failed, "they are served")


def test_the_api_restarts_under_load_without_one_request_that_fails(kith, sign_in):
    """It says that it will stop, the proxy keeps what comes, and it stops when nobody is at it."""
    admin = sign_in("admin")
    with Visitors(admin, 8) as visitors:
        for _ in range(3):
            visitors.wait_for_more()
            kith.compose("restart", "-t", "40", "api")
            kith.wait_healthy("api")
        visitors.wait_for_more()
    made = [one for one in visitors.answered if one]
    print(f"{len(visitors.answered)} requests, the longest {visitors.longest:.1f} s")
    assert not visitors.failed
    assert len(made) == len(set(made)) >= 200
    for one in made[::20]:
        admin.get(f"/v1/partners/{one}")


# ---- What operators do ---------------------------------------------------------------------------


def test_a_backup_comes_back(kith, sign_in, figures):
    admin = sign_in("admin")
    kept = admin.post("/v1/partners", {"name": "Kept", "kind": "civic"})["id"]
    dump = kith.run("deploy/compose/backup", "backups").strip()
    assert dump.endswith(".dump")
    lost = admin.post("/v1/partners", {"name": "Of later", "kind": "civic"})["id"]
    told = kith.run("deploy/compose/restore", dump)
    kith.wait_healthy()
    back = sign_in("admin")
    assert back.get(f"/v1/partners/{kept}")["name"] == "Kept"
    assert back.ask("GET", f"/v1/partners/{lost}").status_code == 404
    wait_until(lambda: back.get("/v1/mail_hold")["is_held"], "its mail is on hold")
    home = "SELECT system_identifier > 0 FROM mail_home"
    wait_until(lambda: kith.execute("db", "psql", "-U", "postgres", "-Atc", home, "kith").strip() == "t",
               "the mailer has seen where it is")
    (old,) = set(re.findall(r"kith_before_\w+", told))
    kith.execute("db", "dropdb", "-U", "postgres", old)
    figures.admin, figures.steward = back, sign_in("data_steward")
    figures.reach_the_dashboard(50)


def test_with_a_host_name_it_speaks_https(kith, sign_in, tmp_path):
    """Only the proxy's side of it: a certificate of the world's cannot be had for a test."""
    plain = dict(kith.settings)
    untouched = [kith.container(one) for one in ("db", "redis")]
    base = f"https://localhost:{kith.tls_port}"
    kith.write_settings(
        COMPOSE_FILE="docker-compose.yml:deploy/compose/tls.yml",
        KITH_PUBLIC_URL="https://localhost", KITH_TLS="internal", KITH_HTTPS=f"127.0.0.1:{kith.tls_port}",
        KITH_HTTP_TO_HTTPS=f"127.0.0.1:{kith.redirect_port}")
    try:
        kith.up()
        assert [kith.container(one) for one in ("db", "redis")] == untouched
        root = tmp_path / "root.crt"
        root.write_text(kith.execute("proxy", "cat", "/data/caddy/pki/authorities/local/root.crt"))
        admin = sign_in("admin", base, origin="https://localhost", trusts=str(root))
        assert admin.me["district"]["slug"] == "lakeside"
        cookies = list(admin.http.cookies)
        assert [(one.name[:7], one.secure) for one in cookies] == [("__Host-", True)]
        asked = admin.ask("GET", "/v1/me")
        assert asked.headers["Strict-Transport-Security"] == "max-age=31536000"
        plainly = requests.get(f"http://localhost:{kith.redirect_port}/v1/me", timeout=60,
                               allow_redirects=False)
        assert plainly.status_code == 308
        assert plainly.headers["Location"] == "https://localhost/v1/me"
    finally:
        kith.settings = plain
        kith.write_settings()
        kith.up()


def test_all_of_it_goes_when_it_should(kith):
    kith.down()
    assert not kith.left_over()
