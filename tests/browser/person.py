"""A person at a browser: what one can see and press, found by its words or its name."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from selenium.common.exceptions import (
    ElementClickInterceptedException,
    NoSuchElementException,
    StaleElementReferenceException,
)
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select

PASSWORD = "xiaoyu-sample"


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

    def go(self, path: str) -> None:
        self.browser.get(f"{self.url}{path}")

    def sign_in(self, username: str, password: str = PASSWORD) -> None:
        self.browser.delete_all_cookies()
        self.go("/sign-in/")
        self.type("username", username)
        self.type("password", password)
        self.click("form button.btn-primary")
        self.wait(lambda: "/sign-in/" not in self.browser.current_url, "still on the sign-in page")

    def find(self, css: str) -> WebElement:
        return self.browser.find_element(By.CSS_SELECTOR, css)

    def all(self, css: str) -> list[WebElement]:
        return self.browser.find_elements(By.CSS_SELECTOR, css)

    def has(self, css: str) -> bool:
        return bool(self.all(css))

    def text(self, css: str = "main") -> str:
        return self.find(css).text

    def type(self, name: str, value: str) -> None:
        field = self.find(f"[name='{name}']")
        field.clear()
        field.send_keys(value)

    def press(self, words: str, timeout: float = 15) -> None:
        """Press the visible button or link that carries these words."""
        path = (
            f"//*[self::a or self::button or self::summary or self::label]"
            f"[contains(normalize-space(.), {_quoted(words)})]"
        )
        self.try_until(lambda: self._click_first_visible(By.XPATH, path), timeout, f"nothing to press says {words!r}")

    def click(self, css: str, timeout: float = 15) -> None:
        self.try_until(lambda: self._click_first_visible(By.CSS_SELECTOR, css), timeout, f"nothing to click at {css}")

    def choose(self, css: str, words: str) -> None:
        Select(self.find(css)).select_by_visible_text(words)

    def choose_containing(self, css: str, words: str) -> None:
        select = Select(self.find(css))
        matching = next(option.text for option in select.options if words in option.text)
        select.select_by_visible_text(matching)

    def see(self, words: str, timeout: float = 20) -> None:
        self.wait(lambda: words in self.text("body"), f"the page never said {words!r}", timeout)

    def wait(self, condition: Callable[[], Any], otherwise: str, timeout: float = 20) -> Any:
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            try:
                if found := condition():
                    return found
            except (NoSuchElementException, StaleElementReferenceException):
                pass
            time.sleep(0.2)
        raise AssertionError(f"{otherwise} at {self.browser.current_url}:\n{self.text('body')[:3000]}")

    def try_until(self, act: Callable[[], bool], timeout: float, otherwise: str) -> None:
        self.wait(act, otherwise, timeout)

    def complaints(self) -> list[str]:
        """What the browser's console held against the pages: script errors and refusals by the security policy."""
        return [line["message"] for line in self.browser.get_log("browser") if line["level"] == "SEVERE"]

    def _click_first_visible(self, by: str, what: str) -> bool:
        for element in self.browser.find_elements(by, what):
            if element.is_displayed() and element.is_enabled():
                try:
                    self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
                    element.click()
                except ElementClickInterceptedException:
                    return False
                return True
        return False


def _quoted(words: str) -> str:
    return f"'{words}'" if "'" not in words else f'"{words}"'
