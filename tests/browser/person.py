"""A person at a browser: what one can see and press, found by its words or its name."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from selenium.common.exceptions import ElementClickInterceptedException, InvalidSelectorException, WebDriverException
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select

PASSWORD = "xiaoyu-sample"
# A machine that does other work meanwhile may take its time; a page that is wrong is wrong after three minutes too.
PATIENCE = 180.0
# A click whose page was replaced beneath the pointer comes to nothing; a person clicks once more.
ONCE_MORE_AFTER = 10.0
# How often one reaches for what moves.
FOLLOWS = 3
SETTLED = """
return document.readyState === 'complete'
  && !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling, .htmx-added')
"""


def open_browser(*, chromium: str, driver: str, language: str, downloads: Path, width: int = 1280) -> Chrome:
    """Start a headless Chromium with a profile of its own that asks for pages in ``language``."""
    options = ChromeOptions()
    options.binary_location = chromium
    for switch in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        f"--window-size={width},1000",
        f"--accept-lang={language}",
    ):
        options.add_argument(switch)
    options.add_experimental_option(
        "prefs", {"intl.accept_languages": language, "download.default_directory": str(downloads)}
    )
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return Chrome(options=options, service=Service(driver))


class Person:
    """One browser, one person signed in."""

    def __init__(self, browser: Chrome, url: str) -> None:
        self.browser = browser
        self.url = url
        self._missing = ""
        self._heard: list[str] = []

    def go(self, path: str) -> None:
        self.browser.get(f"{self.url}{path}")

    def sign_in(self, username: str, password: str = PASSWORD) -> None:
        self.browser.delete_all_cookies()
        self.go("/sign-in/")
        self.type("username", username)
        self.type("password", password)
        self.click("form button.btn-primary")
        self.wait(lambda: "/sign-in/" not in self.browser.current_url, "still on the sign-in page")
        self.wait_for("main", "no page after signing in")

    def find(self, css: str) -> WebElement:
        return self.browser.find_element(By.CSS_SELECTOR, css)

    def all(self, css: str) -> list[WebElement]:
        return self.browser.find_elements(By.CSS_SELECTOR, css)

    def has(self, css: str) -> bool:
        return bool(self.all(css))

    def text(self, css: str = "main") -> str:
        return self.find(css).text

    def type(self, name: str, value: str) -> None:
        """Fill in a field; where the page replaces it meanwhile, once more."""

        def fill() -> bool:
            field = self.find(f"[name='{name}']")
            field.clear()
            field.send_keys(value)
            return self.find(f"[name='{name}']").get_attribute("value") == value

        self.wait(fill, f"nothing to type into named {name}")

    def choose_file(self, *files: Path) -> None:
        """Hand files to the page's file field, once its scripts listen."""
        self.settle()
        field = self.wait_for("input[type=file][name=file]", "no field for a file")
        field.send_keys("\n".join(str(file) for file in files))

    def press(self, words: str, timeout: float = PATIENCE) -> None:
        """Press the visible button or link that carries these words."""
        path = (
            f"//*[self::a or self::button or self::summary or self::label]"
            f"[contains(normalize-space(.), {_quoted(words)})]"
        )
        self.wait(lambda: self._click_first_visible(By.XPATH, path), f"nothing to press says {words!r}", timeout)

    def click(self, css: str, timeout: float = PATIENCE) -> None:
        self.wait(lambda: self._click_first_visible(By.CSS_SELECTOR, css), f"nothing to click at {css}", timeout)

    def click_until(self, css: str, holds: Callable[[], Any], otherwise: str, timeout: float = PATIENCE) -> None:
        """Click, and once more if nothing comes of it; only for what does the same when clicked twice."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            self._holds(lambda: self._click_first_visible(By.CSS_SELECTOR, css))
            again = time.monotonic() + ONCE_MORE_AFTER
            while time.monotonic() < min(again, deadline):
                if self._holds(holds):
                    return
                time.sleep(0.2)
        raise AssertionError(self._complaint(otherwise))

    def choose(self, css: str, words: str) -> None:
        """Choose an option, and wait for what the page makes of it."""

        def take() -> bool:
            Select(self.find(css)).select_by_visible_text(words)
            return True

        self.settle()
        self.wait(take, f"no choice {words!r} at {css}")
        self.settle()

    def choose_containing(self, css: str, words: str) -> None:
        options = self.wait(
            lambda: [each.text for each in Select(self.find(css)).options if words in each.text],
            f"no choice with {words!r} at {css}",
        )
        self.choose(css, options[0])

    def settle(self) -> None:
        """Wait until the page has loaded and nothing of it is being replaced."""
        self.wait(lambda: self.browser.execute_script(SETTLED), "the page never came to rest")

    def see(self, words: str, timeout: float = PATIENCE) -> None:
        self.wait(lambda: words in self.text("body"), f"the page never said {words!r}", timeout)

    def wait_for(self, css: str, otherwise: str, timeout: float = PATIENCE) -> WebElement:
        found: WebElement = self.wait(lambda: self.find(css), otherwise, timeout)
        return found

    def wait(self, condition: Callable[[], Any], otherwise: str, timeout: float = PATIENCE) -> Any:
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if found := self._holds(condition):
                return found
            time.sleep(0.2)
        raise AssertionError(self._complaint(otherwise))

    def _holds(self, condition: Callable[[], Any]) -> Any:
        """Look once; while a page is being replaced there may be nothing to look at."""
        try:
            found = condition()
            self._missing = ""
            return found
        except InvalidSelectorException:
            raise
        except WebDriverException as missing:
            self._missing = str(missing.msg)
            return None

    def _complaint(self, otherwise: str) -> str:
        try:
            seen = f"at {self.browser.current_url}:\n{self.text('body')[:3000]}"
        except WebDriverException as gone:
            seen = f"and there is no page: {gone.msg}"
        return f"{otherwise} {seen}\n{self._missing}"

    def complaints(self) -> list[str]:
        """What the browser's console held against the pages: script errors and refusals by the security policy.

        That an address answered 403 or 422 is no fault of a page: tests that ask for it see what the page says.
        """
        lines = (line for line in self.browser.get_log("browser") if line["level"] == "SEVERE")
        self._heard += [line["message"] for line in lines if "Failed to load resource" not in line["message"]]
        return self._heard

    def _click_first_visible(self, by: str, what: str) -> bool:
        """Click the first that can be seen; an element that is covered or replaced meanwhile was not clicked."""
        for element in self.browser.find_elements(by, what):
            if element.is_displayed() and element.is_enabled():
                self._click(element)
                return True
        return False

    def _click(self, element: WebElement) -> None:
        """Click where it is seen; where the page has grown above it meanwhile, follow it and click again."""
        for attempt in range(FOLLOWS):
            self.browser.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", element)
            try:
                element.click()
                return
            except ElementClickInterceptedException:
                if attempt == FOLLOWS - 1:
                    raise
                time.sleep(0.3)


def _quoted(words: str) -> str:
    return f"'{words}'" if "'" not in words else f'"{words}"'
