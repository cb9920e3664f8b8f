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
from comparisons.queries.offered import first_finalists
from experiments.artifact.diagnosis import DIAGNOSIS
from experiments.evaluation.measures import MeasuresBySample
from experiments.spec import ExperimentSpec
from results.figures import result_charts
from results.queries import deciles
from tests.counting import times_asked
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
@pytest.mark.parametrize("table", ["dictionary_dictionaryentry", "checks_checkedcolumn"])
def test_what_is_hidden_and_what_can_be_cut_by_is_looked_up_once_a_page(
    name: str, table: str, experiment: Experiment, browser: Client
) -> None:
    asked = times_asked(browser, reverse(name, args=[experiment.pk]), table)
    assert set(asked.values()) <= {1}
    assert name == "experiment_result" or asked


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

    drawn.clear()
    browser.get(address, {"part": "deciles"})
    assert not drawn


def test_the_diagnosis_of_a_model_is_read_for_its_score_tables_alone(
    experiment: Experiment, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    genuine = deciles.kept_beside
    monkeypatch.setattr(deciles, "kept_beside", lambda row, name, kind: read.append(name) or genuine(row, name, kind))
    address = reverse("experiment_result", args=[experiment.pk])
    assert "part=deciles" in browser.get(address).content.decode()
    assert not read

    assert 'id="deciles"' in browser.get(address, {"part": "deciles"}).content.decode()
    assert set(read) == {DIAGNOSIS}


def test_the_first_page_offers_finalists_without_fetching_what_they_measured(experiment: Experiment) -> None:
    workspace = experiment.workspace
    with CaptureQueriesContext(connection) as asked:
        offered = first_finalists(workspace)
    best, *others = experiment.leaderboard.exclude(model_path="").order_by("-is_recommended", "rank")
    assert others
    assert offered == (experiment, [f"f-{row.pk}" for row in (best, *others)][:3])
    assert len(asked) == 2
    assert not any('"metrics"' in each["sql"] for each in asked)
