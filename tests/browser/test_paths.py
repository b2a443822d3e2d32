"""Whole paths, as people go them."""

from check_ins import at_a_site, running
from pages import make_link, message
from selenium.webdriver.common.keys import Keys
from test_page_survey import Asked

from world import wait_until

WITHOUT_APP = True  # staff have their few pages, and need no script

PASSWORD = "tangerine bicycle quartz"


def test_a_coordinator_signs_in_sees_the_day_and_signs_out(screen, ours):
    user = ours.users["director"]
    email = ours.admin.get(f"/v1/users/{user}").json["email"]
    link = ours.admin.post(f"/v1/users/{user}/password_reset", {}).json["link"]
    check_in = running(ours, name="Reading partners").check_in()
    screen.open("/r/" + link.rpartition("/")[2])
    screen.find("#new_password").send_keys(PASSWORD)
    screen.click("main button")
    assert screen.path == "/login?said=password" and "Your new password is set." in screen.text
    for selector, value in (("#email", email), ("#password", PASSWORD)):
        screen.find(selector).send_keys(value)
    if screen.all("#district"):
        screen.find("#district").send_keys(ours.district.slug)
    screen.click("main button")
    assert screen.path == "/" and screen.heading == "Today"
    screen.click(f"a[href='/check_ins/{check_in}']")
    assert screen.heading.startswith("Check-in")
    screen.find("#goals_set").send_keys("What staff says")
    screen.click("button[value=check_in_send]")
    assert "Your half is in" in screen.text
    screen.open("/")
    assert "our half in" in screen.text
    screen.click("form[action='/logout'] button")
    assert screen.path == "/login?said=signed_out"
    assert screen.open("/").path == "/login"


def test_a_partner_fills_in_its_half_with_the_keyboard_alone_on_a_phone(phone, ours):
    mine = running(ours, name="Chess club")
    check_in = mine.check_in()
    phone.open("/r/" + make_link(ours, "check_in", check_in, contact_id=mine.contact))
    phone.press(Keys.TAB)
    assert phone.focused().text == "Skip to the content", "the first stop, and it shows"
    assert phone.run("return arguments[0].getBoundingClientRect().left >= 0", phone.focused())
    phone.tab_to("#goals_set")
    phone.press("Two mentors in each school")
    phone.tab_to("select[name^='progress.']")
    phone.press("On")
    phone.tab_to("input[name^='current.']")
    phone.press("two")
    phone.submit()  # Enter in a line saves, and sends nothing
    assert "write a number such as 1234.5" in phone.find("#errors").text
    assert phone.find("#goals_set").get_attribute("value") == "Two mentors in each school"
    phone.tab_to("#errors a")
    phone.press(Keys.ENTER)
    wait_until(lambda: (phone.focused().get_attribute("name") or "").startswith("current."),
               "the link leads to its field")
    phone.press(Keys.END, *[Keys.BACKSPACE] * 3, "2")
    phone.tab_to("button[value=check_in_send]")
    phone.submit()
    assert "Your half is in" in phone.text and "On track · 2" in phone.text
    with ours.api.database.connect("kith_migrate") as connection:
        half = connection.execute("SELECT status, goals_set FROM check_in_half WHERE check_in_id = %s",
                                  (check_in,)).fetchone()
    assert half == ("submitted", "Two mentors in each school")


def test_a_school_says_by_keyboard_alone_how_it_goes_there(phone, ours):
    check_in = at_a_site(ours)
    phone.open("/r/" + make_link(ours, "check_in", check_in, user_id=ours.users["director"]))
    phone.tab_to("section[aria-labelledby=schools] summary")
    phone.press(Keys.ENTER)
    phone.tab_to(f"select[name='site_rating.{ours.check_in_site}']")
    phone.press(*[Keys.ARROW_DOWN] * 3)
    phone.tab_to("button[value=site_rate]")
    phone.submit()
    assert "Kept. It stands beside your side’s half." in phone.text, phone.text
    assert phone.find("section[aria-labelledby=sites] p").text == "It works well"


def test_the_language_changes_with_the_text_kept(phone, ours):
    mine = running(ours)
    phone.open("/r/" + make_link(ours, "check_in", mine.check_in(), contact_id=mine.contact))
    phone.find("#challenges").send_keys("Not lost")
    phone.click(".languages button[lang=es]")
    assert phone.find("html").get_attribute("lang") == "es"
    assert phone.find("#challenges").get_attribute("value") == "Not lost"


def test_a_survey_is_taken_up_again_in_another_sitting(phone, ours):
    asked = Asked(ours)
    phone.open("/r/" + asked.link)
    phone.click("a.button")
    for name in ("a.trust_word", "a.trust_open"):
        phone.find(f"input[name='{name}']").send_keys(Keys.SPACE, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    phone.click("button[value=survey_next]")
    assert "Part 2 of 4" in phone.text
    phone.forget()
    phone.open("/r/" + asked.link)
    assert "begun" in phone.text
    phone.click("a.button.quiet")
    assert [radio.get_attribute("value") for radio in phone.all("input:checked")] == ["3", "3"]
    while phone.all("button[value=survey_next]"):
        for first in phone.all("fieldset input[type=radio]:first-of-type"):
            if first.get_attribute("id"):
                first.send_keys(Keys.SPACE)
        phone.click("button[value=survey_next]")
    phone.click("button[value=survey_send]")
    assert "Sent. Thank you." in phone.text
    assert asked.answers("Choir")[1] == "submitted"


def test_two_links_are_open_side_by_side(screen, ours):
    first, second = running(ours, name="First"), running(ours, name="Second")
    addresses = []
    for one in (first, second):
        screen.open("/r/" + make_link(ours, "check_in", one.check_in(), contact_id=one.contact))
        addresses.append(screen.path)
    for address, name in zip(addresses, ("First", "Second")):
        assert name in screen.open(address).heading


def test_mail_is_stopped_by_the_link_at_its_foot(phone, ours):
    mine = running(ours)
    mail = message(ours, contact_id=mine.contact, partnership_id=mine.id)
    phone.open("/u/" + make_link(ours, "preferences", contact_id=mine.contact, message_id=mail))
    phone.click("button[value=preferences_none]")
    assert "You get no more mail from us." in phone.text
