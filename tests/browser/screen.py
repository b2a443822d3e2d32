"""One Chromium with a window that tests look at and type into."""

import base64
import functools
import hashlib
import os
import re

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

ARGUMENTS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run",
)  # fmt: skip
DEADLINE_S = 20
REFUSED = re.compile("status of (409|422)")  # a form that comes back
AXE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "axe", "axe.min.js")
AXE_SHA256 = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
ASK_AXE = """
const done = arguments[arguments.length - 1], options = {preload: false, resultTypes: ['violations', 'incomplete']};
const again = async rule => {
  const nodes = [];
  for (const node of rule.nodes) {
    const one = rule.id === 'color-contrast' && document.querySelector(node.target[0])?.closest('.tabs a');
    if (one) one.scrollIntoView({block: 'nearest', inline: 'center'});
    const told = one && await axe.run(one, {...options, runOnly: ['color-contrast']});
    if (!one || told.incomplete.length || told.violations.length) nodes.push(node);
  }
  return {...rule, nodes};
};
(async () => {
  const {violations, incomplete, passes} = await axe.run(document, options), left = document.querySelector('.tabs ul')?.scrollLeft, unknown = [];
  for (const rule of incomplete) unknown.push(await again(rule));
  document.querySelector('.tabs ul')?.scrollTo(left, 0);
  return {violations, incomplete: unknown, passes: passes.length};
})().then(done, e => done({error: String(e)}));
"""


@functools.cache
def axe_source():
    """What it says of a page hangs on which one it is."""
    with open(AXE, encoding="utf-8") as file:
        text = file.read()
    assert hashlib.sha256(text.encode()).hexdigest() == AXE_SHA256
    return text


class Screen:
    def __init__(self, folder):
        options = Options()
        for argument in (*ARGUMENTS, f"--user-data-dir={folder}"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        self.driver.set_page_load_timeout(DEADLINE_S)
        self.api = None

    def quit(self):
        self.driver.quit()

    def width(self, pixels):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": pixels, "height": 800, "deviceScaleFactor": 1, "mobile": pixels < 500})

    def theme(self, name):
        """As a reader's device has it: light or dark."""
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": name}]})

    def letters(self, times):
        """As a reader sets them."""
        self.driver.execute_cdp_cmd("Page.setFontSizes", {"fontSizes": {"standard": 16 * times}})

    def forget(self):
        self.driver.execute_cdp_cmd("Network.clearBrowserCookies", {})

    def open(self, path):
        self.driver.get(f"http://{self.api.host}:8080{path}")
        self.check()
        return self

    def check(self):
        """The page broke no rule of its own policy, and ran no script."""
        said = [entry["message"] for entry in self.driver.get_log("browser")
                if entry["level"] in ("WARNING", "SEVERE")]
        wrong = [line for line in said if not REFUSED.search(line)]
        assert not wrong, wrong

    @property
    def path(self):
        return self.driver.current_url.partition(":8080")[2]

    @property
    def heading(self):
        return self.find("h1").text

    @property
    def text(self):
        return self.find("main").text

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def axe(self):
        """What axe finds wrong with the page as it stands, by all of its rules: a line for each place. What it cannot tell
        counts as wrong, too: of the parts of a page, which a phone shows in a row that scrolls, each is brought into sight and asked
        again. (Nothing is preloaded, as the page's policy lets no script ask for anything.)"""
        self.run(axe_source())
        found = self.driver.execute_async_script(ASK_AXE)
        assert found.get("passes"), found
        return [f"{rule['id']} ({kind}): {rule['help']}: {node['html'][:120]}: {node['failureSummary']}"
                for kind in ("violations", "incomplete") for rule in found[kind] for node in rule["nodes"]]

    def picture(self, name):
        """The whole page as it looks, kept in the folder PICTURES if there is one."""
        folder = os.environ.get("PICTURES")
        if folder:
            size = self.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
            taken = self.driver.execute_cdp_cmd("Page.captureScreenshot", {
                "captureBeyondViewport": True, "clip": {**size, "scale": 1}})
            with open(os.path.join(folder, re.sub(r"[^a-z0-9-]+", "_", name.lower()) + ".png"), "wb") as file:
                file.write(base64.b64decode(taken["data"]))

    # ---- The keyboard alone

    def press(self, *keys):
        ActionChains(self.driver).send_keys(*keys).perform()

    def press_with(self, held, *keys):
        """While that one is held."""
        ActionChains(self.driver).key_down(held).send_keys(*keys).key_up(held).perform()

    def focused(self):
        return self.driver.switch_to.active_element

    def tab_to(self, selector, most=60):
        """Presses Tab until that has the focus."""
        wanted = self.find(selector)
        for _ in range(most):
            self.press(Keys.TAB)
            if self.focused() == wanted:
                return wanted
        raise AssertionError(f"{selector} is not reached by {most} times Tab")

    def submit(self):
        """Enter on what has the focus, and waits for the page behind it."""
        old = self.find("html")
        self.press(Keys.ENTER)
        self.wait_for_page(old)

    def click(self, selector):
        old = self.find("html")
        self.find(selector).click()
        self.wait_for_page(old)

    def wait_for_page(self, old):
        def is_new(driver):
            try:
                old.is_enabled()
                return False
            except StaleElementReferenceException:
                return driver.execute_script("return document.readyState") == "complete"
            except WebDriverException:
                return False

        WebDriverWait(self.driver, DEADLINE_S, 0.02).until(is_new)
        self.check()
