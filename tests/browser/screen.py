"""One Chromium with a window that tests look at and type into."""

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
        wrong = [line for line in said if "status of 422" not in line]
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

    # ---- The keyboard alone

    def press(self, *keys):
        ActionChains(self.driver).send_keys(*keys).perform()

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
