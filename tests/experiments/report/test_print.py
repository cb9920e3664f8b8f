"""Printed on A4 the page keeps its tables whole: none is wider than the paper, and nothing stands outside of it."""

from pathlib import Path

import pytest

from experiments.report import make_report
from tests.browser.conftest import CHROMIUM, DRIVER
from tests.browser.person import open_browser

# A4 less the margins of the style sheet, at 96 dots an inch.
A4_WIDTH = round((210 - 2 * 14) / 25.4 * 96)
OUTSIDE = """
const width = document.documentElement.clientWidth;
return [...document.querySelectorAll('table, th, td, svg, p, li')]
  .filter(one => one.getBoundingClientRect().right > width + 1)
  .map(one => one.tagName + ': ' + one.textContent.slice(0, 40));
"""


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_table_is_wider_than_a4(folders, known, tmp_path: Path, language: str):
    page = tmp_path / "report.html"
    page.write_bytes(make_report(folders["scorecard"], language=language, known=known[language]))
    browser = open_browser(chromium=str(CHROMIUM), driver=str(DRIVER), language=language, downloads=tmp_path)
    try:
        size = {"width": A4_WIDTH, "height": 1000, "deviceScaleFactor": 1, "mobile": False}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        browser.get(page.as_uri())
        assert browser.execute_script("return document.querySelectorAll('table').length") > 20
        assert browser.execute_script(OUTSIDE) == []
    finally:
        browser.quit()
