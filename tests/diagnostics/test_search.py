"""The course of a search: the time by algorithm, what was given up and why, and settings as parallel axes."""

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from accounts.models import Role, User
from diagnostics.figures.search import search_figure_of
from diagnostics.queries.search import BEST_LINES, OTHER_LINES, budget_of, reasons_of, thinned
from experiments.search.setting_importance import FEWEST_TRIALS
from experiments.search.trial import TrialRecord
from training.models import Experiment, Trial
from training.runner.experiment import store_trial


def many(experiment: Experiment, count: int) -> None:
    Trial.objects.filter(experiment=experiment).delete()
    Trial.objects.bulk_create(
        Trial(
            experiment=experiment, number=number, learner="lightgbm", backend="flaml",
            state="pruned" if number % 4 == 0 else "finished", auc=0.6 + (number * 37 % 1000) / 10_000,
            params={"leaves": number % 60 + 2, "rate": 10 ** -(number % 4), "kind": "ab"[number % 2]},
            seconds=0.5, elapsed=number, peak_mb=100 + number % 7,
            message="It was clearly behind on the first folds." if number % 4 == 0 else "",
        )
        for number in range(1, count + 1)
    )  # fmt: skip


def test_a_chart_of_many_trials_holds_the_best_and_an_even_sample(experiment: Experiment) -> None:
    many(experiment, 5_000)
    shown = thinned(experiment, "lightgbm")
    assert len(shown) <= BEST_LINES + OTHER_LINES
    assert max(trial.auc for trial in shown) == max(experiment.trials.values_list("auc", flat=True))
    numbers = sorted(trial.number for trial in shown)
    assert numbers[0] < 50
    assert numbers[-1] > 4_950


def test_the_chart_draws_two_traces_of_lines_whatever_the_number_of_trials(experiment: Experiment) -> None:
    many(experiment, 2_000)
    figure = search_figure_of(experiment, "parallel", {"learner": "lightgbm"})
    assert figure is not None
    lines = [trace for trace in figure["data"] if None in trace["x"]]
    assert len(lines) == 2
    assert figure["layout"]["xaxis"]["ticktext"] == ["leaves", "rate", "kind", "AUC"]
    assert all(y is None or 0 <= y <= 1 for trace in lines for y in trace["y"])


def test_time_and_reasons_are_counted_by_the_database(
    experiment: Experiment, django_assert_max_num_queries: Callable[..., object]
) -> None:
    many(experiment, 400)
    with django_assert_max_num_queries(2):  # type: ignore[attr-defined]
        (budget,), (reason,) = budget_of(experiment), reasons_of(experiment)
    assert (budget["finished"], budget["pruned"], budget["seconds"]) == (300, 100, 200.0)
    assert (reason["count"], reason["peak"]) == (100, 106)


def test_the_page_of_trials_fetches_the_course_and_offers_its_tables(browser: Client, experiment: Experiment) -> None:
    many(experiment, 60)
    page = browser.get(reverse("experiment_trials", args=[experiment.pk])).content.decode()
    assert reverse("experiment_search", args=[experiment.pk]) in page
    piece = browser.get(reverse("experiment_search", args=[experiment.pk])).content.decode()
    assert "Time by algorithm" in piece
    assert "It was clearly behind on the first folds." in piece
    for name in ("budget", "reasons", "settings"):
        assert browser.get(reverse("experiment_search_table", args=[experiment.pk, name])).status_code == 200


def test_the_importance_of_settings_is_worked_out_by_a_worker_and_kept(
    browser: Client, experiment: Experiment, run_jobs: Callable[[], None]
) -> None:
    many(experiment, 40)
    browser.post(reverse("experiment_search_ask", args=[experiment.pk]))
    run_jobs()
    piece = browser.get(reverse("experiment_search", args=[experiment.pk])).content.decode()
    # Every fourth was stopped early.
    assert "% of the differences in AUC, from 30 trials." in piece
    assert "Calculate the importance" not in piece


def test_only_trials_of_the_question_that_finished_are_compared(experiment: Experiment) -> None:
    many(experiment, 40)
    experiment.trials.filter(number=4).update(auc=0.99)
    experiment.trials.filter(number=5).update(auc=0.98, stage="contact")
    experiment.trials.filter(number=7).update(auc=None)
    (budget,) = budget_of(experiment)
    # Of 40 ten were stopped early, one answers a stage, and one has no AUC.
    assert (budget["trials"], budget["with_settings"]) == (40, 28)
    shown = thinned(experiment, "lightgbm")
    assert len(shown) == 28
    assert budget["best"] == max(trial.auc for trial in shown) < 0.9


def test_settings_of_which_none_varied_are_told_so_and_not_asked_about_again(
    browser: Client, experiment: Experiment, run_jobs: Callable[[], None]
) -> None:
    many(experiment, 40)
    experiment.trials.update(params={"leaves": 7})
    browser.post(reverse("experiment_search_ask", args=[experiment.pk]))
    run_jobs()
    address = reverse("experiment_search", args=[experiment.pk])
    piece = browser.get(address).content.decode()
    assert "No setting varied enough to be judged." in piece
    assert "Calculate the importance" not in piece
    told = browser.get(address, headers={"accept-language": "zh-hans"}).content.decode()
    assert "没有参数的取值变化足以作出判断。" in told
    Trial.objects.filter(number=40).delete()
    assert "Calculate the importance" in browser.get(address).content.decode()


def test_who_may_not_change_the_experiment_is_not_offered_to_work_out_the_importance(
    browser: Client, client_of: Callable[[User], Client], add_person: Callable[..., User], experiment: Experiment
) -> None:
    many(experiment, 40)
    address = reverse("experiment_search", args=[experiment.pk])
    reader = client_of(add_person("reader", Role.ANALYST))
    assert "Calculate the importance" in browser.get(address).content.decode()
    piece = reader.get(address).content.decode()
    assert "Calculate the importance" not in piece
    assert "Not calculated yet." in piece


def test_the_fewest_trials_that_are_needed_are_those_of_the_analysis(browser: Client, experiment: Experiment) -> None:
    many(experiment, 26)
    piece = browser.get(reverse("experiment_search", args=[experiment.pk])).content.decode()
    # Six of 26 were stopped early: twenty are left.
    assert "Calculate the importance" in piece
    many(experiment, 25)
    piece = browser.get(reverse("experiment_search", args=[experiment.pk])).content.decode()
    assert f"at least {FEWEST_TRIALS} are needed." in piece


def test_a_figure_nobody_knows_is_not_found(browser: Client, experiment: Experiment) -> None:
    address = reverse("experiment_search_figure", args=[experiment.pk, "beauty"])
    assert browser.get(address).status_code == 404
    known = browser.get(reverse("experiment_search_figure", args=[experiment.pk, "parallel"]) + "?learner=none")
    assert known.status_code == 404


FRAMES = "experiments/learners/lightgbm.py:83, in fit: booster = train(request)"


def test_where_trials_failed_is_shown_to_modelers_only(
    browser: Client, client_of: Callable[[User], Client], add_person: Callable[..., User], experiment: Experiment
) -> None:
    many(experiment, 12)
    experiment.trials.filter(number__in=(3, 5)).update(state="failed", message="ValueError: no", frames=FRAMES)
    experiment.trials.filter(number=7).update(state="failed", message="ValueError: no", frames="elsewhere")
    page, table, listed = (
        reverse(name, args=[experiment.pk, *more])
        for name, more in (("experiment_search", ()), ("experiment_search_table", ("reasons",)),
                           ("experiment_trials_json", ()))
    )  # fmt: skip
    reader = client_of(add_person("reader", Role.ANALYST))
    shown = browser.get(page).content.decode()
    assert FRAMES in shown
    assert b"".join(browser.get(table).streaming_content).decode().count(FRAMES) == 1
    for address in (page, table, listed):
        told = reader.get(address)
        text = b"".join(told.streaming_content) if told.streaming else told.content
        assert b"lightgbm.py" not in text
        assert b"ValueError: no" in text
    # Two failed in one place, one in another.
    failed = [each for each in reasons_of(experiment) if each["message"] == "ValueError: no"]
    assert [(each["count"], each["last"]) for each in failed] == [(2, 5), (1, 7)]


def test_what_a_failed_trial_says_is_stored_without_names_and_numbers_of_people(experiment: Experiment) -> None:
    told = TrialRecord(
        999, "lightgbm", "flaml", "failed", message="ValueError: 13812345678", frames="a.py:1, in fit: 13812345678"
    )
    store_trial(experiment, told)
    kept = experiment.trials.get(number=999)
    assert (kept.message, kept.frames) == ("ValueError: ***", "a.py:1, in fit: ***")
