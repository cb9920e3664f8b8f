"""What the engine promises to other programs: it is named, described, and every example of it runs."""

import ast
import dataclasses
import doctest
import importlib
import inspect
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import experiments
from experiments import ExperimentSpec, SearchBudget, run_experiment
from tests.experiments.customers import customers
from tests.test_layout import ROOT

ENGINE = ROOT / "experiments"


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _names(path: Path) -> list[str]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return [name for name in ast.literal_eval(node.value) if name != "__version__"]
    return []


MODULES = sorted(path for path in ENGINE.rglob("*.py") if path.name != "__main__.py")
PUBLIC = [(_module(path), name) for path in MODULES for name in _names(path)]
BY_NAME = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD)
WITH_EXAMPLES = [_module(path) for path in MODULES if ">>> " in path.read_text(encoding="utf-8")]


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved scorecard, as examples speak of it that need a model."""
    spec = ExperimentSpec(
        "bad", "yes", id_column="id", budget=SearchBudget(None, 1), learners=("linear",), ensemble=False,
        feature_effort="off",
    )  # fmt: skip
    result = run_experiment(spec, customers(400), work_dir=tmp_path_factory.mktemp("run"))
    (folder,) = (row.model_dir for row in result.finalists if row.candidate == "scorecard" and row.model_dir)
    return folder


def _thing(module: str, name: str) -> Any:
    return getattr(importlib.import_module(module), name)


def _described() -> Iterator[tuple[str, Any, str]]:
    for module, name in PUBLIC:
        thing = _thing(module, name)
        # What a folder offers is described where it stands.
        if (inspect.isfunction(thing) or inspect.isclass(thing)) and thing.__module__ == module:
            yield f"{module}.{name}", thing, inspect.cleandoc(thing.__doc__ or "")


def _calls() -> Iterator[tuple[str, Any]]:
    """Yield what can be called: public functions, and what public classes do."""
    for name, thing, _ in _described():
        if inspect.isfunction(thing):
            yield name, thing
            continue
        if getattr(thing, "_is_protocol", False):
            continue  # What others are to write, the engine calls.
        for own, member in vars(thing).items():
            if inspect.isfunction(member := getattr(member, "__func__", member)) and not own.startswith("_"):
                yield f"{name}.{own}", member


@pytest.mark.parametrize("module", WITH_EXAMPLES)
def test_every_example_gives_what_it_says(
    module: str, model_folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    loaded: ModuleType = importlib.import_module(module)
    found = doctest.testmod(loaded, extraglobs={"model_folder": model_folder})
    assert found.attempted
    assert not found.failed


def test_what_is_public_has_an_example_and_a_sentence_all_of_it() -> None:
    assert len(PUBLIC) > 60
    assert [name for name, _, text in _described() if ">>> " not in text] == []
    assert [name for name, _, text in _described() if not text.split("\n")[0].endswith(".")] == []


def test_public_functions_say_what_they_take_and_what_they_give() -> None:
    silent = []
    for name, thing, text in _described():
        if not inspect.isfunction(thing):
            continue
        gives = inspect.signature(thing).return_annotation not in (None, "None")
        if inspect.signature(thing).parameters and "Parameters\n---" not in text:
            silent.append(f"{name}: Parameters")
        if gives and not re.search(r"(Returns|Yields)\n---", text):
            silent.append(f"{name}: Returns")
    assert silent == []


def test_whoever_calls_may_name_a_file_by_a_text() -> None:
    bare = re.compile(r"\bPath\b")
    asked = [
        f"{name}({parameter})"
        for name, thing in _calls()
        for parameter, told in inspect.get_annotations(thing).items()
        if parameter != "return" and bare.search(told if isinstance(told, str) else inspect.formatannotation(told))
    ]
    assert asked == []


def _constructors() -> Iterator[tuple[str, Any]]:
    """Yield what makes something of a public class; a record's fields are read by their names."""
    for name, thing, _ in _described():
        if inspect.isclass(thing) and not dataclasses.is_dataclass(thing) and inspect.isfunction(thing.__init__):
            yield f"{name}()", thing.__init__


def test_beyond_two_what_a_public_function_method_or_constructor_takes_is_named() -> None:
    taken = {
        name: [p for p in inspect.signature(thing).parameters.values() if p.name not in ("self", "cls")]
        for name, thing in (*_calls(), *_constructors())
    }
    assert {"experiments.features.binning.BinningProcess()", "experiments.classifier.XiaoyuClassifier.fit"} <= set(
        taken
    )
    assert [name for name, own in taken.items() if sum(p.kind not in BY_NAME for p in own) > 2] == []


def test_the_package_offers_nothing_but_what_a_module_calls_public() -> None:
    public = {thing for _, thing, _ in _described()}
    offered = {name: _thing(module, name) for module, name in PUBLIC}
    own = {name: thing for name, thing in offered.items() if getattr(thing, "__module__", "").startswith("experiments")}
    assert [name for name, thing in own.items() if callable(thing) and thing not in public] == []
    assert all(getattr(experiments, name) is not None for name in experiments.__all__)
