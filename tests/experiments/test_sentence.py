"""Each sentence of the engine is known in Chinese, wherever in the code it is made; one type carries it."""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import experiments
from experiments.errors import BadInput
from experiments.sentence import CATALOGUE, REWORDED, Sentence

ENGINE = Path(experiments.__file__).parent
# What is called with a sentence as its first argument, or as the one named here.
TELLERS = {
    "Sentence": 0,
    "BadInput": 0,
    "ArtifactError": 0,
    "FitFailed": 0,
    "Said": 0,
    "say": 0,
    "Skipped": 1,
    "skip": 1,
}
PLACES = re.compile(r"%\((\w+)\)")
MARKS = ("gettext_noop", "_")


@cache
def known() -> frozenset[str]:
    """Return all that has a Chinese text in the engine's catalogue."""
    with (CATALOGUE / "zh_Hans" / "LC_MESSAGES" / "django.po").open("rb") as source:
        return frozenset(str(one.id) for one in read_po(source) if one.id and one.string)


def modules() -> list[Path]:
    return sorted(path for path in ENGINE.rglob("*.py"))


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def module_of(dotted: str) -> Path:
    path = ENGINE.parent / Path(*dotted.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def constants(path: Path, name: str) -> ast.expr | None:
    """Return what a module gives a name at its top, in the module it is imported from where it is imported."""
    for node in parsed(path).body:
        if isinstance(node, ast.Assign) and any(isinstance(one, ast.Name) and one.id == name for one in node.targets):
            return node.value
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == name:
            return node.value
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("experiments"):
            for alias in node.names:
                if (alias.asname or alias.name) == name:
                    return constants(module_of(str(node.module)), alias.name)
    return None


def texts(path: Path, node: ast.expr | None, within: ast.AST | None) -> Iterator[str]:
    """Yield the sentences that an expression may be, as far as the code says it in one place."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=body, orelse=other):
            yield from texts(path, body, within)
            yield from texts(path, other, within)
        case ast.Call(args=[inner, *_]) if called(node) in MARKS:
            yield from texts(path, inner, within)
        case ast.Subscript(value=table) | ast.Call(func=ast.Attribute(attr="get", value=table)):
            found = constants(path, table.id) if isinstance(table, ast.Name) else table
            if isinstance(found, ast.Dict):
                for value in found.values:
                    for member in value.elts if isinstance(value, ast.Tuple) else (value,):
                        if not isinstance(member, ast.Constant):
                            yield from texts(path, member, None)
        case ast.Name(id=name):
            local = [
                one.value for one in ast.walk(within) if isinstance(one, ast.Assign)
                and any(isinstance(target, ast.Name) and target.id == name for target in one.targets)
            ] if within else []  # fmt: skip
            for value in local or [constants(path, name)]:
                yield from texts(path, value, None)


def sentences() -> Iterator[tuple[str, int, str]]:
    for path in modules():
        for function in (node for node in ast.walk(parsed(path)) if isinstance(node, ast.FunctionDef | ast.Module)):
            # Inside a function its own names count; at the top there is only the module.
            nodes = ast.walk(function) if isinstance(function, ast.FunctionDef) else iter(function.body)
            for node in nodes:
                if isinstance(node, ast.Call) and called(node) in TELLERS:
                    position = TELLERS[called(node)]
                    if len(node.args) > position:
                        for text in texts(path, node.args[position], function):
                            yield path.relative_to(ENGINE.parent).as_posix(), node.lineno, text


def test_every_sentence_the_engine_makes_is_known_in_chinese() -> None:
    # The command line's own lines are English; they are said to its screen.
    own = ("experiments/console/", "experiments/__main__.py")
    found = {one for one in sentences() if not one[0].startswith(own)}
    assert len({text for _, _, text in found}) > 200
    assert [one for one in sorted(found) if one[2] not in known()] == []


def test_every_marked_text_of_the_engine_is_known_in_chinese() -> None:
    marked = {
        text
        for path in modules()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and called(node) in MARKS and node.args
        for text in texts(path, node.args[0], None)
    }
    assert len(marked) > 500
    assert marked - known() == set()


def test_a_sentence_is_stored_and_read_back_with_all_that_follows_it() -> None:
    inner = Sentence("%(count)s rows", {"count": 1})
    told = Sentence(
        "left aside: %(others)s", {"others": [inner, inner]}, also=(Sentence("%(count)s rows", {"count": 2}),)
    )
    assert Sentence.from_dict(told.to_dict()) == Sentence.from_dict(Sentence.from_dict(told.to_dict()).to_dict())
    assert str(Sentence.from_dict(told.to_dict())) == str(told) == "left aside: 1 row; 1 row 2 rows"
    assert not Sentence.from_dict(None)


@pytest.mark.parametrize(
    ("params", "said"),
    [({"count": 43000}, "43,000 行"), ({"count": "1"}, "1 行")],
)
def test_a_sentence_is_told_in_the_language_that_is_asked_for(params: dict[str, object], said: str) -> None:
    sentence = Sentence("%(count)s rows were put together and no longer fit.", params)
    assert str(sentence).startswith(str(params["count"]) if params["count"] == "1" else "43,000")
    assert Sentence("Best AUC in cross-validation (%(auc)s) of the single models.", {"auc": "0.7"}).text("zh-hans") == (
        "交叉验证 AUC 在单一模型中最高（0.7）。"
    )


def test_a_sentence_without_places_may_hold_a_bare_per_cent_sign() -> None:
    assert str(Sentence("100 % of them")) == "100 % of them"
    assert str(Sentence("95%% intervals")) == "95% intervals"


def test_a_refusal_is_a_sentence_for_readers_of_any_language() -> None:
    refused = BadInput("%(column)s is not significant (p = %(p_value)s).", column="age", p_value="0.4")
    assert str(refused) == str(refused.sentence)


def test_what_was_stored_in_other_words_is_told_as_it_is_worded_now() -> None:
    stored = {"message": "No column gives the month away.", "params": {}}
    assert Sentence.from_dict(stored).text("en") == "No column reveals the month."
    assert Sentence.from_dict(stored).text("zh") == "没有透露月份的列。"


def test_earlier_words_lead_to_a_sentence_that_is_said_now_and_takes_the_same() -> None:
    for before, after in json.loads(REWORDED.read_text(encoding="utf-8")).items():
        assert before not in known()
        assert after in known()
        assert sorted(PLACES.findall(before)) == sorted(PLACES.findall(after))
