"""The report has every chapter, tells the numbers that were kept, and speaks one language throughout."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from experiments.artifact.diagnosis import Diagnosis
from experiments.artifact.evidence import ModelEvidence
from experiments.report.background import Background
from experiments.report.chapters import CHAPTERS, data, holding, model, use
from experiments.report.content import Cell, Document, Table, Text
from experiments.report.making import document_of
from experiments.report.on_file import Report, read
from experiments.stored import plain
from experiments.strategy.money import outcome

# Names that stand in both languages: of measures, methods, products, files and of things of the test's own table.
NAMES = (
    "AUC|AIR|SMD|p|KS|Gini|PSI|IV|WOE|ECE|ROC|Brier|SHA|Xiaoyu|FLAML|Optuna|Platt|Beta|Holm|Newcombe|Smirnov|Clopper|Pearson|DeLong|"
    "MOVER|Student|logit|bootstrap|fit|replay|xiaoyu|python|numpy|pandas|scipy|lightgbm|sklearn|bad|v|json|parquet|"
    "scikit|learn|linear|explanation|evidence|encoder|columns|member|scorecard|run|held|out|txt|A|B|C|D|E|knots|PDF|BH|t"
)
LATIN = re.compile(r"[A-Za-z]+")
CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")


def everything_said(document: Document) -> list[str]:
    """Every text of a report but codes, which are of no language."""
    said = [
        document.title,
        document.subtitle,
        *document.words.values(),
        *(part for fact in document.facts for part in fact),
    ]
    for chapter in document.chapters:
        said.append(chapter.title)
        for block in chapter.blocks:
            said += [getattr(block, "text", ""), getattr(block, "title", ""), *getattr(block, "texts", ())]
            said += [*getattr(block, "header", ()), *getattr(block, "categories", ())]
            said += [getattr(block, "x_title", ""), getattr(block, "y_title", "")]
            said += [one.name for one in getattr(block, "series", ())]
            said += [cell.text for row in getattr(block, "rows", ()) for cell in row if cell.form != "code"]
    return [text for text in said if text and not re.fullmatch("[0-9a-f]{64}", text)]


@pytest.mark.slow
@pytest.mark.parametrize("candidate", ["scorecard", "linear"])
@pytest.mark.parametrize("has_background", [True, False])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_text_is_of_the_chosen_language(folders, known, candidate, has_background, language):
    background = known[language] if has_background else Background(made_on=known["en"].made_on)
    said = everything_said(document_of(folders[candidate], language, background))

    assert len(said) > 300
    if language == "en":
        assert [text for text in said if CHINESE.search(text)] == []
    else:
        # A word of English is a word that was not translated.
        assert {text: found for text in said if (found := {*LATIN.findall(text)} - {*NAMES.split("|")})} == {}


def test_the_guard_sees_a_sentence_of_the_other_language():
    assert {*LATIN.findall("No reasons, AUC 0.7")} - {*NAMES.split("|")} == {"No", "reasons"}
    assert CHINESE.search("AUC，0.7")


@pytest.mark.slow
@pytest.mark.parametrize("candidate", ["scorecard", "baseline"])
@pytest.mark.parametrize("has_background", [True, False])
def test_all_chapters_stand_in_banks_order_and_none_is_empty(folders, known, candidate, has_background):
    document = document_of(folders[candidate], "en", known["en"] if has_background else Background())

    assert [chapter.name for chapter in document.chapters] == [name for name, _title, _write in CHAPTERS]
    assert len(document.chapters) == 18
    for chapter in document.chapters:
        assert chapter.blocks, chapter.name
        for block in chapter.blocks:
            assert not isinstance(block, Table) or block.rows, (chapter.name, block.title)


def tables(document: Document) -> dict[str, Table]:
    return {block.title: block for _chapter, block in document.blocks("table") if isinstance(block, Table)}


def values(row: list[Cell]) -> list[object]:
    return [cell.value for cell in row]


@pytest.mark.slow
def test_numbers_are_those_of_the_evidence(folders: dict[str, Path], known):
    folder = folders["scorecard"]
    report, found = read(folder, "en", known["en"]), tables(document_of(folder, "en", known["en"]))
    evidence = ModelEvidence.read(folder)

    measured = {str(row[0].value): row for row in found["All measures on all samples"].rows}
    header = list(found["All measures on all samples"].header)
    for name, label in (("auc", "AUC"), ("ks", "KS"), ("brier", "Brier"), ("observed_expected", "Actual / predicted")):
        for sample, place in (
            ("train", "Training"),
            ("validation", "Cross-validation"),
            ("out_of_time", "Out of time"),
        ):
            assert measured[label][header.index(place)].value == report.row.samples.of(sample).value(name)
    deciles = found["Deciles, out-of-time rows"].rows
    assert [row[3].value for row in deciles] == [one.row_events for one in evidence.unseen.deciles.rows]
    months = found["Months"].rows
    assert [row[0].value for row in months] == [one.period for one in evidence.by_period]
    assert [row[7].value for row in months] == [plain(one.psi) for one in evidence.by_period]
    points = found["Points of the scorecard"].rows
    assert [row[5].value for row in points] == [one.points for one in evidence.scorecard.card]
    charts = {block.title: block for _chapter, block in document_of(folder, "en", known["en"]).blocks("chart")}
    roc = charts["ROC curve"].series[1]
    assert (roc.y[0], roc.y[-1]) == (0.0, 1.0)
    assert set(zip(roc.x, roc.y, strict=True)) <= set(
        zip(evidence.unseen.roc.false_positive, evidence.unseen.roc.true_positive, strict=True)
    )


@pytest.mark.slow
def test_what_cannot_be_had_says_why(folders, known):
    document = document_of(folders["linear"], "en", Background())

    why = {chapter.name: [one.text for one in chapter.blocks if getattr(one, "tone", "") == "missing"]
           for chapter in document.chapters}  # fmt: skip
    for name in ("purpose", "sample", "lineage", "dictionary", "screening", "swap_set", "sensitivity", "sign_offs"):
        assert why[name], name
    whole = document_of(folders["linear"], "en", known["en"])
    assert not [one for chapter in whole.chapters if chapter.name in SHOWN_WITH_BACKGROUND
                for one in chapter.blocks if getattr(one, "tone", "") == "missing"]  # fmt: skip


SHOWN_WITH_BACKGROUND = ("lineage", "dictionary", "sample", "swap_set", "sensitivity", "reproducibility")


@pytest.mark.slow
def test_stress_tests_and_re_runs_stand_as_on_record(folders, known):
    found = tables(document_of(folders["linear"], "en", known["en"]))

    (stress,) = found["Stress tests on unseen rows"].rows
    assert values(stress) == ["Noise on a column", "Age", 1, 0.71, -0.012, "−0.0210–−0.0030", 0.4, 0.2]
    (rerun,) = found["Re-runs on record"].rows
    assert values(rerun) == ["Wu", "2026-05-02", "server-2", "Same result."]
    by_author = replace(known["en"], reruns=[replace(known["en"].reruns[0], is_independent=False)])
    document = document_of(folders["linear"], "en", by_author)
    (chapter,) = (one for one in document.chapters if one.name == "reproducibility")
    assert [one.text[:32] for one in chapter.blocks if getattr(one, "tone", "") == "missing"] == [
        "No independent re-run is on reco"
    ]


@pytest.mark.slow
def test_the_swap_set_tells_who_changes_sides_what_they_owe_and_what_they_bring(folders, known):
    found = tables(document_of(folders["linear"], "en", known["en"]))

    # Each takes three quarters from its own end of 4,000: a quarter is taken by this model alone, a half by both.
    square = found["Customers chosen by the one and by the other"].rows
    assert [values(row)[1:] for row in square] == [[2000, 1000, 3000], [1000, 0, 1000], [3000, 1000, 4000]]
    groups = {row[0].value: values(row) for row in found["The four groups at an equal share"].rows}
    assert list(groups) == ["Chosen by both", "Swapped in", "Swapped out", "Chosen by neither"]
    _name, customers, share, rate, low, high, amount, profit = groups["Swapped in"]
    assert (customers, share, rate, amount) == pytest.approx((1000, 0.25, 0.1, 190.0))
    assert low < rate < high
    # 900 loans that are repaid bring 100 each, a hundred that are lost cost 900 each.
    assert profit == pytest.approx(900 * 100 - 100 * 900)
    assert values(found["The four groups at an equal share"].rows[3])[3] is None
    text = [one.text for _chapter, one in document_of(folders["linear"], "en", known["en"]).blocks("text")]
    assert "The mean amount is that of the column Balance." in text
    assert "With the amounts entered, switching changes profit on these 4,000 customers by 0." in text


@pytest.mark.slow
def test_a_comparison_without_a_swap_set_says_where_there_is_one(folders, known):
    former = replace(known["en"], swapped=replace(known["en"].swapped, swap=None))
    (chapter,) = (one for one in document_of(folders["linear"], "en", former).chapters if one.name == "swap_set")

    assert [one.text for one in chapter.blocks if getattr(one, "tone", "") == "missing"] == [
        "Swapped customers were not yet counted when this model was compared with the champion. "
        "The Compare page shows them."
    ]


@pytest.mark.slow
def test_without_money_no_profit_is_told_and_the_report_says_why(folders, known):
    poor = document_of(folders["linear"], "en", replace(known["en"], stakes=None))
    chapters = {one.name: one.blocks for one in poor.chapters}

    for name in ("strategy", "swap_set"):
        assert any("were not entered" in getattr(one, "text", "") for one in chapters[name]), name
    rich = tables(document_of(folders["linear"], "en", known["en"]))["Cut-offs, out-of-time rows"]
    curve = ModelEvidence.read(folders["linear"]).unseen.strategy
    assert rich.rows[-1][5].value == pytest.approx(outcome(curve, 1.0, known["en"].stakes, 1000).profit.value)
    assert len(rich.header) == 8


@pytest.mark.slow
def test_of_secret_columns_no_value_stands_anywhere_and_of_hidden_ones_no_customers(folders, known):
    background = replace(known["en"], secret={"job"}, unshown=("balance", "job"))
    open_, hidden = (document_of(folders["scorecard"], "en", one) for one in (known["en"], background))
    assert any("farmer" in text for text in everything_said(open_))
    assert not [text for text in everything_said(hidden) if "farmer" in text or "clerk" in text]
    bins = {row[0].value: row[1].value for row in tables(hidden)["Points of the scorecard"].rows}
    assert bins["Job"] == "***"
    assert bins["Balance"] != "***"

    report = read(folders["scorecard"], "en", background)
    assert "job" not in report.explanation.dependence
    assert "job" not in {row.column for row in report.evidence.segments}
    for example in report.explanation.examples.values():
        steps = {step.column: step.value for step in report.waterfall_of(example).steps}
        assert {steps[name] for name in ("Age", "Balance", "Job") if steps.get(name)} <= {"***"}
        told = [text for text in report.reasons_of(example) if text.startswith(("Balance", "Job"))]
        assert all("***" in text for text in told)


@pytest.mark.slow
def test_the_points_table_tells_no_rate_of_a_handful_and_no_bin_of_what_is_made_of_a_secret_column(folders, known):
    report = read(folders["scorecard"], "en", replace(known["en"], secret={"job"}))
    age = next(row for row in report.evidence.scorecard.card if row.column == "age" and row.event_rate is not None)
    card = (
        replace(age, rows=9),
        replace(age, rows=10),
        replace(age, column="age ÷ job"),
        replace(age, column="age ÷ 2"),
    )
    made = [{"name": f"age ÷ {by}", "sources": ["age", *more]} for by, more in (("job", ["job"]), ("2", []))]
    evidence = replace(report.evidence, scorecard=replace(report.evidence.scorecard, card=card))

    table = model._card(replace(report, evidence=evidence, made=made))[-1]

    assert [row[3].value for row in table.rows] == [None, *[age.event_rate] * 3]
    assert [row[1].value == "***" for row in table.rows] == [False, False, True, False]


@pytest.mark.slow
def test_every_column_that_is_left_out_has_its_reason(folders, known):
    document = document_of(folders["scorecard"], "en", known["en"])
    verdicts = {row[0].value: row[-1].value for row in tables(document)["Every column and its verdict"].rows}

    assert verdicts["Job"] == "Left out."
    assert all(verdicts.values())
    without = document_of(folders["scorecard"], "en", replace(known["en"], columns=()))
    assert {row[0].value for row in tables(without)["Every column and its verdict"].rows} == {"Age", "Balance", "Job"}


def test_columns_of_a_table_share_its_width_and_numbers_stay_whole():
    table = Table("t", ["Measure", "AUC"], [[Cell("word " * 60), Cell(0.71234, "d4")]])

    assert sum(table.shares) == pytest.approx(1)
    assert table.shares[1] * 112 >= len("0.7123")
    crowded = Table("t", ["a"] * 40, [[Cell(0.5, "d4")] * 40])
    assert sum(crowded.shares) == pytest.approx(1)


@pytest.mark.slow
def test_fairness_is_that_of_the_diagnosis(folders, known):
    document = document_of(folders["scorecard"], "en", known["en"])
    (measured,) = Diagnosis.read(folders["scorecard"]).fairness
    (table,) = [one for title, one in tables(document).items() if title.startswith("Groups of Age at a selection of")]

    assert [row[3].value for row in table.rows] == [plain(one.impact) for one in measured.table.rows]
    assert [row[1].value for row in table.rows] == [one.rows for one in measured.table.rows]


def changed(report: Report, *, facts: dict[str, object] | None = None, **run: object) -> Report:
    """The same report, of which the run or the model's facts say something else."""
    return replace(
        report, run=report.run | run, manifest=report.manifest | {"facts": report.facts | (facts or {})}
    )  # fmt: skip


@pytest.mark.slow
def test_a_month_of_a_random_split_is_named_as_of_both_samples(folders, known):
    report = read(folders["linear"], "en", known["en"])
    told = [block for block in holding.stability(report) if isinstance(block, Text)]
    assert any("months kept out of training are marked" in one.text for one in told)
    by_chance = changed(report, split=report.run["split"] | {"held_out_kind": "held_out"})
    rows = [replace(row, is_out_of_time=False) for row in report.evidence.by_period]
    by_chance = replace(by_chance, evidence=replace(report.evidence, by_period=rows))

    blocks = holding._months(by_chance)
    assert [[one.name for one in chart.series] for chart in blocks] == [["Cross-validation and held-out rows"]] * 2
    assert by_chance.sample_of_month(is_late=False) == "Cross-validation and held-out rows"
    assert report.sample_of_month(is_late=False) == "Cross-validation"


@pytest.mark.slow
def test_stress_tests_of_a_model_fitted_on_all_rows_are_not_called_unseen(folders, known):
    report = read(folders["linear"], "en", known["en"])
    fitted_on_all = changed(report, facts={"trained_on": "all"})

    text, table = holding.sensitivity(fitted_on_all)
    assert table.title == "Stress tests"
    assert "fitted on these rows as well" in text.text
    text, table = holding.sensitivity(changed(report, facts={"trained_on": "training"}))
    assert table.title == "Stress tests on unseen rows"
    assert "fitted on these rows as well" not in text.text


@pytest.mark.slow
def test_the_floor_of_ks_is_that_of_the_runs_own_limits(folders, known):
    report = read(folders["linear"], "en", known["en"])
    ks, train_ks = report.held.value("ks"), report.row.samples.of("train").value("ks")

    def floor(**limits: object) -> object:
        stored = report.facts["spec"] | {"limits": report.facts["spec"]["limits"] | limits}
        _told, table = use.monitoring(changed(report, facts={"spec": stored}))
        (row,) = [row for row in table.rows if row[0].text.startswith("KS")]
        return row[3].value

    assert floor(ks_gap=0.03, ks_gap_share=0.0) == pytest.approx(ks - 0.03)
    assert floor(ks_gap=0.03, ks_gap_share=0.9) == pytest.approx(ks - 0.9 * train_ks)
    assert floor(ks_gap=None) is None


@pytest.mark.slow
def test_a_seed_is_no_count_and_levels_that_are_cut_say_so(folders, known):
    document = document_of(folders["linear"], "en", replace(known["en"], columns=()))
    seeds = [cells[1] for table in tables(document).values() for cells in table.rows if cells[0].value == "Random seed"]
    assert [(one.form, "," in one.text) for one in seeds] == [("code", False)] * 2
    report = read(folders["linear"], "en", known["en"])
    assert data._levels(report, {"name": "x", "levels": list("abcdefgh")}).value == "a, b, c, d, e, f, g, h"
    assert data._levels(report, {"name": "x", "levels": list("abcdefghi")}).value == "a, b, c, d, e, f, g, h, …"
