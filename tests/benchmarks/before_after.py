"""Fits and pages of this tree beside those of an older commit, by turns on one machine, as ratios of processor time.

    python -m tests.benchmarks.before_after 5701928 [--turns 3] [--only fit pages]

The older commit gets a working copy of its own in a temporary folder, which goes at the end. A fit is the command
line's with counted trials and one seed. Pages are all that the links from the first page lead to, in a workspace of one
dataset, one finished run and a submitted model; each tree fills its own database in memory, through its own API. Only
one tree works at a time.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FIT = (
    "--target", "answered", "--event", "yes", "--id", "customer",
    "--trials", "6", "--seed", "1", "--learners", "lightgbm", "linear",
)  # fmt: skip
ROWS, MOST_PAGES, TIMES = 12_000, 60, 5
UNLIKE_PAGES = re.compile(r"^/(static|sign|language|api|health)|\.\w+$|/download|/export")


def main() -> None:
    """Print the tables."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("before", help="a commit")
    options.add_argument("--turns", type=int, default=3)
    options.add_argument("--only", nargs="+", choices=("fit", "pages"), default=("fit", "pages"))
    asked = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="xiaoyu-before-") as folder:
        before = Path(folder) / "before"
        git("worktree", "add", "--quiet", "--detach", str(before), asked.before)
        try:
            trees = {"before": before, "after": ROOT}
            for part in asked.only:
                {"fit": compare_fits, "pages": compare_pages}[part](trees, asked.turns, Path(folder))
        finally:
            git("worktree", "remove", "--force", str(before))


def git(*words: str) -> None:
    subprocess.run(["git", *words], cwd=ROOT, check=True)


def compare_fits(trees: dict[str, Path], turns: int, folder: Path) -> None:
    """Fit the same file with both trees by turns, each in a process of its own."""
    table = folder / "customers.csv"
    _customers(ROWS).to_csv(table, index=False)
    spent: dict[str, list[float]] = {name: [] for name in trees}
    for turn in range(turns):
        for name, tree in trees.items():
            words = ("fit", str(table), *FIT, "--out", str(folder / f"{name}-{turn}"))
            spent[name].append(_processor_of([sys.executable, "-m", "experiments", *words], tree))
    _tell("a fit of six trials, seconds", spent)


def _processor_of(command: list[str], tree: Path) -> float:
    """Run a command in a tree and return the processor time of its processes."""
    process = subprocess.Popen(command, cwd=tree, stdout=subprocess.DEVNULL, env=_environment(tree))
    _pid, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"failed in {tree}: {' '.join(command)}")
    return used.ru_utime + used.ru_stime


def compare_pages(trees: dict[str, Path], turns: int, _folder: Path) -> None:
    """Have a process of each tree fill a workspace, and then answer its pages when it is its turn."""
    servers = {name: _Pages(tree) for name, tree in trees.items()}
    rounds: dict[str, list[dict[str, float]]] = {name: [] for name in trees}
    for _turn in range(turns):
        for name, server in servers.items():
            rounds[name].append(server.measured())
    for server in servers.values():
        server.close()
    shared = sorted(set(rounds["before"][0]) & set(rounds["after"][0]))
    for page in shared:
        _tell(f"{page}, ms", {name: [1_000 * each[page] for each in rounds[name]] for name in trees})
    sums = {name: [1_000 * sum(each[page] for page in shared) for each in rounds[name]] for name in trees}
    _tell(f"all {len(shared)} pages that both have, ms", sums)


class _Pages:
    """A process of one tree that answers a line with a round over its pages."""

    def __init__(self, tree: Path) -> None:
        command = [sys.executable, "-P", str(Path(__file__).resolve()), "--serve"]
        self.process = subprocess.Popen(
            command, cwd=tree, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=_environment(tree)
        )
        self._line()

    def _line(self) -> Any:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("FOUND "):
                return json.loads(line.removeprefix("FOUND "))
        raise SystemExit("a tree could not fill its workspace")

    def measured(self) -> dict[str, float]:
        """Return the seconds of processor time of each kind of page."""
        assert self.process.stdin is not None
        self.process.stdin.write("again\n")
        self.process.stdin.flush()
        found: dict[str, float] = self._line()
        return found

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


def _environment(tree: Path) -> dict[str, str]:
    places = os.pathsep.join((str(tree / "platform"), str(tree)))
    return {**os.environ, "PYTHONPATH": places, "DJANGO_SETTINGS_MODULE": "tests.settings"}


def _tell(what: str, spent: dict[str, list[float]]) -> None:
    before, after = (statistics.median(spent[name]) for name in ("before", "after"))
    print(f"| {what} | {before:.2f} | {after:.2f} | {after / before:.2f} |", flush=True)


def _customers(count: int) -> Any:
    import numpy as np
    import pandas as pd

    random = np.random.default_rng(1)
    frame = pd.DataFrame({"customer": [f"C{number:06d}" for number in range(count)]})
    for number in range(12):
        frame[f"amount_{number}"] = random.lognormal(3, 1, count).round(2)
    frame["job"] = random.choice(["clerk", "nurse", "driver"], count)
    odds = np.exp(-1.5 + 0.9 * (frame["job"] == "nurse") - 0.02 * frame["amount_0"] + 0.01 * frame["amount_1"])
    frame["answered"] = np.where(random.random(count) < odds / (1 + odds), "yes", "no")
    return frame


def serve() -> None:
    """Fill a workspace, then measure its pages whenever a line comes in; run within the tree that is measured."""
    import shutil

    import django
    from django.core.management import call_command

    django.setup()
    from django.conf import settings
    from django.test import Client

    settings.ALLOWED_HOSTS = ["testserver"]
    try:
        call_command("migrate", verbosity=0)
        browser = Client()
        browser.force_login(_filled())
        pages = _linked(browser)
        print("FOUND {}", flush=True)
        for _line in sys.stdin:
            print("FOUND " + json.dumps({kind: _seconds(browser, page) for kind, page in pages.items()}), flush=True)
    finally:
        shutil.rmtree(settings.VAR, ignore_errors=True)


def _filled() -> Any:
    """Take a file to a finished run and a submitted model through the API, as tests/api/test_end_to_end.py does."""
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.test import Client

    from accounts.models import ApiToken, Role
    from accounts.services import add_person, create_workspace
    from jobs.models import Job, JobState
    from jobs.runner import run_job

    workspace = create_workspace(name="Retail", slug="retail")
    named = {"workspace": workspace, "role": Role.MODELER, "password": "correct horse battery", "display_name": ""}
    person = add_person(username="modeler", **named)
    secret = ApiToken.new_secret()
    ApiToken.objects.create(user=person, name="test", digest=ApiToken.digest_of(secret))
    client = Client(headers={"Authorization": f"Bearer {secret}"})

    def done(answer: Any) -> Any:
        assert answer.status_code < 300, answer.content
        while (job := Job.objects.filter(state=JobState.QUEUED).order_by("created_at").first()) is not None:
            run_job(job.pk)
        return answer.json()

    def post(address: str, **body: Any) -> Any:
        return done(client.post(address, body, content_type="application/json"))

    file = SimpleUploadedFile("customers.csv", _customers(3_000).to_csv(index=False).encode())
    version = done(client.post("/api/v1/datasets", {"file": file, "name": "Offer"}))["id"]
    wish = {"name": "Offer", "kind": "response", "dataset_version_id": version, "target": "answered", "event": "yes"}
    run = post("/api/v1/experiments", **wish, trials=3, learners=["lightgbm"])["id"]
    post(f"/api/v1/experiments/{run}/start")
    post(f"/api/v1/experiments/{run}/submit", name="Offer", purpose="Rank the call list")
    return person


def _linked(browser: Any) -> dict[str, str]:
    """Follow the links from the first page, one of each kind, and return the pages that answer."""
    found, pages = ["/"], {}
    for page in found:
        answer = browser.get(page)
        if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html") or answer.streaming:
            continue
        pages[_kind(page)] = page
        for link in re.findall(r'href="(/[^"?#]*)', answer.content.decode()):
            if not UNLIKE_PAGES.search(link) and _kind(link) not in map(_kind, found) and len(found) < MOST_PAGES:
                found.append(link)
    return pages


def _kind(page: str) -> str:
    return re.sub(r"\d+", "N", page)


def _seconds(browser: Any, page: str) -> float:
    import time

    spent = []
    for _time in range(TIMES):
        begun = time.process_time()
        browser.get(page)
        spent.append(time.process_time() - begun)
    return min(spent)


TASKS: dict[bool, Callable[[], None]] = {True: serve, False: main}

if __name__ == "__main__":
    TASKS[sys.argv[1:] == ["--serve"]]()
