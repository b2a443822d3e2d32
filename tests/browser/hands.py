"""Whose hands do a day's work through the screens. A day is gone through with a mouse, with the keyboard
alone, and on a phone that is as narrow as any, with letters of twice the size; other languages with a mouse."""

import pytest
from app import App, keys_of
from days import clean
from selenium.common.exceptions import ElementClickInterceptedException, TimeoutException
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

# How many stops of Tab there are from what has the focus to that: a day has four of its own, radio buttons have one together.
STOPS = """
const root = document.querySelector('dialog[open]') ?? document;
const radios = new Set();
const stops = [...root.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')].filter(one => {
  if (one.tabIndex < 0 || one.disabled || !one.checkVisibility({visibilityProperty: true})) return false;
  if (one.type !== 'radio' || one.checked || one === arguments[0]) return true;
  const group = [...root.querySelectorAll(`input[name="${CSS.escape(one.name)}"]`)];
  return !group.some(other => other.checked || other === arguments[0]) && !radios.has(one.name) && radios.add(one.name);
}).flatMap(one => one.type === 'date' ? [one, one, one, one] : [one]);
return stops.indexOf(arguments[0]) - stops.lastIndexOf(document.activeElement)
"""
MENU = """
const deed = [...document.querySelectorAll('.title button')].find(one => one.textContent.trim() === arguments[0]);
return deed?.closest('details:not([open])')?.querySelector('summary')
"""
LOST = "return document.activeElement === document.body || !document.activeElement.checkVisibility()"
HAS_FOCUS = "return document.activeElement.outerHTML.slice(0, 200) + \" of \" + document.querySelector('h1')?.outerHTML"
WIDE = """
const root = document.documentElement;
const wide = [...document.querySelectorAll('main *')].filter(one => one.getBoundingClientRect().right > 321 && !one.closest('.table-box, .board, .tabs'));
return [getComputedStyle(root).fontSize, root.scrollWidth, wide.map(one => `${one.tagName}.${one.className}: ${one.textContent.slice(0, 40)}`).slice(0, 5)]
"""
SHORTLY_S = 3
MOST_STOPS = 250
MOST_S = 180  # of a day


class Hand(App):
    """With a mouse. What has the focus is never lost, whatever one does; what one looks at has no fault, by day and by night."""

    def touch(self, one):
        self.use(one)
        if self.screen.path.startswith("/app"):
            self.wait()
            try:
                WebDriverWait(self.screen.driver, SHORTLY_S, 0.05).until_not(lambda driver: driver.execute_script(LOST))
            except TimeoutException as late:
                raise AssertionError(f"the focus is lost: {self.screen.path}, {self.screen.run(HAS_FOCUS)}") from late
        return self

    def use(self, one):
        self.screen.run("arguments[0].scrollIntoView({block: arguments[0].offsetHeight > 200 ? 'start' : 'center', inline: 'center'})", one)
        try:
            one.click()
        except ElementClickInterceptedException:  # by what was told of the steps before
            for told in reversed(self.screen.all(".toast .button:last-child")):
                told.click()
            one.click()

    def do(self, verb):
        """What the row can be told, beside its title or in the menu there."""
        deed = self.deed(verb)

        def done():
            menu = self.screen.run(MENU, deed)
            return self.touch(menu) and False if menu else self.press(deed, ".title")

        self.until(done, f"{verb} is possible")
        return self.wait()

    def tick(self, text):
        return self.touch(self.field(text))

    def look(self, name=None):
        """As one comes to it: from its top, and past what was told of the step before."""
        self.wait()
        self.screen.run("""document.querySelectorAll('.toast .button:last-child').forEach(one => one.click());
                           document.querySelectorAll('.table-box, dialog').forEach(one => one.scrollTo(0, 0)); scrollTo(0, 0)""")
        self.until(lambda: not self.screen.all(".toast"), "toasts go")
        self.judge(name or self.screen.path)
        return self

    def judge(self, name):
        clean(self, name)
        with self.dark():
            clean(self, f"{name}-dark")


class Keyboard(Hand):
    """With Tab, Enter, Space and the arrows, and what one types."""

    def judge(self, name):
        """It looks as with a mouse."""

    def reach(self, one):
        """By Tab alone: first as many times as there are stops, then until it is there."""
        for _ in range(3):
            stops = self.screen.run(STOPS, one)
            if self.focused == one:
                return
            if stops > 0:
                self.screen.press(*[Keys.TAB] * stops)
            else:
                self.screen.press_with(Keys.SHIFT, *[Keys.TAB] * -stops)
        for _ in range(MOST_STOPS):
            if self.focused == one:
                return
            self.screen.press(Keys.TAB)
        raise AssertionError(f"{one.text!r} is not reached by the keyboard: {self.screen.path}")

    def use(self, one):
        self.reach(one)
        self.screen.press(Keys.SPACE if one.get_attribute("type") in ("checkbox", "radio") else "" if one.tag_name in ("input", "select", "textarea") else Keys.ENTER)

    def enter(self, one, value):
        self.reach(one)
        if one.get_attribute("type") != "date":
            self.screen.press_with(Keys.CONTROL, "a")
        self.screen.press(keys_of(one, value))

    def choose_in(self, one, text):
        """By the arrows, and goes on: what saves itself does so then."""
        said = [option.text for option in Select(one).options if option.is_enabled() or option.is_selected()]
        steps = said.index(text) - said.index(Select(one).first_selected_option.text)
        self.reach(one)
        self.screen.press(*[Keys.ARROW_DOWN if steps > 0 else Keys.ARROW_UP] * abs(steps))
        assert Select(one).first_selected_option.text == text
        self.screen.press(Keys.TAB)
        return self


class Phone(Hand):
    """On a screen that is 320 pixels wide, with letters of twice the size."""

    def __init__(self, screen, tenant):
        super().__init__(screen, tenant)
        screen.width(320)

    def wait(self):
        self.screen.letters(2)  # it is forgotten with the page
        return super().wait()

    def judge(self, name):
        size, width, wide = self.screen.run(WIDE)
        assert size == "32px" and width <= 320, f"{name} is {width} wide at {size}: {wide}"
        clean(self, name, but="color-contrast (incomplete)")  # with a mouse nothing lies over it


WAYS = {"mouse": Hand, "keyboard": Keyboard, "phone": Phone}


def by_hand(*languages):
    """A day in every way in English; in each other language with a mouse."""
    ways = [(way, "en") for way in WAYS] + [("mouse", language) for language in languages]
    each = pytest.mark.parametrize("hand", ways, indirect=True, ids=[f"{way}-{language}" for way, language in ways])
    return lambda test: pytest.mark.timeout(MOST_S)(each(test))
