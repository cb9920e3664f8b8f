"""The main job as people do it: from a file to an approved model that scores customers."""

import urllib.request
from dataclasses import dataclass
from pathlib import Path

from tests.browser.person import Person

RUN_SECONDS = 300


@dataclass(frozen=True)
class Question:
    """What is asked of which file."""

    kind: str
    file: Path
    target: str
    event: str
    name: str
    seconds: int


def upload_and_check(person: Person, question: Question) -> str:
    """Take steps 1 to 3: question, file, data check; return the experiment's address."""
    person.go("/experiments/new/")
    person.click(f"label[for='kind-{question.kind}']")
    person.find("input[type=file][name=file]").send_keys(str(question.file))
    person.type("experiment_name", question.name)
    person.click(".acts .btn-primary")
    person.wait(lambda: "/data/" in person.browser.current_url, "no data check after the upload", 60)
    address = person.browser.current_url.removeprefix(person.url).removesuffix("data/")
    person.wait(lambda: person.has("select#target option"), "the file was not read", 120)
    if person.find("select#target").get_attribute("value") != question.target:
        person.choose("select#target", question.target)
    person.wait(lambda: person.has("select#event:not([disabled])"), "no values to choose the event from", 60)
    if person.find("select#event").get_attribute("value") != question.event:
        person.choose("select#event", question.event)
    person.wait(lambda: person.has(f"a.btn-primary[href='{address}plan/']"), "the check did not end", 180)
    return address


def plan_and_start(person: Person, question: Question) -> None:
    """Take step 4: a budget of its own, then start."""
    person.click("a.btn-primary[href$='/plan/']")
    person.wait(lambda: person.has("#start"), "no plan")
    person.click("#expert > summary")
    person.click("input[name=budget][value=custom]")
    person.type("seconds", str(question.seconds))
    person.click("#start")
    person.wait(lambda: "/run/" in person.browser.current_url, "the run did not start", 30)


def watch_until_done(person: Person, address: str) -> None:
    """Take step 5: trials come while one looks, and the result opens at the end."""
    person.wait(lambda: person.has("#live tbody tr"), "no trial appeared", 120)
    person.wait(lambda: person.has(f"a.btn-primary[href='{address}result/']"), "the run did not end", RUN_SECONDS)
    person.click(f"a.btn-primary[href='{address}result/']")
    person.wait(lambda: "/result/" in person.browser.current_url, "no result page")


def submit(person: Person, name: str) -> None:
    """Take step 8, the author's half."""
    person.click(".acts a.btn-primary[href*='/submit/']")
    person.wait(lambda: person.has("form [name=purpose]"), "no form to submit")
    person.type("name", name)
    person.type("purpose", "Rank the customers for the next campaign")
    person.type("note", "All figures are on the result page")
    person.click("form .btn-primary")
    person.wait(lambda: "/submit/" not in person.browser.current_url, "not submitted")


def approve(person: Person, name: str, password: str) -> None:
    """Take step 8, the approver's half: limits of use for what failed, a comment, the password again."""
    person.go("/approvals/")
    person.press(name)
    person.wait(lambda: person.has("form[data-decision-form]"), "no form to decide with")
    person.click("label.opt:has(input[value=approved])")
    if person.has("[name=limits_of_use]"):
        person.type("limits_of_use", "Only to rank customers, for six months")
    person.type("comment", "Evidence read; fit for ranking")
    person.type("password", password)
    person.click("form[data-decision-form] button.btn-primary")
    person.wait(lambda: not person.has("form[data-decision-form]"), "the decision was not taken")


def score(person: Person, file: Path, name: str) -> str:
    """Take step 9: the champion scores a file; return the CSV."""
    person.go("/scoring/new/")
    person.choose_containing("select[name=version]", name)
    person.find("input[type=file][name=file]").send_keys(str(file))
    person.click("form .btn-primary")
    person.wait(
        lambda: person.has("a.btn-primary[href$='csv/'], a.btn-primary[download]"), "no scores to download", 180
    )
    return download(person, "a.btn-primary[download]")


def download(person: Person, css: str) -> str:
    """Fetch what a link offers, as the person signed in here."""
    address = person.find(css).get_attribute("href")
    cookies = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in person.browser.get_cookies())
    request = urllib.request.Request(str(address), headers={"Cookie": cookies})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return str(answer.read().decode("utf-8-sig"))
