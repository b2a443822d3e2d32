"""docker-compose.yml against the programs: each gets what it knows, and .env.example tells of it.

`make test-compose` runs it; this reads it."""

import re
import subprocess

import pytest
import yaml
from probe import BUILD, REPOSITORY

COMPOSE = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text("utf-8"))
SERVICES = COMPOSE["services"]
PROGRAMS = {name: service["command"][0] for name, service in SERVICES.items()
            if str((service.get("command") or [""])[0]).startswith("kith-")}  # fmt: skip


def variables(*command):
    """What --config-markdown says: name → whether it is a secret."""
    text = subprocess.run([BUILD / "bin" / command[0], *command[1:], "--config-markdown"],
                          stdout=subprocess.PIPE, text=True, check=True).stdout  # fmt: skip
    return {name: bool(secret) for name, secret in
            re.findall(r"^\| `(\w+)`( \(secret\))? \|", text, re.M)}  # fmt: skip


def test_every_program_but_the_command_line_is_a_service():
    programs = {path.name for path in (BUILD / "bin").iterdir() if path.name.startswith("kith-")}
    assert set(PROGRAMS.values()) == programs


@pytest.mark.parametrize("service", PROGRAMS)
def test_a_service_passes_on_every_variable_and_each_secret_as_a_file(service):
    known = variables(PROGRAMS[service])
    given = SERVICES[service]["environment"]
    wanted = {f"{name}_FILE" if secret else name for name, secret in known.items()}
    assert set(given) == wanted
    for name, value in given.items():
        if name.endswith("_FILE") and known.get(name.removesuffix("_FILE")):
            assert value.startswith("/run/secrets/"), name


def test_the_doctor_has_what_the_programs_have_whose_works_it_checks():
    given = SERVICES["doctor"]["environment"]
    known = {name for name, secret in variables("kith", "doctor").items()}
    assert {name.removesuffix("_FILE") if name not in known else name for name in given} <= known
    for name in set(given) & set(SERVICES["mailer"]["environment"]):
        assert given[name] == SERVICES["mailer"]["environment"][name], name


def test_migrate_sets_the_password_of_every_role():
    known = {name for name in variables("kith", "migrate") if "ROLE_PASSWORD" in name}
    given = SERVICES["migrate"]["environment"]
    assert {f"{name}_FILE" for name in known} == {n for n in given if "ROLE_PASSWORD" in n}
    assert known


def test_what_is_told_of_settings_is_true():
    """To mend it: deploy/compose/env-example build/release >.env.example."""
    told = subprocess.run(["/usr/bin/python3", REPOSITORY / "deploy/compose/env-example", BUILD],
                          stdout=subprocess.PIPE, text=True, check=True).stdout  # fmt: skip
    assert (REPOSITORY / ".env.example").read_text("utf-8") == told
    for name in ("docker-compose.yml", "deploy/compose/tls.yml"):
        used = re.findall(r"\$\{(\w+)", (REPOSITORY / name).read_text("utf-8"))
        assert used and not [one for one in used if f"#{one}=" not in told], name


def test_what_programs_connect_to_has_an_address_that_needs_no_resolver():
    """When the container is away, its name must not make anybody wait."""
    inside = COMPOSE["networks"]["inside"]["ipam"]["config"][0]["subnet"].removesuffix("0/24")
    names = dict(name.split(":", 1) for name in COMPOSE["x-names"])
    for name in ("db", "redis", "api"):
        (network,) = SERVICES[name]["networks"].values()
        assert names[name] == network["ipv4_address"] and names[name].startswith(inside)
    for name in (*PROGRAMS, "migrate", "kith", "doctor", "proxy"):
        assert SERVICES[name]["extra_hosts"] == COMPOSE["x-names"], name


def seconds(text):
    number, unit = re.fullmatch(r"(\d+)([sm])", text).groups()
    return int(number) * {"s": 1, "m": 60}[unit]


def test_a_container_is_given_more_time_than_its_program_takes_to_stop():
    api = SERVICES["api"]
    help_text = subprocess.run([BUILD / "bin/kith-api", "--help"], stdout=subprocess.PIPE,
                               text=True, check=True).stdout  # fmt: skip
    drain_ms = int(re.search(r"KITH_API_DRAIN_MS\n.*\n.*default (\d+)", help_text)[1])
    linger_ms = int(re.fullmatch(r"\$\{\w+:-(\d+)\}", api["environment"]["KITH_API_LINGER_MS"])[1])
    margin_s = 4
    assert (linger_ms + drain_ms) / 1000 + margin_s <= seconds(api["stop_grace_period"])


def test_both_kinds_of_compose_can_read_it():
    """1.29 takes neither a name nor a version of the kind that has conditions."""
    assert not {"name", "version"} & set(COMPOSE)
    keys = {key for service in SERVICES.values() for key in service}
    assert keys <= {
        "build", "cap_add", "cap_drop", "command", "depends_on", "entrypoint", "environment",
        "extra_hosts", "healthcheck", "image", "init", "logging", "mem_limit", "network_mode", "networks",
        "pids_limit", "ports", "profiles", "read_only", "restart", "security_opt", "shm_size",
        "stop_grace_period", "tmpfs", "user", "volumes", "working_dir",
    }, "what 1.29 and v2 both know"  # fmt: skip
    for name, service in SERVICES.items():
        places = [volume.split(":")[1] for volume in service.get("volumes", [])]
        assert places == sorted(places), name
        assert set(service.get("healthcheck", {})) <= {
            "test", "interval", "timeout", "retries", "start_period"}, name  # fmt: skip
