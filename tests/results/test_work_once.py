"""A page of a result reads each file, each stored finding and each rule of hidden columns once."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from experiments.evaluation.measures import MeasuresBySample
from experiments.spec import ExperimentSpec
from results.figures import result_charts
from training.models import Experiment


@pytest.fixture
def experiment(
    draft: Experiment, finish: Callable[[Experiment], Experiment], explain: Callable[[Experiment], None]
) -> Experiment:
    finished = finish(draft)
    explain(finished)
    return finished


@pytest.fixture
def browser(client_of: Callable[[User], Client], analyst: User) -> Client:
    return client_of(analyst)


PAGES = pytest.mark.parametrize("name", ["experiment_result", "experiment_why"])


@PAGES
def test_a_file_beside_a_model_is_read_once_a_page(
    name: str, experiment: Experiment, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: Counter[str] = Counter()
    genuine = Path.read_text

    def counted(path: Path, *args: object, **named: object) -> str:
        read[path.name] += "models" in path.parts
        return genuine(path, *args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "read_text", counted)
    assert browser.get(reverse(name, args=[experiment.pk])).status_code == 200
    assert read.total() > 0
    assert set(read.values()) <= {0, 1}


@PAGES
def test_what_is_stored_of_a_finalist_is_read_once_a_row(
    name: str, experiment: Experiment, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: Counter[str] = Counter()
    for kind in (MeasuresBySample, ExperimentSpec):
        genuine = kind.from_dict.__func__  # type: ignore[attr-defined]

        def counted(cls: type, stored: object, genuine: Callable[[type, object], object] = genuine) -> object:
            read[cls.__name__] += 1
            return genuine(cls, stored)

        monkeypatch.setattr(kind, "from_dict", classmethod(counted))
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(reverse(name, args=[experiment.pk])).status_code == 200
    # Each query brings rows of its own: the inbox has fetched its own too.
    of_finalists = sum('FROM "training_leaderboardrow"' in each["sql"] for each in asked)
    of_runs = sum('"training_experiment"."spec"' in each["sql"] for each in asked)
    assert 0 < read["MeasuresBySample"] <= of_finalists * experiment.leaderboard.count()
    assert 0 < read["ExperimentSpec"] <= of_runs


@PAGES
def test_what_is_hidden_of_customers_is_looked_up_once_a_page(
    name: str, experiment: Experiment, browser: Client
) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(reverse(name, args=[experiment.pk])).status_code == 200
    of_dictionary = Counter(each["sql"] for each in asked if 'FROM "dictionary_dictionaryentry"' in each["sql"])
    assert set(of_dictionary.values()) <= {1}
    assert name == "experiment_result" or of_dictionary


def test_only_the_charts_that_a_part_shows_are_prepared(
    experiment: Experiment, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    genuine = result_charts.curve_table
    monkeypatch.setattr(
        result_charts, "curve_table", lambda chart, *rest: drawn.append(chart.name) or genuine(chart, *rest)
    )
    address = reverse("experiment_result", args=[experiment.pk])
    page = browser.get(address)
    assert drawn == [each["name"] for each in page.context["charts"]] == list(result_charts.FIRST_CHARTS)

    drawn.clear()
    page = browser.get(address, {"part": "curves"})
    assert len(drawn) > len(result_charts.FIRST_CHARTS)
