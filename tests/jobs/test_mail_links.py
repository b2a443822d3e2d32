"""From the mail to the page: what kith-mailer puts into a mail opens what it says at kith-api."""

import os
import re
import sys

import pytest

from workers import wait_until
from mailing import Mailer, Office, clock, office  # noqa: F401  pylint: disable=unused-import
from test_rounds_and_mails import Box
from world import NOW, ROOT

sys.path.insert(0, os.path.join(ROOT, "tests/api"))
from api_world import running_api  # noqa: E402  pylint: disable=wrong-import-position
from pages import Browser  # noqa: E402  pylint: disable=wrong-import-position


@pytest.fixture(scope="module")
def kith(database):
    with running_api(database) as one:
        yield one


def mailed(kith, office, clock, tmp_path, kind, subject):  # pylint: disable=redefined-outer-name
    """The links of the mail, {"r": path, "u": path}, and the one of its List-Unsubscribe."""
    one = office.queue(kind)
    with Mailer(office.database, f"maildir:{tmp_path}", clock,
                KITH_PUBLIC_URL=f"http://{kith.host}:8080"):
        assert office.wait(one, "sent") == "sent"
    mail, = Box(tmp_path).mails(subject)
    text = mail.get_body(("plain",)).get_content()
    links = dict(re.findall(rf"http://{re.escape(kith.host)}:8080(?=/([ru])/)(/[ru]/\S+)", text))
    header = mail["List-Unsubscribe"]
    stop = header and re.search(r":8080(/u/[^>]+)>", header)[1]
    return links, stop


@pytest.mark.parametrize("kind, subject, heading", [
    ("check_in_reminder", "Reading Buddies", "Check-in Reading Buddies"),
    ("survey_invitation", "Spring survey", "Spring survey"),
    ("agreement_acknowledgment", "Reading agreement", "Reading agreement Memorandum of understanding"),
    ("ask", "Ten tutors", "Ten tutors Bay Bank"),
])
def test_its_link_opens_the_task(kith, office, clock, tmp_path, kind, subject, heading):  # pylint: disable=redefined-outer-name
    links, _ = mailed(kith, office, clock, tmp_path, kind, subject)
    page = Browser(kith).get(links["r"])
    assert (page.status, page.heading) == (200, heading)
    assert "Ana López" in page.text or kind == "survey_invitation"
    assert page.links()["office@rio.example.org"] == "mailto:office@rio.example.org"


def test_the_link_of_a_new_password_sets_one(kith, office, clock, tmp_path):  # pylint: disable=redefined-outer-name
    links, stop = mailed(kith, office, clock, tmp_path, "password_reset", "password")
    browser = Browser(kith)
    page = browser.submit(browser.get(links["r"]), new_password="tangerine bicycle quartz")
    assert page.path == "/login?said=password" and stop is None, "no account goes without its mail"


@pytest.mark.shows("administration.invitation_mail")
def test_the_link_of_an_invitation_lets_its_user_in(kith, office, clock, tmp_path):  # pylint: disable=redefined-outer-name
    user = office.row("app_user", email=f"{office.user}@new.example.org", name="New Hire")
    with office.migrate() as connection, connection.transaction():
        connection.execute("SELECT kith_context(%s, %s, 'admin', %s, '')", (office.id, office.user, NOW))
        connection.execute("INSERT INTO user_invitation (district_id, id, user_id) VALUES (%s, %s, %s)",
                           (office.id, user, user))
    with Mailer(office.database, f"maildir:{tmp_path}", clock,
                KITH_PUBLIC_URL=f"http://{kith.host}:8080"):
        wait_until(lambda: [m for m in office.read("message", "user_id = %s", user) if m["status"] == "sent"],
                   "it is sent")
    mail, = Box(tmp_path).mails("Your account")
    text = mail.get_body(("plain",)).get_content()
    assert "Dana Lee has invited you." in text and "Saturday, November 28, 2026" in text
    browser = Browser(kith)
    page = browser.get(re.search(r":8080(/r/\S+)", text)[1])
    assert page.heading == "Welcome"
    refused = browser.submit(page, new_password="short")
    assert (refused.status, refused.heading) == (422, "Welcome")
    inside = browser.submit(refused, new_password="tangerine bicycle quartz")
    assert "kith" in browser.cookies and inside.path == "/organization" and inside.status == 403, "without a grant yet"


def test_the_link_of_a_sign_in_signs_in_by_its_button(kith, office, clock, tmp_path):  # pylint: disable=redefined-outer-name
    links, stop = mailed(kith, office, clock, tmp_path, "sign_in", "link for signing in")
    browser = Browser(kith)
    page = browser.get(links["r"])
    assert page.heading == "Sign in" and "Dana Lee" in page.text and stop is None
    assert "kith" not in browser.cookies, "to look signs nobody in"
    assert browser.send(page).field("Location") == "/" and "kith" in browser.cookies
    again = Browser(kith).get(links["r"])
    assert again.status == 404, "once"


def test_one_click_on_a_mail_ends_its_topic(kith, office, clock, tmp_path):  # pylint: disable=redefined-outer-name
    _, stop = mailed(kith, office, clock, tmp_path, "survey_invitation", "Spring survey")
    browser = Browser(kith)
    assert browser.ask("POST", stop, b"List-Unsubscribe=One-Click").status == 200
    assert [(f["topic"], f["opted_out"]) for f in office.read("preference", "contact_id = %s", office.contact)] \
        == [("surveys", True)]
    assert browser.get(stop).heading == "Mail from us"
    assert NOW and Office
