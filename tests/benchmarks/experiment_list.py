"""How long the server takes for the list of a workspace of 10,000 experiments.

Run by hand: `python -m tests.benchmarks.experiment_list`. It fills a database of its own in a temporary folder.
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

EXPERIMENTS, PEOPLE, DATASETS, TIMES = 10_000, 20, 40, 9
PAGES = (
    "", "?page=150", "?sort=-auc.validation", "?sort=ks.out_of_time", "?sort=name", "?state=finished&kind=default",
    "?tag=tag-3", "?q=12", "?q=tag-1", "?favourites=1", "?archived=1", "?owner=3&sort=-auc.out_of_time",
    "list.csv?tag=tag-3", "list.csv",
)  # fmt: skip


def fill() -> Any:
    """Make a workspace with so many finished experiments, their measures, tags, notes and stars; return its person."""
    import random

    from accounts.models import Membership, Role, User, Workspace
    from catalog.models import Dataset, DatasetVersion
    from checks.models import DataCheck
    from tracking.models import Favourite, Note, Tagged
    from training.models import Experiment, LeaderboardRow, RecommendedMeasure

    draw = random.Random(1)
    workspace = Workspace.objects.create(name="Large")
    people = [User.objects.create_user(f"person{n}", password="x", display_name=f"Person {n}") for n in range(PEOPLE)]
    Membership.objects.bulk_create(Membership(user=each, workspace=workspace, role=Role.MODELER) for each in people)
    versions = []
    for number in range(DATASETS):
        dataset = Dataset.objects.create(workspace=workspace, name=f"Dataset {number}", owner=people[0])
        same = {"owner": people[0], "file_name": "a.csv", "source_path": "a", "state": "ready", "sha256": "a" * 64}
        versions.append(DatasetVersion.objects.create(dataset=dataset, number=1, **same))
    checks = [DataCheck(version=draw.choice(versions), owner=people[0], kind="default", target="bad", event="1",
                        state="ready") for _ in range(EXPERIMENTS)]  # fmt: skip
    DataCheck.objects.bulk_create(checks, batch_size=500)
    result = {"data": {"features": 40, "rows": 50_000}, "split": {"folds": 5}}
    experiments = [
        Experiment(workspace=workspace, name=f"Experiment {number}", kind=draw.choice(["default", "response"]),
                   owner=draw.choice(people), version=check.version, data_check=check, state="finished", result=result)
        for number, check in enumerate(checks)
    ]  # fmt: skip
    Experiment.objects.bulk_create(experiments, batch_size=500)
    names = (
        "auc",
        "ks",
        "gini",
        "lift",
        "capture",
        "log_loss",
        "brier",
        "ece",
        "calibration_slope",
        "observed_expected",
    )
    metrics = {sample: {name: {"value": 0.7, "low": 0.6, "high": 0.8} for name in names}
               for sample in ("validation", "out_of_time")}  # fmt: skip
    rows = [LeaderboardRow(experiment=each, candidate="lightgbm", learner="lightgbm", rank=1, is_recommended=True,
                           metrics=metrics) for each in experiments]  # fmt: skip
    LeaderboardRow.objects.bulk_create(rows, batch_size=500)
    RecommendedMeasure.objects.bulk_create(
        (RecommendedMeasure(experiment_id=row.experiment_id, leaderboard_row=row, sample=sample, metric=name,
                            value=draw.random(), low=0.1, high=0.9)
         for row in rows for sample in metrics for name in names),
        batch_size=2_000,
    )  # fmt: skip
    tagged = [Tagged(experiment=each, tag=f"tag-{draw.randrange(30)}") for each in experiments]
    Tagged.objects.bulk_create(tagged, batch_size=2_000)
    Note.objects.bulk_create((Note(experiment=each, text="A note.", by=people[0]) for each in experiments[::5]), 2_000)
    Favourite.objects.bulk_create(Favourite(experiment=each, user=people[0]) for each in experiments[::100])
    old = [each.pk for each in experiments[::50]]
    Experiment.objects.filter(pk__in=old).update(archived_at=experiments[0].created_at)
    return people[0]


def measure() -> None:
    """Print the median and the slowest time of each page."""
    from django.test import Client

    browser = Client()
    browser.force_login(fill())
    for page in PAGES:
        times, worked = list[float](), list[float]()
        for _time in range(TIMES):
            begun, at_work = time.perf_counter(), time.process_time()
            answer = browser.get(f"/experiments/{page}")
            if answer.streaming:
                sum(map(len, answer.streaming_content))
            times.append(1_000 * (time.perf_counter() - begun))
            worked.append(1_000 * (time.process_time() - at_work))
            assert answer.status_code == 200, answer.status_code
        told = (f"{statistics.median(each):5.0f} ms, slowest {max(each):5.0f} ms" for each in (worked, times))
        print("{:32} processor {} · clock {}".format(page or "newest first", *told))


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
