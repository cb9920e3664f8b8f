"""How long the server takes for the course of a search of 46,000 trials: its piece, its chart, its table, its files.

Run by hand: `python -m tests.benchmarks.search_view`. It fills a database of its own in a temporary folder.
"""

import os
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

TRIALS, TIMES = 46_000, 9
LEARNERS = ("lightgbm", "xgboost", "catboost", "linear", "scorecard")
FRAMES = "experiments/search/fit_task.py:59, in perform: model = self.learner.fit(request)"


def fill() -> tuple[Any, Any]:
    """Make a finished experiment with so many trials; return it and its person."""
    from accounts.models import Membership, Role, User, Workspace
    from catalog.models import Dataset, DatasetVersion
    from checks.models import DataCheck
    from training.models import Experiment, LeaderboardRow, Trial

    draw = random.Random(1)
    workspace = Workspace.objects.create(name="Large")
    person = User.objects.create_user("person", password="x", display_name="Person")
    Membership.objects.create(user=person, workspace=workspace, role=Role.MODELER)
    dataset = Dataset.objects.create(workspace=workspace, name="Dataset", owner=person)
    version = DatasetVersion.objects.create(
        dataset=dataset, number=1, owner=person, file_name="a.csv", source_path="a", state="ready", sha256="a" * 64
    )
    check = DataCheck.objects.create(
        version=version, owner=person, kind="default", target="bad", event="1", state="ready"
    )  # fmt: skip
    experiment = Experiment.objects.create(
        workspace=workspace, name="Long search", kind="default", owner=person, version=version, data_check=check,
        state="finished", result={"data": {"features": 40, "rows": 50_000}, "split": {"folds": 5}},
    )  # fmt: skip
    LeaderboardRow.objects.create(
        experiment=experiment, candidate="lightgbm", learner="lightgbm", rank=1, is_recommended=True, metrics={}
    )
    Trial.objects.bulk_create((_trial(Trial, experiment, number, draw) for number in range(1, TRIALS + 1)), 2_000)
    return experiment, person


def _trial(kind: Any, experiment: Any, number: int, draw: random.Random) -> Any:
    """Return a trial: one in four was stopped early, one in fifty failed."""
    failed, stopped = number % 50 == 0, number % 4 == 0
    state = "failed" if failed else "pruned" if stopped else "finished"
    return kind(
        experiment=experiment, number=number, learner=LEARNERS[number % len(LEARNERS)], backend="flaml", state=state,
        auc=None if failed else 0.6 + draw.random() / 5, seconds=draw.random(), elapsed=number / 10,
        params={"leaves": draw.randrange(2, 60), "rate": 10 ** -draw.uniform(0, 4), "kind": draw.choice("ab")},
        peak_mb=100 + draw.randrange(400), frames=FRAMES if failed else "",
        message="MemoryError" if failed else "It was clearly behind on the first folds." if stopped else "",
    )  # fmt: skip


def measure() -> None:
    """Print the median and the slowest processor time of each address."""
    from django.test import Client

    experiment, person = fill()
    browser, own = Client(), f"/experiments/{experiment.pk}/trials"
    browser.force_login(person)
    for address in (
        f"{own}/", f"{own}/?page=400&sort=-auc", f"{own}/search/", f"{own}/search/parallel/figure/?learner=lightgbm",
        f"{own}/search/reasons.csv", f"{own}/search/budget.csv", f"/experiments/{experiment.pk}/charts/best_score/",
    ):  # fmt: skip
        worked = []
        for _time in range(TIMES):
            at_work = time.process_time()
            answer = browser.get(address)
            size = sum(map(len, answer.streaming_content)) if answer.streaming else len(answer.content)
            worked.append(1_000 * (time.process_time() - at_work))
            assert answer.status_code == 200, (address, answer.status_code)
        print(f"{address:60} {statistics.median(worked):5.0f} ms, slowest {max(worked):5.0f} ms, {size:9,} bytes")


if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[2] / "platform"), str(Path(__file__).parents[2])]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XIAOYU_VAR"] = folder
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        import django
        from django.core.management import call_command

        django.setup()
        from django.conf import settings

        settings.ALLOWED_HOSTS = ["testserver"]
        call_command("migrate", verbosity=0)
        measure()
