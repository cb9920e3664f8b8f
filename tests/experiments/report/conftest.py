"""A model with months, words in both languages and protected columns, whose report has every chapter."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments import ExperimentSpec, SearchBudget, run_experiment
from experiments.comparison.evidence import Swap
from experiments.evaluation.intervals import Interval
from experiments.report.background import Background, ColumnOnRecord, ReRun, SignOff, Source, Step, Swapped
from experiments.scoring.sensitivity import StressRow
from experiments.strategy.stakes import Stakes
from experiments.strategy.swap_set import swap_set

LABELS = {
    "age": {"en": "Age", "zh": "年龄"},
    "balance": {"en": "Balance", "zh": "余额"},
    "job": {"en": "Job", "zh": "职业"},
    "month": {"en": "Month", "zh": "月份"},
    "bad": {"en": "Default", "zh": "违约"},
}
VALUES = {"job": {"1": {"en": "clerk", "zh": "职员"}, "2": {"en": "farmer", "zh": "农户"}}}
# Two scores that agree on half of the customers; every tenth has the event, and owes ten times as much.
_Y = np.tile([1.0, *[0.0] * 9], 400)
_ONE, _OTHER = np.linspace(0, 1, 4000), np.linspace(1, 0, 4000)
_CELLS = swap_set(_Y, _ONE, _OTHER, share=0.75, chosen="lowest", amount=100 + 900 * _Y)
SWAPPED = (Swap(0.75, _CELLS, _CELLS, Interval(0.01, -0.01, 0.03)), 4000, "balance")
STRESSED = (StressRow("noise", "age", 1, 0.71, -0.012, -0.021, -0.003, 0.4, 0.001, 0.2),)
FINDINGS = {
    "en": Background(
        name="Loans v1", purpose="Decide on loans.", limits_of_use="Not for companies.", expires_on="2027-01-01",
        sample=("Customers are observed on month.",), waterfall=(Step("All rows", 1300, 300), Step("Staff", 1200, 280)),
        sources=(Source("Loans", "v2", 1200, 5, "uploaded", "2026-05-01", "a" * 64),),
        columns=(ColumnOnRecord("age", "Age", "Years", "Number", "Feature", 0.01, 0.2, 0.6),
                 ColumnOnRecord("job", "Job", "Code", "Category", "Feature", verdict="Left out.")),
        checked=(("Calibration", "Passed", "Good."),), sign_offs=(SignOff("Author", "Lin", "asked", "2026-05-01"),),
        reruns=(ReRun("Wu", "2026-05-02", "server-2", "Same result.", is_independent=True),), stressed=STRESSED,
        swapped=Swapped("Loans v0", ("No difference.",), (("AUC", 0.7, 0.69, 0.01, -0.01, 0.03),), *SWAPPED),
        stakes=Stakes.of_credit(gain=100, loss=900),
        made_on=date(2026, 5, 1),
    ),
    "zh": Background(
        name="贷款 v1", purpose="用于审批贷款。", limits_of_use="不用于企业。", expires_on="2027-01-01",
        sample=("客户在月份上观察。",), waterfall=(Step("全部行", 1300, 300), Step("员工", 1200, 280)),
        sources=(Source("贷款", "v2", 1200, 5, "上传", "2026-05-01", "a" * 64),),
        columns=(ColumnOnRecord("age", "年龄", "岁数", "数值", "特征", 0.01, 0.2, 0.6),
                 ColumnOnRecord("job", "职业", "代码", "类别", "特征", verdict="已移出。")),
        checked=(("校准", "通过", "良好。"),), sign_offs=(SignOff("申请人", "林", "提交", "2026-05-01"),),
        reruns=(ReRun("吴", "2026-05-02", "server-2", "结果相同。", is_independent=True),), stressed=STRESSED,
        swapped=Swapped("贷款 v0", ("没有差异。",), (("AUC", 0.7, 0.69, 0.01, -0.01, 0.03),), *SWAPPED),
        stakes=Stakes.of_credit(gain=100, loss=900),
        made_on=date(2026, 5, 1),
    ),
}  # fmt: skip


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Saved models of one run, by candidate."""
    random = np.random.default_rng(5)
    age, balance = random.uniform(20, 70, 2_400), random.gamma(2.0, 500.0, 2_400)
    job = random.choice(["1", "2"], 2_400)
    odds = np.exp(-1.5 + 0.05 * (45 - age) + 0.9 * (job == "2") - balance / 2_000)
    table = pd.DataFrame({
        "age": age.round(), "balance": balance.round(2), "job": job,
        "month": pd.to_datetime([f"2025-{1 + place % 8:02d}-01" for place in range(2_400)]),
        "bad": np.where(random.random(2_400) < odds / (1 + odds), "1", "0"),
    })  # fmt: skip
    spec = ExperimentSpec(
        "bad", "1", time_column="month", budget=SearchBudget(None, 1), learners=("linear",), ensemble=False,
        feature_effort="off", labels=LABELS, value_labels=VALUES, protected=("age",),
    )  # fmt: skip
    result = run_experiment(spec, table, work_dir=tmp_path_factory.mktemp("run"))
    return {row.candidate: row.model_dir for row in result.finalists if row.model_dir}


@pytest.fixture(scope="session")
def known() -> dict[str, Background]:
    """What a bank has on record, in each language."""
    return FINDINGS
