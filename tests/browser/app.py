"""The web app in Chromium: whoever is signed in, looking, and waiting until a screen is there."""

import contextlib
import functools
import json
import os
import re

from pages import session_of
from screen import DEADLINE_S
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException, TimeoutException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

from api_world import running_api
from world import ROOT

WEB = os.path.join(ROOT, "build/web/dist")
# What can be pressed and is seen, with what is written on it: what stands behind for those who hear it is not.
SEEN = """
return [...document.querySelectorAll(arguments[0])].flatMap(within => [...within.querySelectorAll(arguments[1])])
  .filter(one => one.checkVisibility({visibilityProperty: true}) && one.getBoundingClientRect().width > 0)
  .map(one => [one, [...one.querySelectorAll('.unseen')].reduce((text, unseen) => text.replace(unseen.innerText, ''), one.innerText).replace(/\\s+/g, ' ').trim()])
"""
FIELD = """
const within = document.querySelector('dialog[open]') ?? document;
const label = [...within.querySelectorAll('label')].find(one => one.innerText.split(' (')[0].trim() === arguments[0] && one.control);
return label?.control ?? [...within.querySelectorAll('input, select, textarea')].find(one => one.ariaLabel === arguments[0])
"""
STILL = "return document.querySelector('h1') && !document.querySelector('.waiting') && !document.querySelector('[aria-busy=true]')"


@contextlib.contextmanager
def running_web(database):
    with running_api(database, KITH_WEB_PATH=WEB, KITH_PUBLIC_URL="http://{host}:8080", KITH_RATE_READS="1000000", KITH_RATE_WRITES="1000000") as one:
        yield one


@functools.cache
def words(language):
    with open(os.path.join(ROOT, f"services/web/src/words/{language}.json"), encoding="utf-8") as file:
        return json.load(file)


def keys_of(one, value):
    """What is typed for it: of a day 2026-12-31 month, day and year."""
    return re.sub(r"(\d{4})-(\d\d)-(\d\d)", r"\2\3\1", value) if one.get_attribute("type") == "date" else value


class App:
    """As one works with it who has a mouse."""

    def __init__(self, screen, tenant):
        self.screen = screen
        self.tenant = tenant
        self.language = "en"

    def sign_in(self, role="director", language="en"):
        self.language = language
        self.sign_in_as(self.tenant.users[role])
        with self.tenant.api.database.connect("kith_migrate") as connection:
            connection.execute("UPDATE app_user SET locale = %s WHERE district_id = %s AND id = %s",
                               (language, self.tenant.id, self.tenant.users[role]))
        return self

    def forget(self):
        """Who is signed in, on a page that asks for nothing: the app would go to its sign-in."""
        self.screen.driver.get(f"http://{self.screen.api.host}:8080/style.css")
        self.screen.forget()
        return self

    def sign_in_as(self, user):
        self.forget()
        self.screen.driver.add_cookie({"name": "kith", "value": session_of(self.tenant, user)})
        return self

    def says(self, key, **values):
        """A sentence in the reader's language."""
        said = words(self.language)["screen"][key]
        if isinstance(said, dict):
            said = said["one" if values.get("count") == 1 else "other"]
        return re.sub(r"\{(\w+)\}", lambda place: str(values[place[1]]), said)

    def label(self, name):
        known = words(self.language)["names"].get(name)
        return known or re.sub(r"_(id|at|on|cents)$", "", name).replace("_", " ").capitalize()

    def deed(self, verb):
        return words(self.language)["names"].get(f"do.{verb}") or self.label(verb)

    def choose(self, name, value):
        return self.choose_in(self.field(self.label(name)), self.label(value))

    def fill(self, **fields):
        for name, value in fields.items():
            self.type(self.label(name), value)
        return self

    def pick(self, name, text):
        """Another row by how its name begins."""
        self.touch(self.field(self.label(name)))
        self.screen.press(text)
        self.until(lambda: any(text in one.text for one in self.screen.all("[role=listbox]:not([hidden]) [role=option].at")), f"{text!r} is found")
        self.screen.press(Keys.ENTER)
        return self

    def link(self, text):
        """Follows it."""
        return self.click(text, "main")

    def make(self, singular):
        """From a list to the form of a new one."""
        return self.click(self.says("new", what=self.label(singular).lower()), "main")

    def send(self, key="create"):
        """The form, and waits until it is gone."""
        self.touch(self.button(self.says(key), "main"))
        self.until(lambda: not self.screen.all("main form.form"), "what was sent is taken")
        return self.wait()

    def open(self, path="/app"):
        self.screen.driver.get(f"http://{self.screen.api.host}:8080{path}")
        return self.wait()

    def until(self, condition, what):
        try:
            return WebDriverWait(self.screen.driver, DEADLINE_S, 0.05, (NoSuchElementException, StaleElementReferenceException)).until(lambda _: condition())
        except TimeoutException as late:
            raise AssertionError(f"{what} did not come: {self.screen.path}\n{self.screen.find('body').text}") from late

    def wait(self):
        """Until all that the screen asked for is there."""
        self.until(lambda: self.screen.run(STILL), "the screen is there")
        return self

    def at(self, heading):
        """Until that screen is there."""
        self.until(lambda: self.screen.heading.startswith(heading), f"the heading {heading!r}")
        return self.wait()

    def wait_for(self, text):
        self.until(lambda: text in self.screen.find("body").text, f"{text!r} is on the screen")
        return self

    def seen(self, within="body", these="button, summary, a"):
        """What can be pressed, each with what is written on it."""
        return self.screen.run(SEEN, within, these)

    def button(self, text, within="body"):
        return self.until(lambda: next((one for one, said in self.seen(within) if said == text), None), f"{text!r} in {within}")

    def buttons(self, within="main"):
        """What can be pressed, as it is written on it."""
        return [said for _, said in self.seen(within, "button, summary, a.button, .tabs a") if said]

    def press(self, text, within="body"):
        """What has this written on it; none if nothing has. (Drawn anew just then, it is not pressed: one asks again.)"""
        one = next((one for one, said in self.seen(within) if said == text), None)
        return one and self.touch(one)

    def click(self, text, within="body"):
        self.until(lambda: self.press(text, within), f"{text!r} in {within}")
        return self.wait()

    def touch(self, one):
        one.click()
        return self

    def field(self, text):
        """The control that has this label; while a question is open, the question's."""
        return self.until(lambda: self.screen.run(FIELD, text), f"a field {text!r}")

    def type(self, text, value):
        self.enter(self.field(text), value)
        return self

    def enter(self, one, value):
        one.clear()
        one.send_keys(keys_of(one, value))

    def choose_in(self, one, text):
        Select(one).select_by_visible_text(text)
        return self

    @contextlib.contextmanager
    def dark(self):
        self.screen.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]})
        try:
            yield
        finally:
            self.screen.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})

    @property
    def focused(self):
        return self.screen.focused()
