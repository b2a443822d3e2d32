"""The web app's files as kith-api serves them."""

import gzip
import os
import re
import subprocess
from urllib.parse import quote

import pytest
from pages import Browser, signed_in

from api_world import ROLES, Tenant, running_api
from world import BUILD, ROOT

WEB = os.path.join(ROOT, "build/web/dist")
FIRST_LOAD_MOST = 80_000


@pytest.fixture(scope="module")
def api(database):
    with running_api(database, KITH_WEB_PATH=WEB) as one:
        yield one


def get(api, path, **fields):
    return api.send("GET", path, None, fields)


def scripts(api):
    page = get(api, "/app").body.decode()
    return re.findall(r'(?:src|href)="(/app/assets/[^"]+)"', page)


@pytest.mark.shows("web.files")
def test_any_address_of_the_app_is_its_page(api):
    first = get(api, "/app")
    assert first.status == 200 and first.field("Content-Type") == "text/html; charset=utf-8"
    for path in ("/app/partners", "/app/partners/0197a3c2-5d1e-7b40-9c55-2f6d8e01a4b7", "/app/partners/0197a3c2-5d1e-7b40-9c55-2f6d8e01a4b7/history", "/app/a/b/c/d"):
        assert get(api, path).body == first.body
    assert get(api, "/app/a/b/c/d/e").status == 404
    assert first.field("Cache-Control") == "public, no-cache"
    assert get(api, "/app", **{"If-None-Match": first.field("ETag")}).status == 304


@pytest.mark.shows("web.files")
def test_its_policy_lets_in_nothing_of_others_and_nothing_inline(api):
    policy = get(api, "/app").field("Content-Security-Policy")
    assert "default-src 'none'" in policy and "script-src 'self'" in policy and "style-src 'self'" in policy
    assert "unsafe" not in policy and "http" not in policy and "data:" not in policy
    page = get(api, "/app").body.decode()
    assert not re.search(r"<script(?![^>]* src=)|<style|style=|\son\w+=|https?://", page)


@pytest.mark.shows("web.files")
@pytest.mark.parametrize("accepts, coding", [("br, gzip", "br"), ("gzip", "gzip"), ("br;q=0, gzip", "gzip"), ("identity", None), (None, None)])
def test_a_file_comes_as_the_client_takes_it(api, accepts, coding):
    path = next(one for one in scripts(api) if one.endswith(".js"))
    reply = get(api, path, **({"Accept-Encoding": accepts} if accepts else {}))
    assert reply.status == 200 and reply.field("Content-Encoding") == coding and reply.field("Vary") == "Accept-Encoding"
    assert reply.field("Cache-Control") == "public, max-age=31536000, immutable"
    plain = get(api, path)
    assert reply.field("Content-Type") == plain.field("Content-Type") == "text/javascript; charset=utf-8"
    if coding == "gzip":
        assert gzip.decompress(reply.body) == plain.body
    if coding:
        assert len(reply.body) < len(plain.body) and reply.field("ETag") != plain.field("ETag")


def test_an_asset_that_is_not_there_is_not_the_page(api):
    assert get(api, "/app/assets/nothing-12345678.js").status == 404
    assert get(api, "/app/assets/..%2fworker.js").status == 404


def test_its_files_are_of_no_rate_limit(api):
    assert get(api, "/app").field("RateLimit") is None and get(api, "/login").field("RateLimit") is not None


@pytest.mark.shows("web.budget")
def test_what_is_loaded_first_is_small(api):
    first = [get(api, path, **{"Accept-Encoding": "gzip"}).body for path in scripts(api) if path.endswith(".js")]
    assert first and sum(map(len, first)) <= FIRST_LOAD_MOST


def test_without_a_folder_there_is_no_app(database):
    with running_api(database) as one:
        assert get(one, "/app").status == 404 and get(one, "/app/assets/x.js").status == 404


@pytest.mark.parametrize("spoil, why", [
    (lambda folder: None, "no index.html"),
    (lambda folder: os.rmdir(folder / "assets"), "no folder that can be read"),
    (lambda folder: (folder / "a.exe").write_bytes(b"x"), "no file of a web app"),
    (lambda folder: (folder / "index.html").write_bytes(b" " * (8 * 1024 * 1024 + 1)), "too large"),
])
def test_a_folder_that_is_none_of_it_stops_the_start(database, tmp_path, spoil, why):
    (tmp_path / "assets").mkdir()
    spoil(tmp_path)
    done = subprocess.run(
        [f"{BUILD}/bin/kith-api"], capture_output=True, text=True, timeout=50, check=False,
        env={"KITH_ENV": "test", "KITH_DATABASE_URL": database.uri("kith_api"), "KITH_PUBLISHER_URL": database.uri("kith_publisher"),
             "KITH_SECRET_KEY": "x" * 40, "KITH_WEB_PATH": str(tmp_path), "KITH_LISTEN": "127.0.0.1:0", "KITH_ADMIN_LISTEN": "127.0.0.1:0"})
    assert done.returncode == 78 and "KITH_WEB_PATH" in done.stderr + done.stdout and why in done.stderr + done.stdout


def test_a_file_of_the_largest_size_is_served(database, tmp_path):
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_bytes(b" " * (8 * 1024 * 1024))
    with running_api(database, KITH_WEB_PATH=str(tmp_path)) as one:
        assert len(get(one, "/app").body) == 8 * 1024 * 1024


@pytest.mark.shows("web.sign_in")
def test_the_first_page_of_who_reads_the_district_is_the_app(api, database):
    tenant = Tenant(api, database)
    assert Browser(api).ask("GET", "/").field("Location") == "/login"
    for role in ROLES:
        assert signed_in(tenant, role).ask("GET", "/").field("Location") == "/app", role
    assert signed_in(tenant, "partner").ask("GET", "/").field("Location") == "/organization"
    assert signed_in(tenant, "nobody").ask("GET", "/").field("Location") == "/organization"
    assert signed_in(tenant).get("/today").heading == "Today", "the page without a script is there still"
    assert get(api, f"/d/{tenant.district.slug}/needs").status == 200, "and what the public reads"


@pytest.mark.shows("web.sign_in")
@pytest.mark.parametrize("to, kept", [
    ("/app/partners?kind=civic", True), ("/app", True), ("/app?x=1", True), ("//evil.example.org", False), ("/application", False),
    ("https://evil.example.org/app/", False), ("/app/\\evil", False), ("/app/" + "x" * 1995, True), ("/app/" + "x" * 1996, False),
], ids=lambda value: str(value)[:20])
def test_the_sign_in_keeps_where_one_wanted_to_go_in_the_app_alone(api, to, kept):
    page = Browser(api).get(f"/login?to={quote(to)}")
    assert ('name="to"' in page.body) == kept
