"""The main job as people do it: from a file to an approved model that scores customers."""

import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.browser.person import Person

# Another run may be under way, and the machine may have more to do than this.
FIRST_TRIAL_SECONDS, RUN_SECONDS, FILE_SECONDS = 300, 900, 300


@dataclass(frozen=True)
class Question:
    """What is asked of which file; counted trials give the same models however busy the machine is."""

    kind: str
    file: Path
    target: str
    event: str
    name: str
    budget: Literal["seconds", "trials"]
    amount: int


def upload_and_check(person: Person, question: Question) -> str:
    """Take steps 1 to 3: question, file, data check; return the experiment's address."""
    person.go("/experiments/new/")
    person.click(f"label[for='kind-{question.kind}']")
    person.choose_file(question.file)
    person.type("experiment_name", question.name)
    person.click(".acts .btn-primary")
    person.wait(lambda: "/data/" in person.browser.current_url, "no data check after the upload", FILE_SECONDS)
    address = person.browser.current_url.removeprefix(person.url).removesuffix("data/")
    person.wait_for("select#target option", "the file was not read", FILE_SECONDS)
    make_chosen(person, "select#target", question.target)
    person.wait_for("select#event:not([disabled])", "no values to choose the event from")
    make_chosen(person, "select#event", question.event)
    person.wait_for(f"a.btn-primary[href='{address}plan/']", "the check did not end", FILE_SECONDS)
    person.settle()
    return address


def make_chosen(person: Person, css: str, words: str) -> None:
    """Choose where something else is chosen; every choice sets the check going anew."""
    person.settle()
    if person.wait(lambda: person.find(css).get_attribute("value"), f"nothing chosen at {css}") != words:
        person.choose(css, words)


def plan_and_start(person: Person, question: Question) -> None:
    """Take step 4: a budget of its own, then start."""
    person.click("a.btn-primary[href$='/plan/']")
    person.wait_for("#start", "no plan")
    person.settle()
    person.click("#expert > summary")
    person.click(f"input[name=budget][value={'custom' if question.budget == 'seconds' else 'trials'}]")
    person.type(question.budget, str(question.amount))
    person.click_until("#start", lambda: "/run/" in person.browser.current_url, "the run did not start")


def watch_until_done(person: Person, address: str) -> None:
    """Take step 5: trials come while one looks, and the result opens at the end."""
    person.wait_for("#live tbody tr", "no trial appeared", FIRST_TRIAL_SECONDS)
    result = f"{address}result/"
    person.wait(lambda: result in person.browser.current_url, "the run did not open its result", RUN_SECONDS)


def submit(person: Person, name: str) -> None:
    """Take step 8, the author's half."""
    person.click(".acts a.btn-primary[href*='/submit/']")
    person.wait_for("form [name=purpose]", "no form to submit")
    person.type("name", name)
    person.type("purpose", "Rank the customers for the next campaign")
    person.type("note", "All figures are on the result page")
    person.wait_for(".checks li", "the checks were not filled", FILE_SECONDS)
    person.click("#submit-form .btn-primary")
    person.wait(lambda: "/approvals/" in person.browser.current_url, "not submitted")


def approve(person: Person, name: str, password: str) -> None:
    """Take step 8, the approver's half: limits of use for what failed, a comment, the password again."""
    person.go("/approvals/")
    person.press(name)
    person.wait_for("form[data-decision-form]", "no form to decide with")
    person.click("label.opt:has(input[value=approved])")
    if person.has("[name=limits_of_use]"):
        person.type("limits_of_use", "Only to rank customers, for six months")
    person.type("comment", "Evidence read; fit for ranking")
    person.type("password", password)
    person.click("form[data-decision-form] button.btn-primary")
    person.see("Evidence read; fit for ranking")
    assert not person.has("form[data-decision-form]"), "the decision was not taken"


def score(person: Person, file: Path, name: str) -> str:
    """Take step 9: the champion scores a file; return the CSV."""
    person.go("/scoring/new/")
    person.choose_containing("select[name=version]", name)
    person.choose_file(file)
    person.click("form .btn-primary")
    person.wait_for("a.btn-primary[download]", "no scores to download", FILE_SECONDS)
    return download(person, "a.btn-primary[download]")


def download(person: Person, css: str) -> str:
    """Fetch what a link offers, as the person signed in here."""
    address = person.wait_for(css, "nothing to download").get_attribute("href")
    cookies = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in person.browser.get_cookies())
    request = urllib.request.Request(str(address), headers={"Cookie": cookies})
    with urllib.request.urlopen(request, timeout=120) as answer:
        return str(answer.read().decode("utf-8-sig"))
