"""Takes the screenshots of `tour.md` from a running platform with the sample workspaces.

    make up
    .venv/bin/python docs/take_tour.py http://127.0.0.1:8000 [NAME ...]

The browser is Chromium with its driver, as for the browser tests. Pictures land in `docs/tour/`, a palette of 128
colours each, so that they stay small.
"""

import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

from tests.browser.person import Person, open_browser  # noqa: E402 - found once the path is set

# A row of the sample that is declined, so that the page has reasons to tell.
CUSTOMER = "393"
FOLDER = Path(__file__).parent / "tour"
COLOURS, MOST_BYTES = 128, 150_000
ENGLISH, CHINESE = "en", "zh-CN"


@dataclass(frozen=True)
class Shot:
    """One picture: its name, the page, who looks in which language, what is done there, and what must then be there."""

    name: str
    path: str
    person: str = "modeler"
    language: str = ENGLISH
    until: str = "main"
    first: Callable[[Person], None] | None = None


def shots(experiment: str, models: str) -> list[Shot]:
    """Return the tour over the sample experiment; ``models`` is the query that compares its finalists."""
    own = f"/experiments/{experiment}"
    return [
        Shot("home", "/", "analyst", CHINESE),
        Shot("experiments", "/experiments/"),
        Shot("result", f"{own}/result/", "analyst", CHINESE),
        Shot("curves", f"{own}/result/?part=curves"),
        Shot("search", f"{own}/trials/"),
        Shot("compare", f"/compare/{models}", "modeler", CHINESE, "#verdict"),
        Shot("act", f"{own}/act/"),
        Shot("why", f"{own}/why/", "analyst", CHINESE),
        Shot("customer", f"{own}/customers/", "analyst", CHINESE, "#told", _find_customer),
        Shot("report", f"{own}/reports/", first=_make_reports),
    ]


def _find_customer(visitor: Person) -> None:
    visitor.type("customer", CUSTOMER)
    visitor.click(".cust-find button")


def _make_reports(visitor: Person) -> None:
    """Make the paper once in each language, as Word; what is on file already is enough."""
    languages = ("zh", "en")
    for made in range(len(visitor.all("a[download]")), len(languages)):
        visitor.find(f"select[name=language] option[value='{languages[made]}']").click()
        visitor.click(".gap-v button.btn-primary")
        visitor.wait_for(f"tr[id^=report-]:nth-child({made + 1})", "no report was asked for")
        visitor.wait(lambda: not visitor.has("progress"), "no report was made")


def main(url: str, *names: str) -> None:
    """Take the pictures of these names again, or all."""
    FOLDER.mkdir(exist_ok=True)
    found = _sample(url)
    for language in (ENGLISH, CHINESE):
        for person in ("analyst", "modeler"):
            wanted = [
                each for each in shots(*found)
                if (each.language, each.person) == (language, person) and (not names or each.name in names)
            ]  # fmt: skip
            if wanted:
                _take(url, language, person, wanted)


def _sample(url: str) -> tuple[str, str]:
    """Return the finished experiment of the sample, and the query of its comparison, as pages lead there."""
    visitor = _visit(url, ENGLISH, "modeler")
    try:
        visitor.go("/experiments/?state=finished&sort=created")
        link = visitor.wait_for("a.tlink[href*='/result/']", "no finished experiment")
        experiment = str(link.get_attribute("href")).split("/experiments/")[1].split("/")[0]
        visitor.go(f"/experiments/{experiment}/result/")
        compare = visitor.wait_for("a.link[href*='/compare/?m=']", "no two models to compare")
        return experiment, "?" + str(compare.get_attribute("href")).split("?", 1)[1]
    finally:
        visitor.browser.quit()


def _visit(url: str, language: str, person: str) -> Person:
    driver = shutil.which("chromedriver") or "/usr/lib/chromium/chromedriver"
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    browser = open_browser(
        chromium=str(chromium), driver=driver, language=language, downloads=Path(tempfile.gettempdir())
    )
    visitor = Person(browser, url)
    visitor.sign_in(person)
    # Somebody who has chosen a language before keeps it, whatever the browser asks for.
    chosen = f".lang button[lang='{language}']"
    visitor.click(chosen)
    visitor.wait_for(f"{chosen}[aria-pressed='true']", f"the pages are not in {language}")
    return visitor


def _take(url: str, language: str, person: str, wanted: list[Shot]) -> None:
    visitor = _visit(url, language, person)
    try:
        for shot in wanted:
            visitor.go(shot.path)
            if shot.first is not None:
                shot.first(visitor)
            visitor.wait_for(shot.until, f"{shot.name}: nothing to see at {shot.until}")
            visitor.settle()
            visitor.wait(
                lambda: all(
                    each.get_attribute("data-drawn") for each in visitor.all("figure.chart") if each.is_displayed()
                ),
                f"{shot.name}: a chart was not drawn",
            )
            _keep(visitor, shot.name)
    finally:
        visitor.browser.quit()


def _keep(visitor: Person, name: str) -> None:
    path = FOLDER / f"{name}.png"
    visitor.browser.save_screenshot(str(path))
    with Image.open(path) as picture:
        picture.convert("RGB").quantize(COLOURS).save(path, optimize=True)
    size = path.stat().st_size
    assert size < MOST_BYTES, f"{path.name} has {size:,} bytes"
    sys.stdout.write(f"{path.relative_to(ROOT)}  {size:,} bytes\n")


if __name__ == "__main__":
    main(*(sys.argv[1:] or ["http://127.0.0.1:8000"]))
