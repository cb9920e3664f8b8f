"""Every act that the code puts on record, and every fact that it may keep, has words in both languages."""

import ast
import re
from collections.abc import Iterator
from dataclasses import asdict, fields
from pathlib import Path

import pytest
from django.apps import apps
from django.utils import translation

from accounts.models import Role
from audit.templatetags.audit import details
from audit.words import ACTIONS, FACTS, OBJECTS, fact, kind_of_object, told
from catalog.reading import FOUND, Reading
from connections.services import FIELDS
from experiments.data.sample.definition import SampleDefinition
from experiments.data.sample.rules import Rule
from experiments.joins import JoinedTable, JoinSpec
from experiments.spec import ExperimentSpec
from planning.plans.plan import Plan

PLATFORM = Path(__file__).resolve().parents[2] / "platform"
RECORDERS = {"record", "_record", "_tell", "send"}
ACT = re.compile(r"[a-z_]+\.[a-z_]+")


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(PLATFORM.rglob("*.py")):
        if "migrations" not in path.parts:
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def records() -> Iterator[ast.Call]:
    """Every call that puts an act on record."""
    for _, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                if name in RECORDERS:
                    yield node


def acts() -> set[str]:
    """Acts written in such a call, and those that a variable called action is given."""
    found = {
        each.value
        for call in records()
        for each in ast.walk(call)
        if isinstance(each, ast.Constant) and isinstance(each.value, str) and ACT.fullmatch(each.value)
    }
    for _, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and any(getattr(name, "id", "") == "action" for name in node.targets):
                texts = [each.value for each in ast.walk(node.value) if isinstance(each, ast.Constant)]
                found |= {text for text in texts if isinstance(text, str) and ACT.fullmatch(text)}
    return found


def facts_written() -> set[str]:
    """Names of facts written in the calls themselves, or in a dictionary that is called details or facts."""
    found: set[str] = set()
    for call in records():
        inner = [each for each in ast.walk(call) if isinstance(each, ast.Dict)]
        found |= {key.value for each in inner for key in each.keys if isinstance(key, ast.Constant)}
        if getattr(call.func, "id", "") == "_tell":
            found |= {each.arg for each in call.keywords if each.arg and each.arg != "details"}
    for _, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and any(getattr(name, "id", "") == "details" for name in node.targets):
                inner = [each for each in ast.walk(node.value) if isinstance(each, ast.Dict)]
                keys = {key.value for each in inner for key in each.keys if isinstance(key, ast.Constant)}
                found |= {key for key in keys if isinstance(key, str)}
    return found - NOT_OF_THE_LOG


# Dictionaries of the same name that go elsewhere: what the API answers with.
NOT_OF_THE_LOG = {"parameters", "responses", "requestBody", "content", "schema", "description"}


def facts_of_choices() -> set[str]:
    """Names that come of what people choose: plans, specifications, joins, samples, readings, connections."""
    spec = asdict(ExperimentSpec(target="y", event="1"))
    nested = {name for inner in spec.values() if isinstance(inner, dict) for name in inner}
    kinds = (Plan, ExperimentSpec, JoinSpec, JoinedTable, SampleDefinition, Rule)
    own = {each.name for kind in kinds for each in fields(kind)}
    return own | nested | ({each.name for each in fields(Reading)} - set(FOUND)) | set(FIELDS)


def test_every_act_of_the_code_has_words() -> None:
    assert len(acts()) > 50
    assert acts() - ACTIONS.keys() == set()


def test_every_fact_of_the_code_has_words() -> None:
    assert {"limits_of_use", "expires_on"} <= facts_written()
    assert (facts_written() | facts_of_choices()) - FACTS.keys() == set()


@pytest.mark.parametrize("names", [ACTIONS, FACTS, OBJECTS])
def test_the_words_are_chinese_on_a_chinese_page(names: dict[str, str]) -> None:
    tell = told if names is ACTIONS else fact if names is FACTS else kind_of_object
    with translation.override("zh-hans"):
        raw = [name for name in names if not re.search(r"[\u4e00-\u9fff]", tell(name))]
    assert raw == []


def test_objects_with_words_are_models_that_exist() -> None:
    assert OBJECTS.keys() <= {model._meta.label_lower for model in apps.get_models()}


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        ({"role": Role.ADMIN.value}, "角色 管理员"),
        ({"before": "analyst", "after": "modeler"}, "之前 业务分析师 · 之后 建模师"),
        ({"column": "x", "role": "feature"}, "列 x · 角色 特征"),
        ({"limits_of_use": "只用于排序", "expires_on": "2026-05-29"}, "使用限制 只用于排序 · 有效期至 2026-05-29"),
        ({"kind": "attrition"}, "问题 流失"),
        ({"learners": ["linear", "lightgbm"]}, "算法 线性模型、LightGBM"),
        # Columns keep their names, whatever they are called.
        ({"monotone": {"rows": 1, "kind": -1}}, "方向 rows 上升、kind 下降"),
        ({"wanted": "approved", "decided": "refused"}, "原拟作出的决定 已批准 · 已有的决定 已拒绝"),
        ({"validation": {"scheme": "time"}}, "验证 数据怎样划分 按时间：每折都用更晚的行验证"),
    ],
)
def test_values_are_told_as_the_pages_call_them(kept: dict[str, object], shown: str) -> None:
    with translation.override("zh-hans"):
        assert details(kept) == shown
